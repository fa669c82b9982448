//! The built-in functions of JMESPath (specification, "Built-in Functions"): one table with
//! the types that each parameter takes, and the functions themselves.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::evaluate::{Fault, Found, evaluate, into_elements, order, same, through};
use super::number::Numeric;
use super::parser::Ast;
use crate::output::{json, python};

/// One function.
struct Function {
    name: &'static str,
    /// The types that each parameter takes, as error texts name them; none means any.
    parameters: &'static [&'static [&'static str]],
    /// Whether the last parameter may be repeated.
    variadic: bool,
    call: for<'a> fn(Arguments<'a>) -> Result<Found<'a>, Fault>,
}

const fn function(
    name: &'static str,
    parameters: &'static [&'static [&'static str]],
    call: for<'a> fn(Arguments<'a>) -> Result<Found<'a>, Fault>,
) -> Function {
    Function {
        name,
        parameters,
        variadic: false,
        call,
    }
}

const fn variadic(
    name: &'static str,
    parameters: &'static [&'static [&'static str]],
    call: for<'a> fn(Arguments<'a>) -> Result<Found<'a>, Fault>,
) -> Function {
    Function {
        name,
        parameters,
        variadic: true,
        call,
    }
}

const ANY: &[&str] = &[];
const NUMBER: &[&str] = &["number"];
const STRING: &[&str] = &["string"];
const ARRAY: &[&str] = &["array"];
const OBJECT: &[&str] = &["object"];
const EXPRESSION: &[&str] = &["expref"];
const NUMBERS: &[&str] = &["array-number"];
const NUMBERS_OR_STRINGS: &[&str] = &["array-number", "array-string"];

const FUNCTIONS: &[Function] = &[
    function("abs", &[NUMBER], |a| numeric(a, Numeric::absolute)),
    function("avg", &[NUMBERS], avg),
    function("ceil", &[NUMBER], |a| numeric(a, |n| n.rounded(f64::ceil))),
    function("contains", &[&["array", "string"], ANY], contains),
    function("ends_with", &[STRING, STRING], |a| {
        text_pair(a, |text, end| text.ends_with(end))
    }),
    function("floor", &[NUMBER], |a| {
        numeric(a, |n| n.rounded(f64::floor))
    }),
    function("join", &[STRING, &["array-string"]], join),
    function("keys", &[OBJECT], keys),
    function("length", &[&["string", "array", "object"]], length),
    function("map", &[EXPRESSION, ARRAY], map),
    function("max", &[NUMBERS_OR_STRINGS], |a| extreme(a, Extreme::Max)),
    function("max_by", &[ARRAY, EXPRESSION], |a| {
        extreme_by(a, Extreme::Max)
    }),
    variadic("merge", &[OBJECT], merge),
    function("min", &[NUMBERS_OR_STRINGS], |a| extreme(a, Extreme::Min)),
    function("min_by", &[ARRAY, EXPRESSION], |a| {
        extreme_by(a, Extreme::Min)
    }),
    variadic("not_null", &[ANY], not_null),
    function("reverse", &[&["array", "string"]], reverse),
    function("sort", &[&["array-string", "array-number"]], sort),
    function("sort_by", &[ARRAY, EXPRESSION], sort_by),
    function("starts_with", &[STRING, STRING], |a| {
        text_pair(a, |text, start| text.starts_with(start))
    }),
    function("sum", &[NUMBERS], sum),
    function("to_array", &[ANY], to_array),
    function("to_number", &[ANY], to_number),
    function("to_string", &[ANY], to_string),
    function("type", &[ANY], type_name),
    function("values", &[OBJECT], values),
];

/// Evaluates the arguments and then the function of that name.
pub(super) fn call<'a>(
    name: &str,
    arguments: &'a [Ast],
    value: &'a Value,
) -> Result<Found<'a>, Fault> {
    let arguments = arguments
        .iter()
        .map(|argument| match argument {
            Ast::Reference(expression) => Ok(Argument::Expression(expression)),
            other => evaluate(other, value).map(Argument::Value),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let function = FUNCTIONS
        .iter()
        .find(|function| function.name == name)
        .ok_or_else(|| format!("Unknown function: {name}()"))?;
    check_arity(function, arguments.len())?;
    for (i, argument) in arguments.iter().enumerate() {
        let types = function.parameters[i.min(function.parameters.len() - 1)];
        check_type(function.name, argument, types)?;
    }
    (function.call)(Arguments {
        function: function.name,
        rest: arguments.into_iter(),
    })
}

fn check_arity(function: &Function, given: usize) -> Result<(), Fault> {
    let expected = function.parameters.len();
    let (fits, least) = if function.variadic {
        (given >= expected, "at least ")
    } else {
        (given == expected, "")
    };
    if fits {
        return Ok(());
    }
    let plural = if expected == 1 { "" } else { "s" };
    Err(format!(
        "Expected {least}{expected} argument{plural} for function {}(), received {given}",
        function.name
    ))
}

/// The type check of one argument: its own type, and that of a list's elements. Where
/// several element types are allowed, the first element decides.
fn check_type(function: &str, argument: &Argument<'_>, types: &[&str]) -> Result<(), Fault> {
    let value = match argument {
        Argument::Expression(_) if types == EXPRESSION => return Ok(()),
        Argument::Expression(_) => {
            return Err(type_fault(function, "an expression", types, "expref"));
        }
        Argument::Value(value) => value.as_ref(),
    };
    if types.is_empty() {
        return Ok(());
    }
    let actual = jmespath_type(value);
    if !types.iter().any(|t| t.split('-').next() == Some(actual)) {
        return Err(type_fault(function, &python::str(value), types, actual));
    }
    let elements: Vec<&str> = types
        .iter()
        .filter_map(|t| t.strip_prefix("array-"))
        .collect();
    let (Value::Array(items), false) = (value, elements.is_empty()) else {
        return Ok(());
    };
    let Some(first) = items.first() else {
        return Ok(());
    };
    let allowed = match elements.as_slice() {
        [only] => only,
        several => several
            .iter()
            .find(|t| **t == jmespath_type(first))
            .ok_or_else(|| type_fault(function, &python::str(first), types, python_type(first)))?,
    };
    match items.iter().find(|item| jmespath_type(item) != *allowed) {
        Some(wrong) => {
            let shown = python::str(wrong);
            Err(type_fault(function, &shown, types, python_type(wrong)))
        }
        None => Ok(()),
    }
}

fn type_fault(function: &str, shown: &str, types: &[&str], actual: &str) -> Fault {
    let expected = python::repr(&Value::from(types.to_vec()));
    format!(
        "In function {function}(), invalid type for value: {shown}, expected one of: {expected}, received: \"{actual}\""
    )
}

/// The type's name in JMESPath.
fn jmespath_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The type's name in Python, which some error texts use instead.
pub(super) fn python_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

enum Argument<'a> {
    Value(Found<'a>),
    Expression(&'a Ast),
}

/// The arguments of a call, checked against the parameters and taken in their order.
struct Arguments<'a> {
    function: &'static str,
    rest: std::vec::IntoIter<Argument<'a>>,
}

impl<'a> Arguments<'a> {
    fn value(&mut self) -> Found<'a> {
        match self.rest.next() {
            Some(Argument::Value(value)) => value,
            // The check let no other through.
            _ => Cow::Owned(Value::Null),
        }
    }

    fn text(&mut self) -> String {
        match self.value().into_owned() {
            Value::String(text) => text,
            _ => String::new(),
        }
    }

    fn list(&mut self) -> Vec<Found<'a>> {
        into_elements(self.value()).unwrap_or_default()
    }

    fn numbers(&mut self) -> Vec<Numeric> {
        let list = self.list();
        list.iter().filter_map(|item| as_numeric(item)).collect()
    }

    fn expression(&mut self) -> &'a Ast {
        match self.rest.next() {
            Some(Argument::Expression(expression)) => expression,
            _ => &Ast::Identity,
        }
    }
}

fn as_numeric(value: &Value) -> Option<Numeric> {
    match value {
        Value::Number(number) => Some(Numeric::of(number)),
        _ => None,
    }
}

fn new<'a>(value: impl Into<Value>) -> Result<Found<'a>, Fault> {
    Ok(Cow::Owned(value.into()))
}

fn into_list<'a>(items: Vec<Found<'a>>) -> Result<Found<'a>, Fault> {
    new(items
        .into_iter()
        .map(Cow::into_owned)
        .collect::<Vec<Value>>())
}

fn numeric(
    mut arguments: Arguments<'_>,
    operation: impl Fn(Numeric) -> Numeric,
) -> Result<Found<'_>, Fault> {
    let number = as_numeric(&arguments.value());
    new(number
        .map(operation)
        .map_or(Value::Null, Numeric::into_value))
}

fn text_pair(
    mut arguments: Arguments<'_>,
    holds: impl Fn(&str, &str) -> bool,
) -> Result<Found<'_>, Fault> {
    let (subject, other) = (arguments.text(), arguments.text());
    new(holds(&subject, &other))
}

fn total(numbers: &[Numeric]) -> Numeric {
    numbers
        .iter()
        .fold(Numeric::Integer(0), |sum, n| sum.plus(*n))
}

fn avg(mut arguments: Arguments<'_>) -> Result<Found<'_>, Fault> {
    let numbers = arguments.numbers();
    if numbers.is_empty() {
        return new(Value::Null);
    }
    new(total(&numbers).as_float() / numbers.len() as f64)
}

fn sum(mut arguments: Arguments<'_>) -> Result<Found<'_>, Fault> {
    new(total(&arguments.numbers()).into_value())
}

fn contains(mut arguments: Arguments<'_>) -> Result<Found<'_>, Fault> {
    let (subject, search) = (arguments.value(), arguments.value());
    match (subject.as_ref(), search.as_ref()) {
        (Value::String(text), Value::String(part)) => new(text.contains(part.as_str())),
        (Value::String(_), other) => Err(format!(
            "'in <string>' requires string as left operand, not {}",
            python_type(other)
        )),
        (Value::Array(items), search) => new(items.iter().any(|item| same(item, search))),
        _ => new(false),
    }
}

fn join(mut arguments: Arguments<'_>) -> Result<Found<'_>, Fault> {
    let separator = arguments.text();
    let list = arguments.list();
    let texts: Vec<&str> = list.iter().filter_map(|item| item.as_str()).collect();
    new(texts.join(&separator))
}

fn keys(mut arguments: Arguments<'_>) -> Result<Found<'_>, Fault> {
    match arguments.value().as_ref() {
        Value::Object(members) => new(members.keys().cloned().collect::<Vec<String>>()),
        _ => new(Value::Null),
    }
}

fn values(mut arguments: Arguments<'_>) -> Result<Found<'_>, Fault> {
    match arguments.value().into_owned() {
        Value::Object(members) => new(members.into_iter().map(|(_, v)| v).collect::<Vec<_>>()),
        _ => new(Value::Null),
    }
}

fn length(mut arguments: Arguments<'_>) -> Result<Found<'_>, Fault> {
    new(match arguments.value().as_ref() {
        Value::String(text) => text.chars().count(),
        Value::Array(items) => items.len(),
        Value::Object(members) => members.len(),
        _ => 0,
    })
}

fn map(mut arguments: Arguments<'_>) -> Result<Found<'_>, Fault> {
    let expression = arguments.expression();
    let mapped = arguments
        .list()
        .into_iter()
        .map(|item| through(expression, item))
        .collect::<Result<_, _>>()?;
    into_list(mapped)
}

fn merge(arguments: Arguments<'_>) -> Result<Found<'_>, Fault> {
    let mut merged = Map::new();
    for argument in arguments.rest {
        if let Argument::Value(value) = argument
            && let Value::Object(members) = value.into_owned()
        {
            merged.extend(members);
        }
    }
    new(merged)
}

fn not_null(arguments: Arguments<'_>) -> Result<Found<'_>, Fault> {
    for argument in arguments.rest {
        if let Argument::Value(value) = argument
            && !value.is_null()
        {
            return Ok(value);
        }
    }
    new(Value::Null)
}

fn reverse(mut arguments: Arguments<'_>) -> Result<Found<'_>, Fault> {
    match arguments.value().into_owned() {
        Value::String(text) => new(text.chars().rev().collect::<String>()),
        Value::Array(mut items) => {
            items.reverse();
            new(items)
        }
        _ => new(Value::Null),
    }
}

fn sort(mut arguments: Arguments<'_>) -> Result<Found<'_>, Fault> {
    let mut items = arguments.list();
    // The type check left numbers only, or texts only.
    items.sort_by(|a, b| order(a, b, "<").unwrap_or(Ordering::Equal));
    into_list(items)
}

/// Which end of an order is looked for; among equals it is the first.
#[derive(Clone, Copy)]
enum Extreme {
    Max,
    Min,
}

impl Extreme {
    /// Whether `item` goes further than the best so far.
    fn beats(self, item: &Value, best: &Value) -> Result<bool, Fault> {
        Ok(match self {
            Extreme::Max => order(item, best, ">")?.is_gt(),
            Extreme::Min => order(item, best, "<")?.is_lt(),
        })
    }
}

fn extreme(mut arguments: Arguments<'_>, extreme: Extreme) -> Result<Found<'_>, Fault> {
    let mut items = arguments.list().into_iter();
    let Some(mut best) = items.next() else {
        return new(Value::Null);
    };
    for item in items {
        if extreme.beats(&item, &best)? {
            best = item;
        }
    }
    Ok(best)
}

/// Each element with its key, all of which are of one of the given types.
fn keyed<'a>(
    function: &str,
    items: Vec<Found<'a>>,
    expression: &'a Ast,
    types: &[&str],
) -> Result<Vec<(Value, Found<'a>)>, Fault> {
    items
        .into_iter()
        .map(|item| {
            let key = evaluate(expression, &item)?.into_owned();
            let actual = jmespath_type(&key);
            if !types.contains(&actual) {
                return Err(type_fault(function, &python::str(&key), types, actual));
            }
            Ok((key, item))
        })
        .collect()
}

fn extreme_by(mut arguments: Arguments<'_>, extreme: Extreme) -> Result<Found<'_>, Fault> {
    let (items, expression) = (arguments.list(), arguments.expression());
    let keyed = keyed(arguments.function, items, expression, &["number", "string"])?;
    let mut items = keyed.into_iter();
    let Some(mut best) = items.next() else {
        return new(Value::Null);
    };
    for item in items {
        if extreme.beats(&item.0, &best.0)? {
            best = item;
        }
    }
    Ok(best.1)
}

fn sort_by(mut arguments: Arguments<'_>) -> Result<Found<'_>, Fault> {
    let (items, expression) = (arguments.list(), arguments.expression());
    let Some(first) = items.first() else {
        return new(Vec::<Value>::new());
    };
    let required = jmespath_type(evaluate(expression, first)?.as_ref());
    if !["number", "string"].contains(&required) {
        let shown = python::str(first);
        return Err(type_fault(
            "sort_by",
            &shown,
            &["string", "number"],
            required,
        ));
    }
    let mut keyed = keyed(arguments.function, items, expression, &[required])?;
    keyed.sort_by(|a, b| order(&a.0, &b.0, "<").unwrap_or(Ordering::Equal));
    into_list(keyed.into_iter().map(|(_, item)| item).collect())
}

fn to_array(mut arguments: Arguments<'_>) -> Result<Found<'_>, Fault> {
    let value = arguments.value();
    if value.is_array() {
        return Ok(value);
    }
    new(vec![value.into_owned()])
}

fn to_number(mut arguments: Arguments<'_>) -> Result<Found<'_>, Fault> {
    let value = arguments.value();
    match value.as_ref() {
        Value::Number(_) => Ok(value),
        Value::String(text) => new(Numeric::parse(text).map_or(Value::Null, Numeric::into_value)),
        _ => new(Value::Null),
    }
}

fn to_string(mut arguments: Arguments<'_>) -> Result<Found<'_>, Fault> {
    let value = arguments.value();
    if value.is_string() {
        return Ok(value);
    }
    new(json::compact(&value, json::Escape::NonAscii))
}

fn type_name(mut arguments: Arguments<'_>) -> Result<Found<'_>, Fault> {
    new(jmespath_type(&arguments.value()))
}

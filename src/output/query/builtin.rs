//! The built-in functions of JMESPath (specification, "Built-in Functions"): one table with
//! the types that each parameter takes, and what each does.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::functions::{Argument, Arguments, Call, Expression, Function, Types, type_fault};
use super::number::Numeric;
use super::value::{Fault, Found, jmespath_type, order, python_type, same};
use crate::output::{json, python};

const fn function(name: &'static str, parameters: &'static [Types], call: Call) -> Function {
    Function {
        name,
        parameters,
        variadic: false,
        call,
    }
}

const fn variadic(name: &'static str, parameters: &'static [Types], call: Call) -> Function {
    Function {
        name,
        parameters,
        variadic: true,
        call,
    }
}

const ANY: Types = &[];
const NUMBER: Types = &["number"];
const STRING: Types = &["string"];
const ARRAY: Types = &["array"];
const OBJECT: Types = &["object"];
const EXPRESSION: Types = &["expref"];
const NUMBERS: Types = &["array-number"];
const NUMBERS_OR_STRINGS: Types = &["array-number", "array-string"];

/// All of them, by name.
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

/// The function of that name.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
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
    let number = Numeric::of_value(&arguments.value());
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
        .map(|item| expression.apply(item))
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
    expression: Expression<'a>,
    types: &[&str],
) -> Result<Vec<(Value, Found<'a>)>, Fault> {
    items
        .into_iter()
        .map(|item| {
            let key = expression.key(&item)?;
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
    let required = jmespath_type(&expression.key(first)?);
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

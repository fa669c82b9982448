//! Calling a function: its arguments evaluated, counted and checked against the types that
//! its parameters take. The functions themselves are in [`super::builtin`].

use std::borrow::Cow;

use serde_json::Value;

use super::builtin::FUNCTIONS;
use super::evaluate::{Fault, Found, evaluate, into_elements};
use super::number::Numeric;
use super::parser::Ast;
use crate::output::python;

/// What a function does with its arguments.
pub(super) type Call = for<'a> fn(Arguments<'a>) -> Result<Found<'a>, Fault>;

/// The types that a parameter takes, as error texts name them; none means any.
pub(super) type Types = &'static [&'static str];

/// One function.
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) parameters: &'static [Types],
    /// Whether the last parameter may be repeated.
    pub(super) variadic: bool,
    pub(super) call: Call,
}

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
        Argument::Expression(_) if types == ["expref"] => return Ok(()),
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

pub(super) fn type_fault(function: &str, shown: &str, types: &[&str], actual: &str) -> Fault {
    let expected = python::repr(&Value::from(types.to_vec()));
    format!(
        "In function {function}(), invalid type for value: {shown}, expected one of: {expected}, received: \"{actual}\""
    )
}

/// The type's name in JMESPath.
pub(super) fn jmespath_type(value: &Value) -> &'static str {
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

/// One argument.
pub(super) enum Argument<'a> {
    Value(Found<'a>),
    Expression(&'a Ast),
}

/// The arguments of a call, checked against the parameters and taken in their order.
pub(super) struct Arguments<'a> {
    pub(super) function: &'static str,
    pub(super) rest: std::vec::IntoIter<Argument<'a>>,
}

impl<'a> Arguments<'a> {
    pub(super) fn value(&mut self) -> Found<'a> {
        match self.rest.next() {
            Some(Argument::Value(value)) => value,
            // The check let no other through.
            _ => Cow::Owned(Value::Null),
        }
    }

    pub(super) fn text(&mut self) -> String {
        match self.value().into_owned() {
            Value::String(text) => text,
            _ => String::new(),
        }
    }

    pub(super) fn list(&mut self) -> Vec<Found<'a>> {
        into_elements(self.value()).unwrap_or_default()
    }

    pub(super) fn numbers(&mut self) -> Vec<Numeric> {
        let list = self.list();
        list.iter()
            .filter_map(|item| Numeric::of_value(item))
            .collect()
    }

    pub(super) fn expression(&mut self) -> &'a Ast {
        match self.rest.next() {
            Some(Argument::Expression(expression)) => expression,
            _ => &Ast::Identity,
        }
    }
}

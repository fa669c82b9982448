//! Calling a function: its arguments counted and checked against the types that its parameters
//! take. Knows no function, nor how an expression is evaluated.

use std::borrow::Cow;

use serde_json::Value;

use super::number::Numeric;
use super::parser::Ast;
use super::value::{Fault, Found, into_elements, jmespath_type, python_type};
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

/// Applies the function to the arguments, once they are seen to fit.
pub(super) fn call<'a>(
    function: &Function,
    arguments: Vec<Argument<'a>>,
) -> Result<Found<'a>, Fault> {
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

/// How an expression is applied to a value.
type Apply = for<'a> fn(&'a Ast, Found<'a>) -> Result<Found<'a>, Fault>;

/// An expression that is handed to a function, such as `&name`.
#[derive(Clone, Copy)]
pub(super) struct Expression<'a> {
    ast: &'a Ast,
    apply: Apply,
}

impl<'a> Expression<'a> {
    pub(super) fn new(ast: &'a Ast, apply: Apply) -> Expression<'a> {
        Expression { ast, apply }
    }

    /// Applies the expression to a found value.
    pub(super) fn apply(self, found: Found<'a>) -> Result<Found<'a>, Fault> {
        (self.apply)(self.ast, found)
    }

    /// What the expression finds in the value.
    pub(super) fn key(self, value: &Value) -> Result<Value, Fault> {
        Ok((self.apply)(self.ast, Cow::Borrowed(value))?.into_owned())
    }
}

/// One argument.
pub(super) enum Argument<'a> {
    Value(Found<'a>),
    Expression(Expression<'a>),
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

    pub(super) fn expression(&mut self) -> Expression<'a> {
        match self.rest.next() {
            Some(Argument::Expression(expression)) => expression,
            // The check let no other through.
            _ => Expression::new(&Ast::Identity, |_, found| Ok(found)),
        }
    }
}

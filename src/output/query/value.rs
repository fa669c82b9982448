//! What expressions work on: found values, their types, equality and order.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value;

use super::number::Numeric;

/// A value of the document, of the expression, or a new one.
pub(super) type Found<'a> = Cow<'a, Value>;

/// A sentence in the reference's words.
pub(super) type Fault = String;

/// The elements of a list; anything else is given back.
pub(super) fn into_elements(found: Found<'_>) -> Result<Vec<Found<'_>>, Found<'_>> {
    match found {
        Cow::Borrowed(Value::Array(items)) => Ok(items.iter().map(Cow::Borrowed).collect()),
        Cow::Owned(Value::Array(items)) => Ok(items.into_iter().map(Cow::Owned).collect()),
        other => Err(other),
    }
}

/// Which of two numbers or two texts comes first; `operator` is for the error text.
pub(super) fn order(left: &Value, right: &Value, operator: &str) -> Result<Ordering, Fault> {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => Ok(Numeric::of(a).compare(Numeric::of(b))),
        (Value::String(a), Value::String(b)) => Ok(a.cmp(b)),
        _ => Err(format!(
            "'{operator}' not supported between instances of '{}' and '{}'",
            python_type(left),
            python_type(right)
        )),
    }
}

/// Python's equality, by which `1`, `1.0` and `True` are the same inside lists.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    fn numeric(value: &Value) -> Option<Numeric> {
        match value {
            Value::Number(number) => Some(Numeric::of(number)),
            Value::Bool(truth) => Some(Numeric::Integer((*truth).into())),
            _ => None,
        }
    }
    match (left, right) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Null, Value::Null) => true,
        _ => match (numeric(left), numeric(right)) {
            (Some(a), Some(b)) => a.compare(b).is_eq(),
            _ => false,
        },
    }
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

//! A JMESPath tree applied to a value.
//!
//! What the document already holds is borrowed; only what the expression makes is new.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::builtin;
use super::functions::{self, Argument, Expression};
use super::lexer::Kind;
use super::parser::Ast;
use super::value::{Fault, Found, into_elements, order, same};

const NULL: Found<'static> = Cow::Owned(Value::Null);

/// Applies the expression to the value.
pub(super) fn evaluate<'a>(ast: &'a Ast, value: &'a Value) -> Result<Found<'a>, Fault> {
    match ast {
        Ast::Identity => Ok(Cow::Borrowed(value)),
        Ast::Field(name) => Ok(value.get(name.as_str()).map_or(NULL, Cow::Borrowed)),
        Ast::Literal(literal) => Ok(Cow::Borrowed(literal)),
        Ast::Index(index) => Ok(element(value, *index).map_or(NULL, Cow::Borrowed)),
        Ast::Chain(parts) | Ast::Indexed(parts) => parts
            .iter()
            .try_fold(Cow::Borrowed(value), |found, part| through(part, found)),
        Ast::Or(parts) => first_where(parts, value, |found| !is_false(found)),
        Ast::And(parts) => first_where(parts, value, is_false),
        Ast::Not(inner) => not(inner, value),
        Ast::Comparison(operator, sides) => comparison(*operator, sides, value),
        Ast::Slice { .. }
        | Ast::Projection(_)
        | Ast::ValueProjection(_)
        | Ast::FilterProjection(_)
        | Ast::Flatten(_) => Ok(elements(ast, value)?.map_or(NULL, |found| {
            Cow::Owned(found.into_iter().map(Cow::into_owned).collect())
        })),
        Ast::List(items) => list(items, value),
        Ast::Object(members) => object(members, value),
        Ast::Function(name, arguments) => call(name, arguments, value),
        Ast::Reference(_) => {
            Err("An expression behind `&` has no value; it is an argument for a function".into())
        }
    }
}

/// Evaluates the arguments and then the function of that name.
fn call<'a>(name: &str, arguments: &'a [Ast], value: &'a Value) -> Result<Found<'a>, Fault> {
    let arguments = arguments
        .iter()
        .map(|argument| match argument {
            Ast::Reference(ast) => Ok(Argument::Expression(Expression::new(ast, through))),
            other => evaluate(other, value).map(Argument::Value),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let function = builtin::find(name).ok_or_else(|| format!("Unknown function: {name}()"))?;
    functions::call(function, arguments)
}

/// Applies the expression to a found value, borrowing on where that was borrowed.
fn through<'a>(ast: &'a Ast, found: Found<'a>) -> Result<Found<'a>, Fault> {
    match (ast, found) {
        (Ast::Identity, found) => Ok(found),
        (ast, Cow::Borrowed(value)) => evaluate(ast, value),
        (ast, Cow::Owned(value)) => Ok(Cow::Owned(evaluate(ast, &value)?.into_owned())),
    }
}

/// The elements of the list which the expression gives, or `None` if that is not a list.
fn elements<'a>(ast: &'a Ast, value: &'a Value) -> Result<Option<Vec<Found<'a>>>, Fault> {
    match ast {
        Ast::Slice { start, stop, step } => slice(value, *start, *stop, *step),
        Ast::Projection(parts) => {
            let [left, right] = parts.as_ref();
            let Some(found) = elements(left, value)? else {
                return Ok(None);
            };
            project(found, right).map(Some)
        }
        Ast::ValueProjection(parts) => {
            let [left, right] = parts.as_ref();
            let members: Vec<Found<'a>> = match evaluate(left, value)? {
                Cow::Borrowed(Value::Object(members)) => {
                    members.values().map(Cow::Borrowed).collect()
                }
                Cow::Owned(Value::Object(members)) => members
                    .into_iter()
                    .map(|(_, member)| Cow::Owned(member))
                    .collect(),
                _ => return Ok(None),
            };
            project(members, right).map(Some)
        }
        Ast::FilterProjection(parts) => {
            let [left, right, condition] = parts.as_ref();
            let Some(found) = elements(left, value)? else {
                return Ok(None);
            };
            let mut kept = Vec::new();
            for item in found {
                if !is_false(evaluate(condition, &item)?.as_ref()) {
                    kept.push(item);
                }
            }
            project(kept, right).map(Some)
        }
        Ast::Flatten(inner) => {
            let Some(found) = elements(inner, value)? else {
                return Ok(None);
            };
            let mut flat = Vec::new();
            for item in found {
                match into_elements(item) {
                    Ok(inner) => flat.extend(inner),
                    Err(item) => flat.push(item),
                }
            }
            Ok(Some(flat))
        }
        Ast::Chain(parts) | Ast::Indexed(parts) => {
            let Some((last, first)) = parts.split_last() else {
                return Ok(None);
            };
            let found = first
                .iter()
                .try_fold(Cow::Borrowed(value), |found, part| through(part, found))?;
            match found {
                Cow::Borrowed(value) => elements(last, value),
                owned => Ok(into_elements(through(last, owned)?).ok()),
            }
        }
        other => Ok(into_elements(evaluate(other, value)?).ok()),
    }
}

/// Each element through the expression; what becomes null is left out.
fn project<'a>(found: Vec<Found<'a>>, right: &'a Ast) -> Result<Vec<Found<'a>>, Fault> {
    let mut projected = Vec::with_capacity(found.len());
    for item in found {
        let item = through(right, item)?;
        if !item.is_null() {
            projected.push(item);
        }
    }
    Ok(projected)
}

/// The first value that is decisive, or else the last.
fn first_where<'a>(
    parts: &'a [Ast],
    value: &'a Value,
    decisive: impl Fn(&Value) -> bool,
) -> Result<Found<'a>, Fault> {
    let mut found = NULL;
    for part in parts {
        found = evaluate(part, value)?;
        if decisive(&found) {
            break;
        }
    }
    Ok(found)
}

fn not<'a>(inner: &'a Ast, value: &'a Value) -> Result<Found<'a>, Fault> {
    let negated = is_false(evaluate(inner, value)?.as_ref());
    Ok(Cow::Owned(Value::Bool(negated)))
}

fn list<'a>(items: &'a [Ast], value: &'a Value) -> Result<Found<'a>, Fault> {
    if value.is_null() {
        return Ok(NULL);
    }
    let found = items
        .iter()
        .map(|item| evaluate(item, value).map(Cow::into_owned))
        .collect::<Result<_, _>>()?;
    Ok(Cow::Owned(Value::Array(found)))
}

fn object<'a>(members: &'a [(String, Ast)], value: &'a Value) -> Result<Found<'a>, Fault> {
    if value.is_null() {
        return Ok(NULL);
    }
    let mut found = Map::new();
    for (name, member) in members {
        found.insert(name.clone(), evaluate(member, value)?.into_owned());
    }
    Ok(Cow::Owned(Value::Object(found)))
}

fn comparison<'a>(
    operator: Kind,
    sides: &'a [Ast; 2],
    value: &'a Value,
) -> Result<Found<'a>, Fault> {
    let left = evaluate(&sides[0], value)?;
    let right = evaluate(&sides[1], value)?;
    let holds = match operator {
        Kind::Eq => are_equal(&left, &right),
        Kind::Ne => !are_equal(&left, &right),
        _ => {
            let ordered = |value: &Value| value.is_number() || value.is_string();
            if !ordered(&left) || !ordered(&right) {
                return Ok(NULL);
            }
            match operator {
                Kind::Lt => order(&left, &right, "<")?.is_lt(),
                Kind::Lte => order(&left, &right, "<=")?.is_le(),
                Kind::Gt => order(&left, &right, ">")?.is_gt(),
                _ => order(&left, &right, ">=")?.is_ge(),
            }
        }
    };
    Ok(Cow::Owned(Value::Bool(holds)))
}

/// `==`: as [`same`], but a truth value never equals a number.
fn are_equal(left: &Value, right: &Value) -> bool {
    left.is_boolean() == right.is_boolean() && same(left, right)
}

/// Null, `false` and what is empty; a number never is.
fn is_false(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(truth) => !truth,
        Value::Number(_) => false,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

/// The element at the index, counted from the end when negative.
fn element(value: &Value, index: i64) -> Option<&Value> {
    let items = value.as_array()?;
    let distance = usize::try_from(index.unsigned_abs()).ok()?;
    let at = if index < 0 {
        items.len().checked_sub(distance)?
    } else {
        distance
    };
    items.get(at)
}

fn slice(
    value: &Value,
    start: Option<i64>,
    stop: Option<i64>,
    step: Option<i64>,
) -> Result<Option<Vec<Found<'_>>>, Fault> {
    let Value::Array(items) = value else {
        return Ok(None);
    };
    let step = i128::from(step.unwrap_or(1));
    if step == 0 {
        return Err("slice step cannot be zero".into());
    }
    let length = items.len() as i128;
    // Backwards the ends are the last element and the place in front of the first.
    let (low, high) = if step > 0 {
        (0, length)
    } else {
        (-1, length - 1)
    };
    let bound = |bound: Option<i64>, default| {
        bound.map_or(default, |bound| {
            let bound = i128::from(bound);
            let from_start = if bound < 0 { bound + length } else { bound };
            from_start.clamp(low, high)
        })
    };
    let (start, stop) = if step > 0 {
        (bound(start, low), bound(stop, high))
    } else {
        (bound(start, high), bound(stop, low))
    };
    let mut found = Vec::new();
    let mut at = start;
    while (step > 0 && at < stop) || (step < 0 && at > stop) {
        // Between the bounds, hence a valid index.
        found.extend(
            usize::try_from(at)
                .ok()
                .and_then(|at| items.get(at))
                .map(Cow::Borrowed),
        );
        at += step;
    }
    Ok(Some(found))
}

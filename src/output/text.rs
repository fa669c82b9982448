//! Tab-separated text: one line a record, members sorted by name, nested members on lines
//! of their own behind their name in capitals (AWS CLI user guide, "Text output format").

use std::collections::BTreeSet;
use std::io::Write;

use serde_json::{Map, Value};

use super::{Failure, is_scalar, python, sorted};
use crate::error::Error;

/// Writes the value; `Null` is the line `None`, an empty list or object nothing.
///
/// A list that holds objects beside other values has no text form; the reference fails on it
/// as well.
pub(super) fn render(value: &Value, out: &mut dyn Write) -> Result<(), Failure> {
    write_item(value, None, None, out)
}

fn write_item(
    item: &Value,
    identifier: Option<&str>,
    columns: Option<&BTreeSet<&str>>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    match item {
        Value::Object(members) => write_object(members, identifier, columns, out),
        Value::Array(items) => write_list(items, identifier, out),
        scalar => line(&[python::str(scalar)], out),
    }
}

fn write_list(
    items: &[Value],
    identifier: Option<&str>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    if items.iter().any(Value::is_object) {
        // Every object of the list gets the same columns, so that scripts can cut them.
        let columns = scalar_columns(items)?;
        return items
            .iter()
            .try_for_each(|item| write_item(item, identifier, Some(&columns), out));
    }
    let (lists, scalars): (Vec<&Value>, Vec<&Value>) =
        items.iter().partition(|item| item.is_array());
    if !scalars.is_empty() {
        write_scalars(&scalars, identifier, out)?;
    }
    lists
        .into_iter()
        .try_for_each(|list| write_item(list, identifier, None, out))
}

/// The names under which any object of the list has a scalar.
fn scalar_columns(items: &[Value]) -> Result<BTreeSet<&str>, Failure> {
    let mut columns = BTreeSet::new();
    for item in items {
        let Value::Object(members) = item else {
            return Err(Error::other(
                "A list that mixes objects with other values has no text form",
            )
            .hint("Select one kind with --query, or use --output json")
            .into());
        };
        columns.extend(
            members
                .iter()
                .filter(|(_, member)| is_scalar(member))
                .map(|(name, _)| name.as_str()),
        );
    }
    Ok(columns)
}

fn write_scalars(
    scalars: &[&Value],
    identifier: Option<&str>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    match identifier {
        Some(identifier) => scalars
            .iter()
            .try_for_each(|scalar| line(&[identifier.to_uppercase(), python::str(scalar)], out)),
        None => {
            let cells: Vec<String> = scalars.iter().map(|scalar| python::str(scalar)).collect();
            line(&cells, out)
        }
    }
}

fn write_object(
    members: &Map<String, Value>,
    identifier: Option<&str>,
    columns: Option<&BTreeSet<&str>>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let sorted = sorted(members);
    let mut cells: Vec<String> = match columns {
        // A column may hold a list here, when another object has a scalar there.
        Some(columns) => columns
            .iter()
            .map(|name| members.get(*name).map(python::str).unwrap_or_default())
            .collect(),
        None => sorted
            .iter()
            .filter(|(_, member)| is_scalar(member))
            .map(|(_, member)| python::str(member))
            .collect(),
    };
    if !cells.is_empty() {
        if let Some(identifier) = identifier {
            cells.insert(0, identifier.to_uppercase());
        }
        line(&cells, out)?;
    }
    sorted
        .into_iter()
        .filter(|(name, member)| match columns {
            Some(columns) => !columns.contains(name),
            None => !is_scalar(member),
        })
        .try_for_each(|(name, member)| write_item(member, Some(name), None, out))
}

fn line(cells: &[String], out: &mut dyn Write) -> Result<(), Failure> {
    for (i, cell) in cells.iter().enumerate() {
        if i > 0 {
            out.write_all(b"\t")?;
        }
        out.write_all(cell.as_bytes())?;
    }
    out.write_all(b"\n")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rendered(value: &Value) -> String {
        let mut out = Vec::new();
        render(value, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_response_of_records() {
        assert_eq!(
            rendered(&json!({
                "packages": [
                    {"package": "left-pad", "format": "npm",
                     "originConfiguration": {"restrictions": {"upstream": "ALLOW", "publish": "BLOCK"}}},
                    {"package": "core", "format": "npm", "namespace": "acme"},
                ],
                "nextToken": "t"
            })),
            "t\nPACKAGES\tnpm\t\tleft-pad\nRESTRICTIONS\tBLOCK\tALLOW\nPACKAGES\tnpm\tacme\tcore\n"
        );
    }

    #[test]
    fn scalars_and_lists() {
        assert_eq!(rendered(&json!(null)), "None\n");
        assert_eq!(rendered(&json!(true)), "True\n");
        assert_eq!(rendered(&json!(1e16)), "1e+16\n");
        assert_eq!(rendered(&json!({})), "");
        assert_eq!(rendered(&json!([])), "");
        assert_eq!(rendered(&json!(["a", 1, null])), "a\t1\tNone\n");
        assert_eq!(
            rendered(&json!([["a", "b"], "c", [], ["d"]])),
            "c\na\tb\nd\n"
        );
        assert_eq!(
            rendered(&json!({"names": ["a", "b"]})),
            "NAMES\ta\nNAMES\tb\n"
        );
    }

    #[test]
    fn a_column_that_is_a_list_elsewhere_is_spelled_out() {
        assert_eq!(
            rendered(&json!([{"a": 1}, {"a": ["x", null]}])),
            "1\n['x', None]\n"
        );
    }

    #[test]
    fn objects_beside_scalars_are_refused() {
        assert!(render(&json!([{"a": 1}, "b"]), &mut Vec::new()).is_err());
    }
}

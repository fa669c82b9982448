//! The client's own check of an operation's input, before anything is sent: what is missing,
//! of the wrong type, too short, too small or unknown. Everything that is wrong is reported at
//! once, in the sentences of AWS CLI v2; upper limits, patterns and enumerations are left to
//! the service, as there. Pure.

use std::fmt::Write;

use serde_json::{Map, Value};

use crate::api::members::{Field, Kind, Member};
use crate::error::Error;
use crate::output::python;

/// A member of an operation's input.
#[derive(Clone, Copy, Debug)]
pub struct Input {
    /// The member.
    pub member: &'static Member,
    /// Whether the operation cannot do without it.
    pub required: bool,
}

/// Checks all members; the error lists everything that is wrong with them.
pub fn check(inputs: &[Input], members: &Map<String, Value>) -> Result<(), Error> {
    let mut report = Report(String::new());
    let known: Vec<Known<'_>> = inputs
        .iter()
        .map(|input| Known {
            name: input.member.name,
            kind: &input.member.kind,
            required: input.required,
        })
        .collect();
    report.structure("", &known, members);
    if report.0.is_empty() {
        return Ok(());
    }
    Err(Error::parameter(format!(
        "Parameter validation failed:{}",
        report.0
    )))
}

/// A member of the input, or of a structure in it.
struct Known<'a> {
    name: &'a str,
    kind: &'a Kind,
    required: bool,
}

impl<'a> From<&'a Field> for Known<'a> {
    fn from(field: &'a Field) -> Known<'a> {
        Known {
            name: field.name,
            kind: field.kind,
            required: field.required,
        }
    }
}

struct Report(String);

impl Report {
    fn add(&mut self, complaint: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = write!(self.0, "\n{complaint}");
    }

    fn structure(&mut self, place: &str, known: &[Known<'_>], members: &Map<String, Value>) {
        let shown = shown(place);
        for member in known.iter().filter(|member| member.required) {
            if !members.contains_key(member.name) {
                self.add(format_args!(
                    "Missing required parameter in {shown}: \"{}\"",
                    member.name
                ));
            }
        }
        let find = |name: &str| known.iter().find(|member| member.name == name);
        for name in members.keys().filter(|name| find(name).is_none()) {
            let names: Vec<&str> = known.iter().map(|member| member.name).collect();
            self.add(format_args!(
                "Unknown parameter in {shown}: \"{name}\", must be one of: {}",
                names.join(", ")
            ));
        }
        for (name, value) in members {
            if let Some(member) = find(name) {
                self.value(&format!("{place}.{name}"), member.kind, value);
            }
        }
    }

    fn value(&mut self, place: &str, kind: &Kind, value: &Value) {
        match (kind, value) {
            (Kind::Text(text), Value::String(given)) => {
                self.length(place, given.chars().count(), text.min);
            }
            (Kind::Integer { min, .. }, Value::Number(number)) if !number.is_f64() => {
                // What does not fit 64 signed bits is above every least value.
                if number.as_i64().is_some_and(|given| given < *min) {
                    self.add(format_args!(
                        "Invalid value for parameter {}, value: {number}, valid min value: {min}",
                        shown(place)
                    ));
                }
            }
            (Kind::Boolean, Value::Bool(_)) | (Kind::Blob, Value::String(_)) => {}
            (Kind::List { item, .. }, Value::Array(items)) => {
                for (index, value) in items.iter().enumerate() {
                    self.value(&format!("{place}[{index}]"), item, value);
                }
            }
            (Kind::Map { key, value: kind }, Value::Object(members)) => {
                for (name, value) in members {
                    let name_as_value = Value::from(name.as_str());
                    self.value(&format!("{place} (key: {name})"), key, &name_as_value);
                    self.value(&format!("{place}.{name}"), kind, value);
                }
            }
            (Kind::Structure(fields), Value::Object(members)) => {
                let known: Vec<Known<'_>> = fields.iter().map(Known::from).collect();
                self.structure(place, &known, members);
            }
            _ => self.add(format_args!(
                "Invalid type for parameter {}, value: {}, type: {}, valid types: {}",
                shown(place),
                python::str(value),
                type_of(value),
                types(kind)
            )),
        }
    }

    fn length(&mut self, place: &str, length: usize, least: usize) {
        if length < least {
            self.add(format_args!(
                "Invalid length for parameter {}, value: {length}, valid min length: {least}",
                shown(place)
            ));
        }
    }
}

/// The place as it is shown: without the dot in front, the whole being `input`.
fn shown(place: &str) -> &str {
    match place {
        "" => "input",
        place => place.strip_prefix('.').unwrap_or(place),
    }
}

/// The type of a value. The types are named as the reference names them, in Python's words.
pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "<class 'NoneType'>",
        Value::Bool(_) => "<class 'bool'>",
        Value::Number(number) if number.is_f64() => "<class 'float'>",
        Value::Number(_) => "<class 'int'>",
        Value::String(_) => "<class 'str'>",
        Value::Array(_) => "<class 'list'>",
        Value::Object(_) => "<class 'dict'>",
    }
}

fn types(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text(_) => "<class 'str'>",
        Kind::Integer { .. } => "<class 'int'>",
        Kind::Boolean => "<class 'bool'>",
        Kind::List { .. } => "<class 'list'>, <class 'tuple'>",
        Kind::Map { .. } | Kind::Structure(_) => "<class 'dict'>",
        Kind::Blob => "<class 'bytes'>, <class 'bytearray'>, file-like object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::members::member;
    use serde_json::json;

    fn report(operation: &str, names: &[(&str, bool)], members: Value) -> String {
        let inputs: Vec<Input> = names
            .iter()
            .map(|&(name, required)| Input {
                member: member(operation, name).unwrap(),
                required,
            })
            .collect();
        let Value::Object(members) = members else {
            panic!("not an object")
        };
        check(&inputs, &members).map_or_else(|error| error.message, |()| String::new())
    }

    const CREATE_DOMAIN: &[(&str, bool)] =
        &[("domain", true), ("encryptionKey", false), ("tags", false)];

    #[test]
    fn everything_wrong_is_reported_in_the_order_of_the_reference() {
        // Taken from AWS CLI 2.36.7 with the same input.
        let given = json!({"tags": [{"key": 5, "foo": null}, 3], "x": 1, "encryptionKey": null});
        assert_eq!(
            report("CreateDomain", CREATE_DOMAIN, given),
            "An error occurred (ParamValidation): Parameter validation failed:\n\
             Missing required parameter in input: \"domain\"\n\
             Unknown parameter in input: \"x\", must be one of: domain, encryptionKey, tags\n\
             Missing required parameter in tags[0]: \"value\"\n\
             Unknown parameter in tags[0]: \"foo\", must be one of: key, value\n\
             Invalid type for parameter tags[0].key, value: 5, type: <class 'int'>, valid types: <class 'str'>\n\
             Invalid type for parameter tags[1], value: 3, type: <class 'int'>, valid types: <class 'dict'>\n\
             Invalid type for parameter encryptionKey, value: None, type: <class 'NoneType'>, valid types: <class 'str'>"
        );
    }

    #[test]
    fn maps_lengths_and_ranges() {
        let given = json!({"versionRevisions": {"": "", "b": [true]}, "allowOverwrite": 1});
        assert_eq!(
            report(
                "CopyPackageVersions",
                &[("versionRevisions", false), ("allowOverwrite", false)],
                given
            ),
            "An error occurred (ParamValidation): Parameter validation failed:\n\
             Invalid length for parameter versionRevisions (key: ), value: 0, valid min length: 1\n\
             Invalid length for parameter versionRevisions., value: 0, valid min length: 1\n\
             Invalid type for parameter versionRevisions.b, value: [True], type: <class 'list'>, valid types: <class 'str'>\n\
             Invalid type for parameter allowOverwrite, value: 1, type: <class 'int'>, valid types: <class 'bool'>"
        );
        assert_eq!(
            report(
                "ListDomains",
                &[("maxResults", false)],
                json!({"maxResults": 0})
            ),
            "An error occurred (ParamValidation): Parameter validation failed:\n\
             Invalid value for parameter maxResults, value: 0, valid min value: 1"
        );
    }

    #[test]
    fn what_only_the_service_judges_passes() {
        let given = json!({"domain": "NOT A DOMAIN! and far too long for one, which is theirs to say",
            "tags": []});
        assert_eq!(report("CreateDomain", CREATE_DOMAIN, given), "");
    }
}

//! `--generate-cli-skeleton input` and `yaml-input`: an input with every member, to be filled
//! in and given to `--cli-input-json` or `--cli-input-yaml`. Pure.

use serde_json::{Map, Value, json};

use super::check::Input;
use crate::api::members::{Field, Kind};

/// An input with a placeholder for every member, enumerations with their first value.
pub fn input(inputs: &[Input]) -> Value {
    let members = inputs.iter().map(|input| {
        (
            input.member.name.to_string(),
            placeholder(&input.member.kind),
        )
    });
    Value::Object(members.collect())
}

/// The same in YAML, with what the help says of each member behind it.
pub fn yaml_input(inputs: &[Input], help: &dyn Fn(&str) -> Option<String>) -> String {
    let mut yaml = Yaml(String::new());
    for (index, input) in inputs.iter().enumerate() {
        let comment = comment(input.required, help(input.member.flag), &input.member.kind);
        yaml.member(
            "",
            index == 0,
            input.member.name,
            &input.member.kind,
            &comment,
        );
    }
    yaml.0
}

fn placeholder(kind: &Kind) -> Value {
    match kind {
        Kind::Text(text) => Value::from(text.values.first().copied().unwrap_or_default()),
        Kind::Integer { .. } => Value::from(0),
        Kind::Boolean => Value::from(true),
        Kind::List { item, .. } => json!([placeholder(item)]),
        Kind::Map { value, .. } => json!({"KeyName": placeholder(value)}),
        Kind::Structure(fields) => {
            let member = |field: &Field| (field.name.to_string(), placeholder(field.kind));
            Value::Object(fields.iter().map(member).collect::<Map<_, _>>())
        }
        Kind::Blob => Value::Null,
    }
}

fn comment(required: bool, help: Option<String>, kind: &Kind) -> String {
    let mut parts = Vec::new();
    if required {
        parts.push("[REQUIRED]".to_string());
    }
    parts.extend(help.map(|help| format!("{help}.")));
    if let Kind::Text(text) = kind
        && !text.values.is_empty()
    {
        parts.push(format!("Valid values are: {}.", text.values.join(", ")));
    }
    parts.join(" ")
}

struct Yaml(String);

impl Yaml {
    /// A member and what is in it. The reference puts two spaces before the comment of the
    /// first member of an object, one before the others'.
    fn member(&mut self, indent: &str, is_first: bool, name: &str, kind: &Kind, comment: &str) {
        let value = scalar(kind);
        self.0.push_str(name);
        self.0.push(':');
        if let Some(value) = &value {
            self.0.push(' ');
            self.0.push_str(value);
        }
        if !comment.is_empty() {
            let space = if is_first && value.is_some() {
                "  "
            } else {
                " "
            };
            self.0.push_str(space);
            self.0.push_str("# ");
            self.0.push_str(comment);
        }
        self.0.push('\n');
        match kind {
            Kind::List { item, .. } => self.item(indent, item),
            Kind::Map { value, .. } => {
                self.0.push_str(indent);
                self.0.push_str("  ");
                self.member(&format!("{indent}  "), true, "KeyName", value, "");
            }
            Kind::Structure(fields) => {
                self.0.push_str(indent);
                self.0.push_str("  ");
                self.fields(&format!("{indent}  "), fields);
            }
            _ => {}
        }
    }

    fn item(&mut self, indent: &str, kind: &Kind) {
        self.0.push_str(indent);
        self.0.push_str("- ");
        match kind {
            Kind::Structure(fields) => self.fields(&format!("{indent}  "), fields),
            kind => {
                self.0.push_str(&scalar(kind).unwrap_or_default());
                self.0.push('\n');
            }
        }
    }

    /// The members of an object whose first line is begun already.
    fn fields(&mut self, indent: &str, fields: &[Field]) {
        for (index, field) in fields.iter().enumerate() {
            if index > 0 {
                self.0.push_str(indent);
            }
            let comment = comment(field.required, None, field.kind);
            self.member(indent, index == 0, field.name, field.kind, &comment);
        }
    }
}

/// The placeholder on the line of its name; `None` for what takes lines of its own.
fn scalar(kind: &Kind) -> Option<String> {
    match kind {
        Kind::Text(text) => Some(
            text.values
                .first()
                .map_or_else(|| "''".to_string(), ToString::to_string),
        ),
        Kind::Integer { .. } => Some("0".to_string()),
        Kind::Boolean => Some("true".to_string()),
        Kind::Blob => Some("!!binary ''".to_string()),
        Kind::List { .. } | Kind::Map { .. } | Kind::Structure(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::members::member;
    use crate::cli::document::{Language, parse};

    fn inputs(operation: &str, names: &[&str]) -> Vec<Input> {
        let input = |name: &&str| Input {
            member: member(operation, name).unwrap(),
            required: *name == "domain",
        };
        names.iter().map(input).collect()
    }

    #[test]
    fn every_kind_has_a_placeholder() {
        let inputs = inputs(
            "CopyPackageVersions",
            &[
                "domain",
                "format",
                "versions",
                "versionRevisions",
                "allowOverwrite",
                "tags",
                "assetContent",
                "durationSeconds",
            ],
        );
        assert_eq!(
            input(&inputs),
            json!({
                "domain": "",
                "format": "npm",
                "versions": [""],
                "versionRevisions": {"KeyName": ""},
                "allowOverwrite": true,
                "tags": [{"key": "", "value": ""}],
                "assetContent": null,
                "durationSeconds": 0
            })
        );
    }

    #[test]
    fn yaml_is_laid_out_as_by_the_reference() {
        let inputs = inputs(
            "PutPackageOriginConfiguration",
            &["domain", "format", "restrictions", "tags", "versions"],
        );
        let help = |flag: &str| (flag == "domain").then(|| "The domain".to_string());
        let yaml = yaml_input(&inputs, &help);
        assert_eq!(
            yaml,
            "domain: ''  # [REQUIRED] The domain.\n\
             format: npm # Valid values are: npm, pypi, maven, nuget, generic, ruby, swift, cargo.\n\
             restrictions:\n  \
               publish: ALLOW  # [REQUIRED] Valid values are: ALLOW, BLOCK.\n  \
               upstream: ALLOW # [REQUIRED] Valid values are: ALLOW, BLOCK.\n\
             tags:\n\
             - key: ''  # [REQUIRED]\n  \
               value: '' # [REQUIRED]\n\
             versions:\n\
             - ''\n"
        );
        assert_eq!(
            Value::Object(parse(Language::Yaml, &yaml).unwrap()),
            input(&inputs)
        );
    }
}

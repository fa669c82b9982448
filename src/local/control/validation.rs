//! Checks the members of an input against the member table, before anything is done.
//!
//! The sentences are those of the service: how many errors, and for each the value, where it
//! stands, and what it should have been.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde_json::{Map, Value};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use super::Fault;
use crate::api::members::{Kind, Text, member, member_of_flag};
use crate::local::registry::Answer;
use crate::local::registry::refusal::invalid;
use crate::ops::{Descriptor, OPERATIONS};

/// Checks all members of the operation's input.
///
/// # Errors
/// `ValidationException` with all that is wrong.
pub(super) fn check(operation: &Descriptor, members: &Map<String, Value>) -> Answer<()> {
    let mut errors = Vec::new();
    for name in required(operation.name) {
        if !members.contains_key(*name) {
            missing(&mut errors, name);
        }
    }
    for (name, value) in members {
        if let Some(member) = member(operation.name, name) {
            check_value(&mut errors, name, &member.kind, value);
        }
    }
    fault(&errors).map_or(Ok(()), Err)
}

/// The fault for these errors; none for none.
fn fault(errors: &[String]) -> Option<Fault> {
    let count = errors.len();
    let plural = if count == 1 { "error" } else { "errors" };
    (count > 0).then(|| {
        invalid(format!(
            "{count} validation {plural} detected: {}",
            errors.join("; ")
        ))
    })
}

/// A member that has to be there is not.
fn missing(errors: &mut Vec<String>, path: &str) {
    errors.push(format!(
        "Value null at '{path}' failed to satisfy constraint: Member must not be null"
    ));
}

/// The members without which an operation cannot be done: its required flags. The asset's bytes are
/// the request's body.
fn required(operation: &str) -> &'static [&'static str] {
    static REQUIRED: OnceLock<HashMap<&str, Vec<&str>>> = OnceLock::new();
    REQUIRED
        .get_or_init(|| {
            OPERATIONS
                .iter()
                .map(|operation| {
                    let command = (operation.augment)(clap::Command::new(operation.command));
                    let required = command
                        .get_arguments()
                        .filter(|argument| argument.is_required_set())
                        .filter_map(|argument| member_of_flag(operation.name, argument.get_long()?))
                        .filter(|member| !matches!(member.kind, Kind::Blob))
                        .map(|member| member.name)
                        .collect();
                    (operation.name, required)
                })
                .collect()
        })
        .get(operation)
        .map_or(&[], Vec::as_slice)
}

fn check_value(errors: &mut Vec<String>, path: &str, kind: &Kind, value: &Value) {
    match (kind, value) {
        (Kind::Text(text), Value::String(value)) => check_text(errors, path, text, value),
        (Kind::Integer { min, max }, Value::Number(number)) => {
            let constraint = match number.as_i64() {
                None => Some("Member must be a whole number".to_string()),
                Some(number) if number < *min => Some(format!(
                    "Member must have value greater than or equal to {min}"
                )),
                Some(number) if number > *max => Some(format!(
                    "Member must have value less than or equal to {max}"
                )),
                Some(_) => None,
            };
            errors.extend(
                constraint.map(|constraint| broken(path, &number.to_string(), &constraint)),
            );
        }
        (Kind::Boolean, Value::Bool(_)) | (Kind::Blob, _) => {}
        (Kind::List { item, max }, Value::Array(items)) => {
            if items.len() > *max {
                let constraint = format!("Member must have length less than or equal to {max}");
                errors.push(broken(path, &value.to_string(), &constraint));
                return;
            }
            for (index, value) in items.iter().enumerate() {
                check_value(errors, &format!("{path}.{}.member", index + 1), item, value);
            }
        }
        (Kind::Map { key, value: of }, Value::Object(pairs)) => {
            for (name, value) in pairs {
                check_value(errors, path, key, &Value::from(name.as_str()));
                check_value(errors, &format!("{path}.{name}.member"), of, value);
            }
        }
        (Kind::Structure(fields), Value::Object(members)) => {
            for field in *fields {
                let path = format!("{path}.{}", field.name);
                match members.get(field.name) {
                    None | Some(Value::Null) if field.required => missing(errors, &path),
                    None | Some(Value::Null) => {}
                    Some(value) => check_value(errors, &path, field.kind, value),
                }
            }
        }
        (_, Value::Null) => missing(errors, path),
        (kind, value) => {
            let expected = match kind {
                Kind::Text(_) => "a text",
                Kind::Integer { .. } => "a whole number",
                Kind::Boolean => "true or false",
                Kind::List { .. } => "a list",
                Kind::Map { .. } | Kind::Structure(_) | Kind::Blob => "an object",
            };
            errors.push(broken(
                path,
                &value.to_string(),
                &format!("Member must be {expected}"),
            ));
        }
    }
}

fn check_text(errors: &mut Vec<String>, path: &str, text: &Text, value: &str) {
    let length = value.chars().count();
    if !text.values.is_empty() && !text.values.contains(&value) {
        let constraint = format!(
            "Member must satisfy enum value set: [{}]",
            text.values.join(", ")
        );
        errors.push(broken(path, value, &constraint));
    }
    if let Some(pattern) = text.pattern
        && !fits(pattern, value)
    {
        let constraint = format!("Member must satisfy regular expression pattern: {pattern}");
        errors.push(broken(path, value, &constraint));
    }
    if length < text.min {
        let constraint = format!(
            "Member must have length greater than or equal to {}",
            text.min
        );
        errors.push(broken(path, value, &constraint));
    }
    if length > text.max {
        let constraint = format!("Member must have length less than or equal to {}", text.max);
        errors.push(broken(path, value, &constraint));
    }
}

fn broken(path: &str, value: &str, constraint: &str) -> String {
    // A value may be long; a message need not be.
    let shown: String = value.chars().take(300).collect();
    format!("Value '{shown}' at '{path}' failed to satisfy constraint: {constraint}")
}

/// Whether the text fits one of the model's patterns. There are a dozen of them, and their
/// character classes are Java's, so each is a few lines here instead of a whole engine.
fn fits(pattern: &str, text: &str) -> bool {
    let alphanumeric_then = |more: &str, least: usize, most: usize| {
        let mut characters = text.chars();
        characters
            .next()
            .is_some_and(|first| first.is_ascii_alphanumeric())
            && characters
                .clone()
                .all(|next| next.is_ascii_alphanumeric() || more.contains(next))
            && (least..=most).contains(&characters.count())
    };
    match pattern {
        "[0-9]{12}" => text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()),
        "[0-9a-f]+" => {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        }
        r"[a-z][a-z0-9\-]{0,48}[a-z0-9]" => {
            let is_end = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            let bytes = text.as_bytes();
            (2..=50).contains(&bytes.len())
                && bytes.first().is_some_and(u8::is_ascii_lowercase)
                && bytes.last().is_some_and(is_end)
                && bytes.iter().all(|byte| is_end(byte) || *byte == b'-')
        }
        r"[A-Za-z0-9][A-Za-z0-9._\-]{1,99}" => alphanumeric_then("._-", 1, 99),
        r"[A-Za-z0-9][A-Za-z0-9._\-:]{1,99}" => alphanumeric_then("._-:", 1, 99),
        r"[^#/\s]+" => {
            !text.is_empty()
                && !text.contains(|next: char| matches!(next, '#' | '/') || is_space(next))
        }
        r"\S+" => !text.is_empty() && !text.contains(is_space),
        r"\P{C}*" => !text.contains(is_other),
        r"\P{C}+" => !text.is_empty() && !text.contains(is_other),
        r"[\P{C}\s]+" => {
            !text.is_empty() && !text.contains(|next: char| is_other(next) && !is_space(next))
        }
        r"[^\p{C}\p{IsWhitespace}]+" => {
            !text.is_empty() && !text.contains(|next: char| is_other(next) || next.is_whitespace())
        }
        _ => false,
    }
}

/// Java's `\s`.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t'..='\r')
}

/// `\p{C}`: control and format characters, private ones, and those that are none.
fn is_other(character: char) -> bool {
    character.general_category_group() == GeneralCategoryGroup::Other
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::members::MEMBERS;

    fn refusal(command: &str, members: Value) -> String {
        let operation = crate::ops::by_command(command).unwrap();
        let Value::Object(members) = members else {
            panic!("not an object");
        };
        match check(operation, &members) {
            Ok(()) => String::new(),
            Err(fault) => {
                assert_eq!(fault.reason, Some("FIELD_VALIDATION_FAILED"));
                fault.message
            }
        }
    }

    #[test]
    fn every_pattern_of_the_table_is_known() {
        fn texts(kind: &'static Kind) -> Vec<&'static Text> {
            match kind {
                Kind::Text(text) => vec![text],
                Kind::List { item, .. } => texts(item),
                Kind::Map { key, value } => [texts(key), texts(value)].concat(),
                Kind::Structure(fields) => {
                    fields.iter().flat_map(|field| texts(field.kind)).collect()
                }
                _ => Vec::new(),
            }
        }
        for text in MEMBERS.iter().flat_map(|member| texts(&member.kind)) {
            if let Some(pattern) = text.pattern {
                let examples = ["ab", "111122223333"];
                assert!(
                    examples.iter().any(|example| fits(pattern, example)),
                    "{pattern}"
                );
            }
        }
    }

    #[test]
    fn a_broken_name_is_answered_as_the_service_does() {
        assert_eq!(
            refusal("describe-domain", json!({"domain": "A"})),
            r"2 validation errors detected: Value 'A' at 'domain' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z][a-z0-9\-]{0,48}[a-z0-9]; Value 'A' at 'domain' failed to satisfy constraint: Member must have length greater than or equal to 2"
        );
        assert_eq!(
            refusal("describe-domain", json!({"domain": "my-domain"})),
            ""
        );
    }

    #[test]
    fn a_missing_member_is_named() {
        assert_eq!(
            refusal("describe-repository", json!({"domain": "my-domain"})),
            "1 validation error detected: Value null at 'repository' failed to satisfy constraint: Member must not be null"
        );
    }

    #[test]
    fn numbers_enums_and_lists_have_their_limits() {
        for (command, members, part) in [
            (
                "list-domains",
                json!({"maxResults": 0}),
                "greater than or equal to 1",
            ),
            (
                "list-domains",
                json!({"maxResults": 1001}),
                "less than or equal to 1000",
            ),
            (
                "tag-resource",
                json!({"resourceArn": "arn:x", "tags": [{"key": "k"}]}),
                "Value null at 'tags.1.member.value'",
            ),
            (
                "put-package-origin-configuration",
                json!({"domain": "dd", "repository": "rr", "format": "npm", "package": "p", "restrictions": {"publish": "MAYBE", "upstream": "ALLOW"}}),
                "Member must satisfy enum value set: [ALLOW, BLOCK]",
            ),
            (
                "tag-resource",
                json!({"resourceArn": "arn:x", "tags": "k"}),
                "Member must be a list",
            ),
        ] {
            let message = refusal(command, members);
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn character_classes_are_those_of_the_model() {
        for (pattern, text, expected) in [
            (r"[a-z][a-z0-9\-]{0,48}[a-z0-9]", "a-", false),
            (r"[a-z][a-z0-9\-]{0,48}[a-z0-9]", "1a", false),
            (r"[A-Za-z0-9][A-Za-z0-9._\-]{1,99}", "a", false),
            (r"[A-Za-z0-9][A-Za-z0-9._\-]{1,99}", "my_repo.1", true),
            (r"[A-Za-z0-9][A-Za-z0-9._\-]{1,99}", "public:npmjs", false),
            (r"[^#/\s]+", "a/b", false),
            (r"\P{C}+", "a\u{200b}", false),
            (r"\P{C}*", "", true),
            (r"[\P{C}\s]+", "a\n\tb", true),
            (r"[^\p{C}\p{IsWhitespace}]+", "a\u{a0}b", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text:?}");
        }
    }
}

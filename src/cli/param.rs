//! AWS's value syntax: the texts behind a flag become the JSON value of the member.
//!
//! A value may be JSON, shorthand, `file://` or `fileb://`, or stand for itself; which of
//! them, the member's kind and the first character say, as in AWS CLI v2. Whether the value
//! fits the member is not decided here but in [`super::check`]. Pure: files are read by a
//! function that is handed in.

use std::fmt;

use serde_json::Value;

use super::shorthand;
use crate::api::members::{Kind, Member};
use crate::error::Error;

/// Reads a file, given its name as it stands behind `file://`.
pub type ReadFile<'a> = &'a dyn Fn(&str) -> Result<Vec<u8>, Unreadable>;

/// A file that cannot be read.
#[derive(Debug)]
pub struct Unreadable {
    /// Its name, with `~` and variables replaced.
    pub path: String,
    /// Why.
    pub error: std::io::Error,
}

/// A value that is not of its parameter's syntax.
#[derive(Debug, PartialEq, Eq)]
pub struct BadValue {
    /// The flag, with its dashes.
    pub flag: String,
    /// What was expected, and where it went wrong.
    pub reason: String,
}

impl fmt::Display for BadValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Error parsing parameter '{}': {}",
            self.flag, self.reason
        )
    }
}

impl std::error::Error for BadValue {}

impl From<BadValue> for Error {
    fn from(bad: BadValue) -> Error {
        Error::parameter(bad.to_string())
    }
}

/// The value of a member, out of the texts behind its flag: one for most, any number for
/// lists. Switches have no text and do not come here.
pub fn parse(member: &Member, texts: &[String], read: ReadFile<'_>) -> Result<Value, BadValue> {
    let bad = |reason| BadValue {
        flag: format!("--{}", member.flag),
        reason,
    };
    if let [text] = texts
        && let Some(content) = content_of(text, read).map_err(bad)?
    {
        return from_file(&member.kind, &content, read).map_err(bad);
    }
    match &member.kind {
        Kind::List { item, .. } => list(item, texts, read).map_err(bad),
        kind => match texts {
            [.., text] => single(kind, text, read).map_err(bad),
            [] => Err(bad("Expected a value".to_string())),
        },
    }
}

/// What a file holds for a text that names one; `None` for any other text. Line ends become
/// `\n` in `file://`, and stay what they are in `fileb://`.
pub fn content_of(text: &str, read: ReadFile<'_>) -> Result<Option<String>, String> {
    let (name, is_text) = match (text.strip_prefix("file://"), text.strip_prefix("fileb://")) {
        (Some(name), _) => (name, true),
        (None, Some(name)) => (name, false),
        (None, None) => return Ok(None),
    };
    let bytes = read(name).map_err(|unreadable| {
        format!(
            "Unable to load paramfile {text}: {}",
            reason_of(&unreadable.error, &unreadable.path)
        )
    })?;
    match String::from_utf8(bytes) {
        Ok(content) if is_text => Ok(Some(content.replace("\r\n", "\n").replace('\r', "\n"))),
        Ok(content) => Ok(Some(content)),
        Err(_) if is_text => Err(format!(
            "Unable to load paramfile ({name}), text contents could not be decoded.  If this is \
             a binary file, please use the fileb:// prefix instead of the file:// prefix."
        )),
        Err(_) => Err(format!(
            "Unable to load paramfile ({name}): this parameter is text, and the file is not"
        )),
    }
}

/// An I/O error in the words of the reference: `[Errno 2] No such file or directory: 'name'`.
pub fn reason_of(error: &std::io::Error, path: &str) -> String {
    match error.raw_os_error() {
        Some(number) => {
            let text = error.to_string();
            let sentence = text
                .strip_suffix(&format!(" (os error {number})"))
                .unwrap_or(&text);
            format!("[Errno {number}] {sentence}: '{path}'")
        }
        None => format!("{error}: '{path}'"),
    }
}

/// A value out of a file: what would have stood on the command line as one text.
fn from_file(kind: &Kind, content: &str, read: ReadFile<'_>) -> Result<Value, String> {
    match kind {
        Kind::List { item, .. } if !looks_like_json(content) => {
            if is_structured(item) {
                // One item does not make a list; the check says so in the reference's words.
                return shorthand_value(kind, content, read);
            }
            Err(format!("Invalid JSON:\n{content}"))
        }
        Kind::List { .. } => json(content),
        kind => single(kind, content, read),
    }
}

fn list(item: &Kind, texts: &[String], read: ReadFile<'_>) -> Result<Value, String> {
    let is_json = texts.first().is_some_and(|text| looks_like_json(text));
    if let [text] = texts
        && text.trim_start().starts_with('[')
    {
        return json(text);
    }
    let items = texts.iter().map(|text| {
        if is_structured(item) && !is_json {
            shorthand_value(item, text, read)
        } else {
            plain(item, text)
        }
    });
    items
        .collect::<Result<Vec<Value>, String>>()
        .map(Value::from)
}

fn single(kind: &Kind, text: &str, read: ReadFile<'_>) -> Result<Value, String> {
    if is_structured(kind) && !looks_like_json(text) {
        shorthand_value(kind, text, read)
    } else {
        plain(kind, text)
    }
}

/// A value without shorthand: JSON where the member is made of several, else the text itself.
fn plain(kind: &Kind, text: &str) -> Result<Value, String> {
    match kind {
        Kind::Text(_) | Kind::Blob => Ok(Value::from(text)),
        Kind::Integer { .. } => integer(text),
        Kind::Boolean => Ok(Value::from(!text.eq_ignore_ascii_case("false"))),
        Kind::List { .. } => json(text),
        Kind::Map { .. } | Kind::Structure(_) => {
            if text.trim_start().starts_with('{') {
                json(text)
            } else {
                Err(format!("Invalid JSON:\n{text}"))
            }
        }
    }
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text)
        .map_err(|error| format!("Invalid JSON: {error}\nJSON received: {text}"))
}

/// A whole number as Python reads one; the nearest that fits if it is beyond 64 bits, which
/// is as far beyond the service's limits.
pub fn integer(text: &str) -> Result<Value, String> {
    let failure = || format!("invalid literal for int() with base 10: '{text}'");
    let trimmed = text.trim();
    let digits = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    let is_number = !digits.is_empty()
        && digits
            .split('_')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    if !is_number {
        return Err(failure());
    }
    let limit = if trimmed.starts_with('-') {
        i64::MIN
    } else {
        i64::MAX
    };
    let number = trimmed.replace('_', "").parse().unwrap_or(limit);
    Ok(Value::from(number))
}

fn shorthand_value(kind: &Kind, text: &str, read: ReadFile<'_>) -> Result<Value, String> {
    let mut value = shorthand::parse(text, &|name| content_of(name, read))?;
    settle(&mut value, kind)?;
    Ok(value)
}

/// Gives the texts of a shorthand value the types that their members have: a lone value
/// where a list belongs becomes a list, digits a number, `true` and `false` a truth value.
fn settle(value: &mut Value, kind: &Kind) -> Result<(), String> {
    match (kind, &mut *value) {
        (Kind::Structure(fields), Value::Object(members)) => {
            for field in *fields {
                if let Some(member) = members.get_mut(field.name) {
                    if matches!(field.kind, Kind::List { .. }) && !member.is_array() {
                        *member = Value::from(vec![member.take()]);
                    } else {
                        settle(member, field.kind)?;
                    }
                }
            }
        }
        (Kind::Map { value: kind, .. }, Value::Object(members)) => {
            for (_, member) in members.iter_mut() {
                settle(member, kind)?;
            }
        }
        (Kind::List { item, .. }, Value::Array(items)) => {
            for value in items {
                settle(value, item)?;
            }
        }
        (Kind::Integer { .. }, Value::String(text)) => *value = integer(text)?,
        (Kind::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("true") => {
            *value = Value::from(true);
        }
        (Kind::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("false") => {
            *value = Value::from(false);
        }
        _ => {}
    }
    Ok(())
}

fn looks_like_json(text: &str) -> bool {
    text.trim_start().starts_with(['[', '{'])
}

/// Whether shorthand can stand for a member of that kind.
fn is_structured(kind: &Kind) -> bool {
    match kind {
        Kind::Structure(_) | Kind::Map { .. } => true,
        Kind::List { item, .. } => matches!(
            item,
            Kind::Structure(_) | Kind::Map { .. } | Kind::List { .. }
        ),
        Kind::Text(_) | Kind::Integer { .. } | Kind::Boolean | Kind::Blob => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::members::member;
    use serde_json::json;

    fn read(path: &str) -> Result<Vec<u8>, Unreadable> {
        match path {
            "tags.json" => Ok(br#"[{"key": "k", "value": "v"}]"#.to_vec()),
            "policy.json" => Ok(b"{\r\n}".to_vec()),
            "restrictions.txt" => Ok(b"publish=ALLOW,upstream=BLOCK\n".to_vec()),
            "image.png" => Ok(vec![0xff, 0xfe]),
            _ => Err(Unreadable {
                path: format!("/home/{path}"),
                error: std::io::Error::from_raw_os_error(2),
            }),
        }
    }

    fn value(operation: &str, name: &str, texts: &[&str]) -> Result<Value, String> {
        let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
        parse(member(operation, name).unwrap(), &texts, &read).map_err(|bad| bad.to_string())
    }

    #[test]
    fn every_syntax_of_a_list_of_structures() {
        let one = json!([{"key": "k", "value": "v"}]);
        let two = json!([{"key": "k", "value": "v"}, {"key": "l", "value": ""}]);
        let tags = |texts: &[&str]| value("CreateDomain", "tags", texts);
        assert_eq!(tags(&["key=k,value=v"]), Ok(one.clone()));
        assert_eq!(tags(&["key=k,value=v", "key=l,value="]), Ok(two.clone()));
        assert_eq!(
            tags(&[r#"[{"key":"k","value":"v"},{"key":"l","value":""}]"#]),
            Ok(two.clone())
        );
        assert_eq!(
            tags(&[r#"{"key":"k","value":"v"}"#, r#" {"key":"l","value":""}"#]),
            Ok(two)
        );
        assert_eq!(tags(&["file://tags.json"]), Ok(one.clone()));
        assert_eq!(tags(&["fileb://tags.json"]), Ok(one));
        assert_eq!(tags(&[]), Ok(json!([])));
        assert_eq!(tags(&["[]"]), Ok(json!([])));
    }

    #[test]
    fn maps_structures_and_texts() {
        assert_eq!(
            value("CopyPackageVersions", "versionRevisions", &["1.0=a,2.0=b"]),
            Ok(json!({"1.0": "a", "2.0": "b"}))
        );
        let restrictions = json!({"publish": "ALLOW", "upstream": "BLOCK"});
        let given = |text| value("PutPackageOriginConfiguration", "restrictions", &[text]);
        assert_eq!(
            given("publish=ALLOW,upstream=BLOCK"),
            Ok(restrictions.clone())
        );
        assert_eq!(given("file://restrictions.txt"), Ok(restrictions));
        assert_eq!(
            value("CopyPackageVersions", "versions", &["1", "[2]"]),
            Ok(json!(["1", "[2]"]))
        );
        assert_eq!(
            value(
                "PutDomainPermissionsPolicy",
                "policyDocument",
                &["file://policy.json"]
            ),
            Ok(json!("{\n}"))
        );
        assert_eq!(
            value(
                "PutDomainPermissionsPolicy",
                "policyDocument",
                &["fileb://policy.json"]
            ),
            Ok(json!("{\r\n}"))
        );
    }

    #[test]
    fn faults_name_the_flag() {
        let tags = |texts: &[&str]| value("CreateDomain", "tags", texts).unwrap_err();
        assert_eq!(
            tags(&["key"]),
            "Error parsing parameter '--tags': Expected: '=', received: 'EOF' for input:\n key\n   ^"
        );
        assert!(tags(&["[{]"]).starts_with("Error parsing parameter '--tags': Invalid JSON: "));
        assert_eq!(
            tags(&["file://nowhere"]),
            "Error parsing parameter '--tags': Unable to load paramfile file://nowhere: [Errno 2] \
             No such file or directory: '/home/nowhere'"
        );
        assert!(tags(&["file://image.png"]).contains("could not be decoded"));
        assert!(tags(&[r#"{"key":"k"}"#, "key=k"]).ends_with("Invalid JSON:\nkey=k"));
    }

    #[test]
    fn numbers_as_python_reads_them() {
        for (text, number) in [
            ("5", json!(5)),
            (" -5 ", json!(-5)),
            ("+1_000", json!(1000)),
            ("99999999999999999999", json!(i64::MAX)),
        ] {
            assert_eq!(integer(text), Ok(number));
        }
        for text in ["", "abc", "1.5", "1__0", "_1", "1_", "- 1"] {
            assert!(integer(text).is_err(), "{text}");
        }
    }
}

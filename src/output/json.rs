//! JSON in the reference's layout: four spaces, `": "`, one member a line, non-ASCII as it is.
//!
//! Not serde_json's pretty printer, whose floats and indentation are its own.

use std::io::{self, Write};

use serde_json::Value;

use super::python;

/// Writes the document and a newline. An empty object is "no result" and prints nothing.
pub(super) fn render(value: &Value, out: &mut dyn Write) -> io::Result<()> {
    if super::is_missing(value) {
        return Ok(());
    }
    write_indented(value, 1, out)?;
    out.write_all(b"\n")
}

fn write_indented(value: &Value, depth: usize, out: &mut dyn Write) -> io::Result<()> {
    match value {
        Value::Array(items) if !items.is_empty() => {
            out.write_all(b"[")?;
            for (i, item) in items.iter().enumerate() {
                new_line(i > 0, depth, out)?;
                write_indented(item, depth + 1, out)?;
            }
            new_line(false, depth - 1, out)?;
            out.write_all(b"]")
        }
        Value::Object(members) if !members.is_empty() => {
            out.write_all(b"{")?;
            for (i, (name, member)) in members.iter().enumerate() {
                new_line(i > 0, depth, out)?;
                write_string(name, Escape::Needed, out)?;
                out.write_all(b": ")?;
                write_indented(member, depth + 1, out)?;
            }
            new_line(false, depth - 1, out)?;
            out.write_all(b"}")
        }
        Value::Array(_) => out.write_all(b"[]"),
        Value::Object(_) => out.write_all(b"{}"),
        scalar => write_scalar(scalar, Escape::Needed, out),
    }
}

fn new_line(comma: bool, depth: usize, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(if comma { b",\n" } else { b"\n" })?;
    (0..depth).try_for_each(|_| out.write_all(b"    "))
}

/// Which characters of a string are escaped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// Those that JSON demands.
    Needed,
    /// Those, and all that are not ASCII.
    NonAscii,
}

/// A value without any white space, as JMESPath's `to_string` spells it.
pub(super) fn compact(value: &Value, escape: Escape) -> String {
    let mut out = Vec::new();
    // A vector takes every write.
    let _ = write_compact(value, escape, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

fn write_compact(value: &Value, escape: Escape, out: &mut dyn Write) -> io::Result<()> {
    match value {
        Value::Array(items) => {
            out.write_all(b"[")?;
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.write_all(b",")?;
                }
                write_compact(item, escape, out)?;
            }
            out.write_all(b"]")
        }
        Value::Object(members) => {
            out.write_all(b"{")?;
            for (i, (name, member)) in members.iter().enumerate() {
                if i > 0 {
                    out.write_all(b",")?;
                }
                write_string(name, escape, out)?;
                out.write_all(b":")?;
                write_compact(member, escape, out)?;
            }
            out.write_all(b"}")
        }
        scalar => write_scalar(scalar, escape, out),
    }
}

/// A value that is neither list nor object; of those, nothing.
pub(super) fn write_scalar(value: &Value, escape: Escape, out: &mut dyn Write) -> io::Result<()> {
    match value {
        Value::Null => out.write_all(b"null"),
        Value::Bool(true) => out.write_all(b"true"),
        Value::Bool(false) => out.write_all(b"false"),
        Value::Number(number) => out.write_all(python::number(number).as_bytes()),
        Value::String(text) => write_string(text, escape, out),
        Value::Array(_) | Value::Object(_) => Ok(()),
    }
}

fn write_string(text: &str, escape: Escape, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"\"")?;
    let mut written = 0;
    for (at, c) in text.char_indices() {
        let short: &[u8] = match c {
            '"' => b"\\\"",
            '\\' => b"\\\\",
            '\n' => b"\\n",
            '\r' => b"\\r",
            '\t' => b"\\t",
            '\u{8}' => b"\\b",
            '\u{c}' => b"\\f",
            '\0'..='\u{1f}' => b"",
            c if escape == Escape::NonAscii && !c.is_ascii() => b"",
            _ => continue,
        };
        out.write_all(&text.as_bytes()[written..at])?;
        out.write_all(short)?;
        if short.is_empty() {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
        }
        written = at + c.len_utf8();
    }
    out.write_all(&text.as_bytes()[written..])?;
    out.write_all(b"\"")
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
    fn nesting_is_four_spaces_deep() {
        assert_eq!(
            rendered(&json!({"a": [1, {"b": null}], "c": [], "d": {}})),
            "{\n    \"a\": [\n        1,\n        {\n            \"b\": null\n        }\n    ],\n    \"c\": [],\n    \"d\": {}\n}\n"
        );
    }

    #[test]
    fn only_what_must_be_is_escaped() {
        assert_eq!(
            rendered(&json!("é日\u{1f600}\"\\/\u{1}\u{7f}\n\r\t\u{8}\u{c}")),
            "\"é日\u{1f600}\\\"\\\\/\\u0001\u{7f}\\n\\r\\t\\b\\f\"\n"
        );
        assert_eq!(
            compact(&json!({"é": ["\u{1f600}", 1.0]}), Escape::NonAscii),
            r#"{"\u00e9":["\ud83d\ude00",1.0]}"#
        );
    }

    #[test]
    fn a_missing_result_prints_nothing_but_an_empty_list_does() {
        assert_eq!(rendered(&json!({})), "");
        assert_eq!(rendered(&json!([])), "[]\n");
        assert_eq!(rendered(&Value::Null), "null\n");
    }
}

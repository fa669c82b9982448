//! How Python spells a value: the reference's text and tables print `str()` of whatever
//! they meet, so `None`, `True`, `1e+16` and `['a', 1]` are part of the output format.
//!
//! Knows values only; no layout, no stream.

use serde_json::{Number, Value};

/// `str(value)`: text as it is, everything else as [`repr`] spells it.
pub fn str(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => repr(other),
    }
}

/// `repr(value)`.
pub fn repr(value: &Value) -> String {
    let mut out = String::new();
    write_repr(value, &mut out);
    out
}

fn write_repr(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Number(number) => out.push_str(&self::number(number)),
        Value::String(text) => write_quoted(text, out),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write_repr(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (i, (name, member)) in members.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write_quoted(name, out);
                out.push_str(": ");
                write_repr(member, out);
            }
            out.push('}');
        }
    }
}

/// A number: integers in full, others as [`float`].
pub(super) fn number(number: &Number) -> String {
    if number.is_f64() {
        // `as_f64` of a number that is a float is always there.
        float(number.as_f64().unwrap_or_default())
    } else {
        number.to_string()
    }
}

/// The shortest digits that read back as the same number, with a point or an exponent:
/// the exponent is used below 1e-4 and from 1e16 on and has at least two digits.
pub(super) fn float(value: f64) -> String {
    if !value.is_finite() {
        // No JSON number is infinite; arithmetic is checked where it happens.
        return value.to_string();
    }
    // Rust finds as many digits, but has another idea of when to use an exponent, and of two
    // equally near ones takes the upper, not the even; rounding to a precision does.
    let shortest = format!("{value:e}");
    let count = shortest
        .chars()
        .take_while(|c| *c != 'e')
        .filter(char::is_ascii_digit)
        .count();
    let even = format!("{value:.*e}", count.saturating_sub(1));
    let scientific = if even.parse() == Ok(value) {
        even
    } else {
        shortest
    };
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        positional(digits, exponent)
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{digits}e{sign}{:02}", exponent.abs())
    }
}

/// Digits such as `-1.25` with the point moved by the exponent.
fn positional(digits: &str, exponent: i32) -> String {
    let sign = if digits.starts_with('-') { "-" } else { "" };
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    let Ok(before) = usize::try_from(exponent) else {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
        return format!("{sign}0.{zeros}{digits}");
    };
    let padded = format!("{digits:0<width$}", width = before + 2);
    let (whole, fraction) = padded.split_at(before + 1);
    format!("{sign}{whole}.{fraction}")
}

/// A string literal: single quotes unless only double quotes avoid an escape.
fn write_quoted(text: &str, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if is_printable(c) => out.push(c),
            c if (c as u32) < 0x100 => out.push_str(&format!("\\x{:02x}", c as u32)),
            c if (c as u32) < 0x10000 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push_str(&format!("\\U{:08x}", c as u32)),
        }
    }
    out.push(quote);
}

/// Neither a control, format, private, unassigned nor separator character, save the space.
/// Rust's `escape_debug` of text draws the same line behind the first character; in front
/// it also escapes combining marks, hence the letter.
fn is_printable(c: char) -> bool {
    let mut text = String::from("a");
    text.push(c);
    // What is printable stays one character; quotes and the backslash are the caller's.
    text.escape_debug().count() == 2 || matches!(c, '\\' | '\'' | '"')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn floats_as_python_spells_them() {
        for (value, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.5, "1.5"),
            (100.0, "100.0"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.25e16, "1.25e+16"),
            (1e22, "1e+22"),
            (f64::from_bits(0x430b_ad85_0d8a_e422), "973826417581188.2"),
            (-0.001_25, "-0.00125"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (1_700_000_000.123, "1700000000.123"),
        ] {
            assert_eq!(float(value), expected);
        }
    }

    #[test]
    fn nested_values_in_pythons_own_notation() {
        assert_eq!(
            repr(&json!({"a": [null, true, false, 1, 2.0], "b'c": "it's", "d": "\"'"})),
            r#"{'a': [None, True, False, 1, 2.0], "b'c": "it's", 'd': '"\''}"#
        );
        assert_eq!(
            repr(&json!(
                "\n\t\u{7f}\u{a0}\u{301}é\u{200b}\u{e000}\u{10ffff}日"
            )),
            "'\\n\\t\\x7f\\xa0\u{301}é\\u200b\\ue000\\U0010ffff日'"
        );
        assert_eq!(str(&json!("plain 'text'")), "plain 'text'");
        assert_eq!(
            str(&json!(18_446_744_073_709_551_615_u64)),
            "18446744073709551615"
        );
    }
}

//! Changes to a document, each a splice of the text.

use super::super::lines::{body_start, line_ending, splice};
use super::{Node, find, parse};
use crate::login::adapter::Malformed;

/// Sets the value at a path, making the objects on the way. New members are indented as the
/// text is, and written as the Swift package manager writes them, with a blank before `:`.
pub fn set(text: &str, path: &[&str], value: &serde_json::Value) -> Result<String, Malformed> {
    let Some(root) = parse(text)? else {
        let empty = format!("{}{{}}{}", text, line_ending(text));
        return set(&empty, path, value);
    };
    if let Some(node) = find(&root, path) {
        let same = serde_json::from_str::<serde_json::Value>(&text[node.range.clone()])
            .is_ok_and(|old| old == *value);
        let new = render(
            value,
            indent_of(text, node.range.start),
            unit(text, &root),
            line_ending(text),
        );
        return Ok(match same {
            true => text.to_string(),
            false => splice(text, node.range.clone(), &new),
        });
    }
    let mut depth = 0;
    while find(&root, &path[..=depth]).is_some() {
        depth += 1;
    }
    let parent = find(&root, &path[..depth]).unwrap_or(&root);
    let mut nested = value.clone();
    for key in path[depth + 1..].iter().rev() {
        nested = serde_json::json!({ *key: nested });
    }
    match &parent.members {
        Some(members) => Ok(insert(
            text,
            parent,
            members,
            path[depth],
            &nested,
            unit(text, &root),
        )),
        None => Err(Malformed::at(
            text,
            parent.range.start,
            "an object is expected",
        )),
    }
}

fn insert(
    text: &str,
    parent: &Node,
    members: &[(String, usize, Node)],
    key: &str,
    value: &serde_json::Value,
    unit: &str,
) -> String {
    let ending = line_ending(text);
    let name = serde_json::Value::from(key).to_string();
    match members.last() {
        Some((_, start, last)) => {
            let one_line = !text[parent.range.start..*start].contains('\n');
            let (separator, own) = match one_line {
                true => (", ".to_string(), String::new()),
                false => {
                    let own = indent_of(text, *start);
                    (format!(",{ending}{own}"), own.to_string())
                }
            };
            let new = match one_line {
                true => value.to_string(),
                false => render(value, &own, unit, ending),
            };
            let member = format!("{separator}{name}{}{new}", colon(text));
            splice(text, last.range.end..last.range.end, &member)
        }
        None => {
            let outer = indent_of(text, parent.range.start);
            let own = format!("{outer}{unit}");
            let new = render(value, &own, unit, ending);
            let body = format!("{{{ending}{own}{name}{}{new}{ending}{outer}}}", colon(text));
            splice(text, parent.range.clone(), &body)
        }
    }
}

/// How the text separates names from values.
fn colon(text: &str) -> &'static str {
    if text.contains("\":") && !text.contains("\" :") {
        ": "
    } else {
        " : "
    }
}

/// The blanks at the beginning of the line of a byte.
fn indent_of(text: &str, at: usize) -> &str {
    let line = text[..at].rfind('\n').map_or(body_start(text), |at| at + 1);
    let length = text[line..at].len() - text[line..at].trim_start_matches([' ', '\t']).len();
    &text[line..line + length]
}

/// By how much the text indents.
fn unit<'a>(text: &'a str, root: &Node) -> &'a str {
    let first = root.members.as_ref().and_then(|members| members.first());
    match first {
        Some((_, start, _)) if text[root.range.start..*start].contains('\n') => {
            let unit = indent_of(text, *start);
            if unit.is_empty() { "  " } else { unit }
        }
        _ => "  ",
    }
}

fn render(value: &serde_json::Value, indent: &str, unit: &str, ending: &str) -> String {
    match value.as_object() {
        Some(members) if !members.is_empty() => {
            let inner = format!("{indent}{unit}");
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| {
                    let name = serde_json::Value::from(name.as_str());
                    format!("{inner}{name} : {}", render(value, &inner, unit, ending))
                })
                .collect();
            let separator = format!(",{ending}");
            format!("{{{ending}{}{ending}{indent}}}", members.join(&separator))
        }
        _ => value.to_string(),
    }
}

/// Takes the member at a path out.
pub fn remove(text: &str, path: &[&str]) -> Result<String, Malformed> {
    let (Some(root), Some((last, above))) = (parse(text)?, path.split_last()) else {
        return Ok(text.to_string());
    };
    let Some(members) = find(&root, above).and_then(|node| node.members.as_ref()) else {
        return Ok(text.to_string());
    };
    let Some(at) = members.iter().rposition(|(name, _, _)| name == last) else {
        return Ok(text.to_string());
    };
    let (_, start, node) = &members[at];
    Ok(match (at.checked_sub(1), members.get(at + 1)) {
        (Some(before), _) => splice(text, members[before].2.range.end..node.range.end, ""),
        (None, Some((_, next, _))) => splice(text, *start..*next, ""),
        (None, None) => match find(&root, above) {
            Some(parent) => splice(text, parent.range.clone(), "{}"),
            None => text.to_string(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_new_file_looks_like_swifts() {
        let text = set(
            "",
            &["registries", "[default]", "url"],
            &json!("https://h.test/"),
        )
        .expect("is fine");
        let text = set(&text, &["version"], &json!(1)).expect("is fine");
        assert_eq!(
            text,
            "{\n  \"registries\" : {\n    \"[default]\" : {\n      \"url\" : \"https://h.test/\"\n    }\n  },\n  \"version\" : 1\n}\n"
        );
    }

    #[test]
    fn changes_stay_local() {
        let text = "{\n\t\"a\": {\"b\": 1},\n\t\"c\" : [ 1,2 ]\n}";
        assert_eq!(
            set(text, &["a", "b"], &json!("x")).expect("is fine"),
            "{\n\t\"a\": {\"b\": \"x\"},\n\t\"c\" : [ 1,2 ]\n}"
        );
        assert_eq!(
            set(text, &["a", "d"], &json!("x")).expect("is fine"),
            "{\n\t\"a\": {\"b\": 1, \"d\" : \"x\"},\n\t\"c\" : [ 1,2 ]\n}"
        );
        assert_eq!(
            set(text, &["e"], &json!("x")).expect("is fine"),
            "{\n\t\"a\": {\"b\": 1},\n\t\"c\" : [ 1,2 ],\n\t\"e\" : \"x\"\n}"
        );
        assert!(set(text, &["c", "d"], &json!(1)).is_err());
    }

    #[test]
    fn removes_a_member_and_its_comma() {
        let text = "{\"a\":1, \"b\":2, \"c\":3}";
        assert_eq!(remove(text, &["a"]).expect("is fine"), "{\"b\":2, \"c\":3}");
        assert_eq!(remove(text, &["c"]).expect("is fine"), "{\"a\":1, \"b\":2}");
        assert_eq!(
            remove("{\"a\": {\"b\": 1}}", &["a", "b"]).expect("is fine"),
            "{\"a\": {}}"
        );
    }
}

//! JSON, edited where something changes and left as it is everywhere else (RFC 8259).

use std::ops::Range;

use super::lines::{line_ending, splice};
use crate::login::adapter::Malformed;

/// A value with its place.
#[derive(Debug)]
struct Node {
    range: Range<usize>,
    /// The members of an object: name, where the member starts, and its value.
    members: Option<Vec<(String, usize, Node)>>,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

/// Deeper than any settings, and shallow enough for the stack.
const DEEPEST: usize = 100;

impl Reader<'_> {
    fn refuse<T>(&self, reason: &str) -> Result<T, Malformed> {
        Err(Malformed::at(self.text, self.at, reason))
    }

    fn skip_blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn take(&mut self, sign: char) -> bool {
        self.skip_blanks();
        let found = self.text[self.at..].starts_with(sign);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Result<Node, Malformed> {
        if depth > DEEPEST {
            return self.refuse("nested too deeply");
        }
        self.skip_blanks();
        let start = self.at;
        let mut members = None;
        match self.text[start..].chars().next() {
            Some('{') => members = Some(self.object(depth)?),
            Some('[') => self.array(depth)?,
            Some('"') => {
                self.string()?;
            }
            _ => {
                let rest = &self.text[start..];
                let end = rest
                    .find(|c: char| c.is_whitespace() || ",]}".contains(c))
                    .unwrap_or(rest.len());
                if serde_json::from_str::<serde_json::Value>(&rest[..end]).is_err() {
                    return self.refuse("a value is expected");
                }
                self.at += end;
            }
        }
        Ok(Node {
            range: start..self.at,
            members,
        })
    }

    fn object(&mut self, depth: usize) -> Result<Vec<(String, usize, Node)>, Malformed> {
        self.at += 1;
        let mut members = Vec::new();
        if self.take('}') {
            return Ok(members);
        }
        loop {
            self.skip_blanks();
            let start = self.at;
            let name = self.string()?;
            if !self.take(':') {
                return self.refuse("`:` is expected");
            }
            members.push((name, start, self.value(depth + 1)?));
            if self.take('}') {
                return Ok(members);
            }
            if !self.take(',') {
                return self.refuse("`,` or `}` is expected");
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<(), Malformed> {
        self.at += 1;
        if self.take(']') {
            return Ok(());
        }
        loop {
            self.value(depth + 1)?;
            if self.take(']') {
                return Ok(());
            }
            if !self.take(',') {
                return self.refuse("`,` or `]` is expected");
            }
        }
    }

    fn string(&mut self) -> Result<String, Malformed> {
        let start = self.at;
        if !self.text[start..].starts_with('"') {
            return self.refuse("a text in double quotes is expected");
        }
        let mut escaped = false;
        for (at, character) in self.text[start + 1..].char_indices() {
            match character {
                '"' if !escaped => {
                    let end = start + 1 + at + 1;
                    return match serde_json::from_str(&self.text[start..end]) {
                        Ok(text) => {
                            self.at = end;
                            Ok(text)
                        }
                        Err(_) => self.refuse("a text that is not valid"),
                    };
                }
                '\\' => escaped = !escaped,
                _ => escaped = false,
            }
        }
        self.refuse("a text is not closed")
    }
}

/// Reads a text whose value is an object. A text without any value stands for an empty one.
fn parse(text: &str) -> Result<Option<Node>, Malformed> {
    let mut reader = Reader {
        text,
        at: super::lines::body_start(text),
    };
    reader.skip_blanks();
    if reader.at == text.len() {
        return Ok(None);
    }
    let node = reader.value(0)?;
    reader.skip_blanks();
    if reader.at != text.len() {
        return reader.refuse("something follows the end");
    }
    if node.members.is_none() {
        return Err(Malformed::at(
            text,
            node.range.start,
            "an object is expected",
        ));
    }
    Ok(Some(node))
}

fn find<'a>(node: &'a Node, path: &[&str]) -> Option<&'a Node> {
    path.iter().try_fold(node, |node, key| {
        let members = node.members.as_ref()?;
        members
            .iter()
            .rev()
            .find(|(name, _, _)| name == key)
            .map(|(_, _, node)| node)
    })
}

/// The text or other scalar at a path.
pub fn get(text: &str, path: &[&str]) -> Result<Option<serde_json::Value>, Malformed> {
    let Some(root) = parse(text)? else {
        return Ok(None);
    };
    Ok(find(&root, path).and_then(|node| serde_json::from_str(&text[node.range.clone()]).ok()))
}

/// The names of the members at a path.
pub fn keys(text: &str, path: &[&str]) -> Result<Vec<String>, Malformed> {
    let root = parse(text)?;
    let members = root
        .as_ref()
        .and_then(|root| find(root, path)?.members.as_ref());
    Ok(members
        .into_iter()
        .flatten()
        .map(|(name, _, _)| name.clone())
        .collect())
}

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
    let line = text[..at]
        .rfind('\n')
        .map_or(super::lines::body_start(text), |at| at + 1);
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

/// Where secrets stand.
pub fn secrets(text: &str) -> Vec<Range<usize>> {
    super::secrets::tidy(text, super::secrets::in_addresses(text))
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

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "{",
            "[]",
            "{\"a\" 1}",
            "{\"a\": tru}",
            "{} x",
            "{\"a\": \"\n\"}",
            "// c\n{}",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&"[".repeat(1000)).is_err());
    }
}

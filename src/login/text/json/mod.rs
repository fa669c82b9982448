//! JSON, edited where something changes and left as it is everywhere else (RFC 8259).

mod edit;

use std::ops::Range;

use crate::login::adapter::Malformed;

pub use edit::{remove, set};

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

/// Where secrets stand.
pub fn secrets(text: &str) -> Vec<Range<usize>> {
    super::secrets::tidy(text, super::secrets::in_addresses(text))
}

#[cfg(test)]
mod tests {
    use super::*;

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

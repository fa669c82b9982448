//! The part of YAML that package managers' settings use: block mappings of plain or quoted
//! scalars, further mappings and lists of scalars (YAML 1.2.2, chapters 7 and 8).
//!
//! Flow style is understood on one line, for lists of scalars and for empty collections.
//! Anchors, tags, block scalars and the like are passed over where nothing has to change
//! beneath them, and refused where something has to.

mod edit;
mod secrets;

use std::ops::Range;

use super::lines::{self, Line};
use crate::login::adapter::Malformed;

pub use edit::{Style, add_item, edit_items, remove, set};
pub use secrets::secrets;

/// The name of what is passed over because of its style.
const OPAQUE: &str = "\u{0}opaque";

/// What stands at one place of the document.
#[derive(Clone, Debug)]
struct Node {
    /// The name, for an entry of a mapping; nothing for an item of a list.
    key: Option<String>,
    indent: usize,
    /// From the start of its first line to the end of its last, comments behind it left out.
    lines: Range<usize>,
    /// The value as written on the line of the name, without a comment; may be empty.
    value: Range<usize>,
    children: Vec<Node>,
}

/// A document.
#[derive(Debug)]
pub struct Yaml<'a> {
    text: &'a str,
    top: Vec<Node>,
}

/// A line with something on it.
struct Content<'a> {
    line: Line<'a>,
    indent: usize,
    /// The text without indentation, comment and blanks at the end.
    text: &'a str,
    start: usize,
}

impl<'a> Yaml<'a> {
    /// Reads a text.
    pub fn parse(text: &'a str) -> Result<Yaml<'a>, Malformed> {
        let contents = contents(text)?;
        let mut at = 0;
        if contents
            .first()
            .is_some_and(|content| content.text == "---")
        {
            at = 1;
        }
        let mut top = Vec::new();
        if let Some(first) = contents.get(at) {
            let indent = first.indent;
            if matches!(first.text, "{}" | "[]") && contents.len() == at + 1 {
                return Err(Malformed::at(
                    text,
                    first.start,
                    "an empty document in flow style",
                ));
            }
            at = block(text, &contents, at, indent, false, &mut top)?;
        }
        match contents.get(at) {
            None => Ok(Yaml { text, top }),
            Some(rest) => Err(Malformed::at(
                text,
                rest.start,
                "its indentation fits nothing above it",
            )),
        }
    }

    fn find(&self, path: &[&str]) -> Option<&Node> {
        let (first, rest) = path.split_first()?;
        let mut node = child(&self.top, first)?;
        for key in rest {
            node = child(&node.children, key)?;
        }
        Some(node)
    }

    /// The scalar at a path.
    pub fn get(&self, path: &[&str]) -> Option<String> {
        let node = self.find(path)?;
        (node.children.is_empty() && !node.value.is_empty())
            .then(|| scalar(&self.text[node.value.clone()]))
            .flatten()
    }

    /// The names in the mapping at a path; at none, those of the document.
    pub fn keys(&self, path: &[&str]) -> Vec<&str> {
        let nodes = match path {
            [] => &self.top,
            path => match self.find(path) {
                Some(node) => &node.children,
                None => return Vec::new(),
            },
        };
        nodes
            .iter()
            .filter_map(|node| node.key.as_deref())
            .collect()
    }

    /// The scalars of the list at a path.
    pub fn items(&self, path: &[&str]) -> Vec<String> {
        let Some(node) = self.find(path) else {
            return Vec::new();
        };
        if let Some(words) = flow_list(self.text, node.value.clone()) {
            return words.into_iter().map(|(word, _)| word).collect();
        }
        node.children
            .iter()
            .filter(|item| item.key.is_none())
            .filter_map(|item| scalar(&self.text[item.value.clone()]))
            .collect()
    }

    /// All scalars with the name that leads to them.
    fn scalars(&self) -> Vec<(String, Range<usize>)> {
        fn walk(nodes: &[Node], name: &str, found: &mut Vec<(String, Range<usize>)>) {
            for node in nodes {
                let name = node.key.as_deref().unwrap_or(name);
                if !node.value.is_empty() {
                    found.push((name.to_string(), node.value.clone()));
                }
                walk(&node.children, name, found);
            }
        }
        let mut found = Vec::new();
        walk(&self.top, "", &mut found);
        found
    }
}

fn child<'a>(nodes: &'a [Node], key: &str) -> Option<&'a Node> {
    nodes
        .iter()
        .rev()
        .find(|node| node.key.as_deref() == Some(key))
}

/// The lines that have something on them.
fn contents(text: &str) -> Result<Vec<Content<'_>>, Malformed> {
    let mut contents: Vec<Content> = Vec::new();
    for line in lines::lines(text) {
        let trimmed = line.text.trim_start_matches(' ');
        let indent = line.text.len() - trimmed.len();
        let shown = without_comment(trimmed);
        if shown.is_empty() {
            continue;
        }
        if trimmed.starts_with('\t') {
            return Err(Malformed::at(text, line.start, "indented with a tab"));
        }
        let marker = |mark: &str| shown == mark || shown.starts_with(&format!("{mark} "));
        if marker("...") || marker("---") && !contents.is_empty() || shown.starts_with('%') {
            return Err(Malformed::at(text, line.start, "more than one document"));
        }
        contents.push(Content {
            line,
            indent,
            text: shown,
            start: line.start + indent,
        });
    }
    Ok(contents)
}

/// What stands before a comment, which begins at a `#` after a blank and outside of quotes.
fn without_comment(text: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (None, '#') if before.is_whitespace() => return text[..at].trim_end(),
            (None, '"' | '\'') if before.is_whitespace() || "[{,:".contains(before) => {
                quote = Some(character);
            }
            (Some('"'), '\\') if !escaped => escaped = true,
            (Some(open), close) if open == close && !escaped => quote = None,
            _ => escaped = false,
        }
        before = character;
    }
    text.trim_end()
}

/// Reads the nodes of one indentation, only the items where a list stands as far to the left as
/// its name; gives the first line that is not one of them.
fn block(
    text: &str,
    contents: &[Content],
    mut at: usize,
    indent: usize,
    items_only: bool,
    nodes: &mut Vec<Node>,
) -> Result<usize, Malformed> {
    // Deeper than any settings, and shallow enough for the stack.
    if indent > 200 {
        return Err(Malformed::at(text, contents[at].start, "nested too deeply"));
    }
    while let Some(content) = contents.get(at) {
        if content.indent != indent || items_only && item(content.text).is_none() {
            break;
        }
        let (node, next) = node(text, contents, at)?;
        nodes.push(node);
        at = next;
    }
    Ok(at)
}

/// Reads an entry or an item with all that belongs to it.
fn node(text: &str, contents: &[Content], at: usize) -> Result<(Node, usize), Malformed> {
    let content = &contents[at];
    let (key, value) = match item(content.text) {
        Some(value) => (None, value),
        None => {
            let (key, value) = entry(content.text).ok_or_else(|| {
                Malformed::at(
                    text,
                    content.start,
                    "neither a setting nor an item of a list",
                )
            })?;
            (Some(key), value)
        }
    };
    let value_start = content.start + content.text.len() - value.len();
    let mut node = Node {
        indent: content.indent,
        lines: content.line.start..content.line.end,
        value: value_start..value_start + value.len(),
        children: Vec::new(),
        key,
    };
    let mut next = at + 1;
    let belongs = |next: &Content, is_entry: bool| {
        next.indent > content.indent
            || is_entry && next.indent == content.indent && item(next.text).is_some()
    };
    let Some(first) = contents
        .get(next)
        .filter(|next| belongs(next, node.key.is_some()))
    else {
        return Ok((node, next));
    };
    if value.is_empty() && node.key.is_some() {
        let items_only = first.indent == content.indent;
        next = block(
            text,
            contents,
            next,
            first.indent,
            items_only,
            &mut node.children,
        )?;
    } else {
        // Lines that go on with a scalar, a flow collection or an item's mapping: not ours.
        while contents
            .get(next)
            .is_some_and(|next| next.indent > content.indent)
        {
            next += 1;
        }
        node.value = node.value.start..node.value.start;
        node.children.push(Node {
            key: Some(OPAQUE.to_string()),
            indent: first.indent,
            lines: first.line.start..contents[next - 1].line.end,
            value: value_start..contents[next - 1].line.text_end,
            children: Vec::new(),
        });
    }
    node.lines.end = contents[next - 1].line.end;
    Ok((node, next))
}

/// What follows the dash of a list's item.
fn item(text: &str) -> Option<&str> {
    match text.strip_prefix('-') {
        Some("") => Some(""),
        Some(rest) if rest.starts_with(' ') => Some(rest.trim_start()),
        _ => None,
    }
}

/// The name and the value of a mapping's entry.
fn entry(text: &str) -> Option<(String, &str)> {
    let quoted = text.starts_with(['"', '\'']);
    let end = if quoted { quoted_end(text)? } else { 0 };
    let at = end
        + text[end..]
            .char_indices()
            .find(|(at, c)| {
                *c == ':' && text[end + at + 1..].chars().next().is_none_or(|c| c == ' ')
            })
            .map(|(at, _)| at)?;
    if quoted && !text[end..at].trim().is_empty() || at == 0 {
        return None;
    }
    if !quoted && text.starts_with(['{', '[', '&', '*', '!', '|', '>', '?', '%', '@', '`']) {
        return None;
    }
    Some((scalar(text[..at].trim_end())?, text[at + 1..].trim_start()))
}

/// Where a quoted scalar at the start of the text ends.
fn quoted_end(text: &str) -> Option<usize> {
    let quote = text.chars().next()?;
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if quote == '"' && character == '\\' {
            characters.next();
        } else if character == quote {
            if quote == '\'' && characters.next_if(|(_, next)| *next == '\'').is_some() {
                continue;
            }
            return Some(at + 1);
        }
    }
    None
}

/// The meaning of a scalar on one line; nothing for what is no plain or quoted scalar.
fn scalar(text: &str) -> Option<String> {
    match text.chars().next() {
        Some('"') if quoted_end(text) == Some(text.len()) => {
            // JSON knows the escapes that settings use.
            serde_json::from_str(text).ok()
        }
        Some('\'') if quoted_end(text) == Some(text.len()) => {
            Some(text[1..text.len() - 1].replace("''", "'"))
        }
        Some('"' | '\'' | '{' | '[' | '&' | '*' | '!' | '|' | '>' | '%' | '@' | '`') => None,
        _ => Some(text.to_string()),
    }
}

/// The scalars of a list in flow style on one line, with the place of its closing bracket.
fn flow_list(text: &str, value: Range<usize>) -> Option<Vec<(String, Range<usize>)>> {
    let inner = text[value.clone()].strip_prefix('[')?.strip_suffix(']')?;
    let mut words = Vec::new();
    let mut at = 0;
    while at < inner.len() {
        let rest = &inner[at..];
        let start = at + rest.len() - rest.trim_start().len();
        let length = match inner[start..].chars().next() {
            None => break,
            Some('"' | '\'') => quoted_end(&inner[start..])?,
            Some(_) => inner[start..].find(',').unwrap_or(inner.len() - start),
        };
        let word = inner[start..start + length].trim_end();
        let range = value.start + 1 + start..value.start + 1 + start + word.len();
        words.push((scalar(word)?, range));
        let after = inner[start + length..].trim_start();
        if !after.is_empty() && !after.starts_with(',') {
            return None;
        }
        at = inner.len() - after.len() + usize::from(!after.is_empty());
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    const YARN: &str = "# mine\nnodeLinker: node-modules\n\nnpmScopes:\n  corp:\n    npmRegistryServer: \"https://corp.test/npm\" # theirs\n\nunsafeHttpWhitelist: [\"a.test\", b.test]\nplugins:\n  - path: .yarn/a.cjs\n    spec: \"a\"\ninitFields:\n  license: >-\n    long: text\n";

    #[test]
    fn reads_mappings_and_lists() {
        let yaml = Yaml::parse(YARN).expect("is fine");
        assert_eq!(yaml.get(&["nodeLinker"]).as_deref(), Some("node-modules"));
        assert_eq!(
            yaml.get(&["npmScopes", "corp", "npmRegistryServer"])
                .as_deref(),
            Some("https://corp.test/npm")
        );
        assert_eq!(yaml.items(&["unsafeHttpWhitelist"]), ["a.test", "b.test"]);
        let gem =
            Yaml::parse("---\n:sources:\n- https://a.test/\n- https://b.test/\n:verbose: true\n")
                .expect("is fine");
        assert_eq!(
            gem.items(&[":sources"]),
            ["https://a.test/", "https://b.test/"]
        );
        assert_eq!(gem.get(&[":verbose"]).as_deref(), Some("true"));
    }

    #[test]
    fn refuses_what_it_cannot_place() {
        for text in [
            "a: 1\n\tb: 2\n",
            "a\n",
            "a: 1\n  b\nc: 2\n d: 3\n",
            "a: 1\n---\nb: 2\n",
            "{}\n",
        ] {
            let parsed = Yaml::parse(text).and_then(|_| set(text, &["c", "d"], "1", Style::Plain));
            assert!(parsed.is_err(), "{text}");
        }
    }
}

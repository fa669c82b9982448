//! Changes to a document: set, add, remove, each a splice of the text.

use super::super::lines::{self, splice};
use super::{Node, OPAQUE, Yaml, flow_list, scalar};
use crate::login::adapter::Malformed;

/// The scalar as it has to be written.
fn quoted(text: &str, always: bool) -> String {
    let plain = !always
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._~+/".contains(c))
        && !["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
            .contains(&text.to_ascii_lowercase().as_str());
    if plain {
        text.to_string()
    } else {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// How a value is to be written where it is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As it is: a number, `true`.
    Literal,
    /// Plain where that is safe.
    Plain,
    /// Always in double quotes.
    Quoted,
}

impl Style {
    fn write(self, value: &str) -> String {
        match self {
            Style::Literal => value.to_string(),
            Style::Plain => quoted(value, false),
            Style::Quoted => quoted(value, true),
        }
    }
}

/// Sets the scalar at a path, making the mappings on the way.
pub fn set(text: &str, path: &[&str], value: &str, style: Style) -> Result<String, Malformed> {
    let yaml = Yaml::parse(text)?;
    if let Some(node) = yaml.find(path) {
        if yaml.get(path).as_deref() == Some(value) {
            return Ok(text.to_string());
        }
        if !node.children.is_empty() {
            let at = node.lines.start;
            return Err(Malformed::at(text, at, "a single value is expected here"));
        }
        let new = style.write(value);
        let space = if node.value.is_empty() && text[..node.value.start].ends_with(':') {
            " "
        } else {
            ""
        };
        return Ok(splice(text, node.value.clone(), &format!("{space}{new}")));
    }
    let Some((last, above)) = path.split_last() else {
        return Ok(text.to_string());
    };
    let line = format!("{}: {}", key_text(last), style.write(value));
    add(text, &yaml, above, &line)
}

fn key_text(key: &str) -> String {
    // Ruby's symbols begin with a colon, Bundler's names hold addresses: all plain to YAML.
    let plain = key
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-._~+/:@".contains(c))
        && !key.ends_with(':')
        && !key.starts_with(['@', '-', '~'])
        && !key.contains("://")
        || key.starts_with("BUNDLE_");
    if plain {
        key.to_string()
    } else {
        quoted(key, true)
    }
}

/// Adds a line at the end of the mapping or list at a path, which is made when it is missing.
fn add(text: &str, yaml: &Yaml, path: &[&str], line: &str) -> Result<String, Malformed> {
    let mut depth = 0;
    let mut parent: Option<&Node> = None;
    while depth < path.len() {
        match yaml.find(&path[..=depth]) {
            Some(node) => parent = Some(node),
            None => break,
        }
        depth += 1;
    }
    let is_item = depth == path.len() && line.starts_with("- ");
    if let Some(child) = parent.and_then(|parent| parent.children.last())
        && child.key.is_none() != is_item
        && child.key.as_deref() != Some(OPAQUE)
    {
        let reason = match is_item {
            true => "a mapping where a list is expected",
            false => "a list where a mapping is expected",
        };
        return Err(Malformed::at(text, child.lines.start, reason));
    }
    let (at, mut indent, base) = place(text, yaml, parent)?;
    let mut new = Vec::new();
    for key in &path[depth..] {
        new.push(format!("{}{}:", " ".repeat(indent), key_text(key)));
        indent += 2;
    }
    let dash_at_parent = new.is_empty() && parent.is_some_and(lists_at_its_own);
    let indent = if dash_at_parent {
        parent.map_or(0, |node| node.indent)
    } else {
        indent
    };
    new.push(format!("{}{line}", " ".repeat(indent)));
    Ok(lines::insert(&base, at, &new))
}

/// Whether the items of a list stand as far to the left as its name.
fn lists_at_its_own(node: &Node) -> bool {
    node.children
        .first()
        .is_some_and(|child| child.key.is_none() && child.indent == node.indent)
}

/// Where a new child of a node goes, how far it is indented, and the text to put it into, in
/// which an empty collection in flow style has made way.
fn place(
    text: &str,
    yaml: &Yaml,
    parent: Option<&Node>,
) -> Result<(usize, usize, String), Malformed> {
    let Some(parent) = parent else {
        return Ok(match yaml.top.last() {
            Some(last) if last.key.is_some() => (last.lines.end, last.indent, text.to_string()),
            Some(last) => {
                return Err(Malformed::at(
                    text,
                    last.lines.start,
                    "a list where a mapping is expected",
                ));
            }
            None => (text.len(), 0, text.to_string()),
        });
    };
    let value = &text[parent.value.clone()];
    let opaque = parent
        .children
        .iter()
        .any(|child| child.key.as_deref() == Some(OPAQUE));
    if opaque || !matches!(value, "" | "{}" | "[]" | "null" | "~") {
        let reason = "written in a style that cannot be edited; write one setting a line";
        return Err(Malformed::at(text, parent.lines.start, reason));
    }
    match parent.children.last() {
        Some(last) => Ok((last.lines.end, last.indent, text.to_string())),
        None => {
            let trimmed = text[..parent.value.start].trim_end_matches(' ').len();
            let base = match value {
                "" => text.to_string(),
                _ => splice(text, trimmed..parent.value.end, ""),
            };
            let at = parent.lines.end - (text.len() - base.len());
            Ok((at, parent.indent + 2, base))
        }
    }
}

/// Puts a scalar at the beginning or the end of the list at a path, unless it is in it.
pub fn add_item(
    text: &str,
    path: &[&str],
    value: &str,
    style: Style,
    first: bool,
) -> Result<String, Malformed> {
    let yaml = Yaml::parse(text)?;
    if yaml.items(path).iter().any(|item| item == value) {
        return Ok(text.to_string());
    }
    let new = style.write(value);
    let Some(node) = yaml.find(path) else {
        return add(text, &yaml, path, &format!("- {new}"));
    };
    if let Some(words) = flow_list(text, node.value.clone()).filter(|words| !words.is_empty()) {
        let (at, separated) = match first {
            true => (words[0].1.start, format!("{new}, ")),
            false => (words[words.len() - 1].1.end, format!(", {new}")),
        };
        return Ok(splice(text, at..at, &separated));
    }
    if node.children.iter().any(|child| child.key.is_some()) {
        return Err(Malformed::at(
            text,
            node.lines.start,
            "a list is expected here",
        ));
    }
    match node.children.first() {
        Some(item) if first => {
            let line = format!("{}- {new}", " ".repeat(item.indent));
            Ok(lines::insert(text, item.lines.start, &[line]))
        }
        _ => add(text, &yaml, path, &format!("- {new}")),
    }
}

/// Replaces or removes the items of the list at a path, as told for each: `None` keeps it,
/// `Some(None)` removes it, `Some(Some(value))` replaces it.
pub fn edit_items(
    text: &str,
    path: &[&str],
    edit: impl Fn(&str) -> Option<Option<String>>,
) -> Result<String, Malformed> {
    let yaml = Yaml::parse(text)?;
    let Some(node) = yaml.find(path) else {
        return Ok(text.to_string());
    };
    let mut result = text.to_string();
    if let Some(words) = flow_list(text, node.value.clone()) {
        for (at, (word, range)) in words.iter().enumerate().rev() {
            match edit(word) {
                None => {}
                Some(Some(new)) => result.replace_range(range.clone(), &quoted(&new, true)),
                Some(None) if at > 0 => {
                    result.replace_range(words[at - 1].1.end..range.end, "");
                }
                Some(None) => {
                    let end = words.get(1).map_or(range.end, |next| next.1.start);
                    result.replace_range(range.start..end, "");
                }
            }
        }
        return Ok(result);
    }
    for item in node.children.iter().rev().filter(|item| item.key.is_none()) {
        let Some(word) = scalar(&text[item.value.clone()]) else {
            continue;
        };
        match edit(&word) {
            None => {}
            Some(Some(new)) => result.replace_range(item.value.clone(), &quoted(&new, true)),
            Some(None) => result.replace_range(item.lines.clone(), ""),
        }
    }
    let emptied = !node.children.is_empty() && Yaml::parse(&result)?.items(path).is_empty();
    if emptied {
        remove(&result, path)
    } else {
        Ok(result)
    }
}

/// Takes the entry at a path out, and the mappings above that are left empty by it.
pub fn remove(text: &str, path: &[&str]) -> Result<String, Malformed> {
    let yaml = Yaml::parse(text)?;
    let Some(mut node) = yaml.find(path) else {
        return Ok(text.to_string());
    };
    for depth in (1..path.len()).rev() {
        match yaml.find(&path[..depth]) {
            Some(above) if above.children.len() == 1 => node = above,
            _ => break,
        }
    }
    Ok(splice(text, node.lines.clone(), ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const YARN: &str = "# mine\nnodeLinker: node-modules\n\nnpmScopes:\n  corp:\n    npmRegistryServer: \"https://corp.test/npm\" # theirs\n\nunsafeHttpWhitelist: [\"a.test\", b.test]\nplugins:\n  - path: .yarn/a.cjs\n    spec: \"a\"\ninitFields:\n  license: >-\n    long: text\n";

    #[test]
    fn sets_in_place_or_at_the_end_of_the_mapping() {
        let text = set(
            YARN,
            &["npmScopes", "corp", "npmRegistryServer"],
            "https://new.test/",
            Style::Quoted,
        )
        .expect("is fine");
        assert!(text.contains("npmRegistryServer: \"https://new.test/\" # theirs\n"));
        let text = set(
            YARN,
            &["npmScopes", "mine", "npmRegistryServer"],
            "u",
            Style::Plain,
        )
        .expect("is fine");
        assert!(
            text.contains("# theirs\n  mine:\n    npmRegistryServer: u\n\nunsafe"),
            "{text}"
        );
        assert_eq!(
            set("a: {}\n", &["a", "b"], "1", Style::Plain).expect("is fine"),
            "a:\n  b: \"1\"\n"
        );
        assert_eq!(
            set("a:\n", &["a", "b"], "x", Style::Plain).expect("is fine"),
            "a:\n  b: x\n"
        );
        assert_eq!(
            set("a: 1", &["b"], "x", Style::Plain).expect("is fine"),
            "a: 1\nb: x\n"
        );
        assert_eq!(
            set("a:\n", &["a"], "x", Style::Plain).expect("is fine"),
            "a: x\n"
        );
    }

    #[test]
    fn a_list_takes_no_settings() {
        for text in ["a:\n- x\n", "a:\n  - x\n"] {
            assert!(set(text, &["a", "b"], "1", Style::Plain).is_err(), "{text}");
            assert!(
                set(text, &["a", "b", "c"], "1", Style::Plain).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn lists_grow_in_their_own_style() {
        let grown =
            |text: &str, first| add_item(text, &["l"], "x", Style::Plain, first).expect("is fine");
        assert_eq!(grown("l: [a, \"b\"]\n", false), "l: [a, \"b\", x]\n");
        assert_eq!(grown("l: [a]\n", true), "l: [x, a]\n");
        assert_eq!(grown("l:\n- a\nm: 1\n", false), "l:\n- a\n- x\nm: 1\n");
        assert_eq!(grown("l:\n- a\nm: 1\n", true), "l:\n- x\n- a\nm: 1\n");
        assert_eq!(grown("l:\n    - a\n", false), "l:\n    - a\n    - x\n");
        assert_eq!(grown("l: []\n", false), "l:\n  - x\n");
        assert_eq!(grown("m: 1\n", false), "m: 1\nl:\n  - x\n");
        assert!(add_item("l: 1\n", &["l"], "x", Style::Plain, false).is_err());
    }

    #[test]
    fn lists_shrink() {
        let shrunk = |text: &str| {
            edit_items(text, &["l"], |item| (item == "x").then_some(None)).expect("is fine")
        };
        assert_eq!(shrunk("l: [a, x, b]\n"), "l: [a, b]\n");
        assert_eq!(shrunk("l: [x, b]\n"), "l: [b]\n");
        assert_eq!(shrunk("l:\n  - x\n  - a\n"), "l:\n  - a\n");
        assert_eq!(shrunk("l:\n  - x\nm: 1\n"), "m: 1\n");
    }

    #[test]
    fn removing_takes_empty_mappings_along() {
        let text = "a:\n  b:\n    c: 1\nd: 2\n";
        assert_eq!(remove(text, &["a", "b", "c"]).expect("is fine"), "d: 2\n");
        let text = "a:\n  b:\n    c: 1\n  e: 3\n";
        assert_eq!(
            remove(text, &["a", "b", "c"]).expect("is fine"),
            "a:\n  e: 3\n"
        );
    }
}

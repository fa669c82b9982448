//! TOML, edited with `toml_edit`, which keeps comments and order, and held to keeping the rest:
//! line endings, a byte order mark, and every line that the edit does not mean.

use std::ops::Range;

use similar::{Algorithm, DiffTag, capture_diff_slices};
use toml_edit::{Document, DocumentMut, Item, Table, TableLike, Value};

use super::lines::{body_start, line_ending};
use super::secrets as names;
use crate::login::adapter::Malformed;

/// Reads a text.
pub fn parse(text: &str) -> Result<DocumentMut, Malformed> {
    let body = text[body_start(text)..].replace("\r\n", "\n");
    body.parse().map_err(|error| explain(&body, &error))
}

fn explain(text: &str, error: &toml_edit::TomlError) -> Malformed {
    let reason = error.message().trim().replace('\n', ", ");
    match error.span() {
        Some(span) => Malformed::at(text, span.start, reason),
        None => Malformed::new(reason),
    }
}

/// Edits a text. Lines that stay keep their endings; new ones get those of the text.
pub fn edit(
    text: &str,
    change: impl FnOnce(&mut DocumentMut) -> Result<(), Malformed>,
) -> Result<String, Malformed> {
    let start = body_start(text);
    let body = &text[start..];
    let mut plain = body.replace("\r\n", "\n");
    if !plain.is_empty() && !plain.ends_with('\n') {
        // `toml_edit` closes the last line.
        plain.push('\n');
    }
    let mut document = parse(text)?;
    if document.to_string() != plain {
        return Err(Malformed::new(
            "it is written in a way that cannot be edited without changing other lines",
        ));
    }
    change(&mut document)?;
    let new = document.to_string();
    if new == plain {
        return Ok(text.to_string());
    }
    let edited = with_endings(body, &plain, &new, line_ending(text));
    let result = format!("{}{edited}", &text[..start]);
    // What was written must be readable, or the tool would be left without settings.
    parse(&result)?;
    Ok(result)
}

/// The lines of `new` with the endings that they had in `original`.
fn with_endings(original: &str, plain: &str, new: &str, ending: &str) -> String {
    let original: Vec<&str> = original.split_inclusive('\n').collect();
    let plain: Vec<&str> = plain.split_inclusive('\n').collect();
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    let mut result = String::new();
    for op in capture_diff_slices(Algorithm::Myers, &plain, &new) {
        let (tag, old_lines, new_lines) = op.as_tag_tuple();
        if tag == DiffTag::Equal {
            result.extend(original[old_lines].iter().copied());
            if !result.ends_with('\n') && new_lines.end < new.len() {
                result.push_str(ending);
            }
            continue;
        }
        for line in &new[new_lines] {
            match line.strip_suffix('\n') {
                Some(line) => {
                    result.push_str(line);
                    result.push_str(ending);
                }
                None => result.push_str(line),
            }
        }
    }
    result
}

/// The table at a path, made when it is missing; tables on the way get no header of their own.
pub fn table<'a>(
    document: &'a mut DocumentMut,
    path: &[&str],
) -> Result<&'a mut dyn TableLike, Malformed> {
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for (at, key) in path.iter().enumerate() {
        if table.get(key).is_none() {
            let mut new = Table::new();
            new.set_implicit(at + 1 < path.len());
            table.insert(key, Item::Table(new));
        }
        table = table
            .get_mut(key)
            .and_then(Item::as_table_like_mut)
            .ok_or_else(|| Malformed::new(format!("`{}` is no table", path[..=at].join("."))))?;
    }
    Ok(table)
}

/// The table at a path, if it is there.
pub fn find<'a>(document: &'a DocumentMut, path: &[&str]) -> Option<&'a dyn TableLike> {
    let mut table: &dyn TableLike = document.as_table();
    for key in path {
        table = table.get(key)?.as_table_like()?;
    }
    Some(table)
}

/// The text at a path.
pub fn get<'a>(document: &'a DocumentMut, path: &[&str]) -> Option<&'a str> {
    let (last, above) = path.split_last()?;
    find(document, above)?.get(last)?.as_str()
}

/// Sets a value; one that was there keeps the blanks and the comment around it.
pub fn set(table: &mut dyn TableLike, key: &str, value: impl Into<Value>) {
    let mut value: Value = value.into();
    if let Some(Item::Value(old)) = table.get_mut(key) {
        if plain(old) == plain(&value) {
            return;
        }
        *value.decor_mut() = old.decor().clone();
        *old = value;
        return;
    }
    table.insert(key, Item::Value(value));
}

/// A value as it is written, without what is around it.
fn plain(value: &Value) -> String {
    match value.as_str() {
        Some(text) => Value::from(text).to_string(),
        None => value.clone().decorated("", "").to_string(),
    }
}

/// Takes a key out, and the tables above it that are left empty by it.
pub fn remove(document: &mut DocumentMut, path: &[&str]) {
    for depth in (1..=path.len()).rev() {
        let (above, key) = (&path[..depth - 1], path[depth - 1]);
        if find(document, above).is_none() {
            return;
        }
        let Ok(table) = table(document, above) else {
            return;
        };
        let emptied = table
            .get(key)
            .and_then(Item::as_table_like)
            .is_some_and(TableLike::is_empty);
        if depth < path.len() && !emptied {
            return;
        }
        table.remove(key);
    }
}

/// Where secrets stand.
pub fn secrets(text: &str) -> Vec<Range<usize>> {
    let start = body_start(text);
    let mut found = names::in_addresses(text);
    let Ok(document) = Document::parse(&text[start..]) else {
        return names::tidy(text, names::everything(text));
    };
    walk(document.as_table(), "", &mut |name, value| {
        if let (true, Some(span)) = (names::is_secret_name(name), value.span()) {
            found.push(inner(text, start + span.start..start + span.end));
        }
    });
    found.extend(comment_secrets(text));
    names::tidy(text, found)
}

fn walk(table: &dyn TableLike, parent: &str, visit: &mut dyn FnMut(&str, &Value)) {
    for (name, item) in table.iter() {
        // Under a name of its own, a table such as `[pypi-token]` holds secrets by any name.
        let name = match names::is_secret_name(parent) {
            true => parent,
            false => name,
        };
        match item {
            Item::Value(value) => walk_value(value, name, visit),
            Item::Table(table) => walk(table, name, visit),
            Item::ArrayOfTables(tables) => {
                for table in tables {
                    walk(table, name, visit);
                }
            }
            Item::None => {}
        }
    }
}

fn walk_value(value: &Value, name: &str, visit: &mut dyn FnMut(&str, &Value)) {
    match value {
        Value::InlineTable(table) => walk(table, name, visit),
        Value::Array(array) => {
            for value in array {
                walk_value(value, name, visit);
            }
        }
        value => visit(name, value),
    }
}

fn comment_secrets(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for line in super::lines::lines(text) {
        let Some(comment) = line.text.trim_start().strip_prefix('#') else {
            continue;
        };
        if let Some((name, value)) = comment.split_once('=')
            && names::is_secret_name(name)
        {
            found.push(inner(text, line.text_end - value.len()..line.text_end));
        }
    }
    found
}

/// A range without blanks and quotes around it.
fn inner(text: &str, range: Range<usize>) -> Range<usize> {
    let raw = &text[range.clone()];
    let blank_or_quote = |c: char| c.is_whitespace() || c == '"' || c == '\'';
    let start = range.start + raw.len() - raw.trim_start_matches(blank_or_quote).len();
    start..start + raw.trim_matches(blank_or_quote).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set_text(text: &str, path: &[&str], value: &str) -> Result<String, Malformed> {
        edit(text, |document| {
            let (last, above) = path.split_last().expect("a path");
            set(table(document, above)?, last, value);
            Ok(())
        })
    }

    #[test]
    fn line_endings_and_marks_survive() {
        assert_eq!(
            set_text(
                "\u{feff}# a\r\n[a]\r\nb = 1 # b\r\nc = \"x\" # c\r\n",
                &["a", "c"],
                "y"
            )
            .expect("is fine"),
            "\u{feff}# a\r\n[a]\r\nb = 1 # b\r\nc = \"y\" # c\r\n"
        );
        assert_eq!(
            set_text("[a]\r\nb = 1\n", &["a", "c"], "y").expect("is fine"),
            "[a]\r\nb = 1\nc = \"y\"\r\n"
        );
    }

    #[test]
    fn new_tables_have_one_header() {
        assert_eq!(
            set_text("a = 1\n", &["registries", "mine", "index"], "y").expect("is fine"),
            "a = 1\n\n[registries.mine]\nindex = \"y\"\n"
        );
        assert_eq!(
            set_text(
                "registries.other.index = \"x\"\n",
                &["registries", "other", "index"],
                "y"
            )
            .expect("is fine"),
            "registries.other.index = \"y\"\n"
        );
        assert!(set_text("registries = 1\n", &["registries", "mine", "index"], "y").is_err());
    }

    #[test]
    fn the_same_value_changes_nothing() {
        let text = "[a]\nb = 'x' # c";
        assert_eq!(set_text(text, &["a", "b"], "x").expect("is fine"), text);
    }

    #[test]
    fn removing_takes_empty_tables_along() {
        let removed = |text: &str| {
            edit(text, |document| {
                remove(document, &["a", "b", "c"]);
                Ok(())
            })
            .expect("is fine")
        };
        assert_eq!(removed("x = 1\n\n[a.b]\nc = 1\n"), "x = 1\n");
        assert_eq!(removed("[a]\nd = 1\n[a.b]\nc = 1\n"), "[a]\nd = 1\n");
        assert_eq!(removed("[a.b]\nc = 1\nd = 2\n"), "[a.b]\nd = 2\n");
    }

    #[test]
    fn secrets_are_found_by_name() {
        let text = "[registries.a]\ntoken = \"Bearer abc\" # x\n#token = \"def\"\n[pypi-token]\npypi = 'ghi'\n[s]\nurl = \"https://u:jkl@h.test/\"\nsecret-key = { x = \"mno\" }\n";
        let found: Vec<_> = secrets(text).into_iter().map(|r| &text[r]).collect();
        assert_eq!(found, ["Bearer abc", "def", "ghi", "jkl", "mno"]);
    }
}

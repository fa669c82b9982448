//! npm's own kind of ini file, as the npm package `ini` reads it: `key=value` lines, `;` and
//! `#` comments, also behind a value, quoted values, and sections, whose keys npm never sees.

use std::ops::Range;

use super::lines::{self, body_start, splice};
use super::secrets;

/// A setting outside of any section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The setting's name, without quotes.
    pub key: String,
    /// The value, without quotes.
    pub value: String,
    /// Where the value stands, quotes and all, without a comment behind it.
    pub value_range: Range<usize>,
    /// The whole line with its ending.
    pub line: Range<usize>,
}

/// The settings outside of any section, and where the first section starts.
fn parse(text: &str) -> (Vec<Entry>, usize) {
    let mut entries = Vec::new();
    for line in lines::lines(text) {
        let trimmed = line.text.trim();
        if trimmed.is_empty() || trimmed.starts_with([';', '#']) {
            continue;
        }
        if is_section(line.text) {
            return (entries, line.start);
        }
        let Some((key, value)) = line.text.split_once('=') else {
            continue;
        };
        let value_start = line.start + key.len() + 1;
        let shown = without_comment(value);
        let leading = shown.len() - shown.trim_start().len();
        let trimmed_value = shown.trim();
        entries.push(Entry {
            key: unquote(without_comment(key).trim()),
            value: unquote(trimmed_value),
            value_range: value_start + leading..value_start + leading + trimmed_value.len(),
            line: line.start..line.end,
        });
    }
    (entries, text.len())
}

fn is_section(line: &str) -> bool {
    line.strip_prefix('[')
        .and_then(|rest| rest.trim_end().strip_suffix(']'))
        .is_some_and(|name| !name.contains(']'))
}

/// The settings outside of any section, in the order of the file.
pub fn entries(text: &str) -> Vec<Entry> {
    parse(text).0
}

/// The value that counts: the last of a name.
pub fn get(text: &str, key: &str) -> Option<String> {
    let (entries, _) = parse(text);
    entries
        .into_iter()
        .rev()
        .find(|entry| entry.key == key)
        .map(|entry| entry.value)
}

/// Sets a value where it stands, or behind the last setting.
pub fn set(text: &str, key: &str, value: &str) -> String {
    let (entries, top_end) = parse(text);
    match entries.iter().rev().find(|entry| entry.key == key) {
        Some(entry) if entry.value == value => text.to_string(),
        Some(entry) => splice(text, entry.value_range.clone(), value),
        None => lines::insert(
            text,
            insertion_point(text, top_end),
            &[format!("{key}={value}")],
        ),
    }
}

/// Takes all lines of a setting out whose value passes.
pub fn remove(text: &str, key: &str, passes: impl Fn(&str) -> bool) -> String {
    let (entries, _) = parse(text);
    let mut result = text.to_string();
    for entry in entries.iter().rev() {
        if entry.key == key && passes(&entry.value) {
            result.replace_range(entry.line.clone(), "");
        }
    }
    result
}

/// New settings go to the end, or before the blank lines and comments that lead the first
/// section in.
fn insertion_point(text: &str, top_end: usize) -> usize {
    if top_end == text.len() {
        return top_end;
    }
    let mut point = top_end;
    for line in lines::lines(&text[..top_end]).iter().rev() {
        let trimmed = line.text.trim();
        if !(trimmed.is_empty() || trimmed.starts_with([';', '#'])) {
            break;
        }
        point = line.start;
    }
    point.max(body_start(text))
}

/// What comes before an unescaped comment sign; quoted text has no comment.
fn without_comment(text: &str) -> &str {
    let trimmed = text.trim();
    let quoted =
        |quote: char| trimmed.len() > 1 && trimmed.starts_with(quote) && trimmed.ends_with(quote);
    if quoted('"') || quoted('\'') {
        return text;
    }
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            ';' | '#' if !escaped => return &text[..at],
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text
}

fn unquote(text: &str) -> String {
    if text.len() > 1 && text.starts_with('"') && text.ends_with('"') {
        return serde_json::from_str(text).unwrap_or_else(|_| text.to_string());
    }
    if text.len() > 1 && text.starts_with('\'') && text.ends_with('\'') {
        return text[1..text.len() - 1].to_string();
    }
    text.to_string()
}

/// Where secrets stand, in sections and in comments too.
pub fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut found = secrets::in_addresses(text);
    for line in lines::lines(text) {
        if let Some((key, value)) = line.text.split_once('=') {
            let key = key.rsplit(':').next().unwrap_or(key);
            if secrets::is_secret_name(key.trim()) {
                let start = line.start + line.text.len() - value.trim_start().len();
                found.push(start..start + value.trim().len());
            }
        }
    }
    secrets::tidy(text, found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_a_name_counts_and_is_changed() {
        let text = "a=1\n a = 2 ; two\nb=\"x y\"\n[s]\na=3\n";
        assert_eq!(get(text, "a").as_deref(), Some("2"));
        assert_eq!(get(text, "b").as_deref(), Some("x y"));
        assert_eq!(
            set(text, "a", "9"),
            "a=1\n a = 9 ; two\nb=\"x y\"\n[s]\na=3\n"
        );
    }

    #[test]
    fn a_new_setting_stays_out_of_sections() {
        let text = "a=1\r\n\r\n# about s\r\n[s]\r\nb=2\r\n";
        assert_eq!(
            set(text, "c", "3"),
            "a=1\r\nc=3\r\n\r\n# about s\r\n[s]\r\nb=2\r\n"
        );
        assert_eq!(set("\u{feff}[s]\n", "c", "3"), "\u{feff}c=3\n[s]\n");
    }

    #[test]
    fn removing_asks_for_the_value() {
        let text = "a=1\nb=2\na=3\n";
        assert_eq!(remove(text, "a", |value| value == "3"), "a=1\nb=2\n");
    }

    #[test]
    fn secrets_are_found_wherever_they_stand() {
        let text = "//h/:_authToken = abc\n# //i/:_password=def\nproxy=http://u:p@proxy.test/\n";
        let found: Vec<_> = secrets(text).into_iter().map(|r| &text[r]).collect();
        assert_eq!(found, ["abc", "def", "p"]);
    }

    #[test]
    fn an_empty_value_can_be_filled() {
        assert_eq!(set("a=\n", "a", "1"), "a=1\n");
        assert_eq!(set("a =  \n", "a", "1"), "a =  1\n");
    }
}

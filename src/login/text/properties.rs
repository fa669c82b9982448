//! Java's properties files: a name, `=`, `:` or a blank, a value; `#` and `!` comments; a
//! backslash joins lines and escapes characters (Java documentation, `Properties.load`).

use std::ops::Range;

use super::lines::{self, splice};
use super::secrets;

/// A property.
#[derive(Debug)]
struct Entry {
    key: String,
    value: String,
    /// Where the value stands as written.
    range: Range<usize>,
    /// All lines of the property.
    lines: Range<usize>,
}

fn parse(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let all = lines::lines(text);
    let mut at = 0;
    while let Some(line) = all.get(at) {
        at += 1;
        let trimmed = line.text.trim_start();
        if trimmed.is_empty() || trimmed.starts_with(['#', '!']) {
            continue;
        }
        let start = line.start + line.text.len() - trimmed.len();
        let (mut text_end, mut end, mut last) = (line.text_end, line.end, line.text);
        while joins(last) && at < all.len() {
            let next = &all[at];
            (text_end, end, last) = (next.text_end, next.end, next.text);
            at += 1;
        }
        let raw = &text[start..text_end];
        let (key_end, value_start) = key_and_value(raw);
        entries.push(Entry {
            key: unescape(&raw[..key_end]),
            value: unescape(&raw[value_start..]),
            range: start + value_start..text_end,
            lines: line.start..end,
        });
    }
    entries
}

/// Whether a line ends in an odd number of backslashes.
fn joins(line: &str) -> bool {
    let slashes = line.len() - line.trim_end_matches('\\').len();
    slashes % 2 == 1
}

/// Where the name ends and where the value starts.
fn key_and_value(raw: &str) -> (usize, usize) {
    let mut escaped = false;
    let blank = |c: char| matches!(c, ' ' | '\t' | '\u{c}');
    let key_end = raw
        .char_indices()
        .find(|(_, c)| {
            let ends = !escaped && (blank(*c) || "=:".contains(*c));
            escaped = *c == '\\' && !escaped;
            ends
        })
        .map_or(raw.len(), |(at, _)| at);
    let rest = raw[key_end..].trim_start_matches(blank);
    let rest = rest
        .strip_prefix(['=', ':'])
        .map_or(rest, |rest| rest.trim_start_matches(blank));
    (key_end, raw.len() - rest.len())
}

fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut characters = raw.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match characters.next() {
            Some('t') => text.push('\t'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('f') => text.push('\u{c}'),
            Some('u') => {
                let digits: String = (0..4).filter_map(|_| characters.next()).collect();
                let code = u32::from_str_radix(&digits, 16).ok();
                text.extend(code.and_then(char::from_u32));
            }
            Some('\r' | '\n') => while characters.next_if(|c| c.is_whitespace()).is_some() {},
            Some(other) => text.push(other),
            None => {}
        }
    }
    text
}

/// The value that counts: the last of a name.
pub fn get(text: &str, key: &str) -> Option<String> {
    let found = parse(text).into_iter().rev().find(|entry| entry.key == key);
    found.map(|entry| entry.value)
}

/// Sets a property to a value of plain characters, where it stands or at the end.
pub fn set(text: &str, key: &str, value: &str) -> String {
    match parse(text).iter().rev().find(|entry| entry.key == key) {
        Some(entry) if entry.value == value => text.to_string(),
        Some(entry) => {
            let before = &text[entry.lines.start..entry.range.start];
            if before.ends_with([' ', '\t', '\u{c}', '=', ':']) {
                return splice(text, entry.range.clone(), value);
            }
            // Only the name is there, perhaps with a backslash that would take the sign in.
            let indent = before.len() - before.trim_start().len();
            let start = entry.lines.start + indent;
            splice(text, start..entry.range.end, &format!("{key}={value}"))
        }
        None => {
            let mut new = vec![format!("{key}={value}")];
            // A backslash at the end of a property would swallow the new line.
            let last = lines::lines(text).last().map_or("", |line| line.text);
            let is_property = |entry: &Entry| entry.lines.end == text.len();
            if joins(last) && parse(text).last().is_some_and(is_property) {
                new.insert(0, String::new());
            }
            lines::insert(text, text.len(), &new)
        }
    }
}

/// Takes all lines of a property out whose value passes.
pub fn remove(text: &str, key: &str, passes: impl Fn(&str) -> bool) -> String {
    let mut result = text.to_string();
    for entry in parse(text).iter().rev() {
        if entry.key == key && passes(&entry.value) {
            result.replace_range(entry.lines.clone(), "");
        }
    }
    result
}

/// Where secrets stand.
pub fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut found = secrets::in_addresses(text);
    for entry in parse(text) {
        if secrets::is_secret_name(&entry.key) {
            found.push(entry.range);
        }
    }
    for line in lines::lines(text) {
        if let Some(comment) = line.text.trim_start().strip_prefix(['#', '!']) {
            let (key_end, value_start) = key_and_value(comment.trim_start());
            let start = line.text_end - comment.trim_start().len();
            if secrets::is_secret_name(&comment.trim_start()[..key_end]) {
                found.push(start + value_start..line.text_end);
            }
        }
    }
    secrets::tidy(text, found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_java_reads() {
        let text = "# c\na=1\nb : two words \n c\\ d\\=e 3\nf = a\\\n   b\ng\nh=\\u0041\n";
        for (key, value) in [
            ("a", "1"),
            ("b", "two words "),
            ("c d=e", "3"),
            ("f", "ab"),
            ("g", ""),
            ("h", "A"),
        ] {
            assert_eq!(get(text, key).as_deref(), Some(value), "{key}");
        }
    }

    #[test]
    fn sets_in_place_or_at_the_end() {
        assert_eq!(set("a : 1\nb=2", "a", "3"), "a : 3\nb=2");
        assert_eq!(set("a : 1\nb=2", "c", "3"), "a : 1\nb=2\nc=3\n");
        assert_eq!(set("f = a\\\n  b\nc=1\n", "f", "x"), "f = x\nc=1\n");
        assert_eq!(set("g\n", "g", "x"), "g=x\n");
        assert_eq!(set(" g\\", "g", "x"), " g=x");
        for open in ["a=1\\", "a=1\\\r", "a=1\\\n# 2\\", "# 1\\"] {
            let set = set(open, "b", "x");
            assert_eq!(get(&set, "b").as_deref(), Some("x"), "{set:?}");
        }
        assert_eq!(set("a=1\\", "b", "x"), "a=1\\\n\nb=x\n");
    }

    #[test]
    fn removes_all_lines_of_a_property() {
        assert_eq!(
            remove("f = a\\\n  b\nc=1\n", "f", |value| value == "ab"),
            "c=1\n"
        );
    }

    #[test]
    fn secrets_in_comments_count() {
        let text = "repoPassword=abc\n#authToken = def\n";
        let found: Vec<_> = secrets(text).into_iter().map(|r| &text[r]).collect();
        assert_eq!(found, ["abc", "def"]);
    }
}

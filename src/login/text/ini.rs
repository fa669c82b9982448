//! Python's kind of ini file, as `configparser` reads it for pip and twine: sections, `=` or
//! `:`, values that go on in indented lines, comments on lines of their own.
//!
//! What `configparser` refuses is refused here too, since the tool could not read it anyway
//! (Python documentation, "Supported INI File Structure").

use std::collections::HashSet;
use std::ops::Range;

use super::lines::{self, Line, line_ending, splice};
use super::secrets;
use crate::login::adapter::Malformed;

/// A file, read.
#[derive(Debug)]
pub struct Ini<'a> {
    text: &'a str,
    sections: Vec<Section>,
}

#[derive(Debug)]
struct Section {
    name: String,
    indent: usize,
    header: Range<usize>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    key: String,
    indent: usize,
    /// Where the lines of the entry start, and where its last line that is not blank ends.
    lines: Range<usize>,
    /// Where the value stands, without blanks around it.
    value: Range<usize>,
    /// The values of the single lines.
    parts: Vec<Range<usize>>,
}

impl<'a> Ini<'a> {
    /// Reads a text.
    pub fn parse(text: &'a str) -> Result<Ini<'a>, Malformed> {
        let mut ini = Ini {
            text,
            sections: Vec::new(),
        };
        let mut seen = HashSet::new();
        let mut open = false;
        let mut indent = 0;
        for line in lines::lines(text) {
            let trimmed = line.text.trim();
            if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
                continue;
            }
            let own_indent = line.text.chars().take_while(|c| c.is_whitespace()).count();
            let start = line.start + line.text.len() - line.text.trim_start().len();
            let part = start..start + trimmed.len();
            if open && own_indent > indent {
                ini.go_on(&line, part);
                continue;
            }
            indent = own_indent;
            open = ini.begin(&line, part, own_indent, &mut seen)?;
        }
        Ok(ini)
    }

    /// A line that goes on with the value before it.
    fn go_on(&mut self, line: &Line, part: Range<usize>) {
        let last = self.sections.last_mut();
        if let Some(entry) = last.and_then(|section| section.entries.last_mut()) {
            if entry.value.is_empty() {
                entry.value.start = part.start;
            }
            entry.value.end = part.end;
            entry.lines.end = line.end;
            entry.parts.push(part);
        }
    }

    /// A line that begins a section or an entry; tells whether a value may go on after it.
    fn begin(
        &mut self,
        line: &Line,
        part: Range<usize>,
        indent: usize,
        seen: &mut HashSet<(String, String)>,
    ) -> Result<bool, Malformed> {
        let refuse = |reason: String| Err(Malformed::at(self.text, line.start, reason));
        let trimmed = &self.text[part.clone()];
        if let Some(name) = header(trimmed) {
            if !seen.insert((name.to_string(), String::new())) {
                return refuse(format!("section `{name}` appears twice"));
            }
            self.sections.push(Section {
                name: name.to_string(),
                indent,
                header: line.start..line.end,
                entries: Vec::new(),
            });
            return Ok(false);
        }
        let Some(section) = self.sections.last_mut() else {
            return refuse("a setting stands before the first section".to_string());
        };
        let Some(at) = trimmed.find(['=', ':']) else {
            return refuse("neither a section, a setting nor a comment".to_string());
        };
        let key = trimmed[..at].trim().to_lowercase();
        if key.is_empty() {
            return refuse("a setting without a name".to_string());
        }
        if !seen.insert((section.name.clone(), key.clone())) {
            return refuse(format!("`{key}` appears twice"));
        }
        let value = trimmed[at + 1..].trim();
        let value_start = part.end - trimmed[at + 1..].trim_start().len();
        let value = value_start..value_start + value.len();
        section.entries.push(Entry {
            key,
            indent,
            lines: line.start..line.end,
            parts: if value.is_empty() {
                Vec::new()
            } else {
                vec![value.clone()]
            },
            value,
        });
        Ok(true)
    }

    /// The names of the sections.
    pub fn sections(&self) -> impl Iterator<Item = &str> {
        self.sections.iter().map(|section| section.name.as_str())
    }

    /// The settings of a section: name and value, whose lines are joined by line breaks.
    pub fn entries(&self, section: &str) -> impl Iterator<Item = (&str, String)> {
        self.section(section)
            .into_iter()
            .flat_map(|section| &section.entries)
            .map(|entry| (entry.key.as_str(), self.value(entry)))
    }

    /// The value of a setting.
    pub fn get(&self, section: &str, key: &str) -> Option<String> {
        self.entry(section, key).map(|entry| self.value(entry))
    }

    /// The words of a setting that is a list, with their places.
    pub fn words(&self, section: &str, key: &str) -> Vec<(&'a str, Range<usize>)> {
        let Some(entry) = self.entry(section, key) else {
            return Vec::new();
        };
        let mut words = Vec::new();
        for part in &entry.parts {
            let mut at = part.start;
            while at < part.end {
                let rest = &self.text[at..part.end];
                let start = at + rest.len() - rest.trim_start().len();
                let length = self.text[start..part.end]
                    .find(char::is_whitespace)
                    .unwrap_or(part.end - start);
                if length > 0 {
                    words.push((&self.text[start..start + length], start..start + length));
                }
                at = start + length.max(1);
            }
        }
        words
    }

    fn value(&self, entry: &Entry) -> String {
        let parts: Vec<&str> = entry
            .parts
            .iter()
            .map(|part| &self.text[part.clone()])
            .collect();
        parts.join("\n")
    }

    fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }

    fn entry(&self, section: &str, key: &str) -> Option<&Entry> {
        self.section(section)?
            .entries
            .iter()
            .find(|entry| entry.key == key)
    }

    /// All settings, to compare two texts by what they mean.
    fn meaning(&self) -> Vec<(&str, &str, String)> {
        let mut meaning = Vec::new();
        for section in &self.sections {
            for entry in &section.entries {
                meaning.push((section.name.as_str(), entry.key.as_str(), self.value(entry)));
            }
        }
        meaning
    }
}

/// `[name]`, whatever follows the last bracket.
fn header(line: &str) -> Option<&str> {
    let rest = line.strip_prefix('[')?;
    let name = &rest[..rest.rfind(']')?];
    (!name.is_empty()).then_some(name)
}

/// Sets a value of one line.
pub fn set(text: &str, section: &str, key: &str, value: &str) -> Result<String, Malformed> {
    let ini = Ini::parse(text)?;
    let new = match (ini.entry(section, key), ini.section(section)) {
        (Some(entry), _) if ini.value(entry) == value => return Ok(text.to_string()),
        (Some(entry), _) => {
            let after_sign =
                entry.value.is_empty() && text[..entry.value.start].ends_with(['=', ':']);
            let space = if after_sign { " " } else { "" };
            splice(text, entry.value.clone(), &format!("{space}{value}"))
        }
        (None, Some(found)) => {
            let (at, indent) = match found.entries.last() {
                Some(last) => (last.lines.end, last.indent),
                None => (found.header.end, found.indent),
            };
            let line = format!("{}{key} = {value}", " ".repeat(indent));
            lines::insert(text, at, &[line])
        }
        (None, None) => {
            let mut new = vec![format!("[{section}]"), format!("{key} = {value}")];
            if !text
                .trim_start_matches(lines::BYTE_ORDER_MARK)
                .trim()
                .is_empty()
                && !ends_blank(text)
            {
                new.insert(0, String::new());
            }
            lines::insert(text, text.len(), &new)
        }
    };
    let mut meaning = ini.meaning();
    meaning.retain(|(name, own, _)| (*name, *own) != (section, key));
    checked(text, new, &meaning, (section, key))
}

/// Puts a word at the end of a setting that is a list, on a line of its own.
pub fn append_word(text: &str, section: &str, key: &str, word: &str) -> Result<String, Malformed> {
    let ini = Ini::parse(text)?;
    let Some(entry) = ini.entry(section, key) else {
        return set(text, section, key, word);
    };
    let indent = match entry.parts.last() {
        None => return set(text, section, key, word),
        // As the last line is indented, unless that is the line of the name.
        Some(last) if last.start > first_line_end(text, entry) => {
            let line_start = text[..last.start]
                .rfind(['\n', '\r'])
                .map_or(0, |at| at + 1);
            text[line_start..last.start].to_string()
        }
        Some(_) => " ".repeat(entry.indent + 4),
    };
    let new = lines::insert(text, entry.lines.end, &[format!("{indent}{word}")]);
    let mut meaning = ini.meaning();
    meaning.retain(|(name, own, _)| (*name, *own) != (section, key));
    checked(text, new, &meaning, (section, key))
}

fn first_line_end(text: &str, entry: &Entry) -> usize {
    text[entry.lines.start..]
        .find(['\n', '\r'])
        .map_or(text.len(), |at| entry.lines.start + at)
}

/// Takes a setting out, and its section when nothing is left in it.
pub fn remove(text: &str, section: &str, key: &str) -> Result<String, Malformed> {
    let ini = Ini::parse(text)?;
    let (Some(entry), Some(found)) = (ini.entry(section, key), ini.section(section)) else {
        return Ok(text.to_string());
    };
    let without = splice(text, entry.lines.clone(), "");
    if found.entries.len() > 1 {
        return Ok(without);
    }
    let between = &without[found.header.end..];
    let rest = between.trim_start();
    if !rest.is_empty() && !rest.starts_with('[') {
        return Ok(without);
    }
    let blank = between.len() - rest.len();
    Ok(splice(
        &without,
        found.header.start..found.header.end + blank,
        "",
    ))
}

/// Takes a section out with all that is in it.
pub fn remove_section(text: &str, section: &str) -> Result<String, Malformed> {
    let ini = Ini::parse(text)?;
    let Some(at) = ini.sections.iter().position(|found| found.name == section) else {
        return Ok(text.to_string());
    };
    let start = ini.sections[at].header.start;
    let end = match ini.sections.get(at + 1) {
        // The comments before the next section are its own.
        Some(next) => leading_comments(text, next.header.start),
        None => text.len(),
    };
    Ok(splice(text, start..end.max(start), ""))
}

/// Where the comment lines directly above a byte start.
fn leading_comments(text: &str, at: usize) -> usize {
    let mut start = at;
    for line in lines::lines(&text[..at]).iter().rev() {
        if !line.text.trim_start().starts_with(['#', ';']) {
            break;
        }
        start = line.start;
    }
    start
}

/// Takes a word out of a list, with its line when it stood there alone.
pub fn remove_word(text: &str, range: Range<usize>) -> String {
    let line_start = text[..range.start]
        .rfind(['\n', '\r'])
        .map_or(0, |at| at + 1);
    let line_end = text[range.end..]
        .find(['\n', '\r'])
        .map_or(text.len(), |at| range.end + at);
    let (before, after) = (&text[line_start..range.start], &text[range.end..line_end]);
    if before.trim().is_empty() && after.trim().is_empty() {
        let end = if text[line_end..].starts_with("\r\n") {
            line_end + 2
        } else {
            (line_end + 1).min(text.len())
        };
        return splice(text, line_start..end, "");
    }
    let space = after.len() - after.trim_start().len();
    if space > 0 && space < after.len() {
        return splice(text, range.start..range.end + space, "");
    }
    let space = before.len() - before.trim_end().len();
    splice(text, range.start - space..range.end, "")
}

fn ends_blank(text: &str) -> bool {
    let ending = line_ending(text);
    text.ends_with(&format!("{ending}{ending}"))
}

/// The new text, if everything but one setting still means what it meant: an indented line
/// after a new one could have become a part of it.
fn checked(
    old: &str,
    new: String,
    meaning: &[(&str, &str, String)],
    changed: (&str, &str),
) -> Result<String, Malformed> {
    let unsafe_edit = || {
        Malformed::at(
            old,
            old.len(),
            "its indentation leaves no place for a new setting",
        )
    };
    let ini = Ini::parse(&new).map_err(|_| unsafe_edit())?;
    let mut now = ini.meaning();
    now.retain(|(section, key, _)| (*section, *key) != changed);
    let unharmed = now == meaning && ini.entry(changed.0, changed.1).is_some();
    match unharmed {
        true => Ok(new),
        false => Err(unsafe_edit()),
    }
}

/// Where secrets stand.
pub fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut found = secrets::in_addresses(text);
    match Ini::parse(text) {
        Ok(ini) => {
            for entry in ini.sections.iter().flat_map(|section| &section.entries) {
                if secrets::is_secret_name(&entry.key) {
                    found.extend(entry.parts.iter().cloned());
                }
            }
        }
        Err(_) => found.extend(loose_secrets(text)),
    }
    found.extend(comment_secrets(text));
    secrets::tidy(text, found)
}

fn comment_secrets(text: &str) -> Vec<Range<usize>> {
    let comments = |line: &Line| line.text.trim_start().starts_with(['#', ';']);
    lines::lines(text)
        .iter()
        .filter(|line| comments(line))
        .filter_map(secret_of_line)
        .collect()
}

fn loose_secrets(text: &str) -> Vec<Range<usize>> {
    lines::lines(text)
        .iter()
        .filter_map(secret_of_line)
        .collect()
}

fn secret_of_line(line: &Line) -> Option<Range<usize>> {
    let at = line.text.find(['=', ':'])?;
    let name = line.text[..at].trim_start_matches(|c: char| c.is_whitespace() || "#;".contains(c));
    let value = &line.text[at + 1..];
    let start = line.start + at + 1 + value.len() - value.trim_start().len();
    secrets::is_secret_name(name).then(|| start..start + value.trim().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIP: &str = "# mine\n[global]\ntimeout: 60\nextra-index-url =\n    https://a.test/simple\n    # b\n    https://b.test/simple\n\n[install]\nuser = yes\n";

    #[test]
    fn reads_as_configparser_does() {
        let ini = Ini::parse(PIP).expect("is fine");
        assert_eq!(ini.sections().collect::<Vec<_>>(), ["global", "install"]);
        assert_eq!(ini.get("global", "timeout").as_deref(), Some("60"));
        assert_eq!(
            ini.get("global", "extra-index-url").as_deref(),
            Some("https://a.test/simple\nhttps://b.test/simple")
        );
        let words = ini.words("global", "extra-index-url");
        assert_eq!(words.len(), 2);
        assert_eq!(words[1].0, "https://b.test/simple");
    }

    #[test]
    fn refuses_what_configparser_refuses() {
        for (text, line) in [
            ("a = 1\n", 1),
            ("[s]\nnothing\n", 2),
            ("[s]\na=1\nA=2\n", 3),
            ("[s]\n[t]\n[s]\n", 3),
            ("[s]\n= 1\n", 2),
        ] {
            let malformed = Ini::parse(text).expect_err(text);
            assert_eq!(malformed.line, Some(line), "{text}");
        }
    }

    #[test]
    fn sets_in_place_or_at_the_end_of_the_section() {
        assert_eq!(
            set(
                "[global]\nindex-url:x\n  y\n\n[b]\n",
                "global",
                "index-url",
                "z"
            )
            .expect("is fine"),
            "[global]\nindex-url:z\n\n[b]\n"
        );
        assert_eq!(
            set("[a]\n  k = 1\n  l = 2\n", "a", "m", "3").expect("is fine"),
            "[a]\n  k = 1\n  l = 2\n  m = 3\n"
        );
        assert_eq!(
            set("[a]\r\nk = 1", "b", "m", "3").expect("is fine"),
            "[a]\r\nk = 1\r\n\r\n[b]\r\nm = 3\r\n"
        );
        assert_eq!(set("", "b", "m", "3").expect("is fine"), "[b]\nm = 3\n");
        assert_eq!(
            set("[a]\nk =\n", "a", "k", "3").expect("is fine"),
            "[a]\nk = 3\n"
        );
    }

    #[test]
    fn an_indented_section_is_not_swallowed() {
        assert!(set("[a]\n  [b]\n  k = 1\n", "a", "m", "3").is_err());
    }

    #[test]
    fn a_list_grows_by_a_line() {
        let text =
            append_word(PIP, "global", "extra-index-url", "https://c.test/").expect("is fine");
        assert!(text.contains("    https://b.test/simple\n    https://c.test/\n\n[install]"));
        assert_eq!(
            append_word("[a]\nk = x y\n", "a", "k", "z").expect("is fine"),
            "[a]\nk = x y\n    z\n"
        );
    }

    #[test]
    fn a_list_shrinks_by_a_word() {
        let shrink = |text: &str, at: usize| {
            let ini = Ini::parse(text).expect("is fine");
            remove_word(text, ini.words("a", "k")[at].1.clone())
        };
        assert_eq!(shrink("[a]\nk = x y z\n", 1), "[a]\nk = x z\n");
        assert_eq!(shrink("[a]\nk = x y\n", 1), "[a]\nk = x\n");
        assert_eq!(shrink("[a]\nk =\n  x\n  y\n", 0), "[a]\nk =\n  y\n");
    }

    #[test]
    fn removing_takes_an_empty_section_along() {
        assert_eq!(
            remove("[a]\nk = 1\n\n[b]\nl = 2\n", "a", "k").expect("is fine"),
            "[b]\nl = 2\n"
        );
        assert_eq!(
            remove("[a]\nk = 1\nl = 2\n", "a", "k").expect("is fine"),
            "[a]\nl = 2\n"
        );
        assert_eq!(
            remove_section("[a]\nk = 1\n\n# b\n[b]\nl = 2\n", "a").expect("is fine"),
            "# b\n[b]\nl = 2\n"
        );
    }

    #[test]
    fn finds_secrets_in_any_place() {
        let text =
            "[a]\npassword = one\n  two\n# token = three\nindex-url = https://u:four@h.test/\n";
        let found: Vec<_> = secrets(text).into_iter().map(|r| &text[r]).collect();
        assert_eq!(found, ["one", "two", "three", "four"]);
        assert_eq!(secrets("password: x"), vec![10..11]);
    }
}

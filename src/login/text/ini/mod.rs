//! Python's kind of ini file, as `configparser` reads it for pip and twine: sections, `=` or
//! `:`, values that go on in indented lines, comments on lines of their own.
//!
//! What `configparser` refuses is refused here too, since the tool could not read it anyway
//! (Python documentation, "Supported INI File Structure").

mod edit;
mod secrets;

use std::collections::HashSet;
use std::ops::Range;

use super::lines::{self, Line};
use crate::login::adapter::Malformed;

pub use edit::{append_word, remove, remove_section, remove_word, set};
pub use secrets::secrets;

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
}

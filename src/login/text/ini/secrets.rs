//! Where secrets stand in a file, also in one that cannot be read.

use std::ops::Range;

use super::super::lines::{self, Line};
use super::super::secrets as names;
use super::Ini;

/// Where secrets stand.
pub fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut found = names::in_addresses(text);
    match Ini::parse(text) {
        Ok(ini) => {
            for entry in ini.sections.iter().flat_map(|section| &section.entries) {
                if names::is_secret_name(&entry.key) {
                    found.extend(entry.parts.iter().cloned());
                }
            }
        }
        Err(_) => found.extend(loose_secrets(text)),
    }
    found.extend(comment_secrets(text));
    names::tidy(text, found)
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
    names::is_secret_name(name).then(|| start..start + value.trim().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_secrets_in_any_place() {
        let text =
            "[a]\npassword = one\n  two\n# token = three\nindex-url = https://u:four@h.test/\n";
        let found: Vec<_> = secrets(text).into_iter().map(|r| &text[r]).collect();
        assert_eq!(found, ["one", "two", "three", "four"]);
        assert_eq!(secrets("password: x"), vec![10..11]);
    }
}

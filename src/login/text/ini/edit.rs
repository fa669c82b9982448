//! Changes to a file, each a splice of the text.

use std::ops::Range;

use super::super::lines::{self, line_ending, splice};
use super::{Entry, Ini};
use crate::login::adapter::Malformed;

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

#[cfg(test)]
mod tests {
    use super::*;

    const PIP: &str = "# mine\n[global]\ntimeout: 60\nextra-index-url =\n    https://a.test/simple\n    # b\n    https://b.test/simple\n\n[install]\nuser = yes\n";

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
}

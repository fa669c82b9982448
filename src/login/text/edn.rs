//! EDN, and as much of Clojure's syntax as its settings are written in (edn-format.org; the
//! Clojure reference, "The Reader"). Only maps are looked into; all other forms are stepped over.

use std::ops::Range;

use super::lines::{body_start, line_ending, splice};
use crate::login::adapter::Malformed;

/// Deeper than any settings, and shallow enough for the stack.
const DEEPEST: usize = 100;

/// A form with its place.
#[derive(Debug)]
struct Form {
    range: Range<usize>,
    /// The members of a map.
    members: Option<Members>,
}

/// Keys with their values.
type Members = Vec<(Range<usize>, Form)>;

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn refuse<T>(&self, reason: &str) -> Result<T, Malformed> {
        Err(Malformed::at(self.text, self.at, reason))
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Steps over blanks, which commas are, over comments and over forms that are struck out.
    fn skip_blanks(&mut self, depth: usize) -> Result<(), Malformed> {
        loop {
            let rest = self.rest();
            let blank = |c: char| c.is_whitespace() || c == ',';
            let trimmed = rest.trim_start_matches(blank);
            self.at += rest.len() - trimmed.len();
            if trimmed.starts_with(';') || trimmed.starts_with("#!") {
                self.at += trimmed.find(['\n', '\r']).unwrap_or(trimmed.len());
            } else if trimmed.starts_with("#_") {
                self.at += "#_".len();
                self.form(depth + 1)?;
            } else {
                return Ok(());
            }
        }
    }

    /// Reads a form.
    fn form(&mut self, depth: usize) -> Result<Form, Malformed> {
        if depth > DEEPEST {
            return self.refuse("it is nested too deeply");
        }
        self.skip_blanks(depth)?;
        let start = self.at;
        let members = self.value(depth)?;
        Ok(Form {
            range: start..self.at,
            members,
        })
    }

    /// Steps over what begins here; the members when it is a map.
    fn value(&mut self, depth: usize) -> Result<Option<Members>, Malformed> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return self.refuse("it ends too early");
        };
        match first {
            '{' => return self.map(depth).map(Some),
            '(' => self.sequence(')', depth)?,
            '[' => self.sequence(']', depth)?,
            '"' => self.string()?,
            '\\' => self.character(),
            ')' | ']' | '}' => return self.refuse(&format!("`{first}` closes nothing")),
            '\'' | '`' | '~' | '@' => {
                self.at += if rest.starts_with("~@") { 2 } else { 1 };
                self.form(depth + 1)?;
            }
            '^' => self.two_forms(1, depth)?,
            '#' => self.dispatched(depth)?,
            _ => self.token(),
        }
        Ok(None)
    }

    /// What begins with a `#`.
    fn dispatched(&mut self, depth: usize) -> Result<(), Malformed> {
        let second = self.rest().chars().nth(1);
        match second {
            Some('"') => {
                self.at += 1;
                self.string()
            }
            Some('{') => {
                self.at += 1;
                self.sequence('}', depth)
            }
            Some('(') => {
                self.at += 1;
                self.sequence(')', depth)
            }
            Some('^') => self.two_forms(2, depth),
            Some('\'' | '=') => {
                self.at += 2;
                self.form(depth + 1).map(drop)
            }
            Some('?') => {
                self.at += if self.rest().starts_with("#?@") { 3 } else { 2 };
                self.form(depth + 1).map(drop)
            }
            Some('#') => {
                self.at += 2;
                self.token();
                Ok(())
            }
            // A tag and what it is about.
            Some(c) if c.is_alphabetic() || c == ':' => self.two_forms(1, depth),
            _ => self.refuse("`#` means nothing here"),
        }
    }

    fn two_forms(&mut self, sign: usize, depth: usize) -> Result<(), Malformed> {
        self.at += sign;
        self.form(depth + 1)?;
        self.form(depth + 1).map(drop)
    }

    fn map(&mut self, depth: usize) -> Result<Members, Malformed> {
        self.at += 1;
        let mut members = Vec::new();
        loop {
            self.skip_blanks(depth)?;
            if self.rest().starts_with('}') {
                self.at += 1;
                return Ok(members);
            }
            let key = self.form(depth + 1)?.range;
            self.skip_blanks(depth)?;
            if self.rest().starts_with('}') {
                return self.refuse("a key has no value");
            }
            members.push((key, self.form(depth + 1)?));
        }
    }

    fn sequence(&mut self, end: char, depth: usize) -> Result<(), Malformed> {
        self.at += 1;
        loop {
            self.skip_blanks(depth)?;
            if self.rest().starts_with(end) {
                self.at += 1;
                return Ok(());
            }
            self.form(depth + 1)?;
        }
    }

    /// A string; in a pattern a backslash goes before a quotation mark as well.
    fn string(&mut self) -> Result<(), Malformed> {
        let mut escaped = false;
        for (at, c) in self.rest().char_indices().skip(1) {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => {
                    self.at += at + 1;
                    return Ok(());
                }
                _ => {}
            }
        }
        self.refuse("a string does not end")
    }

    /// A character: a backslash, anything, and what belongs to its name.
    fn character(&mut self) {
        let mut characters = self.rest().chars().skip(1);
        self.at += 1 + characters.next().map_or(0, char::len_utf8);
        self.token();
    }

    fn token(&mut self) {
        let ends = |c: char| c.is_whitespace() || ",;\"()[]{}^@`~\\".contains(c);
        self.at += self.rest().find(ends).unwrap_or(self.rest().len());
    }
}

/// Reads a text whose first form is a map. A text without any form stands for an empty one.
fn parse(text: &str) -> Result<Option<Form>, Malformed> {
    let mut reader = Reader {
        text,
        at: body_start(text),
    };
    reader.skip_blanks(0)?;
    if reader.at == text.len() {
        return Ok(None);
    }
    let form = reader.form(0)?;
    reader.skip_blanks(0)?;
    match (&form.members, reader.at == text.len()) {
        (None, _) => Err(Malformed::at(text, form.range.start, "a map is expected")),
        (_, false) => reader.refuse("something follows the end"),
        _ => Ok(Some(form)),
    }
}

fn member<'a>(text: &str, form: &'a Form, key: &str) -> Option<&'a (Range<usize>, Form)> {
    let mut members = form.members.iter().flatten();
    members.find(|(name, _)| &text[name.clone()] == key)
}

fn find<'a>(text: &str, form: &'a Form, path: &[&str]) -> Option<&'a Form> {
    path.iter()
        .try_fold(form, |form, key| Some(&member(text, form, key)?.1))
}

/// The keys of the map at a path, as they are written.
///
/// # Errors
/// When the text is no map.
pub fn keys<'a>(text: &'a str, path: &[&str]) -> Result<Vec<&'a str>, Malformed> {
    let form = parse(text)?;
    let members = form
        .as_ref()
        .and_then(|form| find(text, form, path)?.members.as_ref());
    Ok(members
        .into_iter()
        .flatten()
        .map(|(key, _)| &text[key.clone()])
        .collect())
}

/// What is written at a path.
///
/// # Errors
/// When the text is no map.
pub fn get<'a>(text: &'a str, path: &[&str]) -> Result<Option<&'a str>, Malformed> {
    let form = parse(text)?;
    Ok(form
        .and_then(|form| find(text, &form, path).map(|found| found.range.clone()))
        .map(|range| &text[range]))
}

/// Writes a value at a path, as the first member of its map when it is new.
///
/// # Errors
/// When the text is no map, or something else is where a map has to be.
pub fn set(text: &str, path: &[&str], value: &str) -> Result<String, Malformed> {
    let Some(mut form) = parse(text)? else {
        let value = nested(path, value);
        let at = text.len();
        let ending = line_ending(text);
        let before = if text[body_start(text)..].is_empty() || text.ends_with('\n') {
            ""
        } else {
            ending
        };
        return Ok(splice(text, at..at, &format!("{before}{value}{ending}")));
    };
    for (depth, key) in path.iter().enumerate() {
        let Some(members) = &form.members else {
            return Err(Malformed::at(text, form.range.start, "a map is expected"));
        };
        let Some(at) = members
            .iter()
            .position(|(name, _)| &text[name.clone()] == *key)
        else {
            let member = format!("{key} {}", nested(&path[depth + 1..], value));
            return Ok(first(text, &form, &member));
        };
        form = form
            .members
            .take()
            .and_then(|members| members.into_iter().nth(at))
            .map_or(form, |(_, inner)| inner);
    }
    Ok(splice(text, form.range, value))
}

/// A value with the maps around it.
fn nested(path: &[&str], value: &str) -> String {
    path.iter()
        .rev()
        .fold(value.to_string(), |value, key| format!("{{{key} {value}}}"))
}

/// The text with a member before the others of a map, each on a line.
fn first(text: &str, form: &Form, member: &str) -> String {
    let known = form.members.as_ref().and_then(|members| members.first());
    let Some((key, _)) = known else {
        let at = form.range.start + 1;
        return splice(text, at..at, member);
    };
    let line = text[..key.start]
        .rfind('\n')
        .map_or(body_start(text), |at| at + 1);
    let indent: String = text[line..key.start]
        .chars()
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    let ending = line_ending(text);
    splice(
        text,
        key.start..key.start,
        &format!("{member}{ending}{indent}"),
    )
}

/// Takes the member at a path out.
///
/// # Errors
/// When the text is no map.
pub fn remove(text: &str, path: &[&str]) -> Result<String, Malformed> {
    let (Some(form), Some((last, above))) = (parse(text)?, path.split_last()) else {
        return Ok(text.to_string());
    };
    let members = find(text, &form, above).and_then(|form| form.members.as_ref());
    let members = members.map_or(&[][..], Vec::as_slice);
    let Some(at) = members
        .iter()
        .position(|(name, _)| &text[name.clone()] == *last)
    else {
        return Ok(text.to_string());
    };
    let (start, end) = (members[at].0.start, members[at].1.range.end);
    let is_blank = |range: &Range<usize>| {
        text[range.clone()]
            .chars()
            .all(|c| c.is_whitespace() || c == ',')
    };
    let after = members.get(at + 1).map(|(next, _)| end..next.start);
    let before = at.checked_sub(1).map(|at| members[at].1.range.end..start);
    Ok(match (after, before) {
        (Some(after), _) if is_blank(&after) => splice(text, start..after.end, ""),
        (_, Some(before)) if is_blank(&before) => splice(text, before.start..end, ""),
        _ => splice(text, start..end, ""),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_comes_first_and_goes_again() {
        for (before, after) in [
            ("{:a 1}", "{:k v\n :a 1}"),
            ("{}", "{:k v}"),
            ("{ ; note\n}\n", "{:k v ; note\n}\n"),
            (
                "; mine\r\n{\r\n  :a {:b [1 2]} ; note\r\n  :c \\}}\r\n",
                "; mine\r\n{\r\n  :k v\r\n  :a {:b [1 2]} ; note\r\n  :c \\}}\r\n",
            ),
        ] {
            let set = set(before, &[":k"], "v").expect("is fine");
            assert_eq!(set, after);
            assert_eq!(remove(&set, &[":k"]).expect("is fine"), before);
        }
        assert_eq!(
            set("", &[":k", ":l"], "v").expect("is fine"),
            "{:k {:l v}}\n"
        );
        assert_eq!(set("; c", &[":k"], "v").expect("is fine"), "; c\n{:k v}\n");
    }

    #[test]
    fn a_value_is_replaced_where_it_is() {
        let text = "{:auth {:repository-auth {#\"\\Qa\\E\\\"\" {:password \"}\"}}}, :user {}}";
        let path = [":auth", ":repository-auth", "#\"\\Qa\\E\\\"\""];
        assert_eq!(
            get(text, &path).expect("is fine"),
            Some("{:password \"}\"}")
        );
        assert_eq!(
            set(text, &path, "1").expect("is fine"),
            text.replace("{:password \"}\"}", "1")
        );
        assert_eq!(keys(text, &[]).expect("is fine"), [":auth", ":user"]);
        assert!(set(text, &[":user", ":a", ":b"], "1").is_ok());
        assert!(set("{:user 1}", &[":user", ":a"], "1").is_err());
    }

    #[test]
    fn what_clojure_reads_is_stepped_over() {
        let text = "{:a #_{:b 2} 1 :c ^:replace [[\"x\" #=(eval 1)]] 'd #inst \"2026\"\n\
            :e #{1 2} :f #(inc %) :g @h :i \\newline :j #'k :l ##Inf :m {:n :o} #?(:clj :p) q}";
        let found = keys(text, &[]).expect("is fine");
        assert_eq!(
            found,
            [
                ":a",
                ":c",
                "'d",
                ":e",
                ":f",
                ":g",
                ":i",
                ":j",
                ":l",
                ":m",
                "#?(:clj :p)"
            ]
        );
    }

    #[test]
    fn what_is_no_map_is_refused() {
        for text in [
            "[1]",
            "{:a}",
            "{:a 1",
            "{:a 1}}",
            "{:a \"}",
            "{:a 1} {:b 2}",
            "{#<x> 1}",
        ] {
            assert!(set(text, &[":k"], "v").is_err(), "{text}");
        }
        let deep = "{:a ".repeat(200);
        assert!(keys(&deep, &[]).is_err());
        let deep = "#_".repeat(100_000);
        assert!(keys(&deep, &[]).is_err());
    }
}

//! AWS CLI's shorthand syntax, `key=value,list=a,b,nested={key=value}`, read into JSON.
//!
//! Only the syntax: which type a value should have is [`super::param`]'s to say, so numbers
//! and switches come out as text here. Every corner follows AWS CLI v2's parser, since the
//! scripts that are out there rely on them. Pure: the content of files that a value names
//! (`key@=file://…`) is fetched by a function that is handed in.

use serde_json::{Map, Value};

/// How deep lists and objects may be nested. No member of the API nests deeper than two.
const DEEPEST: usize = 64;

/// Fetches the content that a value such as `file://name` stands for; `None` if the value
/// stands for itself.
pub type Resolve<'a> = &'a dyn Fn(&str) -> Result<Option<String>, String>;

/// Reads one value in shorthand syntax. The failure says what was expected, and where.
pub fn parse(text: &str, resolve: Resolve<'_>) -> Result<Value, String> {
    let mut parser = Parser {
        text: text.chars().collect(),
        at: 0,
        depth: 0,
        from_files: false,
        resolve,
    };
    parser.parameter().map_err(|failure| match failure {
        Failure::Syntax(message) | Failure::File(message) => message,
    })
}

/// Why a value cannot be read.
enum Failure {
    /// The syntax is wrong; inside a comma-separated list this only ends the list.
    Syntax(String),
    /// A file that is named cannot be read.
    File(String),
}

type Parsed<T> = Result<T, Failure>;

struct Parser<'a> {
    text: Vec<char>,
    at: usize,
    depth: usize,
    /// Whether the key ended in `@=`, so that its values may name files.
    from_files: bool,
    resolve: Resolve<'a>,
}

impl Parser<'_> {
    /// `key=value,key=value…`, the whole text.
    fn parameter(&mut self) -> Parsed<Value> {
        let mut members = Map::new();
        let (key, value) = self.key_value()?;
        members.insert(key, value);
        let mut end_of_last = self.at;
        while self.at < self.text.len() {
            self.expect_between_spaces(',')?;
            let (key, value) = self.key_value()?;
            if members.contains_key(&key) {
                return Err(self.second_instance(&key, end_of_last + 1));
            }
            members.insert(key, value);
            end_of_last = self.at;
        }
        Ok(Value::Object(members))
    }

    fn key_value(&mut self) -> Parsed<(String, Value)> {
        let key = self.key_and_equals()?;
        let value = match self.current() {
            None => Value::from(""),
            Some('[') => self.list()?,
            Some('{') => self.object()?,
            Some(_) => self.comma_separated()?,
        };
        Ok((key, value))
    }

    /// A key and its `=` or `@=`.
    fn key_and_equals(&mut self) -> Parsed<String> {
        let start = self.at;
        while self
            .current()
            .is_some_and(|c| c.is_ascii_alphanumeric() || "-_.#/:".contains(c))
        {
            self.at += 1;
        }
        let key = self.text[start..self.at].iter().collect();
        self.skip_spaces();
        self.from_files = self.current() == Some('@');
        if self.from_files {
            self.at += 1;
        }
        self.expect_between_spaces('=')?;
        Ok(key)
    }

    /// One value, or several with commas between them. A comma may as well end the value and
    /// begin the next key, which only what follows can tell.
    fn comma_separated(&mut self) -> Parsed<Value> {
        let first = self.value()?;
        self.skip_spaces();
        if self.current() != Some(',') {
            return Ok(first);
        }
        self.expect_between_spaces(',')?;
        let mut values = vec![first];
        loop {
            match self.further_value() {
                Ok((value, is_last)) => {
                    values.push(value);
                    if is_last {
                        break;
                    }
                }
                Err(Failure::Syntax(message)) => {
                    if self.at >= self.text.len() {
                        return Err(Failure::Syntax(message));
                    }
                    self.back_to_comma();
                    break;
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(match values.len() {
            1 => values.remove(0),
            _ => Value::Array(values),
        })
    }

    /// A value after the first comma, and whether the text ends behind it.
    fn further_value(&mut self) -> Parsed<(Value, bool)> {
        let value = match self.current() {
            Some('\'') => self.quoted('\'')?,
            Some('"') => self.quoted('"')?,
            _ => {
                let word = self
                    .word(follows_further)
                    .ok_or_else(|| self.unexpected("<second>", "<none>"))?;
                self.resolved(word)?
            }
        };
        self.skip_spaces();
        if self.at >= self.text.len() {
            return Ok((value, true));
        }
        self.expect_between_spaces(',')?;
        Ok((value, false))
    }

    /// `[value,value…]`
    fn list(&mut self) -> Parsed<Value> {
        self.deeper()?;
        self.expect_between_spaces('[')?;
        let mut values = Vec::new();
        while self.current() != Some(']') {
            values.push(self.nested_value()?);
            self.separator(']')?;
        }
        self.expect(']')?;
        self.depth -= 1;
        Ok(Value::Array(values))
    }

    /// `{key=value,key=value…}`
    fn object(&mut self) -> Parsed<Value> {
        self.deeper()?;
        self.expect_between_spaces('{')?;
        let mut members = Map::new();
        while self.current() != Some('}') {
            let key = self.key_and_equals()?;
            let value = self.nested_value()?;
            self.separator('}')?;
            members.insert(key, value);
        }
        self.expect('}')?;
        self.depth -= 1;
        Ok(Value::Object(members))
    }

    fn deeper(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Failure::File(format!(
                "Nested more than {DEEPEST} levels deep"
            )));
        }
        Ok(())
    }

    fn separator(&mut self, end: char) -> Parsed<()> {
        self.skip_spaces();
        if self.current() != Some(end) {
            self.expect(',')?;
            self.skip_spaces();
        }
        Ok(())
    }

    fn nested_value(&mut self) -> Parsed<Value> {
        match self.current() {
            Some('[') => self.list(),
            Some('{') => self.object(),
            _ => self.value(),
        }
    }

    /// A quoted value, or a word; nothing at all is the empty text.
    fn value(&mut self) -> Parsed<Value> {
        match self.current() {
            Some('\'') => self.quoted('\''),
            Some('"') => self.quoted('"'),
            _ => match self.word(follows_first) {
                Some(word) => self.resolved(word),
                None => Ok(Value::from("")),
            },
        }
    }

    /// An unquoted word, in which `\,` is a comma. Spaces inside belong to it, those behind
    /// it do not.
    fn word(&mut self, follows: fn(char) -> bool) -> Option<String> {
        let start = self.at;
        let mut word = String::new();
        while let Some(c) = self.current() {
            if c == '\\' && self.text.get(self.at + 1) == Some(&',') {
                word.push(',');
                self.at += 2;
            } else if (self.at == start && starts(c)) || (self.at > start && follows(c)) {
                word.push(c);
                self.at += 1;
            } else {
                break;
            }
        }
        (self.at > start).then(|| word.trim_end_matches(is_space).to_string())
    }

    /// A quoted value. A quote behind a backslash belongs to the value, unless no other is
    /// left to end it.
    fn quoted(&mut self, quote: char) -> Parsed<Value> {
        let open = self.at;
        let mut end = None;
        let mut at = open + 1;
        while at < self.text.len() {
            if self.text[at] == '\\' && self.text.get(at + 1) == Some(&quote) {
                end = Some(at + 1);
                at += 2;
            } else if self.text[at] == quote {
                end = Some(at);
                break;
            } else {
                at += 1;
            }
        }
        let Some(end) = end else {
            let name = if quote == '\'' {
                "<singled quoted>"
            } else {
                "<double quoted>"
            };
            return Err(self.unexpected(name, "<none>"));
        };
        let raw: String = self.text[open + 1..end].iter().collect();
        self.at = end + 1;
        self.resolved(
            raw.replace(&format!("\\{quote}"), &quote.to_string())
                .replace("\\\\", "\\"),
        )
    }

    fn resolved(&self, text: String) -> Parsed<Value> {
        if self.from_files
            && let Some(content) = (self.resolve)(&text).map_err(Failure::File)?
        {
            return Ok(Value::from(content));
        }
        Ok(Value::from(text))
    }

    fn current(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn skip_spaces(&mut self) {
        while self
            .current()
            .is_some_and(|c| matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c'))
        {
            self.at += 1;
        }
    }

    fn back_to_comma(&mut self) {
        while self.at > 0 && self.current() != Some(',') {
            self.at -= 1;
        }
    }

    fn expect(&mut self, wanted: char) -> Parsed<()> {
        match self.current() {
            Some(c) if c == wanted => {
                self.at += 1;
                Ok(())
            }
            Some(c) => Err(self.unexpected(&wanted.to_string(), &c.to_string())),
            None => Err(self.unexpected(&wanted.to_string(), "EOF")),
        }
    }

    fn expect_between_spaces(&mut self, wanted: char) -> Parsed<()> {
        self.skip_spaces();
        self.expect(wanted)?;
        self.skip_spaces();
        Ok(())
    }

    fn unexpected(&self, wanted: &str, found: &str) -> Failure {
        let place = self.place(self.at);
        Failure::Syntax(format!(
            "Expected: '{wanted}', received: '{found}' for input:\n {place}"
        ))
    }

    fn second_instance(&self, key: &str, at: usize) -> Failure {
        let place = self.place(at);
        Failure::Syntax(format!(
            "Second instance of key \"{key}\" encountered for input:\n{place}\nThis is often \
             because there is a preceding \",\" instead of a space."
        ))
    }

    /// The text with a caret under the place, below the line that the place is on.
    fn place(&self, at: usize) -> String {
        let at = at.min(self.text.len());
        let column = self.text[..at]
            .iter()
            .rev()
            .take_while(|&&c| c != '\n')
            .count();
        let line_end = self.text[at..]
            .iter()
            .position(|&c| c == '\n')
            .map_or(self.text.len(), |length| at + length);
        let shown: String = self.text[..line_end].iter().collect();
        let rest: String = self.text[line_end..].iter().collect();
        format!("{shown}\n{}^{rest}", " ".repeat(column))
    }
}

/// Whether an unquoted word may start with the character.
fn starts(c: char) -> bool {
    matches!(c, '!' | '#'..='&' | '('..='+' | '-'..='<' | '>'..='Z' | '\\'..='z' | '|'..=char::MAX)
}

/// Whether the character may stand inside the first word behind a `=`.
fn follows_first(c: char) -> bool {
    is_space(c)
        || matches!(c, '!' | '#'..='&' | '('..='+' | '-'..='\\' | '^'..='|' | '~'..=char::MAX)
}

/// Whether the character may stand inside a word behind a comma, where a `=` would make the
/// word a key.
fn follows_further(c: char) -> bool {
    is_space(c) || matches!(c, '!' | '#'..='&' | '('..='+' | '-'..='<' | '>'..=char::MAX)
}

/// What Python takes for a space, as the reference is written in it.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\x1c'..='\x1f')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Result<Value, String> {
        parse(text, &|name| match name.strip_prefix("file://") {
            Some("missing") => Err("no such file".to_string()),
            Some(name) => Ok(Some(format!("content of {name}"))),
            None => Ok(None),
        })
    }

    #[test]
    fn every_form_of_value() {
        for (text, value) in [
            ("key=k1,value=v1", json!({"key": "k1", "value": "v1"})),
            ("key=k1,value=", json!({"key": "k1", "value": ""})),
            ("key=,value=x", json!({"key": "", "value": "x"})),
            ("a=1,2,3,b=4", json!({"a": ["1", "2", "3"], "b": "4"})),
            ("a=b,c", json!({"a": ["b", "c"]})),
            ("a=[b,c],d=[]", json!({"a": ["b", "c"], "d": []})),
            ("a=[x]", json!({"a": ["x"]})),
            (
                "a={b=c,d=[e,{f=g}]}",
                json!({"a": {"b": "c", "d": ["e", {"f": "g"}]}}),
            ),
            ("a='x, y',b=\"p=q\"", json!({"a": "x, y", "b": "p=q"})),
            (r"a='it\'s',b='\\'", json!({"a": "it's", "b": "\\"})),
            (r"a=x\,y,b=z", json!({"a": "x,y", "b": "z"})),
            ("a = b , c = d", json!({"a": "b", "c": "d"})),
            ("a= some words ,c=d", json!({"a": "some words", "c": "d"})),
            ("a=b=c", json!({"a": "b=c"})),
            (
                "aws:cloudformation/x.y#z-_=1",
                json!({"aws:cloudformation/x.y#z-_": "1"}),
            ),
            // The reference stops at the end of Unicode's first plane; nobody can want that.
            ("a=é😀", json!({"a": "é😀"})),
            (
                "a@=file://b,c=file://d",
                json!({"a": "content of b", "c": "file://d"}),
            ),
            (
                "a={b@=file://c,d=file://e}",
                json!({"a": {"b": "content of c", "d": "file://e"}}),
            ),
        ] {
            assert_eq!(read(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn a_quote_that_nothing_ends_may_be_the_escaped_one() {
        assert_eq!(read(r"a='b\'"), Ok(json!({"a": "b\\"})));
    }

    #[test]
    fn faults_say_what_and_where() {
        for (text, message) in [
            ("k", "Expected: '=', received: 'EOF' for input:\n k\n ^"),
            (
                "a=[b",
                "Expected: ',', received: 'EOF' for input:\n a=[b\n    ^",
            ),
            (
                "a='b",
                "Expected: '<singled quoted>', received: '<none>' for input:\n a='b\n  ^",
            ),
            (
                "a=b,\nc==d",
                "Expected: ',', received: '=' for input:\n a=b,\nc==d\n  ^",
            ),
            (
                "a=b,a=c",
                "Second instance of key \"a\" encountered for input:\na=b,a=c\n    ^\nThis is \
                 often because there is a preceding \",\" instead of a space.",
            ),
            ("a@=file://missing", "no such file"),
        ] {
            let found = read(text).unwrap_err();
            assert_eq!(found, message, "{text}");
        }
    }

    #[test]
    fn nesting_has_a_limit() {
        let text = format!("a={}", "[".repeat(100_000));
        assert!(read(&text).unwrap_err().contains("64 levels"));
    }

    use proptest::prelude::*;

    /// A value, and a spelling of it in shorthand.
    fn spelled(depth: u32) -> impl Strategy<Value = (Value, String)> {
        // The syntax has no spelling for a backslash that ends a quoted value.
        let quoted = r"[^\\]{0,12}".prop_map(|text: String| {
            let spelled = text.replace('\'', "\\'");
            (Value::from(text), format!("'{spelled}'"))
        });
        let word =
            "[a-zA-Z0-9:./@!-]{1,12}".prop_map(|text: String| (Value::from(text.clone()), text));
        prop_oneof![word, quoted].prop_recursive(depth, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(|items| {
                    let (values, texts): (Vec<_>, Vec<_>) = items.into_iter().unzip();
                    (Value::from(values), format!("[{}]", texts.join(", ")))
                }),
                prop::collection::btree_map("[a-zA-Z0-9_.#/:-]{1,6}", inner, 0..4).prop_map(
                    |map| {
                        let texts: Vec<String> = map
                            .iter()
                            .map(|(key, (_, text))| format!("{key} = {text}"))
                            .collect();
                        let members = map
                            .into_iter()
                            .map(|(key, (value, _))| (key, value))
                            .collect();
                        (Value::Object(members), format!("{{{}}}", texts.join(",")))
                    }
                ),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_was_spelled_is_read(members in prop::collection::btree_map("[a-z]{1,6}", spelled(3), 1..5)) {
            let text: Vec<String> =
                members.iter().map(|(key, (_, text))| format!("{key}={text}")).collect();
            let meant: Map<String, Value> =
                members.into_iter().map(|(key, (value, _))| (key, value)).collect();
            prop_assert_eq!(read(&text.join(",")), Ok(Value::Object(meant)));
        }

        #[test]
        fn no_text_is_too_odd(text in r#"([a-z=,@{}'" \\\]\[]|\PC){0,40}"#) {
            let _ = read(&text);
        }
    }
}

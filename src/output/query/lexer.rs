//! JMESPath text to tokens, with the positions and error texts of the reference.

use serde_json::Value;

use crate::output::python;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    UnquotedIdentifier,
    QuotedIdentifier,
    Number,
    Literal,
    Dot,
    Star,
    Flatten,
    And,
    Or,
    Pipe,
    Filter,
    Lbracket,
    Rbracket,
    Comma,
    Colon,
    Not,
    Ne,
    Eq,
    Gt,
    Gte,
    Lt,
    Lte,
    Current,
    Expref,
    Lparen,
    Rparen,
    Lbrace,
    Rbrace,
    Eof,
}

impl Kind {
    /// The name that error texts use.
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::UnquotedIdentifier => "unquoted_identifier",
            Kind::QuotedIdentifier => "quoted_identifier",
            Kind::Number => "number",
            Kind::Literal => "literal",
            Kind::Dot => "dot",
            Kind::Star => "star",
            Kind::Flatten => "flatten",
            Kind::And => "and",
            Kind::Or => "or",
            Kind::Pipe => "pipe",
            Kind::Filter => "filter",
            Kind::Lbracket => "lbracket",
            Kind::Rbracket => "rbracket",
            Kind::Comma => "comma",
            Kind::Colon => "colon",
            Kind::Not => "not",
            Kind::Ne => "ne",
            Kind::Eq => "eq",
            Kind::Gt => "gt",
            Kind::Gte => "gte",
            Kind::Lt => "lt",
            Kind::Lte => "lte",
            Kind::Current => "current",
            Kind::Expref => "expref",
            Kind::Lparen => "lparen",
            Kind::Rparen => "rparen",
            Kind::Lbrace => "lbrace",
            Kind::Rbrace => "rbrace",
            Kind::Eof => "eof",
        }
    }
}

/// One token. `value` is its meaning for identifiers, numbers and literals, else its text.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) value: Value,
    /// Characters in front of it.
    pub(super) start: usize,
}

impl Token {
    /// The meaning of a number. No list is so long that an index beyond 64 bits differs
    /// from the last one in them.
    pub(super) fn number(&self) -> i64 {
        match &self.value {
            Value::String(text) if text.starts_with('-') => i64::MIN,
            value => value.as_i64().unwrap_or(i64::MAX),
        }
    }
}

/// Why an expression was not understood.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SyntaxError {
    Empty,
    /// Characters that are no token.
    Lexer {
        start: usize,
        message: String,
    },
    /// It ended too early.
    Incomplete,
    /// A token in the wrong place.
    Parse {
        start: usize,
        token: String,
        kind: &'static str,
        message: String,
    },
    /// More levels than these.
    TooDeep(usize),
}

impl SyntaxError {
    /// The reference's text, with the expression and a caret below the place.
    pub(super) fn describe(&self, expression: &str) -> String {
        match self {
            SyntaxError::Empty => "Invalid JMESPath expression: cannot be empty.".to_string(),
            SyntaxError::Lexer { start, message } => format!(
                "Bad jmespath expression: {message}:\n{expression}\n{}^",
                " ".repeat(*start)
            ),
            SyntaxError::Incomplete => format!(
                "Invalid jmespath expression: Incomplete expression:\n\"{expression}\"\n{}^",
                " ".repeat(expression.chars().count() + 1)
            ),
            SyntaxError::Parse {
                start,
                token,
                kind,
                message,
            } => format!(
                "{message}: Parse error at column {start}, token \"{token}\" ({}), for expression:\n\"{expression}\"\n{}^",
                kind.to_uppercase(),
                " ".repeat(start + 1)
            ),
            SyntaxError::TooDeep(levels) => {
                format!("the expression is nested more than {levels} levels deep")
            }
        }
    }

    /// `token` is in the wrong place.
    pub(super) fn at(token: &Token, message: impl Into<String>) -> SyntaxError {
        SyntaxError::Parse {
            start: token.start,
            token: python::str(&token.value),
            kind: token.kind.name(),
            message: message.into(),
        }
    }
}

/// Splits the expression; the last token is always [`Kind::Eof`].
pub(super) fn tokenize(expression: &str) -> Result<Vec<Token>, SyntaxError> {
    if expression.is_empty() {
        return Err(SyntaxError::Empty);
    }
    let mut lexer = Lexer {
        characters: expression.chars().collect(),
        position: 0,
    };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next_token()? {
        tokens.push(token);
    }
    tokens.push(Token {
        kind: Kind::Eof,
        value: Value::String(String::new()),
        start: lexer.characters.len(),
    });
    Ok(tokens)
}

struct Lexer {
    characters: Vec<char>,
    position: usize,
}

impl Lexer {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.position).copied()
    }

    /// Steps over the next character if it is the given one.
    fn eat(&mut self, expected: char) -> bool {
        let found = self.peek() == Some(expected);
        self.position += usize::from(found);
        found
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let start = self.position;
        while self.peek().is_some_and(&belongs) {
            self.position += 1;
        }
        self.characters[start..self.position].iter().collect()
    }

    fn next_token(&mut self) -> Result<Option<Token>, SyntaxError> {
        self.take_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
        let start = self.position;
        let Some(first) = self.peek() else {
            return Ok(None);
        };
        if first.is_ascii_alphabetic() || first == '_' {
            let name = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
            return Ok(Some(Token {
                kind: Kind::UnquotedIdentifier,
                value: Value::String(name),
                start,
            }));
        }
        self.position += 1;
        let kind = match first {
            '0'..='9' | '-' => return self.number(start).map(Some),
            '\'' => return self.raw_string(start).map(Some),
            '`' => return self.literal(start).map(Some),
            '"' => return self.quoted_identifier(start).map(Some),
            '.' => Kind::Dot,
            '*' => Kind::Star,
            ']' => Kind::Rbracket,
            ',' => Kind::Comma,
            ':' => Kind::Colon,
            '@' => Kind::Current,
            '(' => Kind::Lparen,
            ')' => Kind::Rparen,
            '{' => Kind::Lbrace,
            '}' => Kind::Rbrace,
            '[' if self.eat(']') => Kind::Flatten,
            '[' if self.eat('?') => Kind::Filter,
            '[' => Kind::Lbracket,
            '|' if self.eat('|') => Kind::Or,
            '|' => Kind::Pipe,
            '&' if self.eat('&') => Kind::And,
            '&' => Kind::Expref,
            '<' if self.eat('=') => Kind::Lte,
            '<' => Kind::Lt,
            '>' if self.eat('=') => Kind::Gte,
            '>' => Kind::Gt,
            '!' if self.eat('=') => Kind::Ne,
            '!' => Kind::Not,
            '=' if self.eat('=') => Kind::Eq,
            '=' => return Err(failed(start, "Unknown token '='")),
            other => return Err(failed(start, format!("Unknown token {other}"))),
        };
        let text = self.characters[start..self.position].iter().collect();
        Ok(Some(Token {
            kind,
            value: Value::String(text),
            start,
        }))
    }

    fn number(&mut self, start: usize) -> Result<Token, SyntaxError> {
        self.take_while(|c| c.is_ascii_digit());
        let text: String = self.characters[start..self.position].iter().collect();
        if text == "-" {
            return Err(failed(start, "Unknown token '-'"));
        }
        // A number beyond 64 bits stays text for the error texts; see `Token::number`.
        let value = match text.parse::<i64>() {
            Ok(number) => Value::from(number),
            Err(_) => Value::String(text),
        };
        Ok(Token {
            kind: Kind::Number,
            value,
            start,
        })
    }

    /// Everything up to the delimiter, which a backslash hides; the backslashes stay.
    fn until(&mut self, start: usize, delimiter: char) -> Result<String, SyntaxError> {
        let mut text = String::new();
        let unclosed = || failed(start, format!("Unclosed {delimiter} delimiter"));
        loop {
            let mut next = self.peek().ok_or_else(unclosed)?;
            self.position += 1;
            if next == delimiter {
                return Ok(text);
            }
            if next == '\\' {
                text.push('\\');
                next = self.peek().ok_or_else(unclosed)?;
                self.position += 1;
            }
            text.push(next);
        }
    }

    fn raw_string(&mut self, start: usize) -> Result<Token, SyntaxError> {
        let text = self.until(start, '\'')?.replace("\\'", "'");
        Ok(Token {
            kind: Kind::Literal,
            value: Value::String(text),
            start,
        })
    }

    /// JSON in backquotes; what is not JSON is taken for text, as the reference still does.
    fn literal(&mut self, start: usize) -> Result<Token, SyntaxError> {
        let text = self.until(start, '`')?.replace("\\`", "`");
        let value = match serde_json::from_str(&text) {
            Ok(value) => value,
            Err(_) => match unescape(text.trim_start()) {
                Ok(text) => Value::String(text),
                Err(_) => return Err(failed(start, format!("Bad token {text}"))),
            },
        };
        Ok(Token {
            kind: Kind::Literal,
            value,
            start,
        })
    }

    fn quoted_identifier(&mut self, start: usize) -> Result<Token, SyntaxError> {
        let name = unescape(&self.until(start, '"')?).map_err(|message| failed(start, message))?;
        Ok(Token {
            kind: Kind::QuotedIdentifier,
            value: Value::String(name),
            start,
        })
    }
}

fn failed(start: usize, message: impl Into<String>) -> SyntaxError {
    SyntaxError::Lexer {
        start,
        message: message.into(),
    }
}

/// The meaning of the inside of a JSON string, or what Python says is wrong with it. Half of
/// a surrogate pair, which Python lets pass, becomes the replacement character.
fn unescape(inside: &str) -> Result<String, &'static str> {
    let mut text = String::new();
    let mut rest = inside.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => text.push(match rest.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some('b') => '\u{8}',
                Some('f') => '\u{c}',
                Some(same @ ('"' | '\\' | '/')) => same,
                Some('u') => unescape_unicode(&mut rest)?,
                _ => return Err("Invalid \\escape"),
            }),
            '"' => return Err("Extra data"),
            '\0'..='\u{1f}' => return Err("Invalid control character at"),
            other => text.push(other),
        }
    }
    Ok(text)
}

fn unescape_unicode(rest: &mut std::str::Chars<'_>) -> Result<char, &'static str> {
    fn unit(rest: &mut std::str::Chars<'_>) -> Result<u32, &'static str> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = rest.next().and_then(|c| c.to_digit(16));
            unit = unit * 16 + digit.ok_or("Invalid \\uXXXX escape")?;
        }
        Ok(unit)
    }
    let first = unit(rest)?;
    if (0xd800..0xdc00).contains(&first) && rest.as_str().starts_with("\\u") {
        let mut ahead = rest.clone();
        ahead.nth(1);
        if let Ok(second @ 0xdc00..0xe000) = unit(&mut ahead) {
            *rest = ahead;
            let joined = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            return Ok(char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
    }
    Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
}

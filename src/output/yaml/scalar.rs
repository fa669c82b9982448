//! How YAML spells a string: plain where it can be, else in single quotes, else in double
//! quotes, and folded at blanks behind column 80 (YAML 1.2.2, chapter 7; libyaml's choices).

use std::io;

use super::Emitter;

/// A blank behind this column becomes a line break.
const BEST_WIDTH: usize = 80;

/// Whether a string may go on in the next line; a name in front of its colon may not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Folding {
    Allowed,
    Forbidden,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
}

/// Whether the text has a line break in it, of any kind.
pub(super) fn is_multiline(text: &str) -> bool {
    text.chars().any(is_break)
}

/// Writes the text; its further lines, if any, begin at `indent`.
pub(super) fn write(
    emitter: &mut Emitter<'_>,
    text: &str,
    indent: usize,
    folding: Folding,
) -> io::Result<()> {
    let characters: Vec<char> = text.chars().collect();
    let mut writer = Writer {
        emitter,
        text: &characters,
        indent,
        folding,
        after_space: false,
    };
    match style(text) {
        Style::Plain => writer.plain(),
        Style::SingleQuoted => writer.single_quoted(),
        Style::DoubleQuoted => writer.double_quoted(),
    }
}

fn style(text: &str) -> Style {
    let shape = Shape::of(text);
    if shape.needs_escapes {
        Style::DoubleQuoted
    } else if shape.needs_quotes || is_resolved(text) {
        Style::SingleQuoted
    } else {
        Style::Plain
    }
}

/// What decides the style of a text.
#[derive(Default)]
struct Shape {
    /// Characters that are not printed, or blanks next to line breaks.
    needs_escapes: bool,
    /// Indicators, line breaks, or blanks at either end.
    needs_quotes: bool,
}

impl Shape {
    fn of(text: &str) -> Shape {
        let mut shape = Shape {
            needs_quotes: text.starts_with("---") || text.starts_with("..."),
            ..Shape::default()
        };
        let mut previous = None;
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            let ends_word = rest.peek().is_none_or(|next| is_blank(*next));
            let begins_word = previous.is_none_or(is_blank);
            let at_end = previous.is_none() || rest.peek().is_none();
            shape.needs_quotes |= match c {
                '[' | ']' | '{' | '}' | ',' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
                | '@' | '`' => previous.is_none(),
                '?' | '-' => previous.is_none() && ends_word,
                ':' => ends_word,
                '#' => begins_word,
                ' ' => at_end,
                c => is_break(c),
            };
            shape.needs_escapes |= !is_printable(c)
                || (c == ' ' && previous.is_some_and(is_break))
                || (is_break(c) && previous == Some(' '));
            previous = Some(c);
        }
        shape
    }
}

/// A blank, a line break or NUL.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\0') || is_break(c)
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What libyaml prints as it is: of the characters that YAML calls printable those of the
/// basic plane, without the tab and the next-line character.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{fffd}') && c != '\u{feff}'
}

/// Whether a reader would take the plain text for something other than a string: the core
/// schema's null, truth values and numbers, and the timestamp, merge and value of YAML 1.1.
fn is_resolved(text: &str) -> bool {
    // The reference's patterns end where a last line break begins.
    let text = text.strip_suffix('\n').unwrap_or(text);
    matches!(
        text,
        "" | "~"
            | "null"
            | "Null"
            | "NULL"
            | "true"
            | "True"
            | "TRUE"
            | "false"
            | "False"
            | "FALSE"
            | "<<"
            | "="
    ) || is_integer(text)
        || is_float(text)
        || is_timestamp(text)
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

/// Not empty, and made of such digits and underscores only.
fn are_digits(text: &str, is_digit: fn(&char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(|c| c == '_' || is_digit(&c))
}

fn is_integer(text: &str) -> bool {
    let digits = unsigned(text);
    let radix = |prefix, is_digit| {
        digits
            .strip_prefix(prefix)
            .is_some_and(|digits| are_digits(digits, is_digit))
    };
    // Only a sign or a digit makes the reference try numbers at all.
    let starts = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+'));
    starts
        && (are_digits(digits, char::is_ascii_digit)
            || radix("0b", |c| matches!(c, '0' | '1'))
            || radix("0o", |c| c.is_digit(8))
            || radix("0x", char::is_ascii_hexdigit))
}

fn is_float(text: &str) -> bool {
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let text = unsigned(text);
    if matches!(text, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    let is_exponent = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits_or_none = |text: &str| text.is_empty() || are_digits(text, char::is_ascii_digit);
    let starts_with_digit = text.starts_with(|c: char| c.is_ascii_digit());
    match (mantissa.split_once('.'), exponent) {
        // `.5e3` wants a sign in its exponent, `0.5e3` does not.
        (Some(("", fraction)), exponent) => {
            are_digits(fraction, char::is_ascii_digit)
                && exponent.is_none_or(|e| e.starts_with(['-', '+']) && is_exponent(&e[1..]))
        }
        (Some((whole, fraction)), exponent) => {
            starts_with_digit
                && digits_or_none(whole)
                && digits_or_none(fraction)
                && exponent.is_none_or(|e| is_exponent(unsigned(e)))
        }
        (None, Some(e)) => {
            starts_with_digit && digits_or_none(mantissa) && is_exponent(unsigned(e))
        }
        (None, None) => false,
    }
}

/// A date, or a date and a time with or without a fraction and a zone.
fn is_timestamp(text: &str) -> bool {
    let mut rest = Scan(text);
    if !(rest.digits(4, 4) && rest.eat("-")) {
        return false;
    }
    let date = Scan(rest.0);
    let mut short = Scan(date.0);
    if short.digits(2, 2) && short.eat("-") && short.digits(2, 2) && short.0.is_empty() {
        return true;
    }
    rest.digits(1, 2)
        && rest.eat("-")
        && rest.digits(1, 2)
        && (rest.eat("T") || rest.eat("t") || rest.blanks() > 0)
        && rest.digits(1, 2)
        && rest.eat(":")
        && rest.digits(2, 2)
        && rest.eat(":")
        && rest.digits(2, 2)
        && rest.fraction()
        && rest.zone()
        && rest.0.is_empty()
}

/// What is left of a text that is matched from left to right.
struct Scan<'a>(&'a str);

impl Scan<'_> {
    fn eat(&mut self, expected: &str) -> bool {
        match self.0.strip_prefix(expected) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn take(&mut self, most: usize, belongs: fn(&u8) -> bool) -> usize {
        let count = self.0.bytes().take(most).take_while(belongs).count();
        self.0 = &self.0[count..];
        count
    }

    fn digits(&mut self, least: usize, most: usize) -> bool {
        self.take(most, u8::is_ascii_digit) >= least
    }

    fn blanks(&mut self) -> usize {
        self.take(usize::MAX, |byte| matches!(byte, b' ' | b'\t'))
    }

    fn fraction(&mut self) -> bool {
        !self.eat(".") || self.digits(0, usize::MAX)
    }

    fn zone(&mut self) -> bool {
        if self.0.is_empty() {
            return true;
        }
        self.blanks();
        self.eat("Z")
            || ((self.eat("-") || self.eat("+"))
                && self.digits(1, 2)
                && (!self.eat(":") || self.digits(2, 2)))
    }
}

struct Writer<'a, 'b> {
    emitter: &'a mut Emitter<'b>,
    text: &'a [char],
    indent: usize,
    folding: Folding,
    /// The last character was a blank, behind which no line is folded.
    after_space: bool,
}

impl Writer<'_, '_> {
    fn put(&mut self, c: char) -> io::Result<()> {
        self.emitter.put(c.encode_utf8(&mut [0; 4]))
    }

    /// Whether to break the line instead of writing the blank at this place.
    fn folds(&self) -> bool {
        self.folding == Folding::Allowed && !self.after_space && self.emitter.column > BEST_WIDTH
    }

    fn new_line(&mut self) -> io::Result<()> {
        self.emitter.line_break()?;
        self.emitter.pad_to(self.indent)
    }

    fn is_space(&self, at: usize) -> bool {
        self.text.get(at) == Some(&' ')
    }

    fn plain(&mut self) -> io::Result<()> {
        for (at, c) in self.text.iter().copied().enumerate() {
            if c == ' ' && self.folds() && !self.is_space(at + 1) {
                self.new_line()?;
            } else {
                self.put(c)?;
            }
            self.after_space = c == ' ';
        }
        Ok(())
    }

    /// Each line break within is doubled, since a single one would read as a blank.
    fn single_quoted(&mut self) -> io::Result<()> {
        self.put('\'')?;
        let mut after_break = false;
        let last = self.text.len().saturating_sub(1);
        for (at, c) in self.text.iter().copied().enumerate() {
            if c == ' ' {
                if self.folds() && at > 0 && at < last && !self.is_space(at + 1) {
                    self.new_line()?;
                } else {
                    self.put(c)?;
                }
            } else if is_break(c) {
                if !after_break && c == '\n' {
                    self.emitter.line_break()?;
                }
                self.put(c)?;
                self.emitter.column = 0;
                after_break = true;
            } else {
                if after_break {
                    self.emitter.pad_to(self.indent)?;
                }
                if c == '\'' {
                    self.put('\'')?;
                }
                self.put(c)?;
                after_break = false;
            }
            self.after_space = c == ' ' || (self.after_space && is_break(c));
        }
        if after_break {
            self.emitter.pad_to(self.indent)?;
        }
        self.put('\'')
    }

    fn double_quoted(&mut self) -> io::Result<()> {
        self.put('"')?;
        let last = self.text.len().saturating_sub(1);
        for (at, c) in self.text.iter().copied().enumerate() {
            if !is_printable(c) || is_break(c) || matches!(c, '"' | '\\') {
                self.emitter.put(&escaped(c))?;
            } else if c == ' ' && self.folds() && at > 0 && at < last {
                self.new_line()?;
                // A blank at the beginning of a line would be lost.
                if self.is_space(at + 1) {
                    self.put('\\')?;
                }
            } else {
                self.put(c)?;
            }
            self.after_space = c == ' ';
        }
        self.put('"')
    }
}

fn escaped(c: char) -> String {
    let short = match c {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        c => {
            let code = c as u32;
            return match code {
                0..=0xff => format!("\\x{code:02X}"),
                0x100..=0xffff => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            };
        }
    };
    format!("\\{short}")
}

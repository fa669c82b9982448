//! Block-style YAML 1.2 as the reference's emitter writes it: members sorted by name, lists
//! not indented below their name, lines folded behind column 80, strings quoted only where
//! they would be read as something else. The spelling of strings is in [`scalar`].
//!
//! Not a YAML library, since the exact bytes are the product. The reference writes a list or
//! object that a query puts in two places as an anchor and an alias; here it is written twice.

mod scalar;

use std::io::{self, Write};

use serde_json::Value;

use super::{json, python, sorted};
use scalar::Folding;

/// Columns that one level indents.
const INDENT: usize = 2;
/// The longest name, in bytes, that is written in front of its colon without a `?`.
const LONGEST_SIMPLE_KEY: usize = 128;

/// Writes the document. An empty object is "no result" and prints nothing; a scalar on its
/// own is written as JSON.
pub(super) fn render(value: &Value, out: &mut dyn Write) -> io::Result<()> {
    match value {
        missing if super::is_missing(missing) => Ok(()),
        Value::Array(_) | Value::Object(_) => {
            let mut emitter = Emitter::new(out);
            emitter.node(value, 0, Context::Root)?;
            emitter.line_break()
        }
        scalar => {
            json::write_scalar(scalar, json::Escape::Needed, out)?;
            out.write_all(b"\n")
        }
    }
}

/// Writes the value as the only element of a list: one page of a stream.
pub(super) fn render_element(value: &Value, out: &mut dyn Write) -> io::Result<()> {
    let mut emitter = Emitter::new(out);
    emitter.element(value, 0)?;
    emitter.line_break()
}

/// What a node follows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    /// Nothing.
    Root,
    /// `-`, `?` or `:` at the beginning of a line, which a nested block goes on with.
    Indicator,
    /// A name and its colon; a nested block begins on the next line.
    Name,
}

/// Writes and remembers where it is.
struct Emitter<'a> {
    out: &'a mut dyn Write,
    /// Characters written in this line.
    column: usize,
}

impl<'a> Emitter<'a> {
    fn new(out: &'a mut dyn Write) -> Emitter<'a> {
        Emitter { out, column: 0 }
    }

    fn put(&mut self, text: &str) -> io::Result<()> {
        self.column += text.chars().count();
        self.out.write_all(text.as_bytes())
    }

    fn line_break(&mut self) -> io::Result<()> {
        self.column = 0;
        self.out.write_all(b"\n")
    }

    fn pad_to(&mut self, indent: usize) -> io::Result<()> {
        self.put(&" ".repeat(indent.saturating_sub(self.column)))
    }

    /// A value within the list or object whose entries stand at `at`.
    fn node(&mut self, value: &Value, at: usize, context: Context) -> io::Result<()> {
        let indent = match (context, value) {
            (Context::Root, _) => 0,
            (Context::Name, Value::Array(_)) => at,
            _ => at + INDENT,
        };
        match value {
            Value::Array(items) if !items.is_empty() => {
                for (i, item) in items.iter().enumerate() {
                    self.begin_entry(i == 0, indent, context)?;
                    self.element(item, indent)?;
                }
                return Ok(());
            }
            Value::Object(members) if !members.is_empty() => {
                for (i, (name, member)) in sorted(members).into_iter().enumerate() {
                    self.begin_entry(i == 0, indent, context)?;
                    self.member(name, member, indent)?;
                }
                return Ok(());
            }
            _ => {}
        }
        if context != Context::Root {
            self.put(" ")?;
        }
        match value {
            Value::Array(_) => self.put("[]"),
            Value::Object(_) => self.put("{}"),
            Value::Null => self.put("null"),
            Value::Bool(true) => self.put("true"),
            Value::Bool(false) => self.put("false"),
            Value::Number(number) => self.put(&python::number(number)),
            Value::String(text) => scalar::write(self, text, at + INDENT, Folding::Allowed),
        }
    }

    /// Goes to where the next entry of a block begins.
    fn begin_entry(&mut self, first: bool, indent: usize, context: Context) -> io::Result<()> {
        if !first || context == Context::Name {
            self.line_break()?;
        }
        self.pad_to(indent)
    }

    /// One element of a list.
    fn element(&mut self, item: &Value, at: usize) -> io::Result<()> {
        self.put("-")?;
        self.node(item, at, Context::Indicator)
    }

    /// One member of an object.
    fn member(&mut self, name: &str, member: &Value, at: usize) -> io::Result<()> {
        if name.len() <= LONGEST_SIMPLE_KEY && !scalar::is_multiline(name) {
            scalar::write(self, name, at + INDENT, Folding::Forbidden)?;
            self.put(":")?;
            return self.node(member, at, Context::Name);
        }
        self.put("? ")?;
        scalar::write(self, name, at + INDENT, Folding::Allowed)?;
        self.line_break()?;
        self.pad_to(at)?;
        self.put(":")?;
        self.node(member, at, Context::Indicator)
    }
}

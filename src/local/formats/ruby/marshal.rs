//! Ruby's Marshal format 4.8, as far as the indexes need it, and writing only.
//!
//! <https://docs.ruby-lang.org/en/3.3/marshal_rdoc.html>. Symbols are written once and then
//! referred to by their number, as the format demands; nothing else is shared.

/// A Ruby value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `nil`.
    Nil,
    /// `true` or `false`.
    Bool(bool),
    /// A number that is not negative.
    Number(u32),
    /// A symbol.
    Symbol(&'static str),
    /// A text in UTF-8.
    Text(String),
    /// An array.
    List(Vec<Value>),
    /// A hash, in the order of its entries.
    Map(Vec<(Value, Value)>),
    /// An object of that class, with its variables.
    Object(&'static str, Vec<(&'static str, Value)>),
    /// An object of that class, made out of what its `marshal_load` takes.
    Marshaled(&'static str, Box<Value>),
    /// An object of that class, made out of the bytes that its `_load` takes.
    Dumped(&'static str, Vec<u8>),
}

impl Value {
    /// A text.
    pub fn text(text: &str) -> Value {
        Value::Text(text.to_string())
    }
}

/// Writes a value.
pub fn dump(value: &Value) -> Vec<u8> {
    let mut writer = Writer {
        bytes: vec![4, 8],
        symbols: Vec::new(),
    };
    writer.value(value);
    writer.bytes
}

struct Writer {
    bytes: Vec<u8>,
    symbols: Vec<&'static str>,
}

impl Writer {
    fn value(&mut self, value: &Value) {
        match value {
            Value::Nil => self.bytes.push(b'0'),
            Value::Bool(true) => self.bytes.push(b'T'),
            Value::Bool(false) => self.bytes.push(b'F'),
            Value::Number(number) => {
                self.bytes.push(b'i');
                self.number(*number as usize);
            }
            Value::Symbol(name) => self.symbol(name),
            Value::Text(text) => {
                // With one variable beside it: that it is UTF-8.
                self.bytes.extend(b"I\"");
                self.counted(text.as_bytes());
                self.number(1);
                self.symbol("E");
                self.bytes.push(b'T');
            }
            Value::List(items) => {
                self.bytes.push(b'[');
                self.number(items.len());
                items.iter().for_each(|item| self.value(item));
            }
            Value::Map(entries) => {
                self.bytes.push(b'{');
                self.number(entries.len());
                for (key, value) in entries {
                    self.value(key);
                    self.value(value);
                }
            }
            Value::Object(class, variables) => {
                self.bytes.push(b'o');
                self.symbol(class);
                self.number(variables.len());
                for (name, value) in variables {
                    self.symbol(name);
                    self.value(value);
                }
            }
            Value::Marshaled(class, value) => {
                self.bytes.push(b'U');
                self.symbol(class);
                self.value(value);
            }
            Value::Dumped(class, bytes) => {
                self.bytes.push(b'u');
                self.symbol(class);
                self.counted(bytes);
            }
        }
    }

    fn symbol(&mut self, name: &'static str) {
        match self.symbols.iter().position(|known| *known == name) {
            Some(number) => {
                self.bytes.push(b';');
                self.number(number);
            }
            None => {
                self.symbols.push(name);
                self.bytes.push(b':');
                self.counted(name.as_bytes());
            }
        }
    }

    fn counted(&mut self, bytes: &[u8]) {
        self.number(bytes.len());
        self.bytes.extend(bytes);
    }

    /// Small numbers in one byte; larger ones after the number of their bytes, the lowest first.
    fn number(&mut self, number: usize) {
        match u8::try_from(number) {
            Ok(0) => self.bytes.push(0),
            Ok(small @ 1..=122) => self.bytes.push(small + 5),
            _ => {
                // What is written here is far smaller than the four bytes that there may be.
                let bytes = u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
                let count = bytes
                    .iter()
                    .rposition(|byte| *byte != 0)
                    .map_or(1, |last| last + 1);
                self.bytes.extend(u8::try_from(count));
                self.bytes.extend(&bytes[..count]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_ruby_writes_them() {
        // Each right side is what Ruby 3.1 gives for the left one.
        let version = |text: &str| {
            Value::Marshaled(
                "Gem::Version",
                Box::new(Value::List(vec![Value::text(text)])),
            )
        };
        for (value, bytes) in [
            (Value::Nil, &b"\x04\x080"[..]),
            (Value::Number(4), b"\x04\x08i\x09"),
            (Value::Number(122), b"\x04\x08i\x7f"),
            (Value::Number(123), b"\x04\x08i\x01\x7b"),
            (Value::Number(300), b"\x04\x08i\x02\x2c\x01"),
            (
                Value::Map(vec![(Value::Symbol("name"), Value::text("a"))]),
                b"\x04\x08{\x06:\x09nameI\"\x06a\x06:\x06ET",
            ),
            (
                Value::List(vec![Value::text("a"), version("1.0"), Value::text("ruby")]),
                b"\x04\x08[\x08I\"\x06a\x06:\x06ETU:\x11Gem::Version[\x06I\"\x081.0\x06;\x00TI\"\x09ruby\x06;\x00T",
            ),
            (
                Value::Object("A::B", vec![("@a", Value::Bool(false)), ("@b", Value::Bool(true))]),
                b"\x04\x08o:\x09A::B\x07:\x07@aF:\x07@bT",
            ),
            (Value::Dumped("A", vec![1, 2]), b"\x04\x08u:\x06A\x07\x01\x02"),
        ] {
            assert_eq!(dump(&value), bytes, "{value:?}");
        }
    }

    #[test]
    fn a_long_text_says_its_length() {
        let bytes = dump(&Value::text(&"x".repeat(70_000)));
        assert_eq!(&bytes[..8], b"\x04\x08I\"\x03\x70\x11\x01");
    }
}

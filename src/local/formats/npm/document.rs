//! Takes a publish document apart while it arrives.
//!
//! A publication is one JSON object which holds the tarball as base64 text at
//! `_attachments.<file>.data`. [`Splitter`] decodes that text as it comes and keeps the rest, so
//! that two gigabytes of tarball need no two gigabytes of memory. It judges no JSON: what it
//! keeps is parsed by a real parser afterwards.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::local::formats::Invalid;

/// How long a key may be before it is certainly none of ours.
const LONGEST_KEY: usize = 64;

/// The reader of a publish document, fed with its bytes in order.
#[derive(Default)]
pub struct Splitter {
    kept: Vec<u8>,
    limit: usize,
    /// For the first three levels: whether the container is an object.
    objects: [bool; 3],
    depth: usize,
    place: Place,
    /// In an object of the first three levels: the next text is a key.
    expects_key: bool,
    key: Vec<u8>,
    in_attachments: bool,
    at_data: bool,
    attachments: usize,
    base64: Base64,
}

/// Where in the text the reader stands.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Outside,
    Text {
        escaped: bool,
    },
    Data {
        escaped: bool,
    },
}

impl Splitter {
    /// A reader which keeps at most `limit` bytes besides the attachment.
    pub fn new(limit: usize) -> Splitter {
        Splitter {
            limit,
            ..Splitter::default()
        }
    }

    /// Takes the next bytes of the document and appends the attachment's decoded bytes to `data`.
    ///
    /// # Errors
    /// When the document is larger than the limit, carries a second attachment, or carries
    /// something that is not base64.
    pub fn push(&mut self, mut chunk: &[u8], data: &mut Vec<u8>) -> Result<(), Invalid> {
        while let Some((&byte, rest)) = chunk.split_first() {
            match self.place {
                Place::Data { escaped: false } => {
                    let length = chunk
                        .iter()
                        .position(|byte| matches!(byte, b'"' | b'\\'))
                        .unwrap_or(chunk.len());
                    self.base64.push(&chunk[..length], data)?;
                    chunk = &chunk[length..];
                    if let Some((&byte, rest)) = chunk.split_first() {
                        chunk = rest;
                        if byte == b'"' {
                            self.base64.finish(data)?;
                            self.place = Place::Outside;
                        } else {
                            self.place = Place::Data { escaped: true };
                        }
                    }
                    continue;
                }
                Place::Data { escaped: true } => {
                    // JSON writers may escape the slash, which is a letter of base64.
                    if byte != b'/' {
                        return Err(Invalid::new("the attachment's data is not base64"));
                    }
                    self.base64.push(b"/", data)?;
                    self.place = Place::Data { escaped: false };
                }
                Place::Text { escaped } => self.text(byte, escaped)?,
                Place::Outside => self.outside(byte)?,
            }
            chunk = rest;
        }
        Ok(())
    }

    /// The document without the attachment's data, and whether there was an attachment.
    ///
    /// # Errors
    /// When the document stops in the middle.
    pub fn finish(self) -> Result<(Vec<u8>, bool), Invalid> {
        if self.depth > 0 || self.place != Place::Outside {
            return Err(Invalid::new("the publish document is cut short"));
        }
        Ok((self.kept, self.attachments > 0))
    }

    fn keep(&mut self, byte: u8) -> Result<(), Invalid> {
        if self.kept.len() >= self.limit {
            return Err(Invalid::new("the package's metadata is too large"));
        }
        self.kept.push(byte);
        Ok(())
    }

    fn outside(&mut self, byte: u8) -> Result<(), Invalid> {
        self.keep(byte)?;
        match byte {
            b'{' | b'[' => {
                if let Some(object) = self.objects.get_mut(self.depth) {
                    *object = byte == b'{';
                }
                self.depth += 1;
                self.expects_key = byte == b'{';
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.expects_key = false;
            }
            b',' => {
                self.expects_key =
                    self.depth > 0 && self.objects.get(self.depth - 1) == Some(&true);
            }
            b'"' if self.is_data() => {
                self.attachments += 1;
                if self.attachments > 1 {
                    return Err(Invalid::new("more than one attachment"));
                }
                self.keep(b'"')?;
                self.place = Place::Data { escaped: false };
            }
            b'"' => {
                self.key.clear();
                self.place = Place::Text { escaped: false };
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, byte: u8, escaped: bool) -> Result<(), Invalid> {
        self.keep(byte)?;
        if byte == b'"' && !escaped {
            self.place = Place::Outside;
            if self.expects_key {
                self.expects_key = false;
                match self.depth {
                    1 => self.in_attachments = self.key == b"_attachments",
                    3 => self.at_data = self.key == b"data",
                    _ => {}
                }
            }
            return Ok(());
        }
        if self.expects_key && self.key.len() < LONGEST_KEY {
            self.key.push(byte);
        }
        self.place = Place::Text {
            escaped: byte == b'\\' && !escaped,
        };
        Ok(())
    }

    fn is_data(&self) -> bool {
        self.depth == 3
            && !self.expects_key
            && self.in_attachments
            && self.at_data
            && self.objects == [true; 3]
    }
}

/// Base64 that arrives in pieces of any size.
#[derive(Default)]
struct Base64 {
    pending: Vec<u8>,
    padded: bool,
}

impl Base64 {
    fn push(&mut self, text: &[u8], data: &mut Vec<u8>) -> Result<(), Invalid> {
        let (mut text, mut group) = (text, std::mem::take(&mut self.pending));
        if !group.is_empty() {
            let missing = (4 - group.len()).min(text.len());
            group.extend_from_slice(&text[..missing]);
            text = &text[missing..];
            if group.len() < 4 {
                self.pending = group;
                return Ok(());
            }
            self.decode(&group, data)?;
            group.clear();
        }
        let whole = text.len() - text.len() % 4;
        self.decode(&text[..whole], data)?;
        group.extend_from_slice(&text[whole..]);
        self.pending = group;
        Ok(())
    }

    fn finish(&mut self, data: &mut Vec<u8>) -> Result<(), Invalid> {
        let rest = std::mem::take(&mut self.pending);
        self.decode(&rest, data)
    }

    fn decode(&mut self, text: &[u8], data: &mut Vec<u8>) -> Result<(), Invalid> {
        let invalid = || Invalid::new("the attachment's data is not base64");
        if text.is_empty() {
            return Ok(());
        }
        if self.padded {
            return Err(invalid());
        }
        self.padded = text.ends_with(b"=");
        STANDARD.decode_vec(text, data).map_err(|_| invalid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(document: &[u8], piece: usize) -> Result<(String, Vec<u8>, bool), Invalid> {
        let mut splitter = Splitter::new(4096);
        let mut data = Vec::new();
        for chunk in document.chunks(piece) {
            splitter.push(chunk, &mut data)?;
        }
        let (kept, attached) = splitter.finish()?;
        Ok((String::from_utf8(kept).unwrap(), data, attached))
    }

    #[test]
    fn the_attachment_is_decoded_whatever_the_pieces() {
        let document = br#" {"name":"a\"[","versions":{"1.0.0":{"data":"aGVsbG8="}},
            "_attachments": {"a-1.0.0.tgz" : {"content_type":"x", "data" :"aGVs\/G8sIHdvcmxkIQ==","length":13}}, "x":[{"_attachments":1}]} "#;
        let whole = split(document, document.len()).unwrap();
        assert_eq!(whole.1, STANDARD.decode("aGVs/G8sIHdvcmxkIQ==").unwrap());
        assert!(whole.0.contains(r#""data" :"","length":13"#), "{}", whole.0);
        assert!(
            whole.0.contains(r#""1.0.0":{"data":"aGVsbG8="}"#),
            "{}",
            whole.0
        );
        for piece in 1..40 {
            assert_eq!(split(document, piece).unwrap(), whole, "{piece}");
        }
    }

    #[test]
    fn data_elsewhere_is_left_alone() {
        for document in [
            r#"{"_attachments":[{"data":"!"}]}"#,
            r#"{"_attachments":{"data":"!"}}"#,
            r#"{"_attachments":{"a":["data","!"]}}"#,
            r#"{"a":{"_attachments":{"a":{"data":"!"}}}}"#,
            r#"{"_attachments":{},"b":{"c":{"data":"!"}}}"#,
            r#"{"_attachments":{"a":{"b":{"data":"!"}}}}"#,
        ] {
            assert_eq!(
                split(document.as_bytes(), 3).unwrap(),
                (document.to_string(), Vec::new(), false)
            );
        }
    }

    #[test]
    fn bad_documents_are_refused() {
        let attached = |data: &str| format!(r#"{{"_attachments":{{"a":{{"data":"{data}"}}}}}}"#);
        for data in ["!", "AAA", "AA==AAAA", "AAAA\\n", "AA=A"] {
            assert!(split(attached(data).as_bytes(), 4).is_err(), "{data}");
        }
        assert!(split(br#"{"_attachments":{"a":{"data":"","data":""}}}"#, 9).is_err());
        assert!(split(br#"{"_attachments":{"a":{"data":"AAAA"#, 9).is_err());
        assert!(split(br#"{"a":"#, 9).is_err());
        assert!(split(format!("[\"{}\"]", "a".repeat(5000)).as_bytes(), 512).is_err());
    }
}

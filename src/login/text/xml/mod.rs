//! XML, read with `quick-xml` for the places of things and edited by splicing the text, so that
//! all that is not meant stays byte for byte.
//!
//! Names are compared without a prefix: settings files have one vocabulary at most. Nothing is
//! ever expanded but the five entities that XML itself knows.

mod edit;
mod secrets;

use std::ops::Range;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, escape};

use super::lines::{BYTE_ORDER_MARK, body_start};
use crate::login::adapter::Malformed;

pub use edit::{New, append, remove, set_attribute, set_text};
pub use secrets::secrets;

/// Deeper than any settings, and shallow enough for the stack.
const DEEPEST: usize = 100;

/// An element with its place in the text.
#[derive(Clone, Debug)]
pub struct Element {
    /// The name without a prefix.
    pub name: String,
    /// The text directly in it, without blanks around it.
    pub text: String,
    /// The elements in it.
    pub children: Vec<Element>,
    attributes: Vec<Attribute>,
    open: Range<usize>,
    /// The end tag; nothing for an element that is closed in its start tag.
    close: Option<Range<usize>>,
}

#[derive(Clone, Debug)]
struct Attribute {
    name: String,
    value: String,
    range: Range<usize>,
}

impl Element {
    /// The first element of that name in this one.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The elements of that name in this one.
    pub fn children_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The element that a path of names leads to, the first of each.
    pub fn descend(&self, path: &[&str]) -> Option<&Element> {
        path.iter()
            .try_fold(self, |element, name| element.child(name))
    }

    /// The text of the first element of that name in this one.
    pub fn child_text(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
            .map(|attribute| attribute.value.as_str())
    }

    /// From the start tag to the end tag.
    fn range(&self) -> Range<usize> {
        let end = self.close.as_ref().map_or(self.open.end, |close| close.end);
        self.open.start..end
    }

    /// Between start tag and end tag.
    fn inside(&self) -> Range<usize> {
        let end = self
            .close
            .as_ref()
            .map_or(self.open.end, |close| close.start);
        self.open.end..end
    }
}

/// Reads a text and gives its root element.
pub fn parse(text: &str) -> Result<Element, Malformed> {
    let start = body_start(text);
    // The reader would pass over a second one and lose count.
    if text[start..].starts_with(BYTE_ORDER_MARK) {
        return Err(Malformed::at(text, start, "a second byte order mark"));
    }
    let mut reader = Reader::from_str(&text[start..]);
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<Element> = None;
    loop {
        let from = start + position(reader.buffer_position());
        let event = reader.read_event().map_err(|error| {
            let at = start + position(reader.error_position());
            Malformed::at(text, at, error.to_string())
        })?;
        let to = start + position(reader.buffer_position());
        let refuse = |reason: &str| Err(Malformed::at(text, from, reason));
        match event {
            Event::Start(tag) => {
                if open.len() >= DEEPEST {
                    return refuse("nested too deeply");
                }
                open.push(element(text, &tag, from..to)?);
            }
            Event::Empty(tag) => {
                let element = element(text, &tag, from..to)?;
                close(element, &mut open, &mut root, text)?;
            }
            Event::End(_) => {
                let Some(mut element) = open.pop() else {
                    return refuse("an end tag without a start tag");
                };
                element.close = Some(from..to);
                element.text = element.text.trim().to_string();
                close(element, &mut open, &mut root, text)?;
            }
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                let raw = &text[from..to];
                match open.last_mut() {
                    Some(element) => element.text.push_str(&meaning(raw)),
                    None if raw.trim().is_empty() => {}
                    None => return refuse("text outside of the root element"),
                }
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    match (root, open.is_empty()) {
        (Some(root), true) => Ok(root),
        (None, true) => Err(Malformed::at(text, start, "there is no root element")),
        (_, false) => Err(Malformed::at(text, text.len(), "an element is not closed")),
    }
}

/// What stands in the comments of a text that can be read.
fn comments(text: &str) -> Vec<Range<usize>> {
    let start = body_start(text);
    let mut reader = Reader::from_str(&text[start..]);
    let mut found = Vec::new();
    loop {
        let from = start + position(reader.buffer_position());
        match reader.read_event() {
            Ok(Event::Comment(_)) => {
                let to = start + position(reader.buffer_position());
                found.push(from + "<!--".len()..to - "-->".len());
            }
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

/// Positions are those of a text in memory.
fn position(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

fn meaning(raw: &str) -> String {
    let cdata = raw
        .strip_prefix("<![CDATA[")
        .and_then(|raw| raw.strip_suffix("]]>"));
    match cdata {
        Some(text) => text.to_string(),
        None => {
            escape::unescape(raw).map_or_else(|_| raw.to_string(), std::borrow::Cow::into_owned)
        }
    }
}

fn close(
    element: Element,
    open: &mut [Element],
    root: &mut Option<Element>,
    text: &str,
) -> Result<(), Malformed> {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None if root.is_some() => {
            return Err(Malformed::at(
                text,
                element.open.start,
                "a second root element",
            ));
        }
        None => *root = Some(element),
    }
    Ok(())
}

/// Whether a text can be a name (XML 1.0, section 2.3), taken a little wider.
fn is_name(text: &str) -> bool {
    let starts = |c: char| c.is_alphabetic() || "_:".contains(c);
    let goes_on = |c: char| c.is_alphanumeric() || "-._:\u{b7}".contains(c);
    text.starts_with(starts) && text.chars().all(goes_on)
}

fn element(text: &str, tag: &BytesStart, open: Range<usize>) -> Result<Element, Malformed> {
    if !is_name(tag.name().into_inner()) {
        return Err(Malformed::at(text, open.start, "a name that is none"));
    }
    let mut attributes = Vec::new();
    for attribute in tag.attributes() {
        let attribute =
            attribute.map_err(|error| Malformed::at(text, open.start, error.to_string()))?;
        let raw: &str = &attribute.value;
        // The value borrows from the text, so that its address tells its place.
        let at = (raw.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
        if text.get(at..at + raw.len()) != Some(raw) {
            return Err(Malformed::at(
                text,
                open.start,
                "an attribute that cannot be placed",
            ));
        }
        attributes.push(Attribute {
            name: attribute.key.local_name().into_inner().to_string(),
            value: meaning(raw),
            range: at..at + raw.len(),
        });
    }
    Ok(Element {
        name: tag.local_name().into_inner().to_string(),
        text: String::new(),
        children: Vec::new(),
        attributes,
        open,
        close: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_elements_text_and_attributes() {
        let text = "\u{feff}<?xml version=\"1.0\"?>\n<!-- c -->\n<a xmlns:x='y'>\n <x:b k='1 &amp; 2'/>t &lt; <![CDATA[<u>]]>\n</a>\n";
        let root = parse(text).expect("is fine");
        assert_eq!((root.name.as_str(), root.text.as_str()), ("a", "t < <u>"));
        let b = root.child("b").expect("is there");
        assert_eq!(b.attribute("k"), Some("1 & 2"));
        assert_eq!(&text[b.attributes[0].range.clone()], "1 &amp; 2");
        assert_eq!(&text[b.range()], "<x:b k='1 &amp; 2'/>");
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "x",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "</a>",
            "<a k=1/>",
            "<a/>x",
            "<a k='1' k='2'/>",
            "<</a k='1'/>",
            "\u{feff}\u{feff}<a/>",
            "<a\u{b}b/>",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&"<a>".repeat(1000)).is_err());
    }
}

//! Small XML documents as trees: POMs, nuspecs, Maven metadata.
//!
//! Names lose their prefix. Nothing is fetched, no entity is defined, and depth and number of the
//! elements are bounded, so a hostile document is only a refusal.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::Invalid;

/// How deep elements may stand in each other.
const DEEPEST: usize = 64;

/// How many elements a document may have.
const MOST: usize = 200_000;

/// An element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Its name, without a prefix.
    pub name: String,
    /// Its own text, without the spaces around it.
    pub text: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
}

impl Element {
    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children of that name.
    pub fn children<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The element at the end of a path of names.
    pub fn at(&self, path: &[&str]) -> Option<&Element> {
        path.iter()
            .try_fold(self, |element, name| element.child(name))
    }

    /// The text at the end of a path of names, if there is any.
    pub fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path)
            .map(|element| element.text.as_str())
            .filter(|text| !text.is_empty())
    }

    /// An attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Reads a document.
///
/// # Errors
/// A sentence when it is none, or is too deep or too large.
pub fn parse(bytes: &[u8]) -> Result<Element, Invalid> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    let unreadable = |error: &dyn std::fmt::Display| {
        Invalid::new(format!("the XML document cannot be read: {error}"))
    };
    let mut reader = Reader::from_str(&text);
    let mut open: Vec<Element> = Vec::new();
    let mut count = 0;
    loop {
        match reader.read_event().map_err(|error| unreadable(&error))? {
            Event::Start(start) => {
                count += 1;
                if count > MOST || open.len() >= DEEPEST {
                    return Err(Invalid::new("the XML document is too deep or too large"));
                }
                open.push(begun(&start));
            }
            Event::Empty(start) => {
                count += 1;
                if count > MOST {
                    return Err(Invalid::new("the XML document is too deep or too large"));
                }
                if let Some(root) = closed(&mut open, begun(&start)) {
                    return Ok(root);
                }
            }
            Event::End(_) => {
                let element = open
                    .pop()
                    .ok_or_else(|| unreadable(&"an element ends that did not begin"))?;
                if let Some(root) = closed(&mut open, element) {
                    return Ok(root);
                }
            }
            Event::Text(part) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&part);
                }
            }
            Event::CData(part) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&part);
                }
            }
            Event::GeneralRef(reference) => {
                if let Some(element) = open.last_mut() {
                    let name: &str = &reference;
                    match quick_xml::escape::unescape(&format!("&{name};")) {
                        Ok(character) => element.text.push_str(&character),
                        // An entity that only a schema would define.
                        Err(_) => element.text.push('\u{fffd}'),
                    }
                }
            }
            Event::Eof => return Err(unreadable(&"it is cut short")),
            _ => {}
        }
    }
}

fn begun(start: &BytesStart<'_>) -> Element {
    let attributes = start.attributes().flatten().map(|attribute| {
        let name = attribute.key.local_name().as_ref().to_string();
        let value = attribute.value.to_string();
        let value = quick_xml::escape::unescape(&value)
            .map_or_else(|_| value.clone(), std::borrow::Cow::into_owned);
        (name, value)
    });
    Element {
        name: start.local_name().as_ref().to_string(),
        attributes: attributes.collect(),
        ..Element::default()
    }
}

/// Hands a finished element to the one it stands in, or gives it back when it is the root.
fn closed(open: &mut [Element], mut element: Element) -> Option<Element> {
    element.text = element.text.trim().to_string();
    match open.last_mut() {
        Some(parent) => {
            parent.children.push(element);
            None
        }
        None => Some(element),
    }
}

/// The text as it is written in a document.
pub fn escaped(text: &str) -> std::borrow::Cow<'_, str> {
    quick_xml::escape::escape(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_a_tree() {
        let text = "\u{feff}<?xml version='1.0'?><!DOCTYPE a><!-- no --><p:a x='1 &amp; 2'> <b>one &lt; <![CDATA[<two>]]></b><c/><b> &#65; </b></p:a>";
        let root = parse(text.as_bytes()).unwrap();
        assert_eq!(root.name, "a");
        assert_eq!(root.attribute("x"), Some("1 & 2"));
        let texts: Vec<&str> = root
            .children("b")
            .map(|child| child.text.as_str())
            .collect();
        assert_eq!(texts, ["one < <two>", "A"]);
        assert_eq!(root.text_at(&["c"]), None);
        assert!(root.at(&["c", "d"]).is_none());
    }

    #[test]
    fn bad_documents_are_refused() {
        for text in ["", "text", "<a>", "<a></b>", "</a>", "<a", "<a><b></a></b>"] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(parse("<a>".repeat(100).as_bytes()).is_err());
        let laughs = "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>";
        assert_eq!(parse(laughs.as_bytes()).unwrap().text, "\u{fffd}");
    }
}

//! Changes to a document, each a splice of the text.

use std::borrow::Cow;

use quick_xml::escape;

use super::super::lines::{body_start, line_ending, splice};
use super::Element;

/// A new element.
#[derive(Clone, Debug)]
pub struct New {
    name: Cow<'static, str>,
    attributes: Vec<(&'static str, String)>,
    text: Option<String>,
    children: Vec<New>,
}

impl New {
    /// An element with a text in it.
    pub fn text(name: impl Into<Cow<'static, str>>, text: impl Into<String>) -> New {
        New {
            text: Some(text.into()),
            ..New::parent(name, Vec::new())
        }
    }

    /// An element with elements in it.
    pub fn parent(name: impl Into<Cow<'static, str>>, children: Vec<New>) -> New {
        New {
            name: name.into(),
            attributes: Vec::new(),
            text: None,
            children,
        }
    }

    /// An element that is all attributes.
    pub fn attributes(
        name: impl Into<Cow<'static, str>>,
        attributes: Vec<(&'static str, String)>,
    ) -> New {
        New {
            attributes,
            ..New::parent(name, Vec::new())
        }
    }

    fn render(&self, indent: &str, unit: &str, lines: &mut Vec<String>) {
        let mut tag = format!("{indent}<{}", self.name);
        for (name, value) in &self.attributes {
            tag.push_str(&format!(" {name}=\"{}\"", escape::escape(value.as_str())));
        }
        match (&self.text, self.children.is_empty()) {
            (Some(text), _) => {
                let text = escape::escape(text.as_str());
                lines.push(format!("{tag}>{text}</{}>", self.name));
            }
            (None, true) => lines.push(format!("{tag} />")),
            (None, false) => {
                lines.push(format!("{tag}>"));
                for child in &self.children {
                    child.render(&format!("{indent}{unit}"), unit, lines);
                }
                lines.push(format!("{indent}</{}>", self.name));
            }
        }
    }
}

/// The text with a new element at the end of another one, indented as its neighbours are.
pub fn append(text: &str, root: &Element, parent: &Element, new: &New) -> String {
    let ending = line_ending(text);
    let unit = unit(text, root);
    let outer = indent_of(text, parent.open.start).to_string();
    let own_line = |child: &&Element| {
        text[line_start(text, child.open.start)..child.open.start]
            .trim()
            .is_empty()
    };
    let indent = match parent.children.iter().find(own_line) {
        Some(child) => indent_of(text, child.open.start).to_string(),
        None => format!("{outer}{unit}"),
    };
    let mut lines = Vec::new();
    new.render(&indent, unit, &mut lines);
    let block = lines.join(ending);
    if parent.close.is_none() {
        let (tag, name) = closed_in_itself(&text[parent.open.clone()]);
        let opened = format!("{tag}>{ending}{block}{ending}{outer}</{name}>");
        return splice(text, parent.open.clone(), &opened);
    }
    let inside = parent.inside();
    let at = inside.start + text[inside.clone()].trim_end().len();
    let after = &text[at..inside.end];
    let closing = if after.contains('\n') {
        String::new()
    } else {
        format!("{ending}{outer}")
    };
    let end = if after.contains('\n') { at } else { inside.end };
    splice(text, at..end, &format!("{ending}{block}{closing}"))
}

/// What separates attributes (XML 1.0, section 2.3).
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// The tag of an element without content, without its end, and the element's name.
fn closed_in_itself(tag: &str) -> (&str, &str) {
    let tag = tag.strip_suffix("/>").unwrap_or(tag);
    let tag = tag.trim_end_matches(BLANKS);
    let name = tag.strip_prefix('<').unwrap_or(tag);
    let end = name.find(BLANKS).unwrap_or(name.len());
    (tag, &name[..end])
}

/// The text with another text in an element that has no elements in it.
pub fn set_text(text: &str, element: &Element, value: &str) -> String {
    if element.text == value {
        return text.to_string();
    }
    let value = escape::escape(value);
    match element.close {
        Some(_) => splice(text, element.inside(), &value),
        None => {
            let (tag, name) = closed_in_itself(&text[element.open.clone()]);
            let opened = format!("{tag}>{value}</{name}>");
            splice(text, element.open.clone(), &opened)
        }
    }
}

/// The text with an attribute of an element set.
pub fn set_attribute(text: &str, element: &Element, name: &str, value: &str) -> String {
    let found = element
        .attributes
        .iter()
        .find(|attribute| attribute.name == name);
    match found {
        Some(attribute) if attribute.value == value => text.to_string(),
        Some(attribute) => splice(text, attribute.range.clone(), &escape::escape(value)),
        None => {
            let tag = &text[element.open.clone()];
            let end = tag
                .trim_end_matches(['/', '>'])
                .trim_end_matches(BLANKS)
                .len();
            let at = element.open.start + end;
            splice(
                text,
                at..at,
                &format!(" {name}=\"{}\"", escape::escape(value)),
            )
        }
    }
}

/// The text without an element, and without its line where it stood alone.
pub fn remove(text: &str, element: &Element) -> String {
    let range = element.range();
    let start = line_start(text, range.start);
    let end = text[range.end..]
        .find('\n')
        .map_or(text.len(), |at| range.end + at + 1);
    let alone =
        text[start..range.start].trim().is_empty() && text[range.end..end].trim().is_empty();
    splice(text, if alone { start..end } else { range }, "")
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(body_start(text), |at| at + 1)
}

/// The blanks at the beginning of the line of a byte.
fn indent_of(text: &str, at: usize) -> &str {
    let line = &text[line_start(text, at)..at];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// By how much the document indents, which the first element in the root shows.
fn unit<'a>(text: &'a str, root: &Element) -> &'a str {
    let first = root.children.first().map(|child| child.open.start);
    match first {
        Some(at) if text[line_start(text, at)..at].trim().is_empty() => {
            let own = indent_of(text, at);
            let outer = indent_of(text, root.open.start);
            let unit = own.strip_prefix(outer).unwrap_or(own);
            if unit.is_empty() { "  " } else { unit }
        }
        _ => "  ",
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn appended(text: &str, path: &[&str], new: &New) -> String {
        let root = parse(text).expect("is fine");
        append(text, &root, root.descend(path).expect("is there"), new)
    }

    #[test]
    fn new_elements_are_indented_like_their_neighbours() {
        let new = New::parent("c", vec![New::text("d", "1 < 2")]);
        assert_eq!(
            appended("<a>\n\t<b>\n\t</b>\n</a>\n", &["b"], &new),
            "<a>\n\t<b>\n\t\t<c>\n\t\t\t<d>1 &lt; 2</d>\n\t\t</c>\n\t</b>\n</a>\n"
        );
        assert_eq!(
            appended("<a>\r\n    <b />\r\n</a>", &["b"], &new),
            "<a>\r\n    <b>\r\n        <c>\r\n            <d>1 &lt; 2</d>\r\n        </c>\r\n    </b>\r\n</a>"
        );
        assert_eq!(
            appended(
                "<a/>",
                &[],
                &New::attributes("b", vec![("k", "1\"2".into())])
            ),
            "<a>\n  <b k=\"1&quot;2\" />\n</a>"
        );
        assert_eq!(
            appended("<a><b/></a>", &[], &New::text("c", "x")),
            "<a><b/>\n  <c>x</c>\n</a>"
        );
    }

    #[test]
    fn texts_and_attributes_change_in_place() {
        let text = "<a><b>x</b><c k='1'/></a>";
        let root = parse(text).expect("is fine");
        let (b, c) = (root.child("b").expect("b"), root.child("c").expect("c"));
        assert_eq!(set_text(text, b, "y&z"), "<a><b>y&amp;z</b><c k='1'/></a>");
        assert_eq!(set_text(text, b, "x"), text);
        assert_eq!(
            set_attribute(text, c, "k", "2"),
            "<a><b>x</b><c k='2'/></a>"
        );
        assert_eq!(
            set_attribute(text, c, "l", "2"),
            "<a><b>x</b><c k='1' l=\"2\"/></a>"
        );
        let empty = parse("<a/>").expect("is fine");
        assert_eq!(set_text("<a/>", &empty, "x"), "<a>x</a>");
        assert_eq!(set_text(text, c, "x"), "<a><b>x</b><c k='1'>x</c></a>");
    }

    #[test]
    fn a_line_goes_with_its_element() {
        let text = "<a>\n  <b/>\n  <c/>\n</a>\n";
        let root = parse(text).expect("is fine");
        assert_eq!(
            remove(text, root.child("b").expect("b")),
            "<a>\n  <c/>\n</a>\n"
        );
        let text = "<a><b/><c/></a>";
        let root = parse(text).expect("is fine");
        assert_eq!(remove(text, root.child("b").expect("b")), "<a><c/></a>");
    }
}

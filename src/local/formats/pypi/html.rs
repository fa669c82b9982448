//! The little of HTML that an index needs: the attributes of its anchors.
//!
//! An index is a page of `<a …>`; nothing else on it matters (PEP 503). Everything that cannot be
//! read as such a tag is passed over.

/// The attributes of one anchor, names in lower case, values unescaped.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Anchor(Vec<(String, String)>);

impl Anchor {
    /// The value of the first attribute of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// All anchors of a page, in their order.
pub fn anchors(page: &str) -> Vec<Anchor> {
    let mut anchors = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let is_anchor = rest.starts_with(['a', 'A'])
            && rest[1..].starts_with(|next: char| next.is_ascii_whitespace());
        if is_anchor {
            let (anchor, after) = attributes(&rest[1..]);
            anchors.push(anchor);
            rest = after;
        }
    }
    anchors
}

/// Reads attributes up to the end of the tag.
fn attributes(text: &str) -> (Anchor, &str) {
    let mut anchor = Anchor::default();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|next: char| next.is_ascii_whitespace() || next == '/');
        if rest.is_empty() {
            return (anchor, rest);
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (anchor, after);
        }
        // An equals sign in front is part of the name, so that every turn goes on.
        let first = rest.chars().next().map_or(1, char::len_utf8);
        let end = rest[first..]
            .find(|next: char| next.is_ascii_whitespace() || "=>/".contains(next))
            .map_or(rest.len(), |end| first + end);
        let name = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start_matches(|next: char| next.is_ascii_whitespace());
        let value = match rest.strip_prefix('=') {
            None => String::new(),
            Some(after) => {
                let after = after.trim_start_matches(|next: char| next.is_ascii_whitespace());
                let (value, after) = value(after);
                rest = after;
                unescaped(value)
            }
        };
        anchor.0.push((name, value));
    }
}

fn value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    let end = text.find(|next: char| next.is_ascii_whitespace() || next == '>');
    text.split_at(end.unwrap_or(text.len()))
}

/// The text that an attribute's value stands for.
fn unescaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(position) = rest.find('&') {
        out.push_str(&rest[..position]);
        rest = &rest[position..];
        let reference = rest[1..]
            .split_once(';')
            .map(|(name, _)| name)
            .filter(|name| name.len() <= 8);
        match reference.and_then(|name| Some((name, character(name)?))) {
            Some((name, character)) => {
                out.push(character);
                rest = &rest[name.len() + 2..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn character(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

/// The text as it is written in a page or a quoted attribute.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_found_in_all_spellings() {
        let page = "<!DOCTYPE html><!-- <a href=no> --><abbr href=no><A HREF='x&amp;y'\n data-yanked>text</A>\
            <a href = \"1 > 0\" data-requires-python=\"&gt;=3.6&#44; &#x3c;4 & more &bogus;\">z</a><a href=bare>";
        let found: Vec<_> = anchors(page).into_iter().map(|anchor| anchor.0).collect();
        let own = |name: &str, value: &str| (name.to_string(), value.to_string());
        assert_eq!(
            found,
            [
                vec![own("href", "x&y"), own("data-yanked", "")],
                vec![
                    own("href", "1 > 0"),
                    own("data-requires-python", ">=3.6, <4 & more &bogus;")
                ],
                vec![own("href", "bare")],
            ]
        );
    }

    #[test]
    fn broken_pages_end() {
        for page in [
            "<",
            "<a",
            "<a ",
            "<a =",
            "<a href",
            "<a href=",
            "<a href='x",
            "<!--",
            "<a //",
            "<a \u{e4}=\u{e4}",
            "<a ==\"x\">",
        ] {
            anchors(page);
        }
    }

    #[test]
    fn what_is_escaped_is_read_again() {
        let text = "<a & \"b\" 'c'>";
        assert_eq!(unescaped(&escaped(text)), text);
    }
}

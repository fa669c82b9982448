//! Where secrets stand in a document: in elements and attributes by name, in NuGet's
//! `add` elements by key, in HTTP headers, in addresses and in comments.

use std::ops::Range;

use super::super::secrets as names;
use super::{Element, comments, parse};

/// Where secrets stand. A text that cannot be read is one secret.
pub fn secrets(text: &str) -> Vec<Range<usize>> {
    let Ok(root) = parse(text) else {
        return names::tidy(text, names::everything(text));
    };
    let mut found = names::in_addresses(text);
    walk(text, &root, &[], &mut found);
    found.extend(in_comments(text));
    names::tidy(text, found)
}

fn walk(text: &str, element: &Element, above: &[&str], found: &mut Vec<Range<usize>>) {
    let mut whole = |element: &Element| found.push(trimmed(text, element.inside()));
    if names::is_secret_name(&element.name) && element.children.is_empty() {
        whole(element);
    }
    if element.name == "httpHeaders" {
        element
            .children_named("property")
            .filter_map(|property| property.child("value"))
            .for_each(&mut whole);
    }
    for attribute in &element.attributes {
        let by_key = attribute.name == "value"
            && element.name.eq_ignore_ascii_case("add")
            && is_secret_key(element.attribute("key").unwrap_or_default(), above);
        if by_key || names::is_secret_name(&attribute.name) {
            found.push(attribute.range.clone());
        }
    }
    let mut path = above.to_vec();
    path.push(&element.name);
    for child in &element.children {
        walk(text, child, &path, found);
    }
}

/// Whether the value of NuGet's `add` is a secret.
fn is_secret_key(key: &str, above: &[&str]) -> bool {
    let within = |name: &str| {
        above
            .iter()
            .any(|element| element.eq_ignore_ascii_case(name))
    };
    let open = ["username", "validauthenticationtypes"];
    names::is_secret_name(key)
        || within("apikeys")
        || within("packageSourceCredentials") && !open.contains(&key.to_ascii_lowercase().as_str())
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let raw = &text[range.clone()];
    let start = range.start + raw.len() - raw.trim_start().len();
    start..start + raw.trim().len()
}

/// `<password>…<` in a comment.
fn in_comments(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for comment in comments(text) {
        let (start, end) = (comment.start, comment.end);
        let mut at = start;
        while let Some(tag) = text[at..end].find('<').map(|tag| at + tag + 1) {
            let Some(value) = text[tag..end].find('>').map(|close| tag + close + 1) else {
                break;
            };
            let name = text[tag..value - 1]
                .split_whitespace()
                .next()
                .unwrap_or_default();
            let value_end = text[value..end].find('<').map_or(end, |next| value + next);
            if names::is_secret_name(name) && !name.starts_with('/') {
                found.push(trimmed(text, value..value_end));
            }
            if names::is_secret_name(&text[tag..value - 1]) && text[tag..value - 1].contains('=') {
                found.push(tag + name.len()..value - 1);
            }
            at = value;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_maven_and_nuget_hide() {
        let text = "<s><server><id>a</id><password> abc </password></server>\
            <httpHeaders><property><name>Authorization</name><value>def</value></property></httpHeaders>\
            <packageSourceCredentials><x><add key=\"Username\" value=\"me\"/><add key=\"Password\" value=\"ghi\"/></x></packageSourceCredentials>\
            <apikeys><add key=\"https://h.test/\" value=\"jkl\"/></apikeys>\
            <!-- <password>mno</password> --></s>";
        let found: Vec<_> = secrets(text).into_iter().map(|r| &text[r]).collect();
        assert_eq!(found, ["abc", "def", "ghi", "jkl", "mno"]);
        let text = "<a><b k='<!--'/><add key=\"Password\" value=\"x\"/></a>";
        let found: Vec<_> = secrets(text).into_iter().map(|r| &text[r]).collect();
        assert_eq!(found, ["x"]);
    }
}

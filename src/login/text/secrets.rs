//! Where secrets stand in a text, as far as all syntaxes have it in common: passwords in
//! addresses, and names that only a secret has.

use std::ops::Range;

/// Passwords in addresses, `scheme://user:PASSWORD@host`, and user names without a password,
/// which are as often as not the token itself.
pub fn in_addresses(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("://") {
        let start = from + at + "://".len();
        let end = text[start..]
            .find(|c: char| c.is_whitespace() || "/?#\"'<>,".contains(c))
            .map_or(text.len(), |at| start + at);
        if let Some(at) = text[start..end].rfind('@') {
            let secret = match text[start..start + at].find(':') {
                Some(colon) => start + colon + 1..start + at,
                None => start..start + at,
            };
            if !secret.is_empty() {
                found.push(secret);
            }
        }
        from = start;
    }
    found
}

/// Whether a setting of this name holds a secret. Rather one too many: what is taken for a
/// secret is hidden in a diff and is not remembered for a logout.
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['-', '_', '.', ' '], "");
    [
        "password",
        "passphrase",
        "passwd",
        "token",
        "secret",
        "apikey",
        "accesskey",
        "privatekey",
    ]
    .iter()
    .any(|part| name.contains(part))
        || name.ends_with("auth") && !name.ends_with("alwaysauth")
        || name.ends_with("authident")
}

/// The secret itself, without the scheme or the user name that some syntaxes put before it.
pub fn bare(text: &str, mut range: Range<usize>) -> Range<usize> {
    for prefix in ["Bearer ", "bearer ", "aws:"] {
        if text[range.clone()].starts_with(prefix) {
            range.start += prefix.len();
        }
    }
    range
}

/// All of a text, for one that cannot be read and so may hide anything.
pub fn everything(text: &str) -> Vec<Range<usize>> {
    std::iter::once(0..text.len()).collect()
}

/// Sorts ranges, joins those that overlap, and leaves out those that only refer to a variable:
/// `${NPM_TOKEN}` can be shown and remembered.
pub fn tidy(text: &str, mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.retain(|range| !range.is_empty() && !is_reference(&text[range.clone()]));
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut tidied: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match tidied.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => tidied.push(range),
        }
    }
    tidied
}

/// `${NAME}` or `%NAME%`, with a dot in the name as Maven writes it.
fn is_reference(text: &str) -> bool {
    let text = text.trim();
    let text = text.strip_prefix("Bearer ").unwrap_or(text);
    let braced = text
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'));
    let percent = text
        .strip_prefix('%')
        .and_then(|rest| rest.strip_suffix('%'));
    braced.or(percent).is_some_and(|name| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || "_.?env".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_passwords_in_addresses() {
        let text =
            "a = https://aws:hunter2@host.test/ https://token@host.test/ https://host.test/a@b";
        let found: Vec<_> = in_addresses(text).into_iter().map(|r| &text[r]).collect();
        assert_eq!(found, ["hunter2", "token"]);
    }

    #[test]
    fn knows_the_names_of_secrets() {
        for name in [
            "_authToken",
            "//h/:_auth",
            "password",
            "api_key",
            ":rubygems_api_key",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "registry",
            "always-auth",
            "npmAlwaysAuth",
            "index-url",
            "username",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn overlapping_ranges_become_one() {
        assert_eq!(
            tidy("abcdefghijk", vec![5..9, 1..3, 2..6, 4..4, 10..11]),
            [1..9, 10..11]
        );
    }

    #[test]
    fn a_reference_to_a_variable_is_no_secret() {
        for text in [
            "${NPM_TOKEN}",
            "${env.CODEARTIFACT_AUTH_TOKEN}",
            "%TOKEN%",
            "Bearer ${T}",
        ] {
            assert!(is_reference(text), "{text}");
        }
        for text in ["${npm secret}", "abc", "${}", "x${NPM_TOKEN}", "%"] {
            assert!(!is_reference(text), "{text}");
        }
    }
}

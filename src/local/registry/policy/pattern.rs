//! Wildcards and variables in the texts of policies.

use super::Request;

/// Whether the text matches the pattern, in which `*` is any run of characters and `?` any one.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut at_pattern, mut at_text) = (0, 0);
    // Where to go on when the run that a `*` took turns out too short: linear space, no recursion.
    let mut retry: Option<(usize, usize)> = None;
    while at_text < text.len() {
        match pattern.get(at_pattern) {
            Some('*') => {
                retry = Some((at_pattern + 1, at_text));
                at_pattern += 1;
            }
            Some('?') => {
                at_pattern += 1;
                at_text += 1;
            }
            Some(character) if *character == text[at_text] => {
                at_pattern += 1;
                at_text += 1;
            }
            _ => match &mut retry {
                Some((after_star, taken)) => {
                    *taken += 1;
                    at_pattern = *after_star;
                    at_text = *taken;
                }
                None => return false,
            },
        }
    }
    pattern[at_pattern..]
        .iter()
        .all(|character| *character == '*')
}

/// The same for actions, which are compared without case.
pub(super) fn matches_ignoring_case(pattern: &str, text: &str) -> bool {
    matches(&pattern.to_lowercase(), &text.to_lowercase())
}

/// The text with `${aws:username}` and other condition keys filled in. A variable without a value
/// stays as it is and so matches nothing; `${*}`, `${?}` and `${$}` are those characters.
pub(super) fn with_variables<'a>(
    text: &'a str,
    request: &Request<'_>,
) -> std::borrow::Cow<'a, str> {
    if !text.contains("${") {
        return text.into();
    }
    let mut filled = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else {
            break;
        };
        let name = &rest[start + 2..start + length];
        filled.push_str(&rest[..start]);
        match (name, request.values(name).first()) {
            ("*" | "?" | "$", _) => filled.push_str(name),
            (_, Some(value)) => filled.push_str(value),
            (_, None) => filled.push_str(&rest[start..=start + length]),
        }
        rest = &rest[start + length + 1..];
    }
    filled.push_str(rest);
    filled.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_runs_and_single_characters() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*b*c", "aXbXbc", true),
            ("a*b*c", "aXbXb", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("", "a", false),
            (
                "package/*/*test/*/*/*",
                "package/d/unit-test/npm//lodash",
                true,
            ),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn many_stars_do_not_take_for_ever() {
        assert!(!matches(&"*a".repeat(200), &"b".repeat(2000)));
    }

    #[test]
    fn variables_are_filled_in() {
        let keys = [("aws:username".to_string(), "bob".to_string())];
        let request = Request {
            principal: "",
            account: "",
            action: "",
            resource: "",
            keys: &keys,
        };
        assert_eq!(
            with_variables("user/${aws:username}/${*}", &request),
            "user/bob/*"
        );
        assert_eq!(
            with_variables("${aws:unknown} ${", &request),
            "${aws:unknown} ${"
        );
    }
}

//! Where secrets stand in a document: by name, in addresses, in Bundler's credentials, in
//! comments.

use std::ops::Range;

use super::super::{lines, secrets as names};
use super::{OPAQUE, Yaml, without_comment};

/// Where secrets stand.
pub fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut found = names::in_addresses(text);
    match Yaml::parse(text) {
        Ok(yaml) => {
            for (name, range) in yaml.scalars() {
                let credentials = name.starts_with("BUNDLE_") && name.ends_with('/')
                    || name.starts_with("BUNDLE_")
                        && name.contains("__")
                        && !name.starts_with("BUNDLE_MIRROR");
                if names::is_secret_name(&name) || credentials || name == OPAQUE {
                    found.push(inner(text, range));
                }
            }
            found.extend(comment_secrets(text));
        }
        Err(_) => found.extend(names::everything(text)),
    }
    names::tidy(text, found)
}

fn comment_secrets(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for line in lines::lines(text) {
        let shown = without_comment(line.text.trim_start());
        let from = line.start + line.text.len() - line.text.trim_start().len() + shown.len();
        let comment = &text[from..line.text_end];
        if let Some(at) = comment.find(':')
            && names::is_secret_name(comment[..at].trim_start_matches(['#', ' ']))
        {
            found.push(inner(text, from + at + 1..line.text_end));
        }
    }
    found
}

/// A scalar's range without blanks and quotes around it.
fn inner(text: &str, range: Range<usize>) -> Range<usize> {
    let raw = &text[range.clone()];
    let start = range.start + raw.len() - raw.trim_start().len();
    let trimmed = raw.trim();
    let quotes =
        trimmed.len() >= 2 && trimmed.starts_with(['"', '\'']) && trimmed.ends_with(['"', '\'']);
    let cut = usize::from(quotes);
    start + cut..start + trimmed.len() - cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_by_name() {
        let text = "npmAuthToken: \"abc\"\n# npmAuthToken: def\nBUNDLE_HTTPS://HOST__TEST/RUBY/: \"aws:ghi\"\nBUNDLE_PATH: vendor\n";
        let found: Vec<_> = secrets(text).into_iter().map(|r| &text[r]).collect();
        assert_eq!(found, ["abc", "def", "aws:ghi"]);
    }
}

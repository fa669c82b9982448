//! Files that are ours alone, for tools that take a folder of scripts: written whole, and only
//! where there is none or one of ours.

use super::adapter::Malformed;
use super::text::lines::body_start;

/// What stands in the first line of a file of ours, behind the comment sign.
const MARK: &str = "Written by `codeartifact login`; `codeartifact logout` takes it away.";

/// A text of ours with its first line. `comment` begins a comment in the file's language.
pub(super) fn marked(comment: &str, body: &str) -> String {
    format!("{comment} {MARK}\n{body}")
}

/// Refuses a text that somebody else wrote.
pub(super) fn check(comment: &str, old: &str) -> Result<(), Malformed> {
    match old[body_start(old)..].trim().is_empty() || is_ours(comment, old) {
        true => Ok(()),
        false => Err(Malformed::new(
            "somebody else wrote it, and its language cannot be edited here",
        )),
    }
}

/// Whether a text is one of ours.
pub(super) fn is_ours(comment: &str, text: &str) -> bool {
    text.starts_with(&format!("{comment} {MARK}"))
}

//! The difference of two texts as a person reads it, with secrets hidden unless asked for.

use std::ops::Range;
use std::path::Path;

use similar::{Algorithm, DiffTag, capture_diff_slices, group_diff_ops};

use super::text::secrets::bare;
use super::undo::FindSecrets;

/// What stands where a secret was.
pub const HIDDEN: &str = "******";

/// Whether secrets are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// Every secret of the file is hidden, not only our token.
    Hidden,
    /// The text as it is.
    Shown,
}

/// A unified diff with three lines of context; nothing when the texts are the same. A missing
/// text is a file that is not there.
pub fn unified(
    path: &Path,
    old: Option<&str>,
    new: Option<&str>,
    find: FindSecrets,
    show: Secrets,
) -> String {
    let (old_text, new_text) = (old.unwrap_or_default(), new.unwrap_or_default());
    if old_text == new_text {
        return String::new();
    }
    let old_lines: Vec<&str> = old_text.split_inclusive('\n').collect();
    let new_lines: Vec<&str> = new_text.split_inclusive('\n').collect();
    let old_shown = shown_lines(old_text, find, show);
    let new_shown = shown_lines(new_text, find, show);
    let name = |present: bool| match present {
        true => path.display().to_string(),
        false => "/dev/null".to_string(),
    };
    let mut result = format!("--- {}\n+++ {}\n", name(old.is_some()), name(new.is_some()));
    for group in group_diff_ops(
        capture_diff_slices(Algorithm::Myers, &old_lines, &new_lines),
        3,
    ) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else {
            continue;
        };
        let old_span = first.old_range().start..last.old_range().end;
        let new_span = first.new_range().start..last.new_range().end;
        result.push_str(&format!(
            "@@ -{} +{} @@\n",
            span(&old_span),
            span(&new_span)
        ));
        for op in group {
            let (tag, old, new) = op.as_tag_tuple();
            if tag == DiffTag::Equal {
                push_lines(&mut result, ' ', &old_shown[old]);
            } else {
                push_lines(&mut result, '-', &old_shown[old]);
                push_lines(&mut result, '+', &new_shown[new]);
            }
        }
    }
    result
}

/// The text with every secret in it hidden.
pub fn hide(text: &str, find: FindSecrets) -> String {
    shown_lines(text, find, Secrets::Hidden).concat()
}

fn span(lines: &Range<usize>) -> String {
    let start = if lines.is_empty() {
        lines.start
    } else {
        lines.start + 1
    };
    match lines.len() {
        1 => start.to_string(),
        length => format!("{start},{length}"),
    }
}

fn push_lines(result: &mut String, sign: char, lines: &[String]) {
    for line in lines {
        result.push(sign);
        result.push_str(line.trim_end_matches(['\n', '\r']));
        result.push('\n');
        if !line.ends_with('\n') {
            result.push_str("\\ No newline at end of file\n");
        }
    }
}

/// The lines of a text; a secret that spans lines is hidden on each of them.
fn shown_lines(text: &str, find: FindSecrets, show: Secrets) -> Vec<String> {
    let found = match show {
        Secrets::Hidden => find(text),
        Secrets::Shown => Vec::new(),
    };
    let mut lines = Vec::new();
    let mut start = 0;
    let mut next = 0;
    for line in text.split_inclusive('\n') {
        while next < found.len() && found[next].end <= start {
            next += 1;
        }
        let end = start + line.trim_end_matches(['\n', '\r']).len();
        let mut shown = String::with_capacity(line.len());
        let mut from = start;
        for secret in found[next..].iter().take_while(|secret| secret.start < end) {
            let secret = bare(text, secret.clone());
            let (hidden_start, hidden_end) = (secret.start.max(from), secret.end.min(end));
            if hidden_start < hidden_end {
                shown.push_str(&text[from..hidden_start]);
                shown.push_str(HIDDEN);
                from = hidden_end;
            }
        }
        shown.push_str(&text[from..start + line.len()]);
        lines.push(shown);
        start += line.len();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::text::npmrc;
    use super::*;

    #[test]
    fn shows_what_changes_and_hides_all_secrets() {
        let old = "a=1\n//other/:_authToken=theirs\nregistry=https://old.test/\n";
        let new =
            "a=1\n//other/:_authToken=theirs\nregistry=https://new.test/\n//new/:_authToken=ours\n";
        let diff = unified(
            Path::new("/h/.npmrc"),
            Some(old),
            Some(new),
            npmrc::secrets,
            Secrets::Hidden,
        );
        assert_eq!(
            diff,
            "--- /h/.npmrc\n+++ /h/.npmrc\n@@ -1,3 +1,4 @@\n a=1\n //other/:_authToken=******\n\
             -registry=https://old.test/\n+registry=https://new.test/\n+//new/:_authToken=******\n"
        );
    }

    #[test]
    fn a_new_token_alone_is_a_difference() {
        let diff = unified(
            Path::new("f"),
            Some("//h/:_authToken=a\n"),
            Some("//h/:_authToken=b\n"),
            npmrc::secrets,
            Secrets::Hidden,
        );
        assert!(
            diff.ends_with("-//h/:_authToken=******\n+//h/:_authToken=******\n"),
            "{diff}"
        );
    }

    #[test]
    fn a_new_file_comes_from_nowhere() {
        let diff = unified(
            Path::new("f"),
            None,
            Some("a=1\n"),
            npmrc::secrets,
            Secrets::Shown,
        );
        assert_eq!(diff, "--- /dev/null\n+++ f\n@@ -0,0 +1 @@\n+a=1\n");
    }
}

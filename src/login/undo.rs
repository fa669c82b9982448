//! What turned one text into another, remembered without secrets, so that it can be taken
//! back out of a text that has gone on changing meanwhile.
//!
//! A login's traces are the lines it wrote and the lines it replaced. A written token is
//! remembered by a fingerprint only, which is enough to know it again; a replaced line that
//! held a secret is not remembered at all. Lines that are no longer as they were written are
//! somebody's own by now and stay. Pure.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::text::lines::line_ending;
use super::text::secrets;

/// Finds secrets in a text.
pub type FindSecrets = fn(&str) -> Vec<Range<usize>>;

/// How to take a change back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// There was no file before.
    created: bool,
    /// How many lines there were before.
    lines_before: usize,
    /// The last line had no line ending before.
    open_end: bool,
    hunks: Vec<Hunk>,
}

/// Lines that replaced others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Hunk {
    /// At which line of the new text, counted from 0.
    at: usize,
    /// What was there before; nothing when it held a secret.
    old: Option<Vec<String>>,
    new: Vec<WrittenLine>,
}

/// A line of ours. `parts` is what stands around its tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct WrittenLine {
    parts: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tokens: Vec<String>,
}

/// What is left after a change was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// The text; `None` where the file did not exist before and nothing is left of it.
    pub text: Option<String>,
    /// Whether all of the change could be taken back to the letter.
    pub complete: bool,
}

/// By what a token is known again: half of its SHA-256. Tokens are long and random, so that
/// nothing leads back from it.
pub fn fingerprint(token: &str) -> String {
    let digest = Sha256::digest(token.replace("%2F", "/").replace("%2B", "+").as_bytes());
    hex::encode(&digest[..16])
}

impl Undo {
    /// Remembers what leads from `new` back to `base`. `known` are the fingerprints of the
    /// tokens that logins wrote; any other secret makes a line unfit to be remembered.
    pub fn record(base: Option<&str>, new: &str, find: FindSecrets, known: &[String]) -> Undo {
        let base_text = base.unwrap_or_default();
        let ending = line_ending(new);
        let (old_text, open_end) = closed(base_text, ending);
        let (new_text, _) = closed(new, ending);
        let old_lines = split(&old_text);
        let new_lines = split(&new_text);
        let old_secrets = find(&old_text);
        let new_secrets = find(&new_text);
        let old_starts = starts(&old_lines);
        let new_starts = starts(&new_lines);

        let hunks = changes(&old_lines, &new_lines)
            .into_iter()
            .map(|(old, new)| {
                let span = span_of(&old_starts, &old);
                let old_is_clean = !old_secrets.iter().any(|secret| touches(secret, &span));
                let written: Option<Vec<WrittenLine>> = new
                    .clone()
                    .map(|at| {
                        let span = new_starts[at]..new_starts[at + 1];
                        write_down(&new_text, span, &new_secrets, known)
                    })
                    .collect();
                let exact = old_is_clean && written.is_some() && !new.is_empty();
                Hunk {
                    at: new.start,
                    old: exact.then(|| {
                        old_lines[old]
                            .iter()
                            .map(|line| (*line).to_string())
                            .collect()
                    }),
                    new: written.unwrap_or_default(),
                }
            })
            .collect();
        Undo {
            created: base.is_none(),
            lines_before: old_lines.len(),
            open_end,
            hunks,
        }
    }

    /// Whether there was no file before.
    pub fn created(&self) -> bool {
        self.created
    }

    /// Whether all that was written still stands in a text, wherever it is by now.
    pub fn stands(&self, current: &str, find: FindSecrets) -> bool {
        let (text, _) = closed(current, line_ending(current));
        let seen = seen_lines(&text, &find(&text));
        self.hunks
            .iter()
            .all(|hunk| hunk.new.is_empty() || locate(&seen, &hunk.new, hunk.at).is_some())
    }

    /// Takes the change back out of a text, wherever its lines still stand as written.
    pub fn apply(&self, current: &str, find: FindSecrets) -> Undone {
        let ending = line_ending(current);
        let (text, current_open) = closed(current, ending);
        let found = find(&text);
        let mut lines: Vec<String> = split(&text)
            .iter()
            .map(|line| (*line).to_string())
            .collect();
        let seen = seen_lines(&text, &found);
        let mut complete = true;
        let mut limit = lines.len();
        for hunk in self.hunks.iter().rev() {
            let place = hunk
                .old
                .as_ref()
                .and_then(|old| Some((old, locate(&seen[..limit], &hunk.new, hunk.at)?)));
            match place {
                Some((old, at)) => {
                    lines.splice(at..at + hunk.new.len(), old.iter().cloned());
                    limit = at;
                }
                None => complete = false,
            }
        }
        let as_before = complete && lines.len() == self.lines_before;
        let mut result = lines.concat();
        if if as_before {
            self.open_end
        } else {
            current_open
        } {
            let kept = result.trim_end_matches(['\n', '\r']).len();
            // Only the ending of the last line goes, not blank lines before it.
            let tail = &result[kept..];
            let cut = if tail.ends_with("\r\n") {
                2
            } else {
                tail.len().min(1)
            };
            result.truncate(result.len() - cut);
        }
        let gone = self.created && result.trim().is_empty();
        Undone {
            text: (!gone).then_some(result),
            complete,
        }
    }
}

/// The text with an ending after its last line, and whether that was missing. A lone `\r` is an
/// ending, as it is for the editors, who put nothing behind it either.
fn closed(text: &str, ending: &str) -> (String, bool) {
    if text.is_empty() || text.ends_with(['\n', '\r']) {
        (text.to_string(), false)
    } else {
        (format!("{text}{ending}"), true)
    }
}

fn split(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Where each line starts, and where the last one ends.
fn starts(lines: &[&str]) -> Vec<usize> {
    let mut starts = vec![0];
    let mut at = 0;
    for line in lines {
        at += line.len();
        starts.push(at);
    }
    starts
}

fn span_of(starts: &[usize], lines: &Range<usize>) -> Range<usize> {
    starts[lines.start]..starts[lines.end]
}

fn touches(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// The runs of lines that differ: where in the old and where in the new text.
fn changes(old: &[&str], new: &[&str]) -> Vec<(Range<usize>, Range<usize>)> {
    let mut runs: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        let (tag, old, new) = op.as_tag_tuple();
        if tag == DiffTag::Equal {
            continue;
        }
        match runs.last_mut() {
            Some(last) if last.0.end == old.start && last.1.end == new.start => {
                last.0.end = old.end;
                last.1.end = new.end;
            }
            _ => runs.push((old, new)),
        }
    }
    runs
}

/// A line with its tokens taken out; nothing when it holds a secret that is not ours.
fn write_down(
    text: &str,
    span: Range<usize>,
    found: &[Range<usize>],
    known: &[String],
) -> Option<WrittenLine> {
    let line = take_apart(text, span, found);
    line.tokens
        .iter()
        .all(|token| known.contains(token))
        .then_some(line)
}

fn take_apart(text: &str, span: Range<usize>, found: &[Range<usize>]) -> WrittenLine {
    let mut line = WrittenLine {
        parts: Vec::new(),
        tokens: Vec::new(),
    };
    let mut from = span.start;
    for secret in found {
        let secret = secrets::bare(text, secret.clone());
        if secret.start < from || secret.end > span.end || secret.is_empty() {
            continue;
        }
        line.parts.push(text[from..secret.start].to_string());
        line.tokens.push(fingerprint(&text[secret.clone()]));
        from = secret.end;
    }
    let rest = text[from..span.end].trim_end_matches(['\n', '\r']);
    line.parts.push(rest.to_string());
    line
}

fn seen_lines(text: &str, found: &[Range<usize>]) -> Vec<WrittenLine> {
    let lines = split(text);
    let starts = starts(&lines);
    let mut seen = Vec::with_capacity(lines.len());
    let mut from = 0;
    for at in 0..lines.len() {
        let span = starts[at]..starts[at + 1];
        while from < found.len() && found[from].end <= span.start {
            from += 1;
        }
        let here = found[from..]
            .iter()
            .take_while(|secret| secret.start < span.end)
            .count();
        seen.push(take_apart(text, span, &found[from..from + here]));
    }
    seen
}

/// Where the lines stand, as near as can be to where they were written.
fn locate(seen: &[WrittenLine], lines: &[WrittenLine], at: usize) -> Option<usize> {
    if lines.is_empty() || lines.len() > seen.len() {
        return None;
    }
    (0..=seen.len() - lines.len())
        .filter(|start| seen[*start..*start + lines.len()] == *lines)
        .min_by_key(|start| start.abs_diff(at))
}

#[cfg(test)]
mod tests {
    use super::super::text::npmrc;
    use super::*;

    fn undo(base: &str, new: &str) -> Undo {
        Undo::record(Some(base), new, npmrc::secrets, &[fingerprint("tok")])
    }

    fn applied(undo: &Undo, current: &str) -> (String, bool) {
        let undone = undo.apply(current, npmrc::secrets);
        (undone.text.unwrap_or_default(), undone.complete)
    }

    #[test]
    fn the_old_text_comes_back_to_the_letter() {
        for (base, new) in [
            ("", "a=1\n"),
            ("x=1", "x=1\na=1\n"),
            ("x=1\n", "x=1\n//h/:_authToken=tok\n"),
            ("x=1\r\n\r\n", "a=2\r\nx=1\r\n\r\nb=2\r\n"),
            ("x=1\ny=2\n", "x=2\ny=2\n"),
            ("x=1", "x=2"),
            ("x=1\n\n", "y=1\nx=1\n\n"),
            ("\u{feff}", "\u{feff}x=1\n"),
            ("x=1\r", "x=1\ra=1\n"),
            ("x=1\ny=2\r", "a=1\nx=1\ny=2\r"),
        ] {
            let undo = undo(base, new);
            assert_eq!(applied(&undo, new), (base.to_string(), true), "{base:?}");
        }
    }

    #[test]
    fn the_token_is_not_remembered() {
        let undo = undo("", "//h/:_authToken=tok\n");
        let text = serde_json::to_string(&undo).expect("is data");
        assert!(!text.contains("tok\""), "{text}");
        assert!(text.contains("//h/:_authToken="));
    }

    #[test]
    fn lines_of_others_stay() {
        let undo = undo("x=1\n", "x=1\na=1\n//h/:_authToken=tok\n");
        assert_eq!(
            applied(&undo, "z=0\nx=1\na=1\n//h/:_authToken=tok\ny=2\n"),
            ("z=0\nx=1\ny=2\n".to_string(), true)
        );
    }

    #[test]
    fn a_changed_line_is_left_and_said() {
        let undo = undo("x=1\n", "x=1\n//h/:_authToken=tok\n");
        let current = "x=1\n//h/:_authToken=other\n";
        assert_eq!(applied(&undo, current), (current.to_string(), false));
    }

    #[test]
    fn an_old_secret_is_not_remembered() {
        let undo = undo("//h/:_authToken=old\n", "//h/:_authToken=tok\n");
        assert!(
            !serde_json::to_string(&undo)
                .expect("is data")
                .contains("old\\n")
        );
        assert!(!undo.apply("//h/:_authToken=tok\n", npmrc::secrets).complete);
    }

    #[test]
    fn a_created_file_disappears_when_nothing_is_left() {
        let undo = Undo::record(None, "a=1\n", npmrc::secrets, &[]);
        assert_eq!(undo.apply("a=1\n", npmrc::secrets).text, None);
        let kept = undo.apply("a=1\nb=2\n", npmrc::secrets);
        assert_eq!(kept.text.as_deref(), Some("b=2\n"));
    }
}

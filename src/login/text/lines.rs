//! Lines with their places in the text and their own line endings.

/// A line of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Where the line starts, in bytes.
    pub start: usize,
    /// Where its text ends and its line ending begins.
    pub text_end: usize,
    /// Where the next line starts.
    pub end: usize,
    /// The line without its ending.
    pub text: &'a str,
}

/// The byte order mark that some editors put before a text.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The lines of a text; `\n`, `\r\n` and a lone `\r` end one. A byte order mark before the
/// first line belongs to no line.
pub fn lines(text: &str) -> Vec<Line<'_>> {
    let bytes = text.as_bytes();
    let mut lines = Vec::new();
    let mut start = body_start(text);
    while start < text.len() {
        let text_end = text[start..]
            .find(['\n', '\r'])
            .map_or(text.len(), |at| start + at);
        let end = match bytes.get(text_end) {
            None => text_end,
            Some(b'\r') if bytes.get(text_end + 1) == Some(&b'\n') => text_end + 2,
            Some(_) => text_end + 1,
        };
        lines.push(Line {
            start,
            text_end,
            end,
            text: &text[start..text_end],
        });
        start = end;
    }
    lines
}

/// Where the text starts after a byte order mark.
pub fn body_start(text: &str) -> usize {
    if text.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len()
    } else {
        0
    }
}

/// The line ending that the text uses, by its first line.
pub fn line_ending(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if at > 0 && text.as_bytes()[at - 1] == b'\r' => "\r\n",
        _ => "\n",
    }
}

/// The text with lines put in before a byte, each with the text's own line ending. Where the
/// line before has none, as at the end of many a file, it gets one.
pub fn insert(text: &str, at: usize, new: &[String]) -> String {
    let ending = line_ending(text);
    let mut result = String::with_capacity(text.len() + 256);
    result.push_str(&text[..at]);
    let is_open = at > body_start(text) && !result.ends_with(['\n', '\r']);
    // An empty line behind a lone `\r` would be the rest of a `\r\n`.
    let is_swallowed = result.ends_with('\r') && new.first().is_some_and(String::is_empty);
    if is_open || is_swallowed {
        result.push_str(ending);
    }
    for line in new {
        result.push_str(line);
        result.push_str(ending);
    }
    result.push_str(&text[at..]);
    result
}

/// The text with a range replaced.
pub fn splice(text: &str, range: std::ops::Range<usize>, new: &str) -> String {
    let mut result = String::with_capacity(text.len() + new.len());
    result.push_str(&text[..range.start]);
    result.push_str(new);
    result.push_str(&text[range.end..]);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_ends_a_line() {
        let text = "\u{feff}a\r\nb\rc\n\nd";
        let texts: Vec<_> = lines(text).iter().map(|line| line.text).collect();
        assert_eq!(texts, ["a", "b", "c", "", "d"]);
        assert_eq!(lines(text)[0].start, 3);
    }

    #[test]
    fn inserting_keeps_the_ending_and_closes_the_last_line() {
        let new = ["x".to_string()];
        assert_eq!(insert("a\r\nb", 4, &new), "a\r\nb\r\nx\r\n");
        assert_eq!(insert("", 0, &new), "x\n");
        assert_eq!(insert("\u{feff}", 3, &new), "\u{feff}x\n");
        assert_eq!(insert("a\nb\n", 2, &new), "a\nx\nb\n");
        assert_eq!(insert("a\r", 2, &new), "a\rx\n");
        let with_blank = [String::new(), "x".to_string()];
        assert_eq!(insert("a\r", 2, &with_blank), "a\r\n\nx\n");
    }
}

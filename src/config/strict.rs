//! What AWS CLI refuses in its configuration files and the SDK lets pass: a key or a section
//! that is there twice, and bytes that are no UTF-8. Which of two values a person meant, nobody
//! can tell. Pure.

use std::collections::HashSet;

/// Whether AWS CLI could not parse the file.
pub(super) fn is_refused(content: &[u8]) -> bool {
    match std::str::from_utf8(content) {
        Err(_) => true,
        Ok(text) => text.starts_with('\u{feff}') || has_duplicates(text),
    }
}

fn has_duplicates(text: &str) -> bool {
    let mut sections: HashSet<&str> = HashSet::new();
    let mut keys: HashSet<String> = HashSet::new();
    // How far the key is indented whose value may go on; more than that goes on with it.
    let mut key_indent: Option<usize> = None;
    for line in text.lines() {
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        if key_indent.is_some_and(|key| indent > key) {
            continue;
        }
        let header = content
            .strip_prefix('[')
            .and_then(|rest| rest.rsplit_once(']'));
        if let Some((name, _)) = header {
            if !sections.insert(name) {
                return true;
            }
            keys.clear();
            key_indent = None;
        } else if let Some((key, _)) = content.split_once(['=', ':']) {
            if !keys.insert(key.trim().to_lowercase()) {
                return true;
            }
            key_indent = Some(indent);
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_is_refused() {
        for text in [
            "[default]\nregion = a\nregion = b\n",
            "[default]\nregion = a\nRegion=b\n",
            "[default]\n[profile p]\n[default]\n",
            "\u{feff}[default]\n",
        ] {
            assert!(is_refused(text.as_bytes()), "{text}");
        }
        assert!(is_refused(b"[default]\nregion = \xff\n"));
    }

    #[test]
    fn everything_else_passes() {
        for text in [
            "",
            "[default]\nregion = a\n[profile p]\nregion = a\n",
            "[services s]\nsts =\n  endpoint_url = a\ncodeartifact =\n  endpoint_url = b\n",
            "# region = a\n[default]\n; region = b\nregion = a\n",
        ] {
            assert!(!is_refused(text.as_bytes()), "{text}");
        }
    }
}

//! Versions of packages: what one is, and which of two is the newer.
//!
//! <https://learn.microsoft.com/nuget/concepts/package-versioning>: semantic versions whose numbers
//! may be one to four, compared without regard to case.

use std::cmp::Ordering;

/// The longest version that is read.
const LONGEST: usize = 255;

/// A version.
#[derive(Clone, Debug)]
pub struct Version {
    numbers: [u32; 4],
    /// The parts of the pre-release, in lower case; empty for a release.
    labels: Vec<String>,
    has_metadata: bool,
}

impl Version {
    /// Reads a version; none when the text is no version.
    pub fn parse(text: &str) -> Option<Version> {
        if text.len() > LONGEST {
            return None;
        }
        let (rest, metadata) = match text.split_once('+') {
            Some((rest, metadata)) => (rest, Some(metadata)),
            None => (text, None),
        };
        let (figures, pre_release) = match rest.split_once('-') {
            Some((figures, pre_release)) => (figures, Some(pre_release)),
            None => (rest, None),
        };
        let mut numbers = [0; 4];
        for (position, figure) in figures.split('.').enumerate() {
            let plain = !figure.is_empty() && figure.bytes().all(|byte| byte.is_ascii_digit());
            *numbers.get_mut(position).filter(|_| plain)? = figure
                .parse()
                .ok()
                .filter(|number| *number <= i32::MAX as u32)?;
        }
        if metadata.is_some_and(|metadata| labels(metadata).is_none()) {
            return None;
        }
        Some(Version {
            numbers,
            labels: pre_release.map_or(Some(Vec::new()), labels)?,
            has_metadata: metadata.is_some(),
        })
    }

    /// Whether it is a pre-release.
    pub fn is_pre_release(&self) -> bool {
        !self.labels.is_empty()
    }

    /// Whether only clients of Semantic Versioning 2.0.0 understand it
    /// (<https://learn.microsoft.com/nuget/concepts/package-versioning#semantic-versioning-200>).
    pub fn is_second(&self) -> bool {
        self.labels.len() > 1 || self.has_metadata
    }
}

/// The labels between dots, if they are such.
fn labels(text: &str) -> Option<Vec<String>> {
    let plain = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.split('.')
        .map(|label| plain(label).then(|| label.to_ascii_lowercase()))
        .collect()
}

impl Ord for Version {
    fn cmp(&self, other: &Version) -> Ordering {
        let pre_release = match (self.is_pre_release(), other.is_pre_release()) {
            (true, true) => compare_labels(&self.labels, &other.labels),
            (one, two) => two.cmp(&one),
        };
        self.numbers.cmp(&other.numbers).then(pre_release)
    }
}

/// <https://semver.org/#spec-item-11>: figures by value and before words, words by letters.
fn compare_labels(one: &[String], two: &[String]) -> Ordering {
    for (one, two) in one.iter().zip(two) {
        let is_figure = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
        let order = match (is_figure(one), is_figure(two)) {
            (true, true) => {
                let (one, two) = (one.trim_start_matches('0'), two.trim_start_matches('0'));
                one.len().cmp(&two.len()).then_with(|| one.cmp(two))
            }
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => one.cmp(two),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    one.len().cmp(&two.len())
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Version) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

/// The older of two texts first; a text that is no version is older than any.
pub fn compare(one: &str, two: &str) -> Ordering {
    Version::parse(one)
        .cmp(&Version::parse(two))
        .then_with(|| one.cmp(two))
}

/// The range of versions that a nuspec asks for, as registrations write it: a bare version is the
/// lowest that will do (<https://learn.microsoft.com/nuget/concepts/package-versioning#version-ranges>).
pub fn range(text: &str) -> String {
    match text.trim() {
        "" => "(, )".to_string(),
        bare if Version::parse(bare).is_some() => format!("[{bare}, )"),
        range => range.to_string(),
    }
}

/// Whether a range names a version that only clients of Semantic Versioning 2.0.0 understand.
pub fn is_second_range(range: &str) -> bool {
    range
        .split(|character: char| ",[]() ".contains(character))
        .filter_map(Version::parse)
        .any(|version| version.is_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered() {
        let ordered = [
            "not a version",
            "0.9",
            "1.0.0-1",
            "1.0.0-2",
            "1.0.0-10",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-BETA",
            "1.0.0-rc-1",
            "1.0.0",
            "1.0.0.1",
            "1.0.2",
            "1.0.10",
            "1.1",
            "10",
        ];
        for (position, one) in ordered.iter().enumerate() {
            for (other, two) in ordered.iter().enumerate() {
                assert_eq!(compare(one, two), position.cmp(&other), "{one} {two}");
            }
        }
    }

    #[test]
    fn one_version_has_many_spellings() {
        let version = Version::parse("1.0.0-beta").unwrap();
        for text in ["1.0-beta", "1-BETA", "01.00.0.0-Beta", "1.0.0-beta+7"] {
            assert_eq!(Version::parse(text).unwrap(), version, "{text}");
        }
        for text in [
            "",
            "1.",
            ".1",
            "1.0.0.0.0",
            "v1",
            "1.0-",
            "1.0-a..b",
            "1.0-a_b",
            "1.0+",
            "1.0/..",
            "99999999999",
            "-1",
            &"1".repeat(300),
        ] {
            assert!(Version::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_second_kind_is_recognised() {
        for (text, second) in [
            ("1.0.0", false),
            ("1.0.0-beta", false),
            ("1.0.0-beta.1", true),
            ("1.0.0+build", true),
        ] {
            assert_eq!(Version::parse(text).unwrap().is_second(), second, "{text}");
        }
        assert!(is_second_range("[1.0.0-beta.1, 2.0.0)"));
        assert!(!is_second_range("[1.0.0-beta, )"));
        assert_eq!(range("1.2"), "[1.2, )");
        assert_eq!(range(" (1.0,2.0] "), "(1.0,2.0]");
        assert_eq!(range(""), "(, )");
    }
}

//! Names, versions and platforms of gems, and the names of their files.
//!
//! RubyGems guides, "Specification Reference", and RubyGems' own patterns. A file is
//! called `name-version.gem`, or `name-version-platform.gem` for one platform only.

use std::cmp::Ordering;

use crate::local::registry::{Format, PackageId};

/// The platform of gems for all platforms.
pub const RUBY: &str = "ruby";

/// How many ways of taking a file's name apart are tried.
const MOST_READINGS: usize = 8;

/// The registry's name for a gem.
pub fn id(name: &str) -> PackageId {
    PackageId::new(Format::Ruby, None, name)
}

/// Whether the text can be the name of a gem.
pub fn is_gem(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        && !text.starts_with(['.', '-'])
        && text
            .bytes()
            .any(|byte| byte.is_ascii_alphabetic() || byte == b'_')
}

/// Whether the text can be a version. RubyGems writes `1.0-rc` as `1.0.pre.rc`, so there is no
/// dash in it.
pub fn is_version(text: &str) -> bool {
    let mut parts = text.split('.');
    let first = parts.next().unwrap_or_default();
    text.len() <= 128
        && !first.is_empty()
        && first.bytes().all(|byte| byte.is_ascii_digit())
        && parts
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Whether the text can be a platform.
pub fn is_platform(text: &str) -> bool {
    text.len() <= 128
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// Whether the text can be one condition of a requirement, such as `~> 1.2`.
pub fn is_requirement(text: &str) -> bool {
    let version = text.trim_start_matches(['=', '!', '>', '<', '~']);
    let operator = &text[..text.len() - version.len()];
    matches!(operator, "" | "=" | "!=" | ">" | "<" | ">=" | "<=" | "~>")
        && is_version(version.trim())
}

/// Whether the version is not meant for everybody: a letter is in it.
pub fn is_prerelease(version: &str) -> bool {
    version.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// The version with its platform, as indexes and file names have it.
pub fn number(version: &str, platform: &str) -> String {
    match platform {
        RUBY => version.to_string(),
        platform => format!("{version}-{platform}"),
    }
}

/// The name of a file, and of the asset in the registry.
pub fn file(name: &str, version: &str, platform: &str) -> String {
    format!("{name}-{}.gem", number(version, platform))
}

/// What a file's name without `.gem` can mean, the likeliest first: name, version and platform.
/// Only the names that there are tell which it is: `a-1-b-2` is gem `a-1-b`, or `a` for platform
/// `b-2`.
pub fn readings(stem: &str) -> Vec<(String, String, String)> {
    if stem.len() > 512 {
        return Vec::new();
    }
    let dashes = stem.match_indices('-').rev();
    let readings = dashes.filter_map(|(dash, _)| {
        let (name, rest) = (&stem[..dash], &stem[dash + 1..]);
        let (version, platform) = rest.split_once('-').unwrap_or((rest, RUBY));
        (is_gem(name) && is_version(version) && is_platform(platform))
            .then(|| (name.to_string(), version.to_string(), platform.to_string()))
    });
    readings.take(MOST_READINGS).collect()
}

/// Compares versions as RubyGems does: a letter is less than a number, zeros at the end do not
/// count.
pub fn compare(one: &str, other: &str) -> Ordering {
    let (one, other) = (segments(one), segments(other));
    let zero = Segment::Number("");
    for position in 0..one.len().max(other.len()) {
        let left = one.get(position).unwrap_or(&zero);
        let right = other.get(position).unwrap_or(&zero);
        let order = match (left, right) {
            // Numbers of any length; they have no zeros in front.
            (Segment::Number(left), Segment::Number(right)) => {
                left.len().cmp(&right.len()).then_with(|| left.cmp(right))
            }
            (Segment::Text(left), Segment::Text(right)) => left.cmp(right),
            (Segment::Text(_), Segment::Number(_)) => Ordering::Less,
            (Segment::Number(_), Segment::Text(_)) => Ordering::Greater,
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

#[derive(Debug, PartialEq, Eq)]
enum Segment<'a> {
    /// Digits without zeros in front; zero is empty.
    Number(&'a str),
    Text(&'a str),
}

/// The numbers and words of a version, without the zeros at the end of its numbers and of the whole.
fn segments(version: &str) -> Vec<Segment<'_>> {
    let mut segments = Vec::new();
    let mut rest = version;
    while let Some(first) = rest.chars().next() {
        let same = |character: char| {
            if first.is_ascii_digit() {
                character.is_ascii_digit()
            } else {
                character.is_ascii_alphabetic()
            }
        };
        let end = rest
            .find(|character| !same(character))
            .unwrap_or(rest.len());
        if end == 0 {
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (part, after) = rest.split_at(end);
        segments.push(if first.is_ascii_digit() {
            Segment::Number(part.trim_start_matches('0'))
        } else {
            Segment::Text(part)
        });
        rest = after;
    }
    let is_zero = |segment: &Segment<'_>| *segment == Segment::Number("");
    let word = segments
        .iter()
        .position(|segment| matches!(segment, Segment::Text(_)))
        .unwrap_or(segments.len());
    let mut words = segments.split_off(word);
    for part in [&mut segments, &mut words] {
        while part.last().is_some_and(is_zero) {
            part.pop();
        }
    }
    segments.append(&mut words);
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_versions_and_platforms_are_plain() {
        for name in ["rails", "_", "a.b", "A-b_c", "2a"] {
            assert!(is_gem(name), "{name}");
        }
        for name in [
            "",
            ".a",
            "-a",
            "1",
            "a/b",
            "a b",
            "\u{e4}",
            &"a".repeat(256),
        ] {
            assert!(!is_gem(name), "{name}");
        }
        for version in ["1", "1.0", "1.0.pre.rc1", "20240101", "0.0.1.alpha"] {
            assert!(is_version(version), "{version}");
        }
        for version in ["", "a", "1..0", "1.", "1-2", "1.0/..", " 1", "v1"] {
            assert!(!is_version(version), "{version}");
        }
        for requirement in [">= 1", "~> 1.2", "= 1.0", "!= 2", "1", "<3.a"] {
            assert!(is_requirement(requirement), "{requirement}");
        }
        for requirement in ["", ">=", "=> 1", ">= 1|2", "~~> 1", ">= 1, < 2"] {
            assert!(!is_requirement(requirement), "{requirement}");
        }
    }

    #[test]
    fn a_file_is_taken_apart() {
        let read = |stem: &str| -> Vec<String> {
            let readings = readings(stem).into_iter();
            readings
                .map(|(name, version, platform)| format!("{name} {version} {platform}"))
                .collect()
        };
        assert_eq!(read("rails-7.1.0"), ["rails 7.1.0 ruby"]);
        assert_eq!(read("a-b-1.0.pre.rc1"), ["a-b 1.0.pre.rc1 ruby"]);
        assert_eq!(
            read("nokogiri-1.16.0-x86_64-linux"),
            ["nokogiri 1.16.0 x86_64-linux"]
        );
        assert_eq!(read("a-1-b-2"), ["a-1-b 2 ruby", "a 1 b-2"]);
        assert_eq!(
            read("a-1.0-universal-darwin-20"),
            [
                "a-1.0-universal-darwin 20 ruby",
                "a 1.0 universal-darwin-20"
            ]
        );
        for stem in ["", "a", "a-", "-1.0", "a-1.0-", "../a-1.0", "a-1.0-../x"] {
            assert_eq!(read(stem), [""; 0], "{stem}");
        }
        assert_eq!(file("a", "1.0", "ruby"), "a-1.0.gem");
        assert_eq!(file("a", "1.0", "java"), "a-1.0-java.gem");
    }

    #[test]
    fn versions_are_in_order() {
        let ordered = [
            "0.9",
            "1.0.a",
            "1.0.a.2",
            "1.0.b1",
            "1.0",
            "1.0.1",
            "1.2",
            "1.10",
            "2.0.0.pre",
            "2",
            "10",
        ];
        for (position, one) in ordered.iter().enumerate() {
            for (other_position, other) in ordered.iter().enumerate() {
                assert_eq!(
                    compare(one, other),
                    position.cmp(&other_position),
                    "{one} {other}"
                );
            }
        }
        assert_eq!(compare("1.0.0", "1"), Ordering::Equal);
        assert_eq!(compare("1.00", "1.0"), Ordering::Equal);
        assert_eq!(compare("1.0.a.0", "1.a"), Ordering::Equal);
    }
}

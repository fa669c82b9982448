//! The compact index: a text per gem, and two lists of all gems.
//!
//! RubyGems guides, "Compact Index API". A line of `info/NAME` is
//! `1.0-java b:>= 1&< 2,c:>= 0|checksum:…,ruby:>= 2.7`.

use std::collections::BTreeMap;

use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use super::name::{self, is_gem, is_platform, is_requirement, is_version};
use crate::local::formats::Invalid;

/// What is known of a gem's file besides its bytes: also the stored form, in a version's document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct About {
    /// The platform that it is for.
    pub platform: String,
    /// The gems that it needs to run, each with the conditions on its version.
    pub dependencies: Vec<(String, Vec<String>)>,
    /// The conditions on Ruby's version.
    pub ruby: Vec<String>,
    /// The conditions on RubyGems' version.
    pub rubygems: Vec<String>,
    /// Whether it was yanked: it is in no index any more, and can still be downloaded.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub yanked: bool,
}

impl Default for About {
    fn default() -> About {
        About {
            platform: name::RUBY.to_string(),
            dependencies: Vec::new(),
            ruby: Vec::new(),
            rubygems: Vec::new(),
            yanked: false,
        }
    }
}

/// A version's files and what is known of them: the stored form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    /// By file name.
    #[serde(default)]
    pub files: BTreeMap<String, About>,
}

impl Files {
    /// The stored form of one file.
    pub fn one(file: &str, about: About) -> Files {
        Files {
            files: [(file.to_string(), about)].into(),
        }
    }

    /// Reads the stored form; what cannot be read says nothing.
    pub fn parse(document: &str) -> Files {
        serde_json::from_str(document).unwrap_or_default()
    }

    /// Writes the stored form.
    pub fn render(&self) -> String {
        // Texts and lists of texts always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Joins what is stored with what comes in.
pub fn join(stored: &str, coming: &str) -> String {
    let mut files = Files::parse(stored);
    files.files.extend(Files::parse(coming).files);
    files.render()
}

/// A file of a gem in an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The version.
    pub version: String,
    /// The SHA-256 of the file, in hex digits.
    pub sha256: Option<String>,
    /// The rest.
    pub about: About,
}

impl Entry {
    /// The version with its platform.
    pub fn number(&self) -> String {
        name::number(&self.version, &self.about.platform)
    }
}

/// Reads `info/NAME`. Lines that cannot be read are left out.
///
/// # Errors
/// A sentence when it is not text.
pub fn parse(bytes: &[u8]) -> Result<Vec<Entry>, Invalid> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Invalid::new("the upstream's index of the gem is not text"))?;
    let lines = match text.split_once("---\n") {
        Some((head, lines)) if head.is_empty() || head.ends_with('\n') => lines,
        _ => text,
    };
    Ok(lines.lines().filter_map(entry).collect())
}

fn entry(line: &str) -> Option<Entry> {
    let (number, rest) = line.split_once(' ').unwrap_or((line, ""));
    let (version, platform) = number.split_once('-').unwrap_or((number, name::RUBY));
    if !is_version(version) || !is_platform(platform) {
        return None;
    }
    let (dependencies, requirements) = rest.split_once('|').unwrap_or((rest, ""));
    let mut entry = Entry {
        version: version.to_string(),
        sha256: None,
        about: About {
            platform: platform.to_string(),
            ..About::default()
        },
    };
    for text in items(dependencies) {
        let (gem, conditions) = text.split_once(':')?;
        if !is_gem(gem) {
            return None;
        }
        let conditions = self::conditions(conditions)?;
        entry.about.dependencies.push((gem.to_string(), conditions));
    }
    for text in items(requirements) {
        match text.split_once(':') {
            Some(("checksum", sum)) if sum.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                entry.sha256 = Some(sum.to_ascii_lowercase());
            }
            Some(("checksum", _)) => return None,
            Some(("ruby", text)) => entry.about.ruby = conditions(text)?,
            Some(("rubygems", text)) => entry.about.rubygems = conditions(text)?,
            _ => {}
        }
    }
    Some(entry)
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').filter(|item| !item.is_empty())
}

fn conditions(text: &str) -> Option<Vec<String>> {
    let conditions: Vec<String> = text.split('&').map(|one| one.trim().to_string()).collect();
    conditions
        .iter()
        .all(|one| is_requirement(one))
        .then_some(conditions)
}

/// Puts entries in the order in which they are listed: by version, then by platform.
pub fn sort(entries: &mut [Entry]) {
    entries.sort_by(|one, other| {
        name::compare(&one.version, &other.version)
            .then_with(|| one.version.cmp(&other.version))
            .then_with(|| one.about.platform.cmp(&other.about.platform))
    });
}

/// Writes `info/NAME`.
pub fn render(entries: &[Entry]) -> String {
    let mut text = "---\n".to_string();
    for entry in entries {
        let about = &entry.about;
        let mut dependencies: Vec<String> = about
            .dependencies
            .iter()
            .map(|(gem, conditions)| format!("{gem}:{}", joined(conditions)))
            .collect();
        dependencies.sort();
        let mut requirements = Vec::new();
        requirements.extend(entry.sha256.as_ref().map(|sum| format!("checksum:{sum}")));
        for (name, conditions) in [("ruby", &about.ruby), ("rubygems", &about.rubygems)] {
            if !conditions.is_empty() {
                requirements.push(format!("{name}:{}", joined(conditions)));
            }
        }
        text.push_str(&format!(
            "{} {}|{}\n",
            entry.number(),
            dependencies.join(","),
            requirements.join(",")
        ));
    }
    text
}

fn joined(conditions: &[String]) -> String {
    let mut conditions = conditions.to_vec();
    conditions.sort();
    match conditions.is_empty() {
        true => ">= 0".to_string(),
        false => conditions.join("&"),
    }
}

/// Writes `versions`: the gems, their versions, and the MD5 of what `info/NAME` says. `created`
/// is a time in ISO 8601.
pub fn render_versions(created: &str, gems: &[(String, Vec<Entry>)]) -> String {
    let mut text = format!("created_at: {created}\n---\n");
    for (gem, entries) in gems {
        let numbers: Vec<String> = entries.iter().map(Entry::number).collect();
        let sum = hex::encode(Md5::digest(render(entries)));
        text.push_str(&format!("{gem} {} {sum}\n", numbers.join(",")));
    }
    text
}

/// Writes `names`.
pub fn render_names(gems: &[(String, Vec<Entry>)]) -> String {
    let mut text = "---\n".to_string();
    for (gem, _) in gems {
        text.push_str(gem);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: &str = "created_at: 2024-04-01T00:00:05Z\n---\n\
        1.0.0 |checksum:AB,created_at:2024-01-01T00:00:00Z\n\
        1.1.0-x86_64-linux b:< 2&>= 1,c:>= 0|checksum:cd,ruby:>= 2.7&< 3.4.dev,rubygems:>= 3.3.22\n\
        1.2.0.pre1\n";

    #[test]
    fn an_index_is_read() {
        let entries = parse(INFO.as_bytes()).unwrap();
        let numbers: Vec<String> = entries.iter().map(Entry::number).collect();
        assert_eq!(numbers, ["1.0.0", "1.1.0-x86_64-linux", "1.2.0.pre1"]);
        assert_eq!(entries[0].sha256.as_deref(), Some("ab"));
        let about = &entries[1].about;
        assert_eq!(
            about.dependencies[0],
            ("b".to_string(), vec!["< 2".to_string(), ">= 1".to_string()])
        );
        assert_eq!(
            (about.ruby.len(), about.rubygems[0].as_str()),
            (2, ">= 3.3.22")
        );
        assert_eq!(entries[2].sha256, None);
    }

    #[test]
    fn lines_that_lead_elsewhere_are_left_out() {
        for line in [
            "../1.0 |",
            "1.0-../x |",
            "1.0 ../b:>= 0|",
            "1.0 b|",
            "1.0 b:nonsense|",
            "1.0 |checksum:nonsense",
            "1.0 |checksum:ab\rcd",
            "x",
        ] {
            assert_eq!(parse(line.as_bytes()).unwrap(), [], "{line}");
        }
        assert!(parse(b"\xff").is_err());
    }

    #[test]
    fn an_index_is_written_as_it_is_read() {
        let mut entries = parse(INFO.as_bytes()).unwrap();
        sort(&mut entries);
        let text = render(&entries);
        assert_eq!(
            text,
            "---\n1.0.0 |checksum:ab\n\
             1.1.0-x86_64-linux b:< 2&>= 1,c:>= 0|checksum:cd,ruby:< 3.4.dev&>= 2.7,rubygems:>= 3.3.22\n\
             1.2.0.pre1 |\n"
        );
        let gems = [("a".to_string(), entries)];
        let sum = hex::encode(Md5::digest(&text));
        assert_eq!(
            render_versions("2024-01-01T00:00:00Z", &gems),
            format!(
                "created_at: 2024-01-01T00:00:00Z\n---\na 1.0.0,1.1.0-x86_64-linux,1.2.0.pre1 {sum}\n"
            )
        );
        assert_eq!(render_names(&gems), "---\na\n");
    }

    #[test]
    fn documents_are_joined() {
        let one = Files::one("a-1.0.gem", About::default()).render();
        let java = About {
            platform: "java".to_string(),
            yanked: true,
            ..About::default()
        };
        let other = Files::one("a-1.0-java.gem", java.clone()).render();
        let files = Files::parse(&join(&one, &other)).files;
        assert_eq!(files.len(), 2);
        assert_eq!(files["a-1.0-java.gem"], java);
        assert_eq!(join("nonsense", &one), one);
    }
}

//! What the name of a distribution says: its project, its version, its kind.
//!
//! Wheels: <https://packaging.python.org/specifications/binary-distribution-format/>. Source
//! distributions: <https://packaging.python.org/specifications/source-distribution-format/>; older
//! ones have names in which only the project tells where the version begins.

use std::str::FromStr as _;

use crate::local::registry::{Format, PackageId};

/// The kinds of distributions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A wheel.
    Wheel,
    /// A source distribution in a gzipped tar archive.
    TarGz,
    /// A source distribution in a zip archive.
    Zip,
    /// A source distribution packed otherwise: it is served, but not looked into.
    OtherSource,
}

const SOURCES: [(&str, Kind); 7] = [
    (".tar.gz", Kind::TarGz),
    (".tgz", Kind::TarGz),
    (".zip", Kind::Zip),
    (".tar.bz2", Kind::OtherSource),
    (".tar.xz", Kind::OtherSource),
    (".tar.Z", Kind::OtherSource),
    (".tar", Kind::OtherSource),
];

/// The registry's name for a project.
pub fn id(project: &str) -> PackageId {
    PackageId::new(Format::Pypi, None, project)
}

/// The name of a project as it is stored and compared (PEP 503).
pub fn normalized(project: &str) -> String {
    id(project).name
}

/// Whether the text can be the name of a project.
pub fn is_project(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=255).contains(&text.len())
        && text.bytes().all(plain)
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.ends_with(|last: char| last.is_ascii_alphanumeric())
}

/// A version in its normal form (PEP 440); old ones that have none stay as they are. None when it
/// cannot stand in a path.
pub fn version(text: &str) -> Option<String> {
    let text = text.trim();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+!*".contains(&byte);
    if text.is_empty() || text.len() > 255 || !text.bytes().all(plain) || text.starts_with('.') {
        return None;
    }
    Some(match pep440_rs::Version::from_str(text) {
        Ok(version) => version.to_string(),
        Err(_) => text.to_string(),
    })
}

/// The version and the kind of one of the project's files.
pub fn parse(file: &str, project: &str) -> Option<(String, Kind)> {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+!".contains(&byte);
    if file.len() > 255 || !file.bytes().all(is_safe) || file.starts_with('.') {
        return None;
    }
    if let Some(stem) = file.strip_suffix(".whl") {
        let parts: Vec<&str> = stem.split('-').collect();
        let wheel = matches!(parts.len(), 5 | 6) && normalized(parts[0]) == normalized(project);
        // A local version's separator is escaped in some.
        return wheel
            .then(|| version(parts[1]))?
            .map(|version| (version, Kind::Wheel));
    }
    let (stem, kind) = SOURCES
        .iter()
        .find_map(|(suffix, kind)| Some((file.strip_suffix(suffix)?, *kind)))?;
    let wanted = normalized(project);
    stem.match_indices('-')
        .filter(|(position, _)| normalized(&stem[..*position]) == wanted)
        .find_map(|(position, _)| version(&stem[position + 1..]))
        .map(|version| (version, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_tell_their_version() {
        for (file, project, expected) in [
            (
                "flatten_json-0.1.7-py3-none-any.whl",
                "flatten-json",
                Some(("0.1.7", Kind::Wheel)),
            ),
            (
                "torch-2.0.1+cu118-1-cp311-cp311-linux_x86_64.whl",
                "torch",
                Some(("2.0.1+cu118", Kind::Wheel)),
            ),
            (
                "flatten_json-0.1.7.tar.gz",
                "flatten-json",
                Some(("0.1.7", Kind::TarGz)),
            ),
            (
                "zope.interface-5.0-rc1.zip",
                "zope-interface",
                Some(("5.0rc1", Kind::Zip)),
            ),
            (
                "my-pkg-2-1.0.tar.bz2",
                "my-pkg-2",
                Some(("1.0", Kind::OtherSource)),
            ),
            (
                "a-1.0-final-old.tgz",
                "a",
                Some(("1.0-final-old", Kind::TarGz)),
            ),
            ("b-1.0.tar.gz", "a", None),
            ("a-1.0.exe", "a", None),
            ("a-1.0-py3-none.whl", "a", None),
            ("a-1.0/../x.tar.gz", "a", None),
            ("a-.tar.gz", "a", None),
            ("a.tar.gz", "a", None),
        ] {
            let found = parse(file, project);
            let found = found
                .as_ref()
                .map(|(version, kind)| (version.as_str(), *kind));
            assert_eq!(found, expected, "{file}");
        }
    }

    #[test]
    fn projects_are_plain() {
        for text in ["a", "Flask", "zope.interface", "a_b-c.d2"] {
            assert!(is_project(text), "{text}");
        }
        for text in ["", ".a", "a-", "a b", "a/b", "..", "\u{e4}"] {
            assert!(!is_project(text), "{text}");
        }
    }
}

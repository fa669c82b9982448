//! Scopes, names and versions of Swift packages.
//!
//! The specification, "3.6. Package identification". Scopes and names are compared and stored in
//! lower case (guide, "Swift package name and namespace normalization").

use semver::Version;

use crate::local::registry::{Format, PackageId};

/// The asset that holds a release's sources.
pub const ARCHIVE: &str = "source-archive.zip";

/// The registry's name for a package.
pub fn id(scope: &str, name: &str) -> PackageId {
    PackageId::new(Format::Swift, Some(scope), name)
}

/// Whether the text can be a scope: letters, digits and single dashes inside.
pub fn is_scope(text: &str) -> bool {
    text.len() <= 39 && is_dashed(text, b"-")
}

/// Whether the text can be the name of a package: letters, digits, and single dashes and
/// underscores inside.
pub fn is_package(text: &str) -> bool {
    text.len() <= 100 && is_dashed(text, b"-_")
}

fn is_dashed(text: &str, dashes: &[u8]) -> bool {
    let is_dash = |byte: &u8| dashes.contains(byte);
    let bytes = text.as_bytes();
    !bytes.is_empty()
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || is_dash(byte))
        && !bytes.first().is_some_and(is_dash)
        && !bytes.last().is_some_and(is_dash)
        && !bytes
            .windows(2)
            .any(|pair| is_dash(&pair[0]) && is_dash(&pair[1]))
}

/// The version, if it is a semantic one (guide, the same section).
pub fn version(text: &str) -> Option<Version> {
    (text.len() <= 255).then(|| Version::parse(text).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_and_names_are_plain() {
        for scope in ["mona", "a", "My-Scope2", &"a".repeat(39)] {
            assert!(is_scope(scope), "{scope}");
        }
        for scope in [
            "",
            "-a",
            "a-",
            "a--b",
            "a_b",
            "a.b",
            "\u{e4}",
            &"a".repeat(40),
        ] {
            assert!(!is_scope(scope), "{scope}");
        }
        for name in ["LinkedList", "a_b-c", "1", &"a".repeat(100)] {
            assert!(is_package(name), "{name}");
        }
        for name in ["", "_a", "a_", "a_-b", "a/b", "..", &"a".repeat(101)] {
            assert!(!is_package(name), "{name}");
        }
    }

    #[test]
    fn versions_are_semantic() {
        assert!(version("1.0.0-rc.1+build").is_some());
        for text in ["", "1", "1.0", "v1.0.0", "01.0.0", "1.0.0/.."] {
            assert!(version(text).is_none(), "{text}");
        }
    }
}

//! Ids of packages and the names of their files.
//!
//! <https://learn.microsoft.com/nuget/reference/nuspec#id>; normalisation: guide, "NuGet package
//! name, version, and asset name normalization".

use crate::local::registry::{Format, PackageId};

/// Whether the text can be the id of a package.
pub fn is_id(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        && text.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_')
        && text.ends_with(|last: char| last.is_ascii_alphanumeric() || last == '_')
        && !text.contains("..")
}

/// The registry's name for a package.
pub fn id(package: &str) -> PackageId {
    PackageId::new(Format::Nuget, None, package)
}

/// The name of the only asset of a version; also the file's name in the flat container.
pub fn asset(package: &str, version: &str) -> String {
    format!("{package}.{version}.nupkg").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_plain() {
        for text in ["a", "Newtonsoft.Json", "_x", "My-Own_Package.7"] {
            assert!(is_id(text), "{text}");
        }
        for text in [
            "",
            ".",
            "..",
            "a..b",
            ".a",
            "a.",
            "-a",
            "a/b",
            "a\\b",
            "a b",
            "\u{e4}",
            &"a".repeat(101),
        ] {
            assert!(!is_id(text), "{text}");
        }
    }

    #[test]
    fn assets_are_in_lower_case() {
        assert_eq!(
            asset("Newtonsoft.Json", "2.0.0-Beta"),
            "newtonsoft.json.2.0.0-beta.nupkg"
        );
    }
}

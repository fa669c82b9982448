//! Names of crates and where their index files are.
//!
//! <https://doc.rust-lang.org/cargo/reference/registry-index.html#index-files>.

use crate::local::registry::{Format, PackageId};

/// Whether the text can be the name of a crate.
pub fn is_crate(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// Whether the text can be a version.
pub fn is_version(text: &str) -> bool {
    text.len() <= 255 && semver::Version::parse(text).is_ok()
}

/// The registry's name for a crate.
pub fn id(name: &str) -> PackageId {
    PackageId::new(Format::Cargo, None, name)
}

/// The path of a crate's index file, always in lower case.
pub fn index_path(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    format!("{}/{name}", prefix(&name))
}

/// The folders in front of a name.
pub fn prefix(name: &str) -> String {
    match name.len() {
        0 => String::new(),
        1 => "1".to_string(),
        2 => "2".to_string(),
        3 => format!("3/{}", &name[..1]),
        // A crate's name is ASCII.
        _ => format!(
            "{}/{}",
            name.get(..2).unwrap_or_default(),
            name.get(2..4).unwrap_or_default()
        ),
    }
}

/// The name of the only asset of a version.
pub fn asset(name: &str, version: &str) -> String {
    format!("{name}-{version}.crate")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_files_are_spread_over_folders() {
        for (name, path) in [
            ("a", "1/a"),
            ("ab", "2/ab"),
            ("abc", "3/a/abc"),
            ("cargo", "ca/rg/cargo"),
            ("Inflector", "in/fl/inflector"),
        ] {
            assert_eq!(index_path(name), path);
        }
    }

    #[test]
    fn names_are_plain() {
        for name in ["a", "serde_json", "Inflector", "x-1"] {
            assert!(is_crate(name), "{name}");
        }
        for name in ["", "1a", "_a", "a.b", "a/b", "\u{e4}", &"a".repeat(65)] {
            assert!(!is_crate(name), "{name}");
        }
    }
}

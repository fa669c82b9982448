//! Package names: validation, the scope, and where both stand in a path.
//!
//! Rules: <https://docs.npmjs.com/cli/configuring-npm/package-json#name>, and the API model's
//! `PackageName` and `PackageNamespace`. Old packages have capitals and some punctuation.

use std::fmt;

use crate::local::formats::{Invalid, shortened};

/// The longest name, scope and slash included.
const LONGEST: usize = 214;

/// A valid package name, such as `lodash` or `@types/node`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PackageName {
    whole: String,
    /// Where the name without its scope begins.
    bare: usize,
}

impl PackageName {
    /// Reads a name as it is written in a package.json.
    ///
    /// # Errors
    /// A sentence, when the name breaks the rules.
    pub fn parse(text: &str) -> Result<PackageName, Invalid> {
        let refuse = |why: &str| {
            Err(Invalid::new(format!(
                "invalid package name `{}`: {why}",
                shortened(text)
            )))
        };
        if text.len() > LONGEST {
            return refuse("it is longer than 214 characters");
        }
        let (scope, bare) = match text.strip_prefix('@') {
            None => (None, text),
            Some(rest) => match rest.split_once('/') {
                Some((scope, bare)) => (Some(scope), bare),
                None => return refuse("a scope is followed by a slash and a name"),
            },
        };
        for part in scope.into_iter().chain([bare]) {
            if part.is_empty()
                || part.starts_with(['.', '_']) && scope != Some(part)
                || part.starts_with('.')
            {
                return refuse("its parts must not be empty, nor begin with `.` or `_`");
            }
            if !part.bytes().all(is_plain) {
                return refuse("it holds a character that is not safe in a URL");
            }
        }
        if scope.is_none()
            && ["node_modules", "favicon.ico"].contains(&bare.to_ascii_lowercase().as_str())
        {
            return refuse("it is reserved");
        }
        Ok(PackageName {
            bare: text.len() - bare.len(),
            whole: text.to_string(),
        })
    }

    /// The whole name, with its scope.
    pub fn as_str(&self) -> &str {
        &self.whole
    }

    /// The name without the scope: the API's `package`.
    pub fn bare(&self) -> &str {
        &self.whole[self.bare..]
    }

    /// The scope without its `@`: the API's `namespace`.
    pub fn scope(&self) -> Option<&str> {
        (self.bare > 0).then(|| &self.whole[1..self.bare - 1])
    }

    /// The file name of a version's tarball.
    pub fn file_name(&self, version: &str) -> String {
        format!("{}-{version}.tgz", self.bare())
    }

    /// The version that a tarball's file name speaks of, if it is one of this package.
    pub fn version_in<'a>(&self, file_name: &'a str) -> Option<&'a str> {
        file_name
            .strip_prefix(self.bare())?
            .strip_prefix('-')?
            .strip_suffix(".tgz")
            .filter(|version| is_version(version))
    }

    /// The name as a client writes it in a request path, its slash encoded.
    pub fn in_path(&self) -> String {
        self.whole.replace('/', "%2f")
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.whole)
    }
}

/// What `encodeURIComponent` leaves as it is.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte)
}

/// Whether the text can be a version: old ones are not all semantic, but each is safe in a path.
pub fn is_version(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text.bytes().all(|byte| is_plain(byte) || byte == b'+')
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_told_from_a_name() {
        let name = PackageName::parse("@types/node").unwrap();
        assert_eq!((name.scope(), name.bare()), (Some("types"), "node"));
        assert_eq!(name.file_name("1.0.0"), "node-1.0.0.tgz");
        assert_eq!(name.in_path(), "@types%2fnode");
        let name = PackageName::parse("lodash.Get").unwrap();
        assert_eq!((name.scope(), name.bare()), (None, "lodash.Get"));
    }

    #[test]
    fn names_that_break_the_rules_are_refused() {
        for text in [
            "",
            "@",
            "@/",
            "@a",
            "@a/",
            "@/b",
            "a/b",
            "@a/b/c",
            ".a",
            "_a",
            "@a/.b",
            "@a/_b",
            "@./b",
            "..",
            "a b",
            "a\u{e4}",
            "a%2fb",
            "node_modules",
            "Favicon.ico",
            "a#b",
            "a\\b",
            "@a/..",
        ] {
            assert!(PackageName::parse(text).is_err(), "{text}");
        }
        assert!(PackageName::parse(&"a".repeat(215)).is_err());
        assert!(PackageName::parse(&"a".repeat(214)).is_ok());
    }

    #[test]
    fn a_file_name_gives_its_version_away() {
        let name = PackageName::parse("@babel/core-js").unwrap();
        assert_eq!(
            name.version_in("core-js-7.0.0-beta.1+b2.tgz"),
            Some("7.0.0-beta.1+b2")
        );
        for file in [
            "core-js.tgz",
            "core-js-.tgz",
            "core-7.0.0.tgz",
            "core-js-../x.tgz",
            "core-js-1.0.0.zip",
            "core-js-..tgz",
        ] {
            assert_eq!(name.version_in(file), None, "{file}");
        }
    }
}

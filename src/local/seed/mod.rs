//! A state to begin with, as a file: principals, domains, repositories, package groups.
//!
//! The file is TOML. All of it is checked when it is read, and what is wrong is said with its line.
//! Applying it twice is the same as once, and what the file does not speak of stays as it is.
//! `local export` writes the same file from a registry, without principals.

mod apply;
mod check;
mod export;
mod principal;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_spanned::Spanned;

pub use principal::SeedPrincipal;

use super::auth::Principal;

/// The largest file, in bytes: all repositories and package groups that a domain can have, and more.
const LARGEST: u64 = 4 << 20;

/// What the file says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// Who may call, besides the administrator.
    #[serde(default, rename = "principal", skip_serializing)]
    pub principals: Vec<SeedPrincipal>,
    /// The domains.
    #[serde(default, rename = "domain", skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<SeedDomain>,
    /// Where the file's lines are.
    #[serde(skip)]
    lines: Lines,
}

/// A domain.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedDomain {
    /// Its name.
    pub name: Spanned<String>,
    /// The account that owns it; the service's own without one.
    pub owner: Option<String>,
    /// The key it is said to be encrypted with.
    pub encryption_key: Option<String>,
    /// Its resource policy, as JSON.
    pub policy: Option<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Its repositories, in any order.
    #[serde(default, rename = "repository", skip_serializing_if = "Vec::is_empty")]
    pub repositories: Vec<SeedRepository>,
    /// Its package groups, in any order.
    #[serde(
        default,
        rename = "package_group",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub package_groups: Vec<SeedGroup>,
}

/// A repository.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedRepository {
    /// Its name.
    pub name: Spanned<String>,
    /// The account that administers it; the domain's owner without one.
    pub administrator: Option<String>,
    /// What to say about it.
    pub description: Option<String>,
    /// Its direct upstreams, in priority order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub upstreams: Vec<String>,
    /// Its external connection.
    pub external_connection: Option<String>,
    /// Its resource policy, as JSON.
    pub policy: Option<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// A package group.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedGroup {
    /// Its pattern.
    pub pattern: Spanned<String>,
    /// Whom to ask about it.
    pub contact_info: Option<String>,
    /// What to say about it.
    pub description: Option<String>,
    /// The modes of its restrictions, such as `PUBLISH = "BLOCK"`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub restrictions: BTreeMap<String, String>,
    /// The repositories on the lists of its restrictions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub allowed_repositories: BTreeMap<String, Vec<String>>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl Seed {
    /// Reads the file at that path.
    ///
    /// # Errors
    /// A sentence with the path about a file that cannot be read or is too large, and with the line
    /// about the first thing in it that is wrong. It does not repeat what the file says of keys.
    pub fn read(path: &Path) -> Result<Seed, String> {
        let named = |error: String| format!("`{}`: {error}", path.display());
        let unreadable = |error: std::io::Error| named(format!("it cannot be read: {error}"));
        let file = std::fs::File::open(path).map_err(unreadable)?;
        let mut text = String::new();
        file.take(LARGEST + 1)
            .read_to_string(&mut text)
            .map_err(unreadable)?;
        if text.len() as u64 > LARGEST {
            return Err(named(format!("it is larger than {LARGEST} bytes")));
        }
        Seed::parse(&text).map_err(named)
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// A sentence with the line about the first thing that is wrong.
    pub fn parse(text: &str) -> Result<Seed, String> {
        let lines = Lines::of(text);
        let mut seed: Seed = toml_edit::de::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| lines.number(span.start));
            format!("line {line}: {}", error.message())
        })?;
        seed.lines = lines;
        seed.check()?;
        Ok(seed)
    }

    /// Writes the file.
    ///
    /// # Errors
    /// A sentence when something cannot be written as TOML.
    pub fn render(&self) -> Result<String, String> {
        toml_edit::ser::to_string_pretty(self).map_err(|error| error.to_string())
    }

    /// The principals of the file.
    ///
    /// # Errors
    /// A sentence about an ARN or a policy that is none.
    pub fn principals(&self) -> Result<Vec<Principal>, String> {
        let read = |principal: &SeedPrincipal| {
            principal
                .read()
                .map_err(|error| self.at(principal.place(), &error))
        };
        self.principals.iter().map(read).collect()
    }

    /// A sentence about the thing whose name is this.
    fn at(&self, name: &Spanned<String>, error: &str) -> String {
        let line = self.lines.number(name.span().start);
        format!("line {line}, `{}`: {error}", name.get_ref())
    }
}

/// Where the lines of a text end.
#[derive(Clone, Debug, Default)]
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Lines {
        Lines(text.match_indices('\n').map(|(end, _)| end).collect())
    }

    /// The number of the line in which a byte stands, from 1.
    fn number(&self, position: usize) -> usize {
        self.0.partition_point(|end| *end < position) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINCIPAL: &str = r#"
[[principal]]
arn = "arn:aws:iam::123456789012:user/bob"
access_key_id = "AKIABOB"
secret_access_key = "hunter2"
session_ends = "2030-01-01T00:00:00Z"
policies = ['{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}']
attributes = { "aws:PrincipalOrgID" = "o-1" }
"#;

    #[test]
    fn a_broken_file_is_named_without_its_secrets() {
        let text = "[[principal]]\narn = \"a\"\nsecret_access_key = \"hunter2\"\nnonsense = 1\n";
        let error = Seed::parse(text).unwrap_err();
        assert!(
            error.contains("line 4") && error.contains("nonsense"),
            "{error}"
        );
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn a_principal_is_read() {
        let seed = Seed::parse(PRINCIPAL).unwrap();
        assert!(!format!("{seed:?}").contains("hunter2"));
        let principals = seed.principals().unwrap();
        assert_eq!(principals[0].identity.account, "123456789012");
        assert_eq!(principals[0].identity.session_ends, Some(1_893_456_000_000));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (from, to, line, named) in [
            ("arn:aws:iam", "arn:aws:s3", 3, "ARN"),
            ("123456789012", "12345", 3, "account"),
            ("AKIABOB", "AKIA/BOB", 3, "access key"),
            ("hunter2", "", 3, "secret"),
            ("\"Allow\"", "\"Maybe\"", 3, "policy"),
        ] {
            let error = Seed::parse(&PRINCIPAL.replace(from, to)).unwrap_err();
            assert!(error.starts_with(&format!("line {line}, ")), "{error}");
            assert!(
                error.contains(named) && !error.contains("hunter2"),
                "{error}"
            );
        }
        let twice = format!("{PRINCIPAL}{PRINCIPAL}");
        assert!(Seed::parse(&twice).unwrap_err().starts_with("line 11, "));
    }

    #[test]
    fn the_models_limits_hold_in_a_file_too() {
        for (text, line, named) in [
            ("[[domain]]\nname = \"My_Domain\"\n", 2, "domain"),
            (
                "[[domain]]\nname = \"my-domain\"\n\n[[domain.repository]]\nname = \"-\"\n",
                5,
                "repository",
            ),
            (
                "[[domain]]\nname = \"my-domain\"\nowner = \"me\"\n",
                2,
                "domainOwner",
            ),
            (
                "[[domain]]\nname = \"my-domain\"\n[[domain.package_group]]\npattern = \"/npm/*\"\nrestrictions = { PUBLISH = \"MAYBE\" }\n",
                4,
                "restrictions",
            ),
            (
                "[[domain]]\nname = \"my-domain\"\n[[domain.package_group]]\npattern = \"/npm/*\"\nrestrictions = { PUBLISHING = \"BLOCK\" }\n",
                4,
                "restrictions",
            ),
            (
                "[[domain]]\nname = \"my-domain\"\n[[domain.repository]]\nname = \"my-repo\"\n[[domain.repository]]\nname = \"my-repo\"\n",
                6,
                "twice",
            ),
        ] {
            let error = Seed::parse(text).unwrap_err();
            assert!(error.starts_with(&format!("line {line}, ")), "{error}");
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn a_file_may_be_too_large() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("seed.toml");
        let comment = "#".repeat(usize::try_from(LARGEST).unwrap() + 1);
        std::io::Write::write_all(
            &mut std::fs::File::create(&path).unwrap(),
            comment.as_bytes(),
        )
        .unwrap();
        let error = Seed::read(&path).unwrap_err();
        assert!(
            error.contains("seed.toml") && error.contains("larger"),
            "{error}"
        );
        assert!(Seed::read(&directory.path().join("absent")).is_err());
    }
}

//! What an adapter is, and what it is handed: the login, and where to look for files.
//!
//! An adapter knows one tool's files. Its functions are pure: text in, text out. It neither
//! opens a file nor knows whether a dry run is going on.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::endpoint::Endpoint;
use crate::config::env::Env;
use crate::error::Error;
use crate::secret::Secret;

/// One tool, as `--tool` names it, and the files that make it use a repository.
#[derive(Debug)]
pub struct Adapter {
    /// The name that a person types.
    pub tool: &'static str,
    /// The name in the success line; AWS's client says `nuget` for `dotnet` too.
    pub shown_as: &'static str,
    /// The package format whose endpoint the tool needs.
    pub format: &'static str,
    /// What `--namespace` may be for this tool.
    pub namespace: NamespaceRule,
    /// The flags that mean something to this tool.
    pub flags: &'static [Flag],
    /// The files, in the order in which they are written.
    pub files: &'static [ConfigFile],
    /// What a person has to know or to do beside the login, where that is anything.
    pub remark: fn(&Place, &Login) -> Option<String>,
}

/// The remark of a tool that needs none.
pub(super) fn no_remark(_: &Place, _: &Login) -> Option<String> {
    None
}

/// A flag that only some tools know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// `--project`
    Project,
    /// `--extra`
    Extra,
    /// `--mirror`
    Mirror,
    /// `--replace-crates-io`
    ReplaceCratesIo,
    /// `--push`
    Push,
    /// `--name`
    Name,
}

impl Flag {
    /// The flag as it is typed.
    pub fn text(self) -> &'static str {
        match self {
            Flag::Project => "--project",
            Flag::Extra => "--extra",
            Flag::Mirror => "--mirror",
            Flag::ReplaceCratesIo => "--replace-crates-io",
            Flag::Push => "--push",
            Flag::Name => "--name",
        }
    }
}

/// What a tool takes for `--namespace`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamespaceRule {
    /// The tool knows no scopes.
    None,
    /// An npm scope, with or without its `@`.
    Npm,
    /// A Swift package scope.
    Swift,
}

/// One file of a tool and how it is edited.
#[derive(Debug)]
pub struct ConfigFile {
    /// Under which name the journal keeps what was changed. Tools that share a file and the
    /// settings in it share this name.
    pub owner: &'static str,
    /// Where the tool itself looks for the file; `None` when this login does not need it.
    pub locate: fn(&Place) -> Result<Option<PathBuf>, Malformed>,
    /// The text with the login in it.
    pub rewrite: fn(&Login, &str) -> Result<String, Malformed>,
    /// The text without a login that somebody else has re-formatted or changed in part.
    /// Removes only what still has the value that the login gave it.
    pub remove: fn(&Written, &str) -> Result<String, Malformed>,
    /// The repositories that the file leads to.
    pub effective: fn(&str) -> Result<Vec<Pointer>, Malformed>,
    /// Where secrets stand in the text, ours and others'.
    pub secrets: fn(&str) -> Vec<Range<usize>>,
    /// Whether the login puts the token into this file.
    pub holds_token: bool,
}

/// All that an adapter may write.
#[derive(Clone, Debug)]
pub struct Login {
    /// The repository's endpoint for the adapter's format.
    pub endpoint: Endpoint,
    /// The authorization token.
    pub token: Secret,
    /// When the token expires.
    pub expiry: Timestamp,
    /// The domain's name.
    pub domain: String,
    /// The account that owns the domain, when it is known.
    pub owner: Option<String>,
    /// The repository's name.
    pub repository: String,
    /// The region of the domain, when it is known.
    pub region: Option<String>,
    /// The profile whose credentials fetched the token, when one was named.
    pub profile: Option<String>,
    /// The scope to which the login is limited, checked and in the tool's own spelling.
    pub namespace: Option<String>,
    /// The flags that concern single tools.
    pub options: Options,
}

/// Flags that concern where and how tools are set up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The project's file instead of the user's, and the virtual environment's for pip.
    pub project: bool,
    /// Beside the tool's own index rather than in its place.
    pub extra: bool,
    /// For everything that the tool downloads, in place of its built-in source.
    pub mirror: bool,
    /// Cargo: the repository replaces the public registry.
    pub replace_crates_io: bool,
    /// The repository becomes the one to publish to by default.
    pub push: bool,
    /// What tools that name their sources shall call this one.
    pub name: Option<String>,
    /// The token is in the machine's keychain, where the tool finds it, and not in its file.
    /// No flag of the login: [`super::keeping::Storing`] sets it.
    pub keychain: bool,
}

impl Options {
    /// The flags that are given.
    pub fn given(&self) -> Vec<Flag> {
        [
            (Flag::Project, self.project),
            (Flag::Extra, self.extra),
            (Flag::Mirror, self.mirror),
            (Flag::ReplaceCratesIo, self.replace_crates_io),
            (Flag::Push, self.push),
            (Flag::Name, self.name.is_some()),
        ]
        .into_iter()
        .filter_map(|(flag, given)| given.then_some(flag))
        .collect()
    }

    /// The same without the flags that mean nothing to a tool.
    pub fn known_to(&self, adapter: &Adapter) -> Options {
        let knows = |flag| adapter.flags.contains(&flag);
        Options {
            project: self.project && knows(Flag::Project),
            extra: self.extra && knows(Flag::Extra),
            mirror: self.mirror && knows(Flag::Mirror),
            replace_crates_io: self.replace_crates_io && knows(Flag::ReplaceCratesIo),
            push: self.push && knows(Flag::Push),
            name: self.name.clone().filter(|_| knows(Flag::Name)),
            keychain: self.keychain,
        }
    }
}

impl Login {
    /// The name for tools that name their sources: `--name`, or the one that the user guide
    /// and AWS's client use.
    pub fn name(&self) -> &str {
        self.options.name.as_deref().unwrap_or("codeartifact")
    }

    /// Whether all of it can be written into any file without meaning anything there.
    ///
    /// A token is one of RFC 6750, section 2.1 (`b64token`); names are those that the service
    /// allows for domains and repositories.
    pub fn check(&self) -> Result<(), Malformed> {
        let token = self.token.expose();
        let token_character = |c: char| c.is_ascii_alphanumeric() || "-._~+/=".contains(c);
        if token.is_empty() || !token.chars().all(token_character) {
            return Err(Malformed::new(
                "the authorization token has characters that a bearer token cannot have",
            ));
        }
        let names = [
            ("domain", self.domain.as_str()),
            ("repository", self.repository.as_str()),
            ("source name", self.name()),
        ];
        for (what, name) in names {
            let first = |c: char| c.is_ascii_alphanumeric();
            let rest = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
            if !name.starts_with(first) || !name.chars().all(rest) || name.len() > 100 {
                return Err(Malformed::new(format!(
                    "the {what} `{}` is not made of letters, digits, `-`, `.` and `_`",
                    name.escape_debug()
                )));
            }
        }
        Ok(())
    }
}

/// What an earlier login wrote into a file, as far as it may be remembered.
pub struct Written<'a> {
    /// The endpoint that was written.
    pub endpoint: &'a Endpoint,
    /// The domain's name.
    pub domain: &'a str,
    /// The repository's name.
    pub repository: &'a str,
    /// The scope, in the tool's spelling.
    pub namespace: Option<&'a str>,
    /// The name of the source.
    pub name: &'a str,
    /// What the settings pointed to before the first login.
    pub before: &'a [Pointer],
    /// Whether a text is a token that a login wrote.
    pub is_our_token: &'a dyn Fn(&str) -> bool,
}

impl Written<'_> {
    /// What a setting pointed to before the first login, when that may be put back.
    pub fn before(&self, setting: &str) -> Option<&str> {
        self.before
            .iter()
            .find(|pointer| pointer.setting == setting && !pointer.url.is_empty())
            .map(|pointer| pointer.url.as_str())
    }
}

/// One setting of a file that leads to a repository.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Pointer {
    /// The setting as the tool calls it, such as `@my_scope:registry`.
    pub setting: String,
    /// Where it leads, without credentials.
    pub url: String,
}

impl Pointer {
    /// A setting and where it leads. Credentials in the address are dropped.
    pub fn new(setting: impl Into<String>, url: &str) -> Pointer {
        Pointer {
            setting: setting.into(),
            url: without_credentials(url),
        }
    }
}

/// The address without user name and password.
pub(crate) fn without_credentials(url: &str) -> String {
    let Some(start) = url.find("://").map(|at| at + 3) else {
        return url.to_string();
    };
    let end = url[start..]
        .find(['/', '?', '#'])
        .map_or(url.len(), |at| start + at);
    match url[start..end].rfind('@') {
        Some(at) => format!("{}{}", &url[..start], &url[start + at + 1..]),
        None => url.to_string(),
    }
}

/// Where to look for a tool's files: the environment, the flags, and what exists.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The process's surroundings.
    pub env: &'a Env,
    /// The flags of the login.
    pub options: &'a Options,
    /// What is there.
    pub disk: &'a dyn Disk,
}

impl Place<'_> {
    /// The user's home folder.
    pub fn home(&self) -> Result<&Path, Malformed> {
        self.env
            .home()
            .ok_or_else(|| Malformed::new("the home folder is not known; set `HOME`"))
    }

    /// A path from a variable; a relative one starts at the current folder.
    pub fn path_var(&self, name: &str) -> Option<PathBuf> {
        let value = self.env.var(name)?;
        Some(match (value.strip_prefix("~/"), self.env.home()) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => self.env.current_dir().join(value),
        })
    }

    /// `$XDG_CONFIG_HOME`, or its default `~/.config`.
    pub fn xdg_config(&self) -> Result<PathBuf, Malformed> {
        match self.path_var("XDG_CONFIG_HOME") {
            Some(path) => Ok(path),
            None => Ok(self.home()?.join(".config")),
        }
    }

    /// `%APPDATA%`, or where it usually is.
    pub fn app_data(&self) -> Result<PathBuf, Malformed> {
        match self.path_var("APPDATA") {
            Some(path) => Ok(path),
            None => Ok(self.home()?.join("AppData").join("Roaming")),
        }
    }

    /// The nearest folder, from the current one upwards, that has a file of one of the names.
    pub fn nearest(&self, names: &[&str]) -> Option<PathBuf> {
        self.env
            .current_dir()
            .ancestors()
            .find(|folder| {
                names
                    .iter()
                    .any(|name| self.disk.is_file(&folder.join(name)))
            })
            .map(Path::to_path_buf)
    }
}

/// What `locate` functions may ask of the disk.
pub trait Disk {
    /// Whether there is a file.
    fn is_file(&self, path: &Path) -> bool;
    /// Whether there is a folder.
    fn is_dir(&self, path: &Path) -> bool;
    /// A small text file; `None` when there is none or it is no text.
    fn read(&self, path: &Path) -> Option<String>;
    /// The permission bits of a file, where the platform has them.
    fn mode(&self, path: &Path) -> Option<u32>;
    /// The names of what is in a folder, sorted; those that are not Unicode are left out.
    fn names(&self, folder: &Path) -> Vec<String>;
}

/// Why a text or a place cannot be used, in words for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The line, counted from 1, where there is one to name.
    pub line: Option<usize>,
    /// What is wrong.
    pub reason: String,
}

impl Malformed {
    /// A reason without a line.
    pub fn new(reason: impl Into<String>) -> Malformed {
        Malformed {
            line: None,
            reason: reason.into(),
        }
    }

    /// A reason at the place of a byte in the text.
    pub fn at(text: &str, byte: usize, reason: impl Into<String>) -> Malformed {
        let before = &text.as_bytes()[..byte.min(text.len())];
        Malformed {
            line: Some(1 + before.iter().filter(|byte| **byte == b'\n').count()),
            reason: reason.into(),
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

impl std::error::Error for Malformed {}

impl From<Malformed> for Error {
    fn from(malformed: Malformed) -> Error {
        Error::other(malformed.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_leave_an_address() {
        assert_eq!(
            without_credentials("https://aws:a@b@host.test/p@q"),
            "https://host.test/p@q"
        );
        assert_eq!(
            without_credentials("https://host.test/p@q"),
            "https://host.test/p@q"
        );
        assert_eq!(without_credentials("nonsense"), "nonsense");
    }

    #[test]
    fn a_reason_names_its_line() {
        let malformed = Malformed::at("a\nb\nc", 4, "no");
        assert_eq!(malformed.to_string(), "line 3: no");
    }
}

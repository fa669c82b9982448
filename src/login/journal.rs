//! What logins changed, remembered without secrets: for logout, which puts it back, and for
//! status, which tells who wrote what and until when it holds.
//!
//! It is one private file in the user's state folder. A token is in it as a fingerprint only,
//! and of a secret that a login replaced nothing is in it but that there was one.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::adapter::Pointer;
use super::keychain::Entry;
use super::undo::Undo;
use super::writer::{self, Change};
use crate::config::env::{Env, Platform};
use crate::error::{Error, Result};

/// The layout of the file; another one is refused rather than misread.
const VERSION: u32 = 1;

/// All that is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    version: u32,
    /// One record for each file.
    pub records: Vec<Record>,
    /// The tokens that logins put into the keychain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keychain: Vec<Kept>,
}

impl Default for Journal {
    fn default() -> Journal {
        Journal {
            version: VERSION,
            records: Vec::new(),
            keychain: Vec::new(),
        }
    }
}

/// What logins changed in one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The file as the tool names it.
    pub path: PathBuf,
    /// Whose settings were written into it.
    pub parts: Vec<Part>,
    /// The permission bits before the first login, where they were changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode_before: Option<u32>,
    /// How to take all changes back.
    pub undo: Undo,
}

/// The settings of one owner in a file; see `ConfigFile::owner`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Whose settings they are.
    pub owner: String,
    /// The tools that were set up by them.
    pub tools: Vec<String>,
    /// The logins, the newest last.
    pub logins: Vec<PastLogin>,
    /// Where the settings led before the first login.
    pub before: Vec<Pointer>,
}

impl Record {
    /// The fingerprints of all tokens that are or were in the file.
    pub fn tokens(&self) -> Vec<String> {
        let logins = self.parts.iter().flat_map(|part| &part.logins);
        logins.map(|login| login.token.clone()).collect()
    }

    /// The tools that were set up by the file.
    pub fn tools(&self) -> Vec<String> {
        let mut tools: Vec<String> = Vec::new();
        for tool in self.parts.iter().flat_map(|part| &part.tools) {
            if !tools.contains(tool) {
                tools.push(tool.clone());
            }
        }
        tools
    }
}

/// A token that a login put into the keychain, as far as it may be remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Where it is.
    pub entry: Entry,
    /// The login that put it there.
    pub login: PastLogin,
}

/// One login, as far as it may be remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastLogin {
    /// The tool that was named.
    pub tool: String,
    /// The repository endpoint.
    pub endpoint: String,
    /// The domain's name.
    pub domain: String,
    /// The domain owner's account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain_owner: Option<String>,
    /// The repository's name.
    pub repository: String,
    /// The domain's region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The profile whose credentials fetched the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The name of the source in files that name their sources.
    pub name: String,
    /// When the token expires.
    pub expiry: Timestamp,
    /// By what the token is known again.
    pub token: String,
}

impl PastLogin {
    /// Whether another login sets the same thing up and so takes this one's place.
    pub fn same_place(&self, other: &PastLogin) -> bool {
        (&self.endpoint, &self.namespace, &self.name)
            == (&other.endpoint, &other.namespace, &other.name)
    }
}

/// The folder for what the program has to remember; `None` when there is no home.
pub fn state_folder(env: &Env) -> Option<PathBuf> {
    let under_home = |parts: &[&str]| {
        let mut path = env.home()?.to_path_buf();
        path.extend(parts);
        Some(path)
    };
    let base = match env.platform() {
        Platform::Linux => match env.var("XDG_STATE_HOME").map(PathBuf::from) {
            Some(path) if path.is_absolute() => Some(path),
            _ => under_home(&[".local", "state"]),
        },
        Platform::MacOs => under_home(&["Library", "Application Support"]),
        Platform::Windows => match env.var("LOCALAPPDATA") {
            Some(path) => Some(PathBuf::from(path)),
            None => under_home(&["AppData", "Local"]),
        },
    };
    Some(base?.join("codeartifact"))
}

/// Where the journal is, inside the state folder.
pub fn path(state_folder: &Path) -> PathBuf {
    state_folder.join("login.json")
}

impl Journal {
    /// Reads the journal; an absent one is empty.
    pub fn load(state_folder: &Path) -> Result<Journal> {
        match writer::read(&path(state_folder))? {
            Some(existing) => Journal::parse(&existing.text)
                .map_err(|error| unusable(&path(state_folder), &error)),
            None => Ok(Journal::default()),
        }
    }

    fn parse(text: &str) -> Result<Journal, String> {
        let journal: Journal = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match journal.version {
            VERSION => Ok(journal),
            other => Err(format!(
                "it has version {other}, and this program knows {VERSION}"
            )),
        }
    }

    /// The change that brings the journal on the disk to this state.
    pub fn change(&self, state_folder: &Path) -> Result<Change> {
        let path = path(state_folder);
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| unusable(&path, &error.to_string()))?;
        Ok(Change {
            old: writer::read(&path)?.map(|existing| existing.text),
            new: Some(text + "\n"),
            mode: Some(0o600),
            path,
        })
    }

    /// What is remembered of a file.
    pub fn record(&self, path: &Path) -> Option<&Record> {
        self.records.iter().find(|record| record.path == path)
    }

    /// Puts a record in, in place of the one for the same file.
    pub fn put(&mut self, record: Record) {
        self.forget(&record.path);
        self.records.push(record);
    }

    /// Remembers a token in the keychain, in place of an older one in the same entry.
    pub fn keep(&mut self, kept: Kept) {
        self.keychain.retain(|known| known.entry != kept.entry);
        self.keychain.push(kept);
    }

    /// Takes a record out.
    pub fn forget(&mut self, path: &Path) {
        self.records.retain(|record| record.path != path);
    }
}

fn unusable(path: &Path, reason: &str) -> Error {
    Error::other(format!(
        "the journal of earlier logins, `{}`, cannot be used: {reason}",
        path.display()
    ))
    .hint("move it away to start anew; `logout` then cannot put back what was there before")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_folder_is_each_platforms_own() {
        let folder = |platform, variables: &[(&'static str, &'static str)]| {
            let env = Env::made_up(platform, "/home/me", "/", variables.iter().copied());
            state_folder(&env).expect("there is a home")
        };
        assert_eq!(
            folder(Platform::Linux, &[]),
            Path::new("/home/me/.local/state/codeartifact")
        );
        assert_eq!(
            folder(Platform::Linux, &[("XDG_STATE_HOME", "/state")]),
            Path::new("/state/codeartifact")
        );
        assert_eq!(
            folder(Platform::MacOs, &[("XDG_STATE_HOME", "/state")]),
            Path::new("/home/me/Library/Application Support/codeartifact")
        );
        assert_eq!(
            folder(Platform::Windows, &[("LOCALAPPDATA", "/local")]),
            Path::new("/local/codeartifact")
        );
    }

    #[test]
    fn another_version_is_refused() {
        assert!(Journal::parse(r#"{"version": 2, "records": []}"#).is_err());
        assert!(Journal::parse(r#"{"version": 1, "records": []}"#).is_ok());
        assert!(Journal::parse("").is_err());
    }
}

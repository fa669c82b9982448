//! How logins stand: which file leads where, whether it still holds what a login wrote, until
//! when the token is valid, and what wins over it.
//!
//! Logins of this program are known from the journal. Files that lead to CodeArtifact without
//! one, as after AWS's own login, are shown as somebody else's. Nothing is asked of the service
//! here; whoever does so gets the token with each login and fills `accepted` in.

mod by_tool;
mod foreign;
mod overrides;
mod shadow;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use super::adapter::{Adapter, ConfigFile, Disk, Login, Options, Place};
use super::endpoint::Endpoint;
use super::journal::{Journal, Part, PastLogin, Record};
use super::plan::kind_of;
use super::text::secrets;
use super::undo::fingerprint;
use super::{ADAPTERS, adapter};
use crate::config::env::Env;
use crate::secret::Secret;

pub use shadow::Shadow;

/// A login as it stands.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LoginStatus {
    /// The tool.
    pub tool: String,
    /// The repository endpoint.
    pub endpoint: String,
    /// The domain's name.
    pub domain: String,
    /// The account that owns the domain, where it is known.
    pub domain_owner: Option<String>,
    /// The repository's name.
    pub repository: String,
    /// The domain's Region, where it is known.
    pub region: Option<String>,
    /// The scope that the login is for.
    pub namespace: Option<String>,
    /// What the source is called in files that name their sources.
    pub name: Option<String>,
    /// The profile that fetched the token, where one was named.
    pub profile: Option<String>,
    /// Whether this program wrote it.
    pub ours: bool,
    /// The files, with what is left in them.
    pub files: Vec<FileStatus>,
    /// When the token expires, where that is known.
    pub expiry: Option<Timestamp>,
    /// Whether it has expired.
    pub expired: bool,
    /// Whether the service accepts the token now; nothing where it was not asked or did not
    /// answer.
    pub accepted: Option<bool>,
    /// Whether the token is in the machine's keychain and not in a file.
    pub in_keychain: bool,
    /// What wins over it.
    pub shadows: Vec<Shadow>,
    /// The token, where a file still holds the one that was written.
    #[serde(skip)]
    pub token: Option<Secret>,
    #[serde(skip)]
    part_of: Vec<String>,
    #[serde(skip)]
    leads: bool,
}

/// A file of a login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileStatus {
    /// The file.
    pub path: PathBuf,
    /// For whom the tool reads it.
    pub level: Level,
    /// What is left of the login in it.
    pub state: State,
    /// The settings in it that lead to the repository.
    pub settings: Vec<String>,
    /// The permission bits, in octal, when others can read a file with a token in it.
    pub mode_too_wide: Option<String>,
}

/// For whom a tool reads a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// For the user, wherever the tool runs.
    User,
    /// For the project of the current folder.
    Project,
    /// Not at all from here: another project's, or one that a variable named at the time.
    Elsewhere,
}

/// What is left of a login in a file, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// All that was written.
    AsWritten,
    /// Something was changed, but the settings still lead to the repository, or the token is
    /// still there.
    Edited,
    /// The settings lead elsewhere, or the token is another one.
    Overwritten,
    /// The file is not there.
    Gone,
}

impl LoginStatus {
    /// Whether the tool reads it from the current folder.
    pub fn is_read_here(&self) -> bool {
        let mut files = self.files.iter();
        files.any(|file| file.level != Level::Elsewhere)
    }

    /// Whether it is a login of a tool, too: those that share a file share its logins.
    pub fn concerns(&self, adapter: &Adapter) -> bool {
        let shares = |owner: &String| adapter.files.iter().any(|kind| kind.owner == owner);
        adapter.tool == self.tool || self.part_of.iter().any(shares)
    }

    /// What keeps it from working, a sentence each; empty when it is in force.
    pub fn problems(&self) -> Vec<String> {
        let mut problems: Vec<String> = Vec::new();
        for file in &self.files {
            let path = file.path.display();
            match file.state {
                State::AsWritten | State::Edited => {}
                State::Overwritten => {
                    problems.push(format!("`{path}` no longer holds what the login wrote"));
                }
                State::Gone => problems.push(format!("`{path}` is not there any more")),
            }
        }
        if self.expired {
            problems.push("the token has expired".to_string());
        } else if self.accepted == Some(false) {
            problems.push("the service refuses the token".to_string());
        }
        problems.extend(self.shadows.iter().map(|shadow| shadow.sentence.clone()));
        problems
    }
}

/// Where and when status is asked for.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The process's surroundings.
    pub env: &'a Env,
    /// What is there.
    pub disk: &'a dyn Disk,
    /// The time.
    pub now: Timestamp,
}

/// All logins of these tools, or of all tools.
pub fn collect(
    view: &View,
    journal: &Journal,
    wanted: Option<&[&'static Adapter]>,
) -> Vec<LoginStatus> {
    let mut found: Vec<LoginStatus> = Vec::new();
    for record in &journal.records {
        let text = view.disk.read(&record.path);
        for part in &record.parts {
            let Some(kind) = kind_of(&part.owner) else {
                continue;
            };
            for login in part.logins.iter().filter(|login| fits(login, part, wanted)) {
                add(
                    view,
                    &mut found,
                    &Piece {
                        record,
                        part,
                        kind,
                        login,
                        text: text.as_deref(),
                    },
                );
            }
        }
    }
    for login in &mut found {
        login.in_keychain = journal
            .keychain
            .iter()
            .any(|kept| (&kept.login.tool, &kept.login.endpoint) == (&login.tool, &login.endpoint));
    }
    let mut left = without_replaced(found);
    share_tokens(&mut left);
    foreign::add(view, wanted, &mut left);
    for login in &mut left {
        if login.is_read_here() {
            login.shadows = shadow::find(view, login);
        }
    }
    let order = |tool: &str| ADAPTERS.iter().position(|adapter| adapter.tool == tool);
    left.sort_by_key(|login| order(&login.tool));
    left
}

/// Tokens that a login for another scope or place has renewed: a tool has one for an address, and
/// the newest counts for all that go there.
fn share_tokens(logins: &mut [LoginStatus]) {
    let shared: Vec<Option<usize>> = logins
        .iter()
        .map(|login| {
            let renews = |other: &LoginStatus| {
                let mut paths = other.files.iter().map(|file| &file.path);
                let is_mine = |path: &PathBuf| login.files.iter().any(|file| file.path == *path);
                other.endpoint == login.endpoint && paths.any(is_mine)
            };
            let known = |other: &LoginStatus| other.token.is_some() && renews(other);
            match login.token.is_some() || login.in_keychain {
                true => None,
                false => logins.iter().position(known),
            }
        })
        .collect();
    for (at, other) in shared.into_iter().enumerate() {
        let Some(other) = other else { continue };
        logins[at].token = logins[other].token.clone();
        logins[at].expiry = logins[other].expiry;
        logins[at].expired = logins[other].expired;
    }
}

/// Whether a login concerns one of the tools: npm's is pnpm's as well, since they share a file.
fn fits(login: &PastLogin, part: &Part, wanted: Option<&[&'static Adapter]>) -> bool {
    let shares = |adapter: &&&Adapter| {
        adapter.tool == login.tool || adapter.files.iter().any(|kind| kind.owner == part.owner)
    };
    wanted.is_none_or(|wanted| wanted.iter().any(|adapter| shares(&adapter)))
}

/// One login's settings in one file.
struct Piece<'a> {
    record: &'a Record,
    part: &'a Part,
    kind: &'static ConfigFile,
    login: &'a PastLogin,
    text: Option<&'a str>,
}

/// Puts what one file says of a login to what others say.
fn add(view: &View, found: &mut Vec<LoginStatus>, piece: &Piece) {
    let Ok(endpoint) = Endpoint::parse(&piece.login.endpoint) else {
        return;
    };
    let text = piece.text.unwrap_or_default();
    let token = token_in(text, piece.kind, &piece.login.token);
    let settings = settings_in(text, piece.kind, &endpoint);
    let file = FileStatus {
        path: piece.record.path.clone(),
        level: level(view, &piece.login.tool, piece),
        state: state(piece, &endpoint, token.is_some(), !settings.is_empty()),
        mode_too_wide: mode_too_wide(view, &piece.record.path, token.is_some()),
        settings,
    };
    let key = |login: &LoginStatus| {
        (&login.tool, &login.endpoint, &login.namespace, &login.name)
            == (
                &piece.login.tool,
                &piece.login.endpoint,
                &piece.login.namespace,
                &Some(piece.login.name.clone()),
            )
    };
    let at = found.iter().position(key).unwrap_or_else(|| {
        found.push(begun(piece.login, view.now));
        found.len() - 1
    });
    let login = &mut found[at];
    login.leads |= !file.settings.is_empty();
    login.token = login.token.take().or(token);
    login.part_of.push(piece.part.owner.clone());
    // A later login may have brought a newer token into one file and another one not.
    login.expiry = login.expiry.max(Some(piece.login.expiry));
    login.expired = login.expiry.is_some_and(|expiry| expiry <= view.now);
    match login.files.iter_mut().find(|known| known.path == file.path) {
        None => login.files.push(file),
        Some(known) => {
            known.state = known.state.max(file.state);
            known.mode_too_wide = known.mode_too_wide.take().or(file.mode_too_wide);
            if file.level != Level::Elsewhere {
                known.level = file.level;
            }
            for setting in file.settings {
                if !known.settings.contains(&setting) {
                    known.settings.push(setting);
                }
            }
        }
    }
}

fn begun(login: &PastLogin, now: Timestamp) -> LoginStatus {
    LoginStatus {
        tool: login.tool.clone(),
        endpoint: login.endpoint.clone(),
        domain: login.domain.clone(),
        domain_owner: login.domain_owner.clone(),
        repository: login.repository.clone(),
        region: login.region.clone(),
        namespace: login.namespace.clone(),
        name: Some(login.name.clone()),
        profile: login.profile.clone(),
        ours: true,
        files: Vec::new(),
        expiry: Some(login.expiry),
        expired: login.expiry <= now,
        accepted: None,
        in_keychain: false,
        shadows: Vec::new(),
        token: None,
        part_of: Vec::new(),
        leads: false,
    }
}

/// The token with a fingerprint, where it stands in a text.
fn token_in(text: &str, kind: &ConfigFile, wanted: &str) -> Option<Secret> {
    let found = (kind.secrets)(text).into_iter();
    found
        .map(|range| &text[secrets::bare(text, range)])
        .find(|candidate| fingerprint(candidate) == wanted)
        .map(|token| Secret::new(token.replace("%2F", "/").replace("%2B", "+")))
}

/// The settings of a text that lead to an endpoint. A text that cannot be read leads nowhere.
fn settings_in(text: &str, kind: &ConfigFile, endpoint: &Endpoint) -> Vec<String> {
    let pointers = (kind.effective)(text).unwrap_or_default().into_iter();
    pointers
        .filter(|pointer| endpoint.contains(&pointer.url))
        .map(|pointer| pointer.setting)
        .collect()
}

fn state(piece: &Piece, endpoint: &Endpoint, has_token: bool, leads: bool) -> State {
    let Some(text) = piece.text else {
        return State::Gone;
    };
    if piece.record.undo.stands(text, piece.kind.secrets) {
        return State::AsWritten;
    }
    let is_left = match piece.kind.holds_token {
        true => has_token,
        false => leads || !makes_pointers(piece, endpoint),
    };
    match is_left {
        true => State::Edited,
        false => State::Overwritten,
    }
}

/// Whether the login's settings of this kind lead anywhere by themselves, as a registry does
/// and `always-auth` does not.
fn makes_pointers(piece: &Piece, endpoint: &Endpoint) -> bool {
    let login = Login {
        endpoint: endpoint.clone(),
        token: Secret::new("token"),
        expiry: piece.login.expiry,
        domain: piece.login.domain.clone(),
        owner: piece.login.domain_owner.clone(),
        repository: piece.login.repository.clone(),
        region: piece.login.region.clone(),
        profile: None,
        namespace: piece.login.namespace.clone(),
        options: Options {
            name: Some(piece.login.name.clone()),
            ..Options::default()
        },
    };
    (piece.kind.rewrite)(&login, "").is_ok_and(|text| {
        let leading = settings_in(&text, piece.kind, endpoint);
        !leading.is_empty()
    })
}

/// Where the tool looks for files of a kind now.
fn located(
    view: &View,
    kind: &ConfigFile,
    name: Option<&str>,
    project: bool,
) -> Option<(PathBuf, Options)> {
    let options = Options {
        project,
        name: name.map(str::to_string),
        ..Options::default()
    };
    let place = Place {
        env: view.env,
        options: &options,
        disk: view.disk,
    };
    let path = (kind.locate)(&place).ok().flatten()?;
    Some((path, options))
}

fn level(view: &View, tool: &str, piece: &Piece) -> Level {
    let is_at = |project: bool| {
        adapter(tool).is_some_and(|adapter| {
            adapter.files.iter().any(|kind| {
                let found = located(view, kind, Some(&piece.login.name), project);
                found.is_some_and(|(path, _)| path == piece.record.path)
            })
        })
    };
    match (is_at(false), is_at(true)) {
        (true, _) => Level::User,
        (false, true) => Level::Project,
        (false, false) if always_read(view, &piece.record.path, piece.kind) => Level::User,
        (false, false) => Level::Elsewhere,
    }
}

/// Some files are there for a flag only, as a mirror's, and are found with it.
fn always_read(view: &View, path: &Path, kind: &ConfigFile) -> bool {
    let options = Options {
        mirror: true,
        extra: true,
        push: true,
        replace_crates_io: true,
        ..Options::default()
    };
    let place = Place {
        env: view.env,
        options: &options,
        disk: view.disk,
    };
    (kind.locate)(&place).is_ok_and(|found| found.as_deref() == Some(path))
}

fn mode_too_wide(view: &View, path: &Path, has_token: bool) -> Option<String> {
    let mode = view.disk.mode(path).filter(|mode| mode & 0o077 != 0)?;
    has_token.then(|| format!("{:04o}", mode & 0o7777))
}

/// Leaves out logins in whose place a later one of ours has come.
fn without_replaced(found: Vec<LoginStatus>) -> Vec<LoginStatus> {
    let is_replaced = |at: usize, login: &LoginStatus| {
        let is_left = login.leads || login.token.is_some();
        let later = |other: &LoginStatus| {
            (&other.tool, &other.namespace, &other.name)
                == (&login.tool, &login.namespace, &login.name)
                && other
                    .part_of
                    .iter()
                    .any(|part| login.part_of.contains(part))
        };
        !is_left && found[at + 1..].iter().any(later)
    };
    let kept: Vec<bool> = found
        .iter()
        .enumerate()
        .map(|(at, login)| !is_replaced(at, login))
        .collect();
    let mut kept = kept.into_iter();
    let mut found = found;
    found.retain(|_| kept.next().unwrap_or(true));
    found
}

#[cfg(test)]
mod tests;

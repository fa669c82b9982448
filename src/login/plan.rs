//! What a login or a logout is going to do: for each file the text that is there and the text
//! that shall be there. Nothing is written here, so that a dry run is a plan that is shown.

use std::path::{Path, PathBuf};

use super::ADAPTERS;
use super::adapter::{Adapter, ConfigFile, Disk, Login, Malformed, Options, Place};
use super::diff::{self, Secrets};
use super::journal::{Journal, Kept, Part, PastLogin, Record};
use super::removal::take_out;
use super::undo::{Undo, fingerprint};
use super::writer::{self, Change, Existing};
use crate::config::env::Env;
use crate::error::{Error, Result};

/// A login or logout that has been thought through.
#[derive(Debug)]
pub struct Plan {
    /// The files, in the order in which they are written; also those that stay as they are.
    pub files: Vec<PlannedFile>,
    /// The journal as it will be.
    pub journal: Journal,
    /// What a person should know beside the success lines, a sentence each.
    pub notes: Vec<String>,
    /// What a logout could not do. A login has none: it fails instead.
    pub problems: Vec<Error>,
    /// The tokens in the keychain that a logout takes out.
    pub keychain: Vec<Kept>,
}

/// One file of a plan.
#[derive(Debug)]
pub struct PlannedFile {
    /// The file as the tool names it.
    pub path: PathBuf,
    /// The tools that it is for.
    pub tools: Vec<String>,
    /// What is there.
    pub old: Option<Existing>,
    /// What shall be there; nothing when the file goes.
    pub new: Option<String>,
    /// The permission bits that it gets, where they change.
    pub mode: Option<u32>,
    kind: &'static ConfigFile,
    /// What the logins of this plan write into it.
    parts: Vec<Part>,
}

impl PlannedFile {
    fn old_text(&self) -> Option<&str> {
        self.old.as_ref().map(|existing| existing.text.as_str())
    }

    fn changes(&self) -> bool {
        self.old_text() != self.new.as_deref() || self.mode.is_some()
    }

    /// The unified diff of the file.
    pub fn diff(&self, show: Secrets) -> String {
        let find = self.kind.secrets;
        diff::unified(&self.path, self.old_text(), self.new.as_deref(), find, show)
    }
}

impl Plan {
    pub(super) fn empty(journal: Journal) -> Plan {
        Plan {
            files: Vec::new(),
            journal,
            notes: Vec::new(),
            problems: Vec::new(),
            keychain: Vec::new(),
        }
    }

    /// The unified diff of all files.
    pub fn diff(&self, show: Secrets) -> String {
        self.files.iter().map(|file| file.diff(show)).collect()
    }

    /// The changes of the files, without those that stay as they are.
    pub fn changes(&self) -> Vec<Change> {
        self.files
            .iter()
            .filter(|file| file.changes())
            .map(|file| Change {
                path: file.path.clone(),
                old: file.old_text().map(str::to_string),
                new: file.new.clone(),
                mode: file.mode,
            })
            .collect()
    }

    /// The planned file at a path, read from the disk when it is named for the first time.
    pub(super) fn file(
        &mut self,
        path: &Path,
        kind: &'static ConfigFile,
    ) -> Result<&mut PlannedFile> {
        let at = match self.files.iter().position(|file| file.path == path) {
            Some(at) => at,
            None => {
                let old = writer::read(path)?;
                self.files.push(PlannedFile {
                    new: old.as_ref().map(|existing| existing.text.clone()),
                    tools: Vec::new(),
                    mode: None,
                    path: path.to_path_buf(),
                    parts: Vec::new(),
                    old,
                    kind,
                });
                self.files.len() - 1
            }
        };
        Ok(&mut self.files[at])
    }
}

/// Plans logins, each for one tool.
pub fn plan_login(
    logins: &[(&'static Adapter, Login)],
    env: &Env,
    disk: &dyn Disk,
    journal: &Journal,
) -> Result<Plan> {
    let mut plan = Plan::empty(journal.clone());
    for (adapter, login) in logins {
        login.check()?;
        let place = Place {
            env,
            options: &login.options,
            disk,
        };
        for kind in adapter.files {
            let located = (kind.locate)(&place)
                .map_err(|malformed| Error::other(format!("{}: {malformed}", adapter.tool)))?;
            if let Some(path) = located {
                plan_file(&mut plan, adapter, login, kind, &path)?;
            }
        }
        plan.notes.extend((adapter.remark)(&place, login));
    }
    for at in 0..plan.files.len() {
        remember(&mut plan, at)?;
    }
    Ok(plan)
}

fn plan_file(
    plan: &mut Plan,
    adapter: &Adapter,
    login: &Login,
    kind: &'static ConfigFile,
    path: &Path,
) -> Result<()> {
    let file = plan.file(path, kind)?;
    let text = file.new.as_deref().unwrap_or_default();
    let refuse = |malformed: Malformed| left_alone(path, &malformed);
    let new = (kind.rewrite)(login, text).map_err(refuse)?;
    let taken = (kind.effective)(text)
        .map_err(refuse)?
        .into_iter()
        .find(|pointer| pointer.setting == login.name() && !login.endpoint.contains(&pointer.url));
    let note = taken.map(|pointer| {
        format!(
            "`{}` in `{}` led to {}; `--name` keeps several apart",
            pointer.setting,
            path.display(),
            pointer.url
        )
    });
    file.new = Some(new);
    add(&mut file.tools, adapter.tool);
    if kind.holds_token {
        make_private(file);
    }
    merge(
        &mut file.parts,
        Part {
            owner: kind.owner.to_string(),
            tools: vec![adapter.tool.to_string()],
            logins: vec![past_login(adapter, login)],
            before: Vec::new(),
        },
    );
    plan.notes.extend(note);
    Ok(())
}

pub(super) fn add(tools: &mut Vec<String>, tool: &str) {
    if !tools.iter().any(|known| known == tool) {
        tools.push(tool.to_string());
    }
}

/// Puts a part to the others; what sets the same thing up takes the older one's place.
fn merge(parts: &mut Vec<Part>, new: Part) {
    let Some(part) = parts.iter_mut().find(|part| part.owner == new.owner) else {
        parts.push(new);
        return;
    };
    for tool in &new.tools {
        add(&mut part.tools, tool);
    }
    for login in new.logins {
        part.logins.retain(|known| !known.same_place(&login));
        part.logins.push(login);
    }
}

/// Remembers for a file what the logins of the plan make of it.
fn remember(plan: &mut Plan, at: usize) -> Result<()> {
    let file = &plan.files[at];
    let earlier = plan.journal.record(&file.path);
    let refuse = |malformed: Malformed| left_alone(&file.path, &malformed);
    let base = match (earlier, file.old_text()) {
        (Some(record), Some(current)) => take_out(record, current).map_err(refuse)?.text,
        (_, current) => current.map(str::to_string),
    };
    let narrowed = file.mode.and(file.old.as_ref()).and_then(|old| old.mode);
    let note = narrowed.map(|mode| {
        format!(
            "`{}` had mode {mode:04o}; now that a token is in it, it has 0600",
            file.path.display()
        )
    });
    if base == file.new && earlier.is_none() {
        plan.notes.extend(note);
        return Ok(());
    }
    let mut parts = earlier
        .map(|record| record.parts.clone())
        .unwrap_or_default();
    for part in &file.parts {
        merge(&mut parts, part.clone());
    }
    for part in &mut parts {
        if let Some(kind) = kind_of(&part.owner) {
            part.before = (kind.effective)(base.as_deref().unwrap_or_default()).map_err(refuse)?;
        }
    }
    let mut record = Record {
        path: file.path.clone(),
        parts,
        mode_before: earlier.and_then(|record| record.mode_before).or(narrowed),
        undo: Undo::default(),
    };
    let new = file.new.as_deref().unwrap_or_default();
    record.undo = Undo::record(base.as_deref(), new, file.kind.secrets, &record.tokens());
    plan.notes.extend(note);
    plan.journal.put(record);
    Ok(())
}

/// Makes a file that others can read private.
fn make_private(file: &mut PlannedFile) {
    let narrow = match &file.old {
        None => true,
        Some(existing) => existing.mode.is_some_and(|mode| mode & 0o077 != 0),
    };
    if narrow {
        file.mode = Some(0o600);
    }
}

pub(super) fn past_login(adapter: &Adapter, login: &Login) -> PastLogin {
    PastLogin {
        tool: adapter.tool.to_string(),
        endpoint: login.endpoint.to_string(),
        domain: login.domain.clone(),
        domain_owner: login
            .owner
            .clone()
            .or_else(|| Some(login.endpoint.names()?.owner.to_string())),
        repository: login.repository.clone(),
        region: login.region.clone(),
        profile: login.profile.clone(),
        namespace: login.namespace.clone(),
        name: login.name().to_string(),
        expiry: login.expiry,
        token: fingerprint(login.token.expose()),
    }
}

pub(super) fn left_alone(path: &Path, malformed: &Malformed) -> Error {
    Error::other(format!("`{}` was left alone: {malformed}", path.display()))
}

/// The kind of file that an owner in the journal stands for.
pub(crate) fn kind_of(owner: &str) -> Option<&'static ConfigFile> {
    ADAPTERS
        .iter()
        .flat_map(|adapter| adapter.files)
        .find(|kind| kind.owner == owner)
}

/// The texts that a person could paste into a tool's files, and the files they belong to.
pub fn snippets(
    adapter: &'static Adapter,
    login: &Login,
    env: &Env,
    disk: &dyn Disk,
    show: Secrets,
) -> Result<Vec<(PathBuf, String)>, Malformed> {
    let options: &Options = &login.options;
    let place = Place { env, options, disk };
    let mut snippets = Vec::new();
    for kind in adapter.files {
        if let Some(path) = (kind.locate)(&place)? {
            let text = (kind.rewrite)(login, "")?;
            let shown = match show {
                Secrets::Shown => text,
                Secrets::Hidden => diff::hide(&text, kind.secrets),
            };
            snippets.push((path, shown));
        }
    }
    Ok(snippets)
}

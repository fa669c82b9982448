//! What a login or a logout is going to do: for each file the text that is there and the text
//! that shall be there. Nothing is written here, so that a dry run is a plan that is shown.

use std::path::{Path, PathBuf};

use super::adapter::{
    Adapter, ConfigFile, Disk, Login, Malformed, Options, Place, Pointer, Written,
};
use super::diff::{self, Secrets};
use super::endpoint::Endpoint;
use super::journal::{Journal, PastLogin, Record};
use super::undo::{Undo, Undone, fingerprint};
use super::writer::{self, Change, Existing};
use super::{ADAPTERS, text::secrets};
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
    fn empty(journal: Journal) -> Plan {
        Plan {
            files: Vec::new(),
            journal,
            notes: Vec::new(),
            problems: Vec::new(),
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
    fn file(&mut self, path: &Path, kind: &'static ConfigFile) -> Result<&mut PlannedFile> {
        let at = match self.files.iter().position(|file| file.path == path) {
            Some(at) => at,
            None => {
                let old = writer::read(path)?;
                self.files.push(PlannedFile {
                    new: old.as_ref().map(|existing| existing.text.clone()),
                    tools: Vec::new(),
                    mode: None,
                    path: path.to_path_buf(),
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
    let earlier = plan.journal.record(path, kind.owner).cloned();
    let file = plan.file(path, kind)?;
    let refuse = |malformed: Malformed| left_alone(path, &malformed);
    let current = file.new.clone();
    let text = current.as_deref().unwrap_or_default();
    let new = (kind.rewrite)(login, text).map_err(refuse)?;

    let base = match (&earlier, &current) {
        (Some(record), Some(current)) => take_out(record, kind, current).map_err(refuse)?.text,
        _ => current.clone(),
    };
    let before = (kind.effective)(base.as_deref().unwrap_or_default()).map_err(refuse)?;
    file.new = Some(new.clone());
    if !file.tools.iter().any(|tool| tool == adapter.tool) {
        file.tools.push(adapter.tool.to_string());
    }
    let mode_before = if kind.holds_token {
        private(file)
    } else {
        None
    };
    let mut notes = notes_on(file, mode_before);
    let record = remember(
        adapter,
        login,
        kind,
        earlier,
        base.as_deref(),
        &new,
        before,
        mode_before,
        path,
    );
    if let Some(record) = record {
        plan.journal.put(record);
    }
    notes.retain(|note| !plan.notes.contains(note));
    plan.notes.append(&mut notes);
    Ok(())
}

/// Makes a file private and gives back the bits it had when they were wider.
fn private(file: &mut PlannedFile) -> Option<u32> {
    match file.old.as_ref().map(|existing| existing.mode) {
        None => {
            file.mode = Some(0o600);
            None
        }
        Some(Some(mode)) if mode & 0o077 != 0 => {
            file.mode = Some(0o600);
            Some(mode)
        }
        Some(_) => None,
    }
}

fn notes_on(file: &PlannedFile, mode_before: Option<u32>) -> Vec<String> {
    let path = file.path.display();
    let mut notes = Vec::new();
    if let Some(mode) = mode_before {
        notes.push(format!(
            "`{path}` had mode {mode:04o}; now that a token is in it, it has 0600"
        ));
    }
    notes
}

#[expect(
    clippy::too_many_arguments,
    reason = "all that a record is made of, once"
)]
fn remember(
    adapter: &Adapter,
    login: &Login,
    kind: &ConfigFile,
    earlier: Option<Record>,
    base: Option<&str>,
    new: &str,
    before: Vec<Pointer>,
    mode_before: Option<u32>,
    path: &Path,
) -> Option<Record> {
    if base == Some(new) && earlier.is_none() {
        return None;
    }
    let past = past_login(adapter, login);
    let (mut tools, mut logins, earlier_mode) = match earlier {
        Some(record) => (record.tools, record.logins, record.mode_before),
        None => Default::default(),
    };
    logins.retain(|login| !login.same_place(&past));
    logins.push(past);
    if !tools.iter().any(|tool| tool == adapter.tool) {
        tools.push(adapter.tool.to_string());
    }
    let known: Vec<String> = logins.iter().map(|login| login.token.clone()).collect();
    Some(Record {
        path: path.to_path_buf(),
        owner: kind.owner.to_string(),
        tools,
        undo: Undo::record(base, new, kind.secrets, &known),
        logins,
        before,
        mode_before: earlier_mode.or(mode_before),
    })
}

fn past_login(adapter: &Adapter, login: &Login) -> PastLogin {
    PastLogin {
        tool: adapter.tool.to_string(),
        endpoint: login.endpoint.to_string(),
        domain: login.domain.clone(),
        domain_owner: login.owner.clone(),
        repository: login.repository.clone(),
        region: login.region.clone(),
        namespace: login.namespace.clone(),
        name: login.name().to_string(),
        expiry: login.expiry,
        token: fingerprint(login.token.expose()),
    }
}

fn left_alone(path: &Path, malformed: &Malformed) -> Error {
    Error::other(format!("`{}` was left alone: {malformed}", path.display()))
}

/// Takes what logins wrote out of a text: to the letter where it stands as written, and
/// otherwise setting by setting.
fn take_out(record: &Record, kind: &ConfigFile, text: &str) -> Result<Undone, Malformed> {
    let mut undone = record.undo.apply(text, kind.secrets);
    if undone.complete {
        return Ok(undone);
    }
    let Some(mut text) = undone.text else {
        return Ok(undone);
    };
    let ours = |candidate: &str| {
        let bare = &candidate[secrets::bare(candidate, 0..candidate.len())];
        let print = fingerprint(bare);
        record.logins.iter().any(|login| login.token == print)
    };
    for login in &record.logins {
        let Ok(endpoint) = Endpoint::parse(&login.endpoint) else {
            continue;
        };
        let written = Written {
            endpoint: &endpoint,
            domain: &login.domain,
            repository: &login.repository,
            namespace: login.namespace.as_deref(),
            name: &login.name,
            before: &record.before,
            is_our_token: &ours,
        };
        text = (kind.remove)(&written, &text)?;
    }
    let gone = record.undo.created() && text.trim().is_empty();
    undone.text = (!gone).then_some(text);
    Ok(undone)
}

/// A login taken back out of a text, as a logout does it.
#[cfg(test)]
pub(super) fn take_back(
    kind: &ConfigFile,
    login: &Login,
    undo: &Undo,
    base: &str,
    new: &str,
) -> Result<String, Malformed> {
    let adapter = ADAPTERS[0];
    let record = Record {
        path: PathBuf::new(),
        owner: kind.owner.to_string(),
        tools: Vec::new(),
        logins: vec![past_login(adapter, login)],
        before: (kind.effective)(base)?,
        mode_before: None,
        undo: undo.clone(),
    };
    let undone = take_out(&record, kind, new)?;
    Ok(undone.text.unwrap_or_default())
}

/// Plans to put back what was there before the logins of these tools, or of all.
pub fn plan_logout(tools: Option<&[&str]>, journal: &Journal) -> Plan {
    let mut plan = Plan::empty(journal.clone());
    // The last first: what a login recorded for a file counts on what is recorded before.
    for record in journal.records.iter().rev() {
        let meant = tools.is_none_or(|tools| {
            tools
                .iter()
                .any(|tool| record.tools.iter().any(|known| known == tool))
        });
        if !meant {
            continue;
        }
        match plan_removal(&mut plan, record) {
            Ok(()) => plan.journal.forget(&record.path, &record.owner),
            Err(error) => plan.problems.push(error),
        }
    }
    plan
}

fn plan_removal(plan: &mut Plan, record: &Record) -> Result<()> {
    let path = &record.path;
    let Some(kind) = kind_of(&record.owner) else {
        return Err(Error::other(format!(
            "`{}` was set up by a newer version of this program",
            path.display()
        )));
    };
    let file = plan.file(path, kind)?;
    for tool in &record.tools {
        if !file.tools.contains(tool) {
            file.tools.push(tool.clone());
        }
    }
    let Some(text) = file.new.clone() else {
        return Ok(());
    };
    let undone = take_out(record, kind, &text).map_err(|malformed| left_alone(path, &malformed))?;
    if undone.complete && undone.text.is_some() {
        file.mode = record.mode_before;
    }
    let note = (!undone.complete).then(|| {
        format!(
            "`{}` was changed since the login, or held a secret before; \
             only settings that still are as the login left them were taken out",
            path.display()
        )
    });
    file.new = undone.text;
    plan.notes.extend(note);
    Ok(())
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

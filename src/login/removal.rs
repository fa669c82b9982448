//! What a logout is going to do: take out what logins wrote, and put back what was there before.

#[cfg(test)]
use std::path::PathBuf;

#[cfg(test)]
use super::adapter::{ConfigFile, Login};
use super::adapter::{Malformed, Written};
use super::endpoint::Endpoint;
use super::journal::{Journal, Kept, Part, Record};
#[cfg(test)]
use super::plan::past_login;
use super::plan::{Plan, add, kind_of, left_alone};
use super::text::secrets;
use super::undo::{Undo, Undone, fingerprint};
use crate::error::{Error, Result};

/// Takes what logins wrote out of a text: to the letter where it stands as written, and
/// otherwise setting by setting.
pub(super) fn take_out(record: &Record, text: &str) -> Result<Undone, Malformed> {
    let Some(kind) = record.parts.iter().find_map(|part| kind_of(&part.owner)) else {
        return Err(Malformed::new("a newer version of this program set it up"));
    };
    let mut undone = record.undo.apply(text, kind.secrets);
    if let (false, Some(text)) = (undone.complete, &undone.text) {
        let mut left = text.clone();
        for part in &record.parts {
            left = remove_part(record, part, &left)?;
        }
        let gone = record.undo.created() && left.trim().is_empty();
        undone.text = (!gone).then_some(left);
    }
    Ok(undone)
}

/// Takes what one owner wrote out of a text, setting by setting.
fn remove_part(record: &Record, part: &Part, text: &str) -> Result<String, Malformed> {
    let Some(kind) = kind_of(&part.owner) else {
        return Err(Malformed::new("a newer version of this program set it up"));
    };
    let tokens = record.tokens();
    let ours = |candidate: &str| {
        let bare = &candidate[secrets::bare(candidate, 0..candidate.len())];
        tokens.contains(&fingerprint(bare))
    };
    let mut text = text.to_string();
    for login in &part.logins {
        let Ok(endpoint) = Endpoint::parse(&login.endpoint) else {
            continue;
        };
        let written = Written {
            endpoint: &endpoint,
            domain: &login.domain,
            repository: &login.repository,
            namespace: login.namespace.as_deref(),
            name: &login.name,
            before: &part.before,
            is_our_token: &ours,
        };
        text = (kind.remove)(&written, &text)?;
    }
    Ok(text)
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
    let part = Part {
        owner: kind.owner.to_string(),
        tools: Vec::new(),
        logins: vec![past_login(super::ADAPTERS[0], login)],
        before: (kind.effective)(base)?,
    };
    let record = Record {
        path: PathBuf::new(),
        parts: vec![part],
        mode_before: None,
        undo: undo.clone(),
    };
    Ok(take_out(&record, new)?.text.unwrap_or_default())
}

/// Plans to put back what was there before the logins of these tools, or of all.
pub fn plan_logout(tools: Option<&[&str]>, journal: &Journal) -> Plan {
    let mut plan = Plan::empty(journal.clone());
    let meant = |kept: &Kept| tools.is_none_or(|tools| tools.contains(&kept.login.tool.as_str()));
    (plan.keychain, plan.journal.keychain) = journal.keychain.iter().cloned().partition(meant);
    for record in &journal.records {
        let meant = |part: &Part| {
            tools.is_none_or(|tools| part.tools.iter().any(|tool| tools.contains(&tool.as_str())))
        };
        let (gone, staying): (Vec<Part>, Vec<Part>) = record.parts.iter().cloned().partition(meant);
        if gone.is_empty() {
            continue;
        }
        let result = match staying.is_empty() {
            true => plan_removal(&mut plan, record),
            false => plan_partial_removal(&mut plan, record, &gone, staying),
        };
        if let Err(error) = result {
            plan.problems.push(error);
        }
    }
    plan
}

/// Plans to take all out of a file that logins wrote.
fn plan_removal(plan: &mut Plan, record: &Record) -> Result<()> {
    let path = &record.path;
    let Some(kind) = record.parts.iter().find_map(|part| kind_of(&part.owner)) else {
        return Err(Error::other(format!(
            "`{}` was set up by a newer version of this program",
            path.display()
        )));
    };
    let file = plan.file(path, kind)?;
    file.tools = record.tools();
    let Some(text) = file.new.clone() else {
        plan.journal.forget(path);
        return Ok(());
    };
    let undone = take_out(record, &text).map_err(|malformed| left_alone(path, &malformed))?;
    if undone.complete && undone.text.is_some() {
        file.mode = record.mode_before;
    }
    file.new = undone.text;
    if !undone.complete {
        plan.notes.push(format!(
            "`{}` was changed since the login, or held a secret before; \
             only settings that still are as the login left them were taken out",
            path.display()
        ));
    }
    plan.journal.forget(path);
    Ok(())
}

/// Plans to take some owners' settings out of a file and to go on remembering the others'.
fn plan_partial_removal(
    plan: &mut Plan,
    record: &Record,
    gone: &[Part],
    staying: Vec<Part>,
) -> Result<()> {
    let path = &record.path;
    let refuse = |malformed: Malformed| left_alone(path, &malformed);
    let Some(kind) = gone.iter().find_map(|part| kind_of(&part.owner)) else {
        return Ok(());
    };
    let file = plan.file(path, kind)?;
    let Some(text) = file.new.clone() else {
        plan.journal.forget(path);
        return Ok(());
    };
    let base = take_out(record, &text).map_err(refuse)?.text;
    let mut left = text;
    for part in gone {
        left = remove_part(record, part, &left).map_err(refuse)?;
        for tool in &part.tools {
            add(&mut file.tools, tool);
        }
    }
    let undo = Undo::record(base.as_deref(), &left, kind.secrets, &record.tokens());
    file.new = Some(left);
    plan.journal.put(Record {
        parts: staying,
        undo,
        ..record.clone()
    });
    Ok(())
}

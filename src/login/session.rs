//! A login from beginning to end: take the lock, read the journal, plan, write.

use std::path::PathBuf;

use super::adapter::{Adapter, Login};
use super::journal::{self, Journal};
use super::plan::{self, Plan};
use super::removal::plan_logout;
use super::writer::{self, Lock, RealDisk};
use crate::config::env::Env;
use crate::error::Result;

/// Access to the tools' files, alone or only to look.
#[derive(Debug)]
pub struct Session<'a> {
    env: &'a Env,
    journal: Journal,
    state_folder: Option<PathBuf>,
    lock: Option<Lock>,
    notes: Vec<String>,
}

impl<'a> Session<'a> {
    /// Waits for other logins of this user and keeps them out. Where nothing can be
    /// remembered, as in a container without a writable home, the login goes on without, and
    /// says so.
    pub fn begin(env: &'a Env) -> Result<Session<'a>> {
        let mut notes = Vec::new();
        let mut state_folder = journal::state_folder(env);
        let mut lock = None;
        match &state_folder {
            None => notes.push(not_remembered("no home folder is known")),
            Some(folder) => match writer::lock(folder) {
                Ok(held) => lock = Some(held),
                Err(error) if error.source.is_some() => {
                    notes.push(not_remembered(&error.message));
                    state_folder = None;
                }
                Err(error) => return Err(error),
            },
        }
        Session::open(env, state_folder, lock, notes)
    }

    /// Looks without keeping others out and without leaving a trace: for a dry run, `status`
    /// and `doctor`.
    pub fn look(env: &'a Env) -> Result<Session<'a>> {
        Session::open(env, journal::state_folder(env), None, Vec::new())
    }

    fn open(
        env: &'a Env,
        state_folder: Option<PathBuf>,
        lock: Option<Lock>,
        notes: Vec<String>,
    ) -> Result<Session<'a>> {
        let journal = match &state_folder {
            Some(folder) => Journal::load(folder)?,
            None => Journal::default(),
        };
        Ok(Session {
            env,
            journal,
            state_folder,
            lock,
            notes,
        })
    }

    /// What earlier logins did.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Plans logins, each for one tool.
    pub fn plan_login(&self, logins: &[(&'static Adapter, Login)]) -> Result<Plan> {
        let mut plan = plan::plan_login(logins, self.env, &RealDisk, &self.journal)?;
        plan.notes.extend(self.notes.iter().cloned());
        Ok(plan)
    }

    /// Plans to put back what was there before the logins of these tools, or of all.
    pub fn plan_logout(&self, tools: Option<&[&str]>) -> Plan {
        plan_logout(tools, &self.journal)
    }

    /// Writes all files of the plan, and the journal first, or nothing.
    pub fn apply(self, plan: &Plan) -> Result<()> {
        let mut changes = plan.changes();
        if let (Some(folder), true) = (&self.state_folder, plan.journal != self.journal) {
            changes.insert(0, plan.journal.change(folder)?);
        }
        writer::replace_all(&changes)?;
        drop(self.lock);
        Ok(())
    }
}

fn not_remembered(reason: &str) -> String {
    format!("what was there before is not remembered, so `logout` cannot put it back: {reason}")
}

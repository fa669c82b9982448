//! A login from beginning to end: take the lock, read the journal, plan, write.

use std::path::PathBuf;

use super::adapter::{Adapter, Login};
use super::journal::{self, Journal};
use super::keeping::{Removing, Storing, Touch};
use super::keychain::{Keychain, Unavailable};
use super::plan::{self, Plan};
use super::removal::plan_logout;
use super::writer::{self, Lock, RealDisk};
use crate::config::env::Env;
use crate::error::{Error, Result};

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

    /// Carries logins out: the tokens that tools read in the keychain go there, all else into
    /// files. All of it is done or nothing.
    pub fn login(
        self,
        logins: &mut [(&'static Adapter, Login)],
        keychain: Option<&dyn Keychain>,
    ) -> Result<Plan> {
        let storing = keychain
            .map(|keychain| Storing::begin(keychain, self.env, &self.journal, logins, Touch::Write))
            .unwrap_or_default();
        let result = self.plan_login(logins).and_then(|mut plan| {
            for kept in &storing.kept {
                plan.journal.keep(kept.clone());
            }
            plan.notes.extend(storing.notes.iter().cloned());
            self.apply(&plan).map(|()| plan)
        });
        result.map_err(|error| match keychain {
            Some(keychain) => storing.take_back(keychain, error),
            None => error,
        })
    }

    /// What [`Session::login`] would do, without doing it.
    pub fn look_at_login(
        &self,
        logins: &mut [(&'static Adapter, Login)],
        keychain: Option<&dyn Keychain>,
    ) -> Result<Plan> {
        let notes = keychain.map_or_else(Vec::new, |keychain| {
            Storing::begin(keychain, self.env, &self.journal, logins, Touch::Look).notes
        });
        let mut plan = self.plan_login(logins)?;
        plan.notes.extend(notes);
        Ok(plan)
    }

    /// Carries a logout out, and gives back what became of it: entries that could not be
    /// reached stay remembered and are among the problems.
    pub fn logout(self, mut plan: Plan, keychain: Option<&dyn Keychain>) -> Result<Plan> {
        let removing = Removing::begin(keychain, std::mem::take(&mut plan.keychain));
        for (kept, Unavailable(reason)) in &removing.left {
            plan.journal.keep(kept.clone());
            plan.problems.push(Error::other(format!(
                "`{}` stays in the keychain: {reason}",
                kept.entry.service
            )));
        }
        plan.notes.extend(removing.notes.iter().cloned());
        plan.keychain.clone_from(&removing.gone);
        match (self.apply(&plan), keychain) {
            (Ok(()), _) => Ok(plan),
            (Err(error), Some(keychain)) => Err(removing.take_back(keychain, error)),
            (Err(error), None) => Err(error),
        }
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

//! Tokens in the machine's keychain, for the tools that look there: how a login keeps a token
//! there and a logout takes it out again. Where the keychain is locked or none runs, the token
//! goes into the tool's file, and that is said.

use super::adapter::{Adapter, Login, Place};
use super::journal::{Journal, Kept};
use super::keychain::{Entry, Keychain, Unavailable};
use super::plan::past_login;
use super::undo::fingerprint;
use super::writer::RealDisk;
use super::{poetry, swift};
use crate::config::env::Env;
use crate::error::Error;
use crate::secret::Secret;

/// The entry that a tool reads, unless a person told the tool to do otherwise.
fn entry(adapter: &Adapter, place: &Place, login: &Login) -> Option<Entry> {
    match adapter.tool {
        "poetry" => poetry::keychain_entry(place, login),
        "swift" => swift::keychain_entry(place, login),
        _ => None,
    }
}

/// What a login did in the keychain.
#[derive(Debug, Default)]
pub struct Storing {
    /// The tokens that are there now.
    pub kept: Vec<Kept>,
    /// What a person should know, a sentence each.
    pub notes: Vec<String>,
    /// What was there before.
    before: Vec<(Entry, Option<Secret>)>,
}

/// Whether tokens are put into the keychain or it is only looked whether they could be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// Nothing is changed.
    Look,
    /// Tokens are put there.
    Write,
}

impl Storing {
    /// Keeps the tokens of those logins in the keychain whose tools read it there, and marks
    /// these logins, so that their files hold no token.
    pub fn begin(
        keychain: &dyn Keychain,
        env: &Env,
        journal: &Journal,
        logins: &mut [(&'static Adapter, Login)],
        touch: Touch,
    ) -> Storing {
        let mut storing = Storing::default();
        for (adapter, login) in logins {
            let place = Place {
                env,
                options: &login.options,
                disk: &RealDisk,
            };
            let Some(entry) = entry(adapter, &place, login) else {
                continue;
            };
            match storing.one(keychain, journal, &entry, adapter, login, touch) {
                Ok(()) => login.options.keychain = true,
                Err(Unavailable(reason)) => storing.notes.push(format!(
                    "{}: the token goes into a file, not into the keychain: {reason}",
                    adapter.tool
                )),
            }
        }
        storing
    }

    fn one(
        &mut self,
        keychain: &dyn Keychain,
        journal: &Journal,
        entry: &Entry,
        adapter: &Adapter,
        login: &Login,
        touch: Touch,
    ) -> Result<(), Unavailable> {
        let before = keychain.get(entry)?;
        if touch == Touch::Look {
            self.notes.push(format!(
                "{}: the token goes into the keychain, as `{}`",
                adapter.tool, entry.service
            ));
            return Ok(());
        }
        keychain.set(entry, &login.token)?;
        let known = |secret: &Secret| {
            let print = fingerprint(secret.expose());
            journal
                .keychain
                .iter()
                .any(|kept| kept.entry == *entry && kept.login.token == print)
        };
        if before.as_ref().is_some_and(|secret| !known(secret)) {
            self.notes.push(format!(
                "the keychain had another password for `{}`, which `logout` cannot put back",
                entry.service
            ));
        }
        self.before.push((entry.clone(), before));
        self.kept.push(Kept {
            entry: entry.clone(),
            login: past_login(adapter, login),
        });
        Ok(())
    }

    /// Puts back what was there before, when the rest of the login has failed.
    pub fn take_back(self, keychain: &dyn Keychain, mut error: Error) -> Error {
        for (entry, before) in self.before.iter().rev() {
            let result = match before {
                Some(secret) => keychain.set(entry, secret),
                None => keychain.delete(entry),
            };
            if let Err(Unavailable(reason)) = result {
                error = error.hint(format!(
                    "`{}` in the keychain could not be put back: {reason}",
                    entry.service
                ));
            }
        }
        error
    }
}

/// What a logout did in the keychain.
#[derive(Debug, Default)]
pub struct Removing {
    /// The entries that are gone.
    pub gone: Vec<Kept>,
    /// Those that could not be reached, which stay remembered, with the reason.
    pub left: Vec<(Kept, Unavailable)>,
    /// What a person should know, a sentence each.
    pub notes: Vec<String>,
    secrets: Vec<Secret>,
}

impl Removing {
    /// Takes out the tokens that logins put there; what is another secret by now stays.
    pub fn begin(keychain: Option<&dyn Keychain>, entries: Vec<Kept>) -> Removing {
        let mut removing = Removing::default();
        for kept in entries {
            if let Err(reason) = removing.one(keychain, &kept) {
                removing.left.push((kept, reason));
            }
        }
        removing
    }

    fn one(&mut self, keychain: Option<&dyn Keychain>, kept: &Kept) -> Result<(), Unavailable> {
        let missing = || Unavailable("this program was built without keychains".to_string());
        let keychain = keychain.ok_or_else(missing)?;
        match keychain.get(&kept.entry)? {
            Some(secret) if fingerprint(secret.expose()) == kept.login.token => {
                keychain.delete(&kept.entry)?;
                self.secrets.push(secret);
                self.gone.push(kept.clone());
            }
            Some(_) => self.notes.push(format!(
                "`{}` in the keychain was changed since the login and stays",
                kept.entry.service
            )),
            None => {}
        }
        Ok(())
    }

    /// Puts the tokens back, when the rest of the logout has failed.
    pub fn take_back(&self, keychain: &dyn Keychain, mut error: Error) -> Error {
        for (kept, secret) in self.gone.iter().zip(&self.secrets) {
            if let Err(Unavailable(reason)) = keychain.set(&kept.entry, secret) {
                error = error.hint(format!(
                    "`{}` in the keychain could not be put back: {reason}",
                    kept.entry.service
                ));
            }
        }
        error
    }
}

#[cfg(test)]
mod tests {
    use super::super::keychain::made_up::MadeUp;
    use super::*;
    use crate::config::env::Platform;
    use crate::login::{Session, testing};

    const KEY: &str = "poetry-repository-codeartifact/aws";

    fn logins() -> Vec<(&'static Adapter, Login)> {
        let adapter = crate::login::adapter("poetry").expect("is a tool");
        vec![(adapter, testing::login("pypi"))]
    }

    struct Home(tempfile::TempDir);

    impl Home {
        fn new() -> Home {
            Home(tempfile::tempdir().expect("a folder"))
        }

        fn env(&self) -> Env {
            let path = self.0.path();
            Env::made_up(Platform::Linux, path, path, [])
        }

        fn auth(&self) -> Option<String> {
            std::fs::read_to_string(self.0.path().join(".config/pypoetry/auth.toml")).ok()
        }
    }

    fn log_in(
        env: &Env,
        keychain: &MadeUp,
        logins: &mut [(&'static Adapter, Login)],
    ) -> Vec<String> {
        let session = Session::begin(env).expect("a home");
        let plan = session.login(logins, Some(keychain)).expect("is written");
        plan.notes
    }

    fn log_out(env: &Env, keychain: &MadeUp) -> super::super::Plan {
        let session = Session::begin(env).expect("a home");
        let plan = session.plan_logout(None);
        session.logout(plan, Some(keychain)).expect("is written")
    }

    #[test]
    fn a_token_goes_there_and_comes_out_again() {
        let (home, keychain) = (Home::new(), MadeUp::default());
        let env = home.env();
        for token in ["first", "second"] {
            let mut logins = logins();
            logins[0].1.token = Secret::new(token);
            log_in(&env, &keychain, &mut logins);
            assert_eq!(keychain.entries.borrow()[KEY], token);
            let auth = home.auth().expect("is there");
            assert!(!auth.contains(token) && auth.contains("aws"), "{auth}");
        }
        let plan = log_out(&env, &keychain);
        assert_eq!(plan.keychain.len(), 1);
        assert!(keychain.entries.borrow().is_empty());
        assert_eq!(home.auth(), None);
        assert!(log_out(&env, &keychain).keychain.is_empty());
    }

    #[test]
    fn a_locked_one_is_said_and_the_file_taken() {
        let (home, mut keychain) = (Home::new(), MadeUp::default());
        keychain.locked = true;
        let notes = log_in(&home.env(), &keychain, &mut logins());
        assert!(
            notes.iter().any(|note| note.contains("it is locked")),
            "{notes:?}"
        );
        assert!(home.auth().expect("is there").contains(testing::TOKEN));
    }

    #[test]
    fn what_cannot_be_reached_stays_remembered() {
        let (home, mut keychain) = (Home::new(), MadeUp::default());
        let env = home.env();
        log_in(&env, &keychain, &mut logins());
        keychain.locked = true;
        assert_eq!(log_out(&env, &keychain).problems.len(), 1);
        keychain.locked = false;
        assert_eq!(log_out(&env, &keychain).keychain.len(), 1);
        assert!(keychain.entries.borrow().is_empty());
    }

    #[test]
    fn another_password_stays() {
        let (home, keychain) = (Home::new(), MadeUp::default());
        let env = home.env();
        log_in(&env, &keychain, &mut logins());
        keychain
            .entries
            .borrow_mut()
            .insert(KEY.to_string(), "mine".to_string());
        let plan = log_out(&env, &keychain);
        assert!(
            plan.notes.iter().any(|note| note.contains("was changed")),
            "{plan:?}"
        );
        assert_eq!(keychain.entries.borrow()[KEY], "mine");
        let notes = log_in(&env, &keychain, &mut logins());
        assert!(
            notes.iter().any(|note| note.contains("another password")),
            "{notes:?}"
        );
    }

    #[test]
    fn a_failing_file_takes_the_token_out_again() {
        let (home, keychain) = (Home::new(), MadeUp::default());
        let env = home.env();
        std::fs::create_dir_all(home.0.path().join(".config/pypoetry/auth.toml"))
            .expect("a folder");
        let session = Session::begin(&env).expect("a home");
        session
            .login(&mut logins(), Some(&keychain))
            .expect_err("a folder is in the way");
        assert!(keychain.entries.borrow().is_empty());
    }

    #[test]
    fn a_look_changes_nothing() {
        let (home, keychain) = (Home::new(), MadeUp::default());
        let mut logins = logins();
        let env = home.env();
        let storing = Storing::begin(
            &keychain,
            &env,
            &Journal::default(),
            &mut logins,
            Touch::Look,
        );
        assert!(logins[0].1.options.keychain && keychain.entries.borrow().is_empty());
        assert_eq!(storing.notes.len(), 1);
    }
}

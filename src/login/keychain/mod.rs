//! Keychains and their entries. A keychain is behind a trait; `system` is the machine's. Which
//! tool reads what is not known here.

#[cfg(feature = "keychain")]
mod system;

use serde::{Deserialize, Serialize};

use crate::config::env::Env;
use crate::secret::Secret;

/// An entry of a keychain, as the tool that reads it looks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What the password is for: a name, or for an internet password the host.
    pub service: String,
    /// Whose password it is.
    pub account: String,
    /// What an internet password has beside, which only macOS knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internet: Option<Internet>,
}

/// The rest of the address of an internet password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Internet {
    /// The port, where the address names one.
    pub port: Option<u16>,
    /// Whether the address is encrypted.
    pub https: bool,
}

/// Why a keychain cannot be used, in words that fit behind a colon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unavailable(pub String);

/// A keychain.
pub trait Keychain {
    /// The secret of an entry; `None` when there is no such entry.
    fn get(&self, entry: &Entry) -> Result<Option<Secret>, Unavailable>;
    /// Makes the entry or gives it another secret.
    fn set(&self, entry: &Entry, secret: &Secret) -> Result<(), Unavailable>;
    /// Takes the entry out; it need not be there.
    fn delete(&self, entry: &Entry) -> Result<(), Unavailable>;
}

/// The machine's keychain; nothing in a build without them.
pub fn system(env: &Env) -> Option<Box<dyn Keychain>> {
    #[cfg(feature = "keychain")]
    return Some(Box::new(system::System::new(env)));
    #[cfg(not(feature = "keychain"))]
    {
        let _ = env;
        None
    }
}

/// Keychains for tests.
#[cfg(test)]
pub(super) mod made_up {
    use std::cell::RefCell;
    use std::collections::HashMap;

    use super::*;

    /// A keychain in memory, which may be locked.
    #[derive(Default)]
    pub(crate) struct MadeUp {
        pub(crate) entries: RefCell<HashMap<String, String>>,
        pub(crate) locked: bool,
    }

    impl MadeUp {
        fn open(&self) -> Result<(), Unavailable> {
            match self.locked {
                true => Err(Unavailable("it is locked".to_string())),
                false => Ok(()),
            }
        }
    }

    fn key(entry: &Entry) -> String {
        format!("{}/{}", entry.service, entry.account)
    }

    impl Keychain for MadeUp {
        fn get(&self, entry: &Entry) -> Result<Option<Secret>, Unavailable> {
            self.open()?;
            Ok(self.entries.borrow().get(&key(entry)).map(Secret::new))
        }

        fn set(&self, entry: &Entry, secret: &Secret) -> Result<(), Unavailable> {
            self.open()?;
            let mut entries = self.entries.borrow_mut();
            entries.insert(key(entry), secret.expose().to_string());
            Ok(())
        }

        fn delete(&self, entry: &Entry) -> Result<(), Unavailable> {
            self.open()?;
            self.entries.borrow_mut().remove(&key(entry));
            Ok(())
        }
    }
}

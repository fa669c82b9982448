//! The machine's keychain: Keychain Services on macOS, the Credential Manager on Windows, and
//! whatever speaks the Secret Service protocol elsewhere.

use std::sync::mpsc;
use std::time::Duration;

use keyring_core::Error;

use super::{Entry, Keychain, Unavailable};
use crate::config::env::{Env, Platform};
use crate::secret::Secret;

/// How long a person has to unlock it.
const PATIENCE: Duration = Duration::from_secs(60);

/// The machine's keychain.
#[derive(Debug)]
pub(super) struct System {
    /// Why it is not even asked.
    absent: Option<Unavailable>,
}

impl System {
    pub(super) fn new(env: &Env) -> System {
        // The tools' own libraries look for the bus by this variable alone, and what is found
        // elsewhere may be another session's.
        let absent = (env.platform() == Platform::Linux
            && env.var("DBUS_SESSION_BUS_ADDRESS").is_none())
        .then(|| {
            Unavailable(
                "no session bus runs (`DBUS_SESSION_BUS_ADDRESS` is not set), so no Secret \
                 Service can be reached"
                    .to_string(),
            )
        });
        System { absent }
    }

    /// Asks it on a thread, since it may wait for somebody to type a password.
    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<Option<T>, Unavailable> {
        if let Some(absent) = &self.absent {
            return Err(absent.clone());
        }
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            // Nobody listens any more when it took too long.
            let _ = sender.send(question());
        });
        match receiver.recv_timeout(PATIENCE) {
            Ok(Ok(answer)) => Ok(Some(answer)),
            Ok(Err(Error::NoEntry)) => Ok(None),
            Ok(Err(error)) => Err(reason(&error)),
            Err(_) => Err(Unavailable(format!(
                "it did not answer within {} seconds",
                PATIENCE.as_secs()
            ))),
        }
    }
}

/// What went wrong, in words. The library's texts hold no secrets, but its values may.
fn reason(error: &Error) -> Unavailable {
    Unavailable(match error {
        Error::NoStorageAccess(cause) => format!("it is locked or refuses access ({cause})"),
        Error::PlatformFailure(cause) => cause.to_string(),
        Error::TooLong(_, most) => format!("it takes no password of more than {most} bytes"),
        Error::NoDefaultStore => match keyring::v1::Entry::store_status() {
            Err(Error::PlatformFailure(cause) | Error::NoStorageAccess(cause)) => {
                format!("none runs ({cause})")
            }
            _ => "none runs".to_string(),
        },
        Error::Ambiguous(_) => "it has several passwords for the same name".to_string(),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => {
            "what it has under the name is no text".to_string()
        }
        _ => "it cannot be used".to_string(),
    })
}

/// The library's entry. Python's keyring, which tools use, calls an entry of the Credential
/// Manager by its service alone.
fn password(entry: &Entry) -> Result<keyring_core::Entry, Error> {
    // Choosing the platform's store happens with the first entry.
    let plain = keyring::v1::Entry::new(&entry.service, &entry.account)?;
    if cfg!(windows) {
        let target = [("target", entry.service.as_str())].into();
        return keyring_core::Entry::new_with_modifiers(&entry.service, &entry.account, &target);
    }
    Ok(plain.inner)
}

impl Keychain for System {
    fn get(&self, entry: &Entry) -> Result<Option<Secret>, Unavailable> {
        let entry = entry.clone();
        self.ask(move || match &entry.internet {
            Some(_) => internet::get(&entry),
            None => password(&entry)?.get_password().map(Secret::new),
        })
    }

    fn set(&self, entry: &Entry, secret: &Secret) -> Result<(), Unavailable> {
        let (entry, secret) = (entry.clone(), secret.clone());
        self.ask(move || match &entry.internet {
            Some(_) => internet::set(&entry, &secret),
            None => password(&entry)?.set_password(secret.expose()),
        })
        .map(|_| ())
    }

    fn delete(&self, entry: &Entry) -> Result<(), Unavailable> {
        let entry = entry.clone();
        self.ask(move || match &entry.internet {
            Some(_) => internet::delete(&entry),
            None => password(&entry)?.delete_credential(),
        })
        .map(|_| ())
    }
}

/// Internet passwords, which only macOS has.
#[cfg(target_os = "macos")]
mod internet {
    use keyring_core::Error;
    use security_framework::base::Error as Fault;
    use security_framework::os::macos::passwords::{SecAuthenticationType, SecProtocolType};
    use security_framework::passwords as keychain;

    use super::Entry;
    use crate::secret::Secret;

    /// `errSecItemNotFound` (Security framework, "Security Framework Result Codes").
    const NOT_FOUND: i32 = -25300;
    /// `errSecInteractionNotAllowed` and `errSecAuthFailed`: it is locked.
    const LOCKED: [i32; 2] = [-25308, -25293];

    fn fault(fault: Fault) -> Error {
        match fault.code() {
            NOT_FOUND => Error::NoEntry,
            code if LOCKED.contains(&code) => Error::NoStorageAccess(Box::new(fault)),
            _ => Error::PlatformFailure(Box::new(fault)),
        }
    }

    fn address(entry: &Entry) -> (Option<u16>, SecProtocolType) {
        let internet = entry.internet.as_ref();
        let https = internet.is_none_or(|internet| internet.https);
        let protocol = match https {
            true => SecProtocolType::HTTPS,
            false => SecProtocolType::HTTP,
        };
        (internet.and_then(|internet| internet.port), protocol)
    }

    pub(super) fn get(entry: &Entry) -> Result<Secret, Error> {
        let (port, protocol) = address(entry);
        let any = SecAuthenticationType::Any;
        let found = keychain::get_internet_password(
            &entry.service,
            None,
            &entry.account,
            "",
            port,
            protocol,
            any,
        );
        let bytes = found.map_err(fault)?;
        String::from_utf8(bytes)
            .map(Secret::new)
            .map_err(|_| Error::BadEncoding(Vec::new()))
    }

    pub(super) fn set(entry: &Entry, secret: &Secret) -> Result<(), Error> {
        let (port, protocol) = address(entry);
        let any = SecAuthenticationType::Any;
        let bytes = secret.expose().as_bytes();
        keychain::set_internet_password(
            &entry.service,
            None,
            &entry.account,
            "",
            port,
            protocol,
            any,
            bytes,
        )
        .map_err(fault)
    }

    pub(super) fn delete(entry: &Entry) -> Result<(), Error> {
        let (port, protocol) = address(entry);
        let any = SecAuthenticationType::Any;
        keychain::delete_internet_password(
            &entry.service,
            None,
            &entry.account,
            "",
            port,
            protocol,
            any,
        )
        .map_err(fault)
    }
}

/// Other systems have no internet passwords, and no tool asks them for one.
#[cfg(not(target_os = "macos"))]
mod internet {
    use keyring_core::Error;

    use super::Entry;
    use crate::secret::Secret;

    fn none() -> Error {
        Error::NotSupportedByStore("internet passwords are macOS's".to_string())
    }

    pub(super) fn get(_: &Entry) -> Result<Secret, Error> {
        Err(none())
    }

    pub(super) fn set(_: &Entry, _: &Secret) -> Result<(), Error> {
        Err(none())
    }

    pub(super) fn delete(_: &Entry) -> Result<(), Error> {
        Err(none())
    }
}

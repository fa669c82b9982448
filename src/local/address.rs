//! Where a service is and with which key it is spoken to, kept in its data folder, so that
//! `local env` finds it and a service that is started again has the same key.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::auth::Principal;
use super::registry::caller::Identity;
use crate::error::{Error, Result};
use crate::secret::Secret;

/// Where a program of this machine reaches a service that listens there.
pub fn from_here(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// Where a service is and with which key it is spoken to.
#[derive(Clone, Debug)]
pub struct Address {
    /// The base URL, without a slash at its end.
    pub url: String,
    /// The Region that it plays.
    pub region: String,
    /// The administrator's access key.
    pub key: Key,
    /// Where programs of this machine reach it.
    pub connect: SocketAddr,
    /// The file with the certificate that it shows, when it speaks TLS.
    pub certificate: Option<PathBuf>,
}

/// An access key.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its name.
    pub id: String,
    /// The secret.
    pub secret: Secret,
}

impl Key {
    /// The key of a data folder: the one that it has, or a new one.
    ///
    /// # Errors
    /// When there is a note that cannot be read.
    pub fn of(data_dir: &Path) -> Result<Key> {
        Ok(match Note::of(data_dir)? {
            Some(note) => note.key(),
            None => Key {
                id: format!("AKIA{}", random(16, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")),
                secret: Secret::new(random(
                    40,
                    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
                )),
            },
        })
    }
}

/// How long a service on this machine may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(1);

impl Address {
    /// The address of the service that is running on a data folder; `None` when none is.
    ///
    /// # Errors
    /// When there is a note that cannot be read.
    pub fn read(data_dir: &Path) -> Result<Option<Address>> {
        let Some(note) = Note::of(data_dir)? else {
            return Ok(None);
        };
        let key = note.key();
        let (Some(url), Some(region)) = (note.url, note.region) else {
            return Ok(None);
        };
        let answers = |connect| TcpStream::connect_timeout(&connect, PATIENCE).is_ok();
        let connect = note.connect.filter(|connect| answers(*connect));
        Ok(connect.map(|connect| Address {
            url,
            region,
            key,
            connect,
            certificate: note.certificate,
        }))
    }

    /// Leaves the address in the data folder, for as long as the service runs.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn leave(&self, data_dir: &Path) -> Result<()> {
        self.note(true).write(data_dir)
    }

    /// Takes the address back and leaves the key, when the service ends.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn take_back(&self, data_dir: &Path) -> Result<()> {
        self.note(false).write(data_dir)
    }

    /// The note of this key, with the address for as long as the service runs.
    fn note(&self, is_running: bool) -> Note {
        Note {
            access_key_id: self.key.id.clone(),
            secret_access_key: self.key.secret.expose().to_string(),
            url: is_running.then(|| self.url.clone()),
            region: is_running.then(|| self.region.clone()),
            connect: is_running.then_some(self.connect),
            certificate: self.certificate.clone().filter(|_| is_running),
        }
    }
}

/// The one who may do everything when nobody else is configured.
pub fn administrator(key: &Key, account: &str) -> Principal {
    Principal {
        access_key_id: key.id.clone(),
        secret_access_key: key.secret.clone(),
        session_token: None,
        identity: Identity {
            arn: format!("arn:aws:iam::{account}:user/administrator"),
            account: account.to_string(),
            user_id: "AIDAADMINISTRATOR000".to_string(),
            policies: None,
            attributes: Vec::new(),
            session_ends: None,
        },
    }
}

/// What the service leaves in its data folder for `local env`: the administrator's key, made
/// once, and where it is listening.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Note {
    access_key_id: String,
    secret_access_key: String,
    url: Option<String>,
    region: Option<String>,
    connect: Option<SocketAddr>,
    certificate: Option<PathBuf>,
}

const NOTE: &str = "service.json";

impl Note {
    fn of(data_dir: &Path) -> Result<Option<Note>> {
        let path = data_dir.join(NOTE);
        let broken = |error: String| {
            Error::other(format!("`{}` cannot be read: {error}", path.display()))
                .hint("Delete it to have the service make a new key")
        };
        match std::fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text)
                .map(Some)
                .map_err(|error| broken(error.to_string())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(broken(error.to_string())),
        }
    }

    fn key(&self) -> Key {
        Key {
            id: self.access_key_id.clone(),
            secret: Secret::new(&self.secret_access_key),
        }
    }

    /// Replaces the file; only its owner may read it.
    fn write(&self, data_dir: &Path) -> Result<()> {
        let written = || -> std::io::Result<()> {
            // A temporary file has the mode 0600.
            let mut file = tempfile::NamedTempFile::new_in(data_dir)?;
            file.write_all(&serde_json::to_vec_pretty(self)?)?;
            file.as_file().sync_all()?;
            file.persist(data_dir.join(NOTE))?;
            Ok(())
        };
        written().map_err(|error| {
            Error::other(format!(
                "Cannot write `{}`: {error}",
                data_dir.join(NOTE).display()
            ))
        })
    }
}

/// Random characters of an alphabet of 32 or 64, from the operating system.
fn random(length: usize, alphabet: &[u8]) -> String {
    let mut bytes = vec![0_u8; length];
    getrandom::fill(&mut bytes).expect("the operating system has random numbers");
    bytes
        .iter()
        .map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()]))
        .collect()
}

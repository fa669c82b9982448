//! What the service remembers: tables in SQLite, asset bytes in files.
//!
//! A file for each group of tables, and [`blob`] for the bytes. Rules are the registry's:
//! this room knows rows, not what they mean, and no package format.
//!
//! There is one writer and a handful of readers. A write is one immediate transaction, so
//! writes have a serial order; a read sees one snapshot. Both run on blocking threads. Whoever
//! has written is told so when it is on the disk ([`Durability`]).

pub mod blob;
pub mod content;
pub mod domain;
pub mod event;
mod flush;
pub mod group;
pub mod package;
pub mod repository;
pub mod tag;
pub mod token;
pub mod version;

use std::fs::{File, OpenOptions, TryLockError};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};
use tokio::sync::Semaphore;

use blob::Blobs;
pub use flush::Durability;
use flush::Flush;

/// The file of the tables in a data directory.
pub(super) const TABLES: &str = "registry.sqlite";

/// The version of the tables, kept in `PRAGMA user_version`.
const SCHEMA_VERSION: i64 = 2;

/// What makes each version of the tables out of the one before it.
const SCHEMAS: [&str; 2] = [include_str!("schema.sql"), include_str!("schema-2.sql")];

/// The store could not do its work: the disk, or the database on it, failed.
#[derive(Debug)]
pub struct Failure {
    message: String,
}

impl Failure {
    /// A failure of the given step.
    pub fn new(step: &str, cause: impl std::fmt::Display) -> Failure {
        Failure {
            message: format!("{step}: {cause}"),
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Failure {
        Failure::new("database", error)
    }
}

/// The result of a piece of work on the store.
pub type Stored<T> = Result<T, Failure>;

/// One snapshot of the tables, to be read.
pub struct Reading<'a>(Transaction<'a>);

impl Deref for Reading<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0
    }
}

/// The running write. It is committed when the work on it succeeds and undone when it fails.
pub struct Writing<'a>(Transaction<'a>);

impl Deref for Writing<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0
    }
}

/// The tables and the blobs of one data directory, which nobody else has open.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    blobs: Blobs,
    writer: Mutex<Connection>,
    idle_readers: Mutex<Vec<Connection>>,
    reader_permits: Semaphore,
    /// What brings commits to the disk, where they have to be there.
    flush: Option<Flush>,
    /// Held for as long as the store is open to be written.
    _lock: Option<File>,
}

impl Store {
    /// Opens the data directory, making it and its tables when they are missing.
    ///
    /// # Errors
    /// A sentence when another service has the directory open, or when it cannot be read or
    /// written, or when a later version of this program has made its tables.
    pub fn open(directory: &Path, durability: Durability) -> Stored<Store> {
        std::fs::create_dir_all(directory).map_err(|error| {
            Failure::new(&format!("cannot create `{}`", directory.display()), error)
        })?;
        let lock = lock(directory)?;
        let path = directory.join(TABLES);
        let writer = connect(
            &path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        )?;
        let is_new = prepare_tables(&writer, directory, durability)?;
        let is_durable = durability == Durability::Machine;
        if is_new && is_durable {
            settle(&writer, directory)?;
        }
        let blobs = Blobs::open(directory, durability)?;
        let readers = std::thread::available_parallelism().map_or(4, |cores| cores.get() * 2);
        Ok(Store {
            inner: Arc::new(Inner {
                path,
                blobs,
                writer: Mutex::new(writer),
                idle_readers: Mutex::new(Vec::new()),
                reader_permits: Semaphore::new(readers),
                flush: is_durable.then(|| Flush::new(directory)),
                _lock: Some(lock),
            }),
        })
    }

    /// Opens the tables of a data directory to be read only, which a service may have open to write.
    ///
    /// # Errors
    /// When there are none, or a later version of this program has made them.
    pub fn open_to_read(directory: &Path) -> Stored<Store> {
        let path = directory.join(TABLES);
        let writer = connect(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let version: i64 = writer.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version != SCHEMA_VERSION {
            return Err(other_version(directory, version));
        }
        Ok(Store {
            inner: Arc::new(Inner {
                path,
                blobs: Blobs::open_to_read(directory),
                writer: Mutex::new(writer),
                idle_readers: Mutex::new(Vec::new()),
                reader_permits: Semaphore::new(1),
                flush: None,
                _lock: None,
            }),
        })
    }

    /// Deletes everything in a data directory that no service has open.
    ///
    /// # Errors
    /// When a service has it open, or something cannot be deleted.
    pub fn erase(directory: &Path) -> Stored<()> {
        if !directory.exists() {
            return Ok(());
        }
        let _lock = lock(directory)?;
        for name in [TABLES, "registry.sqlite-wal", "registry.sqlite-shm"] {
            erase(&directory.join(name), |path| std::fs::remove_file(path))?;
        }
        for name in ["blobs", "staging", "upstream"] {
            erase(&directory.join(name), |path| std::fs::remove_dir_all(path))?;
        }
        Ok(())
    }

    /// Deletes all rows but the settings, in one transaction; the blobs that they spoke of go as well.
    ///
    /// # Errors
    /// When the database fails.
    pub(in crate::local) async fn empty(&self) -> Stored<()> {
        self.write(|writing| {
            // Everything else hangs on a domain. The bytes given up are noted by the triggers.
            Ok(writing.execute_batch(
                "DELETE FROM domain; DELETE FROM resource_tag; DELETE FROM event;",
            )?)
        })
        .await
    }

    /// The asset bytes.
    pub fn blobs(&self) -> &Blobs {
        &self.inner.blobs
    }

    /// Does some reading on one snapshot, away from the asynchronous threads.
    ///
    /// # Errors
    /// What the work returns, or the failure of the store turned into it.
    pub async fn read<T, E>(
        &self,
        work: impl FnOnce(&Reading<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Failure> + Send + 'static,
    {
        let permit = self
            .inner
            .reader_permits
            .acquire()
            .await
            .map_err(|error| Failure::new("store closed", error))?;
        let inner = Arc::clone(&self.inner);
        let outcome = tokio::task::spawn_blocking(move || inner.read(work))
            .await
            .map_err(|error| Failure::new("read", error))?;
        drop(permit);
        outcome
    }

    /// Does one transaction, away from the asynchronous threads: all of it or nothing.
    ///
    /// # Errors
    /// What the work returns, or the failure of the store turned into it; nothing is changed then.
    pub async fn write<T, E>(
        &self,
        work: impl FnOnce(&Writing<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Failure> + Send + 'static,
    {
        let store = self.clone();
        tokio::task::spawn_blocking(move || store.write_here(work))
            .await
            .map_err(|error| Failure::new("write", error))?
    }

    /// The same on this thread, which may wait for the disk.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub(in crate::local) fn write_here<T, E: From<Failure>>(
        &self,
        work: impl FnOnce(&Writing<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.inner.write(work)
    }

    /// Deletes the blob files that no row speaks of: what a killed service left behind.
    pub async fn collect_orphans(&self) -> Stored<u64> {
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || {
            let mut collected = 0;
            for hash in inner.blobs.stored()? {
                collected += u64::from(inner.unlink_if_unused(&hash)?);
            }
            Ok(collected)
        })
        .await
        .map_err(|error| Failure::new("collect orphans", error))?
    }

    /// The same, for a task of its own: what cannot be deleted now is tried again at the next start.
    pub(in crate::local) async fn collect_orphans_quietly(self) {
        let _ = self.collect_orphans().await;
    }

    /// Lets go of a blob that [`Blobs::keep`] has kept; its file goes if no row came to speak of it.
    /// Waits for the disk.
    pub(in crate::local) fn release(&self, hash: &[u8; 32]) -> Stored<()> {
        if self.inner.blobs.unpin(hash) {
            self.inner.unlink_if_unused(hash)?;
        }
        Ok(())
    }
}

impl Inner {
    fn read<T, E: From<Failure>>(
        &self,
        work: impl FnOnce(&Reading<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let idle = unpoisoned(&self.idle_readers).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
        };
        let reading = Reading(connection.transaction().map_err(Failure::from)?);
        let outcome = work(&reading);
        drop(reading);
        unpoisoned(&self.idle_readers).push(connection);
        outcome
    }

    fn write<T, E: From<Failure>>(
        &self,
        work: impl FnOnce(&Writing<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = unpoisoned(&self.writer);
        let changes = connection.total_changes();
        let (value, doomed) = {
            let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate);
            let writing = Writing(begun.map_err(Failure::from)?);
            let value = work(&writing)?;
            let doomed = blob::take_doomed(&writing)?;
            writing.0.commit().map_err(Failure::from)?;
            (value, doomed)
        };
        let has_changed = connection.total_changes() > changes;
        let flush = self
            .flush
            .as_ref()
            .map(|flush| (flush, flush.committed(has_changed)));
        if !doomed.is_empty() {
            // A file that goes must not be missed by rows that come back with the power.
            if let Some((flush, number)) = flush {
                flush.wait(number)?;
            }
            // Still under the writer's lock: nobody can bring a row back in between.
            for hash in doomed {
                self.blobs.unlink_unless_pinned(&hash);
            }
        }
        drop(connection);
        if let Some((flush, number)) = flush {
            flush.wait(number)?;
        }
        Ok(value)
    }

    fn unlink_if_unused(&self, hash: &[u8; 32]) -> Stored<bool> {
        let connection = unpoisoned(&self.writer);
        let used = connection
            .prepare_cached("SELECT 1 FROM blob WHERE sha256 = ?1")?
            .query_row([hash], |_| Ok(()))
            .optional()?
            .is_some();
        Ok(!used && self.blobs.unlink_unless_pinned(hash))
    }
}

fn erase(path: &Path, delete: impl Fn(&Path) -> std::io::Result<()>) -> Stored<()> {
    match delete(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::new(
            &format!("cannot delete `{}`", path.display()),
            error,
        )),
        _ => Ok(()),
    }
}

/// The guarded value. A thread that panicked while holding it left no half-done state: the
/// connection's open transaction was undone when it was dropped.
fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn lock(directory: &Path) -> Stored<File> {
    let path = directory.join("lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| Failure::new(&format!("cannot open `{}`", path.display()), error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Failure {
            message: format!(
                "another service has the data directory `{}` open",
                directory.display()
            ),
        }),
        Err(TryLockError::Error(error)) => Err(Failure::new(
            &format!("cannot lock `{}`", path.display()),
            error,
        )),
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Stored<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|error| Failure::new(&format!("cannot open `{}`", path.display()), error))?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(128);
    connection.pragma_update(None, "foreign_keys", true)?;
    // Two megabytes a connection keep the working set of a large registry small.
    connection.pragma_update(None, "cache_size", -2048)?;
    Ok(connection)
}

/// Makes the tables that are missing; whether all were.
fn prepare_tables(
    connection: &Connection,
    directory: &Path,
    durability: Durability,
) -> Stored<bool> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let missing = usize::try_from(version)
        .ok()
        .and_then(|version| SCHEMAS.get(version..))
        .ok_or_else(|| other_version(directory, version))?;
    if version == 0 {
        // Nothing is worth waiting for the disk before the first table is there.
        connection.pragma_update(None, "synchronous", "off")?;
        connection.pragma_update(None, "journal_mode", "wal")?;
    }
    if !missing.is_empty() {
        connection.execute_batch(&format!(
            "BEGIN; {} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;",
            missing.concat()
        ))?;
    }
    // The log is flushed in its order; when, is up to [`Flush`].
    let synchronous = match durability {
        Durability::Machine => "normal",
        Durability::Process => "off",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    Ok(version == 0)
}

/// Brings new tables to the disk: the log that is flushed from now on hangs on them.
fn settle(connection: &Connection, directory: &Path) -> Stored<()> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
    blob::sync_folder(directory)
}

fn other_version(directory: &Path, version: i64) -> Failure {
    Failure {
        message: format!(
            "the data directory `{}` has tables of version {version}; this program knows version {SCHEMA_VERSION}",
            directory.display()
        ),
    }
}

/// The text after the last one that begins with `prefix`, for a range scan; nothing when every
/// text is before it.
pub(in crate::local) fn prefix_end(prefix: &str) -> Option<String> {
    let mut end: Vec<char> = prefix.chars().collect();
    while let Some(last) = end.pop() {
        // The surrogates are no characters: their neighbour above comes next.
        let next = match last {
            '\u{d7ff}' => Some('\u{e000}'),
            other => char::from_u32(other as u32 + 1),
        };
        if let Some(next) = next {
            end.push(next);
            return Some(end.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(directory: &Path) -> Stored<i64> {
        let path = directory.join(TABLES);
        let connection = connect(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
    }

    #[test]
    fn older_tables_get_what_they_lack_and_newer_ones_are_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(TABLES);
        let set = |sql: &str| Connection::open(&path).unwrap().execute_batch(sql);
        set(&format!(
            "PRAGMA journal_mode = wal; {} PRAGMA user_version = 1;",
            SCHEMAS[0]
        ))
        .unwrap();
        drop(Store::open(directory.path(), Durability::Machine).unwrap());
        assert_eq!(version(directory.path()).unwrap(), SCHEMA_VERSION);
        set("SELECT sequence FROM package_sequence").unwrap();
        // Once more changes nothing.
        drop(Store::open(directory.path(), Durability::Machine).unwrap());
        set("PRAGMA user_version = 99").unwrap();
        assert!(Store::open(directory.path(), Durability::Machine).is_err());
        assert_eq!(version(directory.path()).unwrap(), 99);
    }
}

//! Asset bytes: one file for each SHA-256, in `blobs/` under the data directory.
//!
//! A file is written in `staging/`, flushed to the disk, and renamed to its name; only then may
//! a row speak of it. So a row always has its file, and a file without a row is an orphan. A
//! pinned blob is on its way to a row and is not deleted.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use md5::Md5;
use rusqlite::Connection;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use tokio::io::AsyncWriteExt;

use super::{Durability, Failure, Stored, Writing, unpoisoned};

/// The four hashes which the service lists for an asset (shape `HashAlgorithm`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hashes {
    /// MD5.
    pub md5: [u8; 16],
    /// SHA-1.
    pub sha1: [u8; 20],
    /// SHA-256, also the blob's name on the disk.
    pub sha256: [u8; 32],
    /// SHA-512.
    pub sha512: [u8; 64],
}

impl Hashes {
    /// The hashes of these bytes.
    pub fn of(bytes: &[u8]) -> Hashes {
        Hashes {
            md5: Md5::digest(bytes).into(),
            sha1: Sha1::digest(bytes).into(),
            sha256: Sha256::digest(bytes).into(),
            sha512: Sha512::digest(bytes).into(),
        }
    }
}

/// The folder of blobs and the folder in which they are written.
pub struct Blobs {
    blobs: PathBuf,
    staging: PathBuf,
    durability: Durability,
    next_name: AtomicU64,
    pins: Mutex<HashMap<[u8; 32], usize>>,
    /// The folders below `blobs` that are known to be on the disk.
    folders: Mutex<HashSet<PathBuf>>,
}

impl Blobs {
    /// Opens the folders and empties the staging one: no writer outlives its service.
    pub(super) fn open(directory: &Path, durability: Durability) -> Stored<Blobs> {
        let opened = Blobs::of(directory, durability);
        for folder in [&opened.blobs, &opened.staging] {
            std::fs::create_dir_all(folder).map_err(|error| failure("create", folder, error))?;
        }
        let left_over = std::fs::read_dir(&opened.staging)
            .map_err(|error| failure("read", &opened.staging, error))?;
        for entry in left_over.flatten() {
            let path = entry.path();
            std::fs::remove_file(&path).map_err(|error| failure("delete", &path, error))?;
        }
        Ok(opened)
    }

    /// The folders of a data directory that is only read.
    pub(super) fn open_to_read(directory: &Path) -> Blobs {
        Blobs::of(directory, Durability::Machine)
    }

    fn of(directory: &Path, durability: Durability) -> Blobs {
        Blobs {
            blobs: directory.join("blobs"),
            staging: directory.join("staging"),
            durability,
            next_name: AtomicU64::new(0),
            pins: Mutex::default(),
            folders: Mutex::default(),
        }
    }

    /// Where the bytes with this SHA-256 are.
    pub fn path(&self, sha256: &[u8; 32]) -> PathBuf {
        let name = hex::encode(sha256);
        self.blobs.join(&name[..2]).join(&name[2..])
    }

    /// A new file to write asset bytes to.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn stage(&self) -> Stored<Staging> {
        let path = self.next_path();
        let file = tokio::fs::OpenOptions::new()
            .create_new(true)
            .write(true)
            .open(&path)
            .await
            .map_err(|error| failure("create", &path, error))?;
        Ok(Staging {
            file,
            durability: self.durability,
            size: 0,
            md5: Md5::new(),
            sha1: Sha1::new(),
            sha256: Sha256::new(),
            sha512: Sha512::new(),
            discard: Discard(path),
        })
    }

    /// Writes asset bytes that are all there to a file, and, where they have to be there, to the
    /// disk. Waits for the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn stage_whole(&self, bytes: &[u8]) -> Stored<StagedBlob> {
        let path = self.next_path();
        let mut file = std::fs::OpenOptions::new()
            .create_new(true)
            .write(true)
            .open(&path)
            .map_err(|error| failure("create", &path, error))?;
        let discard = Discard(path);
        let written = std::io::Write::write_all(&mut file, bytes);
        written
            .and_then(|()| match self.durability {
                Durability::Machine => file.sync_all(),
                Durability::Process => Ok(()),
            })
            .map_err(|error| failure("write", &discard.0, error))?;
        Ok(StagedBlob {
            size: bytes.len() as u64,
            hashes: Hashes::of(bytes),
            discard: Arc::new(discard),
        })
    }

    fn next_path(&self) -> PathBuf {
        let number = self.next_name.fetch_add(1, Ordering::Relaxed);
        self.staging.join(number.to_string())
    }

    /// Gives staged bytes their final name and pins them, until `Store::release` is called. Waits
    /// for the disk.
    pub(in crate::local) fn keep(&self, staged: &StagedBlob) -> Stored<()> {
        let hash = staged.hashes.sha256;
        // Pinned first, so that nobody deletes the file between the look and the row.
        let is_alone = {
            let mut pins = unpoisoned(&self.pins);
            let count = pins.entry(hash).or_insert(0);
            *count += 1;
            *count == 1
        };
        let outcome = self.link(staged, is_alone);
        if outcome.is_err() {
            self.unpin(&hash);
        }
        outcome
    }

    fn link(&self, staged: &StagedBlob, is_alone: bool) -> Stored<()> {
        let target = self.path(&staged.hashes.sha256);
        // Somebody who has the same bytes at the same time may not have flushed the folder yet.
        if is_alone && target.exists() {
            return Ok(());
        }
        let folder = target.parent().unwrap_or(&self.blobs);
        self.make_folder(folder)?;
        // The link keeps the staged file for further assets with these bytes.
        let source = &staged.discard.0;
        match std::fs::hard_link(source, &target) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(_) => {
                std::fs::rename(source, &target)
                    .map_err(|error| failure("rename to", &target, error))?;
            }
        }
        self.sync(folder)
    }

    /// Makes a folder for blobs. Whoever finds it made finds it on the disk.
    fn make_folder(&self, folder: &Path) -> Stored<()> {
        let mut folders = unpoisoned(&self.folders);
        if !folders.contains(folder) {
            std::fs::create_dir_all(folder).map_err(|error| failure("create", folder, error))?;
            self.sync(&self.blobs)?;
            folders.insert(folder.to_path_buf());
        }
        Ok(())
    }

    fn sync(&self, folder: &Path) -> Stored<()> {
        match self.durability {
            Durability::Machine => sync_folder(folder),
            Durability::Process => Ok(()),
        }
    }

    /// Takes one pin away; true when none is left.
    pub(super) fn unpin(&self, sha256: &[u8; 32]) -> bool {
        let mut pins = unpoisoned(&self.pins);
        match pins.get_mut(sha256) {
            Some(count) if *count > 1 => {
                *count -= 1;
                false
            }
            _ => {
                pins.remove(sha256);
                true
            }
        }
    }

    /// Deletes the file of a blob that no row speaks of; true when it is gone.
    pub(super) fn unlink_unless_pinned(&self, sha256: &[u8; 32]) -> bool {
        let pins = unpoisoned(&self.pins);
        // Should the disk refuse, the file is an orphan and the next start tries again.
        !pins.contains_key(sha256) && std::fs::remove_file(self.path(sha256)).is_ok()
    }

    /// The hashes of all files in the folder of blobs.
    pub(super) fn stored(&self) -> Stored<Vec<[u8; 32]>> {
        let mut hashes = Vec::new();
        let folders =
            std::fs::read_dir(&self.blobs).map_err(|error| failure("read", &self.blobs, error))?;
        for folder in folders.flatten() {
            let Ok(files) = std::fs::read_dir(folder.path()) else {
                continue;
            };
            for file in files.flatten() {
                let name = format!(
                    "{}{}",
                    folder.file_name().to_string_lossy(),
                    file.file_name().to_string_lossy()
                );
                let mut hash = [0; 32];
                if hex::decode_to_slice(&name, &mut hash).is_ok() {
                    hashes.push(hash);
                }
            }
        }
        Ok(hashes)
    }
}

/// An asset that is being received: hashed while it is written.
pub struct Staging {
    file: tokio::fs::File,
    durability: Durability,
    size: u64,
    md5: Md5,
    sha1: Sha1,
    sha256: Sha256,
    sha512: Sha512,
    discard: Discard,
}

impl Staging {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// When the disk refuses them.
    pub async fn write(&mut self, bytes: &[u8]) -> Stored<()> {
        self.md5.update(bytes);
        self.sha1.update(bytes);
        self.sha256.update(bytes);
        self.sha512.update(bytes);
        self.size += bytes.len() as u64;
        self.file
            .write_all(bytes)
            .await
            .map_err(|error| failure("write", &self.discard.0, error))
    }

    /// The number of bytes taken so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Where the bytes can be read that were taken before the last [`Staging::flush`].
    pub fn path(&self) -> &Path {
        &self.discard.0
    }

    /// Lets the bytes that were taken be read by others.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn flush(&mut self) -> Stored<()> {
        self.file
            .flush()
            .await
            .map_err(|error| failure("write", &self.discard.0, error))
    }

    /// Closes the asset: its bytes are where they survive what they have to when this returns.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn finish(mut self) -> Stored<StagedBlob> {
        let path = &self.discard.0;
        self.file
            .flush()
            .await
            .map_err(|error| failure("write", path, error))?;
        if self.durability == Durability::Machine {
            self.file
                .sync_all()
                .await
                .map_err(|error| failure("flush", path, error))?;
        }
        Ok(StagedBlob {
            size: self.size,
            hashes: Hashes {
                md5: self.md5.finalize().into(),
                sha1: self.sha1.finalize().into(),
                sha256: self.sha256.finalize().into(),
                sha512: self.sha512.finalize().into(),
            },
            discard: Arc::new(self.discard),
        })
    }
}

/// Bytes that were received whole. They vanish when this is dropped, unless they were kept.
#[derive(Clone)]
pub struct StagedBlob {
    /// The number of bytes.
    pub size: u64,
    /// Their hashes.
    pub hashes: Hashes,
    discard: Arc<Discard>,
}

impl StagedBlob {
    /// Where the bytes can be read while this lives.
    pub fn path(&self) -> &Path {
        &self.discard.0
    }
}

/// Deletes the staged file in the end.
struct Discard(PathBuf);

impl Drop for Discard {
    fn drop(&mut self) {
        // Gone already when the blob was moved; otherwise the next start empties the folder.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Makes sure that the tables know the blob.
pub(in crate::local) fn record(writing: &Writing<'_>, size: u64, hashes: &Hashes) -> Stored<()> {
    writing
        .prepare_cached("INSERT OR IGNORE INTO blob (sha256, size, md5, sha1, sha512) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((
            hashes.sha256,
            i64::try_from(size).unwrap_or(i64::MAX),
            hashes.md5,
            hashes.sha1,
            hashes.sha512,
        ))?;
    Ok(())
}

/// Ends the rows of the blobs which this transaction gave up, and names them.
pub(super) fn take_doomed(writing: &Connection) -> Stored<Vec<[u8; 32]>> {
    let mut statement = writing.prepare_cached(
        "DELETE FROM blob WHERE sha256 IN (SELECT sha256 FROM doomed)
         AND NOT EXISTS (SELECT 1 FROM domain_blob WHERE domain_blob.sha256 = blob.sha256)
         RETURNING sha256",
    )?;
    let doomed = statement
        .query_map([], |row| row.get(0))?
        .collect::<Result<Vec<[u8; 32]>, _>>()?;
    writing.prepare_cached("DELETE FROM doomed")?.execute([])?;
    Ok(doomed)
}

pub(super) fn sync_folder(folder: &Path) -> Stored<()> {
    // Windows has no such thing; its renames are in the journal.
    if cfg!(unix) {
        std::fs::File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| failure("flush", folder, error))?;
    }
    Ok(())
}

fn failure(step: &str, path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::new(&format!("cannot {step} `{}`", path.display()), error)
}

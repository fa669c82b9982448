//! Upstream documents that were fetched: as they came, on the disk; read, in memory.
//!
//! A file holds one line of JSON about the document, then the document. Files are written aside
//! and renamed, and the line gives the length, so a torn file is recognised and fetched anew.

use std::any::Any;
use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How many bytes of documents, measured as they came, are kept ready in memory.
const MEMORY: usize = 48 << 20;

/// How many documents are remembered at most.
const MOST: usize = 20_000;

/// A document that was read, whatever its format made of it.
pub(super) type Ready = Arc<dyn Any + Send + Sync>;

/// All documents, by address and media type.
pub(super) struct Cache {
    folder: PathBuf,
    slots: Mutex<Slots>,
}

#[derive(Default)]
struct Slots {
    by_key: HashMap<String, Arc<Slot>>,
    clock: u64,
}

/// One document.
#[derive(Default)]
pub(super) struct Slot {
    /// Held by the one who fetches it.
    pub(super) flight: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

/// What is known of a document.
#[derive(Clone, Default)]
pub(super) struct State {
    /// The last answer.
    pub(super) known: Option<Known>,
    /// The last failure and the time until which nobody tries again.
    pub(super) failed: Option<(i64, String)>,
    used: u64,
}

/// An answer that upstream gave.
#[derive(Clone)]
pub(super) struct Known {
    /// What it was.
    pub(super) about: About,
    /// The document, read; not there when memory was short.
    pub(super) ready: Option<Ready>,
}

/// The first line of a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct About {
    /// Its address and media type.
    pub(super) key: String,
    /// When it was last known to be current, in milliseconds since 1970.
    pub(super) checked: i64,
    /// Its entity tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) etag: Option<String>,
    /// Its `Last-Modified`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_modified: Option<String>,
    /// Its length in bytes; none when upstream does not have it.
    pub(super) length: Option<usize>,
}

impl Slot {
    /// What is known.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers an answer.
    pub(super) fn know(&self, about: About, ready: Option<Ready>) {
        let mut state = self.state();
        state.known = Some(Known { about, ready });
        state.failed = None;
    }
}

impl About {
    /// What is said of a document that upstream does not have.
    pub(super) fn new(key: &str, checked: i64) -> About {
        About {
            key: key.to_string(),
            checked,
            etag: None,
            last_modified: None,
            length: None,
        }
    }
}

impl Cache {
    /// The documents in that folder, which is made when the first one arrives.
    pub(super) fn new(folder: PathBuf) -> Cache {
        Cache {
            folder,
            slots: Mutex::default(),
        }
    }

    /// The place of a document.
    pub(super) fn slot(&self, key: &str) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.clock += 1;
        let used = slots.clock;
        if slots.by_key.len() >= MOST && !slots.by_key.contains_key(key) {
            // Nobody waits for a slot that is only in the map.
            slots.by_key.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        let slot = slots.by_key.entry(key.to_string()).or_default();
        slot.state().used = used;
        Arc::clone(slot)
    }

    /// The place of a document, if it has one.
    pub(super) fn find(&self, key: &str) -> Option<Arc<Slot>> {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.by_key.get(key).map(Arc::clone)
    }

    /// Lets go of the documents that were used least recently, until the rest fits in memory.
    pub(super) fn trim(&self) {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ready: Vec<(u64, usize, &Arc<Slot>)> = Vec::new();
        for slot in slots.by_key.values() {
            let state = slot.state();
            if let Some(Known {
                about,
                ready: Some(_),
            }) = &state.known
            {
                ready.push((state.used, about.length.unwrap_or(0), slot));
            }
        }
        let mut total: usize = ready.iter().map(|(_, length, _)| length).sum();
        if total <= MEMORY {
            return;
        }
        ready.sort_unstable_by_key(|(used, ..)| *used);
        // The newest stays, however large it is.
        ready.pop();
        for (_, length, slot) in ready {
            if total <= MEMORY {
                break;
            }
            if let Some(known) = &mut slot.state().known {
                known.ready = None;
            }
            total -= length;
        }
    }

    /// The document on the disk, if there is a whole one.
    pub(super) fn load(&self, key: &str) -> Option<(About, Vec<u8>)> {
        let bytes = std::fs::read(self.path(key)).ok()?;
        let line = bytes.iter().position(|byte| *byte == b'\n')?;
        let about: About = serde_json::from_slice(&bytes[..line]).ok()?;
        let body = bytes[line + 1..].to_vec();
        (about.key == key && about.length == Some(body.len())).then_some((about, body))
    }

    /// Keeps a document on the disk.
    ///
    /// # Errors
    /// When the disk refuses; nothing is lost then but time.
    pub(super) fn save(&self, about: &About, body: &[u8]) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        serde_json::to_writer(&mut file, about)?;
        file.write_all(b"\n")?;
        file.write_all(body)?;
        file.persist(self.path(&about.key))?;
        Ok(())
    }

    /// Forgets a document on the disk.
    pub(super) fn remove(&self, key: &str) {
        // Not there is what was wanted.
        let _ = std::fs::remove_file(self.path(key));
    }

    fn path(&self, key: &str) -> PathBuf {
        Path::join(&self.folder, hex::encode(Sha256::digest(key)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(key: &str, length: usize) -> About {
        About {
            key: key.to_string(),
            checked: 7,
            etag: Some("\"a\"".to_string()),
            last_modified: None,
            length: Some(length),
        }
    }

    #[test]
    fn a_torn_file_is_no_document() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("cache"));
        cache.save(&about("a", 3), b"x\ny").unwrap();
        assert_eq!(cache.load("a").unwrap().1, b"x\ny");
        assert!(cache.load("b").is_none());
        let file = std::fs::OpenOptions::new()
            .write(true)
            .open(cache.path("a"))
            .unwrap();
        let length = file.metadata().unwrap().len();
        file.set_len(length - 1).unwrap();
        assert!(cache.load("a").is_none());
        file.set_len(3).unwrap();
        assert!(cache.load("a").is_none());
    }

    #[test]
    fn memory_is_bounded_and_keeps_what_was_used_last() {
        let cache = Cache::new(PathBuf::new());
        for key in ["a", "b", "c"] {
            let known = Known {
                about: about(key, MEMORY / 2),
                ready: Some(Arc::new(key)),
            };
            cache.slot(key).state().known = Some(known);
        }
        cache.slot("a");
        cache.trim();
        let is_ready = |key: &str| {
            cache
                .slot(key)
                .state()
                .known
                .as_ref()
                .is_some_and(|known| known.ready.is_some())
        };
        assert_eq!(
            [is_ready("a"), is_ready("b"), is_ready("c")],
            [true, false, true]
        );
    }
}

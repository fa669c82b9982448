//! Commits on the disk before anybody is told of them, many together.
//!
//! SQLite's `synchronous=full` would flush inside each commit, one after the other, while everybody
//! else waits to write. With `normal` a commit is in the write-ahead log, which is not flushed; this
//! flushes it, outside of the writer's lock: whoever comes while a flush runs shares the next one.

use std::fs::{File, OpenOptions};
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, PoisonError};

use super::{Failure, Stored, TABLES};

/// What survives when it was answered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// It survives the end of the machine.
    Machine,
    /// It survives the end of the process: for data that goes with it anyway.
    Process,
}

/// Flushes the write-ahead log of a data directory.
pub(super) struct Flush {
    log: PathBuf,
    state: Mutex<State>,
    done: Condvar,
}

#[derive(Default)]
struct State {
    /// How many commits there were.
    committed: u64,
    /// How many of them are on the disk.
    flushed: u64,
    is_flushing: bool,
    /// The log, open since the first flush. SQLite locks other files only, so that closing this one
    /// takes no lock away.
    file: Option<File>,
}

impl Flush {
    pub(super) fn new(directory: &std::path::Path) -> Flush {
        Flush {
            log: directory.join(format!("{TABLES}-wal")),
            state: Mutex::default(),
            done: Condvar::new(),
        }
    }

    /// Counts a commit, which is in the log; the number to wait for. One without changes has seen
    /// those before it, and waits for them.
    pub(super) fn committed(&self, has_changed: bool) -> u64 {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.committed += u64::from(has_changed);
        state.committed
    }

    /// Waits until the commit of that number is on the disk.
    ///
    /// # Errors
    /// When the disk refuses: the commit may be there after a loss of power, or not.
    pub(super) fn wait(&self, number: u64) -> Stored<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.flushed < number {
            if state.is_flushing {
                state = self
                    .done
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let (flushing, file) = (state.committed, state.file.take());
            state.is_flushing = true;
            drop(state);
            let outcome = self.flush(file);
            state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.is_flushing = false;
            self.done.notify_all();
            state.file = Some(outcome?);
            state.flushed = flushing;
        }
        Ok(())
    }

    fn flush(&self, file: Option<File>) -> Stored<File> {
        let flushed = || {
            let file = match file {
                Some(file) => file,
                None => OpenOptions::new().write(true).open(&self.log)?,
            };
            file.sync_data()?;
            Ok(file)
        };
        flushed().map_err(|error: std::io::Error| {
            Failure::new(&format!("cannot flush `{}`", self.log.display()), error)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn everybody_waits_for_his_own_commit_and_no_longer() {
        let directory = tempfile::tempdir().unwrap();
        File::create(directory.path().join("registry.sqlite-wal")).unwrap();
        let flush = Flush::new(directory.path());
        let waited = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let number = flush.committed(true);
                        flush.wait(number).unwrap();
                        assert!(flush.state.lock().unwrap().flushed >= number);
                        waited.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(waited.into_inner(), 320);
        assert_eq!(flush.state.lock().unwrap().flushed, 320);
    }

    #[test]
    fn a_log_that_cannot_be_flushed_is_told_and_tried_again() {
        let directory = tempfile::tempdir().unwrap();
        let flush = Flush::new(directory.path());
        let number = flush.committed(true);
        assert!(flush.wait(number).is_err());
        File::create(directory.path().join("registry.sqlite-wal")).unwrap();
        flush.wait(number).unwrap();
    }

    #[test]
    fn what_changes_nothing_waits_for_what_it_has_seen() {
        let directory = tempfile::tempdir().unwrap();
        let flush = Flush::new(directory.path());
        // There is no log to flush, and no need to.
        flush.wait(flush.committed(false)).unwrap();
        flush.committed(true);
        assert!(flush.wait(flush.committed(false)).is_err());
    }
}

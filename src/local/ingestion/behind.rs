//! Work for which nobody waits: little at a time, and not while somebody does wait.

use std::collections::HashSet;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

/// How many things are done at a time.
const ABREAST: usize = 2;

/// How many of them may wait for their turn; more are forgotten.
const MOST: usize = 20_000;

/// How long no client must have asked for anything: an installation has shorter pauses.
const QUIET: Duration = Duration::from_millis(500);

/// How often is looked whether clients still wait.
const STEP: Duration = Duration::from_millis(50);

/// How long a piece of work stands back for clients that never pause.
const PATIENCE: Duration = Duration::from_secs(30);

/// What waits for its turn, and who must not wait for that.
pub(super) struct Behind {
    names: Mutex<HashSet<String>>,
    turns: Semaphore,
    clients: Mutex<Clients>,
    quiet: Duration,
    patience: Duration,
}

/// The clients that wait for an asset.
struct Clients {
    waiting: usize,
    /// When the last of them was answered.
    answered: Option<Instant>,
}

/// A client that waits, until this is dropped.
pub struct Attended(Arc<Behind>);

impl Behind {
    pub(super) fn new() -> Behind {
        Behind::with(QUIET, PATIENCE)
    }

    fn with(quiet: Duration, patience: Duration) -> Behind {
        Behind {
            quiet,
            patience,
            names: Mutex::default(),
            turns: Semaphore::new(ABREAST),
            clients: Mutex::new(Clients {
                waiting: 0,
                answered: None,
            }),
        }
    }

    /// Does something when its turn comes and the clients pause. What has that name already waits
    /// or is being done is not done twice.
    pub(super) fn later(
        self: &Arc<Behind>,
        name: String,
        work: Pin<Box<dyn Future<Output = ()> + Send>>,
    ) {
        {
            let mut names = self.names();
            if names.len() >= MOST || !names.insert(name.clone()) {
                return;
            }
        }
        let behind = Arc::clone(self);
        tokio::spawn(async move {
            let _place = Place {
                behind: &behind,
                name,
            };
            // Closed by nobody.
            if let Ok(_turn) = behind.turns.acquire().await {
                behind.stand_back().await;
                work.await;
            }
        });
    }

    /// Counts a client that waits.
    pub(super) fn attend(self: &Arc<Behind>) -> Attended {
        self.clients().waiting += 1;
        Attended(Arc::clone(self))
    }

    async fn stand_back(&self) {
        let end = Instant::now() + self.patience;
        while let Some(pause) = self.missing_quiet() {
            if Instant::now() >= end {
                return;
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// How long it takes at least until it has been quiet for long enough; none when it has.
    fn missing_quiet(&self) -> Option<Duration> {
        let clients = self.clients();
        if clients.waiting > 0 {
            return Some(STEP);
        }
        let left = self.quiet.checked_sub(clients.answered?.elapsed())?;
        (!left.is_zero()).then_some(left)
    }

    fn names(&self) -> MutexGuard<'_, HashSet<String>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn clients(&self) -> MutexGuard<'_, Clients> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Attended {
    fn drop(&mut self) {
        let mut clients = self.0.clients();
        clients.waiting -= 1;
        clients.answered = Some(Instant::now());
    }
}

/// The name of what is done, taken out even when it ends in a panic.
struct Place<'a> {
    behind: &'a Behind,
    name: String,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.behind.names().remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::oneshot;

    use super::*;

    /// Lets everything run that can.
    async fn settle() {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn clients_come_first() {
        let behind = Arc::new(Behind::with(Duration::ZERO, Duration::from_secs(3600)));
        let clients = [behind.attend(), behind.attend()];
        let (sender, mut done) = oneshot::channel();
        let work = async move { sender.send(()).unwrap() };
        behind.later("a".to_string(), Box::pin(work));
        for client in clients {
            settle().await;
            assert!(done.try_recv().is_err());
            drop(client);
        }
        done.await.unwrap();
    }

    #[tokio::test]
    async fn clients_that_never_pause_do_not_stop_it_for_ever() {
        let behind = Arc::new(Behind::with(Duration::ZERO, Duration::ZERO));
        let _client = behind.attend();
        let (sender, done) = oneshot::channel();
        let work = async move { sender.send(()).unwrap() };
        behind.later("a".to_string(), Box::pin(work));
        done.await.unwrap();
    }

    #[test]
    fn a_pause_has_to_last() {
        let behind = Arc::new(Behind::with(Duration::from_secs(3600), Duration::ZERO));
        assert_eq!(behind.missing_quiet(), None);
        let client = behind.attend();
        assert_eq!(behind.missing_quiet(), Some(STEP));
        drop(client);
        assert!(behind.missing_quiet().unwrap() > STEP);
    }

    #[tokio::test]
    async fn the_same_is_not_done_twice_and_few_things_at_a_time() {
        let behind = Arc::new(Behind::new());
        let (running, all) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        for name in ["a", "b", "a", "c", "b", "a"] {
            let (running, all) = (Arc::clone(&running), Arc::clone(&all));
            let work = async move {
                running.fetch_add(1, Ordering::Relaxed);
                let _end = all.acquire().await.unwrap();
            };
            behind.later(name.to_string(), Box::pin(work));
        }
        settle().await;
        assert_eq!(running.load(Ordering::Relaxed), ABREAST);
        all.add_permits(1);
        settle().await;
        assert_eq!(running.load(Ordering::Relaxed), 3);
        assert!(behind.names().is_empty());
        behind.later("a".to_string(), Box::pin(async {}));
        assert_eq!(behind.names().len(), 1);
    }
}

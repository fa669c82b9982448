//! Brings assets in from upstream: each one once, to the disk and to whoever waits for it.
//!
//! A small asset is sent on when it is stored and found right; a large one while it arrives, its
//! last byte held back until then, so that no client ever takes a wrong asset for a whole one. A
//! client that goes away does not stop the ingestion. What does not verify is not stored. What
//! nobody waits for yet is brought in behind that, little at a time. This room knows the registry
//! and the way upstream, no package format.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use tokio::io::AsyncReadExt as _;
use tokio::sync::{Semaphore, watch};
use url::Url;

use super::registry::lookup::Connected;
use super::registry::publish::{StagedAsset, Upload};
use super::registry::{Caller, Registry, RepositoryId};
use super::upstream::{Unavailable, Upstream};

/// Assets up to this size are sent when they are stored.
const SMALL: u64 = 8 << 20;

/// How many bytes arrive before those who follow are told.
const STEP: u64 = 256 << 10;

/// How many things are done at a time for which nobody waits.
const BEHIND: usize = 2;

/// How many of them may wait for their turn; more are forgotten.
const MOST_BEHIND: usize = 20_000;

/// The ingestions that are going on. Clones share them.
#[derive(Clone)]
pub struct Ingestion(Arc<Inner>);

struct Inner {
    registry: Registry,
    upstream: Upstream,
    running: Mutex<HashMap<String, watch::Receiver<Progress>>>,
    behind: Mutex<HashSet<String>>,
    turns: Semaphore,
}

/// Turns an asset that has arrived whole into what is stored, or says why it must not be. Runs on
/// a thread that may wait for the disk.
pub type Accept = Box<dyn FnOnce(StagedAsset) -> Result<Upload, String> + Send>;

/// An asset to bring in.
pub struct Job {
    /// Who asked.
    pub caller: Caller,
    /// The repository that was asked.
    pub asked: RepositoryId,
    /// The connection through which the asset comes.
    pub connected: Connected,
    /// Tells the asset from all others of the connection.
    pub name: String,
    /// The asset's name in its version.
    pub asset: String,
    /// Where it is.
    pub url: Url,
    /// Judges it.
    pub accept: Accept,
}

/// What became of a job.
pub enum Outcome {
    /// Upstream does not have it.
    Missing,
    /// It is stored: the registry has it.
    Stored,
    /// It is on its way.
    Arriving(Arriving),
}

#[derive(Clone, Debug)]
enum Progress {
    Waiting,
    Arriving {
        path: PathBuf,
        written: u64,
        declared: Option<u64>,
    },
    Missing,
    Stored,
    Failed(Unavailable),
}

impl Ingestion {
    /// Ingestions into that registry.
    pub fn new(registry: Registry, upstream: Upstream) -> Ingestion {
        Ingestion(Arc::new(Inner {
            registry,
            upstream,
            running: Mutex::default(),
            behind: Mutex::default(),
            turns: Semaphore::new(BEHIND),
        }))
    }

    /// Does something for which nobody waits, when its turn comes. What has that name already
    /// waits or is being done is not done twice.
    pub fn later(&self, name: String, work: Pin<Box<dyn Future<Output = ()> + Send>>) {
        {
            let mut behind = self.0.behind();
            if behind.len() >= MOST_BEHIND || !behind.insert(name.clone()) {
                return;
            }
        }
        let inner = Arc::clone(&self.0);
        tokio::spawn(async move {
            let _place = Behind {
                inner: &inner,
                name,
            };
            // Closed by nobody.
            if let Ok(_turn) = inner.turns.acquire().await {
                work.await;
            }
        });
    }

    /// Brings an asset in, or joins those who wait for it already.
    ///
    /// # Errors
    /// When upstream fails, the asset does not verify, or the client has waited long enough.
    pub async fn asset(&self, job: Job) -> Result<Outcome, Unavailable> {
        let mut progress = self.join(job);
        let settled = async {
            loop {
                let now = progress.borrow_and_update().clone();
                match now {
                    Progress::Waiting => {}
                    Progress::Arriving { path, declared, .. } => {
                        if let Some(length) = declared.filter(|length| *length > SMALL) {
                            // Gone when it was stored in this very moment.
                            if let Ok(file) = tokio::fs::File::open(&path).await {
                                return Ok(Outcome::Arriving(Arriving {
                                    file,
                                    sent: 0,
                                    length,
                                    progress: progress.clone(),
                                }));
                            }
                        }
                    }
                    Progress::Missing => return Ok(Outcome::Missing),
                    Progress::Stored => return Ok(Outcome::Stored),
                    Progress::Failed(unavailable) => return Err(unavailable),
                }
                if progress.changed().await.is_err() {
                    return Err(ended());
                }
            }
        };
        tokio::time::timeout(self.0.upstream.patience().client, settled)
            .await
            .unwrap_or(Err(Unavailable::InProgress))
    }

    fn join(&self, job: Job) -> watch::Receiver<Progress> {
        let (asked, connected) = (&job.asked, &job.connected);
        let key = format!("{asked:?} {connected:?} {} {}", job.name, job.asset);
        let mut running = self.0.running();
        if let Some(progress) = running.get(&key) {
            return progress.clone();
        }
        let (sender, progress) = watch::channel(Progress::Waiting);
        running.insert(key.clone(), progress.clone());
        let inner = Arc::clone(&self.0);
        tokio::spawn(async move {
            let place = Place { inner: &inner, key };
            let outcome = inner.run(job, &sender).await;
            // Whoever asks from now on finds it stored, or begins anew.
            drop(place);
            sender.send_replace(outcome);
        });
        progress
    }
}

impl Inner {
    fn running(&self) -> MutexGuard<'_, HashMap<String, watch::Receiver<Progress>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn behind(&self) -> MutexGuard<'_, HashSet<String>> {
        self.behind.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(&self, job: Job, progress: &watch::Sender<Progress>) -> Progress {
        let url = job.url.clone();
        match self.bring_in(job, progress).await {
            Ok(outcome) => outcome,
            Err(message) => {
                let message = format!(
                    "cannot ingest {}: {message}",
                    crate::secret::redacted_url(url.as_str())
                );
                self.upstream.log(&message);
                Progress::Failed(Unavailable::Failed(message))
            }
        }
    }

    async fn bring_in(
        &self,
        job: Job,
        progress: &watch::Sender<Progress>,
    ) -> Result<Progress, String> {
        let fetched = self.upstream.asset(&job.url).await.map_err(text)?;
        let Some(mut incoming) = fetched else {
            return Ok(Progress::Missing);
        };
        let declared = incoming.declared();
        let mut writer = self.registry.stage().await.map_err(|fault| fault.message)?;
        let mut told = 0;
        while let Some(chunk) = incoming.chunk().await.map_err(text)? {
            writer.write(&chunk).await.map_err(|fault| fault.message)?;
            if told == 0 || writer.size() - told >= STEP {
                writer.flush().await.map_err(|fault| fault.message)?;
                told = writer.size();
                progress.send_replace(Progress::Arriving {
                    path: writer.path().to_path_buf(),
                    written: told,
                    declared,
                });
            }
        }
        let staged = writer
            .finish(job.asset)
            .await
            .map_err(|fault| fault.message)?;
        let accept = job.accept;
        let upload = tokio::task::spawn_blocking(move || accept(staged))
            .await
            .map_err(text)??;
        self.registry
            .ingest(&job.caller, &job.asked, &job.connected, upload)
            .await
            .map_err(|fault| fault.message)?;
        Ok(Progress::Stored)
    }
}

/// The entry of a running ingestion, taken out even when it ends in a panic.
struct Place<'a> {
    inner: &'a Inner,
    key: String,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.inner.running().remove(&self.key);
    }
}

/// The name of what is done behind, taken out even when it ends in a panic.
struct Behind<'a> {
    inner: &'a Inner,
    name: String,
}

impl Drop for Behind<'_> {
    fn drop(&mut self) {
        self.inner.behind().remove(&self.name);
    }
}

/// A large asset that is sent while it arrives.
pub struct Arriving {
    file: tokio::fs::File,
    sent: u64,
    length: u64,
    progress: watch::Receiver<Progress>,
}

impl Arriving {
    /// The number of bytes that upstream announced.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The bytes as they arrive. The last one comes when all were found right; otherwise the
    /// stream ends with an error, and the client sees a body that was cut short.
    pub fn into_stream(self) -> impl Stream<Item = std::io::Result<Bytes>> + Send {
        stream::try_unfold(self, |mut arriving| async move {
            Ok(arriving.next().await?.map(|bytes| (bytes, arriving)))
        })
    }

    async fn next(&mut self) -> std::io::Result<Option<Bytes>> {
        loop {
            let available = match &*self.progress.borrow_and_update() {
                Progress::Arriving { written, .. } => written.saturating_sub(1),
                Progress::Stored => self.length,
                Progress::Failed(unavailable) => {
                    return Err(std::io::Error::other(unavailable.clone()));
                }
                Progress::Waiting | Progress::Missing => 0,
            };
            if self.sent >= self.length {
                return Ok(None);
            }
            if available > self.sent {
                let most = usize::try_from(available - self.sent)
                    .unwrap_or(usize::MAX)
                    .min(256 << 10);
                let mut bytes = vec![0; most];
                let count = self.file.read(&mut bytes).await?;
                if count == 0 {
                    return Err(std::io::Error::other(ended()));
                }
                bytes.truncate(count);
                self.sent += count as u64;
                return Ok(Some(bytes.into()));
            }
            self.progress
                .changed()
                .await
                .map_err(|_| std::io::Error::other(ended()))?;
        }
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn ended() -> Unavailable {
    Unavailable::Failed("the ingestion ended too early".to_string())
}

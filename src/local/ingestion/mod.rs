//! Brings assets in from upstream: each one once, to the disk and to whoever waits for it.
//!
//! A small asset is sent on when it is stored and found right; a large one while it arrives, its
//! last byte held back until then, so that no client ever takes a wrong asset for a whole one. A
//! client that goes away does not stop the ingestion. What does not verify is not stored. What
//! nobody waits for yet is brought in when nobody waits for anything. This room knows the registry
//! and the way upstream, no package format.

mod arriving;
mod behind;

use std::collections::HashMap;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use self::behind::Behind;
use super::registry::lookup::Connected;
use super::registry::publish::{StagedAsset, Upload};
use super::registry::{Caller, PackageId, Registry, RepositoryId};
use super::upstream::{Incoming, Unavailable, Upstream};

pub use self::arriving::Arriving;
pub use self::behind::Attended;

/// Assets up to this size are sent when they are stored.
const SMALL: u64 = 8 << 20;

/// Assets up to this size come through memory, and to the disk at once.
const AT_ONCE: u64 = 1 << 20;

/// How many bytes arrive before those who follow are told.
const STEP: u64 = 256 << 10;

/// The ingestions that are going on. Clones share them.
#[derive(Clone)]
pub struct Ingestion(Arc<Inner>);

struct Inner {
    registry: Registry,
    upstream: Upstream,
    running: Mutex<Running>,
    behind: Arc<Behind>,
}

/// What tells ingestions apart. Whichever repository is asked, an asset comes once through a
/// connection.
type Key = (String, PackageId, String, String);

/// The repository that an ingestion began for, and how it goes.
type Running = HashMap<Key, (RepositoryId, watch::Receiver<Progress>)>;

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
    /// The package that it belongs to.
    pub package: PackageId,
    /// Its version, as upstream writes it.
    pub version: String,
    /// The asset's name in its version.
    pub asset: String,
    /// Where it is.
    pub url: url::Url,
    /// Judges it.
    pub accept: Accept,
}

/// What is looked for in the registry.
#[derive(Clone)]
struct Sought {
    caller: Caller,
    asked: RepositoryId,
    package: PackageId,
    version: String,
    asset: String,
}

impl Job {
    fn key(&self) -> Key {
        let Connected {
            repository,
            connection,
        } = &self.connected;
        let place = format!("{repository:?} {connection}");
        let (package, version) = (self.package.clone(), self.version.clone());
        (place, package, version, self.asset.clone())
    }

    fn sought(&self) -> Sought {
        Sought {
            caller: self.caller.clone(),
            asked: self.asked.clone(),
            package: self.package.clone(),
            version: self.version.clone(),
            asset: self.asset.clone(),
        }
    }
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
            behind: Arc::new(Behind::new()),
        }))
    }

    /// Does something for which nobody waits, when its turn comes and the clients pause. What has
    /// that name already waits or is being done is not done twice.
    pub fn later(&self, name: String, work: Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.0.behind.later(name, work);
    }

    /// Counts a client that waits, before which nothing else shall come.
    pub fn attend(&self) -> Attended {
        self.0.behind.attend()
    }

    /// Brings an asset in, or joins those who wait for it already.
    ///
    /// # Errors
    /// When upstream fails, the asset does not verify, or the client has waited long enough.
    pub async fn asset(&self, job: Job) -> Result<Outcome, Unavailable> {
        let (sought, mut job) = (job.sought(), Some(job));
        let settled = async {
            while let Some(own) = job.take() {
                let (mut progress, left) = self.join(own);
                job = left;
                match outcome(&mut progress).await {
                    // What failed was brought in for another repository, and may do for this one.
                    Err(_) if job.is_some() => {}
                    Ok(Outcome::Arriving(arriving)) if job.is_some() => {
                        tokio::spawn(retain(self.0.registry.clone(), progress, sought));
                        return Ok(Outcome::Arriving(arriving));
                    }
                    settled => return settled,
                }
            }
            Err(ended())
        };
        tokio::time::timeout(self.0.upstream.patience().client, settled)
            .await
            .unwrap_or(Err(Unavailable::InProgress))
    }

    /// Begins, or follows the one who has begun; a job for another repository is then given back.
    fn join(&self, job: Job) -> (watch::Receiver<Progress>, Option<Job>) {
        let key = job.key();
        let mut running = self.0.running();
        if let Some((asked, progress)) = running.get(&key) {
            let is_other = *asked != job.asked;
            return (progress.clone(), is_other.then_some(job));
        }
        let (sender, progress) = watch::channel(Progress::Waiting);
        running.insert(key.clone(), (job.asked.clone(), progress.clone()));
        let inner = Arc::clone(&self.0);
        // A task of its own: whoever goes away does not stop it for the others.
        tokio::spawn(async move {
            let place = Place { inner: &inner, key };
            let outcome = inner.run(job, &sender).await;
            // Whoever asks from now on finds it stored, or begins anew.
            drop(place);
            sender.send_replace(outcome);
        });
        (progress, None)
    }
}

/// What a client is told: the end, or that a large asset begins to arrive.
async fn outcome(progress: &mut watch::Receiver<Progress>) -> Result<Outcome, Unavailable> {
    loop {
        let now = progress.borrow_and_update().clone();
        match now {
            Progress::Waiting => {}
            Progress::Arriving { path, declared, .. } => {
                if let Some(length) = declared.filter(|length| *length > SMALL) {
                    // Gone when it was stored in this very moment.
                    if let Ok(file) = tokio::fs::File::open(&path).await {
                        let arriving = Arriving::new(file, length, progress.clone());
                        return Ok(Outcome::Arriving(arriving));
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
}

/// Retains what was brought in for another repository in the one that asked as well. A client that
/// waits for the end does the same by fetching what is stored.
async fn retain(registry: Registry, mut progress: watch::Receiver<Progress>, sought: Sought) {
    let stored = progress.wait_for(|now| matches!(now, Progress::Stored));
    if stored.await.is_ok() {
        sought.is_stored(&registry).await;
    }
}

impl Sought {
    /// Whether the registry has it by now; then it is retained where it was asked for.
    async fn is_stored(&self, registry: &Registry) -> bool {
        let (package, version, asset) = (&self.package, &self.version, &self.asset);
        let found = registry
            .fetch_asset(&self.caller, &self.asked, package, version, asset)
            .await;
        found.is_ok()
    }
}

impl Inner {
    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
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
        // Another ingestion may have ended between the client's look and this one.
        if job.sought().is_stored(&self.registry).await {
            return Ok(Progress::Stored);
        }
        let fetched = self.upstream.asset(&job.url).await.map_err(text)?;
        let Some(incoming) = fetched else {
            return Ok(Progress::Missing);
        };
        let (asset, accept) = (job.asset, job.accept);
        let accepted = match incoming.declared() {
            Some(length) if length <= AT_ONCE => {
                let bytes = incoming.whole().await.map_err(text)?;
                let registry = self.registry.clone();
                tokio::task::spawn_blocking(move || {
                    let staged = registry.stage_whole(asset, &bytes);
                    accept(staged.map_err(|fault| fault.message)?)
                })
            }
            _ => {
                let staged = self.receive(incoming, asset, progress).await?;
                tokio::task::spawn_blocking(move || accept(staged))
            }
        };
        let upload = accepted.await.map_err(text)??;
        self.registry
            .ingest(&job.caller, &job.asked, &job.connected, upload)
            .await
            .map_err(|fault| fault.message)?;
        Ok(Progress::Stored)
    }

    /// Takes an asset in as it arrives, and tells those who follow.
    async fn receive(
        &self,
        mut incoming: Incoming,
        asset: String,
        progress: &watch::Sender<Progress>,
    ) -> Result<StagedAsset, String> {
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
        writer.finish(asset).await.map_err(|fault| fault.message)
    }
}

/// The entry of a running ingestion, taken out even when it ends in a panic.
struct Place<'a> {
    inner: &'a Inner,
    key: Key,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.inner.running().remove(&self.key);
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn ended() -> Unavailable {
    Unavailable::Failed("the ingestion ended too early".to_string())
}

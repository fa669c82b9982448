//! The way to the addresses behind external connections: fetches documents and assets.
//!
//! Documents are bounded, kept with their entity tags for as long as their format says, fetched
//! once however many ask, and served as they are when upstream is down. Assets are handed on as
//! they arrive. This room knows HTTP and addresses, no package format and no registry.
//!
//! The HTTP clients are built when the first request goes upstream: a service that never does
//! reads no trust store.

mod asset;
mod cache;
mod document;
mod guard;
mod request;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, StatusCode};
use tokio::sync::OnceCell;
use url::Url;

use self::cache::{About, Cache};
use self::guard::Guard;
use crate::local::clock::Clock;

pub use self::asset::Incoming;
pub use self::document::Wanted;

/// How long what is missing is taken for missing, in milliseconds.
const MISSING_FOR: i64 = 60_000;

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// To reach the upstream.
    pub connect: Duration,
    /// To wait for the next bytes of an answer.
    pub read: Duration,
    /// To fetch a whole document.
    pub document: Duration,
    /// To let a package manager wait; the work goes on afterwards (guide, "npm ingestion
    /// behavior": 40 seconds).
    pub client: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(30),
            document: Duration::from_secs(300),
            client: Duration::from_secs(40),
        }
    }
}

/// Takes one line for the service's log.
pub type Log = Arc<dyn Fn(&str) + Send + Sync>;

/// The fetcher. Clones share everything.
#[derive(Clone)]
pub struct Upstream(Arc<Inner>);

struct Inner {
    patience: Patience,
    clock: Clock,
    log: Log,
    guard: Guard,
    cache: Cache,
    /// For documents: unpacks what comes packed.
    documents: OnceCell<Client>,
    /// For assets: takes their bytes as they are.
    assets: OnceCell<Client>,
}

/// Why there is nothing to be had from upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// It takes longer than a client is made to wait; the work goes on.
    InProgress,
    /// The upstream fails: one sentence.
    Failed(String),
}

impl std::fmt::Display for Unavailable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unavailable::InProgress => {
                f.write_str("Ingestion is in progress. Please try again later.")
            }
            Unavailable::Failed(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Unavailable {}

impl Upstream {
    /// A fetcher that keeps its documents in `folder`.
    pub fn new(folder: PathBuf, patience: Patience, clock: Clock, log: Log) -> Upstream {
        Upstream(Arc::new(Inner {
            patience,
            clock,
            log,
            guard: Guard::default(),
            cache: Cache::new(folder),
            documents: OnceCell::new(),
            assets: OnceCell::new(),
        }))
    }

    /// Lets requests go to the address of an external connection, wherever it is.
    pub fn allow(&self, url: &Url) {
        self.0.guard.allow(url);
    }

    /// How long a client is made to wait.
    pub fn patience(&self) -> Patience {
        self.0.patience
    }

    /// Writes to the service's log.
    pub fn log(&self, line: &str) {
        (self.0.log)(line);
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Unavailable> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Unavailable::Failed(error.to_string()))
}

/// A clock that was set back makes nothing current for ever.
fn is_young(about: &About, lifetime: i64, now: i64) -> bool {
    (0..lifetime).contains(&now.saturating_sub(about.checked))
}

fn is_missing(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS
    )
}

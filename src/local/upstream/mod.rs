//! The way to the addresses behind external connections: fetches documents and assets.
//!
//! Documents are bounded, kept with their entity tags for as long as their format says, fetched
//! once however many ask, and served as they are when upstream is down. Assets are handed on as
//! they arrive. This room knows HTTP and addresses, no package format and no registry.
//!
//! The HTTP clients are built when the first request goes upstream: a service that never does
//! reads no trust store.

mod cache;
mod guard;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, ETAG, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use reqwest::{Client, ClientBuilder, Response, StatusCode};
use tokio::sync::OnceCell;
use url::Url;

use self::cache::{About, Cache, Known, Ready, Slot};
use self::guard::Guard;
use crate::local::clock::Clock;
use crate::secret::redacted_url;

/// How long a missing document is taken for missing, in milliseconds.
const MISSING_FOR: i64 = 60_000;

/// How long a failing upstream is left alone, in milliseconds.
const FAILED_FOR: i64 = 5_000;

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

/// A document to fetch.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Where it is.
    pub url: Url,
    /// The `Accept` header.
    pub accept: &'static str,
    /// How long it is current without asking again.
    pub lifetime: Duration,
    /// The most bytes it may have.
    pub limit: usize,
}

impl Wanted {
    fn key(&self) -> String {
        format!("{} {}", self.accept, self.url)
    }
}

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

    /// The document, read by `parse`; none when upstream does not have it.
    ///
    /// # Errors
    /// When there is no answer, no way to read it, and nothing kept from before.
    pub async fn document<T, E>(
        &self,
        wanted: Wanted,
        parse: impl FnOnce(&[u8]) -> Result<T, E> + Send + 'static,
    ) -> Result<Option<Arc<T>>, Unavailable>
    where
        T: Send + Sync + 'static,
        E: std::fmt::Display,
    {
        let key = wanted.key();
        let slot = self.0.cache.slot(&key);
        let answer = match self.0.current(&slot, &wanted) {
            Some(answer) => answer?,
            None => {
                let parse = |bytes: &[u8]| match parse(bytes) {
                    Ok(read) => Ok(Arc::new(read) as Ready),
                    Err(error) => Err(error.to_string()),
                };
                let inner = Arc::clone(&self.0);
                // A task of its own: whoever goes away does not stop it for the others.
                let task = tokio::spawn(inner.refresh(slot, wanted, parse));
                match tokio::time::timeout(self.0.patience.client, task).await {
                    Err(_) => return Err(Unavailable::InProgress),
                    Ok(Err(error)) => return Err(Unavailable::Failed(error.to_string())),
                    Ok(Ok(answer)) => answer?,
                }
            }
        };
        // One address and media type are always read by one format, into one type.
        Ok(answer.and_then(|ready| ready.downcast().ok()))
    }

    /// Opens an asset; none when upstream does not have it.
    ///
    /// # Errors
    /// When there is no answer, or when the address is not one to go to.
    pub async fn asset(&self, url: &Url) -> Result<Option<Incoming>, Unavailable> {
        let key = format!("asset {url}");
        if self.0.is_missing(&key) {
            return Ok(None);
        }
        let client = self
            .0
            .assets
            .get_or_try_init(|| self.0.client(ClientBuilder::no_gzip))
            .await?;
        let answered = self.0.send(client, url, HeaderMap::new()).await?;
        if is_missing(answered.status()) {
            let about = About::new(&key, self.0.clock.now());
            self.0.cache.slot(&key).know(about, None);
            return Ok(None);
        }
        if answered.status() != StatusCode::OK {
            return Err(failed(url, format_args!("answered {}", answered.status())));
        }
        Ok(Some(Incoming {
            url: url.clone(),
            response: answered,
        }))
    }
}

impl Inner {
    /// Whether upstream said a moment ago that it does not have an asset.
    fn is_missing(&self, key: &str) -> bool {
        let known = self.cache.find(key);
        let known = known.and_then(|slot| slot.state().known.clone());
        known.is_some_and(|known| is_young(&known.about, MISSING_FOR, self.clock.now()))
    }

    /// The answer that needs neither a request nor the disk.
    fn current(&self, slot: &Slot, wanted: &Wanted) -> Option<Result<Option<Ready>, Unavailable>> {
        let now = self.clock.now();
        let state = slot.state();
        let failed = state.failed.as_ref().filter(|(until, _)| now < *until);
        match &state.known {
            Some(known) if failed.is_some() || is_current(&known.about, wanted, now) => {
                match (&known.about.length, &known.ready) {
                    (Some(_), Some(ready)) => Some(Ok(Some(Arc::clone(ready)))),
                    (Some(_), None) => None,
                    (None, _) => Some(Ok(None)),
                }
            }
            _ => failed.map(|(_, message)| Err(Unavailable::Failed(message.clone()))),
        }
    }

    async fn refresh(
        self: Arc<Inner>,
        slot: Arc<Slot>,
        wanted: Wanted,
        parse: impl FnOnce(&[u8]) -> Result<Ready, String> + Send + 'static,
    ) -> Result<Option<Ready>, Unavailable> {
        let _flight = slot.flight.lock().await;
        if let Some(answer) = self.current(&slot, &wanted) {
            return answer;
        }
        let (inner, key) = (Arc::clone(&self), wanted.key());
        let kept = blocking(move || inner.cache.load(&key)).await?;
        let now = self.clock.now();
        let resting = slot
            .state()
            .failed
            .clone()
            .filter(|(until, _)| now < *until);
        let fetched = match (&kept, resting) {
            (Some((about, _)), None) if is_current(about, &wanted, now) => Ok(Fetched::Kept),
            (_, Some((_, message))) => Err(message),
            (kept, None) => {
                self.fetch(&wanted, kept.as_ref().map(|(about, _)| about))
                    .await
            }
        };
        let (inner, place, key) = (Arc::clone(&self), Arc::clone(&slot), wanted.key());
        blocking(move || {
            let answer = inner.settle(&place, &key, kept, fetched, parse);
            inner.cache.trim();
            answer
        })
        .await?
    }

    /// Turns what came, or what was kept, into the answer, and remembers it.
    fn settle(
        &self,
        slot: &Slot,
        key: &str,
        kept: Option<(About, Vec<u8>)>,
        fetched: Result<Fetched, String>,
        parse: impl FnOnce(&[u8]) -> Result<Ready, String>,
    ) -> Result<Option<Ready>, Unavailable> {
        let now = self.clock.now();
        let mut about = About::new(key, now);
        let (body, is_new) = match (fetched, kept) {
            (Ok(Fetched::Missing), _) => {
                slot.know(about, None);
                return Ok(None);
            }
            (
                Ok(Fetched::New {
                    etag,
                    last_modified,
                    body,
                }),
                _,
            ) => {
                about = About {
                    etag,
                    last_modified,
                    length: Some(body.len()),
                    ..about
                };
                (body, true)
            }
            (Ok(Fetched::Unchanged), Some((kept, body))) => {
                about = About {
                    checked: now,
                    ..kept
                };
                (body, true)
            }
            (Ok(Fetched::Kept), Some((kept, body))) => {
                about = kept;
                (body, false)
            }
            (Ok(Fetched::Unchanged | Fetched::Kept), None) => {
                return Err(self.fail(
                    slot,
                    "the upstream answered 304 to a first request".to_string(),
                ));
            }
            (Err(message), None) => return Err(self.fail(slot, message)),
            (Err(message), Some((kept, body))) => {
                let ready = parse(&body).map_err(Unavailable::Failed)?;
                self.fail(slot, format!("{message}; serving what was fetched before"));
                // Not current: asked for again as soon as upstream has had its rest.
                slot.state().known = Some(Known {
                    about: kept,
                    ready: Some(Arc::clone(&ready)),
                });
                return Ok(Some(ready));
            }
        };
        match parse(&body) {
            Ok(ready) => {
                if is_new && let Err(error) = self.cache.save(&about, &body) {
                    (self.log)(&format!("cannot keep an upstream document: {error}"));
                }
                slot.know(about, Some(Arc::clone(&ready)));
                Ok(Some(ready))
            }
            Err(message) => {
                // What cannot be read must not be found unchanged for ever.
                self.cache.remove(key);
                Err(self.fail(slot, message))
            }
        }
    }

    /// Logs a failure and lets upstream rest for a while.
    fn fail(&self, slot: &Slot, message: String) -> Unavailable {
        (self.log)(&message);
        slot.state().failed = Some((self.clock.now() + FAILED_FOR, message.clone()));
        Unavailable::Failed(message)
    }

    async fn fetch(&self, wanted: &Wanted, kept: Option<&About>) -> Result<Fetched, String> {
        let whole = async {
            let client = self
                .documents
                .get_or_try_init(|| self.client(|builder| builder))
                .await?;
            let mut headers = HeaderMap::new();
            headers.insert(
                ACCEPT,
                wanted
                    .accept
                    .parse()
                    .map_err(|error| failed(&wanted.url, error))?,
            );
            for (name, value) in [
                (IF_NONE_MATCH, kept.and_then(|about| about.etag.as_ref())),
                (
                    IF_MODIFIED_SINCE,
                    kept.and_then(|about| about.last_modified.as_ref()),
                ),
            ] {
                if let Some(Ok(value)) = value.map(|value| value.parse()) {
                    headers.insert(name, value);
                }
            }
            let answered = self.send(client, &wanted.url, headers).await?;
            let status = answered.status();
            if is_missing(status) {
                return Ok(Fetched::Missing);
            }
            match status {
                StatusCode::NOT_MODIFIED if kept.is_some() => Ok(Fetched::Unchanged),
                StatusCode::OK => read_document(answered, wanted).await,
                _ => Err(failed(&wanted.url, format_args!("answered {status}"))),
            }
        };
        match tokio::time::timeout(self.patience.document, whole).await {
            Ok(fetched) => fetched.map_err(|error: Unavailable| error.to_string()),
            Err(_) => Err(failed(&wanted.url, "takes too long").to_string()),
        }
    }

    async fn send(
        &self,
        client: &Client,
        url: &Url,
        headers: HeaderMap,
    ) -> Result<Response, Unavailable> {
        if let Some(objection) = self.guard.objection(url) {
            return Err(failed(
                url,
                format_args!("is not fetched: its address {objection}"),
            ));
        }
        let request = async {
            let send = || client.get(url.clone()).headers(headers.clone()).send();
            match send().await {
                Err(error) if was_closed(&error) => send().await,
                answered => answered,
            }
        };
        match tokio::time::timeout(self.patience.connect + self.patience.read, request).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(failed(url, causes(&error.without_url()))),
            Err(_) => Err(failed(url, "does not answer")),
        }
    }

    async fn client(
        &self,
        adjust: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> Result<Client, Unavailable> {
        // Fails only when another part of the program was first, with the same provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = adjust(Client::builder())
            .user_agent(concat!("codeartifact-local/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(self.patience.connect)
            .read_timeout(self.patience.read)
            .redirect(self.guard.redirects())
            .dns_resolver(self.guard.clone());
        // Reading the trust store takes a while.
        blocking(move || builder.build())
            .await?
            .map_err(|error| Unavailable::Failed(format!("the way to upstream {}", causes(&error))))
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Unavailable> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Unavailable::Failed(error.to_string()))
}

/// What came of asking.
enum Fetched {
    New {
        etag: Option<String>,
        last_modified: Option<String>,
        body: Vec<u8>,
    },
    /// The kept document is still the one.
    Unchanged,
    /// The kept document is young enough.
    Kept,
    Missing,
}

async fn read_document(mut answered: Response, wanted: &Wanted) -> Result<Fetched, Unavailable> {
    let header = |name| Some(answered.headers().get(name)?.to_str().ok()?.to_string());
    let (etag, last_modified) = (header(ETAG), header(LAST_MODIFIED));
    let too_large = || {
        failed(
            &wanted.url,
            format_args!("sends more than {} bytes", wanted.limit),
        )
    };
    let declared = answered
        .content_length()
        .and_then(|length| usize::try_from(length).ok());
    if declared.is_some_and(|declared| declared > wanted.limit) {
        return Err(too_large());
    }
    // Taken at its word only up to a megabyte.
    let mut body = Vec::with_capacity(declared.unwrap_or(0).min(1 << 20));
    while let Some(chunk) = answered
        .chunk()
        .await
        .map_err(|error| failed(&wanted.url, causes(&error.without_url())))?
    {
        if body.len() + chunk.len() > wanted.limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Fetched::New {
        etag,
        last_modified,
        body,
    })
}

/// An asset on its way from upstream.
pub struct Incoming {
    url: Url,
    response: Response,
}

impl Incoming {
    /// The number of bytes that upstream announced.
    pub fn declared(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// All bytes, of an asset that is small by what upstream announced.
    ///
    /// # Errors
    /// When the connection breaks, or nothing comes for too long.
    pub async fn whole(self) -> Result<Bytes, Unavailable> {
        let bytes = self.response.bytes().await;
        bytes.map_err(|error| failed(&self.url, causes(&error.without_url())))
    }

    /// The next bytes; none at the end.
    ///
    /// # Errors
    /// When the connection breaks, or nothing comes for too long.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Unavailable> {
        self.response
            .chunk()
            .await
            .map_err(|error| failed(&self.url, causes(&error.without_url())))
    }
}

fn is_current(about: &About, wanted: &Wanted, now: i64) -> bool {
    let lifetime = match about.length {
        None => MISSING_FOR,
        Some(_) => i64::try_from(wanted.lifetime.as_millis()).unwrap_or(i64::MAX),
    };
    is_young(about, lifetime, now)
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

/// Whether the connection ended instead of an answer: one that was kept open may be closed at the
/// other end in the moment in which it is used again.
fn was_closed(error: &reqwest::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let broken = error.downcast_ref::<std::io::Error>().is_some_and(|error| {
            use std::io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
            matches!(error.kind(), BrokenPipe | ConnectionReset | UnexpectedEof)
        });
        let early = error.downcast_ref::<hyper::Error>();
        if broken || early.is_some_and(hyper::Error::is_incomplete_message) {
            return true;
        }
        cause = error.source();
    }
    false
}

fn failed(url: &Url, what: impl std::fmt::Display) -> Unavailable {
    Unavailable::Failed(format!(
        "the upstream {} {what}",
        redacted_url(url.as_str())
    ))
}

/// The error with its causes, which say more than it does.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    format!("cannot be used: {text}")
}

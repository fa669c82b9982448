//! Documents from upstream: kept for as long as their format says, revalidated, fetched once however
//! many ask, and served as they are when upstream is down.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, ETAG, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use reqwest::{Response, StatusCode};
use url::Url;

use super::cache::{About, Known, Ready, Slot};
use super::request::{causes, failed};
use super::{Inner, MISSING_FOR, Unavailable, Upstream, blocking, is_missing, is_young};

/// How long a failing upstream is left alone, in milliseconds.
const FAILED_FOR: i64 = 5_000;

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
}

impl Inner {
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

fn is_current(about: &About, wanted: &Wanted, now: i64) -> bool {
    let lifetime = match about.length {
        None => MISSING_FOR,
        Some(_) => i64::try_from(wanted.lifetime.as_millis()).unwrap_or(i64::MAX),
    };
    is_young(about, lifetime, now)
}

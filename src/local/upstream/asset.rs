//! Assets from upstream, handed on as they arrive.

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{ClientBuilder, Response, StatusCode};
use url::Url;

use super::cache::About;
use super::request::{causes, failed};
use super::{Inner, MISSING_FOR, Unavailable, Upstream, is_missing, is_young};

impl Upstream {
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

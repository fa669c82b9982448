//! What the handlers of all formats share: the registry, the way upstream, the ingestions.

use std::sync::Arc;

use url::Url;

use crate::local::external::External;
use crate::local::ingestion::Ingestion;
use crate::local::registry::Registry;
use crate::local::registry::lookup::Connected;
use crate::local::upstream::{Unavailable, Upstream};

/// The state of every format's router.
#[derive(Clone)]
pub struct Service {
    /// The rules and what is stored.
    pub registry: Registry,
    /// The way to public repositories.
    pub upstream: Upstream,
    /// The ingestions that are going on.
    pub ingestion: Ingestion,
    external: Arc<External>,
}

impl Service {
    /// The formats' way to that registry and to those addresses.
    pub fn new(registry: Registry, upstream: Upstream, external: External) -> Service {
        Service {
            ingestion: Ingestion::new(registry.clone(), upstream.clone()),
            registry,
            upstream,
            external: Arc::new(external),
        }
    }

    /// The address behind an external connection, open to requests from now on.
    ///
    /// # Errors
    /// When nothing on this machine tells it.
    pub async fn address(&self, connected: &Connected) -> Result<Url, Unavailable> {
        let address = self.external.address(&connected.connection).await;
        let address = address.map_err(|sentence| {
            self.upstream.log(&sentence);
            Unavailable::Failed(sentence)
        })?;
        self.upstream.allow(&address);
        Ok(address)
    }
}

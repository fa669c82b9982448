//! What the handlers of all formats share: the registry, the way upstream, the ingestions.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::response::Response;
use url::Url;

use super::Invalid;
use super::problem::Handled;
use super::respond;
use crate::local::endpoint::Endpoint;
use crate::local::external::External;
use crate::local::ingestion::Ingestion;
use crate::local::registry::lookup::Connected;
use crate::local::registry::{PackageId, Registry};
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

    /// Sends a stored asset, or the range of it that is asked for.
    ///
    /// # Errors
    /// What the registry refuses; `ResourceNotFoundException` when it is not stored.
    pub async fn stored(
        &self,
        endpoint: &Endpoint,
        package: &PackageId,
        version: &str,
        asset: &str,
        headers: &HeaderMap,
    ) -> Handled<Response> {
        let (caller, repository) = (&endpoint.caller, &endpoint.repository);
        let found = self
            .registry
            .fetch_asset(caller, repository, package, version, asset)
            .await?;
        Ok(respond::asset(&self.registry, &found, respond::BYTES, headers).await?)
    }
}

/// Reads what was received on a thread that may take its time: archives are unpacked and judged
/// there, so that other requests go on.
///
/// # Errors
/// What `read` says is wrong with it.
pub async fn judge<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, Invalid> + Send + 'static,
) -> Handled<T> {
    let judged = tokio::task::spawn_blocking(read).await;
    Ok(judged.map_err(|error| Invalid::new(error.to_string()))??)
}

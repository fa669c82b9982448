//! The embedded service: the API, STS's GetCallerIdentity and the package endpoints, on one port.
//!
//! `control → registry → store`, `formats → registry`; this file puts them together.

pub mod address;
pub mod auth;
pub mod clock;
pub mod control;
pub mod endpoint;
pub mod external;
pub mod formats;
pub mod ingestion;
pub mod registry;
pub mod server;
pub mod store;
pub mod sts;
pub mod upstream;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::error::{Error, Result};
use auth::{Principal, Principals};
use clock::Clock;
use control::{Control, EndpointStyle, Endpoints};
use external::External;
use registry::quota::Quotas;
use registry::{Format, Registry};
use store::Store;
use upstream::{Log, Patience, Upstream};

/// How long open requests may take when the service is told to stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// How to serve.
pub struct Config {
    /// Where to listen; port 0 for any free one.
    pub listen: SocketAddr,
    /// Whether to listen where other machines can reach it, without TLS.
    pub accept_plain_text_from_anywhere: bool,
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// The region to play.
    pub region: String,
    /// Who may call.
    pub principals: Vec<Principal>,
    /// Which form of address GetRepositoryEndpoint answers.
    pub endpoint_style: EndpointStyle,
    /// The quotas to enforce.
    pub quotas: Quotas,
    /// The clock to go by.
    pub clock: Clock,
    /// The addresses behind external connections.
    pub external: External,
    /// How long upstreams may take.
    pub patience: Patience,
    /// Where lines about upstreams go.
    pub log: Log,
}

/// A running service.
pub struct Service {
    /// Its address, such as `http://127.0.0.1:4566`.
    pub base_url: String,
    /// Its registry.
    pub registry: Registry,
    stop: watch::Sender<bool>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Service {
    /// Deletes the asset files that no package has, which a killed service left behind, and says
    /// how many there were. The service does this by itself after it has started.
    ///
    /// # Errors
    /// When the data directory cannot be read.
    pub async fn collect_orphans(&self) -> Result<u64> {
        let collected = self.registry.store().collect_orphans().await;
        collected.map_err(|error| Error::other(error.to_string()))
    }

    /// Stops taking requests and waits for the open ones, but not for ever.
    ///
    /// # Errors
    /// When the listener had failed.
    pub async fn stop(self) -> Result<()> {
        // Nobody listens when the service has ended by itself.
        let _ = self.stop.send(true);
        let abort = self.task.abort_handle();
        match tokio::time::timeout(PATIENCE, self.task).await {
            Ok(Ok(outcome)) => {
                outcome.map_err(|error| Error::other("the local service failed").caused_by(error))
            }
            Ok(Err(error)) => Err(Error::other("the local service failed").caused_by(error)),
            Err(_) => {
                abort.abort();
                Ok(())
            }
        }
    }
}

/// Starts the service; it takes requests when this returns.
///
/// # Errors
/// When the data directory cannot be opened or another service has it, when the address is taken,
/// or when it can be reached from other machines and nobody accepted that.
pub async fn serve(config: Config) -> Result<Service> {
    if !config.listen.ip().is_loopback() && !config.accept_plain_text_from_anywhere {
        return Err(Error::configuration(format!(
            "{} can be reached from other machines, and the local service speaks plain HTTP",
            config.listen
        ))
        .hint("listen on 127.0.0.1, or accept it explicitly"));
    }
    let opened = {
        let directory = config.data_dir.clone();
        tokio::task::spawn_blocking(move || Store::open(&directory)).await
    };
    let failed = |error: store::Failure| Error::other(error.to_string());
    let store = opened
        .map_err(|error| Error::other("the data directory cannot be opened").caused_by(error))?
        .map_err(failed)?;
    let clock = config.clock.clone();
    let registry = Registry::open(store, &config.region, config.clock, config.quotas)
        .await
        .map_err(failed)?;
    let unreachable = |error: std::io::Error| {
        Error::other(format!("cannot listen on {}: {error}", config.listen)).caused_by(error)
    };
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(unreachable)?;
    let address = listener.local_addr().map_err(unreachable)?;
    let endpoints = Endpoints {
        scheme: "http",
        authority: address.to_string(),
        port: address.port(),
        region: config.region.clone(),
        style: config.endpoint_style,
    };
    let base_url = endpoints.base();
    let control = Control {
        registry: registry.clone(),
        endpoints,
    };
    let principals = Principals::new(&config.region, config.principals);
    let upstream = Upstream::new(
        config.data_dir.join("upstream"),
        config.patience,
        clock,
        config.log,
    );
    let service = formats::Service::new(registry.clone(), upstream, config.external);
    let routers: HashMap<Format, _> = Format::ALL
        .into_iter()
        .filter_map(|format| Some((format, formats::router(format, &service)?)))
        .collect();
    let router = server::router(control, principals, routers);
    let (stop, mut stopped) = watch::channel(false);
    let task = tokio::spawn(async move {
        axum::serve(listener, router)
            .with_graceful_shutdown(async move {
                // An error means that the handle was dropped, which is a stop as well.
                let _ = stopped.wait_for(|stopped| *stopped).await;
            })
            .await
    });
    tokio::spawn(registry.store().clone().collect_orphans_quietly());
    Ok(Service {
        base_url,
        registry,
        stop,
        task,
    })
}

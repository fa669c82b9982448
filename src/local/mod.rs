//! The embedded service: the API, STS's GetCallerIdentity and the package endpoints, on one port.
//!
//! `control → registry → store`, `formats → registry`; this file puts them together.

pub mod address;
pub mod auth;
mod browse;
pub mod clock;
pub mod control;
pub mod endpoint;
pub mod external;
mod file;
pub mod formats;
pub mod ingestion;
pub mod injection;
pub mod listener;
mod posting;
pub mod rate;
pub mod registry;
pub mod remote;
pub mod seed;
pub mod server;
pub mod store;
pub mod sts;
pub mod upstream;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

use crate::error::{Error, Result};
use auth::{Principal, Principals};
use clock::Clock;
use control::{Control, EndpointStyle, Endpoints};
use external::External;
use injection::Injection;
use listener::{Peer, PlainListener, Tls, TlsListener};
use rate::Rates;
use registry::quota::Quotas;
use registry::{Format, Registry};
use seed::Seed;
use server::Server;
use store::{Durability, Store};
use upstream::{Log, Patience, Upstream};

/// How long open requests may take when the service is told to stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// How to serve.
pub struct Config {
    /// Where to listen; port 0 for any free one.
    pub listen: SocketAddr,
    /// Whether to listen where other machines can reach it, without TLS.
    pub accept_plain_text_from_anywhere: bool,
    /// What to speak TLS with; plain HTTP without it.
    pub tls: Option<Tls>,
    /// The host name that clients use; the address without one.
    pub host_name: Option<String>,
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// What has to survive once it was answered for.
    pub durability: Durability,
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
    /// What a test may want besides.
    pub double: Double,
}

/// What makes the service a good test double; nothing of it by default.
#[derive(Default)]
pub struct Double {
    /// Trouble on purpose.
    pub injections: Vec<Injection>,
    /// Whether the guide's quotas of requests a second are enforced.
    pub request_rates: bool,
    /// The state to begin with.
    pub seed: Option<Seed>,
    /// Where to post events.
    pub event_url: Option<Url>,
}

/// A running service.
pub struct Service {
    /// Its address, such as `http://127.0.0.1:4566`.
    pub base_url: String,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Its registry.
    pub registry: Registry,
    stop: watch::Sender<bool>,
    task: JoinHandle<std::io::Result<()>>,
    posting: Option<JoinHandle<()>>,
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
        if let Some(posting) = self.posting {
            posting.abort();
        }
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
    let is_hidden = config.listen.ip().is_loopback() || config.tls.is_some();
    if !is_hidden && !config.accept_plain_text_from_anywhere {
        return Err(Error::configuration(format!(
            "{} can be reached from other machines, and plain HTTP shows tokens and packages to the network",
            config.listen
        ))
        .hint("Give `--tls-certificate` and `--tls-key`, or accept it with `--accept-plain-text`"));
    }
    let opened = {
        let (directory, durability) = (config.data_dir.clone(), config.durability);
        tokio::task::spawn_blocking(move || Store::open(&directory, durability)).await
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
    let tls = config.tls.as_ref();
    let listener = match tls {
        Some(tls) => Incoming::Tls(TlsListener::new(listener, tls)?),
        None => Incoming::Plain(listener),
    };
    let endpoints = Endpoints {
        scheme: if tls.is_some() { "https" } else { "http" },
        authority: authority(config.host_name.as_deref(), address),
        port: address.port(),
        region: config.region.clone(),
        style: config.endpoint_style,
    };
    let base_url = endpoints.base();
    let control = Control {
        registry: registry.clone(),
        endpoints,
    };
    let double = config.double;
    let principals = begin(&registry, config.principals, double.seed.as_ref()).await?;
    let principals = Principals::new(&config.region, clock.clone(), principals);
    let upstream = Upstream::new(
        config.data_dir.join("upstream"),
        config.patience,
        clock.clone(),
        Arc::clone(&config.log),
    );
    let service = formats::Service::new(registry.clone(), upstream, config.external);
    let routers: HashMap<Format, _> = Format::ALL
        .into_iter()
        .filter_map(|format| Some((format, formats::router(format, &service)?)))
        .collect();
    let rates = double.request_rates.then(|| Rates::new(clock));
    let router = Server::new(control, principals, routers)
        .as_double(double.injections, rates, double.seed)
        .router();
    let (stop, mut stopped) = watch::channel(false);
    let task = tokio::spawn(async move {
        let service = router.into_make_service_with_connect_info::<Peer>();
        let stop = async move {
            // An error means that the handle was dropped, which is a stop as well.
            let _ = stopped.wait_for(|stopped| *stopped).await;
        };
        match listener {
            Incoming::Plain(listener) => {
                let serving = axum::serve(PlainListener(listener), service);
                serving.with_graceful_shutdown(stop).await
            }
            Incoming::Tls(listener) => {
                let serving = axum::serve(listener, service);
                serving.with_graceful_shutdown(stop).await
            }
        }
    });
    tokio::spawn(registry.store().clone().collect_orphans_quietly());
    let posting = double
        .event_url
        .map(|url| tokio::spawn(posting::post_events(registry.clone(), url, config.log)));
    Ok(Service {
        base_url,
        listen: address,
        registry,
        stop,
        task,
        posting,
    })
}

/// Where connections come from.
enum Incoming {
    Plain(TcpListener),
    Tls(TlsListener),
}

/// Host and port for clients: the name that was given, or the address, or, for a service that
/// listens on every address, this machine's name for itself.
fn authority(host_name: Option<&str>, address: SocketAddr) -> String {
    match host_name {
        Some(name) => format!("{name}:{}", address.port()),
        None if address.ip().is_unspecified() => format!("localhost:{}", address.port()),
        None => address.to_string(),
    }
}

/// Everybody who may call, and the state of the seed file in the registry.
async fn begin(
    registry: &Registry,
    mut principals: Vec<Principal>,
    seed: Option<&Seed>,
) -> Result<Vec<Principal>> {
    let Some(seed) = seed else {
        return Ok(principals);
    };
    let wrong = |error: String| Error::configuration(format!("The seed file, {error}"));
    let others = seed.principals().map_err(wrong)?;
    for other in others {
        let is_known = principals.iter().any(|known| {
            known.access_key_id == other.access_key_id || known.identity.arn == other.identity.arn
        });
        if is_known {
            return Err(wrong(format!(
                "`{}`: somebody else has this ARN or its access key",
                other.identity.arn
            )));
        }
        principals.push(other);
    }
    let account = principals
        .first()
        .map(|first| first.identity.account.clone());
    seed.apply(registry, &account.unwrap_or_default())
        .await
        .map_err(wrong)?;
    Ok(principals)
}

/// The registry of a data directory, to be looked at while a service may be running on it.
///
/// # Errors
/// When there is none, or it cannot be read.
pub async fn look(data_dir: &Path, region: &str) -> Result<Registry> {
    let failed = |error: store::Failure| Error::other(error.to_string());
    if !data_dir.join(store::TABLES).exists() {
        return Err(Error::other(format!(
            "No local service has stored anything in `{}`",
            data_dir.display()
        ))
        .hint("Give the `--data-dir` of the service"));
    }
    let directory = data_dir.to_path_buf();
    let opened = tokio::task::spawn_blocking(move || Store::open_to_read(&directory)).await;
    let store = opened
        .map_err(|error| Error::other("the data directory cannot be opened").caused_by(error))?
        .map_err(failed)?;
    Registry::open_to_read(store, region).map_err(failed)
}

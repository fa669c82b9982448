//! `codeartifact local`: the embedded service from the command line. What the service does is
//! in `crate::local`; this room starts it, tells others where it is, and shows it off.

mod clock;
mod demo;
mod environment;
mod events;
mod export;
mod reset;
mod running;
mod serving;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{ArgMatches, Args, Command, FromArgMatches, Parser, Subcommand};
use url::Url;

use super::Context;
use crate::config::env::Env;
use crate::error::{Error, Result};
use crate::local::address::{Address, Key, administrator, from_here};
use crate::local::clock::Clock;
use crate::local::control::EndpointStyle;
use crate::local::external::{External, parse_assignment};
use crate::local::injection::Injection;
use crate::local::listener::Tls;
use crate::local::registry::external_connection::EXTERNAL_CONNECTIONS;
use crate::local::registry::quota::Quotas;
use crate::local::seed::Seed;
use crate::local::store::Durability;
use crate::local::upstream::Patience;
use crate::local::{Config, Double, Service, serve};

/// Run CodeArtifact on this machine
///
/// The local service answers the API of CodeArtifact and serves packages, for development and
/// tests without an AWS account. `codeartifact local demo` shows all of it in a minute.
///
/// Example: `codeartifact local run -- npm ci`
#[derive(Parser, Debug)]
struct Local {
    #[command(subcommand)]
    command: LocalCommand,
}

#[derive(Subcommand, Debug)]
enum LocalCommand {
    Serve(serving::ServeArgs),
    Env(environment::EnvArgs),
    Run(running::RunArgs),
    Demo(demo::DemoArgs),
    Events(events::EventsArgs),
    Export(export::ExportArgs),
    Clock(clock::ClockArgs),
    Reset(reset::ResetArgs),
}

/// How the service is set up; shared by the commands that start it.
#[derive(Args, Clone, Debug)]
struct ServiceArgs {
    /// 12-digit account that the service plays
    #[arg(long, default_value = "111122223333", value_parser = account)]
    account_id: String,
    /// Address behind an external connection, as `public:npmjs=https://…`; may be repeated. The
    /// default is what this machine's own package manager is set up with. The variable
    /// `CODEARTIFACT_EXTERNAL` takes several, separated by spaces
    #[arg(long, value_name = "NAME=URL", value_parser = external)]
    external: Vec<(String, Url)>,
    /// Form of repository endpoints: `path` for http://127.0.0.1:PORT/d/…, `host` for
    /// http://DOMAIN-OWNER.d.codeartifact.REGION.localhost:PORT/…; both are always answered
    #[arg(long, value_name = "STYLE", default_value = "path", value_parser = endpoint_style)]
    endpoint_style: EndpointStyle,
    /// File with principals, domains, repositories and package groups to begin with (TOML, as
    /// `codeartifact local export` writes it)
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Trouble on purpose, as `ListPackages=throttle:5`, `npm=error*3`, `'*=slow:200'`: an operation, a
    /// package format or `*`, and one of throttle, error, slow, reset, expired-token; may be repeated
    #[arg(long, value_name = "OPERATION=TROUBLE")]
    inject: Vec<String>,
    /// Enforce the service's quotas of requests a second
    #[arg(long)]
    request_rates: bool,
    /// Address to post every event to, as JSON
    #[arg(long, value_name = "URL")]
    event_url: Option<Url>,
    /// Time at which the service's clock starts, such as `2030-01-31T12:00:00Z`
    #[arg(long, value_name = "TIME")]
    time: Option<jiff::Timestamp>,
}

impl ServiceArgs {
    /// What makes the service a good test double.
    fn double(&self) -> Result<Double> {
        let seed = self.seed.as_deref().map(Seed::read).transpose();
        let seed = seed.map_err(|error| Error::configuration(format!("`--seed`: {error}")))?;
        let injections = self
            .inject
            .iter()
            .map(|text| {
                Injection::parse(text).map_err(|error| Error::usage(format!("`--inject`: {error}")))
            })
            .collect::<Result<_>>()?;
        Ok(Double {
            injections,
            request_rates: self.request_rates,
            seed,
            event_url: self.event_url.clone(),
        })
    }

    fn clock(&self) -> Clock {
        let clock = Clock::default();
        if let Some(time) = self.time {
            clock.advance(time.as_millisecond().saturating_sub(clock.now()));
        }
        clock
    }
}

/// The command of the tree.
pub(super) fn command() -> Command {
    <Local as clap::CommandFactory>::command().name("local")
}

/// Runs one of the commands and gives the exit code of the process.
pub(super) fn dispatch(context: &Context, matches: &ArgMatches) -> Result<u8> {
    let local = Local::from_arg_matches(matches)
        .map_err(|error| Error::usage(error.render().to_string()))?;
    match local.command {
        LocalCommand::Serve(args) => serving::run(context, &args).map(|()| 0),
        LocalCommand::Env(args) => environment::run(context, &args).map(|()| 0),
        LocalCommand::Run(args) => running::run(context, &args),
        LocalCommand::Demo(args) => demo::run(context, &args).map(|()| 0),
        LocalCommand::Events(args) => events::run(context, &args).map(|()| 0),
        LocalCommand::Export(args) => export::run(context, &args).map(|()| 0),
        LocalCommand::Clock(args) => clock::run(context, &args).map(|()| 0),
        LocalCommand::Reset(args) => reset::run(context, &args).map(|()| 0),
    }
}

/// The Region that the service plays: `--region`, or the guide's.
fn region(context: &Context) -> String {
    context
        .global
        .region
        .clone()
        .unwrap_or_else(|| "us-west-2".to_string())
}

/// Where the service keeps its data when it is not told where.
fn default_data_dir(env: &Env) -> Result<PathBuf> {
    dirs::data_local_dir()
        .or_else(|| Some(env.home()?.join(".local/share")))
        .map(|folder| folder.join("codeartifact").join("local"))
        .ok_or_else(|| {
            Error::configuration("There is no home folder for the service's data")
                .hint("Give `--data-dir`")
        })
}

/// The folder that was given, or the usual one.
fn data_dir(env: &Env, given: Option<&PathBuf>) -> Result<PathBuf> {
    given.map_or_else(|| default_data_dir(env), |folder| Ok(folder.clone()))
}

/// The address of the service that is running on a data folder.
fn address_of(data_dir: &Path) -> Result<Address> {
    Address::read(data_dir)?.ok_or_else(|| {
        Error::other(format!(
            "No local service is running on `{}`",
            data_dir.display()
        ))
        .hint("Start one with `codeartifact local serve`, or give its `--data-dir`")
    })
}

/// A service and what leads to it.
struct Running {
    service: Service,
    address: Address,
    data_dir: PathBuf,
}

impl Running {
    async fn stop(self) -> Result<()> {
        self.service.stop().await?;
        self.address.take_back(&self.data_dir)
    }
}

/// Where a service listens, and how.
struct Doors {
    listen: SocketAddr,
    tls: Option<Tls>,
    accept_plain_text: bool,
    host_name: Option<String>,
}

impl Doors {
    /// A free port of this machine, in plain HTTP.
    fn any_port() -> Doors {
        Doors {
            listen: ANY_PORT,
            tls: None,
            accept_plain_text: false,
            host_name: None,
        }
    }
}

/// The service, answering in tasks of the current runtime.
async fn start(
    context: &Context,
    args: &ServiceArgs,
    doors: Doors,
    data_dir: PathBuf,
    durability: Durability,
) -> Result<Running> {
    let certificate = doors.tls.as_ref().map(|tls| tls.certificate.clone());
    let streams = context.streams.clone();
    let key = Key::of(&data_dir)?;
    let region = region(context);
    let service = serve(Config {
        listen: doors.listen,
        accept_plain_text_from_anywhere: doors.accept_plain_text,
        tls: doors.tls,
        host_name: doors.host_name,
        data_dir: data_dir.clone(),
        durability,
        region: region.clone(),
        principals: vec![administrator(&key, &args.account_id)],
        endpoint_style: args.endpoint_style,
        quotas: Quotas::default(),
        clock: args.clock(),
        external: External::new(addresses(context, args)?, context.env.clone()),
        patience: Patience::default(),
        log: Arc::new(move |line| streams.status(line)),
        double: args.double()?,
    })
    .await?;
    let address = Address {
        url: service.base_url.clone(),
        region,
        key,
        connect: from_here(service.listen),
        certificate,
    };
    address.leave(&data_dir)?;
    Ok(Running {
        service,
        address,
        data_dir,
    })
}

/// The addresses of external connections that somebody gave; a flag beats the variable.
fn addresses(context: &Context, args: &ServiceArgs) -> Result<BTreeMap<String, Url>> {
    let mut addresses = BTreeMap::new();
    let listed = context.env.var("CODEARTIFACT_EXTERNAL").unwrap_or_default();
    for text in listed.split_whitespace() {
        let (name, url) = external(text).map_err(|error| {
            Error::configuration(format!("The variable `CODEARTIFACT_EXTERNAL`: {error}"))
        })?;
        addresses.insert(name, url);
    }
    addresses.extend(args.external.iter().cloned());
    Ok(addresses)
}

/// A free port of this machine.
const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// The runtime of the service: requests are served by several threads.
fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::other(format!("The runtime does not start: {error}")))
}

/// A folder that goes when the command ends.
fn temporary_folder() -> Result<tempfile::TempDir> {
    tempfile::Builder::new()
        .prefix("codeartifact-")
        .tempdir()
        .map_err(|error| Error::other(format!("No temporary folder can be made: {error}")))
}

fn account(text: &str) -> std::result::Result<String, String> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text.to_string())
    } else {
        Err("an account is a number of 12 digits".to_string())
    }
}

/// Reads a host name: letters, digits and hyphens between dots, or an address.
fn host_name(text: &str) -> std::result::Result<String, String> {
    match url::Host::parse(text) {
        Ok(host) => Ok(host.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

/// Reads an external connection's address; the connection must be one that there is.
fn external(text: &str) -> std::result::Result<(String, Url), String> {
    let (name, url) = parse_assignment(text)?;
    if EXTERNAL_CONNECTIONS.iter().any(|(known, _)| *known == name) {
        return Ok((name, url));
    }
    let known: Vec<_> = EXTERNAL_CONNECTIONS.iter().map(|(name, _)| *name).collect();
    Err(format!(
        "`{name}` is no external connection; there are {}",
        known.join(", ")
    ))
}

fn endpoint_style(text: &str) -> std::result::Result<EndpointStyle, String> {
    match text {
        "path" => Ok(EndpointStyle::Path),
        "host" => Ok(EndpointStyle::Host),
        _ => Err("expected `path` or `host`".to_string()),
    }
}

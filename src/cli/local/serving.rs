//! `codeartifact local serve`

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::super::Context;
use super::{ServiceArgs, data_dir, runtime, start, temporary_folder};
use crate::error::{Error, Kind, Result};

/// Run the service in the foreground
///
/// Prints its URL when it is ready and runs until it is interrupted. Data and keys are kept in
/// the data folder, so that a service that is started again continues where it was.
///
/// Example: `codeartifact local serve --listen 127.0.0.1:8473 --data-dir ./codeartifact-data`
#[derive(Args, Clone, Debug)]
pub(super) struct ServeArgs {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8473")]
    listen: SocketAddr,
    /// Folder for the service's data; one service at a time may use it
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Keep the data in a temporary folder, which goes with the service
    #[arg(long, conflicts_with = "data_dir")]
    ephemeral: bool,
    #[command(flatten)]
    service: ServiceArgs,
}

pub(super) fn run(context: &Context, args: &ServeArgs) -> Result<()> {
    if !args.listen.ip().is_loopback() {
        return Err(Error::usage(format!(
            "`--listen {}` would open the service to the network, without encryption",
            args.listen
        ))
        .hint("Listen on 127.0.0.1 or [::1]"));
    }
    let temporary = args.ephemeral.then(temporary_folder).transpose()?;
    let data_dir = match &temporary {
        Some(folder) => folder.path().to_path_buf(),
        None => data_dir(&context.env, args.data_dir.as_ref())?,
    };
    runtime()?.block_on(async {
        let service = start(context, &args.service, args.listen, data_dir).await?;
        context
            .streams
            .print(&format!("{}\n", service.address.url))?;
        context.streams.finish()?;
        interrupted().await?;
        service.stop().await
    })
}

/// Ctrl-C, or the polite request to end that a supervisor sends.
async fn interrupted() -> Result<()> {
    let failed = |error| {
        Error::new(
            Kind::Other,
            format!("Signals cannot be waited for: {error}"),
        )
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        tokio::select! {
            result = tokio::signal::ctrl_c() => result.map_err(failed),
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.map_err(failed)
}

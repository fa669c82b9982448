//! `codeartifact local serve`

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::super::Context;
use super::{Doors, ServiceArgs, data_dir, host_name, runtime, start, temporary_folder};
use crate::error::{Error, Kind, Result};
use crate::local::listener::Tls;
use crate::local::store::Durability;

/// Run the service in the foreground
///
/// Prints its URL when it is ready and runs until it is interrupted. Data and keys are kept in
/// the data folder, so that a service that is started again continues where it was.
///
/// Where other machines can reach it, it speaks TLS, or plain HTTP when that is accepted. Keys and the
/// clock are steered from this machine only, and the page is shown to nobody else.
///
/// Its administrator may do everything; `codeartifact local env` prints the key. Others are principals of
/// the `--seed` file, tables `[[principal]]` with `arn`, `access_key_id`, `secret_access_key` and, to be
/// let do less than everything in their account, `policies`: identity policies as JSON.
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
    /// Keep the data in a temporary folder, which goes with the service; where it is, for `--data-dir`
    /// of the other commands, is said on standard error
    #[arg(long, conflicts_with = "data_dir")]
    ephemeral: bool,
    /// File with the certificate to speak TLS with, and those that signed it (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// File with the certificate's private key (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
    /// Listen where other machines can reach the service although it speaks plain HTTP: the network
    /// sees tokens and packages
    #[arg(long, conflicts_with = "tls_certificate")]
    accept_plain_text: bool,
    /// Host name that clients use, as the certificate has it; default: the address, or `localhost`
    /// when it listens on all
    #[arg(long, value_name = "NAME", value_parser = host_name)]
    host_name: Option<String>,
    #[command(flatten)]
    service: ServiceArgs,
}

impl ServeArgs {
    /// Where to listen, and how.
    fn doors(&self) -> Result<Doors> {
        let tls = match (&self.tls_certificate, &self.tls_key) {
            (Some(certificate), Some(key)) => Some(Tls {
                // Others read it from where they are.
                certificate: std::path::absolute(certificate).map_err(|error| {
                    Error::usage(format!("`--tls-certificate` is no path: {error}"))
                })?,
                key: key.clone(),
            }),
            _ => None,
        };
        if !self.listen.ip().is_loopback() && tls.is_none() && !self.accept_plain_text {
            return Err(Error::usage(format!(
                "`--listen {}` would open the service to the network, without encryption",
                self.listen
            ))
            .hint(
                "Listen on 127.0.0.1 or [::1], or give `--tls-certificate` and `--tls-key`, or \
                 accept it with `--accept-plain-text`",
            ));
        }
        Ok(Doors {
            listen: self.listen,
            tls,
            accept_plain_text: self.accept_plain_text,
            host_name: self.host_name.clone(),
        })
    }
}

pub(super) fn run(context: &Context, args: &ServeArgs) -> Result<()> {
    let doors = args.doors()?;
    let temporary = args.ephemeral.then(temporary_folder).transpose()?;
    let (data_dir, durability) = match &temporary {
        Some(folder) => (folder.path().to_path_buf(), Durability::Process),
        None => {
            let data_dir = data_dir(&context.env, args.data_dir.as_ref())?;
            (data_dir, Durability::Machine)
        }
    };
    runtime()?.block_on(async {
        let service = start(context, &args.service, doors, data_dir, durability).await?;
        if args.ephemeral {
            let folder = service.data_dir.display();
            context.streams.status(format!("The data is in {folder}"));
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: ServeArgs,
    }

    fn doors(line: &[&str]) -> Option<Doors> {
        let line = std::iter::once(&"serve").chain(line);
        let parsed = <Line as clap::Parser>::try_parse_from(line).ok()?;
        parsed.args.doors().ok()
    }

    #[test]
    fn the_network_needs_tls_or_a_word() {
        for listen in ["0.0.0.0:80", "[::]:80", "192.0.2.1:80"] {
            assert!(doors(&["--listen", listen]).is_none(), "{listen}");
            assert!(doors(&["--listen", listen, "--accept-plain-text"]).is_some());
            let tls = ["--tls-certificate", "c.pem", "--tls-key", "k.pem"];
            let line = [&["--listen", listen], &tls[..]].concat();
            assert!(doors(&line).unwrap().tls.unwrap().certificate.is_absolute());
        }
        assert!(doors(&["--listen", "127.0.0.1:80"]).is_some());
        assert!(doors(&["--tls-certificate", "c.pem"]).is_none());
        assert!(doors(&["--host-name", "a b"]).is_none());
    }
}

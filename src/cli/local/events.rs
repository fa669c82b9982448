//! `codeartifact local events`

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::super::Context;
use super::{data_dir, region, runtime};
use crate::error::{Error, Result};
use crate::local::look;

/// How often the service's data is looked at with `--follow`.
const PAUSE: Duration = Duration::from_millis(200);
/// How many events are read together.
const BATCH: usize = 1000;

/// Print the events of package versions, one JSON document a line
///
/// Every change of a package version has its event, in the order in which they happened, as
/// CodeArtifact sends them to EventBridge.
///
/// Example: `codeartifact local events --follow`
#[derive(Args, Clone, Debug)]
pub(super) struct EventsArgs {
    /// Data folder of the service
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Wait for further events until interrupted
    #[arg(long)]
    follow: bool,
}

pub(super) fn run(context: &Context, args: &EventsArgs) -> Result<()> {
    let data_dir = data_dir(&context.env, args.data_dir.as_ref())?;
    runtime()?.block_on(async {
        let printing = print(context, args, &data_dir);
        if !args.follow {
            return printing.await;
        }
        // One wait for the interruption, begun before anything is printed: none goes unheard.
        tokio::select! {
            biased;
            _ = tokio::signal::ctrl_c() => Ok(()),
            ended = printing => ended,
        }
    })
}

/// Prints what there is, and with `--follow` what comes.
async fn print(context: &Context, args: &EventsArgs, data_dir: &Path) -> Result<()> {
    let registry = look(data_dir, &region(context)).await?;
    let mut last = 0;
    loop {
        let events = registry
            .events(last, BATCH)
            .await
            .map_err(|fault| Error::other(fault.message))?;
        for (number, document) in &events {
            context.streams.print(&format!("{document}\n"))?;
            last = *number;
        }
        context.streams.finish()?;
        if events.is_empty() {
            if !args.follow || context.streams.is_closed() {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

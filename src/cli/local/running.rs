//! `codeartifact local run`: a service for as long as a command runs.

use std::path::PathBuf;
use std::process::{Command, ExitStatus};

use clap::Args;

use super::super::Context;
use super::environment::point_at;
use super::{Doors, ServiceArgs, runtime, start, temporary_folder};
use crate::error::{Error, Result};
use crate::local::store::Durability;

/// Run a command with a service of its own
///
/// The service listens on a free port while the command runs, and the command's environment
/// leads to it. The exit code is the command's.
///
/// Example: `codeartifact local run -- make test`
#[derive(Args, Clone, Debug)]
pub(super) struct RunArgs {
    /// Folder for the service's data; a temporary one when left out
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    #[command(flatten)]
    service: ServiceArgs,
    /// Command and its arguments
    #[arg(required = true, last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

pub(super) fn run(context: &Context, args: &RunArgs) -> Result<u8> {
    let temporary = temporary_folder()?;
    let (data_dir, durability) = match &args.data_dir {
        Some(folder) => (folder.clone(), Durability::Machine),
        None => (temporary.path().to_path_buf(), Durability::Process),
    };
    let runtime = runtime()?;
    let service = runtime.block_on(start(
        context,
        &args.service,
        Doors::any_port(),
        data_dir,
        durability,
    ))?;
    let (program, arguments) = args
        .command
        .split_first()
        .ok_or_else(|| Error::usage("Give a command to run after `--`"))?;
    let mut command = Command::new(program);
    command.args(arguments);
    point_at(&mut command, &service.address, &context.env);
    let status = runtime.block_on(async {
        let mut child = tokio::process::Command::from(command).spawn()?;
        // The terminal sends Ctrl-C to the command as well, and it is the command that decides
        // what to make of it.
        loop {
            tokio::select! {
                status = child.wait() => return status,
                _ = tokio::signal::ctrl_c() => {}
            }
        }
    });
    let stopped = runtime.block_on(service.stop());
    let status =
        status.map_err(|error| Error::other(format!("`{program}` cannot be run: {error}")))?;
    stopped.map(|()| exit_code(status))
}

/// The code of a command, as a shell tells it: 128 and the signal when one ended it.
fn exit_code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(u8::MAX)
}

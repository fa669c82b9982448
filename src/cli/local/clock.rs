//! `codeartifact local clock`

use std::path::PathBuf;

use clap::Args;

use super::super::Context;
use super::{address_of, data_dir, runtime};
use crate::error::Result;
use crate::local::remote;

/// Move the clock of the running service
///
/// Prints the service's time afterwards. Tokens expire by this clock; signatures are still judged by
/// the machine's.
///
/// Example: `codeartifact local clock --advance 43200`
#[derive(Args, Clone, Debug)]
pub(super) struct ClockArgs {
    /// Data folder of the running service
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Seconds to move the clock by; back with a negative number
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    advance: i64,
}

pub(super) fn run(context: &Context, args: &ClockArgs) -> Result<()> {
    let data_dir = data_dir(&context.env, args.data_dir.as_ref())?;
    let time = runtime()?.block_on(remote::advance_clock(&address_of(&data_dir)?, args.advance))?;
    context.streams.print(&format!("{time}\n"))
}

//! `codeartifact local reset`

use std::path::PathBuf;

use clap::Args;

use super::super::Context;
use super::data_dir;
use crate::error::{Error, Result};
use crate::local::store::Store;

/// Delete everything that the local service has stored
///
/// The service must not be running. Its key stays, so that what leads to it goes on leading to it.
///
/// Example: `codeartifact local reset --data-dir ./codeartifact-data`
#[derive(Args, Clone, Debug)]
pub(super) struct ResetArgs {
    /// Data folder of the service
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

pub(super) fn run(context: &Context, args: &ResetArgs) -> Result<()> {
    let data_dir = data_dir(&context.env, args.data_dir.as_ref())?;
    Store::erase(&data_dir).map_err(|failure| Error::other(failure.to_string()))
}

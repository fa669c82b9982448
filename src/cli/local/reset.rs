//! `codeartifact local reset`

use std::path::PathBuf;

use clap::Args;

use super::super::Context;
use super::{data_dir, runtime};
use crate::error::{Error, Result};
use crate::local::address::Address;
use crate::local::remote;
use crate::local::store::Store;

/// Delete everything that the local service has stored
///
/// A running service goes on, with the state of its seed file when it has one; tokens that it gave
/// are gone. The key stays, so that what leads to the service goes on leading to it.
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
    if let Some(address) = Address::read(&data_dir)? {
        return runtime()?.block_on(remote::reset(&address));
    }
    Store::erase(&data_dir).map_err(|failure| Error::other(failure.to_string()))
}

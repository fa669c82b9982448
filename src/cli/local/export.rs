//! `codeartifact local export`

use std::path::PathBuf;

use clap::Args;

use super::super::Context;
use super::{data_dir, region, runtime};
use crate::error::{Error, Result};
use crate::local::look;
use crate::local::seed::Seed;

/// Print the domains, repositories and package groups as a seed file
///
/// What is printed can be given to `codeartifact local serve --seed`. Packages and principals are
/// not in it.
///
/// Example: `codeartifact local export > seed.toml`
#[derive(Args, Clone, Debug)]
pub(super) struct ExportArgs {
    /// Data folder of the service, which may be running
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

pub(super) fn run(context: &Context, args: &ExportArgs) -> Result<()> {
    let data_dir = data_dir(&context.env, args.data_dir.as_ref())?;
    let seed = runtime()?.block_on(async {
        let registry = look(&data_dir, &region(context)).await?;
        Seed::export(&registry)
            .await
            .map_err(|fault| Error::other(fault.message))
    })?;
    context.streams.print(&seed.render().map_err(Error::other)?)
}

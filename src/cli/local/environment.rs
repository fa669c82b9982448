//! `codeartifact local env`, and the variables that lead a client to the service.

use std::path::PathBuf;

use clap::Args;

use super::super::Context;
use super::{data_dir, running};
use crate::error::Result;
use crate::local::address::Address;

/// Print the variables that lead clients to the running service
///
/// Afterwards `codeartifact` and `aws` talk to the local service.
///
/// Example: `eval "$(codeartifact local env)"`
#[derive(Args, Clone, Debug)]
pub(super) struct EnvArgs {
    /// Data folder of the running service
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

pub(super) fn run(context: &Context, args: &EnvArgs) -> Result<()> {
    let data_dir = data_dir(&context.env, args.data_dir.as_ref())?;
    let address = running(&data_dir)?;
    for (name, value) in variables(&address) {
        let quoted = value.replace('\'', r"'\''");
        context
            .streams
            .print(&format!("export {name}='{quoted}'\n"))?;
    }
    Ok(())
}

/// The variables, for `aws`, `codeartifact` and every SDK.
pub(super) fn variables(address: &Address) -> Vec<(&'static str, String)> {
    let secret = address.key.secret.expose();
    let mut variables = vec![
        ("AWS_ENDPOINT_URL_CODEARTIFACT", address.url.clone()),
        ("AWS_ENDPOINT_URL_STS", address.url.clone()),
        ("AWS_ACCESS_KEY_ID", address.key.id.clone()),
        ("AWS_SECRET_ACCESS_KEY", secret.to_string()),
        ("AWS_REGION", address.region.clone()),
        ("AWS_DEFAULT_REGION", address.region.clone()),
    ];
    if let Some(certificate) = &address.certificate {
        variables.push(("AWS_CA_BUNDLE", certificate.display().to_string()));
    }
    variables
}

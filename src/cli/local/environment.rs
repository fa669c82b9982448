//! `codeartifact local env`, and the variables that lead a client to the service.

use std::path::PathBuf;
use std::process::Command;

use clap::Args;

use super::super::Context;
use super::{address_of, data_dir};
use crate::config::env::Env;
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
    let address = address_of(&data_dir)?;
    for (name, value) in variables(&address) {
        let quoted = value.replace('\'', r"'\''");
        context
            .streams
            .print(&format!("export {name}='{quoted}'\n"))?;
    }
    Ok(())
}

/// The variables, for `aws`, `codeartifact` and every SDK.
fn variables(address: &Address) -> Vec<(&'static str, String)> {
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

/// Makes a command's environment lead to the service, past any proxy and profile.
pub(super) fn point_at(command: &mut Command, address: &Address, env: &Env) {
    for name in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN"] {
        command.env_remove(name);
    }
    command.envs(variables(address));
    for name in ["NO_PROXY", "no_proxy"] {
        let others = env.var(name).map(|hosts| format!("{hosts},"));
        command.env(
            name,
            format!("{}127.0.0.1,localhost", others.unwrap_or_default()),
        );
    }
}

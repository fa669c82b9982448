//! The flags that every command has.

use clap::builder::PossibleValuesParser;
use clap::{Args, Command, FromArgMatches};

use super::argv::{Flag, Parsed, Takes};
use crate::config::Overrides;
use crate::error::{Error, Result};
use crate::output::Format;

/// The heading of these flags in the help.
pub(super) const HEADING: &str = "Global options";

/// Flags of every command; they may stand anywhere on the line.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = HEADING)]
pub struct GlobalArgs {
    /// Tell on standard error what is sent and received; secrets are left out
    #[arg(long, global = true)]
    pub debug: bool,
    /// Address of the service, instead of the Region's own
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Do not check the certificate of the service; only for tests
    #[arg(long, global = true)]
    pub no_verify_ssl: bool,
    /// Fetch the first page only
    #[arg(long, global = true)]
    pub no_paginate: bool,
    /// Format of the output; json when nothing else is set
    #[arg(long, global = true, value_name = "FORMAT", value_parser = formats())]
    pub output: Option<String>,
    /// JMESPath expression that picks from the answer
    #[arg(long, global = true, value_name = "EXPRESSION")]
    pub query: Option<String>,
    /// Profile of the AWS configuration to use
    #[arg(long, global = true)]
    pub profile: Option<String>,
    /// AWS Region, such as `us-west-2`
    #[arg(long, global = true)]
    pub region: Option<String>,
    /// When to use colours; auto is on a terminal
    #[arg(long, global = true, value_name = "WHEN", value_parser = ["on", "off", "auto"])]
    pub color: Option<String>,
    /// Send requests without a signature; credentials are not looked for
    #[arg(long, global = true)]
    pub no_sign_request: bool,
    /// File with the certificates to trust, instead of the system's
    #[arg(long, global = true, value_name = "FILE")]
    pub ca_bundle: Option<String>,
    /// Seconds to wait for an answer; 0 waits without end; 60 when nothing else is set
    #[arg(long, global = true, value_name = "SECONDS")]
    pub cli_read_timeout: Option<String>,
    /// Seconds to wait for a connection; 0 waits without end; 60 when nothing else is set
    #[arg(long, global = true, value_name = "SECONDS")]
    pub cli_connect_timeout: Option<String>,
    /// How bytes are written in `--cli-input-json`
    #[arg(long, global = true, value_name = "FORMAT", value_parser = ["base64", "raw-in-base64-out"])]
    pub cli_binary_format: Option<String>,
    /// Print to the terminal directly, not through a pager
    #[arg(long, global = true)]
    pub no_cli_pager: bool,
    /// Accepted for scripts; there is no prompt
    #[arg(long, global = true, hide = true)]
    pub no_cli_auto_prompt: bool,
    /// Format of errors; enhanced when nothing else is set
    #[arg(long, global = true, value_name = "FORMAT", value_parser = ERROR_FORMATS)]
    pub cli_error_format: Option<String>,
}

/// The values of `--cli-error-format`.
pub(super) const ERROR_FORMATS: [&str; 6] = ["legacy", "json", "yaml", "text", "table", "enhanced"];

fn formats() -> PossibleValuesParser {
    PossibleValuesParser::new(Format::ALL.map(Format::name))
}

impl GlobalArgs {
    /// The flags as plain values.
    pub fn overrides(&self) -> Result<Overrides> {
        Ok(Overrides {
            region: self.region.clone(),
            profile: self.profile.clone(),
            endpoint_url: self.endpoint_url.clone(),
            output: self.output.clone(),
            query: self.query.clone(),
            no_sign_request: self.no_sign_request,
            no_verify_ssl: self.no_verify_ssl,
            ca_bundle: self.ca_bundle.clone(),
            connect_timeout: seconds(self.cli_connect_timeout.as_deref(), "connect")?,
            read_timeout: seconds(self.cli_read_timeout.as_deref(), "read")?,
            binary_format: self.cli_binary_format.clone(),
        })
    }

    /// Reads the flags out of arguments that were split before.
    pub(super) fn of(parsed: &Parsed, flags: &[Flag]) -> Result<GlobalArgs> {
        let arguments = parsed.flags.iter().filter_map(|(name, values)| {
            let flag = flags.iter().find(|flag| flag.name == *name)?;
            Some(match flag.takes {
                Takes::Nothing => format!("--{name}"),
                _ => format!("--{name}={}", values.join(" ")),
            })
        });
        let command = Command::new("")
            .no_binary_name(true)
            .disable_version_flag(true);
        let matches = GlobalArgs::augment_args(command)
            .try_get_matches_from(arguments)
            .and_then(|matches| GlobalArgs::from_arg_matches(&matches));
        matches.map_err(|error| Error::parameter(error.to_string()))
    }
}

/// Seconds of a timeout. What is no number is not a usage error in the reference either.
fn seconds(text: Option<&str>, name: &str) -> Result<Option<u64>> {
    let Some(text) = text else { return Ok(None) };
    let number = super::param::integer(text).map_err(Error::other)?;
    match number.as_u64() {
        Some(seconds) => Ok(Some(seconds)),
        None => Err(Error::other(format!(
            "Attempted to set {name} timeout to {number}, but the timeout cannot be set to a \
             value less than or equal to 0."
        ))),
    }
}

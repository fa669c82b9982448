//! The flags that every command has.

use clap::Args;

use crate::config::Overrides;

/// Flags of every command; they may stand anywhere on the line.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// AWS Region, such as `us-west-2`
    #[arg(long, global = true)]
    pub region: Option<String>,
    /// Profile of the AWS configuration to use
    #[arg(long, global = true)]
    pub profile: Option<String>,
    /// Address of the service, instead of the Region's own
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Format of the output: json, text, table, yaml, yaml-stream or off
    #[arg(long, global = true, value_name = "FORMAT")]
    pub output: Option<String>,
    /// JMESPath expression that picks from the answer
    #[arg(long, global = true, value_name = "EXPRESSION")]
    pub query: Option<String>,
    /// Colours: on, off or auto
    #[arg(long, global = true, value_name = "WHEN")]
    pub color: Option<String>,
    /// Send requests without a signature
    #[arg(long, global = true)]
    pub no_sign_request: bool,
    /// File with the certificates to trust, instead of the system's
    #[arg(long, global = true, value_name = "FILE")]
    pub ca_bundle: Option<String>,
    /// Seconds to wait for a connection; 0 waits without end
    #[arg(long, global = true, value_name = "SECONDS")]
    pub cli_connect_timeout: Option<u64>,
    /// Seconds to wait for an answer; 0 waits without end
    #[arg(long, global = true, value_name = "SECONDS")]
    pub cli_read_timeout: Option<u64>,
}

impl GlobalArgs {
    /// The flags as plain values.
    pub fn overrides(&self) -> Overrides {
        Overrides {
            region: self.region.clone(),
            profile: self.profile.clone(),
            endpoint_url: self.endpoint_url.clone(),
            output: self.output.clone(),
            query: self.query.clone(),
            no_sign_request: self.no_sign_request,
            ca_bundle: self.ca_bundle.clone(),
            connect_timeout: self.cli_connect_timeout,
            read_timeout: self.cli_read_timeout,
        }
    }
}

//! `get-repository-endpoint`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::RepositoryArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::GetRepositoryEndpointOutput;
use crate::api::operation::{Operation, Route};

/// Show the URL of a repository for a package format
///
/// Package managers are set up with this URL. Every format has its own.
///
/// Example: `codeartifact get-repository-endpoint --domain my-domain --repository my-repo --format npm`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GetRepositoryEndpoint {
    /// The repository
    #[command(flatten)]
    #[serde(flatten)]
    pub repository: RepositoryArgs,
    /// Format of the package
    #[arg(long)]
    pub format: String,
    /// Kind of endpoint: `ipv4` for IPv4 only, `dualstack` for IPv4 and IPv6
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint_type: Option<String>,
}

impl Operation for GetRepositoryEndpoint {
    type Output = GetRepositoryEndpointOutput;
    const NAME: &str = "GetRepositoryEndpoint";
    const ROUTE: Route = Route::get("/v1/repository/endpoint");
    const QUERY: &[&str] = &[
        "domain",
        "domainOwner",
        "repository",
        "format",
        "endpointType",
    ];
}

impl Call for GetRepositoryEndpoint {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .get_repository_endpoint()
            .domain(self.repository.domain)
            .set_domain_owner(self.repository.domain_owner)
            .repository(self.repository.repository)
            .format(self.format.as_str().into())
            .set_endpoint_type(self.endpoint_type.map(|value| value.as_str().into()));
        sent(request.send().await)
    }
}

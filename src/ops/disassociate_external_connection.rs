//! `disassociate-external-connection`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::RepositoryArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::DisassociateExternalConnectionOutput;
use crate::api::operation::{Operation, Route};

/// Remove the connection to a public repository
///
/// Packages that were fetched through it stay in the repository.
///
/// Example: `codeartifact disassociate-external-connection --domain my-domain --repository npm-store --external-connection public:npmjs`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DisassociateExternalConnection {
    /// The repository
    #[command(flatten)]
    #[serde(flatten)]
    pub repository: RepositoryArgs,
    /// Public repository to connect to, such as `public:npmjs` or `public:pypi`
    #[arg(long)]
    pub external_connection: String,
}

impl Operation for DisassociateExternalConnection {
    type Output = DisassociateExternalConnectionOutput;
    const NAME: &str = "DisassociateExternalConnection";
    const ROUTE: Route = Route::delete("/v1/repository/external-connection");
    const QUERY: &[&str] = &["domain", "domainOwner", "repository", "externalConnection"];
}

impl Call for DisassociateExternalConnection {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .disassociate_external_connection()
            .domain(self.repository.domain)
            .set_domain_owner(self.repository.domain_owner)
            .repository(self.repository.repository)
            .external_connection(self.external_connection);
        sent(request.send().await)
    }
}

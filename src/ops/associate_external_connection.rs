//! `associate-external-connection`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::RepositoryArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::AssociateExternalConnectionOutput;
use crate::api::operation::{Operation, Route};

/// Connect a repository to a public repository
///
/// Packages that the repository and its upstreams do not have are then fetched from the public
/// repository and kept. A repository has one external connection at the most, and only to a public
/// repository of its kind: connect a repository that is made for this and use it as an upstream of
/// the others.
///
/// Example: `codeartifact associate-external-connection --domain my-domain --repository npm-store --external-connection public:npmjs`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssociateExternalConnection {
    /// The repository
    #[command(flatten)]
    #[serde(flatten)]
    pub repository: RepositoryArgs,
    /// Public repository to connect to, such as `public:npmjs` or `public:pypi`
    #[arg(long)]
    pub external_connection: String,
}

impl Operation for AssociateExternalConnection {
    type Output = AssociateExternalConnectionOutput;
    const NAME: &str = "AssociateExternalConnection";
    const ROUTE: Route = Route::post("/v1/repository/external-connection");
    const QUERY: &[&str] = &["domain", "domainOwner", "repository", "externalConnection"];
}

impl Call for AssociateExternalConnection {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .associate_external_connection()
            .domain(self.repository.domain)
            .set_domain_owner(self.repository.domain_owner)
            .repository(self.repository.repository)
            .external_connection(self.external_connection);
        sent(request.send().await)
    }
}

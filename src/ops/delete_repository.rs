//! `delete-repository`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::RepositoryArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::DeleteRepositoryOutput;
use crate::api::operation::{Operation, Route};

/// Delete a repository with its packages
///
/// Its packages, and the policy it has, are gone for good. A repository that is an upstream of
/// others goes missing from their searches.
///
/// Example: `codeartifact delete-repository --domain my-domain --repository my-repo`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeleteRepository {
    /// The repository
    #[command(flatten)]
    #[serde(flatten)]
    pub repository: RepositoryArgs,
}

impl Operation for DeleteRepository {
    type Output = DeleteRepositoryOutput;
    const NAME: &str = "DeleteRepository";
    const ROUTE: Route = Route::delete("/v1/repository");
    const QUERY: &[&str] = &["domain", "domainOwner", "repository"];
}

impl Call for DeleteRepository {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .delete_repository()
            .domain(self.repository.domain)
            .set_domain_owner(self.repository.domain_owner)
            .repository(self.repository.repository);
        sent(request.send().await)
    }
}

//! `get-repository-permissions-policy`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::RepositoryArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::GetRepositoryPermissionsPolicyOutput;
use crate::api::operation::{Operation, Route};

/// Show the resource policy of a repository
///
/// The policy is the JSON text in `document`; its `revision` can be handed to `put-repository-
/// permissions-policy` to make sure that nobody changed it in between.
///
/// Example: `codeartifact get-repository-permissions-policy --domain my-domain --repository my-repo`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GetRepositoryPermissionsPolicy {
    /// The repository
    #[command(flatten)]
    #[serde(flatten)]
    pub repository: RepositoryArgs,
}

impl Operation for GetRepositoryPermissionsPolicy {
    type Output = GetRepositoryPermissionsPolicyOutput;
    const NAME: &str = "GetRepositoryPermissionsPolicy";
    const ROUTE: Route = Route::get("/v1/repository/permissions/policy");
    const QUERY: &[&str] = &["domain", "domainOwner", "repository"];
}

impl Call for GetRepositoryPermissionsPolicy {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .get_repository_permissions_policy()
            .domain(self.repository.domain)
            .set_domain_owner(self.repository.domain_owner)
            .repository(self.repository.repository);
        sent(request.send().await)
    }
}

//! `delete-repository-permissions-policy`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::RepositoryArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::DeleteRepositoryPermissionsPolicyOutput;
use crate::api::operation::{Operation, Route};

/// Delete the resource policy of a repository
///
/// Whoever had access only through the policy loses it. There is no way back but to put the policy
/// again.
///
/// Example: `codeartifact delete-repository-permissions-policy --domain my-domain --repository my-repo`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeleteRepositoryPermissionsPolicy {
    /// The repository
    #[command(flatten)]
    #[serde(flatten)]
    pub repository: RepositoryArgs,
    /// Revision that the policy must still have, as a guard against changes by others
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_revision: Option<String>,
}

impl Operation for DeleteRepositoryPermissionsPolicy {
    type Output = DeleteRepositoryPermissionsPolicyOutput;
    const NAME: &str = "DeleteRepositoryPermissionsPolicy";
    const ROUTE: Route = Route::delete("/v1/repository/permissions/policies");
    const QUERY: &[&str] = &["domain", "domainOwner", "repository", "policyRevision"];
}

impl Call for DeleteRepositoryPermissionsPolicy {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .delete_repository_permissions_policy()
            .domain(self.repository.domain)
            .set_domain_owner(self.repository.domain_owner)
            .repository(self.repository.repository)
            .set_policy_revision(self.policy_revision);
        sent(request.send().await)
    }
}

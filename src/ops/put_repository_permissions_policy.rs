//! `put-repository-permissions-policy`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::RepositoryArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::PutRepositoryPermissionsPolicyOutput;
use crate::api::operation::{Operation, Route};

/// Set the resource policy of a repository
///
/// The policy replaces the one that is there, whole.
///
/// Example: `codeartifact put-repository-permissions-policy --domain my-domain --repository my-repo --policy-document file://policy.json`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PutRepositoryPermissionsPolicy {
    /// The repository
    #[command(flatten)]
    #[serde(flatten)]
    pub repository: RepositoryArgs,
    /// Revision that the policy must still have, as a guard against changes by others
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_revision: Option<String>,
    /// Policy as JSON text of at most 7,168 characters; most easily `file://policy.json`
    #[arg(long)]
    pub policy_document: String,
}

impl Operation for PutRepositoryPermissionsPolicy {
    type Output = PutRepositoryPermissionsPolicyOutput;
    const NAME: &str = "PutRepositoryPermissionsPolicy";
    const ROUTE: Route = Route::put("/v1/repository/permissions/policy");
    const QUERY: &[&str] = &["domain", "domainOwner", "repository"];
}

impl Call for PutRepositoryPermissionsPolicy {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .put_repository_permissions_policy()
            .domain(self.repository.domain)
            .set_domain_owner(self.repository.domain_owner)
            .repository(self.repository.repository)
            .set_policy_revision(self.policy_revision)
            .policy_document(self.policy_document);
        sent(request.send().await)
    }
}

//! `delete-domain-permissions-policy`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::DomainArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::DeleteDomainPermissionsPolicyOutput;
use crate::api::operation::{Operation, Route};

/// Delete the resource policy of a domain
///
/// Whoever had access only through the policy loses it. There is no way back but to put the policy
/// again.
///
/// Example: `codeartifact delete-domain-permissions-policy --domain my-domain`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeleteDomainPermissionsPolicy {
    /// The domain
    #[command(flatten)]
    #[serde(flatten)]
    pub domain: DomainArgs,
    /// Revision that the policy must still have, as a guard against changes by others
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_revision: Option<String>,
}

impl Operation for DeleteDomainPermissionsPolicy {
    type Output = DeleteDomainPermissionsPolicyOutput;
    const NAME: &str = "DeleteDomainPermissionsPolicy";
    const ROUTE: Route = Route::delete("/v1/domain/permissions/policy");
    const QUERY: &[&str] = &["domain", "domainOwner", "policyRevision"];
}

impl Call for DeleteDomainPermissionsPolicy {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .delete_domain_permissions_policy()
            .domain(self.domain.domain)
            .set_domain_owner(self.domain.domain_owner)
            .set_policy_revision(self.policy_revision);
        sent(request.send().await)
    }
}

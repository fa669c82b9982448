//! `put-domain-permissions-policy`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::DomainArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::PutDomainPermissionsPolicyOutput;
use crate::api::operation::{Operation, Route};

/// Set the resource policy of a domain
///
/// The policy replaces the one that is there, whole.
///
/// Example: `codeartifact put-domain-permissions-policy --domain my-domain --policy-document file://policy.json`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PutDomainPermissionsPolicy {
    /// The domain
    #[command(flatten)]
    #[serde(flatten)]
    pub domain: DomainArgs,
    /// Revision that the policy must still have, as a guard against changes by others
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_revision: Option<String>,
    /// Policy as JSON text of at most 7,168 characters; most easily `file://policy.json`
    #[arg(long)]
    pub policy_document: String,
}

impl Operation for PutDomainPermissionsPolicy {
    type Output = PutDomainPermissionsPolicyOutput;
    const NAME: &str = "PutDomainPermissionsPolicy";
    const ROUTE: Route = Route::put("/v1/domain/permissions/policy");
    const QUERY: &[&str] = &[];
}

impl Call for PutDomainPermissionsPolicy {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .put_domain_permissions_policy()
            .domain(self.domain.domain)
            .set_domain_owner(self.domain.domain_owner)
            .set_policy_revision(self.policy_revision)
            .policy_document(self.policy_document);
        sent(request.send().await)
    }
}

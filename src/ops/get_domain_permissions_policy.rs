//! `get-domain-permissions-policy`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::DomainArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::GetDomainPermissionsPolicyOutput;
use crate::api::operation::{Operation, Route};

/// Show the resource policy of a domain
///
/// The policy is the JSON text in `document`; its `revision` can be handed to `put-domain-
/// permissions-policy` to make sure that nobody changed it in between.
///
/// Example: `codeartifact get-domain-permissions-policy --domain my-domain`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GetDomainPermissionsPolicy {
    /// The domain
    #[command(flatten)]
    #[serde(flatten)]
    pub domain: DomainArgs,
}

impl Operation for GetDomainPermissionsPolicy {
    type Output = GetDomainPermissionsPolicyOutput;
    const NAME: &str = "GetDomainPermissionsPolicy";
    const ROUTE: Route = Route::get("/v1/domain/permissions/policy");
    const QUERY: &[&str] = &["domain", "domainOwner"];
}

impl Call for GetDomainPermissionsPolicy {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .get_domain_permissions_policy()
            .domain(self.domain.domain)
            .set_domain_owner(self.domain.domain_owner);
        sent(request.send().await)
    }
}

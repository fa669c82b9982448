//! `delete-domain`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::DomainArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::DeleteDomainOutput;
use crate::api::operation::{Operation, Route};

/// Delete a domain
///
/// A domain that still holds repositories cannot be deleted.
///
/// Example: `codeartifact delete-domain --domain my-domain`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeleteDomain {
    /// The domain
    #[command(flatten)]
    #[serde(flatten)]
    pub domain: DomainArgs,
}

impl Operation for DeleteDomain {
    type Output = DeleteDomainOutput;
    const NAME: &str = "DeleteDomain";
    const ROUTE: Route = Route::delete("/v1/domain");
    const QUERY: &[&str] = &["domain", "domainOwner"];
}

impl Call for DeleteDomain {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .delete_domain()
            .domain(self.domain.domain)
            .set_domain_owner(self.domain.domain_owner);
        sent(request.send().await)
    }
}

//! `describe-domain`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::DomainArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::DescribeDomainOutput;
use crate::api::operation::{Operation, Route};

/// Show a domain
///
/// Shows its owner, status, encryption key, repository count and the size of its assets.
///
/// Example: `codeartifact describe-domain --domain my-domain`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DescribeDomain {
    /// The domain
    #[command(flatten)]
    #[serde(flatten)]
    pub domain: DomainArgs,
}

impl Operation for DescribeDomain {
    type Output = DescribeDomainOutput;
    const NAME: &str = "DescribeDomain";
    const ROUTE: Route = Route::get("/v1/domain");
    const QUERY: &[&str] = &["domain", "domainOwner"];
}

impl Call for DescribeDomain {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .describe_domain()
            .domain(self.domain.domain)
            .set_domain_owner(self.domain.domain_owner);
        sent(request.send().await)
    }
}

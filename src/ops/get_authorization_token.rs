//! `get-authorization-token`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::DomainArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::GetAuthorizationTokenOutput;
use crate::api::operation::{Operation, Route};

/// Fetch a token for package managers
///
/// The token opens the repositories of the domain as far as the caller may use them. To write it
/// into a package manager's configuration, use `login`.
///
/// Example: `codeartifact get-authorization-token --domain my-domain --query authorizationToken --output text`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GetAuthorizationToken {
    /// The domain
    #[command(flatten)]
    #[serde(flatten)]
    pub domain: DomainArgs,
    /// How long the token is valid, in seconds: 900 to 43200, or 0 for as long as the caller's
    /// session; 12 hours when left out
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<i64>,
}

impl Operation for GetAuthorizationToken {
    type Output = GetAuthorizationTokenOutput;
    const NAME: &str = "GetAuthorizationToken";
    const ROUTE: Route = Route::post("/v1/authorization-token");
    const QUERY: &[&str] = &["domain", "domainOwner", "durationSeconds"];
}

impl Call for GetAuthorizationToken {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .get_authorization_token()
            .domain(self.domain.domain)
            .set_domain_owner(self.domain.domain_owner)
            .set_duration_seconds(self.duration_seconds);
        sent(request.send().await)
    }
}

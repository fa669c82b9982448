//! `list-repositories-in-domain`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::{DomainArgs, PageArgs};
use super::types::narrow;
use super::{Call, Client, Sent, sent};
use crate::api::answers::ListRepositoriesInDomainOutput;
use crate::api::operation::{Operation, Pages, Route};

/// List the repositories of a domain
///
/// Example: `codeartifact list-repositories-in-domain --domain my-domain`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListRepositoriesInDomain {
    /// The domain
    #[command(flatten)]
    #[serde(flatten)]
    pub domain: DomainArgs,
    /// Only repositories that this 12-digit account administers
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub administrator_account: Option<String>,
    /// Only repositories whose name starts with this
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_prefix: Option<String>,
    /// The page
    #[command(flatten)]
    #[serde(flatten)]
    pub page: PageArgs,
}

impl Operation for ListRepositoriesInDomain {
    type Output = ListRepositoriesInDomainOutput;
    const NAME: &str = "ListRepositoriesInDomain";
    const ROUTE: Route = Route::post("/v1/domain/repositories");
    const QUERY: &[&str] = &[
        "domain",
        "domainOwner",
        "administratorAccount",
        "repositoryPrefix",
        "maxResults",
        "nextToken",
    ];
    const PAGES: Option<Pages> = Some(Pages {
        result: "repositories",
        beside: &[],
    });
}

impl Call for ListRepositoriesInDomain {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .list_repositories_in_domain()
            .domain(self.domain.domain)
            .set_domain_owner(self.domain.domain_owner)
            .set_administrator_account(self.administrator_account)
            .set_repository_prefix(self.repository_prefix)
            .set_max_results(self.page.max_results.map(narrow))
            .set_next_token(self.page.next_token);
        sent(request.send().await)
    }
}

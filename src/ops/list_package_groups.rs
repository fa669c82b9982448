//! `list-package-groups`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::{DomainArgs, PageArgs};
use super::types::narrow;
use super::{Call, Client, Sent, sent};
use crate::api::answers::ListPackageGroupsOutput;
use crate::api::operation::{Operation, Pages, Route};

/// List the package groups of a domain
///
/// Example: `codeartifact list-package-groups --domain my-domain --prefix /npm/`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListPackageGroups {
    /// The domain
    #[command(flatten)]
    #[serde(flatten)]
    pub domain: DomainArgs,
    /// The page
    #[command(flatten)]
    #[serde(flatten)]
    pub page: PageArgs,
    /// Only package groups whose pattern starts with this
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
}

impl Operation for ListPackageGroups {
    type Output = ListPackageGroupsOutput;
    const NAME: &str = "ListPackageGroups";
    const ROUTE: Route = Route::post("/v1/package-groups");
    const QUERY: &[&str] = &["domain", "domainOwner", "maxResults", "nextToken", "prefix"];
    const PAGES: Option<Pages> = Some(Pages {
        result: "packageGroups",
        beside: &[],
    });
}

impl Call for ListPackageGroups {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .list_package_groups()
            .domain(self.domain.domain)
            .set_domain_owner(self.domain.domain_owner)
            .set_max_results(self.page.max_results.map(narrow))
            .set_next_token(self.page.next_token)
            .set_prefix(self.prefix);
        sent(request.send().await)
    }
}

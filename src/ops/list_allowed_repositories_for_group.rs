//! `list-allowed-repositories-for-group`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::{DomainArgs, PageArgs};
use super::types::narrow;
use super::{Call, Client, Sent, sent};
use crate::api::answers::ListAllowedRepositoriesForGroupOutput;
use crate::api::operation::{Operation, Pages, Route};

/// List the repositories that a package group allows
///
/// They count where the restriction type has the mode `ALLOW_SPECIFIC_REPOSITORIES`.
///
/// Example: `codeartifact list-allowed-repositories-for-group --domain my-domain --package-group '/npm/*' --origin-restriction-type INTERNAL_UPSTREAM`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListAllowedRepositoriesForGroup {
    /// The domain
    #[command(flatten)]
    #[serde(flatten)]
    pub domain: DomainArgs,
    /// Pattern of the package group, such as `/*`, `/npm/my-scope/*` or `/nuget/my~`
    #[arg(long)]
    pub package_group: String,
    /// Which restriction: `PUBLISH`, `INTERNAL_UPSTREAM` or `EXTERNAL_UPSTREAM`
    #[arg(long)]
    pub origin_restriction_type: String,
    /// The page
    #[command(flatten)]
    #[serde(flatten)]
    pub page: PageArgs,
}

impl Operation for ListAllowedRepositoriesForGroup {
    type Output = ListAllowedRepositoriesForGroupOutput;
    const NAME: &str = "ListAllowedRepositoriesForGroup";
    const ROUTE: Route = Route::get("/v1/package-group-allowed-repositories");
    const QUERY: &[&str] = &[
        "domain",
        "domainOwner",
        "packageGroup",
        "originRestrictionType",
        "maxResults",
        "nextToken",
    ];
    const PAGES: Option<Pages> = Some(Pages {
        result: "allowedRepositories",
        beside: &[],
    });
}

impl Call for ListAllowedRepositoriesForGroup {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .list_allowed_repositories_for_group()
            .domain(self.domain.domain)
            .set_domain_owner(self.domain.domain_owner)
            .package_group(self.package_group)
            .origin_restriction_type(self.origin_restriction_type.as_str().into())
            .set_max_results(self.page.max_results.map(narrow))
            .set_next_token(self.page.next_token);
        sent(request.send().await)
    }
}

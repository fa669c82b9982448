//! `list-sub-package-groups`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::{DomainArgs, PageArgs};
use super::types::narrow;
use super::{Call, Client, Sent, sent};
use crate::api::answers::ListSubPackageGroupsOutput;
use crate::api::operation::{Operation, Pages, Route};

/// List the direct children of a package group
///
/// Example: `codeartifact list-sub-package-groups --domain my-domain --package-group '/*'`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListSubPackageGroups {
    /// The domain
    #[command(flatten)]
    #[serde(flatten)]
    pub domain: DomainArgs,
    /// Pattern of the package group, such as `/*`, `/npm/my-scope/*` or `/nuget/my~`
    #[arg(long)]
    pub package_group: String,
    /// The page
    #[command(flatten)]
    #[serde(flatten)]
    pub page: PageArgs,
}

impl Operation for ListSubPackageGroups {
    type Output = ListSubPackageGroupsOutput;
    const NAME: &str = "ListSubPackageGroups";
    const ROUTE: Route = Route::post("/v1/package-groups/sub-groups");
    const QUERY: &[&str] = &[
        "domain",
        "domainOwner",
        "packageGroup",
        "maxResults",
        "nextToken",
    ];
    const PAGES: Option<Pages> = Some(Pages {
        result: "packageGroups",
        beside: &[],
    });
}

impl Call for ListSubPackageGroups {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .list_sub_package_groups()
            .domain(self.domain.domain)
            .set_domain_owner(self.domain.domain_owner)
            .package_group(self.package_group)
            .set_max_results(self.page.max_results.map(narrow))
            .set_next_token(self.page.next_token);
        sent(request.send().await)
    }
}

//! `list-associated-packages`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::{DomainArgs, PageArgs};
use super::types::narrow;
use super::{Call, Client, Sent, sent};
use crate::api::answers::ListAssociatedPackagesOutput;
use crate::api::operation::{Operation, Pages, Route};

/// List the packages of a package group
///
/// With `--preview` the group need not exist: the list shows what would belong to it.
///
/// Example: `codeartifact list-associated-packages --domain my-domain --package-group '/npm/my-scope/*'`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListAssociatedPackages {
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
    /// Show what would belong to the pattern, whether or not the group exists
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<bool>,
}

impl Operation for ListAssociatedPackages {
    type Output = ListAssociatedPackagesOutput;
    const NAME: &str = "ListAssociatedPackages";
    const ROUTE: Route = Route::get("/v1/list-associated-packages");
    const QUERY: &[&str] = &[
        "domain",
        "domainOwner",
        "packageGroup",
        "maxResults",
        "nextToken",
        "preview",
    ];
    const PAGES: Option<Pages> = Some(Pages {
        result: "packages",
        beside: &[],
    });
}

impl Call for ListAssociatedPackages {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .list_associated_packages()
            .domain(self.domain.domain)
            .set_domain_owner(self.domain.domain_owner)
            .package_group(self.package_group)
            .set_max_results(self.page.max_results.map(narrow))
            .set_next_token(self.page.next_token)
            .set_preview(self.preview);
        sent(request.send().await)
    }
}

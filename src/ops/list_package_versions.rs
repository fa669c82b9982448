//! `list-package-versions`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::{PackageArgs, PageArgs};
use super::types::narrow;
use super::{Call, Client, Sent, sent};
use crate::api::answers::ListPackageVersionsOutput;
use crate::api::operation::{Operation, Pages, Route};

/// List the versions of a package
///
/// Example: `codeartifact list-package-versions --domain my-domain --repository my-repo --format npm --package my-package --sort-by PUBLISHED_TIME`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListPackageVersions {
    /// The package
    #[command(flatten)]
    #[serde(flatten)]
    pub package: PackageArgs,
    /// Only versions that have this status
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Sort the versions by `PUBLISHED_TIME`, newest first
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort_by: Option<String>,
    /// The page
    #[command(flatten)]
    #[serde(flatten)]
    pub page: PageArgs,
    /// Only versions that came in this way: `INTERNAL` published directly, `EXTERNAL` from a public
    /// repository
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_type: Option<String>,
}

impl Operation for ListPackageVersions {
    type Output = ListPackageVersionsOutput;
    const NAME: &str = "ListPackageVersions";
    const ROUTE: Route = Route::post("/v1/package/versions");
    const QUERY: &[&str] = &[
        "domain",
        "domainOwner",
        "repository",
        "format",
        "namespace",
        "package",
        "status",
        "sortBy",
        "maxResults",
        "nextToken",
        "originType",
    ];
    const PAGES: Option<Pages> = Some(Pages {
        result: "versions",
        beside: &["defaultDisplayVersion", "format", "package", "namespace"],
    });
}

impl Call for ListPackageVersions {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .list_package_versions()
            .domain(self.package.domain)
            .set_domain_owner(self.package.domain_owner)
            .repository(self.package.repository)
            .format(self.package.format.as_str().into())
            .set_namespace(self.package.namespace)
            .package(self.package.package)
            .set_status(self.status.map(|value| value.as_str().into()))
            .set_sort_by(self.sort_by.map(|value| value.as_str().into()))
            .set_max_results(self.page.max_results.map(narrow))
            .set_next_token(self.page.next_token)
            .set_origin_type(self.origin_type.map(|value| value.as_str().into()));
        sent(request.send().await)
    }
}

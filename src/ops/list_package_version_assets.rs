//! `list-package-version-assets`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::{PackageVersionArgs, PageArgs};
use super::types::narrow;
use super::{Call, Client, Sent, sent};
use crate::api::answers::ListPackageVersionAssetsOutput;
use crate::api::operation::{Operation, Pages, Route};

/// List the assets of a package version
///
/// Shows the name, size and hashes of each file.
///
/// Example: `codeartifact list-package-version-assets --domain my-domain --repository my-repo --format npm --package my-package --package-version 1.0.0`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListPackageVersionAssets {
    /// The package version
    #[command(flatten)]
    #[serde(flatten)]
    pub version: PackageVersionArgs,
    /// The page
    #[command(flatten)]
    #[serde(flatten)]
    pub page: PageArgs,
}

impl Operation for ListPackageVersionAssets {
    type Output = ListPackageVersionAssetsOutput;
    const NAME: &str = "ListPackageVersionAssets";
    const ROUTE: Route = Route::post("/v1/package/version/assets");
    const QUERY: &[&str] = &[
        "domain",
        "domainOwner",
        "repository",
        "format",
        "namespace",
        "package",
        "packageVersion",
        "maxResults",
        "nextToken",
    ];
    const PAGES: Option<Pages> = Some(Pages {
        result: "assets",
        beside: &[
            "package",
            "format",
            "namespace",
            "version",
            "versionRevision",
        ],
    });
}

impl Call for ListPackageVersionAssets {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .list_package_version_assets()
            .domain(self.version.domain)
            .set_domain_owner(self.version.domain_owner)
            .repository(self.version.repository)
            .format(self.version.format.as_str().into())
            .set_namespace(self.version.namespace)
            .package(self.version.package)
            .package_version(self.version.package_version)
            .set_max_results(self.page.max_results.map(narrow))
            .set_next_token(self.page.next_token);
        sent(request.send().await)
    }
}

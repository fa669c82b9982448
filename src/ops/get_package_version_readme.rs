//! `get-package-version-readme`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::PackageVersionArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::GetPackageVersionReadmeOutput;
use crate::api::operation::{Operation, Route};

/// Show the readme of a package version
///
/// The text comes in the format in which it was published, such as Markdown.
///
/// Example: `codeartifact get-package-version-readme --domain my-domain --repository my-repo --format npm --package my-package --package-version 1.0.0`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GetPackageVersionReadme {
    /// The package version
    #[command(flatten)]
    #[serde(flatten)]
    pub version: PackageVersionArgs,
}

impl Operation for GetPackageVersionReadme {
    type Output = GetPackageVersionReadmeOutput;
    const NAME: &str = "GetPackageVersionReadme";
    const ROUTE: Route = Route::get("/v1/package/version/readme");
    const QUERY: &[&str] = &[
        "domain",
        "domainOwner",
        "repository",
        "format",
        "namespace",
        "package",
        "packageVersion",
    ];
}

impl Call for GetPackageVersionReadme {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .get_package_version_readme()
            .domain(self.version.domain)
            .set_domain_owner(self.version.domain_owner)
            .repository(self.version.repository)
            .format(self.version.format.as_str().into())
            .set_namespace(self.version.namespace)
            .package(self.version.package)
            .package_version(self.version.package_version);
        sent(request.send().await)
    }
}

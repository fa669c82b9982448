//! `describe-package-version`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::PackageVersionArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::DescribePackageVersionOutput;
use crate::api::operation::{Operation, Route};

/// Show a package version
///
/// Shows its status, revision, origin, licences, home page and when it was published.
///
/// Example: `codeartifact describe-package-version --domain my-domain --repository my-repo --format npm --package my-package --package-version 1.0.0`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DescribePackageVersion {
    /// The package version
    #[command(flatten)]
    #[serde(flatten)]
    pub version: PackageVersionArgs,
}

impl Operation for DescribePackageVersion {
    type Output = DescribePackageVersionOutput;
    const NAME: &str = "DescribePackageVersion";
    const ROUTE: Route = Route::get("/v1/package/version");
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

impl Call for DescribePackageVersion {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .describe_package_version()
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

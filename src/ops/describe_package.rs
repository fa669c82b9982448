//! `describe-package`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::PackageArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::DescribePackageOutput;
use crate::api::operation::{Operation, Route};

/// Show a package
///
/// Shows its format, namespace, name and origin configuration.
///
/// Example: `codeartifact describe-package --domain my-domain --repository my-repo --format npm --package my-package`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DescribePackage {
    /// The package
    #[command(flatten)]
    #[serde(flatten)]
    pub package: PackageArgs,
}

impl Operation for DescribePackage {
    type Output = DescribePackageOutput;
    const NAME: &str = "DescribePackage";
    const ROUTE: Route = Route::get("/v1/package");
    const QUERY: &[&str] = &[
        "domain",
        "domainOwner",
        "repository",
        "format",
        "namespace",
        "package",
    ];
}

impl Call for DescribePackage {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .describe_package()
            .domain(self.package.domain)
            .set_domain_owner(self.package.domain_owner)
            .repository(self.package.repository)
            .format(self.package.format.as_str().into())
            .set_namespace(self.package.namespace)
            .package(self.package.package);
        sent(request.send().await)
    }
}

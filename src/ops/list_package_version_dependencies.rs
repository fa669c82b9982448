//! `list-package-version-dependencies`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::PackageVersionArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::ListPackageVersionDependenciesOutput;
use crate::api::operation::{Operation, Route};

/// List the dependencies of a package version
///
/// They are taken from what the package itself declares. The type of a dependency, such as
/// `regular`, `dev` or `peer`, depends on the format.
///
/// Example: `codeartifact list-package-version-dependencies --domain my-domain --repository my-repo --format npm --package my-package --package-version 1.0.0`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListPackageVersionDependencies {
    /// The package version
    #[command(flatten)]
    #[serde(flatten)]
    pub version: PackageVersionArgs,
    /// Token from an earlier answer, to go on after it; turns automatic paging off
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

impl Operation for ListPackageVersionDependencies {
    type Output = ListPackageVersionDependenciesOutput;
    const NAME: &str = "ListPackageVersionDependencies";
    const ROUTE: Route = Route::post("/v1/package/version/dependencies");
    const QUERY: &[&str] = &[
        "domain",
        "domainOwner",
        "repository",
        "format",
        "namespace",
        "package",
        "packageVersion",
        "nextToken",
    ];
}

impl Call for ListPackageVersionDependencies {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .list_package_version_dependencies()
            .domain(self.version.domain)
            .set_domain_owner(self.version.domain_owner)
            .repository(self.version.repository)
            .format(self.version.format.as_str().into())
            .set_namespace(self.version.namespace)
            .package(self.version.package)
            .package_version(self.version.package_version)
            .set_next_token(self.next_token);
        sent(request.send().await)
    }
}

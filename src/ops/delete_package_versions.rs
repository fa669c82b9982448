//! `delete-package-versions`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::{PackageArgs, raw};
use super::{Call, Client, Sent, sent};
use crate::api::answers::DeletePackageVersionsOutput;
use crate::api::operation::{Operation, Route};

/// Delete versions of a package
///
/// A deleted version cannot be restored; published again, it counts as new. To keep its record but
/// not its assets, use `dispose-package-versions`. At most 100 versions can be deleted in one call.
///
/// Example: `codeartifact delete-package-versions --domain my-domain --repository my-repo --format npm --package my-package --versions 1.0.0 1.1.0`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletePackageVersions {
    /// The package
    #[command(flatten)]
    #[serde(flatten)]
    pub package: PackageArgs,
    /// Versions, separated by spaces; at most 100
    #[arg(long, value_parser = raw(), required = true)]
    pub versions: Vec<String>,
    /// Act only on versions that have this status now
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_status: Option<String>,
}

impl Operation for DeletePackageVersions {
    type Output = DeletePackageVersionsOutput;
    const NAME: &str = "DeletePackageVersions";
    const ROUTE: Route = Route::post("/v1/package/versions/delete");
    const QUERY: &[&str] = &[
        "domain",
        "domainOwner",
        "repository",
        "format",
        "namespace",
        "package",
    ];
}

impl Call for DeletePackageVersions {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .delete_package_versions()
            .domain(self.package.domain)
            .set_domain_owner(self.package.domain_owner)
            .repository(self.package.repository)
            .format(self.package.format.as_str().into())
            .set_namespace(self.package.namespace)
            .package(self.package.package)
            .set_versions(Some(self.versions))
            .set_expected_status(self.expected_status.map(|value| value.as_str().into()));
        sent(request.send().await)
    }
}

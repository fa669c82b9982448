//! `delete-package`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::PackageArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::DeletePackageOutput;
use crate::api::operation::{Operation, Route};

/// Delete a package with all its versions
///
/// The package goes from this repository only, with its versions and its origin configuration. It
/// cannot be restored. To delete single versions, use `delete-package-versions`.
///
/// Example: `codeartifact delete-package --domain my-domain --repository my-repo --format npm --package my-package`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletePackage {
    /// The package
    #[command(flatten)]
    #[serde(flatten)]
    pub package: PackageArgs,
}

impl Operation for DeletePackage {
    type Output = DeletePackageOutput;
    const NAME: &str = "DeletePackage";
    const ROUTE: Route = Route::delete("/v1/package");
    const QUERY: &[&str] = &[
        "domain",
        "domainOwner",
        "repository",
        "format",
        "namespace",
        "package",
    ];
}

impl Call for DeletePackage {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .delete_package()
            .domain(self.package.domain)
            .set_domain_owner(self.package.domain_owner)
            .repository(self.package.repository)
            .format(self.package.format.as_str().into())
            .set_namespace(self.package.namespace)
            .package(self.package.package);
        sent(request.send().await)
    }
}

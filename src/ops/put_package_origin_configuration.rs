//! `put-package-origin-configuration`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::{PackageArgs, raw};
use super::types;
use super::{Call, Client, Sent, sent};
use crate::api::answers::PutPackageOriginConfigurationOutput;
use crate::api::operation::{Operation, Route};
use crate::api::shapes::PackageOriginRestrictions;

/// Set how versions of a package may come into a repository
///
/// `publish` is about versions that are published to the repository directly, `upstream` about
/// those that come from upstream repositories or a public one. Both have to be given.
///
/// Example: `codeartifact put-package-origin-configuration --domain my-domain --repository my-repo --format npm --package my-package --restrictions publish=ALLOW,upstream=BLOCK`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PutPackageOriginConfiguration {
    /// The package
    #[command(flatten)]
    #[serde(flatten)]
    pub package: PackageArgs,
    /// Both restrictions, as `publish=ALLOW|BLOCK,upstream=ALLOW|BLOCK`
    #[arg(long, value_parser = raw())]
    pub restrictions: PackageOriginRestrictions,
}

impl Operation for PutPackageOriginConfiguration {
    type Output = PutPackageOriginConfigurationOutput;
    const NAME: &str = "PutPackageOriginConfiguration";
    const ROUTE: Route = Route::post("/v1/package");
    const QUERY: &[&str] = &[
        "domain",
        "domainOwner",
        "repository",
        "format",
        "namespace",
        "package",
    ];
}

impl Call for PutPackageOriginConfiguration {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .put_package_origin_configuration()
            .domain(self.package.domain)
            .set_domain_owner(self.package.domain_owner)
            .repository(self.package.repository)
            .format(self.package.format.as_str().into())
            .set_namespace(self.package.namespace)
            .package(self.package.package)
            .restrictions(types::package_restrictions(self.restrictions)?);
        sent(request.send().await)
    }
}

//! `dispose-package-versions`

use std::collections::BTreeMap;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::{PackageArgs, raw};
use super::{Call, Client, Sent, sent};
use crate::api::answers::DisposePackageVersionsOutput;
use crate::api::operation::{Operation, Route};

/// Delete the assets of package versions and keep their record
///
/// A disposed version is listed with the status `Disposed`, cannot be downloaded, and its number
/// cannot be published again. Disposing cannot be undone. At most 100 versions can be disposed of
/// in one call.
///
/// Example: `codeartifact dispose-package-versions --domain my-domain --repository my-repo --format npm --package my-package --versions 1.0.0`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DisposePackageVersions {
    /// The package
    #[command(flatten)]
    #[serde(flatten)]
    pub package: PackageArgs,
    /// Versions, separated by spaces; at most 100
    #[arg(long, value_parser = raw(), required = true)]
    pub versions: Vec<String>,
    /// Versions with the revision that each must have, as `VERSION=REVISION,VERSION=REVISION`
    #[arg(long, value_parser = raw())]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_revisions: Option<BTreeMap<String, String>>,
    /// Act only on versions that have this status now
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_status: Option<String>,
}

impl Operation for DisposePackageVersions {
    type Output = DisposePackageVersionsOutput;
    const NAME: &str = "DisposePackageVersions";
    const ROUTE: Route = Route::post("/v1/package/versions/dispose");
    const QUERY: &[&str] = &[
        "domain",
        "domainOwner",
        "repository",
        "format",
        "namespace",
        "package",
    ];
}

impl Call for DisposePackageVersions {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .dispose_package_versions()
            .domain(self.package.domain)
            .set_domain_owner(self.package.domain_owner)
            .repository(self.package.repository)
            .format(self.package.format.as_str().into())
            .set_namespace(self.package.namespace)
            .package(self.package.package)
            .set_versions(Some(self.versions))
            .set_version_revisions(self.version_revisions.map(|map| map.into_iter().collect()))
            .set_expected_status(self.expected_status.map(|value| value.as_str().into()));
        sent(request.send().await)
    }
}

//! `update-package-versions-status`

use std::collections::BTreeMap;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::{PackageArgs, raw};
use super::{Call, Client, Sent, sent};
use crate::api::answers::UpdatePackageVersionsStatusOutput;
use crate::api::operation::{Operation, Route};

/// Set the status of package versions
///
/// Possible are the statuses `Published`, `Unlisted` and `Archived`. An archived version cannot be
/// downloaded; an unlisted one can, but is not offered. At most 100 versions can be updated in one
/// call.
///
/// Example: `codeartifact update-package-versions-status --domain my-domain --repository my-repo --format npm --package my-package --versions 1.0.0 --target-status Archived`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePackageVersionsStatus {
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
    /// Status that the versions get: `Published`, `Unlisted` or `Archived`
    #[arg(long)]
    pub target_status: String,
}

impl Operation for UpdatePackageVersionsStatus {
    type Output = UpdatePackageVersionsStatusOutput;
    const NAME: &str = "UpdatePackageVersionsStatus";
    const ROUTE: Route = Route::post("/v1/package/versions/update_status");
    const QUERY: &[&str] = &[
        "domain",
        "domainOwner",
        "repository",
        "format",
        "namespace",
        "package",
    ];
}

impl Call for UpdatePackageVersionsStatus {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .update_package_versions_status()
            .domain(self.package.domain)
            .set_domain_owner(self.package.domain_owner)
            .repository(self.package.repository)
            .format(self.package.format.as_str().into())
            .set_namespace(self.package.namespace)
            .package(self.package.package)
            .set_versions(Some(self.versions))
            .set_version_revisions(self.version_revisions.map(|map| map.into_iter().collect()))
            .set_expected_status(self.expected_status.map(|value| value.as_str().into()))
            .target_status(self.target_status.as_str().into());
        sent(request.send().await)
    }
}

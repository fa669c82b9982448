//! `copy-package-versions`

use std::collections::BTreeMap;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::{DomainArgs, raw};
use super::{Call, Client, Sent, sent};
use crate::api::answers::CopyPackageVersionsOutput;
use crate::api::operation::{Operation, Route};

/// Copy package versions between two repositories of a domain
///
/// Give either the versions or a map of versions to revisions, not both. The copy is bound to the
/// source as it is now: it does not follow later changes. At most 100 versions can be copied in one
/// call.
///
/// Example: `codeartifact copy-package-versions --domain my-domain --source-repository staging --destination-repository release --format npm --package my-package --versions 1.0.0 1.1.0`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CopyPackageVersions {
    /// The domain
    #[command(flatten)]
    #[serde(flatten)]
    pub domain: DomainArgs,
    /// Repository that has the versions
    #[arg(long)]
    pub source_repository: String,
    /// Repository that receives the copies
    #[arg(long)]
    pub destination_repository: String,
    /// Format of the package
    #[arg(long)]
    pub format: String,
    /// Namespace of the package: an npm scope without `@`, a Maven group ID, a Swift scope; formats
    /// without namespaces have none
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Name of the package: at most 255 characters, without its namespace
    #[arg(long)]
    pub package: String,
    /// Versions, separated by spaces; at most 100
    #[arg(long, value_parser = raw())]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub versions: Option<Vec<String>>,
    /// Versions with the revision that each must have, as `VERSION=REVISION,VERSION=REVISION`
    #[arg(long, value_parser = raw())]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_revisions: Option<BTreeMap<String, String>>,
    /// Replace a version that the destination has with other content, instead of failing for it
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_overwrite: Option<bool>,
    /// Look for the versions in the upstreams of the source repository too
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_from_upstream: Option<bool>,
}

impl Operation for CopyPackageVersions {
    type Output = CopyPackageVersionsOutput;
    const NAME: &str = "CopyPackageVersions";
    const ROUTE: Route = Route::post("/v1/package/versions/copy");
    const QUERY: &[&str] = &[
        "domain",
        "domainOwner",
        "sourceRepository",
        "destinationRepository",
        "format",
        "namespace",
        "package",
    ];
}

impl Call for CopyPackageVersions {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .copy_package_versions()
            .domain(self.domain.domain)
            .set_domain_owner(self.domain.domain_owner)
            .source_repository(self.source_repository)
            .destination_repository(self.destination_repository)
            .format(self.format.as_str().into())
            .set_namespace(self.namespace)
            .package(self.package)
            .set_versions(self.versions)
            .set_version_revisions(self.version_revisions.map(|map| map.into_iter().collect()))
            .set_allow_overwrite(self.allow_overwrite)
            .set_include_from_upstream(self.include_from_upstream);
        sent(request.send().await)
    }
}

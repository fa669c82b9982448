//! `get-package-version-asset`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::PackageVersionArgs;
use super::{Client, SendFailure};
use crate::api::answers::GetPackageVersionAssetOutput;
use crate::api::operation::{Operation, Route};
use aws_sdk_codeartifact::operation::get_package_version_asset::GetPackageVersionAssetOutput as GetPackageVersionAssetAnswer;

/// Download an asset of a package version
///
/// The asset appears under the name of the outfile only when it has arrived whole and its SHA-256
/// is the one that the repository lists.
///
/// Example: `codeartifact get-package-version-asset --domain my-domain --repository my-repo --format npm --package my-package --package-version 1.0.0 --asset package.tgz package.tgz`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GetPackageVersionAsset {
    /// The package version
    #[command(flatten)]
    #[serde(flatten)]
    pub version: PackageVersionArgs,
    /// Name of the asset, such as `package.tgz`
    #[arg(long)]
    pub asset: String,
    /// Revision that the version must have
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_version_revision: Option<String>,
}

impl Operation for GetPackageVersionAsset {
    type Output = GetPackageVersionAssetOutput;
    const NAME: &str = "GetPackageVersionAsset";
    const ROUTE: Route = Route::get("/v1/package/version/asset");
    const QUERY: &[&str] = &[
        "domain",
        "domainOwner",
        "repository",
        "format",
        "namespace",
        "package",
        "packageVersion",
        "asset",
        "packageVersionRevision",
    ];
}

impl GetPackageVersionAsset {
    /// Starts the download; the asset's bytes follow in the answer's stream.
    pub async fn download(self, aws: Client) -> Result<GetPackageVersionAssetAnswer, SendFailure> {
        let request = aws
            .get_package_version_asset()
            .domain(self.version.domain)
            .set_domain_owner(self.version.domain_owner)
            .repository(self.version.repository)
            .format(self.version.format.as_str().into())
            .set_namespace(self.version.namespace)
            .package(self.version.package)
            .package_version(self.version.package_version)
            .asset(self.asset)
            .set_package_version_revision(self.package_version_revision);
        request.send().await.map_err(SendFailure::from)
    }
}

//! `publish-package-version`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::{PackageVersionArgs};
use aws_sdk_codeartifact::primitives::ByteStream;
use super::{Client, Sent, sent};
use crate::api::answers::PublishPackageVersionOutput;
use crate::api::operation::{Operation, Route};

/// Publish an asset of a generic package version
///
/// The asset is streamed from its file. Its SHA-256 is computed from the file when it is left out.
/// Give `--unfinished` for every asset but the last, which finishes the version.
///
/// Example: `codeartifact publish-package-version --domain my-domain --repository my-repo --format generic --namespace my-ns --package my-package --package-version 1.0.0 --asset-content archive.tar.gz --asset-name archive.tar.gz`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PublishPackageVersion {
    /// The package version
    #[command(flatten)]
    #[serde(flatten)]
    pub version: PackageVersionArgs,
    /// File to upload; it is streamed, up to 5 GB
    #[arg(long)]
    #[serde(default)]
    pub asset_content: String,
    /// Name that the asset gets: up to 255 characters of its own kind, see the generic format in
    /// the user guide
    #[arg(long)]
    pub asset_name: String,
    /// SHA-256 of the file, 64 hexadecimal digits; computed when left out
    #[arg(long)]
    #[serde(rename = "assetSHA256", skip_serializing_if = "Option::is_none")]
    pub asset_sha256: Option<String>,
    /// Leave the version unfinished, so that more assets can be published to it
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<bool>,
}

impl Operation for PublishPackageVersion {
    type Output = PublishPackageVersionOutput;
    const NAME: &str = "PublishPackageVersion";
    const ROUTE: Route = Route::post("/v1/package/version/publish");
    const QUERY: &[&str] = &["domain", "domainOwner", "repository", "format", "namespace", "package", "packageVersion", "assetName", "unfinished"];
}

impl PublishPackageVersion {
    /// Uploads the asset. The SDK sends `asset_sha256` as the signature's payload hash, so
    /// that the service checks it against the bytes that arrive.
    pub async fn upload(self, aws: Client, content: ByteStream) -> Sent {
        let request = aws
            .publish_package_version()
            .domain(self.version.domain)
            .set_domain_owner(self.version.domain_owner)
            .repository(self.version.repository)
            .format(self.version.format.as_str().into())
            .set_namespace(self.version.namespace)
            .package(self.version.package)
            .package_version(self.version.package_version)
            .asset_name(self.asset_name)
            .set_asset_sha256(self.asset_sha256)
            .set_unfinished(self.unfinished)
            .asset_content(content);
        sent(request.send().await)
    }
}

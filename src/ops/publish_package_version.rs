//! `publish-package-version`

use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_sdk_codeartifact::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_codeartifact::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_codeartifact::error::BoxError;
use aws_sdk_codeartifact::primitives::ByteStream;
use aws_sigv4::http_request::SignableBody;
use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::PackageVersionArgs;
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
    const QUERY: &[&str] = &[
        "domain",
        "domainOwner",
        "repository",
        "format",
        "namespace",
        "package",
        "packageVersion",
        "assetName",
        "unfinished",
    ];
}

impl PublishPackageVersion {
    /// Uploads the asset. Its SHA-256 travels in `x-amz-content-sha256` and is part of the
    /// signature, so that the service can compare it with the bytes that arrive.
    pub async fn upload(self, aws: Client, content: ByteStream) -> Sent {
        let signed = self.asset_sha256.clone().map(SignedHash);
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
            .asset_content(content)
            .customize();
        let request = match signed {
            Some(hash) => request.interceptor(hash),
            None => request,
        };
        sent(request.send().await)
    }
}

/// Signs a streamed body by the hash that is declared for it. Left to itself the SDK signs a
/// stream as `UNSIGNED-PAYLOAD`, which contradicts the declared hash.
#[derive(Debug)]
struct SignedHash(String);

impl Intercept for SignedHash {
    fn name(&self) -> &'static str {
        "SignedHash"
    }

    fn modify_before_signing(
        &self,
        _context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(mut signing) = bag.load::<SigV4OperationSigningConfig>().cloned() {
            signing.signing_options.payload_override =
                Some(SignableBody::Precomputed(self.0.clone()));
            bag.interceptor_state().store_put(signing);
        }
        Ok(())
    }
}

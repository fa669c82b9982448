//! `get-associated-package-group`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::DomainArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::GetAssociatedPackageGroupOutput;
use crate::api::operation::{Operation, Route};

/// Show the package group that a package belongs to
///
/// The package need not exist: the most specific pattern that its name matches decides.
///
/// Example: `codeartifact get-associated-package-group --domain my-domain --format npm --namespace my-scope --package my-package`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GetAssociatedPackageGroup {
    /// The domain
    #[command(flatten)]
    #[serde(flatten)]
    pub domain: DomainArgs,
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
}

impl Operation for GetAssociatedPackageGroup {
    type Output = GetAssociatedPackageGroupOutput;
    const NAME: &str = "GetAssociatedPackageGroup";
    const ROUTE: Route = Route::get("/v1/get-associated-package-group");
    const QUERY: &[&str] = &["domain", "domainOwner", "format", "namespace", "package"];
}

impl Call for GetAssociatedPackageGroup {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .get_associated_package_group()
            .domain(self.domain.domain)
            .set_domain_owner(self.domain.domain_owner)
            .format(self.format.as_str().into())
            .set_namespace(self.namespace)
            .package(self.package);
        sent(request.send().await)
    }
}

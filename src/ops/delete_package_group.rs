//! `delete-package-group`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::DomainArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::DeletePackageGroupOutput;
use crate::api::operation::{Operation, Route};

/// Delete a package group
///
/// Its packages fall to the next less specific group. The root group, `/*`, cannot be deleted.
///
/// Example: `codeartifact delete-package-group --domain my-domain --package-group '/nuget/*'`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletePackageGroup {
    /// The domain
    #[command(flatten)]
    #[serde(flatten)]
    pub domain: DomainArgs,
    /// Pattern of the package group, such as `/*`, `/npm/my-scope/*` or `/nuget/my~`
    #[arg(long)]
    pub package_group: String,
}

impl Operation for DeletePackageGroup {
    type Output = DeletePackageGroupOutput;
    const NAME: &str = "DeletePackageGroup";
    const ROUTE: Route = Route::delete("/v1/package-group");
    const QUERY: &[&str] = &["domain", "domainOwner", "packageGroup"];
}

impl Call for DeletePackageGroup {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .delete_package_group()
            .domain(self.domain.domain)
            .set_domain_owner(self.domain.domain_owner)
            .package_group(self.package_group);
        sent(request.send().await)
    }
}

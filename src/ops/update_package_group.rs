//! `update-package-group`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::DomainArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::UpdatePackageGroupOutput;
use crate::api::operation::{Operation, Route};

/// Change the contact information or description of a package group
///
/// What is not given stays. The pattern cannot be changed.
///
/// Example: `codeartifact update-package-group --domain my-domain --package-group '/nuget/*' --contact-info team@example.com`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePackageGroup {
    /// The domain
    #[command(flatten)]
    #[serde(flatten)]
    pub domain: DomainArgs,
    /// Pattern of the package group, such as `/*`, `/npm/my-scope/*` or `/nuget/my~`
    #[arg(long)]
    pub package_group: String,
    /// Whom to ask about the package group: at most 1,000 characters
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_info: Option<String>,
    /// Description in at most 1,000 characters
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Operation for UpdatePackageGroup {
    type Output = UpdatePackageGroupOutput;
    const NAME: &str = "UpdatePackageGroup";
    const ROUTE: Route = Route::put("/v1/package-group");
    const QUERY: &[&str] = &["domain", "domainOwner"];
}

impl Call for UpdatePackageGroup {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .update_package_group()
            .domain(self.domain.domain)
            .set_domain_owner(self.domain.domain_owner)
            .package_group(self.package_group)
            .set_contact_info(self.contact_info)
            .set_description(self.description);
        sent(request.send().await)
    }
}

//! `create-package-group`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::{DomainArgs, raw};
use super::types;
use super::{Call, Client, Sent, sent};
use crate::api::answers::CreatePackageGroupOutput;
use crate::api::operation::{Operation, Route};
use crate::api::shapes::Tag;

/// Create a package group
///
/// A package group configures all packages that match its pattern, such as `/npm/my-scope/*`.
/// Packages belong to the group with the most specific matching pattern.
///
/// Example: `codeartifact create-package-group --domain my-domain --package-group '/nuget/*' --contact-info team@example.com`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatePackageGroup {
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
    /// Tags for the new resource, each as `key=KEY,value=VALUE`; at most 200
    #[arg(long, value_parser = raw())]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
}

impl Operation for CreatePackageGroup {
    type Output = CreatePackageGroupOutput;
    const NAME: &str = "CreatePackageGroup";
    const ROUTE: Route = Route::post("/v1/package-group");
    const QUERY: &[&str] = &["domain", "domainOwner"];
}

impl Call for CreatePackageGroup {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .create_package_group()
            .domain(self.domain.domain)
            .set_domain_owner(self.domain.domain_owner)
            .package_group(self.package_group)
            .set_contact_info(self.contact_info)
            .set_description(self.description)
            .set_tags(
                self.tags
                    .map(|items| items.into_iter().map(types::tag).collect::<Result<_, _>>())
                    .transpose()?,
            );
        sent(request.send().await)
    }
}

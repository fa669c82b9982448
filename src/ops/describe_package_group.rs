//! `describe-package-group`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::DomainArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::DescribePackageGroupOutput;
use crate::api::operation::{Operation, Route};

/// Show a package group
///
/// Shows its contact information, parent group, and the origin restrictions that are in force for
/// it with the groups they come from.
///
/// Example: `codeartifact describe-package-group --domain my-domain --package-group '/npm/my-scope/*'`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DescribePackageGroup {
    /// The domain
    #[command(flatten)]
    #[serde(flatten)]
    pub domain: DomainArgs,
    /// Pattern of the package group, such as `/*`, `/npm/my-scope/*` or `/nuget/my~`
    #[arg(long)]
    pub package_group: String,
}

impl Operation for DescribePackageGroup {
    type Output = DescribePackageGroupOutput;
    const NAME: &str = "DescribePackageGroup";
    const ROUTE: Route = Route::get("/v1/package-group");
    const QUERY: &[&str] = &["domain", "domainOwner", "packageGroup"];
}

impl Call for DescribePackageGroup {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .describe_package_group()
            .domain(self.domain.domain)
            .set_domain_owner(self.domain.domain_owner)
            .package_group(self.package_group);
        sent(request.send().await)
    }
}

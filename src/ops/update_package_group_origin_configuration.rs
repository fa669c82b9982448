//! `update-package-group-origin-configuration`

use std::collections::BTreeMap;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::{DomainArgs, raw};
use super::types;
use super::{Call, Client, Sent, sent};
use crate::api::answers::UpdatePackageGroupOriginConfigurationOutput;
use crate::api::operation::{Operation, Route};
use crate::api::shapes::PackageGroupAllowedRepository;

/// Set how versions of the packages of a group may come in
///
/// Restriction types that are not given stay as they are. Allowed repositories are added and
/// removed together with the restrictions.
///
/// Example: `codeartifact update-package-group-origin-configuration --domain my-domain --package-group '/npm/*' --restrictions PUBLISH=BLOCK,EXTERNAL_UPSTREAM=INHERIT`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePackageGroupOriginConfiguration {
    /// The domain
    #[command(flatten)]
    #[serde(flatten)]
    pub domain: DomainArgs,
    /// Pattern of the package group, such as `/*`, `/npm/my-scope/*` or `/nuget/my~`
    #[arg(long)]
    pub package_group: String,
    /// Restrictions as `TYPE=MODE,TYPE=MODE`; types are PUBLISH, INTERNAL_UPSTREAM and
    /// EXTERNAL_UPSTREAM, modes ALLOW, ALLOW_SPECIFIC_REPOSITORIES, BLOCK and INHERIT
    #[arg(long, value_parser = raw())]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restrictions: Option<BTreeMap<String, String>>,
    /// Repositories to allow, each as `repositoryName=NAME,originRestrictionType=TYPE`
    #[arg(long, value_parser = raw())]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add_allowed_repositories: Option<Vec<PackageGroupAllowedRepository>>,
    /// Repositories to allow no longer, each as `repositoryName=NAME,originRestrictionType=TYPE`
    #[arg(long, value_parser = raw())]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remove_allowed_repositories: Option<Vec<PackageGroupAllowedRepository>>,
}

impl Operation for UpdatePackageGroupOriginConfiguration {
    type Output = UpdatePackageGroupOriginConfigurationOutput;
    const NAME: &str = "UpdatePackageGroupOriginConfiguration";
    const ROUTE: Route = Route::put("/v1/package-group-origin-configuration");
    const QUERY: &[&str] = &["domain", "domainOwner", "packageGroup"];
}

impl Call for UpdatePackageGroupOriginConfiguration {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .update_package_group_origin_configuration()
            .domain(self.domain.domain)
            .set_domain_owner(self.domain.domain_owner)
            .package_group(self.package_group)
            .set_restrictions(self.restrictions.map(types::group_restrictions))
            .set_add_allowed_repositories(
                self.add_allowed_repositories
                    .map(|items| {
                        items
                            .into_iter()
                            .map(types::allowed_repository)
                            .collect::<Result<_, _>>()
                    })
                    .transpose()?,
            )
            .set_remove_allowed_repositories(
                self.remove_allowed_repositories
                    .map(|items| {
                        items
                            .into_iter()
                            .map(types::allowed_repository)
                            .collect::<Result<_, _>>()
                    })
                    .transpose()?,
            );
        sent(request.send().await)
    }
}

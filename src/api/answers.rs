//! The answer of each operation, made of the shapes.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::shapes::*;
use super::timestamp::Timestamp;

/// Answer of `associate-external-connection`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssociateExternalConnectionOutput {
    /// Repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<RepositoryDescription>,
}

/// Answer of `copy-package-versions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CopyPackageVersionsOutput {
    /// Successful versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub successful_versions: Option<IndexMap<String, SuccessfulPackageVersionInfo>>,
    /// Failed versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_versions: Option<IndexMap<String, PackageVersionError>>,
}

/// Answer of `create-domain`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateDomainOutput {
    /// Domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<DomainDescription>,
}

/// Answer of `create-package-group`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatePackageGroupOutput {
    /// Package group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_group: Option<PackageGroupDescription>,
}

/// Answer of `create-repository`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateRepositoryOutput {
    /// Repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<RepositoryDescription>,
}

/// Answer of `delete-domain`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeleteDomainOutput {
    /// Domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<DomainDescription>,
}

/// Answer of `delete-domain-permissions-policy`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeleteDomainPermissionsPolicyOutput {
    /// Policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<ResourcePolicy>,
}

/// Answer of `delete-package`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletePackageOutput {
    /// Deleted package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted_package: Option<PackageSummary>,
}

/// Answer of `delete-package-group`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletePackageGroupOutput {
    /// Package group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_group: Option<PackageGroupDescription>,
}

/// Answer of `delete-package-versions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletePackageVersionsOutput {
    /// Successful versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub successful_versions: Option<IndexMap<String, SuccessfulPackageVersionInfo>>,
    /// Failed versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_versions: Option<IndexMap<String, PackageVersionError>>,
}

/// Answer of `delete-repository`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeleteRepositoryOutput {
    /// Repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<RepositoryDescription>,
}

/// Answer of `delete-repository-permissions-policy`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeleteRepositoryPermissionsPolicyOutput {
    /// Policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<ResourcePolicy>,
}

/// Answer of `describe-domain`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DescribeDomainOutput {
    /// Domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<DomainDescription>,
}

/// Answer of `describe-package`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DescribePackageOutput {
    /// Package name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<PackageDescription>,
}

/// Answer of `describe-package-group`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DescribePackageGroupOutput {
    /// Package group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_group: Option<PackageGroupDescription>,
}

/// Answer of `describe-package-version`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DescribePackageVersionOutput {
    /// Package version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_version: Option<PackageVersionDescription>,
}

/// Answer of `describe-repository`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DescribeRepositoryOutput {
    /// Repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<RepositoryDescription>,
}

/// Answer of `disassociate-external-connection`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DisassociateExternalConnectionOutput {
    /// Repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<RepositoryDescription>,
}

/// Answer of `dispose-package-versions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DisposePackageVersionsOutput {
    /// Successful versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub successful_versions: Option<IndexMap<String, SuccessfulPackageVersionInfo>>,
    /// Failed versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_versions: Option<IndexMap<String, PackageVersionError>>,
}

/// Answer of `get-associated-package-group`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GetAssociatedPackageGroupOutput {
    /// Package group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_group: Option<PackageGroupDescription>,
    /// Association type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub association_type: Option<String>,
}

/// Answer of `get-authorization-token`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GetAuthorizationTokenOutput {
    /// Authorization token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_token: Option<String>,
    /// When the token expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiration: Option<Timestamp>,
}

/// Answer of `get-domain-permissions-policy`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GetDomainPermissionsPolicyOutput {
    /// Policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<ResourcePolicy>,
}

/// Answer of `get-package-version-asset`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GetPackageVersionAssetOutput {
    /// Asset name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset_name: Option<String>,
    /// Package version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_version: Option<String>,
    /// Package version revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_version_revision: Option<String>,
}

/// Answer of `get-package-version-readme`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GetPackageVersionReadmeOutput {
    /// Package format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Package name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Revision of the version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_revision: Option<String>,
    /// The readme as it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readme: Option<String>,
}

/// Answer of `get-repository-endpoint`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GetRepositoryEndpointOutput {
    /// Repository endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_endpoint: Option<String>,
}

/// Answer of `get-repository-permissions-policy`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GetRepositoryPermissionsPolicyOutput {
    /// Policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<ResourcePolicy>,
}

/// Answer of `list-allowed-repositories-for-group`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListAllowedRepositoriesForGroupOutput {
    /// Allowed repositories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_repositories: Option<Vec<String>>,
    /// Token for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// Answer of `list-associated-packages`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListAssociatedPackagesOutput {
    /// Packages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packages: Option<Vec<AssociatedPackage>>,
    /// Token for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// Answer of `list-domains`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListDomainsOutput {
    /// Domains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domains: Option<Vec<DomainSummary>>,
    /// Token for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// Answer of `list-package-groups`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListPackageGroupsOutput {
    /// Package groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_groups: Option<Vec<PackageGroupSummary>>,
    /// Token for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// Answer of `list-package-version-assets`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListPackageVersionAssetsOutput {
    /// Package format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Package name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Revision of the version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_revision: Option<String>,
    /// Token for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
    /// Assets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assets: Option<Vec<AssetSummary>>,
}

/// Answer of `list-package-version-dependencies`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListPackageVersionDependenciesOutput {
    /// Package format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Package name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Revision of the version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_revision: Option<String>,
    /// Token for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
    /// Dependencies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dependencies: Option<Vec<PackageDependency>>,
}

/// Answer of `list-package-versions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListPackageVersionsOutput {
    /// Default display version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_display_version: Option<String>,
    /// Package format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Package name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub versions: Option<Vec<PackageVersionSummary>>,
    /// Token for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// Answer of `list-packages`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListPackagesOutput {
    /// Packages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packages: Option<Vec<PackageSummary>>,
    /// Token for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// Answer of `list-repositories`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListRepositoriesOutput {
    /// Repositories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repositories: Option<Vec<RepositorySummary>>,
    /// Token for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// Answer of `list-repositories-in-domain`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListRepositoriesInDomainOutput {
    /// Repositories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repositories: Option<Vec<RepositorySummary>>,
    /// Token for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// Answer of `list-sub-package-groups`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListSubPackageGroupsOutput {
    /// Package groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_groups: Option<Vec<PackageGroupSummary>>,
    /// Token for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// Answer of `list-tags-for-resource`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListTagsForResourceOutput {
    /// Tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
}

/// Answer of `publish-package-version`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PublishPackageVersionOutput {
    /// Package format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Package name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Revision of the version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_revision: Option<String>,
    /// Status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Asset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset: Option<AssetSummary>,
}

/// Answer of `put-domain-permissions-policy`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PutDomainPermissionsPolicyOutput {
    /// Policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<ResourcePolicy>,
}

/// Answer of `put-package-origin-configuration`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PutPackageOriginConfigurationOutput {
    /// Origin configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_configuration: Option<PackageOriginConfiguration>,
}

/// Answer of `put-repository-permissions-policy`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PutRepositoryPermissionsPolicyOutput {
    /// Policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<ResourcePolicy>,
}

/// Answer of `tag-resource`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TagResourceOutput {}

/// Answer of `untag-resource`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UntagResourceOutput {}

/// Answer of `update-package-group`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePackageGroupOutput {
    /// Package group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_group: Option<PackageGroupDescription>,
}

/// Answer of `update-package-group-origin-configuration`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePackageGroupOriginConfigurationOutput {
    /// Package group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_group: Option<PackageGroupDescription>,
    /// Allowed repository updates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_repository_updates: Option<IndexMap<String, IndexMap<String, Vec<String>>>>,
}

/// Answer of `update-package-versions-status`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdatePackageVersionsStatusOutput {
    /// Successful versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub successful_versions: Option<IndexMap<String, SuccessfulPackageVersionInfo>>,
    /// Failed versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_versions: Option<IndexMap<String, PackageVersionError>>,
}

/// Answer of `update-repository`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateRepositoryOutput {
    /// Repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<RepositoryDescription>,
}

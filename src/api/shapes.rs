//! What the service's answers are made of: members in the model's order, so that they print
//! in that order. Every member is optional: an older or newer service may leave it out, and
//! what is required of an input is in the member table. Unknown members are dropped.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::timestamp::Timestamp;

/// An asset in a listing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssetSummary {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Size in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
    /// Hashes by algorithm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hashes: Option<IndexMap<String, String>>,
}

/// A package of a package group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssociatedPackage {
    /// Package format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Package name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Association type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub association_type: Option<String>,
}

/// A domain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DomainDescription {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Account that owns it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// When it was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_time: Option<Timestamp>,
    /// Encryption key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_key: Option<String>,
    /// Repository count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_count: Option<i64>,
    /// Asset size bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset_size_bytes: Option<i64>,
    /// Bucket that holds the assets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s3_bucket_arn: Option<String>,
}

/// Where a package version came into the domain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DomainEntryPoint {
    /// Repository name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_name: Option<String>,
    /// External connection name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_connection_name: Option<String>,
}

/// A domain in a listing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DomainSummary {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Account that owns it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// When it was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_time: Option<Timestamp>,
    /// Encryption key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_key: Option<String>,
}

/// A licence.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LicenseInfo {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A dependency of a package version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageDependency {
    /// Namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Package name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Dependency type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dependency_type: Option<String>,
    /// Version requirement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_requirement: Option<String>,
}

/// A package.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageDescription {
    /// Package format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Origin configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_configuration: Option<PackageOriginConfiguration>,
}

/// A repository that a restriction type allows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageGroupAllowedRepository {
    /// Repository name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_name: Option<String>,
    /// Origin restriction type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_restriction_type: Option<String>,
}

/// A package group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageGroupDescription {
    /// ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Pattern.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// Domain name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_name: Option<String>,
    /// Domain owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_owner: Option<String>,
    /// When it was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_time: Option<Timestamp>,
    /// Contact info.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_info: Option<String>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Origin configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_configuration: Option<PackageGroupOriginConfiguration>,
    /// Next less specific group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<PackageGroupReference>,
}

/// The origin configuration of a package group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageGroupOriginConfiguration {
    /// Restrictions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restrictions: Option<IndexMap<String, PackageGroupOriginRestriction>>,
}

/// A restriction of a package group, as set and as it is in force.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageGroupOriginRestriction {
    /// As set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// As it is in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_mode: Option<String>,
    /// Group that the mode comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inherited_from: Option<PackageGroupReference>,
    /// Number of allowed repositories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repositories_count: Option<i64>,
}

/// A package group that another one refers to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageGroupReference {
    /// ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Pattern.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
}

/// A package group in a listing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageGroupSummary {
    /// ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Pattern.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// Domain name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_name: Option<String>,
    /// Domain owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_owner: Option<String>,
    /// When it was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_time: Option<Timestamp>,
    /// Contact info.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_info: Option<String>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Origin configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_configuration: Option<PackageGroupOriginConfiguration>,
    /// Next less specific group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<PackageGroupReference>,
}

/// The origin configuration of a package.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageOriginConfiguration {
    /// Restrictions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restrictions: Option<PackageOriginRestrictions>,
}

/// How versions of a package may come in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageOriginRestrictions {
    /// Publish.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publish: Option<String>,
    /// Upstream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream: Option<String>,
}

/// A package in a listing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageSummary {
    /// Package format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Package name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Origin configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_configuration: Option<PackageOriginConfiguration>,
}

/// A package version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageVersionDescription {
    /// Package format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Package name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_name: Option<String>,
    /// Display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Home page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home_page: Option<String>,
    /// Source code repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_code_repository: Option<String>,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_time: Option<Timestamp>,
    /// Licenses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licenses: Option<Vec<LicenseInfo>>,
    /// Revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// Status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<PackageVersionOrigin>,
}

/// Why an operation failed for one version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageVersionError {
    /// Why, as a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// Why, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
}

/// How a package version came in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageVersionOrigin {
    /// Domain entry point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_entry_point: Option<DomainEntryPoint>,
    /// Origin type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_type: Option<String>,
}

/// A package version in a listing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageVersionSummary {
    /// Version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// Status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<PackageVersionOrigin>,
}

/// A repository.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepositoryDescription {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Administrator account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub administrator_account: Option<String>,
    /// Domain name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_name: Option<String>,
    /// Domain owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_owner: Option<String>,
    /// ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Upstreams.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstreams: Option<Vec<UpstreamRepositoryInfo>>,
    /// External connections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_connections: Option<Vec<RepositoryExternalConnectionInfo>>,
    /// When it was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_time: Option<Timestamp>,
}

/// An external connection of a repository.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepositoryExternalConnectionInfo {
    /// External connection name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_connection_name: Option<String>,
    /// Package format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_format: Option<String>,
    /// Status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// A repository in a listing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepositorySummary {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Administrator account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub administrator_account: Option<String>,
    /// Domain name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_name: Option<String>,
    /// Domain owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_owner: Option<String>,
    /// ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// When it was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_time: Option<Timestamp>,
}

/// A resource policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourcePolicy {
    /// Resource arn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_arn: Option<String>,
    /// Revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// The policy as JSON text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}

/// What an operation made of one version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SuccessfulPackageVersionInfo {
    /// Revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// Status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// A tag.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tag {
    /// Key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// An upstream repository.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpstreamRepository {
    /// Repository name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_name: Option<String>,
}

/// An upstream repository in a description.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpstreamRepositoryInfo {
    /// Repository name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_name: Option<String>,
}

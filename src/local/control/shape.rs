//! What the registry knows, in the shapes of the API.

use indexmap::IndexMap;

use crate::api::shapes::{
    AssetSummary, DomainDescription, DomainEntryPoint, DomainSummary, LicenseInfo,
    PackageDependency, PackageDescription, PackageOriginConfiguration, PackageOriginRestrictions,
    PackageSummary, PackageVersionDescription, PackageVersionOrigin, PackageVersionSummary,
    RepositoryDescription, RepositoryExternalConnectionInfo, RepositorySummary, Tag,
    UpstreamRepositoryInfo,
};
use crate::api::timestamp::Timestamp;
use crate::local::registry::domain::Domain;
use crate::local::registry::package::{OriginControls, Package};
use crate::local::registry::repository::Repository;
use crate::local::registry::version::Version;
use crate::local::registry::{Dependency, Origin, PackageId, VersionFacts};
use crate::local::store::version::AssetRow;

pub(super) fn domain(domain: &Domain, status: &str) -> DomainDescription {
    DomainDescription {
        name: Some(domain.row.name.clone()),
        owner: Some(domain.row.owner.clone()),
        arn: Some(domain.arn.clone()),
        status: Some(status.to_string()),
        created_time: Some(Timestamp::from_millis(domain.row.created)),
        encryption_key: Some(domain.row.encryption_key.clone()),
        repository_count: i64::try_from(domain.repository_count).ok(),
        asset_size_bytes: Some(domain.row.asset_size),
        // A real bucket's ARN: there is none here, and a made-up name could be somebody's.
        s3_bucket_arn: None,
    }
}

pub(super) fn domain_summary(domain: &Domain) -> DomainSummary {
    DomainSummary {
        name: Some(domain.row.name.clone()),
        owner: Some(domain.row.owner.clone()),
        arn: Some(domain.arn.clone()),
        status: Some("Active".to_string()),
        created_time: Some(Timestamp::from_millis(domain.row.created)),
        encryption_key: Some(domain.row.encryption_key.clone()),
    }
}

pub(super) fn repository(repository: &Repository) -> RepositoryDescription {
    RepositoryDescription {
        name: Some(repository.row.name.clone()),
        administrator_account: Some(repository.row.administrator.clone()),
        domain_name: Some(repository.row.domain_name.clone()),
        domain_owner: Some(repository.row.domain_owner.clone()),
        arn: Some(repository.arn.clone()),
        description: repository.row.description.clone(),
        upstreams: Some(
            repository
                .upstreams
                .iter()
                .map(|name| UpstreamRepositoryInfo {
                    repository_name: Some(name.clone()),
                })
                .collect(),
        ),
        external_connections: Some(
            repository
                .external_connection
                .iter()
                .map(|(name, format)| RepositoryExternalConnectionInfo {
                    external_connection_name: Some(name.clone()),
                    package_format: Some(format.to_string()),
                    status: Some("Available".to_string()),
                })
                .collect(),
        ),
        created_time: Some(Timestamp::from_millis(repository.row.created)),
    }
}

pub(super) fn repository_summary(repository: &Repository) -> RepositorySummary {
    RepositorySummary {
        name: Some(repository.row.name.clone()),
        administrator_account: Some(repository.row.administrator.clone()),
        domain_name: Some(repository.row.domain_name.clone()),
        domain_owner: Some(repository.row.domain_owner.clone()),
        arn: Some(repository.arn.clone()),
        description: repository.row.description.clone(),
        created_time: Some(Timestamp::from_millis(repository.row.created)),
    }
}

pub(super) fn origin_configuration(controls: OriginControls) -> PackageOriginConfiguration {
    let word = |allowed: bool| Some(if allowed { "ALLOW" } else { "BLOCK" }.to_string());
    PackageOriginConfiguration {
        restrictions: Some(PackageOriginRestrictions {
            publish: word(controls.publish),
            upstream: word(controls.upstream),
        }),
    }
}

pub(super) fn package(package: &Package) -> PackageDescription {
    PackageDescription {
        format: Some(package.id.format.to_string()),
        namespace: package.id.namespace.clone(),
        name: Some(package.id.name.clone()),
        origin_configuration: Some(origin_configuration(package.origin_controls)),
    }
}

pub(super) fn package_summary(package: &Package) -> PackageSummary {
    PackageSummary {
        format: Some(package.id.format.to_string()),
        namespace: package.id.namespace.clone(),
        package: Some(package.id.name.clone()),
        origin_configuration: Some(origin_configuration(package.origin_controls)),
    }
}

fn origin(origin: &Origin) -> PackageVersionOrigin {
    let (repository_name, external_connection_name) = match origin {
        Origin::Internal { repository } => (Some(repository.clone()), None),
        Origin::External { connection } => (None, Some(connection.clone())),
    };
    PackageVersionOrigin {
        domain_entry_point: Some(DomainEntryPoint {
            repository_name,
            external_connection_name,
        }),
        origin_type: Some(origin.type_name().to_string()),
    }
}

pub(super) fn version_summary(version: &Version) -> PackageVersionSummary {
    PackageVersionSummary {
        version: Some(version.version.clone()),
        revision: Some(version.revision.clone()),
        status: Some(version.status.as_str().to_string()),
        origin: Some(origin(&version.origin)),
    }
}

pub(super) fn version(
    package: &PackageId,
    version: &Version,
    facts: VersionFacts,
) -> PackageVersionDescription {
    PackageVersionDescription {
        format: Some(package.format.to_string()),
        namespace: package.namespace.clone(),
        package_name: Some(package.name.clone()),
        display_name: facts.display_name,
        version: Some(version.version.clone()),
        summary: facts.summary,
        home_page: facts.home_page,
        source_code_repository: facts.source_code_repository,
        published_time: Some(Timestamp::from_millis(version.published)),
        licenses: Some(
            facts
                .licenses
                .into_iter()
                .map(|license| LicenseInfo {
                    name: license.name,
                    url: license.url,
                })
                .collect(),
        ),
        revision: Some(version.revision.clone()),
        status: Some(version.status.as_str().to_string()),
        origin: Some(origin(&version.origin)),
    }
}

pub(super) fn dependency(dependency: Dependency) -> PackageDependency {
    PackageDependency {
        namespace: dependency.namespace,
        package: Some(dependency.package),
        dependency_type: dependency.dependency_type,
        version_requirement: dependency.version_requirement,
    }
}

pub(super) fn asset(asset: &AssetRow) -> AssetSummary {
    let hashes = [
        ("MD5", hex::encode(asset.hashes.md5)),
        ("SHA-1", hex::encode(asset.hashes.sha1)),
        ("SHA-256", hex::encode(asset.hashes.sha256)),
        ("SHA-512", hex::encode(asset.hashes.sha512)),
    ];
    AssetSummary {
        name: Some(asset.name.clone()),
        size: i64::try_from(asset.size).ok(),
        hashes: Some(IndexMap::from(
            hashes.map(|(name, hash)| (name.to_string(), hash)),
        )),
    }
}

pub(super) fn tag((key, value): (String, String)) -> Tag {
    Tag {
        key: Some(key),
        value: Some(value),
    }
}

/// Tags as the registry takes them. Both members are there: the input has been checked.
pub(super) fn tags(tags: Option<Vec<Tag>>) -> Vec<(String, String)> {
    tags.into_iter()
        .flatten()
        .filter_map(|tag| tag.key.zip(tag.value))
        .collect()
}

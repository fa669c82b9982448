//! Package versions: listing and describing (guide, "List package versions", "View and update
//! package version details and dependencies").

use rusqlite::Connection;

use super::page::{Page, PageRequest};
use super::refusal::{Answer, Resource, not_found};
use super::{
    Caller, Dependency, Fault, Format, Origin, PackageId, Registry, RepositoryId, Status,
    VersionFacts, package,
};
use crate::local::store::content;
use crate::local::store::package::{self as package_rows, PackageRow};
use crate::local::store::repository::RepositoryRow;
use crate::local::store::version::{self as rows, VersionRow};

/// A package version.
#[derive(Clone, Debug)]
pub struct Version {
    /// The version.
    pub version: String,
    /// Names exactly these assets and this metadata.
    pub revision: String,
    /// Its state.
    pub status: Status,
    /// When it was published to or ingested into the domain, in milliseconds since 1970.
    pub published: i64,
    /// Where it entered the domain.
    pub origin: Origin,
}

impl From<VersionRow> for Version {
    fn from(row: VersionRow) -> Version {
        Version {
            version: row.version,
            revision: row.revision,
            status: row.status,
            published: row.published,
            origin: row.origin,
        }
    }
}

/// How to list versions.
#[derive(Clone, Debug, Default)]
pub struct VersionFilter {
    /// Only this status.
    pub status: Option<Status>,
    /// Only this kind of origin, by the service's word for it.
    pub origin_type: Option<String>,
    /// Newest first, instead of by version.
    pub by_published_time: bool,
}

/// A page of versions, and the package's default display version.
#[derive(Clone, Debug)]
pub struct VersionPage {
    /// The versions.
    pub page: Page<Version>,
    /// The version to show when none is asked for.
    pub default_display_version: Option<String>,
}

/// The page size of versions without one asked for (guide, "List package versions").
const DEFAULT_PAGE: usize = 50;
/// The page size of dependencies, which cannot be asked for.
const DEPENDENCIES_PAGE: usize = 1000;

impl Registry {
    /// A page of a package's versions in the repository itself.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, `ValidationException` for a token of another request.
    pub async fn list_versions(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
        filter: VersionFilter,
        page: PageRequest,
    ) -> Answer<VersionPage> {
        let (caller, id, package) = (caller.clone(), id.clone(), package.clone());
        self.read(move |reading, context| {
            let action = "ListPackageVersions";
            let place = package::authorized(reading, context, &caller, &id, &package, action)?;
            let row = package::require(reading, &place.repository, &package)?;
            let request = (
                action,
                place.repository.id,
                package.path(),
                filter.status.map(Status::as_str),
                &filter.origin_type,
                filter.by_published_time,
            );
            let only = rows::Filter {
                status: filter.status,
                origin: filter.origin_type.as_deref(),
            };
            let found = if filter.by_published_time {
                let cursor =
                    context
                        .tokens
                        .cursor::<(i64, String)>(&request, &page, DEFAULT_PAGE)?;
                let after = cursor
                    .after
                    .as_ref()
                    .map(|(time, version)| (*time, version.as_str()));
                let found = rows::list_by_published(reading, row.id, only, after, cursor.fetch())?;
                cursor.page(found, |row| (row.published, row.version.clone()))
            } else {
                let cursor = context
                    .tokens
                    .cursor::<String>(&request, &page, DEFAULT_PAGE)?;
                let found = rows::list(
                    reading,
                    row.id,
                    only,
                    cursor.after.as_deref(),
                    cursor.fetch(),
                )?;
                cursor.page(found, |row| row.version.clone())
            };
            Ok(VersionPage {
                default_display_version: default_display_version(reading, &package, &row)?,
                page: Page {
                    items: found.items.into_iter().map(Version::from).collect(),
                    next_token: found.next_token,
                },
            })
        })
        .await
    }

    /// A version and what it says of itself.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub async fn describe_version(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
        version: &str,
    ) -> Answer<(Version, VersionFacts)> {
        self.version_with_facts(caller, id, package, version, "DescribePackageVersion")
            .await
    }

    /// A version and its readme.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, also when there is no readme.
    pub async fn readme(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
        version: &str,
    ) -> Answer<(Version, String)> {
        let (found, facts) = self
            .version_with_facts(caller, id, package, version, "GetPackageVersionReadme")
            .await?;
        match facts.readme {
            Some(readme) => Ok((found, readme)),
            None => Err(not_found(
                Resource::Asset,
                version,
                format!("Readme not found. Package: {package}, version: {version}"),
            )),
        }
    }

    /// A version and a page of its dependencies.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, `ValidationException` for a token of another request.
    pub async fn list_dependencies(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
        version: &str,
        next_token: Option<String>,
    ) -> Answer<(Version, Page<Dependency>)> {
        let action = "ListPackageVersionDependencies";
        let (found, facts) = self
            .version_with_facts(caller, id, package, version, action)
            .await?;
        let request = PageRequest {
            max_results: None,
            next_token,
        };
        // Content never changes under its revision, so a number says where to go on.
        let cursor = self.context.tokens.cursor::<usize>(
            &(
                action,
                &id.domain.owner,
                &id.domain.name,
                &id.name,
                package.path(),
                version,
                &found.revision,
            ),
            &request,
            DEPENDENCIES_PAGE,
        )?;
        let start = cursor.after.map_or(0, |last| last + 1);
        let fetched: Vec<_> = facts
            .dependencies
            .into_iter()
            .enumerate()
            .skip(start)
            .take(cursor.fetch())
            .collect();
        let page = cursor.page(fetched, |(number, _)| *number);
        let page = Page {
            items: page
                .items
                .into_iter()
                .map(|(_, dependency)| dependency)
                .collect(),
            next_token: page.next_token,
        };
        Ok((found, page))
    }

    async fn version_with_facts(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
        version: &str,
        action: &'static str,
    ) -> Answer<(Version, VersionFacts)> {
        let (caller, id, package, version) = (
            caller.clone(),
            id.clone(),
            package.clone(),
            version.to_string(),
        );
        self.read(move |reading, context| {
            let place = package::authorized(reading, context, &caller, &id, &package, action)?;
            let (_, row) = require(reading, &place.repository, &package, &version)?;
            let content = content::by_id(reading, row.content_id)?;
            Ok((Version::from(row), content.facts))
        })
        .await
    }
}

/// There is no such version.
pub(super) fn missing(repository: &RepositoryRow, package: &PackageId, version: &str) -> Fault {
    let namespace = package
        .namespace
        .as_ref()
        .map(|namespace| format!("namespace={namespace}, "))
        .unwrap_or_default();
    not_found(
        Resource::PackageVersion,
        version,
        format!(
            "Package version not found in repository. RepoId: {}, Package = PackageCoordinate{{packageType={}, {namespace}packageName={}}}, Version: {version}",
            repository.name, package.format, package.name
        ),
    )
}

/// The version's row in the repository itself, by its normalised text, where there is one.
pub(super) fn find(
    connection: &Connection,
    repository: &RepositoryRow,
    package: &PackageId,
    version: &str,
) -> Answer<Option<VersionRow>> {
    match package_rows::find(connection, repository.id, package.coordinates())? {
        Some(row) => Ok(rows::find(connection, row.id, version)?),
        None => Ok(None),
    }
}

/// The package's and the version's row in the repository itself.
pub(super) fn require(
    connection: &Connection,
    repository: &RepositoryRow,
    package: &PackageId,
    version: &str,
) -> Answer<(PackageRow, VersionRow)> {
    let package_row = package::require(connection, repository, package)?;
    let version = package.format.normalize_version(version);
    let row = rows::find(connection, package_row.id, &version)?
        .ok_or_else(|| missing(repository, package, &version))?;
    Ok((package_row, row))
}

/// Guide, "Default display version": npm's `latest`, otherwise the newest published version.
fn default_display_version(
    connection: &Connection,
    package: &PackageId,
    row: &PackageRow,
) -> Answer<Option<String>> {
    if package.format == Format::Npm
        && let Some(latest) = package_rows::tagged(connection, row.id, "latest")?
        && rows::find(connection, row.id, &latest)?.is_some()
    {
        return Ok(Some(latest));
    }
    let published = rows::Filter {
        status: Some(Status::Published),
        origin: None,
    };
    let newest = rows::list_by_published(connection, row.id, published, None, 1)?;
    Ok(newest.into_iter().next().map(|row| row.version))
}

//! Packages: listing, describing, deleting, origin controls, tags (guide, "Working with packages"
//! and "Editing package origin controls").

use rusqlite::Connection;

use super::access::{self, Keys, Target};
use super::event::{self, Change, Operation};
use super::page::{Page, PageRequest};
use super::refusal::{Answer, Resource, invalid, not_found};
use super::repository;
use super::{Caller, Context, Fault, Format, PackageId, Registry, RepositoryId, group};
use crate::local::store::package::{self as rows, PackageRow};
use crate::local::store::repository::RepositoryRow;
use crate::local::store::{Writing, version};

/// A package with its origin controls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Which one.
    pub id: PackageId,
    /// Its origin controls.
    pub origin_controls: OriginControls,
}

/// How versions may come into a package (guide, "Package origin control settings").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OriginControls {
    /// By publishing.
    pub publish: bool,
    /// From upstream repositories and external connections.
    pub upstream: bool,
}

/// How the first version of a package comes in, which decides its origin controls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FirstVersion {
    /// It is published.
    Published,
    /// It comes from a public repository or from upstream.
    Ingested,
}

/// Which packages to list.
#[derive(Clone, Debug, Default)]
pub struct PackageFilter {
    /// Only this format.
    pub format: Option<Format>,
    /// Only namespaces that begin with this; needs a format.
    pub namespace_prefix: Option<String>,
    /// Only names that begin with this.
    pub name_prefix: Option<String>,
    /// Only packages for which publishing is allowed, or blocked.
    pub publish: Option<bool>,
    /// Only packages for which upstream versions are allowed, or blocked.
    pub upstream: Option<bool>,
}

/// The page size without one asked for (guide, "Defaults and other options").
const DEFAULT_PAGE: usize = 100;

impl Registry {
    /// A page of the packages in a repository.
    ///
    /// # Errors
    /// `ValidationException` for a namespace without a format (guide, "Supported search option
    /// combinations") or a token of another request.
    pub async fn list_packages(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        filter: PackageFilter,
        page: PageRequest,
    ) -> Answer<Page<Package>> {
        let (caller, id) = (caller.clone(), id.clone());
        self.read(move |reading, context| {
            let (_, repository) =
                repository::authorized(reading, context, &caller, &id, "ListPackages")?;
            list(reading, context, &repository, &filter, &page)
        })
        .await
    }

    /// Describes a package.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub async fn describe_package(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
    ) -> Answer<Package> {
        let (caller, id, package) = (caller.clone(), id.clone(), package.clone());
        self.read(move |reading, context| {
            let place = authorized(reading, context, &caller, &id, &package, "DescribePackage")?;
            Ok(described(
                &require(reading, &place.repository, &package)?,
                &package,
            ))
        })
        .await
    }

    /// Deletes a package with all its versions and its origin controls.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub async fn delete_package(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
    ) -> Answer<Package> {
        let (caller, id, package) = (caller.clone(), id.clone(), package.clone());
        self.write(move |writing, context| {
            let place = authorized(writing, context, &caller, &id, &package, "DeletePackage")?;
            delete(writing, context, &place.repository, &package)
        })
        .await
    }

    /// Sets the origin controls, of a package that need not be there yet.
    ///
    /// # Errors
    /// `ValidationException` when both ways would be blocked for a package that has no namespace
    /// where its format needs one.
    pub async fn put_origin_controls(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
        controls: OriginControls,
    ) -> Answer<Package> {
        let (caller, id, package) = (caller.clone(), id.clone(), package.clone());
        self.write(move |writing, context| {
            let action = "PutPackageOriginConfiguration";
            let place = authorized(writing, context, &caller, &id, &package, action)?;
            let row = match rows::find(writing, place.repository.id, package.coordinates())? {
                Some(row) => {
                    rows::set_origin_controls(
                        writing,
                        row.id,
                        controls.publish,
                        controls.upstream,
                    )?;
                    PackageRow {
                        publish: controls.publish,
                        upstream: controls.upstream,
                        ..row
                    }
                }
                None => insert(writing, &place.repository, &package, controls)?,
            };
            Ok(described(&row, &package))
        })
        .await
    }
}

/// A package's repository, for an action that the caller may do there.
pub(super) struct Place {
    pub(super) repository: RepositoryRow,
}

/// The package's place, for an action that the caller may do on the package.
pub(super) fn authorized(
    connection: &Connection,
    context: &Context,
    caller: &Caller,
    id: &RepositoryId,
    package: &PackageId,
    action: &str,
) -> Answer<Place> {
    package.check_namespace()?;
    let (domain, repository) = repository::require(connection, id)?;
    access::check(
        connection,
        &context.region,
        caller,
        action,
        Target::Package(&domain, &repository, package),
        Keys::new(),
    )?;
    Ok(Place { repository })
}

/// There is no such package (guide, "API behavior with upstream repositories").
pub(super) fn missing(repository: &RepositoryRow, package: &PackageId) -> Fault {
    let namespace = package
        .namespace
        .as_ref()
        .map(|namespace| format!("namespace={namespace}, "))
        .unwrap_or_default();
    not_found(
        Resource::Package,
        package.to_string(),
        format!(
            "Package not found in repository. RepoId: {}, Package = PackageCoordinate{{packageType={}, {namespace}packageName={}}}",
            repository.name, package.format, package.name
        ),
    )
}

/// The package's row in the repository itself.
pub(super) fn require(
    connection: &Connection,
    repository: &RepositoryRow,
    package: &PackageId,
) -> Answer<PackageRow> {
    rows::find(connection, repository.id, package.coordinates())?
        .ok_or_else(|| missing(repository, package))
}

fn described(row: &PackageRow, package: &PackageId) -> Package {
    Package {
        id: package.clone(),
        origin_controls: OriginControls {
            publish: row.publish,
            upstream: row.upstream,
        },
    }
}

/// The package's row, made where there is none.
pub(super) fn find_or_create(
    writing: &Writing<'_>,
    repository: &RepositoryRow,
    package: &PackageId,
    first: FirstVersion,
) -> Answer<PackageRow> {
    match rows::find(writing, repository.id, package.coordinates())? {
        Some(row) => Ok(row),
        None => create(writing, repository, package, first),
    }
}

/// Adds the package's row, with the origin controls that follow from how its first version comes in
/// (guide, "Default package origin control settings").
fn create(
    writing: &Writing<'_>,
    repository: &RepositoryRow,
    package: &PackageId,
    first: FirstVersion,
) -> Answer<PackageRow> {
    let by_version = group::effective(writing, repository.domain_id, package)?.allows_everything();
    let controls = OriginControls {
        publish: !by_version || first == FirstVersion::Published,
        upstream: !by_version || first == FirstVersion::Ingested,
    };
    insert(writing, repository, package, controls)
}

fn insert(
    writing: &Writing<'_>,
    repository: &RepositoryRow,
    package: &PackageId,
    controls: OriginControls,
) -> Answer<PackageRow> {
    Ok(rows::insert(
        writing,
        &rows::NewPackage {
            domain: repository.domain_id,
            repository: repository.id,
            coordinates: package.coordinates(),
            match_key: &group::pattern::match_key(package),
            publish: controls.publish,
            upstream: controls.upstream,
        },
    )?)
}

fn delete(
    writing: &Writing<'_>,
    context: &Context,
    repository: &RepositoryRow,
    package: &PackageId,
) -> Answer<Package> {
    let row = require(writing, repository, package)?;
    for version in version::all(writing, row.id)? {
        let change = Change {
            assets_removed: version::assets(writing, version.id)?.len(),
            metadata_updated: true,
            status_changed: true,
            ..Change::of(
                Operation::Deleted,
                &version.version,
                version.status,
                &version.revision,
            )
        };
        event::record(writing, context, repository, &row, package, &change)?;
    }
    rows::delete(writing, row.id)?;
    Ok(described(&row, package))
}

fn list(
    connection: &Connection,
    context: &Context,
    repository: &RepositoryRow,
    filter: &PackageFilter,
    page: &PageRequest,
) -> Answer<Page<Package>> {
    if filter.namespace_prefix.is_some() && filter.format.is_none() {
        return Err(invalid(
            "The namespace parameter requires the format parameter.",
        ));
    }
    let format = filter.format.map(Format::as_str);
    let cursor = context.tokens.cursor::<(String, String, String)>(
        &(
            "ListPackages",
            repository.id,
            format,
            &filter.namespace_prefix,
            &filter.name_prefix,
            filter.publish,
            filter.upstream,
        ),
        page,
        DEFAULT_PAGE,
    )?;
    let rows_filter = rows::Filter {
        format,
        namespace_prefix: filter.namespace_prefix.as_deref(),
        name_prefix: filter.name_prefix.as_deref(),
        publish: filter.publish,
        upstream: filter.upstream,
    };
    let after = cursor
        .after
        .as_ref()
        .map(|(format, namespace, name)| (format.as_str(), namespace.as_str(), name.as_str()));
    let found = rows::list(
        connection,
        repository.id,
        &rows_filter,
        after,
        cursor.fetch(),
    )?;
    let page = cursor.page(found, |row| {
        (row.format.clone(), row.namespace.clone(), row.name.clone())
    });
    Ok(Page {
        items: page
            .items
            .iter()
            .filter_map(|row| {
                // The names are stored normalised, and the format is one of ours.
                let id = PackageId {
                    format: Format::from_name(&row.format)?,
                    namespace: Some(row.namespace.clone())
                        .filter(|namespace| !namespace.is_empty()),
                    name: row.name.clone(),
                };
                Some(described(row, &id))
            })
            .collect(),
        next_token: page.next_token,
    })
}

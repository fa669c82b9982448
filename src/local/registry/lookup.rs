//! What package managers see of a package: its versions in the repository and upstream of it,
//! merged in search order.

use std::collections::{BTreeMap, HashSet};

use rusqlite::Connection;

use super::refusal::Answer;
use super::{
    Caller, Context, DomainId, Origin, PackageId, Registry, RepositoryId, Status, origin, package,
    repository, upstream,
};
use crate::local::store::repository::RepositoryRow;
use crate::local::store::version::{self as rows, AssetRow};
use crate::local::store::{content, package as package_rows};

/// A package as a repository and its upstreams know it.
#[derive(Clone, Debug)]
pub struct PackageView {
    /// Its versions, of every status; a version that several repositories have is the first one's.
    /// By version text, which is no format's order.
    pub versions: Vec<FoundVersion>,
    /// Its tags and the versions they name. Where repositories differ, upstream wins (guide, "npm
    /// tags and upstream repositories").
    pub tags: BTreeMap<String, String>,
    /// The formats' own metadata of the package, in search order.
    pub documents: Vec<String>,
    /// The external connections to ask for what is not stored, in search order.
    pub connections: Vec<Connected>,
    /// Whether the package is known to the repository itself.
    pub is_in_repository: bool,
}

/// A version that was found.
#[derive(Clone, Debug)]
pub struct FoundVersion {
    /// The name of the repository it was found in.
    pub repository: String,
    /// The version.
    pub version: String,
    /// Names exactly these assets and this metadata.
    pub revision: String,
    /// Its state: formats list what is Published, and let Unlisted be downloaded.
    pub status: Status,
    /// Milliseconds since 1970.
    pub published: i64,
    /// Where it entered the domain.
    pub origin: Origin,
    /// Its assets by name.
    pub assets: Vec<AssetRow>,
    /// The format's own metadata of the version.
    pub document: String,
    /// Whether assets and metadata from further upstream may be added to it (guide, "Requesting
    /// Python packages from upstreams and external connections").
    pub follows_upstream: bool,
}

/// An external connection that may be asked about the package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connected {
    /// The repository that has the connection, and retains what comes through it.
    pub repository: RepositoryId,
    /// The connection's name, such as `public:npmjs`.
    pub connection: String,
}

impl Registry {
    /// What the repository knows of a package, its upstreams included. A package that nobody has is
    /// a view without versions: its connections may know it.
    ///
    /// # Errors
    /// `ResourceNotFoundException` for the repository, `AccessDeniedException` without
    /// `ReadFromRepository`.
    pub async fn view(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
    ) -> Answer<PackageView> {
        let (caller, id, package) = (caller.clone(), id.clone(), package.clone());
        self.read(move |reading, context| {
            let repository = readable(reading, context, &caller, &id)?;
            view(reading, context, &repository, &package)
        })
        .await
    }

    /// The same for whoever may publish the package, which takes no permission to read: what is
    /// there already, and the connections that may have the version.
    ///
    /// # Errors
    /// `ResourceNotFoundException` for the repository, `AccessDeniedException` without
    /// `PublishPackageVersion` on the package.
    pub async fn publish_view(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
    ) -> Answer<PackageView> {
        let (caller, id, package) = (caller.clone(), id.clone(), package.clone());
        self.read(move |reading, context| {
            let action = "PublishPackageVersion";
            let place = package::authorized(reading, context, &caller, &id, &package, action)?;
            view(reading, context, &place.repository, &package)
        })
        .await
    }

    /// The name of a package that differs at most in its capitals, in the repository or upstream
    /// of it, for formats that look names up without regard to them.
    ///
    /// # Errors
    /// As [`Registry::view`].
    pub async fn spelling(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
    ) -> Answer<Option<String>> {
        let (caller, id, package) = (caller.clone(), id.clone(), package.clone());
        self.read(move |reading, context| {
            let repository = readable(reading, context, &caller, &id)?;
            for step in upstream::search_order(reading, context, &repository, &package)? {
                let found =
                    package_rows::spelling(reading, step.repository.id, package.coordinates())?;
                if found.is_some() {
                    return Ok(found);
                }
            }
            Ok(None)
        })
        .await
    }

    /// The names of the repository's packages of a format, upstreams not included, after `after`.
    ///
    /// # Errors
    /// As [`Registry::view`].
    pub async fn package_names(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        format: super::Format,
        after: Option<PackageId>,
        limit: usize,
    ) -> Answer<Vec<PackageId>> {
        let (caller, id) = (caller.clone(), id.clone());
        self.read(move |reading, context| {
            let repository = readable(reading, context, &caller, &id)?;
            let filter = package_rows::Filter {
                format: Some(format.as_str()),
                ..package_rows::Filter::default()
            };
            let after = after.as_ref().map(PackageId::coordinates);
            let found = package_rows::list(reading, repository.id, &filter, after, limit)?;
            Ok(found
                .into_iter()
                .map(|row| PackageId {
                    format,
                    namespace: Some(row.namespace).filter(|namespace| !namespace.is_empty()),
                    name: row.name,
                })
                .collect())
        })
        .await
    }

    /// The names of the repository's packages of a format in a namespace, upstreams not included.
    ///
    /// # Errors
    /// As [`Registry::view`].
    pub async fn names_in(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        format: super::Format,
        namespace: &str,
        limit: usize,
    ) -> Answer<Vec<String>> {
        let (caller, id, namespace) = (caller.clone(), id.clone(), namespace.to_string());
        self.read(move |reading, context| {
            let repository = readable(reading, context, &caller, &id)?;
            let filter = package_rows::Filter {
                format: Some(format.as_str()),
                namespace_prefix: Some(&namespace),
                ..package_rows::Filter::default()
            };
            let found = package_rows::list(reading, repository.id, &filter, None, limit)?;
            // Sorted by namespaces, so that this one stands before those that go on after it.
            let own = found.into_iter().filter(|row| row.namespace == namespace);
            Ok(own.map(|row| row.name).collect())
        })
        .await
    }

    /// Makes sure that the caller may read from the repository, for endpoints that name no package.
    ///
    /// # Errors
    /// As [`Registry::view`].
    pub async fn check_readable(&self, caller: &Caller, id: &RepositoryId) -> Answer<()> {
        let (caller, id) = (caller.clone(), id.clone());
        self.read(move |reading, context| readable(reading, context, &caller, &id).map(drop))
            .await
    }
}

/// The repository, for a caller that may read from it.
pub(super) fn readable(
    connection: &Connection,
    context: &Context,
    caller: &Caller,
    id: &RepositoryId,
) -> Answer<RepositoryRow> {
    let (_, repository) =
        repository::authorized(connection, context, caller, id, "ReadFromRepository")?;
    Ok(repository)
}

/// What a repository that may be read knows of a package.
pub(super) fn view(
    connection: &Connection,
    context: &Context,
    repository: &RepositoryRow,
    package: &PackageId,
) -> Answer<PackageView> {
    let mut view = PackageView {
        versions: Vec::new(),
        tags: BTreeMap::new(),
        documents: Vec::new(),
        connections: Vec::new(),
        is_in_repository: false,
    };
    let mut seen = HashSet::new();
    for step in upstream::search_order(connection, context, repository, package)? {
        if let Some(row) =
            package_rows::find(connection, step.repository.id, package.coordinates())?
        {
            view.is_in_repository |= step.repository.id == repository.id;
            for version in rows::all(connection, row.id)? {
                if !seen.insert(version.version.clone()) {
                    continue;
                }
                view.versions.push(FoundVersion {
                    follows_upstream: origin::follows_upstream(
                        package.format,
                        &version,
                        &step.repository,
                    ),
                    repository: step.repository.name.clone(),
                    revision: version.revision,
                    status: version.status,
                    published: version.published,
                    origin: version.origin,
                    assets: rows::assets(connection, version.id)?,
                    document: content::document(connection, version.content_id)?,
                    version: version.version,
                });
            }
            view.tags.extend(package_rows::tags(connection, row.id)?);
            view.documents.extend(row.document);
        }
        if let Some(name) = step.connection {
            view.connections.push(Connected {
                repository: id_of(&step.repository),
                connection: name,
            });
        }
    }
    view.versions
        .sort_by(|one, other| one.version.cmp(&other.version));
    Ok(view)
}

/// Which repository a row is.
pub(super) fn id_of(row: &RepositoryRow) -> RepositoryId {
    RepositoryId {
        domain: DomainId {
            owner: row.domain_owner.clone(),
            name: row.domain_name.clone(),
        },
        name: row.name.clone(),
    }
}

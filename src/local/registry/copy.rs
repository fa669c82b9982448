//! Copying versions from one repository of a domain to another (guide, "Copy packages between
//! repositories").

use std::collections::BTreeMap;

use indexmap::IndexMap;
use rusqlite::Connection;

use super::access::{self, Keys, Target};
use super::batch::{self, Failed, Outcome};
use super::event::{self, Change, Operation};
use super::package::{self, FirstVersion};
use super::refusal::{Answer, invalid};
use super::{
    Caller, Context, Origin, PackageId, Registry, RepositoryId, Status, repository, upstream,
    version,
};
use crate::local::store::Writing;
use crate::local::store::package::{self as package_rows, PackageRow};
use crate::local::store::repository::RepositoryRow;
use crate::local::store::version::{self as rows, NewVersion, VersionRow};

/// What to copy, and how.
#[derive(Clone, Debug, Default)]
pub struct CopyRequest {
    /// The versions, when no revisions are given.
    pub versions: Option<Vec<String>>,
    /// The versions with the revision that each must have.
    pub revisions: Option<BTreeMap<String, String>>,
    /// Whether other content at the destination is replaced.
    pub allow_overwrite: bool,
    /// Whether the versions are also looked for upstream of the source.
    pub include_from_upstream: bool,
}

/// What is to be done with one version.
enum Plan {
    /// It is there already, just the same.
    Nothing,
    Copy(VersionRow),
    Replace(VersionRow, VersionRow),
}

impl Registry {
    /// Copies versions from the source to the destination, or none when one of them cannot be.
    ///
    /// # Errors
    /// `AccessDeniedException` without `ReadFromRepository` on the source or `CopyPackageVersions`
    /// on the destination, `ResourceNotFoundException`, and `ValidationException` when not exactly
    /// one of versions and revisions is given.
    pub async fn copy_versions(
        &self,
        caller: &Caller,
        source: &RepositoryId,
        destination: &str,
        package: &PackageId,
        request: CopyRequest,
    ) -> Answer<Outcome> {
        let destination = RepositoryId {
            domain: source.domain.clone(),
            name: destination.to_string(),
        };
        let (caller, source, package) = (caller.clone(), source.clone(), package.clone());
        self.write(move |writing, context| {
            package.check_namespace()?;
            let versions = versions(&request)?;
            if source == destination {
                return Err(invalid(
                    "The source and the destination repository are the same.",
                ));
            }
            let (_, from) =
                repository::authorized(writing, context, &caller, &source, "ReadFromRepository")?;
            let (domain, to) = repository::require(writing, &destination)?;
            let target = Target::Repository(&domain, &to);
            let action = "CopyPackageVersions";
            access::check(
                writing,
                &context.region,
                &caller,
                action,
                target,
                Keys::new(),
            )?;
            copy(writing, context, &from, &to, &package, &versions, &request)
        })
        .await
    }
}

fn versions(request: &CopyRequest) -> Answer<Vec<String>> {
    match (&request.versions, &request.revisions) {
        (Some(versions), None) => Ok(versions.clone()),
        (None, Some(revisions)) => Ok(revisions.keys().cloned().collect()),
        (None, None) => Err(invalid(
            "One of versions and versionRevisions must be specified.",
        )),
        (Some(_), Some(_)) => Err(invalid(
            "Only one of versions and versionRevisions can be specified.",
        )),
    }
}

fn copy(
    writing: &Writing<'_>,
    context: &Context,
    from: &RepositoryRow,
    to: &RepositoryRow,
    package: &PackageId,
    versions: &[String],
    request: &CopyRequest,
) -> Answer<Outcome> {
    let sources = sources(
        writing,
        context,
        from,
        package,
        request.include_from_upstream,
    )?;
    if sources.is_empty() {
        return Err(package::missing(from, package));
    }
    let mut plans = IndexMap::new();
    let mut failed = IndexMap::new();
    for asked in versions {
        let version = package.format.normalize_version(asked);
        match plan(writing, &sources, to, package, &version, request)? {
            Ok(plan) => {
                plans.insert(version, plan);
            }
            Err(objection) => {
                failed.insert(version, objection);
            }
        }
    }
    if !failed.is_empty() {
        return Ok(batch::skip(versions, package, failed, |version| {
            format!("Version {version} was skipped")
        }));
    }
    let mut outcome = Outcome::default();
    for (version, plan) in plans {
        let source = match plan {
            Plan::Nothing => continue,
            Plan::Copy(source) => {
                place(writing, context, to, package, &source, None)?;
                source
            }
            Plan::Replace(source, present) => {
                place(writing, context, to, package, &source, Some(&present))?;
                source
            }
        };
        outcome
            .successful
            .insert(version, (source.revision, source.status.as_str()));
    }
    Ok(outcome)
}

/// The keys of the package in the repositories to copy from, in search order.
fn sources(
    connection: &Connection,
    context: &Context,
    from: &RepositoryRow,
    package: &PackageId,
    include_from_upstream: bool,
) -> Answer<Vec<i64>> {
    let repositories = if include_from_upstream {
        upstream::search_order(connection, context, from, package)?
            .into_iter()
            .map(|step| step.repository.id)
            .collect()
    } else {
        vec![from.id]
    };
    let mut sources = Vec::new();
    for repository in repositories {
        let row = package_rows::find(connection, repository, package.coordinates())?;
        sources.extend(row.map(|row| row.id));
    }
    Ok(sources)
}

fn plan(
    connection: &Connection,
    sources: &[i64],
    to: &RepositoryRow,
    package: &PackageId,
    version: &str,
    request: &CopyRequest,
) -> Answer<Result<Plan, (Failed, String)>> {
    let mut found = None;
    for source in sources {
        found = rows::find(connection, *source, version)?;
        if found.is_some() {
            break;
        }
    }
    let Some(source) = found else {
        return Ok(Err(batch::not_found(version)));
    };
    let expected = request
        .revisions
        .as_ref()
        .and_then(|revisions| revisions.get(version));
    if let Some(objection) =
        expected.and_then(|expected| batch::mismatched_revision(&source, expected))
    {
        return Ok(Err(objection));
    }
    if source.status == Status::Disposed {
        let message = format!("Version {version} is Disposed and cannot be copied");
        return Ok(Err((Failed::NotAllowed, message)));
    }
    Ok(match version::find(connection, to, package, version)? {
        None => Ok(Plan::Copy(source)),
        // The revision names assets and metadata; a disposed version has lost its assets.
        Some(present)
            if present.revision == source.revision && present.status != Status::Disposed =>
        {
            Ok(Plan::Nothing)
        }
        Some(present) if request.allow_overwrite => Ok(Plan::Replace(source, present)),
        Some(_) => Err((
            Failed::AlreadyExists,
            format!("Version {version} already exists"),
        )),
    })
}

/// Puts a copy of the version into the repository, with the tags that name it (guide, "npm tags and
/// the CopyPackageVersions API").
fn place(
    writing: &Writing<'_>,
    context: &Context,
    to: &RepositoryRow,
    package: &PackageId,
    source: &VersionRow,
    present: Option<&VersionRow>,
) -> Answer<()> {
    // A copy is a first version of the kind that it was when it entered the domain.
    let first = match source.origin {
        Origin::Internal { .. } => FirstVersion::Published,
        Origin::External { .. } => FirstVersion::Ingested,
    };
    let row = package::find_or_create(writing, to, package, first)?;
    match present {
        None => add(writing, context, to, &row, package, source)?,
        Some(present) => {
            let before = rows::assets(writing, present.id)?;
            rows::delete(writing, present.id)?;
            insert(writing, to, &row, source)?;
            let after = rows::assets(writing, source.id)?;
            let kept = |asset: &rows::AssetRow| before.iter().find(|old| old.name == asset.name);
            let change = Change {
                assets_added: after.iter().filter(|asset| kept(asset).is_none()).count(),
                assets_removed: before
                    .iter()
                    .filter(|old| after.iter().all(|asset| asset.name != old.name))
                    .count(),
                assets_updated: after
                    .iter()
                    .filter(|asset| kept(asset).is_some_and(|old| old.hashes != asset.hashes))
                    .count(),
                metadata_updated: true,
                status_changed: source.status != present.status,
                ..Change::of(
                    Operation::Updated,
                    &source.version,
                    source.status,
                    &source.revision,
                )
            };
            event::record(writing, context, to, &row, package, &change)?;
        }
    }
    for (tag, version) in package_rows::tags(writing, source.package_id)? {
        if version == source.version {
            package_rows::set_tag(writing, row.id, &tag, &version)?;
        }
    }
    Ok(())
}

/// Adds a version to a repository that does not have it.
pub(super) fn add(
    writing: &Writing<'_>,
    context: &Context,
    repository: &RepositoryRow,
    row: &PackageRow,
    package: &PackageId,
    source: &VersionRow,
) -> Answer<()> {
    let assets = insert(writing, repository, row, source)?;
    let change = Change::created(&source.version, source.status, &source.revision, assets);
    event::record(writing, context, repository, row, package, &change)
}

/// A row and references to assets, no bytes. Says how many assets.
fn insert(
    writing: &Writing<'_>,
    repository: &RepositoryRow,
    row: &PackageRow,
    source: &VersionRow,
) -> Answer<usize> {
    let version = rows::insert(
        writing,
        &NewVersion {
            package: row.id,
            content: source.content_id,
            version: &source.version,
            revision: &source.revision,
            status: source.status,
            published: source.published,
            origin: &source.origin,
        },
    )?;
    let assets = rows::assets(writing, source.id)?;
    rows::insert_assets(writing, repository.domain_id, version, &assets)?;
    Ok(assets.len())
}

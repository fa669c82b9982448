//! How versions come into a repository: published, ingested from a public repository, or retained
//! from upstream (guide, "Package publishing", "Package retention from upstream repositories").
//!
//! A format turns what a client sends into an [`Upload`]; everything else is decided here.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::event::{self, Change, Operation};
use super::group::{self, Restriction};
use super::lookup::{self, Connected};
use super::package::{self, FirstVersion};
use super::refusal::{Answer, Resource, conflict, denied, quota};
use super::{
    Caller, Context, Format, Origin, PackageId, Registry, RepositoryId, Status, VersionFacts,
    asset, repository, upstream,
};
use crate::local::store::package::{self as package_rows, PackageRow};
use crate::local::store::repository::RepositoryRow;
use crate::local::store::version::{self as rows, AssetRow, NewVersion, VersionRow};
use crate::local::store::{Writing, blob, content};

pub use crate::local::store::blob::StagedBlob;

/// An asset that was received whole and waits to be published.
#[derive(Clone)]
pub struct StagedAsset {
    /// The name it gets in the version.
    pub name: String,
    /// Its bytes.
    pub blob: StagedBlob,
}

/// All that a format hands over of a version, or of a part of one.
#[derive(Clone)]
pub struct Upload {
    /// Which package.
    pub package: PackageId,
    /// Which version, normalised.
    pub version: String,
    /// The assets, with different names.
    pub assets: Vec<StagedAsset>,
    /// What the version says of itself. None leaves what an existing version has.
    pub facts: Option<VersionFacts>,
    /// The format's own metadata of the version. None leaves what an existing version has.
    pub document: Option<String>,
    /// How to join the metadata of an existing version (first) with the uploaded one (second), for
    /// formats whose versions come in parts. Without it the uploaded one replaces the other.
    pub join: Option<fn(&str, &str) -> String>,
    /// The status of a new version. An existing version only changes from Unfinished to Published.
    pub status: Status,
    /// Tags that shall name the version, such as npm's `latest`.
    pub tags: Vec<String>,
}

/// What came of an upload.
#[derive(Clone, Debug)]
pub struct Publication {
    /// The revision that the version has now.
    pub revision: String,
    /// The status that it has now.
    pub status: Status,
    /// All its assets by name.
    pub assets: Vec<AssetRow>,
    /// Whether anything changed; publishing the same again changes nothing.
    pub changed: bool,
}

impl Registry {
    /// Publishes an upload to the repository.
    ///
    /// Whether a public repository has the version must be asked before, of the connections of
    /// [`Registry::view`]: the registry asks no one outside.
    ///
    /// # Errors
    /// `AccessDeniedException` without `PublishPackageVersion` on the package; `ConflictException`
    /// when origin controls block publishing, when the version is reachable upstream, when an asset
    /// of that name has other content, or when the version takes no further assets;
    /// `ServiceQuotaExceededException`.
    pub async fn publish(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        upload: Upload,
    ) -> Answer<Publication> {
        let (caller, id) = (caller.clone(), id.clone());
        self.keep_and_write(upload, move |writing, context, upload| {
            publish(writing, context, &caller, &id, upload)
        })
        .await
    }

    /// Makes sure that an upload of the package would be taken, before its bytes are.
    ///
    /// # Errors
    /// `AccessDeniedException`, and `ConflictException` when origin controls block publishing.
    pub async fn check_publish(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
    ) -> Answer<()> {
        let (caller, id, package) = (caller.clone(), id.clone(), package.clone());
        self.read(move |reading, context| {
            publishable(reading, context, &caller, &id, &package).map(drop)
        })
        .await
    }

    /// Takes in an upload from a public repository: into the repository that has the external
    /// connection, and, when that is another one, into the repository that was asked (guide,
    /// "Package retention in intermediate repositories"). Assets that are there already stay.
    ///
    /// # Errors
    /// `ResourceNotFoundException` when the connection is gone or origin controls block it now.
    pub async fn ingest(
        &self,
        caller: &Caller,
        asked: &RepositoryId,
        connected: &Connected,
        upload: Upload,
    ) -> Answer<Publication> {
        let (caller, asked, connected) = (caller.clone(), asked.clone(), connected.clone());
        self.keep_and_write(upload, move |writing, context, upload| {
            ingest(writing, context, &caller, &asked, &connected, upload)
        })
        .await
    }

    /// Replaces what an existing version of the repository itself says of itself: a deprecation, a
    /// yank. Its assets stay.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, `AccessDeniedException` without `PublishPackageVersion`.
    pub async fn amend(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
        version: &str,
        facts: Option<VersionFacts>,
        document: String,
    ) -> Answer<()> {
        let (caller, id, package, version) = (
            caller.clone(),
            id.clone(),
            package.clone(),
            version.to_string(),
        );
        self.write(move |writing, context| {
            let action = "PublishPackageVersion";
            let place = package::authorized(writing, context, &caller, &id, &package, action)?;
            amend(
                writing,
                context,
                &place.repository,
                &package,
                &version,
                facts,
                &document,
            )
        })
        .await
    }

    /// The same for a version that was ingested, when its public repository says something new of
    /// it. A version that does not follow upstream is left alone (guide, "Why is CodeArtifact not
    /// fetching the latest yanked metadata").
    ///
    /// # Errors
    /// `AccessDeniedException` without `ReadFromRepository`.
    pub async fn refresh(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
        version: &str,
        facts: Option<VersionFacts>,
        document: String,
    ) -> Answer<()> {
        let (caller, id, package, version) = (
            caller.clone(),
            id.clone(),
            package.clone(),
            version.to_string(),
        );
        self.write(move |writing, context| {
            lookup::readable(writing, context, &caller, &id)?;
            let (_, repository) = repository::require(writing, &id)?;
            let Some(row) = package_rows::find(writing, repository.id, package.coordinates())?
            else {
                return Ok(());
            };
            let follows = rows::find(writing, row.id, &version)?.is_some_and(|row| {
                follows_upstream(package.format, &row.origin, row.status, &repository.name)
            });
            if follows {
                amend(
                    writing,
                    context,
                    &repository,
                    &package,
                    &version,
                    facts,
                    &document,
                )?;
            }
            Ok(())
        })
        .await
    }

    /// Gives the blobs their place, runs the rule, and lets go of the blobs. Runs to its end even
    /// when the client goes away, so that no blob stays pinned.
    async fn keep_and_write<T: Send + 'static>(
        &self,
        upload: Upload,
        rule: impl FnOnce(&Writing<'_>, &Context, &Upload) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let registry = self.clone();
        let task = tokio::spawn(async move {
            let upload = Arc::new(upload);
            let mut kept = Vec::new();
            let mut outcome = Ok(());
            for asset in &upload.assets {
                outcome = registry.store.blobs().keep(&asset.blob).await;
                if outcome.is_err() {
                    break;
                }
                kept.push(asset.blob.hashes.sha256);
            }
            let outcome = match outcome {
                Ok(()) => {
                    let upload = Arc::clone(&upload);
                    registry
                        .write(move |writing, context| rule(writing, context, &upload))
                        .await
                }
                Err(failure) => Err(failure.into()),
            };
            for hash in kept {
                registry.store.release(hash).await?;
            }
            outcome
        });
        task.await
            .map_err(|error| crate::local::store::Failure::new("publish", error))?
    }
}

/// The repository and the package's row there, for a caller who may publish to it.
fn publishable(
    connection: &Connection,
    context: &Context,
    caller: &Caller,
    id: &RepositoryId,
    package: &PackageId,
) -> Answer<(RepositoryRow, Option<PackageRow>)> {
    let action = "PublishPackageVersion";
    let place = package::authorized(connection, context, caller, id, package, action)?;
    let row = package_rows::find(connection, place.repository.id, package.coordinates())?;
    check_publish_allowed(connection, &place.repository, package, row.as_ref())?;
    Ok((place.repository, row))
}

fn publish(
    writing: &Writing<'_>,
    context: &Context,
    caller: &Caller,
    id: &RepositoryId,
    upload: &Upload,
) -> Answer<Publication> {
    let package = &upload.package;
    let (repository, row) = publishable(writing, context, caller, id, package)?;
    let existing = match &row {
        Some(row) => rows::find(writing, row.id, &upload.version)?,
        None => None,
    };
    // What the repository has itself is compared below, asset by asset.
    if existing.is_none()
        && let Some(upstream) = reachable(writing, context, &repository, package, &upload.version)?
    {
        return Err(conflict(
            Resource::PackageVersion,
            &upload.version,
            format!(
                "Cannot publish version {} of package {package}: it is present in the upstream repository {upstream}.",
                upload.version
            ),
        ));
    }
    let row = match row {
        Some(row) => row,
        None => package::create(writing, &repository, package, FirstVersion::Published)?,
    };
    let origin = Origin::Internal {
        repository: repository.name.clone(),
    };
    store(
        writing,
        context,
        &repository,
        &row,
        upload,
        &origin,
        Presence::MustAgree,
    )
}

/// Guide, "Package origin control settings": BLOCK wins, on the package or on its group.
fn check_publish_allowed(
    connection: &Connection,
    repository: &RepositoryRow,
    package: &PackageId,
    row: Option<&PackageRow>,
) -> Answer<()> {
    let blocked = |by: &str| {
        Err(conflict(
            Resource::Package,
            package.to_string(),
            format!(
                "Cannot publish package {package} to repository {}: publishing is blocked by the {by} origin controls.",
                repository.name
            ),
        ))
    };
    if row.is_some_and(|row| !row.publish) {
        return blocked("package's");
    }
    let effective = group::effective(connection, repository.domain_id, package)?;
    if !group::allows(connection, &effective, Restriction::Publish, repository.id)? {
        return blocked("package group's");
    }
    Ok(())
}

/// The repository upstream of this one that has the version (guide, "Publishing and upstream
/// repositories").
fn reachable(
    connection: &Connection,
    context: &Context,
    repository: &RepositoryRow,
    package: &PackageId,
    version: &str,
) -> Answer<Option<String>> {
    for step in upstream::search_order(connection, context, repository, package)?
        .into_iter()
        .skip(1)
    {
        if let Some(row) =
            package_rows::find(connection, step.repository.id, package.coordinates())?
            && rows::find(connection, row.id, version)?.is_some()
        {
            return Ok(Some(step.repository.name));
        }
    }
    Ok(None)
}

fn ingest(
    writing: &Writing<'_>,
    context: &Context,
    caller: &Caller,
    asked: &RepositoryId,
    connected: &Connected,
    upload: &Upload,
) -> Answer<Publication> {
    let package = &upload.package;
    let requested = lookup::readable(writing, context, caller, asked)?;
    // Asked anew: what was allowed when the fetch began may be blocked by now.
    let steps = upstream::search_order(writing, context, &requested, package)?;
    let step = steps.into_iter().find(|step| {
        lookup::id_of(&step.repository) == connected.repository
            && step.connection.as_deref() == Some(&connected.connection)
    });
    let Some(step) = step else {
        return Err(package::missing(&requested, package));
    };
    let row = match package_rows::find(writing, step.repository.id, package.coordinates())? {
        Some(row) => row,
        None => package::create(writing, &step.repository, package, FirstVersion::Ingested)?,
    };
    let origin = Origin::External {
        connection: connected.connection.clone(),
    };
    let publication = store(
        writing,
        context,
        &step.repository,
        &row,
        upload,
        &origin,
        Presence::MayDiffer,
    )?;
    if step.repository.id != requested.id {
        retain(writing, context, asked, package, &upload.version)?;
    }
    Ok(publication)
}

/// What to do about an asset whose name the version has with other content.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    /// Refuse the upload.
    MustAgree,
    /// Keep what is there.
    MayDiffer,
}

fn store(
    writing: &Writing<'_>,
    context: &Context,
    repository: &RepositoryRow,
    package: &PackageRow,
    upload: &Upload,
    origin: &Origin,
    presence: Presence,
) -> Answer<Publication> {
    for asset in &upload.assets {
        let limit = context.quotas.asset_size;
        if asset.blob.size > limit {
            return Err(quota(
                Resource::Asset,
                &asset.name,
                format!("An asset cannot have more than {limit} bytes."),
            ));
        }
        blob::record(writing, asset.blob.size, &asset.blob.hashes)?;
    }
    let publication = match rows::find(writing, package.id, &upload.version)? {
        None => add(writing, context, repository, package, upload, origin)?,
        Some(existing) => extend(
            writing, context, repository, package, upload, &existing, presence,
        )?,
    };
    for tag in &upload.tags {
        package_rows::set_tag(writing, package.id, tag, &upload.version)?;
    }
    Ok(publication)
}

fn add(
    writing: &Writing<'_>,
    context: &Context,
    repository: &RepositoryRow,
    package: &PackageRow,
    upload: &Upload,
    origin: &Origin,
) -> Answer<Publication> {
    let facts = upload.facts.clone().unwrap_or_default();
    let document = upload.document.clone().unwrap_or_default();
    let assets: Vec<AssetRow> = upload.assets.iter().map(asset_row).collect();
    check_asset_count(context, upload, assets.len())?;
    let revision = revision(&assets, &facts, &document)?;
    let content = content::insert(writing, &facts, &document)?;
    let version = rows::insert(
        writing,
        &NewVersion {
            package: package.id,
            content,
            version: &upload.version,
            revision: &revision,
            status: upload.status,
            published: context.clock.now(),
            origin,
        },
    )?;
    for asset in &assets {
        rows::insert_asset(
            writing,
            repository.domain_id,
            version,
            &asset.name,
            &asset.hashes.sha256,
        )?;
    }
    let change = Change {
        operation: Operation::Created,
        version: &upload.version,
        status: upload.status,
        revision: &revision,
        assets_added: assets.len(),
        assets_removed: 0,
        assets_updated: 0,
        metadata_updated: true,
        status_changed: true,
    };
    event::record(
        writing,
        context,
        repository,
        package,
        &upload.package,
        &change,
    )?;
    Ok(Publication {
        assets: rows::assets(writing, version)?,
        revision,
        status: upload.status,
        changed: true,
    })
}

/// Adds to a version that is there (guide, "Overwriting package assets").
fn extend(
    writing: &Writing<'_>,
    context: &Context,
    repository: &RepositoryRow,
    package: &PackageRow,
    upload: &Upload,
    existing: &VersionRow,
    presence: Presence,
) -> Answer<Publication> {
    let mut assets = rows::assets(writing, existing.id)?;
    let unchanged = |assets| Publication {
        revision: existing.revision.clone(),
        status: existing.status,
        assets,
        changed: false,
    };
    if !existing.status.is_available() {
        return match presence {
            Presence::MayDiffer => Ok(unchanged(assets)),
            Presence::MustAgree => Err(conflict(
                Resource::PackageVersion,
                &upload.version,
                format!(
                    "Version {} of package {} already exists. Status: {}",
                    upload.version,
                    upload.package,
                    existing.status.as_str()
                ),
            )),
        };
    }
    let mut added = Vec::new();
    for asset in &upload.assets {
        match assets.iter().find(|present| present.name == asset.name) {
            Some(present) if present.hashes.sha256 == asset.blob.hashes.sha256 => {}
            Some(_) if presence == Presence::MayDiffer => {}
            Some(_) => {
                return Err(conflict(
                    Resource::Asset,
                    &asset.name,
                    format!(
                        "Asset {} of version {} of package {} already exists with different content.",
                        asset.name, upload.version, upload.package
                    ),
                ));
            }
            None => added.push(asset_row(asset)),
        }
    }
    let open =
        existing.status == Status::Unfinished || upload.package.format.takes_further_assets();
    if !added.is_empty() && !open {
        return Err(conflict(
            Resource::PackageVersion,
            &upload.version,
            format!(
                "Version {} of package {} already exists and takes no further assets.",
                upload.version, upload.package
            ),
        ));
    }
    let before = content::by_id(writing, existing.content_id)?;
    let (facts, document) = if open {
        let facts = upload.facts.clone().unwrap_or_else(|| before.facts.clone());
        (facts, joined(upload, &before.document))
    } else {
        (before.facts.clone(), before.document.clone())
    };
    let status = match (existing.status, upload.status) {
        (Status::Unfinished, Status::Published) => Status::Published,
        (status, _) => status,
    };
    let metadata_updated = facts != before.facts || document != before.document;
    if added.is_empty() && !metadata_updated && status == existing.status {
        return Ok(unchanged(assets));
    }
    for asset in &added {
        rows::insert_asset(
            writing,
            repository.domain_id,
            existing.id,
            &asset.name,
            &asset.hashes.sha256,
        )?;
    }
    assets.extend(added.iter().cloned());
    check_asset_count(context, upload, assets.len())?;
    let revision = revision(&assets, &facts, &document)?;
    let content = if metadata_updated {
        content::insert(writing, &facts, &document)?
    } else {
        existing.content_id
    };
    rows::update(writing, existing.id, content, &revision, status)?;
    let change = Change {
        operation: Operation::Updated,
        version: &upload.version,
        status,
        revision: &revision,
        assets_added: added.len(),
        assets_removed: 0,
        assets_updated: 0,
        metadata_updated,
        status_changed: status != existing.status,
    };
    event::record(
        writing,
        context,
        repository,
        package,
        &upload.package,
        &change,
    )?;
    assets.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Publication {
        revision,
        status,
        assets,
        changed: true,
    })
}

fn amend(
    writing: &Writing<'_>,
    context: &Context,
    repository: &RepositoryRow,
    package: &PackageId,
    version: &str,
    facts: Option<VersionFacts>,
    document: &str,
) -> Answer<()> {
    let (package_row, row) = super::version::require(writing, repository, package, version)?;
    let before = content::by_id(writing, row.content_id)?;
    let facts = facts.unwrap_or_else(|| before.facts.clone());
    if facts == before.facts && document == before.document {
        return Ok(());
    }
    if row.status == Status::Disposed {
        return Err(denied(format!(
            "Version {version} of package {package} is disposed of."
        )));
    }
    let revision = revision(&rows::assets(writing, row.id)?, &facts, document)?;
    let content = content::insert(writing, &facts, document)?;
    rows::update(writing, row.id, content, &revision, row.status)?;
    let change = Change {
        operation: Operation::Updated,
        version: &row.version,
        status: row.status,
        revision: &revision,
        assets_added: 0,
        assets_removed: 0,
        assets_updated: 0,
        metadata_updated: true,
        status_changed: false,
    };
    event::record(writing, context, repository, &package_row, package, &change)
}

/// Retains a version in the repository, from the first repository upstream of it that has it. A
/// version that is there already gets the assets it lacks, where it follows upstream.
pub(super) fn retain(
    writing: &Writing<'_>,
    context: &Context,
    id: &RepositoryId,
    package: &PackageId,
    version: &str,
) -> Answer<()> {
    let (_, repository) = repository::require(writing, id)?;
    let mut steps = upstream::search_order(writing, context, &repository, package)?.into_iter();
    steps.next();
    for step in steps {
        let Some(source) = package_rows::find(writing, step.repository.id, package.coordinates())?
        else {
            continue;
        };
        let Some(source) = rows::find(writing, source.id, version)? else {
            continue;
        };
        if !source.status.is_available() {
            return Ok(());
        }
        let row = match package_rows::find(writing, repository.id, package.coordinates())? {
            Some(row) => row,
            None => package::create(writing, &repository, package, FirstVersion::Ingested)?,
        };
        match rows::find(writing, row.id, version)? {
            None => copy(writing, context, &repository, &row, package, &source)?,
            Some(existing) => {
                if !follows_upstream(
                    package.format,
                    &existing.origin,
                    existing.status,
                    &repository.name,
                ) {
                    return Ok(());
                }
                catch_up(
                    writing,
                    context,
                    &repository,
                    &row,
                    package,
                    &source,
                    &existing,
                )?;
            }
        }
        if !follows_upstream(
            package.format,
            &source.origin,
            source.status,
            &step.repository.name,
        ) {
            return Ok(());
        }
    }
    Ok(())
}

/// Adds a copy of a version: a row and references to assets, no bytes. Says how many.
pub(super) fn add_copy(
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
    for asset in &assets {
        rows::insert_asset(
            writing,
            repository.domain_id,
            version,
            &asset.name,
            &asset.hashes.sha256,
        )?;
    }
    Ok(assets.len())
}

/// Copies a version to a repository that does not have it.
pub(super) fn copy(
    writing: &Writing<'_>,
    context: &Context,
    repository: &RepositoryRow,
    row: &PackageRow,
    package: &PackageId,
    source: &VersionRow,
) -> Answer<()> {
    let assets_added = add_copy(writing, repository, row, source)?;
    let change = Change {
        operation: Operation::Created,
        version: &source.version,
        status: source.status,
        revision: &source.revision,
        assets_added,
        assets_removed: 0,
        assets_updated: 0,
        metadata_updated: true,
        status_changed: true,
    };
    event::record(writing, context, repository, row, package, &change)
}

/// Gives a retained version the assets and the metadata that its source has by now.
fn catch_up(
    writing: &Writing<'_>,
    context: &Context,
    repository: &RepositoryRow,
    row: &PackageRow,
    package: &PackageId,
    source: &VersionRow,
    existing: &VersionRow,
) -> Answer<()> {
    let mut assets = rows::assets(writing, existing.id)?;
    let mut added = 0;
    for asset in rows::assets(writing, source.id)? {
        if assets.iter().all(|present| present.name != asset.name)
            && assets.len() < context.quotas.assets_per_version
        {
            rows::insert_asset(
                writing,
                repository.domain_id,
                existing.id,
                &asset.name,
                &asset.hashes.sha256,
            )?;
            assets.push(asset);
            added += 1;
        }
    }
    let metadata_updated = source.content_id != existing.content_id;
    if added == 0 && !metadata_updated {
        return Ok(());
    }
    let content = content::by_id(writing, source.content_id)?;
    let revision = revision(&assets, &content.facts, &content.document)?;
    rows::update(
        writing,
        existing.id,
        source.content_id,
        &revision,
        existing.status,
    )?;
    let change = Change {
        operation: Operation::Updated,
        version: &existing.version,
        status: existing.status,
        revision: &revision,
        assets_added: added,
        assets_removed: 0,
        assets_updated: 0,
        metadata_updated,
        status_changed: false,
    };
    event::record(writing, context, repository, row, package, &change)
}

/// Whether a version goes on taking assets and metadata from upstream: in the formats whose versions
/// grow, while it is meant to be consumed, and not once it was published to the repository itself
/// (guide, "Requesting Python packages from upstreams and external connections").
pub(super) fn follows_upstream(
    format: Format,
    origin: &Origin,
    status: Status,
    repository: &str,
) -> bool {
    format.takes_further_assets()
        && matches!(status, Status::Published | Status::Unlisted)
        && !asset::was_published_to(origin, repository)
}

fn joined(upload: &Upload, before: &str) -> String {
    match (&upload.document, upload.join) {
        (None, _) => before.to_string(),
        (Some(document), Some(join)) => join(before, document),
        (Some(document), None) => document.clone(),
    }
}

fn check_asset_count(context: &Context, upload: &Upload, count: usize) -> Answer<()> {
    let limit = context.quotas.assets_per_version;
    if count > limit {
        return Err(quota(
            Resource::PackageVersion,
            &upload.version,
            format!("A package version cannot have more than {limit} assets."),
        ));
    }
    Ok(())
}

fn asset_row(asset: &StagedAsset) -> AssetRow {
    AssetRow {
        name: asset.name.clone(),
        size: asset.blob.size,
        hashes: asset.blob.hashes.clone(),
    }
}

/// The revision of a version with these assets and this metadata (guide, "Package version
/// revision"): the same for the same, so that copies can be compared by it.
pub(super) fn revision(
    assets: &[AssetRow],
    facts: &VersionFacts,
    document: &str,
) -> Answer<String> {
    let mut assets: Vec<_> = assets.iter().collect();
    assets.sort_by(|one, other| one.name.cmp(&other.name));
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    for asset in assets {
        part(asset.name.as_bytes());
        part(&asset.hashes.sha256);
    }
    let facts = serde_json::to_vec(facts)
        .map_err(|error| crate::local::store::Failure::new("revision", error))?;
    part(&facts);
    part(document.as_bytes());
    Ok(STANDARD.encode(hash.finalize()))
}

//! An upload becomes a version, or a part of one that is there (guide, "Overwriting package
//! assets").

use super::revision::revision;
use super::upload::{Publication, StagedAsset, Upload};
use crate::local::registry::event::{self, Change, Operation};
use crate::local::registry::refusal::{Answer, Resource, conflict, quota};
use crate::local::registry::{Context, Origin, Status};
use crate::local::store::package::{self as package_rows, PackageRow};
use crate::local::store::repository::RepositoryRow;
use crate::local::store::version::{self as rows, AssetRow, NewVersion, VersionRow};
use crate::local::store::{Writing, blob, content};

/// What to do about an asset whose name the version has with other content.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// Refuse the upload.
    MustAgree,
    /// Keep what is there.
    MayDiffer,
}

/// Adds the upload to the package: as a new version, or to the one that is there.
pub(super) fn accept(
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
    rows::insert_assets(writing, repository.domain_id, version, &assets)?;
    let change = Change::created(&upload.version, upload.status, &revision, assets.len());
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
    let added = additions(upload, &assets, presence)?;
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
    rows::insert_assets(writing, repository.domain_id, existing.id, &added)?;
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
        assets_added: added.len(),
        metadata_updated,
        status_changed: status != existing.status,
        ..Change::of(Operation::Updated, &upload.version, status, &revision)
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

/// The uploaded assets that the version does not have.
fn additions(upload: &Upload, assets: &[AssetRow], presence: Presence) -> Answer<Vec<AssetRow>> {
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
    Ok(added)
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

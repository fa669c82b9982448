//! Versions that a repository keeps from upstream of it (guide, "Package retention from upstream
//! repositories").

use super::revision::revision;
use crate::local::registry::event::{self, Change, Operation};
use crate::local::registry::package::{self, FirstVersion};
use crate::local::registry::refusal::Answer;
use crate::local::registry::{
    Context, PackageId, RepositoryId, copy, origin, repository, upstream, version,
};
use crate::local::store::package::PackageRow;
use crate::local::store::repository::RepositoryRow;
use crate::local::store::version::{self as rows, VersionRow};
use crate::local::store::{Writing, content};

/// Retains a version in the repository, from the first repository upstream of it that has it. A
/// version that is there already gets the assets it lacks, where it follows upstream.
pub(in crate::local::registry) fn retain(
    writing: &Writing<'_>,
    context: &Context,
    id: &RepositoryId,
    package: &PackageId,
    version: &str,
) -> Answer<()> {
    let (_, repository) = repository::require(writing, id)?;
    for step in upstream::search_order(writing, context, &repository, package)?
        .into_iter()
        .skip(1)
    {
        let Some(source) = version::find(writing, &step.repository, package, version)? else {
            continue;
        };
        if !source.status.is_available() {
            return Ok(());
        }
        let row = package::find_or_create(writing, &repository, package, FirstVersion::Ingested)?;
        match rows::find(writing, row.id, version)? {
            None => copy::add(writing, context, &repository, &row, package, &source)?,
            Some(existing) if origin::follows_upstream(package.format, &existing, &repository) => {
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
            Some(_) => return Ok(()),
        }
        if !origin::follows_upstream(package.format, &source, &step.repository) {
            return Ok(());
        }
    }
    Ok(())
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
    let room = context
        .quotas
        .assets_per_version
        .saturating_sub(assets.len());
    let mut added = rows::assets(writing, source.id)?;
    added.retain(|asset| assets.iter().all(|present| present.name != asset.name));
    added.truncate(room);
    let metadata_updated = source.content_id != existing.content_id;
    if added.is_empty() && !metadata_updated {
        return Ok(());
    }
    rows::insert_assets(writing, repository.domain_id, existing.id, &added)?;
    let assets_added = added.len();
    assets.extend(added);
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
        assets_added,
        metadata_updated,
        ..Change::of(
            Operation::Updated,
            &existing.version,
            existing.status,
            &revision,
        )
    };
    event::record(writing, context, repository, row, package, &change)
}

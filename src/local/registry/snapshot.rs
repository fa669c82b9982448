//! Maven snapshots: a version that always holds what its latest build holds (guide, "Snapshot
//! publishing in CodeArtifact").

use super::event::{self, Change, Operation};
use super::refusal::Answer;
use super::{
    Caller, Context, PackageId, Registry, RepositoryId, Status, package, publish, version,
};
use crate::local::store::package::PackageRow;
use crate::local::store::version::{self as rows, NewVersion, VersionRow};
use crate::local::store::{Writing, content};

impl Registry {
    /// Lets a snapshot version hold what a build of it holds, and unlists the build.
    ///
    /// # Errors
    /// `ResourceNotFoundException` when the build is not in the repository itself,
    /// `AccessDeniedException` without `PublishPackageVersion`.
    pub async fn set_snapshot(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
        snapshot: &str,
        build: &str,
    ) -> Answer<()> {
        let (caller, id, package) = (caller.clone(), id.clone(), package.clone());
        let (snapshot, build) = (snapshot.to_string(), build.to_string());
        self.write(move |writing, context| {
            let action = "PublishPackageVersion";
            let place = package::authorized(writing, context, &caller, &id, &package, action)?;
            let (row, built) = version::require(writing, &place.repository, &package, &build)?;
            let record = |change: Change<'_>| {
                event::record(writing, context, &place.repository, &row, &package, &change)
            };
            if built.status != Status::Unlisted {
                rows::set_status(writing, built.id, Status::Unlisted)?;
                record(Change {
                    status_changed: true,
                    ..Change::of(
                        Operation::Updated,
                        &built.version,
                        Status::Unlisted,
                        &built.revision,
                    )
                })?;
            }
            let replaced = replace(
                writing,
                context,
                &row,
                place.repository.domain_id,
                &snapshot,
                &built,
            )?;
            let operation = if replaced.existed {
                Operation::Updated
            } else {
                Operation::Created
            };
            record(Change {
                assets_added: replaced.added,
                assets_removed: replaced.removed,
                metadata_updated: true,
                status_changed: !replaced.existed,
                ..Change::of(operation, &snapshot, Status::Published, &replaced.revision)
            })
        })
        .await
    }
}

/// What became of the snapshot version.
struct Replaced {
    existed: bool,
    revision: String,
    added: usize,
    removed: usize,
}

fn replace(
    writing: &Writing<'_>,
    context: &Context,
    package: &PackageRow,
    domain: i64,
    snapshot: &str,
    built: &VersionRow,
) -> Answer<Replaced> {
    let assets = rows::assets(writing, built.id)?;
    let said = content::by_id(writing, built.content_id)?;
    let revision = publish::revision(&assets, &said.facts, &said.document)?;
    let before = rows::find(writing, package.id, snapshot)?;
    let removed = match &before {
        Some(before) => rows::assets(writing, before.id)?.len(),
        None => 0,
    };
    if let Some(before) = &before {
        rows::delete_assets(writing, before.id)?;
        rows::delete(writing, before.id)?;
    }
    let version = rows::insert(
        writing,
        &NewVersion {
            package: package.id,
            content: built.content_id,
            version: snapshot,
            revision: &revision,
            status: Status::Published,
            published: context.clock.now(),
            origin: &built.origin,
        },
    )?;
    rows::insert_assets(writing, domain, version, &assets)?;
    Ok(Replaced {
        existed: before.is_some(),
        revision,
        added: assets.len(),
        removed,
    })
}

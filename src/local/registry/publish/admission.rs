//! What may be published: by whom, past which origin controls, and not what an upstream repository
//! has already (guide, "Package origin control settings", "Publishing and upstream repositories").

use rusqlite::Connection;

use crate::local::registry::group::{self, Restriction};
use crate::local::registry::refusal::{Answer, Resource, conflict};
use crate::local::registry::{
    Caller, Context, PackageId, RepositoryId, package, upstream, version,
};
use crate::local::store::package as package_rows;
use crate::local::store::repository::RepositoryRow;

/// The repository, for a caller who may publish the package to it.
pub(super) fn publishable(
    connection: &Connection,
    context: &Context,
    caller: &Caller,
    id: &RepositoryId,
    package: &PackageId,
) -> Answer<RepositoryRow> {
    let action = "PublishPackageVersion";
    let place = package::authorized(connection, context, caller, id, package, action)?;
    check_publish_allowed(connection, &place.repository, package)?;
    Ok(place.repository)
}

/// Guide, "Package origin control settings": BLOCK wins, on the package or on its group.
fn check_publish_allowed(
    connection: &Connection,
    repository: &RepositoryRow,
    package: &PackageId,
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
    let row = package_rows::find(connection, repository.id, package.coordinates())?;
    if row.is_some_and(|row| !row.publish) {
        return blocked("package's");
    }
    let effective = group::effective(connection, repository.domain_id, package)?;
    if !group::allows(connection, &effective, Restriction::Publish, repository.id)? {
        return blocked("package group's");
    }
    Ok(())
}

/// A version that is reachable upstream cannot be published. What the repository has itself is
/// compared asset by asset instead.
pub(super) fn check_not_upstream(
    connection: &Connection,
    context: &Context,
    repository: &RepositoryRow,
    package: &PackageId,
    version: &str,
) -> Answer<()> {
    if version::find(connection, repository, package, version)?.is_some() {
        return Ok(());
    }
    for step in upstream::search_order(connection, context, repository, package)?
        .into_iter()
        .skip(1)
    {
        if version::find(connection, &step.repository, package, version)?.is_some() {
            return Err(conflict(
                Resource::PackageVersion,
                version,
                format!(
                    "Cannot publish version {version} of package {package}: it is present in the upstream repository {}.",
                    step.repository.name
                ),
            ));
        }
    }
    Ok(())
}

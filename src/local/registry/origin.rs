//! What follows from where a version entered the domain.

use super::{Format, Origin, Status};
use crate::local::store::repository::RepositoryRow;
use crate::local::store::version::VersionRow;

/// Whether a version goes on taking assets and metadata from upstream: in the formats whose versions
/// grow, while it is meant to be consumed, and not once it was published to the repository itself
/// (guide, "Requesting Python packages from upstreams and external connections").
pub(super) fn follows_upstream(
    format: Format,
    version: &VersionRow,
    repository: &RepositoryRow,
) -> bool {
    format.takes_further_assets()
        && matches!(version.status, Status::Published | Status::Unlisted)
        && !was_published_to(&version.origin, &repository.name)
}

/// Whether the version entered the domain by being published to that very repository.
fn was_published_to(origin: &Origin, repository: &str) -> bool {
    matches!(origin, Origin::Internal { repository: entry } if entry == repository)
}

//! What happens to several versions of a package at once: status, disposal, deletion (guide,
//! "Update package version status", "Disposing of package versions", "Deleting a package version").
//!
//! Either all versions change or none: when one cannot, the others are skipped.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::event::{self, Change, Operation};
use super::refusal::{Answer, invalid};
use super::{Caller, Context, PackageId, Registry, RepositoryId, Status, package};
use crate::local::store::Writing;
use crate::local::store::package::{self as package_rows, PackageRow};
use crate::local::store::repository::RepositoryRow;
use crate::local::store::version::{self as rows, VersionRow};

/// Why a version was left as it was (shape `PackageVersionErrorCode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// The destination has another version of that name.
    AlreadyExists,
    /// It has another revision than was expected.
    MismatchedRevision,
    /// It has another status than was expected.
    MismatchedStatus,
    /// Its status does not let this be done.
    NotAllowed,
    /// There is no such version.
    NotFound,
    /// Another version of the request failed.
    Skipped,
}

impl Failed {
    /// The service's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Failed::AlreadyExists => "ALREADY_EXISTS",
            Failed::MismatchedRevision => "MISMATCHED_REVISION",
            Failed::MismatchedStatus => "MISMATCHED_STATUS",
            Failed::NotAllowed => "NOT_ALLOWED",
            Failed::NotFound => "NOT_FOUND",
            Failed::Skipped => "SKIPPED",
        }
    }
}

/// What became of the versions of a request, in the request's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The versions that changed: revision, and the service's word for their state now.
    pub successful: IndexMap<String, (String, &'static str)>,
    /// The versions that did not: why, and in a sentence.
    pub failed: IndexMap<String, (Failed, String)>,
}

/// Which versions, and what they have to be like.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// The versions.
    pub versions: Vec<String>,
    /// The revision that each of them must have.
    pub revisions: Option<BTreeMap<String, String>>,
    /// The status that all of them must have.
    pub expected_status: Option<String>,
}

/// What to do with the versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    SetStatus(Status),
    Dispose,
    Delete,
}

impl Registry {
    /// Gives versions another status: Published, Unlisted or Archived.
    ///
    /// # Errors
    /// `ResourceNotFoundException` for the package, `ValidationException` for another status and
    /// when the revisions are not for the same versions.
    pub async fn set_versions_status(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
        selection: Selection,
        target: &str,
    ) -> Answer<Outcome> {
        let Some(target @ (Status::Published | Status::Unlisted | Status::Archived)) =
            Status::from_name(target)
        else {
            return Err(invalid(format!(
                "The target status {target} is not allowed; it must be Published, Unlisted or Archived."
            )));
        };
        let task = Task::SetStatus(target);
        self.batch(
            caller,
            id,
            package,
            selection,
            "UpdatePackageVersionsStatus",
            task,
        )
        .await
    }

    /// Deletes the assets of versions for good, and keeps the versions as Disposed.
    ///
    /// # Errors
    /// As [`Registry::set_versions_status`].
    pub async fn dispose_versions(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
        selection: Selection,
    ) -> Answer<Outcome> {
        let action = "DisposePackageVersions";
        self.batch(caller, id, package, selection, action, Task::Dispose)
            .await
    }

    /// Deletes versions; they can be published again.
    ///
    /// # Errors
    /// As [`Registry::set_versions_status`].
    pub async fn delete_versions(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
        selection: Selection,
    ) -> Answer<Outcome> {
        let action = "DeletePackageVersions";
        self.batch(caller, id, package, selection, action, Task::Delete)
            .await
    }

    async fn batch(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
        selection: Selection,
        action: &'static str,
        task: Task,
    ) -> Answer<Outcome> {
        let (caller, id, package) = (caller.clone(), id.clone(), package.clone());
        self.write(move |writing, context| {
            let place = package::authorized(writing, context, &caller, &id, &package, action)?;
            check(&selection)?;
            let row = package::require(writing, &place.repository, &package)?;
            run(
                writing,
                context,
                &place.repository,
                &row,
                &package,
                &selection,
                task,
            )
        })
        .await
    }
}

/// The versions of the revisions must be those of the request (guide, "Specifying a package version
/// revision").
fn check(selection: &Selection) -> Answer<()> {
    let Some(revisions) = &selection.revisions else {
        return Ok(());
    };
    let same = revisions
        .keys()
        .all(|version| selection.versions.contains(version))
        && selection
            .versions
            .iter()
            .all(|version| revisions.contains_key(version));
    if same {
        Ok(())
    } else {
        Err(invalid(
            "The versions in versionRevisions must be the same as those in versions.",
        ))
    }
}

fn run(
    writing: &Writing<'_>,
    context: &Context,
    repository: &RepositoryRow,
    package_row: &PackageRow,
    package: &PackageId,
    selection: &Selection,
    task: Task,
) -> Answer<Outcome> {
    let mut found = IndexMap::new();
    let mut failed = IndexMap::new();
    for asked in &selection.versions {
        let version = package.format.normalize_version(asked);
        match rows::find(writing, package_row.id, &version)? {
            None => {
                failed.insert(version, not_found(asked));
            }
            Some(row) => match objection(selection, asked, &row, task) {
                Some(objection) => {
                    failed.insert(version, objection);
                }
                None => {
                    found.insert(version, row);
                }
            },
        }
    }
    if !failed.is_empty() {
        return Ok(skip(&selection.versions, package, failed, |version| {
            format!("version {version} is skipped")
        }));
    }
    let mut outcome = Outcome::default();
    for (version, row) in found {
        let state = change(
            writing,
            context,
            repository,
            package_row,
            package,
            &row,
            task,
        )?;
        outcome.successful.insert(version, (row.revision, state));
    }
    Ok(outcome)
}

pub(super) fn not_found(version: &str) -> (Failed, String) {
    (
        Failed::NotFound,
        format!("Could not find version {version}"),
    )
}

pub(super) fn mismatched_revision(row: &VersionRow, expected: &str) -> Option<(Failed, String)> {
    (row.revision != expected).then(|| {
        let message = format!(
            "current revision: {}, expected revision: {expected}",
            row.revision
        );
        (Failed::MismatchedRevision, message)
    })
}

/// The outcome when some versions failed: the others are skipped, all in the request's order.
pub(super) fn skip(
    versions: &[String],
    package: &PackageId,
    mut failed: IndexMap<String, (Failed, String)>,
    sentence: impl Fn(&str) -> String,
) -> Outcome {
    let mut outcome = Outcome::default();
    for version in versions {
        let version = package.format.normalize_version(version);
        let why = failed
            .swap_remove(&version)
            .unwrap_or_else(|| (Failed::Skipped, sentence(&version)));
        // A version that is named twice has its answer already.
        outcome.failed.entry(version).or_insert(why);
    }
    outcome
}

/// Why this cannot be done with the version.
fn objection(
    selection: &Selection,
    asked: &str,
    row: &VersionRow,
    task: Task,
) -> Option<(Failed, String)> {
    let expected = selection
        .revisions
        .as_ref()
        .and_then(|revisions| revisions.get(asked));
    if let Some(objection) = expected.and_then(|expected| mismatched_revision(row, expected)) {
        return Some(objection);
    }
    let current = row.status.as_str();
    if let Some(expected) = &selection.expected_status
        && expected != current
    {
        let message = format!("current status: {current}, expected status: {expected}");
        return Some((Failed::MismatchedStatus, message));
    }
    if row.status == Status::Disposed && task != Task::Delete {
        let message = format!("version {asked} is Disposed and can only be deleted");
        return Some((Failed::NotAllowed, message));
    }
    None
}

fn change(
    writing: &Writing<'_>,
    context: &Context,
    repository: &RepositoryRow,
    package_row: &PackageRow,
    package: &PackageId,
    row: &VersionRow,
    task: Task,
) -> Answer<&'static str> {
    let mut change = Change {
        status_changed: true,
        ..Change::of(Operation::Updated, &row.version, row.status, &row.revision)
    };
    let state = match task {
        Task::SetStatus(status) => {
            if status == row.status {
                return Ok(status.as_str());
            }
            rows::set_status(writing, row.id, status)?;
            change.status = status;
            status.as_str()
        }
        Task::Dispose => {
            change.assets_removed = rows::delete_assets(writing, row.id)?;
            rows::set_status(writing, row.id, Status::Disposed)?;
            change.status = Status::Disposed;
            Status::Disposed.as_str()
        }
        Task::Delete => {
            change.operation = Operation::Deleted;
            change.assets_removed = rows::delete_assets(writing, row.id)?;
            change.metadata_updated = true;
            rows::delete(writing, row.id)?;
            package_rows::delete_tags_of(writing, package_row.id, &row.version)?;
            "Deleted"
        }
    };
    event::record(writing, context, repository, package_row, package, &change)?;
    Ok(state)
}

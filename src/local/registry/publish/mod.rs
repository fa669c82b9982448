//! How versions come into a repository: published, ingested from a public repository, or retained
//! from upstream (guide, "Package publishing", "Package retention from upstream repositories").
//!
//! A format turns what a client sends into an [`Upload`]; everything else is decided here.

mod acceptance;
mod admission;
mod amendment;
mod ingestion;
mod retention;
mod revision;
mod upload;

use super::package::{self, FirstVersion};
use super::refusal::Answer;
use super::{Caller, Context, Origin, PackageId, Registry, RepositoryId};
use crate::local::store::Writing;
use acceptance::{Presence, accept};

pub(super) use retention::retain;
pub(super) use revision::revision;
pub use upload::{Publication, StagedAsset, StagedBlob, Upload};

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
            admission::publishable(reading, context, &caller, &id, &package).map(drop)
        })
        .await
    }
}

fn publish(
    writing: &Writing<'_>,
    context: &Context,
    caller: &Caller,
    id: &RepositoryId,
    upload: &Upload,
) -> Answer<Publication> {
    let package = &upload.package;
    let repository = admission::publishable(writing, context, caller, id, package)?;
    admission::check_not_upstream(writing, context, &repository, package, &upload.version)?;
    let row = package::find_or_create(writing, &repository, package, FirstVersion::Published)?;
    let origin = Origin::Internal {
        repository: repository.name.clone(),
    };
    accept(
        writing,
        context,
        &repository,
        &row,
        upload,
        &origin,
        Presence::MustAgree,
    )
}

//! What a format hands over of a version, and how its bytes get their place.

use std::sync::Arc;

use crate::local::registry::refusal::Answer;
use crate::local::registry::{Context, PackageId, Registry, Status, VersionFacts};
use crate::local::store::version::AssetRow;
use crate::local::store::{Failure, Writing};

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
    /// Gives the blobs their place, runs the rule, and lets go of the blobs. Runs to its end even
    /// when the client goes away, so that no blob stays pinned.
    pub(super) async fn keep_and_write<T: Send + 'static>(
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
        task.await.map_err(|error| Failure::new("publish", error))?
    }
}

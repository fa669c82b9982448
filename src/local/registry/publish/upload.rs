//! What a format hands over of a version, and how its bytes get their place.

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
        // On one thread, from end to end: each change of threads costs more than the work between.
        tokio::task::spawn_blocking(move || {
            let mut kept = Vec::new();
            let outcome = registry.keep(&upload, &mut kept).and_then(|()| {
                let rule = |writing: &Writing<'_>| rule(writing, &registry.context, &upload);
                registry.store.write_here(rule)
            });
            for hash in &kept {
                registry.store.release(hash)?;
            }
            outcome
        })
        .await
        .map_err(|error| Failure::new("publish", error))?
    }

    /// Gives the blobs their place; says of which that was done.
    fn keep(&self, upload: &Upload, kept: &mut Vec<[u8; 32]>) -> Answer<()> {
        for asset in &upload.assets {
            self.store.blobs().keep(&asset.blob)?;
            kept.push(asset.blob.hashes.sha256);
        }
        Ok(())
    }
}

//! The revision of a version (guide, "Package version revision").

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::local::registry::VersionFacts;
use crate::local::registry::refusal::Answer;
use crate::local::store::Failure;
use crate::local::store::version::AssetRow;

/// The revision of a version with these assets and this metadata: the same for the same, so that copies can be compared by it.
pub(in crate::local::registry) fn revision(
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
    let facts = serde_json::to_vec(facts).map_err(|error| Failure::new("revision", error))?;
    part(&facts);
    part(document.as_bytes());
    Ok(STANDARD.encode(hash.finalize()))
}

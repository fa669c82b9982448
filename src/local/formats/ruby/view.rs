//! Gems as a client sees them: stored files and offered ones, merged.

use std::collections::HashMap;

use futures_util::StreamExt as _;
use futures_util::stream;

use super::index::{self, Entry, Files};
use super::name::{id, is_gem};
use super::offers::{self, Offers};
use crate::local::endpoint::Endpoint;
use crate::local::formats::Service;
use crate::local::formats::problem::{Handled, Problem};
use crate::local::registry::lookup::{FoundVersion, PackageView};
use crate::local::registry::{Format, Status};

/// How many gems are looked up at a time.
const AT_ONCE: usize = 8;

/// The files of a gem that clients are told of; none when nobody has the gem.
///
/// # Errors
/// When somebody might have it and cannot be asked.
pub(super) async fn entries(
    service: &Service,
    endpoint: &Endpoint,
    gem: &str,
) -> Handled<Vec<Entry>> {
    if !is_gem(gem) {
        return Ok(Vec::new());
    }
    let view = service
        .registry
        .view(&endpoint.caller, &endpoint.repository, &id(gem))
        .await?;
    let offers = offers::ask(service, &view, gem).await;
    let entries = merged(&view, &offers);
    match offers.failure {
        Some(failure) if entries.is_empty() => Err(Problem::from(failure)),
        _ => Ok(entries),
    }
}

/// The files of several gems.
///
/// # Errors
/// As [`entries`].
pub(super) async fn several(
    service: &Service,
    endpoint: &Endpoint,
    gems: &[String],
) -> Handled<Vec<(String, Vec<Entry>)>> {
    let found = stream::iter(gems.to_vec()).map(|gem| async move {
        let entries = entries(service, endpoint, &gem).await?;
        Ok((gem, entries))
    });
    let found: Vec<Handled<_>> = found.buffered(AT_ONCE).collect().await;
    found.into_iter().collect()
}

/// All gems, and when the last of them changed in milliseconds since 1970; nothing when there are
/// more than are known here.
///
/// # Errors
/// When the registry refuses.
pub(super) async fn all(
    service: &Service,
    endpoint: &Endpoint,
) -> Handled<Option<(Vec<(String, Vec<Entry>)>, i64)>> {
    let catalogue = service
        .registry
        .catalogue(&endpoint.caller, &endpoint.repository, Format::Ruby)
        .await?;
    if !catalogue.is_complete {
        return Ok(None);
    }
    let (nothing, mut newest) = (Offers::default(), 0);
    let mut gems = Vec::new();
    for (package, view) in catalogue.packages {
        let entries = merged(&view, &nothing);
        if !entries.is_empty() {
            let published = view.versions.iter().map(|found| found.published).max();
            newest = newest.max(published.unwrap_or_default());
            gems.push((package.name, entries));
        }
    }
    Ok(Some((gems, newest)))
}

/// Stored files that were not yanked and, of versions that are not stored or go on following
/// upstream, offered ones.
fn merged(view: &PackageView, offers: &Offers) -> Vec<Entry> {
    let mut entries = Vec::new();
    for found in &view.versions {
        if found.status == Status::Published {
            let mut known = Files::parse(&found.document).files;
            entries.extend(found.assets.iter().filter_map(|asset| {
                let about = known.remove(&asset.name).filter(|about| !about.yanked)?;
                Some(Entry {
                    version: found.version.clone(),
                    sha256: Some(hex::encode(asset.hashes.sha256)),
                    about,
                })
            }));
        }
    }
    let stored: HashMap<&str, &FoundVersion> = view
        .versions
        .iter()
        .map(|found| (found.version.as_str(), found))
        .collect();
    for (_, offered) in offers.entries() {
        let is_open = stored
            .get(offered.version.as_str())
            .is_none_or(|found| found.follows_upstream && found.status == Status::Published);
        let is_known = |entry: &Entry| {
            entry.version == offered.version && entry.about.platform == offered.about.platform
        };
        if is_open && !entries.iter().any(is_known) {
            entries.push(offered.clone());
        }
    }
    index::sort(&mut entries);
    entries
}

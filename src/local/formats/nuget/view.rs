//! A package as a client sees it: stored versions and offered ones, merged.
//!
//! An Unlisted version (guide, "Package version status") is in no list, not even as one that is
//! not listed: nuget.exe would choose it all the same. Projects whose `packages.config` names it go
//! on to build, as its package can be had.

use std::borrow::Cow;
use std::collections::HashMap;

use super::entry::Entry;
use super::index::{self, Hive, Listed, is_same};
use super::name::{id, is_id};
use super::offers::{self, Entries};
use super::{NO_SUCH_PLACE, no_package};
use crate::local::endpoint::Endpoint;
use crate::local::formats::Service;
use crate::local::formats::problem::{Handled, Problem};
use crate::local::registry::lookup::{FoundVersion, PackageView};
use crate::local::registry::{Format, Origin, Status};

/// What is stored of a package and what upstream says of it.
pub(super) struct Package {
    /// Its id in lower case.
    pub(super) id: String,
    view: PackageView,
    stored: Vec<Entry>,
    offers: Entries,
}

impl Package {
    /// Looks a package up, everywhere.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub(super) async fn find(
        service: &Service,
        endpoint: &Endpoint,
        package: &str,
    ) -> Handled<Package> {
        let view = view(service, endpoint, package).await?;
        let lower = package.to_lowercase();
        let offers = offers::entries(service, &view, &lower).await;
        Ok(Package::new(lower, view, offers))
    }

    /// The same of what is stored alone.
    pub(super) async fn find_stored(
        service: &Service,
        endpoint: &Endpoint,
        package: &str,
    ) -> Handled<Package> {
        let view = view(service, endpoint, package).await?;
        Ok(Package::new(
            package.to_lowercase(),
            view,
            Entries::default(),
        ))
    }

    fn new(lower: String, view: PackageView, offers: Entries) -> Package {
        let stored = view.versions.iter();
        let stored = stored.map(|found| Entry::stored(&found.document, &lower, &found.version));
        Package {
            stored: stored.collect(),
            id: lower,
            view,
            offers,
        }
    }

    /// The versions that clients are told of, in ascending order.
    pub(super) fn listed(&self, hive: Hive) -> Vec<Listed<'_>> {
        self.versions(hive, |status| status == Status::Published)
    }

    /// The versions that can be had, in ascending order.
    pub(super) fn available(&self, hive: Hive) -> Vec<Listed<'_>> {
        self.versions(hive, |status| {
            matches!(status, Status::Published | Status::Unlisted)
        })
    }

    fn versions(&self, hive: Hive, takes: impl Fn(Status) -> bool) -> Vec<Listed<'_>> {
        let mut offered: HashMap<String, &Entry> = HashMap::new();
        for entry in self.offers.all() {
            offered.entry(key(&entry.version)).or_insert(entry);
        }
        let mut listed = Vec::new();
        for (found, entry) in self.view.versions.iter().zip(&self.stored) {
            // Also what must not be seen is not to be had from further upstream.
            let upstream = offered.remove(&key(&found.version));
            if takes(found.status) {
                listed.push(of_stored(found, entry, upstream));
            }
        }
        listed.extend(offered.into_values().map(|entry| Listed {
            version: Format::Nuget.normalize_version(&entry.version),
            published: entry.text("published").map(str::to_string),
            is_listed: !entry.unlisted,
            entry: Cow::Borrowed(entry),
        }));
        listed.retain(|listed| hive == Hive::Second || !listed.entry.is_second());
        index::sort(&mut listed);
        listed
    }

    /// Why there is nothing to be told: nobody has it, or somebody might and cannot be asked.
    pub(super) fn missing(&self) -> Problem {
        let failure = self.offers.failure.clone();
        failure.map_or_else(|| no_package(&self.id), Problem::from)
    }
}

/// Of what came from outside, upstream knows by now whether it is listed and what is wrong with it.
fn of_stored<'a>(found: &FoundVersion, entry: &'a Entry, upstream: Option<&Entry>) -> Listed<'a> {
    let upstream = upstream.filter(|_| matches!(found.origin, Origin::External { .. }));
    let mut entry = Cow::Borrowed(entry);
    if let Some(upstream) = upstream.filter(|upstream| !upstream.notices.is_empty()) {
        entry.to_mut().notices.clone_from(&upstream.notices);
    }
    Listed {
        version: found.version.clone(),
        published: upstream
            .and_then(|upstream| upstream.text("published"))
            .map(str::to_string)
            .or_else(|| Some(iso(found.published))),
        is_listed: found.status == Status::Published
            && upstream.is_none_or(|upstream| !upstream.unlisted),
        entry,
    }
}

/// What the repository and its upstreams have of a package.
///
/// # Errors
/// When it is no package's id, or the repository cannot be read.
pub(super) async fn view(
    service: &Service,
    endpoint: &Endpoint,
    package: &str,
) -> Handled<PackageView> {
    if !is_id(package) {
        return Err(NO_SUCH_PLACE);
    }
    let registry = &service.registry;
    let (caller, repository) = (&endpoint.caller, &endpoint.repository);
    Ok(registry.view(caller, repository, &id(package)).await?)
}

/// The list of versions for the flat container, in ascending order.
///
/// # Errors
/// When nobody has the package; when somebody might have it and cannot be asked.
pub(super) async fn versions(
    service: &Service,
    endpoint: &Endpoint,
    package: &str,
) -> Handled<String> {
    let view = view(service, endpoint, package).await?;
    let offers = offers::versions(service, &view, &package.to_lowercase()).await;
    let is_stored = |offered: &str| {
        let mut stored = view.versions.iter();
        stored.any(|found| is_same(&found.version, offered))
    };
    let stored = view.versions.iter();
    let stored = stored.filter(|found| found.status == Status::Published);
    let offered = offers.all().filter(|offered| !is_stored(offered));
    let mut listed: Vec<String> = stored
        .map(|found| found.version.to_lowercase())
        .chain(offered.map(key))
        .collect();
    if listed.is_empty() {
        let missing = || no_package(package);
        return Err(offers.failure.map_or_else(missing, Problem::from));
    }
    listed.sort_by(|one, other| super::version::compare(one, other));
    listed.dedup();
    Ok(index::versions(&listed))
}

/// One spelling for all that stand for a version.
fn key(version: &str) -> String {
    Format::Nuget.normalize_version(version).to_lowercase()
}

fn iso(milliseconds: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    format!("{time:.3}")
}

//! Dependencies that are brought in before anybody asks for them.
//!
//! Requesting from external connections, "npm ingestion behavior": with a version come up to two
//! versions of each of its direct and transitive dependencies, the most recent one that will do
//! and the one that the tag `latest` names.

use std::pin::Pin;

use serde_json::Value;

use super::index::Form;
use super::name::PackageName;
use super::offers;
use super::packument::Upstream;
use super::range::Range;
use crate::local::endpoint::Endpoint;
use crate::local::formats::Service;
use crate::local::ingestion::Outcome;

/// The most dependencies of a version that are followed.
const MOST: usize = 1000;

/// Follows the dependencies of a version that was brought in, in the background.
pub(super) fn follow(service: &Service, endpoint: &Endpoint, document: &str) {
    for (package, wanted) in needs(document) {
        let name = format!("npm {:?} {package}@{wanted}", endpoint.repository);
        let (own, endpoint) = (service.clone(), endpoint.clone());
        let work: Pin<Box<dyn Future<Output = ()> + Send>> =
            Box::pin(async move { bring_in(&own, &endpoint, &package, &wanted).await });
        service.ingestion.later(name, work);
    }
}

/// What a version needs: packages and the ranges or tags that they are needed in.
fn needs(document: &str) -> Vec<(PackageName, String)> {
    let manifest: Value = serde_json::from_str(document).unwrap_or_default();
    let lists = ["dependencies", "optionalDependencies"];
    let needs = lists
        .into_iter()
        .filter_map(|list| manifest.get(list)?.as_object())
        .flatten()
        .filter_map(|(name, wanted)| need(name, wanted.as_str()?));
    needs.take(MOST).collect()
}

/// A dependency may stand for another package: `npm:<name>@<range>`.
fn need(name: &str, wanted: &str) -> Option<(PackageName, String)> {
    let (name, wanted) = match wanted.strip_prefix("npm:") {
        None => (name, wanted),
        Some(alias) => match alias.rsplit_once('@') {
            Some((name, wanted)) if !name.is_empty() => (name, wanted),
            _ => (alias, ""),
        },
    };
    // What comes from an address comes from nowhere near here.
    let plain = !wanted.contains([':', '/']);
    Some((
        PackageName::parse(name).ok().filter(|_| plain)?,
        wanted.to_string(),
    ))
}

/// Brings in the versions that are not stored, and follows their dependencies. Whatever goes wrong
/// does so again, and is told, when a client asks.
async fn bring_in(service: &Service, endpoint: &Endpoint, package: &PackageName, wanted: &str) {
    let registry = &service.registry;
    let (caller, repository) = (&endpoint.caller, &endpoint.repository);
    let Ok(view) = registry
        .view(caller, repository, &offers::id(package))
        .await
    else {
        return;
    };
    let offers = offers::ask(service, &view, package, Form::Abbreviated).await;
    for offer in &offers.found {
        let (_, offered) = offer;
        for version in chosen(offered, wanted) {
            let is_stored = view.versions.iter().any(|found| found.version == version);
            if let Some(version) = offered.version(version).filter(|_| !is_stored)
                && let Ok(Outcome::Stored | Outcome::Arriving(_)) =
                    offers::ingest(service, endpoint, package, offer, version).await
            {
                follow(service, endpoint, &version.document);
            }
        }
    }
}

/// The newest version that will do, and the one that is tagged `latest` if it is another.
fn chosen<'a>(package: &'a Upstream, wanted: &str) -> Vec<&'a str> {
    let newest = match Range::parse(wanted) {
        None => package.tags.get(wanted).map(String::as_str),
        Some(range) => package
            .versions
            .iter()
            .filter_map(|offered| Some((semver::Version::parse(&offered.version).ok()?, offered)))
            .filter(|(version, _)| range.takes(version))
            .max_by(|(one, _), (other, _)| one.cmp(other))
            .map(|(_, offered)| offered.version.as_str()),
    };
    let latest = package.tags.get("latest").map(String::as_str);
    let mut chosen: Vec<&str> = newest.into_iter().chain(latest).collect();
    chosen.dedup();
    chosen
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn needs_are_read() {
        let document = json!({
            "dependencies": {"a": "^1", "b": "npm:@s/c@~2", "d": "git+https://x/y", "e": 7, "../f": "1"},
            "optionalDependencies": {"g": "next", "h": "npm:i"}, "devDependencies": {"j": "1"},
        });
        let needs = needs(&document.to_string());
        let needs: Vec<(&str, &str)> = needs
            .iter()
            .map(|(package, wanted)| (package.as_str(), wanted.as_str()))
            .collect();
        assert_eq!(
            needs,
            [("a", "^1"), ("@s/c", "~2"), ("g", "next"), ("i", "")]
        );
        assert!(super::needs("nonsense").is_empty());
    }

    #[test]
    fn the_newest_and_the_latest_are_chosen() {
        let dist = json!({"tarball": "http://x/", "shasum": ""});
        let versions = ["1.9.0", "1.10.0", "2.0.0", "3.0.0-rc"]
            .map(|version| (version.to_string(), json!({"dist": dist})));
        let packument = json!({
            "name": "a", "dist-tags": {"latest": "2.0.0", "next": "3.0.0-rc"},
            "versions": serde_json::Map::from_iter(versions),
        });
        let package = PackageName::parse("a").unwrap();
        let upstream = Upstream::parse(packument.to_string().as_bytes(), &package).unwrap();
        assert_eq!(chosen(&upstream, "^1"), ["1.10.0", "2.0.0"]);
        assert_eq!(chosen(&upstream, ">=1"), ["2.0.0"]);
        assert_eq!(chosen(&upstream, "next"), ["3.0.0-rc", "2.0.0"]);
        assert_eq!(chosen(&upstream, "^7"), ["2.0.0"]);
    }
}

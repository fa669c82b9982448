//! A package as a client sees it: stored versions and offered ones, merged.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use axum::http::HeaderMap;
use axum::response::Response;

use super::index::{self, Form, Listed};
use super::name::PackageName;
use super::offers::{self, Offers};
use super::{no_version, respond};
use crate::api::fault::{Fault, FaultKind};
use crate::local::endpoint::Endpoint;
use crate::local::formats::Service;
use crate::local::formats::problem::{Handled, Problem};
use crate::local::registry::Status;
use crate::local::registry::lookup::PackageView;

/// What is stored of a package and what upstream offers.
pub(super) struct Package {
    pub(super) view: PackageView,
    pub(super) offers: Offers,
}

impl Package {
    /// Looks a package up, everywhere.
    ///
    /// # Errors
    /// When nobody has it; when somebody might have it and cannot be asked.
    pub(super) async fn find(
        service: &Service,
        endpoint: &Endpoint,
        package: &PackageName,
        form: Form,
    ) -> Handled<Package> {
        let id = offers::id(package);
        let view = service
            .registry
            .view(&endpoint.caller, &endpoint.repository, &id)
            .await?;
        let offers = offers::ask(service, &view, package, form).await;
        let found = Package { view, offers };
        if found.listed().is_empty() {
            let missing = Fault::new(
                FaultKind::ResourceNotFound,
                format!("Package {package} not found."),
            );
            return Err(found.offers.failure.map_or(missing.into(), Problem::from));
        }
        Ok(found)
    }

    /// The versions that clients are told of (guide, "Package version status").
    pub(super) fn listed(&self) -> Vec<Listed<'_>> {
        let stored = self
            .view
            .versions
            .iter()
            .map(|found| found.version.as_str());
        let mut seen: HashSet<&str> = stored.collect();
        let published = self
            .view
            .versions
            .iter()
            .filter(|found| found.status == Status::Published);
        let mut listed: Vec<Listed<'_>> = published
            .map(|found| Listed {
                version: &found.version,
                document: &found.document,
                published: Some(Cow::Owned(
                    self.time(&found.version)
                        .unwrap_or_else(|| iso(found.published)),
                )),
            })
            .collect();
        for (_, package) in &self.offers.found {
            for offered in &package.versions {
                if seen.insert(&offered.version) {
                    listed.push(Listed {
                        version: &offered.version,
                        document: &offered.document,
                        published: offered.published.as_deref().map(Cow::Borrowed),
                    });
                }
            }
        }
        listed
    }

    /// When upstream says that the version was published: not when it was fetched.
    fn time(&self, version: &str) -> Option<String> {
        self.offers.version(version)?.1.published.clone()
    }

    /// The tags that clients are told of.
    pub(super) fn tags(&self, listed: &[Listed<'_>]) -> BTreeMap<String, String> {
        let visible = listed.iter().map(|listed| listed.version).collect();
        let offered = self.offers.found.iter().map(|(_, package)| &package.tags);
        index::merge_tags(
            std::iter::once(&self.view.tags).chain(offered),
            &visible,
            newest(listed),
        )
    }
}

/// The version that stands in for a missing `latest`: the newest stable one, or else the newest.
fn newest<'a>(listed: &[Listed<'a>]) -> Option<&'a str> {
    let versions = listed
        .iter()
        .filter_map(|listed| Some((semver::Version::parse(listed.version).ok()?, listed.version)));
    let newest = versions.max_by(|(one, _), (other, _)| {
        (one.pre.is_empty(), one).cmp(&(other.pre.is_empty(), other))
    });
    newest
        .map(|(_, version)| version)
        .or_else(|| Some(listed.last()?.version))
}

/// The packument.
pub(super) async fn packument(
    service: &Service,
    endpoint: &Endpoint,
    package: &PackageName,
    form: Form,
) -> Handled<String> {
    let found = Package::find(service, endpoint, package, form).await?;
    let listed = found.listed();
    let tags = found.tags(&listed);
    let readme = found
        .offers
        .found
        .iter()
        .find_map(|(_, package)| package.readme.as_deref());
    Ok(index::render(
        &endpoint.base,
        package,
        form,
        &tags,
        &listed,
        readme,
    ))
}

/// One version's manifest, by its number or by a tag.
pub(super) async fn version(
    service: &Service,
    endpoint: &Endpoint,
    package: &PackageName,
    wanted: &str,
    headers: &HeaderMap,
) -> Handled<Response> {
    let found = Package::find(service, endpoint, package, Form::Full).await?;
    let listed = found.listed();
    let tags = found.tags(&listed);
    let version = tags.get(wanted).map_or(wanted, String::as_str);
    let listed = listed.iter().find(|listed| listed.version == version);
    let listed = listed.ok_or_else(|| no_version(package, wanted))?;
    let body = index::render_version(&endpoint.base, package, version, listed.document);
    Ok(respond::document(body, Form::Full.media_type(), headers))
}

/// The tags alone.
pub(super) async fn tags(
    service: &Service,
    endpoint: &Endpoint,
    package: &PackageName,
    headers: &HeaderMap,
) -> Handled<Response> {
    let found = Package::find(service, endpoint, package, Form::Abbreviated).await?;
    let tags = found.tags(&found.listed());
    Ok(respond::document(
        index::object(&tags),
        "application/json",
        headers,
    ))
}

/// A time as npm writes it.
fn iso(milliseconds: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    format!("{time:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed<'a>(versions: &[&'a str]) -> Vec<Listed<'a>> {
        versions
            .iter()
            .map(|version| Listed {
                version,
                document: "",
                published: None,
            })
            .collect()
    }

    #[test]
    fn a_stable_version_is_newer_than_any_other() {
        assert_eq!(
            newest(&listed(&["1.9.0", "1.10.0", "2.0.0-rc"])),
            Some("1.10.0")
        );
        assert_eq!(
            newest(&listed(&["2.0.0-rc", "2.0.0-beta"])),
            Some("2.0.0-rc")
        );
        assert_eq!(newest(&listed(&["old"])), Some("old"));
        assert_eq!(newest(&[]), None);
    }

    #[test]
    fn times_have_milliseconds() {
        assert_eq!(iso(1_602_673_570_370), "2020-10-14T11:06:10.370Z");
        assert_eq!(iso(0), "1970-01-01T00:00:00.000Z");
    }
}

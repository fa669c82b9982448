//! The addresses of the pages.

use crate::local::registry::{DomainId, PackageId, RepositoryId};

/// Where the page is, besides `/`.
pub(super) const PATH: &str = "/browse";

/// The page of a domain.
pub(super) fn to_domain(id: &DomainId) -> String {
    with(PATH, &[("owner", &id.owner), ("domain", &id.name)])
}

/// The page of a repository.
pub(super) fn to_repository(id: &DomainId, name: &str) -> String {
    with(&to_domain(id), &[("repository", name)])
}

/// The page of a package.
pub(super) fn to_package(id: &RepositoryId, package: &PackageId) -> String {
    let namespace = package.namespace.as_deref().unwrap_or("");
    with(
        &to_repository(&id.domain, &id.name),
        &[
            ("format", package.format.as_str()),
            ("namespace", namespace),
            ("package", &package.name),
        ],
    )
}

/// The page of a domain's package groups: that of the group without a name.
pub(super) fn to_groups(id: &DomainId) -> String {
    to_group(id, "")
}

/// The page of a package group.
pub(super) fn to_group(id: &DomainId, pattern: &str) -> String {
    with(&to_domain(id), &[("group", pattern)])
}

/// The address with further parameters.
pub(super) fn with(path: &str, pairs: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{path}{separator}{query}")
}

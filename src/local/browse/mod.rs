//! A page for people who would rather look than read: domains, repositories and how they hang
//! together, packages, versions, package groups. It only shows; every program on this machine may look,
//! and nobody else.

mod address;
mod graph;
mod group;
mod html;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;

use self::address::{PATH, to_domain, to_groups, to_package, to_repository, with};
use self::html::{Html, link, time};
use super::registry::package::PackageFilter;
use super::registry::page::PageRequest;
use super::registry::repository::{Repository, RepositoryFilter};
use super::registry::version::VersionFilter;
use super::registry::{Answer, Caller, DomainId, Format, PackageId, Registry, RepositoryId};

/// Whether a request is for this page: a look at `/` or below, by an address or as `localhost`.
/// Another name would be a foreign page in a browser that had its name point here.
pub(super) fn is_mine(method: &str, path: &str, host: &str) -> bool {
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let host = url::Host::parse(host);
    let is_local = match host {
        Ok(url::Host::Domain(name)) => name == "localhost",
        Ok(url::Host::Ipv4(_) | url::Host::Ipv6(_)) => true,
        Err(_) => false,
    };
    method == "GET" && (path == "/" || path == PATH) && is_local
}

/// What to show, out of the query.
#[derive(Default)]
struct Wanted {
    owner: Option<String>,
    domain: Option<String>,
    repository: Option<String>,
    format: Option<String>,
    namespace: Option<String>,
    package: Option<String>,
    group: Option<String>,
    next: Option<String>,
}

impl Wanted {
    fn read(query: &str) -> Wanted {
        let mut wanted = Wanted::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "owner" => &mut wanted.owner,
                "domain" => &mut wanted.domain,
                "repository" => &mut wanted.repository,
                "format" => &mut wanted.format,
                "namespace" => &mut wanted.namespace,
                "package" => &mut wanted.package,
                "group" => &mut wanted.group,
                "next" => &mut wanted.next,
                _ => continue,
            };
            *place = Some(value.into_owned());
        }
        wanted
    }
}

/// The page that the query asks for.
pub(super) async fn answer(registry: &Registry, query: &str) -> Response<Body> {
    let wanted = Wanted::read(query);
    let (status, page) = match page(registry, &wanted).await {
        Ok(page) => (StatusCode::OK, page),
        Err(fault) => {
            let mut page = Html::new("Not here");
            page.paragraph(&fault.message);
            let status = StatusCode::from_u16(fault.kind.status());
            (status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), page)
        }
    };
    let mut response = (status, page.finish()).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Nothing but the one style sheet: no script, no picture, no form, no frame.
    let policy = format!(
        "default-src 'none'; style-src '{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        html::style_source()
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

async fn page(registry: &Registry, wanted: &Wanted) -> Answer<Html> {
    let (Some(owner), Some(domain)) = (&wanted.owner, &wanted.domain) else {
        return domains(registry).await;
    };
    let id = DomainId {
        owner: owner.clone(),
        name: domain.clone(),
    };
    let caller = Caller::operator(owner);
    let next = PageRequest {
        max_results: None,
        next_token: wanted.next.clone(),
    };
    match wanted.group.as_deref() {
        Some("") => return group::tree(registry, &caller, &id, next).await,
        Some(pattern) => return group::page(registry, &caller, &id, pattern, next).await,
        None => {}
    }
    let Some(repository) = &wanted.repository else {
        return domain_page(registry, &caller, &id).await;
    };
    let id = RepositoryId {
        domain: id,
        name: repository.clone(),
    };
    let format = wanted.format.as_deref().and_then(Format::from_name);
    match (format, &wanted.package) {
        (Some(format), Some(name)) => {
            let package = PackageId::new(format, wanted.namespace.as_deref(), name);
            package_page(registry, &caller, &id, &package, next).await
        }
        _ => repository_page(registry, &caller, &id, next).await,
    }
}

async fn domains(registry: &Registry) -> Answer<Html> {
    let mut page = Html::new("Domains");
    let mut rows = Vec::new();
    for id in registry.all_domains().await? {
        let domain = registry
            .describe_domain(&Caller::operator(&id.owner), &id)
            .await?;
        rows.push(vec![
            link(&to_domain(&id), &id.name),
            html::text(&id.owner),
            html::text(&domain.repository_count.to_string()),
            html::text(&domain.row.asset_size.to_string()),
            html::text(&time(domain.row.created)),
        ]);
    }
    page.table(
        &["Domain", "Owner", "Repositories", "Bytes", "Created"],
        &rows,
    );
    Ok(page)
}

async fn domain_page(registry: &Registry, caller: &Caller, id: &DomainId) -> Answer<Html> {
    registry.describe_domain(caller, id).await?;
    let repositories = all_repositories(registry, caller, id).await?;
    let mut page = Html::new(&format!("Domain {}", id.name));
    page.crumbs(&[(PATH.to_string(), "Domains".to_string())]);
    page.piece(&html::list(&[link(&to_groups(id), "Package groups")]));
    page.raw(&graph::draw(&repositories, &|name| to_repository(id, name)));
    let rows: Vec<_> = repositories
        .iter()
        .map(|repository| {
            vec![
                link(
                    &to_repository(id, &repository.row.name),
                    &repository.row.name,
                ),
                html::text(repository.row.description.as_deref().unwrap_or("")),
                html::text(&repository.upstreams.join(", ")),
                html::text(
                    repository
                        .external_connection
                        .as_ref()
                        .map_or("", |(name, _)| name),
                ),
                html::text(&time(repository.row.created)),
            ]
        })
        .collect();
    page.table(
        &[
            "Repository",
            "Description",
            "Upstreams",
            "External connection",
            "Created",
        ],
        &rows,
    );
    Ok(page)
}

async fn all_repositories(
    registry: &Registry,
    caller: &Caller,
    id: &DomainId,
) -> Answer<Vec<Repository>> {
    let mut repositories = Vec::new();
    let mut request = PageRequest {
        max_results: Some(1000),
        next_token: None,
    };
    loop {
        let page = registry
            .list_repositories_in_domain(caller, id, RepositoryFilter::default(), request.clone())
            .await?;
        repositories.extend(page.items);
        if page.next_token.is_none() {
            return Ok(repositories);
        }
        request.next_token = page.next_token;
    }
}

async fn repository_page(
    registry: &Registry,
    caller: &Caller,
    id: &RepositoryId,
    next: PageRequest,
) -> Answer<Html> {
    let found = registry
        .list_packages(caller, id, PackageFilter::default(), next)
        .await?;
    let mut page = Html::new(&format!("Repository {}", id.name));
    page.crumbs(&[
        (PATH.to_string(), "Domains".to_string()),
        (to_domain(&id.domain), id.domain.name.clone()),
    ]);
    let word = |allowed: bool| html::text(if allowed { "allowed" } else { "blocked" });
    let rows: Vec<_> = found
        .items
        .iter()
        .map(|package| {
            vec![
                html::text(package.id.format.as_str()),
                link(&to_package(id, &package.id), &package.id.to_string()),
                word(package.origin_controls.publish),
                word(package.origin_controls.upstream),
            ]
        })
        .collect();
    page.table(&["Format", "Package", "Publishing", "Upstream"], &rows);
    if let Some(token) = found.next_token {
        page.next(&with(
            &to_repository(&id.domain, &id.name),
            &[("next", &token)],
        ));
    }
    Ok(page)
}

async fn package_page(
    registry: &Registry,
    caller: &Caller,
    id: &RepositoryId,
    package: &PackageId,
    next: PageRequest,
) -> Answer<Html> {
    let filter = VersionFilter {
        by_published_time: true,
        ..VersionFilter::default()
    };
    let found = registry
        .list_versions(caller, id, package, filter, next)
        .await?;
    let mut page = Html::new(&format!("{} package {package}", package.format));
    page.crumbs(&[
        (PATH.to_string(), "Domains".to_string()),
        (to_domain(&id.domain), id.domain.name.clone()),
        (to_repository(&id.domain, &id.name), id.name.clone()),
    ]);
    let (group, strength) = registry
        .associated_package_group(caller, &id.domain, package)
        .await?;
    page.piece(&group::membership(&group, strength));
    let mut rows = Vec::new();
    for version in &found.page.items {
        let assets = registry
            .list_assets(
                caller,
                id,
                package,
                &version.version,
                PageRequest::default(),
            )
            .await?;
        let names: Vec<_> = assets
            .1
            .items
            .iter()
            .map(|asset| asset.name.as_str())
            .collect();
        rows.push(vec![
            html::text(&version.version),
            html::text(version.status.as_str()),
            html::text(&time(version.published)),
            html::text(version.origin.type_name()),
            html::text(&names.join(", ")),
        ]);
    }
    page.table(
        &["Version", "Status", "Published", "Origin", "Assets"],
        &rows,
    );
    if let Some(token) = found.page.next_token {
        page.next(&with(&to_package(id, package), &[("next", &token)]));
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_looks_by_a_name_of_this_machine_are_answered() {
        assert!(is_mine("GET", "/", "127.0.0.1:4566"));
        assert!(is_mine("GET", "/browse", "localhost"));
        assert!(is_mine("GET", "/", "[::1]:4566"));
        assert!(is_mine("GET", "/", "[::1]"));
        assert!(is_mine("GET", "/", "192.0.2.1:4566"));
        assert!(!is_mine("POST", "/", "127.0.0.1:4566"));
        assert!(!is_mine("GET", "/v1/domain", "127.0.0.1:4566"));
        assert!(!is_mine("GET", "/", "attacker.example.test:4566"));
    }
}

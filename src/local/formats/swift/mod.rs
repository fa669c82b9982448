//! The swift format.
//!
//! The protocol: the package registry's specification, which belongs to SwiftPM's documentation
//! (`Documentation/PackageRegistry/Registry.md`), and the proposals SE-0292, SE-0378 (logging in)
//! and SE-0391 (publishing). There are no external connections for it. Errors are problem details
//! (RFC 7807), which SwiftPM shows; what the specification leaves open follows SwiftPM.

pub mod accept;
pub mod index;
pub mod manifest;
pub mod name;
mod publish;
pub mod upload;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Multipart, Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LANGUAGE, LINK, LOCATION};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use self::accept::{Kind, Objection};
use self::index::{Document, Release};
use self::manifest::MANIFEST;
use self::name::{ARCHIVE, id, is_package, is_scope};
use self::publish::Target;
use super::problem::{Handled, Problem};
use super::{Invalid, Service, respond};
use crate::local::endpoint::Endpoint;
use crate::local::registry::lookup::FoundVersion;
use crate::local::registry::{Format, Status};

const JSON: &str = "application/json";

/// SwiftPM sends a bearer token. Asked for another one, `Basic`, it waits on Linux for ever.
pub(super) const CHALLENGE: &str = "Bearer realm=\"CodeArtifact\"";

/// The format's routes.
pub fn routes() -> Router<Service> {
    Router::new()
        .route("/login", post(login))
        .route("/availability", get(availability))
        .route("/identifiers", get(identifiers))
        .route("/{scope}/{name}", get(releases))
        .route("/{scope}/{name}/{version}", get(release).put(publish))
        .route("/{scope}/{name}/{version}/Package.swift", get(manifest))
        .fallback(|| async { refusal(&NO_SUCH_PLACE) })
        .method_not_allowed_fallback(|| async { refusal(&NO_SUCH_METHOD) })
        // The size of an asset is bounded where it is written.
        .layer(DefaultBodyLimit::disable())
}

const NO_SUCH_PLACE: Problem = Problem::Unsupported(StatusCode::NOT_FOUND, "Not found.");
const NO_SUCH_METHOD: Problem = Problem::Unsupported(
    StatusCode::METHOD_NOT_ALLOWED,
    "There is no such method at this address.",
);
const NO_PACKAGE: Problem = Problem::Unsupported(StatusCode::NOT_FOUND, "package not found");
const NO_RELEASE: Problem = Problem::Unsupported(StatusCode::NOT_FOUND, "release not found");
const BAD_SCOPE: Problem = Problem::Unsupported(
    StatusCode::BAD_REQUEST,
    "invalid package scope: up to 39 letters, digits and single hyphens inside",
);
const BAD_NAME: Problem = Problem::Unsupported(
    StatusCode::BAD_REQUEST,
    "invalid package name: up to 100 letters, digits, and single hyphens and underscores inside",
);
const BAD_VERSION: Problem = Problem::Unsupported(
    StatusCode::BAD_REQUEST,
    "invalid version: it is not a semantic one",
);

/// Whoever comes here has a valid token already: the server has seen to that.
async fn login(State(service): State<Service>, endpoint: Endpoint) -> Response {
    availability(State(service), endpoint).await
}

async fn availability(State(service): State<Service>, endpoint: Endpoint) -> Response {
    let readable = service
        .registry
        .check_readable(&endpoint.caller, &endpoint.repository)
        .await;
    match readable {
        Ok(()) => versioned(StatusCode::OK.into_response()),
        Err(fault) => refusal(&fault.into()),
    }
}

async fn releases(
    State(service): State<Service>,
    endpoint: Endpoint,
    Path((scope, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let name = name.strip_suffix(".json").unwrap_or(&name);
    let answer = async {
        negotiate(&headers, Kind::Json)?;
        let releases = listed(&service, &endpoint, &scope, name).await?;
        if releases.is_empty() {
            return Err(NO_PACKAGE);
        }
        let package = address(&endpoint, &scope, name);
        let response = document(&index::releases(&package, &releases), &headers);
        Ok(with(
            response,
            LINK,
            index::releases_links(&package, &releases),
        ))
    };
    answer.await.unwrap_or_else(|problem| refusal(&problem))
}

/// A release, or its archive: both have the same form of address.
async fn release(
    State(service): State<Service>,
    endpoint: Endpoint,
    Path((scope, name, version)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let place = (scope.as_str(), name.as_str());
    let answer = match version.strip_suffix(".zip") {
        Some(version) => archive(&service, &endpoint, place, version, &headers).await,
        None => {
            let version = version.strip_suffix(".json").unwrap_or(&version);
            described(&service, &endpoint, place, version, &headers).await
        }
    };
    answer.unwrap_or_else(|problem| refusal(&problem))
}

async fn described(
    service: &Service,
    endpoint: &Endpoint,
    (scope, name): (&str, &str),
    version: &str,
    headers: &HeaderMap,
) -> Handled<Response> {
    negotiate(headers, Kind::Json)?;
    let found = available(service, endpoint, scope, name, version).await?;
    let release = as_release(&found).ok_or(NO_RELEASE)?;
    let releases = listed(service, endpoint, scope, name).await?;
    let package = address(endpoint, scope, name);
    let response = document(&index::release(&release), headers);
    let links = index::release_links(&package, version, &releases);
    Ok(with(response, LINK, links))
}

async fn archive(
    service: &Service,
    endpoint: &Endpoint,
    (scope, name): (&str, &str),
    version: &str,
    headers: &HeaderMap,
) -> Handled<Response> {
    negotiate(headers, Kind::Zip)?;
    let found = available(service, endpoint, scope, name, version).await?;
    let registry = &service.registry;
    let (caller, repository) = (&endpoint.caller, &endpoint.repository);
    let asset = registry
        .fetch_asset(caller, repository, &id(scope, name), version, ARCHIVE)
        .await?;
    let mut response = respond::asset(registry, &asset, "application/zip", headers).await?;
    let digest = STANDARD.encode(asset.asset.hashes.sha256);
    let mut add = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    };
    add("digest", format!("sha-256={digest}"));
    add(
        "content-disposition",
        attachment(&format!("{name}-{version}.zip")),
    );
    if let Some(signature) = Document::parse(&found.document).signature {
        add("x-swift-package-signature-format", signature.format);
        add("x-swift-package-signature", signature.base64);
    }
    Ok(versioned(response))
}

/// Serves a manifest. Looking at one retains nothing: while a client chooses versions it looks at
/// many.
async fn manifest(
    State(service): State<Service>,
    endpoint: Endpoint,
    Path((scope, name, version)): Path<(String, String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let answer = async {
        negotiate(&headers, Kind::Swift)?;
        let found = available(&service, &endpoint, &scope, &name, &version).await?;
        let stored = Document::parse(&found.document);
        let here = format!("{}/{version}/{MANIFEST}", address(&endpoint, &scope, &name));
        let file = match parameter(&uri, "swift-version") {
            None => MANIFEST,
            Some(swift) => {
                let files = stored.manifests.iter().map(|other| other.file.as_str());
                match manifest::wanted(files, &swift) {
                    Some(file) => file,
                    None => {
                        let response = StatusCode::SEE_OTHER.into_response();
                        return Ok(versioned(with(response, LOCATION, Some(here))));
                    }
                }
            }
        };
        let text = manifest_text(&service, &found, file).await?;
        let links = match file {
            MANIFEST => index::manifest_links(&here, &stored),
            _ => None,
        };
        let etag = format!("\"{}\"", found.revision);
        let response = respond::bytes(text, "text/x-swift", &etag, &headers);
        let response = with(response, CONTENT_DISPOSITION, Some(attachment(file)));
        Ok(versioned(with(response, LINK, links)))
    };
    answer.await.unwrap_or_else(|problem| refusal(&problem))
}

async fn manifest_text(service: &Service, found: &FoundVersion, file: &str) -> Handled<Vec<u8>> {
    let asset = found.assets.iter().find(|asset| asset.name == file);
    let path = service.registry.asset_path(asset.ok_or(NO_RELEASE)?);
    // Deleted in this very moment.
    tokio::fs::read(path).await.map_err(|_| NO_RELEASE)
}

async fn identifiers(
    State(service): State<Service>,
    endpoint: Endpoint,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let answer = async {
        negotiate(&headers, Kind::Json)?;
        let url = parameter(&uri, "url").filter(|url| !url.is_empty());
        let url = url.ok_or(Problem::Unsupported(
            StatusCode::BAD_REQUEST,
            "the address of a source repository is required: `url`",
        ))?;
        let (caller, repository) = (&endpoint.caller, &endpoint.repository);
        let catalogue = service
            .registry
            .catalogue(caller, repository, Format::Swift)
            .await?;
        let wanted = index::comparable(&url);
        let mut identifiers = Vec::new();
        for (_, view) in &catalogue.packages {
            let published = view
                .versions
                .iter()
                .filter(|found| found.status == Status::Published);
            let documents = published.map(|found| Document::parse(&found.document));
            let mut found = documents
                .filter(|known| {
                    known
                        .repositories()
                        .any(|url| index::comparable(url) == wanted)
                })
                .map(|known| format!("{}.{}", known.scope, known.name));
            identifiers.extend(found.next_back());
        }
        if identifiers.is_empty() {
            return Err(NO_PACKAGE);
        }
        Ok(document(&json!({"identifiers": identifiers}), &headers))
    };
    answer.await.unwrap_or_else(|problem| refusal(&problem))
}

async fn publish(
    State(service): State<Service>,
    endpoint: Endpoint,
    Path((scope, name, version)): Path<(String, String, String)>,
    headers: HeaderMap,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    let answer = async {
        negotiate(&headers, Kind::Json)?;
        check(&scope, &name)?;
        name::version(&version).ok_or(BAD_VERSION)?;
        let form = form.map_err(|error| Invalid::new(error.body_text()))?;
        let target = Target {
            scope: &scope,
            name: &name,
            version: &version,
        };
        publish::publish(&service, &endpoint, target, &headers, form).await?;
        let place = format!("{}/{version}", address(&endpoint, &scope, &name));
        let response = StatusCode::CREATED.into_response();
        Ok(versioned(with(response, LOCATION, Some(place))))
    };
    answer.await.unwrap_or_else(|problem| refusal(&problem))
}

fn negotiate(headers: &HeaderMap, kind: Kind) -> Handled<()> {
    let accept = headers
        .get("accept")
        .and_then(|accept| accept.to_str().ok());
    accept::check(accept, kind).map_err(|objection| match objection {
        Objection::Invalid => Problem::Unsupported(StatusCode::BAD_REQUEST, "invalid API version"),
        Objection::Unsupported => Problem::Unsupported(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported API version or media type",
        ),
    })
}

fn check(scope: &str, name: &str) -> Handled<()> {
    match (is_scope(scope), is_package(name)) {
        (true, true) => Ok(()),
        (false, _) => Err(BAD_SCOPE),
        (true, false) => Err(BAD_NAME),
    }
}

/// The published releases of a package, the highest first.
async fn listed(
    service: &Service,
    endpoint: &Endpoint,
    scope: &str,
    name: &str,
) -> Handled<Vec<Release>> {
    check(scope, name)?;
    let view = service
        .registry
        .view(&endpoint.caller, &endpoint.repository, &id(scope, name))
        .await?;
    let published = view
        .versions
        .iter()
        .filter(|found| found.status == Status::Published);
    let mut releases: Vec<Release> = published.filter_map(as_release).collect();
    index::sort(&mut releases);
    Ok(releases)
}

/// A release that can be fetched, whether it is listed or not.
async fn available(
    service: &Service,
    endpoint: &Endpoint,
    scope: &str,
    name: &str,
    version: &str,
) -> Handled<FoundVersion> {
    check(scope, name)?;
    let view = service
        .registry
        .view(&endpoint.caller, &endpoint.repository, &id(scope, name))
        .await?;
    let mut versions = view.versions.into_iter();
    versions
        .find(|found| found.version == version && found.status.is_available())
        .ok_or(NO_RELEASE)
}

fn as_release(found: &FoundVersion) -> Option<Release> {
    let archive = found.assets.iter().find(|asset| asset.name == ARCHIVE)?;
    Some(Release {
        version: found.version.clone(),
        published: found.published,
        checksum: hex::encode(archive.hashes.sha256),
        document: Document::parse(&found.document),
    })
}

/// The address of a package, without a slash at its end.
fn address(endpoint: &Endpoint, scope: &str, name: &str) -> String {
    format!("{}{scope}/{name}", endpoint.base)
}

fn parameter(uri: &Uri, wanted: &str) -> Option<String> {
    let query = uri.query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == wanted)
        .map(|(_, value)| value.into_owned())
}

fn attachment(file: &str) -> String {
    format!("attachment; filename=\"{file}\"")
}

fn document(body: &Value, headers: &HeaderMap) -> Response {
    versioned(respond::document(body.to_string(), JSON, headers))
}

/// SwiftPM looks at nothing that does not say which version of the interface it is.
fn versioned(mut response: Response) -> Response {
    let version = HeaderName::from_static("content-version");
    response
        .headers_mut()
        .insert(version, HeaderValue::from_static("1"));
    response
}

fn with(mut response: Response, name: HeaderName, value: Option<String>) -> Response {
    if let Some(Ok(value)) = value.map(HeaderValue::try_from) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// What was sent and cannot be taken is unprocessable here, where other formats say bad request.
fn refusal(problem: &Problem) -> Response {
    let status = match problem {
        Problem::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        other => other.status(),
    };
    let title = status.canonical_reason().unwrap_or_default();
    let body = json!({"status": status.as_u16(), "title": title, "detail": problem.message()});
    let response = respond::text(status, body.to_string(), "application/problem+json");
    versioned(with(response, CONTENT_LANGUAGE, Some("en".to_string())))
}

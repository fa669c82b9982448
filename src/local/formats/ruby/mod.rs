//! The ruby format.
//!
//! The protocol: RubyGems guides, "Compact Index API" and
//! RubyGems guides, "API". CodeArtifact itself serves the dependencies
//! API and no list of all gems (guide, "Bundler operations support"). Here, lists are served where
//! they can be complete: from repositories that reach no public one. Elsewhere they are not found,
//! and Bundler goes on with the dependencies API. Errors are plain text, which the clients print.

pub mod gemspec;
pub mod index;
pub mod marshal;
pub mod name;
mod offers;
mod publish;
pub mod specs;
pub mod upload;
mod view;

use std::collections::HashMap;
use std::io::Write as _;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::Response;
use axum::routing::{delete, get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use md5::Md5;
use sha2::{Digest as _, Sha256};

use self::index::Entry;
use self::name::id;
use self::specs::Kind;
use super::problem::{Handled, Problem};
use super::{Invalid, Service, respond};
use crate::local::endpoint::Endpoint;
use crate::local::ingestion::Outcome;

/// The most gems of one request for dependencies.
const MOST_GEMS: usize = 500;

const TEXT: &str = "text/plain; charset=utf-8";

/// The format's routes. gem puts a second slash in front when the host that it was given ends in
/// one.
pub fn routes() -> Router<Service> {
    Router::new()
        .route("/", get(root))
        .route("/info/{gem}", get(info))
        .route("/versions", get(versions))
        .route("/names", get(names))
        .route("/api/v1/dependencies", get(dependencies))
        .route("/api/v1/dependencies.json", get(dependencies_json))
        .route("/{file}", get(list))
        .route("/quick/Marshal.4.8/{file}", get(specification))
        .route("/gems/{file}", get(download))
        .route("/api/v1/gems", post(push))
        .route("//api/v1/gems", post(push))
        .route("/api/v1/gems/yank", delete(yank))
        .route("//api/v1/gems/yank", delete(yank))
        .fallback(|| async { refusal(&NO_SUCH_PLACE) })
}

const NO_SUCH_PLACE: Problem = Problem::Unsupported(StatusCode::NOT_FOUND, "Not found.");
const NO_LISTS: Problem = Problem::Unsupported(
    StatusCode::NOT_FOUND,
    "A list of all gems is not supported for a repository that reaches a public one.",
);

/// What gem asks first: with this answer it takes the compact index.
async fn root(State(service): State<Service>, endpoint: Endpoint) -> Response {
    let readable = service
        .registry
        .check_readable(&endpoint.caller, &endpoint.repository)
        .await;
    match readable {
        Ok(()) => respond::text(StatusCode::OK, String::new(), TEXT),
        Err(fault) => refusal(&fault.into()),
    }
}

/// Serves a gem's index. One that nobody has is empty rather than missing: after an answer of 404
/// gem asks for the list of all gems instead, and then finds none here.
async fn info(
    State(service): State<Service>,
    endpoint: Endpoint,
    Path(gem): Path<String>,
    headers: HeaderMap,
) -> Response {
    match view::entries(&service, &endpoint, &gem).await {
        Ok(entries) => compact(index::render(&entries), &headers),
        Err(problem) => refusal(&problem),
    }
}

async fn versions(
    State(service): State<Service>,
    endpoint: Endpoint,
    headers: HeaderMap,
) -> Response {
    let text = all(&service, &endpoint).await.map(|(gems, newest)| {
        let created = jiff::Timestamp::from_millisecond(newest).unwrap_or_default();
        index::render_versions(&created.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(), &gems)
    });
    text.map_or_else(|problem| refusal(&problem), |text| compact(text, &headers))
}

async fn names(State(service): State<Service>, endpoint: Endpoint, headers: HeaderMap) -> Response {
    let text = all(&service, &endpoint)
        .await
        .map(|(gems, _)| index::render_names(&gems));
    text.map_or_else(|problem| refusal(&problem), |text| compact(text, &headers))
}

type Gems = Vec<(String, Vec<Entry>)>;

async fn all(service: &Service, endpoint: &Endpoint) -> Handled<(Gems, i64)> {
    view::all(service, endpoint).await?.ok_or(NO_LISTS)
}

/// Sends a text of the compact index. Bundler compares its copy with the tag, or in newer versions
/// with the digest, and asks for what was added only.
fn compact(text: String, headers: &HeaderMap) -> Response {
    let digest = STANDARD.encode(Sha256::digest(&text));
    let etag = format!("\"{}\"", hex::encode(Md5::digest(&text)));
    let mut response = respond::bytes(text, TEXT, &etag, headers);
    for (name, value) in [
        ("repr-digest", format!("sha-256=:{digest}:")),
        ("digest", format!("sha-256={digest}")),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// The names and values of a query or a form.
fn parameters(text: &str) -> HashMap<String, String> {
    url::form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}

async fn dependencies(State(service): State<Service>, endpoint: Endpoint, uri: Uri) -> Response {
    match wanted(&service, &endpoint, &uri).await {
        Ok(gems) => packed(specs::dependencies(&gems)),
        Err(problem) => refusal(&problem),
    }
}

async fn dependencies_json(
    State(service): State<Service>,
    endpoint: Endpoint,
    uri: Uri,
) -> Response {
    match wanted(&service, &endpoint, &uri).await {
        Ok(gems) => respond::text(
            StatusCode::OK,
            specs::dependencies_json(&gems),
            "application/json",
        ),
        Err(problem) => refusal(&problem),
    }
}

/// As how many requests one counts: one for dependencies counts for each gem (guide, "Quotas").
pub(super) fn requests(path: &str, query: Option<&str>) -> usize {
    match path.trim_start_matches('/') {
        "api/v1/dependencies" | "api/v1/dependencies.json" => {
            named(query).len().clamp(1, MOST_GEMS)
        }
        _ => 1,
    }
}

/// The names of gems in a query, each once.
fn named(query: Option<&str>) -> Vec<String> {
    let parameters = parameters(query.unwrap_or_default());
    let gems = parameters.get("gems").map_or("", String::as_str);
    let mut gems: Vec<String> = gems.split(',').map(str::to_string).collect();
    gems.retain(|gem| !gem.is_empty());
    gems.sort();
    gems.dedup();
    gems
}

/// The gems that a request for dependencies names. None is a question for whether there is such
/// an API.
async fn wanted(service: &Service, endpoint: &Endpoint, uri: &Uri) -> Handled<Gems> {
    let gems = named(uri.query());
    if gems.len() > MOST_GEMS {
        return Err(Invalid::new(format!(
            "Too many gems: no more than {MOST_GEMS} can be asked for at a time."
        ))
        .into());
    }
    if gems.is_empty() {
        let registry = &service.registry;
        registry
            .check_readable(&endpoint.caller, &endpoint.repository)
            .await?;
    }
    view::several(service, endpoint, &gems).await
}

/// Serves the lists of all versions, which stand at the top.
async fn list(
    State(service): State<Service>,
    endpoint: Endpoint,
    Path(file): Path<String>,
) -> Response {
    let kind = match file.as_str() {
        "specs.4.8.gz" => Kind::Released,
        "latest_specs.4.8.gz" => Kind::Latest,
        "prerelease_specs.4.8.gz" => Kind::Prerelease,
        _ => return refusal(&NO_SUCH_PLACE),
    };
    match all(&service, &endpoint).await {
        Ok((gems, _)) => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            // Writing to memory does not fail.
            let _ = encoder.write_all(&specs::list(kind, &gems));
            packed(encoder.finish().unwrap_or_default())
        }
        Err(problem) => refusal(&problem),
    }
}

async fn specification(
    State(service): State<Service>,
    endpoint: Endpoint,
    Path(file): Path<String>,
) -> Response {
    let Some(stem) = file.strip_suffix(".gemspec.rz") else {
        return refusal(&NO_SUCH_PLACE);
    };
    for (gem, version, platform) in name::readings(stem) {
        match view::entries(&service, &endpoint, &gem).await {
            Ok(entries) => {
                let mut entries = entries.iter();
                let found = entries
                    .find(|entry| entry.version == version && entry.about.platform == platform);
                if let Some(entry) = found {
                    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
                    // Writing to memory does not fail.
                    let _ = encoder.write_all(&specs::specification(&gem, entry));
                    return packed(encoder.finish().unwrap_or_default());
                }
            }
            Err(problem) => return refusal(&problem),
        }
    }
    refusal(&NO_SUCH_PLACE)
}

fn packed(bytes: Vec<u8>) -> Response {
    use axum::http::header::CONTENT_TYPE;
    use axum::response::IntoResponse as _;
    ([(CONTENT_TYPE, respond::BYTES)], bytes).into_response()
}

async fn download(
    State(service): State<Service>,
    endpoint: Endpoint,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Response {
    let mut refused = NO_SUCH_PLACE;
    let stem = file.strip_suffix(".gem").unwrap_or_default();
    for (gem, version, platform) in name::readings(stem) {
        match gem_file(&service, &endpoint, (&gem, &version, &platform), &headers).await {
            Ok(response) => return response,
            Err(problem) if problem.is_not_found() => refused = problem,
            Err(problem) => return refusal(&problem),
        }
    }
    refusal(&refused)
}

/// Serves a gem, from the repository or its upstreams, else through their connections.
async fn gem_file(
    service: &Service,
    endpoint: &Endpoint,
    (gem, version, platform): (&str, &str, &str),
    headers: &HeaderMap,
) -> Handled<Response> {
    let asset = name::file(gem, version, platform);
    let package = id(gem);
    let stored = || service.stored(endpoint, &package, version, &asset, headers);
    let missing = match stored().await {
        Err(problem) if problem.is_not_found() => problem,
        answered => return answered,
    };
    let view = service
        .registry
        .view(&endpoint.caller, &endpoint.repository, &id(gem))
        .await?;
    if view
        .versions
        .iter()
        .any(|found| found.version == version && !found.follows_upstream)
    {
        // What is stored of it is all there is, or its status does not let it be downloaded.
        return Err(missing);
    }
    let offers = offers::ask(service, &view, gem).await;
    let Some((connected, entry)) = offers.file(version, platform) else {
        return Err(offers.failure.map_or(missing, Problem::from));
    };
    match offers::ingest(service, endpoint, gem, connected, entry).await? {
        Outcome::Missing => Err(missing),
        Outcome::Stored => stored().await,
        Outcome::Arriving(arriving) => Ok(respond::arriving(arriving, respond::BYTES)),
    }
}

async fn push(State(service): State<Service>, endpoint: Endpoint, body: Body) -> Response {
    match publish::push(&service, &endpoint, body).await {
        Ok(gem) => respond::text(
            StatusCode::OK,
            format!(
                "Successfully registered gem: {} ({})",
                gem.name,
                name::number(&gem.version, &gem.about.platform)
            ),
            TEXT,
        ),
        Err(problem) => refusal(&problem),
    }
}

/// Yanks. gem puts what it wants to yank into the body, as a form.
async fn yank(
    State(service): State<Service>,
    endpoint: Endpoint,
    uri: Uri,
    body: String,
) -> Response {
    let mut parameters = parameters(uri.query().unwrap_or_default());
    parameters.extend(self::parameters(&body));
    let text = |name: &str| parameters.get(name).map_or("", String::as_str);
    let (gem, version) = (text("gem_name"), text("version"));
    let platform = match text("platform") {
        "" => name::RUBY,
        platform => platform,
    };
    match publish::yank(&service, &endpoint, gem, version, platform).await {
        Ok(()) => respond::text(
            StatusCode::OK,
            format!(
                "Successfully deleted gem: {gem} ({})",
                name::number(version, platform)
            ),
            TEXT,
        ),
        Err(problem) => refusal(&problem),
    }
}

fn refusal(problem: &Problem) -> Response {
    respond::text(problem.status(), problem.message(), TEXT)
}

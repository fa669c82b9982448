//! The nuget format.
//!
//! The protocol: <https://learn.microsoft.com/nuget/api/overview>, version 3 only; what of it the
//! service has: guide, "NuGet compatibility". Clients show the reason in the status line, not the
//! body, so refusals have both.

pub mod entry;
pub mod index;
pub mod name;
pub mod nuspec;
mod offers;
mod publish;
pub mod registration;
mod search;
pub mod upload;
pub mod version;
mod view;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Multipart, Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, put};
use hyper::ext::ReasonPhrase;
use serde_json::json;

use self::index::{Hive, Registration, is_same};
use self::search::Query;
use self::view::Package;
use super::problem::{Handled, Problem};
use super::service::judge;
use super::{Invalid, Service, respond};
use crate::api::fault::{Fault, FaultKind};
use crate::local::endpoint::Endpoint;
use crate::local::ingestion::Outcome;
use crate::local::registry::lookup::PackageView;

const JSON: &str = "application/json";

/// The format's routes.
pub fn routes() -> Router<Service> {
    Router::new()
        .route("/v3/index.json", get(service_index))
        .route("/v3/flatcontainer/{package}/index.json", get(versions))
        .route("/v3/flatcontainer/{package}/{version}/{file}", get(file))
        .route("/v3/{hive}/{package}/index.json", get(registration))
        .route("/v3/{hive}/{package}/{leaf}", get(leaf))
        .route("/v3/{hive}/{package}/page/{lower}/{upper}", get(page))
        .route("/v3/search", get(search))
        .route("/v3/autocomplete", get(autocomplete))
        .route("/v2/package", put(push))
        .route("/v2/package/", put(push))
        .route(
            "/v2/package/{package}/{version}",
            delete(unlist).post(relist),
        )
        .fallback(|| async { refusal(&NO_SUCH_PLACE) })
        // The size of an asset is bounded where it is written.
        .layer(DefaultBodyLimit::disable())
}

const NO_SUCH_PLACE: Problem = Problem::Unsupported(StatusCode::NOT_FOUND, "Not found.");

async fn service_index(endpoint: Endpoint, headers: HeaderMap) -> Response {
    respond::document(index::service(&endpoint.base), JSON, &headers)
}

async fn versions(
    State(service): State<Service>,
    endpoint: Endpoint,
    Path(package): Path<String>,
    headers: HeaderMap,
) -> Response {
    answered(
        view::versions(&service, &endpoint, &package).await,
        &headers,
    )
}

async fn registration(
    State(service): State<Service>,
    endpoint: Endpoint,
    Path((hive, package)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let document = described(&service, &endpoint, (&hive, &package), |found, place| {
        let listed = found.listed(place.hive);
        (!listed.is_empty()).then(|| place.index(&listed))
    });
    answered(document.await, &headers)
}

async fn page(
    State(service): State<Service>,
    endpoint: Endpoint,
    Path((hive, package, lower, upper)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let upper = upper.strip_suffix(".json").unwrap_or(&upper);
    let document = described(&service, &endpoint, (&hive, &package), |found, place| {
        place.page(&found.listed(place.hive), &lower, upper)
    });
    answered(document.await, &headers)
}

async fn leaf(
    State(service): State<Service>,
    endpoint: Endpoint,
    Path((hive, package, leaf)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let version = leaf.strip_suffix(".json").unwrap_or(&leaf);
    let document = described(&service, &endpoint, (&hive, &package), |found, place| {
        let available = found.available(place.hive);
        let leaf = available
            .iter()
            .find(|leaf| is_same(&leaf.version, version))?;
        Some(place.leaf(leaf))
    });
    answered(document.await, &headers)
}

/// A document of a package's registration, made out of its versions.
async fn described(
    service: &Service,
    endpoint: &Endpoint,
    (hive, package): (&str, &str),
    render: impl FnOnce(&Package, &Registration<'_>) -> Option<String>,
) -> Handled<String> {
    let hive = Hive::of_folder(hive).ok_or(NO_SUCH_PLACE)?;
    let found = Package::find(service, endpoint, package).await?;
    let place = Registration {
        base: &endpoint.base,
        hive,
        id: &found.id,
    };
    render(&found, &place).ok_or_else(|| found.missing())
}

async fn search(
    State(service): State<Service>,
    endpoint: Endpoint,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let query = Query::parse(uri.query().unwrap_or_default());
    answered(search::search(&service, &endpoint, &query).await, &headers)
}

async fn autocomplete(
    State(service): State<Service>,
    endpoint: Endpoint,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let query = Query::parse(uri.query().unwrap_or_default());
    let document = search::autocomplete(&service, &endpoint, &query).await;
    answered(document, &headers)
}

async fn file(
    State(service): State<Service>,
    endpoint: Endpoint,
    Path((package, version, file)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let lower = file.to_lowercase();
    let answer = if lower == name::asset(&package, &version) {
        contents(&service, &endpoint, (&package, &version), &headers).await
    } else if lower == format!("{}.nuspec", package.to_lowercase()) {
        nuspec_of(&service, &endpoint, (&package, &version), &headers).await
    } else {
        Err(NO_SUCH_PLACE)
    };
    answer.unwrap_or_else(|problem| refusal(&problem))
}

/// Serves a package, from the repository or its upstreams, else through their connections.
async fn contents(
    service: &Service,
    endpoint: &Endpoint,
    (package, version): (&str, &str),
    headers: &HeaderMap,
) -> Handled<Response> {
    let send = async |stored: &str| {
        let asset = name::asset(package, stored);
        let id = name::id(package);
        service.stored(endpoint, &id, stored, &asset, headers).await
    };
    let view = view::view(service, endpoint, package).await?;
    if let Some(stored) = spelled(&view, version) {
        return send(stored).await;
    }
    let lower = package.to_lowercase();
    let offers = offers::versions(service, &view, &lower).await;
    let missing = || no_version(package, version);
    let Some((connected, offered)) = offers.version(version) else {
        return Err(offers.failure.map_or_else(missing, Problem::from));
    };
    match offers::ingest(service, endpoint, connected, &lower, offered).await? {
        Outcome::Missing => Err(missing()),
        Outcome::Arriving(arriving) => Ok(respond::arriving(arriving, respond::BYTES)),
        Outcome::Stored => {
            // The package may write its version in another case than the flat container does.
            let view = view::view(service, endpoint, package).await?;
            let stored = spelled(&view, version).ok_or_else(missing)?;
            send(stored).await
        }
    }
}

/// A stored version as it is written there.
fn spelled<'a>(view: &'a PackageView, version: &str) -> Option<&'a str> {
    let mut stored = view.versions.iter();
    let stored = stored.find(|found| is_same(&found.version, version))?;
    Some(&stored.version)
}

/// Serves the nuspec of a package: out of the stored one, else upstream's.
async fn nuspec_of(
    service: &Service,
    endpoint: &Endpoint,
    (package, version): (&str, &str),
    headers: &HeaderMap,
) -> Handled<Response> {
    let view = view::view(service, endpoint, package).await?;
    let missing = || no_version(package, version);
    let bytes = if let Some(version) = spelled(&view, version) {
        let registry = &service.registry;
        let (caller, repository) = (&endpoint.caller, &endpoint.repository);
        let asset = name::asset(package, version);
        let found = registry
            .fetch_asset(caller, repository, &name::id(package), version, &asset)
            .await?;
        let file = registry.open_asset(&found.path, &asset).await?;
        let size = found.asset.size;
        judge(move || upload::nuspec(std::io::BufReader::new(file), size)).await?
    } else {
        let lower = package.to_lowercase();
        let offers = offers::versions(service, &view, &lower).await;
        let Some((connected, offered)) = offers.version(version) else {
            return Err(offers.failure.map_or_else(missing, Problem::from));
        };
        let nuspec = offers::nuspec(service, connected, &lower, offered).await?;
        nuspec.ok_or_else(missing)?.to_vec()
    };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(respond::document(text, "application/xml", headers))
}

async fn push(
    State(service): State<Service>,
    endpoint: Endpoint,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    let pushed = match form {
        Ok(form) => publish::push(&service, &endpoint, form).await,
        Err(rejection) => Err(Invalid::new(rejection.body_text()).into()),
    };
    done(pushed, StatusCode::CREATED)
}

async fn unlist(
    State(service): State<Service>,
    endpoint: Endpoint,
    Path((package, version)): Path<(String, String)>,
) -> Response {
    let outcome = publish::set_listed(&service, &endpoint, &package, &version, false).await;
    done(outcome, StatusCode::NO_CONTENT)
}

async fn relist(
    State(service): State<Service>,
    endpoint: Endpoint,
    Path((package, version)): Path<(String, String)>,
) -> Response {
    let outcome = publish::set_listed(&service, &endpoint, &package, &version, true).await;
    done(outcome, StatusCode::OK)
}

fn no_package(package: &str) -> Problem {
    let message = format!("Package {package} not found.");
    Fault::new(FaultKind::ResourceNotFound, message).into()
}

fn no_version(package: &str, version: &str) -> Problem {
    let message = format!("Version {version} of package {package} not found.");
    Fault::new(FaultKind::ResourceNotFound, message).into()
}

fn answered(document: Handled<String>, headers: &HeaderMap) -> Response {
    match document {
        Ok(document) => respond::document(document, JSON, headers),
        Err(problem) => refusal(&problem),
    }
}

fn done(outcome: Handled<()>, status: StatusCode) -> Response {
    match outcome {
        Ok(()) => status.into_response(),
        Err(problem) => refusal(&problem),
    }
}

fn refusal(problem: &Problem) -> Response {
    let message = problem.message();
    let body = json!({"message": message}).to_string();
    let mut response = respond::text(problem.status(), body, JSON);
    if let Ok(reason) = ReasonPhrase::try_from(reason(&message)) {
        response.extensions_mut().insert(reason);
    }
    response
}

/// The message as a status line can have it: one line of plain letters, not too long.
fn reason(message: &str) -> String {
    let plain = |letter: char| match letter {
        letter if letter.is_ascii_graphic() || letter == ' ' => letter,
        '\n' | '\t' => ' ',
        _ => '?',
    };
    message.chars().take(200).map(plain).collect()
}

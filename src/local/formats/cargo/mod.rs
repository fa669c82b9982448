//! The cargo format.
//!
//! The protocol: <https://doc.rust-lang.org/cargo/reference/registry-index.html> (sparse) and
//! <https://doc.rust-lang.org/cargo/reference/registry-web-api.html>; what of it the service has:
//! guide, "Cargo command support". Errors are `{"errors": [{"detail": "…"}]}`, which cargo shows.

pub mod index;
pub mod name;
mod offers;
mod publish;
pub mod upload;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, put};
use serde_json::json;

use self::name::{id, is_crate};
use super::problem::{Handled, Problem};
use super::{Service, respond};
use crate::api::fault::{Fault, FaultKind};
use crate::local::endpoint::Endpoint;
use crate::local::ingestion::Outcome;
use crate::local::registry::lookup::PackageView;
use crate::local::registry::{Origin, Status};

/// The format's routes.
pub fn routes() -> Router<Service> {
    Router::new()
        .route("/config.json", get(configuration))
        .route("/1/{name}", get(index_of_short))
        .route("/2/{name}", get(index_of_short))
        .route("/{first}/{second}/{name}", get(index_of))
        .route("/api/v1/crates/{name}/{version}/download", get(download))
        .route("/api/v1/crates/new", put(publish))
        .route(
            "/api/v1/crates/{name}/{version}/yank",
            axum::routing::delete(yank),
        )
        .route("/api/v1/crates/{name}/{version}/unyank", put(unyank))
        .route(
            "/api/v1/crates/{name}/owners",
            axum::routing::any(|| async { refusal(&NO_OWNERS) }),
        )
        .route("/api/v1/crates", get(|| async { refusal(&NO_SEARCH) }))
        .fallback(|| async { refusal(&NO_SUCH_PLACE) })
}

const NO_SUCH_PLACE: Problem = Problem::Unsupported(StatusCode::NOT_FOUND, "Not found.");
const NO_OWNERS: Problem = Problem::Unsupported(
    StatusCode::NOT_FOUND,
    "cargo owner is not supported. Use permissions policies.",
);
const NO_SEARCH: Problem = Problem::Unsupported(
    StatusCode::NOT_FOUND,
    "cargo search is not supported. Use list-packages.",
);

async fn configuration(endpoint: Endpoint, headers: HeaderMap) -> Response {
    respond::document(
        index::configuration(&endpoint.base),
        "application/json",
        &headers,
    )
}

async fn index_of_short(
    State(service): State<Service>,
    endpoint: Endpoint,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    lines(&service, &endpoint, &name, &headers)
        .await
        .unwrap_or_else(|problem| refusal(&problem))
}

async fn index_of(
    State(service): State<Service>,
    endpoint: Endpoint,
    Path((_, _, name)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    lines(&service, &endpoint, &name, &headers)
        .await
        .unwrap_or_else(|problem| refusal(&problem))
}

/// Serves a crate's index file: stored versions, and offered ones that are not stored.
async fn lines(
    service: &Service,
    endpoint: &Endpoint,
    name: &str,
    headers: &HeaderMap,
) -> Handled<Response> {
    if !is_crate(name) {
        return Err(NO_SUCH_PLACE);
    }
    let view = service
        .registry
        .view(&endpoint.caller, &endpoint.repository, &id(name))
        .await?;
    let offers = offers::ask(service, &view, name).await;
    let view = spelled_out(service, endpoint, name, view, &offers).await?;
    let mut lines = Vec::new();
    for found in view
        .versions
        .iter()
        .filter(|found| found.status == Status::Published)
    {
        // Of what came from outside, upstream knows by now whether it is yanked.
        let offered = match found.origin {
            Origin::External { .. } => offers.version(&found.version),
            Origin::Internal { .. } => None,
        };
        lines.push(offered.map_or(found.document.as_str(), |(_, line)| line.text.as_str()));
    }
    for (_, line) in offers.lines() {
        if !view
            .versions
            .iter()
            .any(|found| found.version == line.version)
        {
            lines.push(&line.text);
        }
    }
    if lines.is_empty() {
        let missing = Fault::new(
            FaultKind::ResourceNotFound,
            format!("Crate {name} not found."),
        );
        return Err(offers.failure.map_or(missing.into(), Problem::from));
    }
    Ok(respond::document(
        lines.join("\n") + "\n",
        "text/plain; charset=utf-8",
        headers,
    ))
}

/// Index files are asked for in lower case; a crate with capitals is found under its own name.
async fn spelled_out(
    service: &Service,
    endpoint: &Endpoint,
    name: &str,
    view: PackageView,
    offers: &offers::Offers,
) -> Handled<PackageView> {
    if !view.versions.is_empty() {
        return Ok(view);
    }
    let written = match offers.lines().next() {
        Some((_, line)) => Some(line.name.clone()),
        None => {
            service
                .registry
                .spelling(&endpoint.caller, &endpoint.repository, &id(name))
                .await?
        }
    };
    match written.filter(|written| written != name) {
        Some(written) => Ok(service
            .registry
            .view(&endpoint.caller, &endpoint.repository, &id(&written))
            .await?),
        None => Ok(view),
    }
}

async fn download(
    State(service): State<Service>,
    endpoint: Endpoint,
    Path((name, version)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let answer = crate_file(&service, &endpoint, &name, &version, &headers).await;
    answer.unwrap_or_else(|problem| refusal(&problem))
}

/// Serves a crate file, from the repository or its upstreams, else through their connections.
async fn crate_file(
    service: &Service,
    endpoint: &Endpoint,
    name: &str,
    version: &str,
    headers: &HeaderMap,
) -> Handled<Response> {
    if !is_crate(name) {
        return Err(NO_SUCH_PLACE);
    }
    let (package, asset) = (id(name), name::asset(name, version));
    let stored = || service.stored(endpoint, &package, version, &asset, headers);
    let missing = match stored().await {
        Err(problem) if problem.is_not_found() => problem,
        answered => return answered,
    };
    let view = service
        .registry
        .view(&endpoint.caller, &endpoint.repository, &id(name))
        .await?;
    if view.versions.iter().any(|found| found.version == version) {
        // Its status does not let it be downloaded; or it has come in between the two looks.
        return stored().await;
    }
    let offers = offers::ask(service, &view, name).await;
    let Some((connected, line)) = offers
        .version(version)
        .filter(|(_, line)| line.name == name)
    else {
        return Err(offers.failure.map_or(missing, Problem::from));
    };
    match offers::ingest(service, endpoint, connected, line).await? {
        Outcome::Missing => Err(missing),
        Outcome::Stored => stored().await,
        Outcome::Arriving(arriving) => Ok(respond::arriving(arriving, respond::BYTES)),
    }
}

async fn publish(State(service): State<Service>, endpoint: Endpoint, body: Body) -> Response {
    let warnings =
        json!({"warnings": {"invalid_categories": [], "invalid_badges": [], "other": []}});
    match publish::publish(&service, &endpoint, body).await {
        Ok(()) => respond::text(StatusCode::OK, warnings.to_string(), "application/json"),
        Err(problem) => refusal(&problem),
    }
}

async fn yank(
    State(service): State<Service>,
    endpoint: Endpoint,
    Path((name, version)): Path<(String, String)>,
) -> Response {
    answered(publish::set_yanked(&service, &endpoint, &name, &version, true).await)
}

async fn unyank(
    State(service): State<Service>,
    endpoint: Endpoint,
    Path((name, version)): Path<(String, String)>,
) -> Response {
    answered(publish::set_yanked(&service, &endpoint, &name, &version, false).await)
}

fn answered(outcome: Handled<()>) -> Response {
    match outcome {
        Ok(()) => respond::text(
            StatusCode::OK,
            json!({"ok": true}).to_string(),
            "application/json",
        ),
        Err(problem) => refusal(&problem),
    }
}

fn refusal(problem: &Problem) -> Response {
    let body = json!({"errors": [{"detail": problem.message()}]});
    respond::text(problem.status(), body.to_string(), "application/json")
}

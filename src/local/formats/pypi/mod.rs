//! The pypi format.
//!
//! The protocol: <https://packaging.python.org/specifications/simple-repository-api/> for reading,
//! the Upload API of PyPI's documentation for publishing; what of it the service has: guide, "Python
//! compatibility". Errors are plain text, which the clients print.

pub mod filename;
pub mod html;
pub mod index;
pub mod metadata;
mod offers;
mod publish;
pub mod upload;
mod view;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Multipart, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::problem::{Handled, Problem};
use super::{Service, respond};
use crate::api::fault::{Fault, FaultKind};
use crate::local::endpoint::Endpoint;
use crate::local::ingestion::Outcome;

/// The format's routes. The list of all projects is not served (guide, "Python compatibility").
pub fn routes() -> Router<Service> {
    Router::new()
        .route("/simple/{project}/", get(project))
        .route("/simple/{project}", get(project))
        .route("/simple/{project}/{version}/{file}", get(file))
        .route("/", post(upload))
        .route("/legacy/", post(upload))
        .fallback(|| async { refusal(&NO_SUCH_PLACE) })
        // The size of an asset is bounded where it is written.
        .layer(DefaultBodyLimit::disable())
}

const NO_SUCH_PLACE: Problem = Problem::Unsupported(StatusCode::NOT_FOUND, "Not found.");

async fn project(
    State(service): State<Service>,
    endpoint: Endpoint,
    Path(project): Path<String>,
    headers: HeaderMap,
) -> Response {
    let accept = headers
        .get("accept")
        .and_then(|accept| accept.to_str().ok());
    let files = match view::files(&service, &endpoint, &project).await {
        Ok(files) => files,
        Err(problem) => return refusal(&problem),
    };
    let project = filename::normalized(&project);
    if index::wants_json(accept) {
        respond::document(index::render_json(&project, &files), index::JSON, &headers)
    } else {
        respond::document(index::render_html(&project, &files), index::HTML, &headers)
    }
}

async fn upload(State(service): State<Service>, endpoint: Endpoint, form: Multipart) -> Response {
    match publish::publish(&service, &endpoint, form).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(problem) => refusal(&problem),
    }
}

async fn file(
    State(service): State<Service>,
    endpoint: Endpoint,
    Path((project, version, file)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let answer = match file.strip_suffix(".metadata") {
        Some(file) => view::metadata(&service, &endpoint, &project, &version, file, &headers).await,
        None => distribution(&service, &endpoint, &project, &version, &file, &headers).await,
    };
    answer.unwrap_or_else(|problem| refusal(&problem))
}

/// Serves a file, from the repository or its upstreams, else through their connections.
async fn distribution(
    service: &Service,
    endpoint: &Endpoint,
    project: &str,
    version: &str,
    file: &str,
    headers: &HeaderMap,
) -> Handled<Response> {
    if !filename::is_project(project) {
        return Err(NO_SUCH_PLACE);
    }
    let id = filename::id(project);
    let stored = || service.stored(endpoint, &id, version, file, headers);
    let missing = match stored().await {
        Err(problem) if problem.is_not_found() => problem,
        answered => return answered,
    };
    let view = service
        .registry
        .view(
            &endpoint.caller,
            &endpoint.repository,
            &filename::id(project),
        )
        .await?;
    if view
        .versions
        .iter()
        .any(|found| found.version == version && !found.follows_upstream)
    {
        // What is stored of it is all there is, or its status does not let it be downloaded.
        return Err(missing);
    }
    let offers = offers::ask(service, &view, project).await;
    let Some((connected, offered)) = offers
        .file(file)
        .filter(|(_, offered)| offered.version == version)
    else {
        return Err(offers.failure.map_or(missing, Problem::from));
    };
    let outcome = offers::ingest(service, endpoint, project, connected, offered).await?;
    if !matches!(outcome, Outcome::Missing) {
        let is_stored = |name: &str| {
            let mut versions = view.versions.iter();
            let found = versions.find(|found| found.version == version);
            name == file
                || found.is_some_and(|found| found.assets.iter().any(|asset| asset.name == name))
        };
        offers::follow(service, endpoint, project, version, &offers, is_stored);
    }
    match outcome {
        Outcome::Missing => Err(missing),
        Outcome::Stored => stored().await,
        Outcome::Arriving(arriving) => Ok(respond::arriving(arriving, respond::BYTES)),
    }
}

fn no_project(project: &str) -> Problem {
    let project = filename::normalized(project);
    Fault::new(
        FaultKind::ResourceNotFound,
        format!("Project {project} not found."),
    )
    .into()
}

fn refusal(problem: &Problem) -> Response {
    respond::text(
        problem.status(),
        problem.message(),
        "text/plain; charset=utf-8",
    )
}

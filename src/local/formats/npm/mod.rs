//! The npm format.
//!
//! The protocol: <https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md> and
//! <https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md>; what of it the
//! service has: guide, "npm command support". Errors are `{"error": "…"}`, which npm shows.

mod dependencies;
pub mod document;
pub mod index;
pub mod integrity;
pub mod manifest;
mod members;
pub mod name;
mod offers;
pub mod packument;
pub mod path;
mod publish;
pub mod range;
pub mod tarball;
pub mod upload;
mod view;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;

use self::index::Form;
use self::name::PackageName;
use self::path::Place;
use super::problem::{Handled, Problem};
use super::{Service, respond};
use crate::api::fault::{Fault, FaultKind};
use crate::local::endpoint::Endpoint;
use crate::local::ingestion::Outcome;

/// The name of the only asset of a version.
pub const ASSET: &str = "package.tgz";

/// The format's routes. Scoped names are written in two ways, so paths are read by [`Place`].
pub fn routes() -> Router<Service> {
    Router::new().fallback(answer)
}

async fn answer(State(service): State<Service>, endpoint: Endpoint, request: Request) -> Response {
    handle(&service, &endpoint, request)
        .await
        .unwrap_or_else(|problem| refusal(&problem))
}

async fn handle(service: &Service, endpoint: &Endpoint, request: Request) -> Handled<Response> {
    let place = Place::parse(request.uri().path()).ok_or(NO_SUCH_PLACE)?;
    let headers = request.headers().clone();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    match (request.method(), place) {
        (_, Place::Ping) if reads => ping(service, endpoint).await,
        (_, Place::Whoami) => Err(NO_USERS),
        (_, Place::Search) => Err(NO_SEARCH),
        (_, Place::Audit) => Err(NO_AUDIT),
        (_, Place::Package(package)) if reads => {
            packument(service, endpoint, &package, &headers).await
        }
        (_, Place::Version(package, version)) if reads => {
            view::version(service, endpoint, &package, &version, &headers).await
        }
        (_, Place::Tarball(package, file)) if reads => {
            tarball(service, endpoint, &package, &file, &headers).await
        }
        (_, Place::Tags(package)) if reads => {
            view::tags(service, endpoint, &package, &headers).await
        }
        (&Method::PUT | &Method::POST, Place::Tag(package, tag)) => {
            publish::set_tag(service, endpoint, &package, &tag, request.into_body()).await
        }
        (&Method::DELETE, Place::Tag(package, tag)) => {
            publish::delete_tag(service, endpoint, &package, &tag).await
        }
        (&Method::PUT, Place::Package(package)) => {
            publish::put(service, endpoint, &package, request.into_body()).await
        }
        (_, Place::PackageRevision(_) | Place::TarballRevision(_)) | (&Method::DELETE, _) => {
            Err(NO_UNPUBLISH)
        }
        _ => Err(NO_SUCH_PLACE),
    }
}

const NO_SUCH_PLACE: Problem = Problem::Unsupported(
    StatusCode::NOT_FOUND,
    "Not found. The repository does not support this npm command.",
);
const NO_SEARCH: Problem = Problem::Unsupported(
    StatusCode::NOT_FOUND,
    "npm search is not supported. Use list-packages.",
);
const NO_AUDIT: Problem =
    Problem::Unsupported(StatusCode::NOT_FOUND, "npm audit is not supported.");
const NO_USERS: Problem = Problem::Unsupported(
    StatusCode::NOT_FOUND,
    "npm whoami is not supported. Use get-caller-identity of AWS STS.",
);
const NO_UNPUBLISH: Problem = Problem::Unsupported(
    StatusCode::METHOD_NOT_ALLOWED,
    "npm unpublish is not supported. Use delete-package-versions.",
);

/// Guide, "Verifying npm authentication and authorization".
async fn ping(service: &Service, endpoint: &Endpoint) -> Handled<Response> {
    service
        .registry
        .check_readable(&endpoint.caller, &endpoint.repository)
        .await?;
    Ok(json(StatusCode::OK, "{}".to_string()))
}

async fn packument(
    service: &Service,
    endpoint: &Endpoint,
    package: &PackageName,
    headers: &HeaderMap,
) -> Handled<Response> {
    let accept = headers
        .get("accept")
        .and_then(|accept| accept.to_str().ok());
    let form = Form::wanted(accept);
    let body = view::packument(service, endpoint, package, form).await?;
    Ok(respond::document(body, form.media_type(), headers))
}

/// Serves a tarball, from the repository or its upstreams, else through their connections.
async fn tarball(
    service: &Service,
    endpoint: &Endpoint,
    package: &PackageName,
    file: &str,
    headers: &HeaderMap,
) -> Handled<Response> {
    let version = package.version_in(file).ok_or(NO_SUCH_PLACE)?;
    let id = offers::id(package);
    let stored = || service.stored(endpoint, &id, version, ASSET, headers);
    let missing = match stored().await {
        Err(problem) if problem.is_not_found() => problem,
        answered => return answered,
    };
    let view = service
        .registry
        .view(&endpoint.caller, &endpoint.repository, &offers::id(package))
        .await?;
    if view.versions.iter().any(|found| found.version == version) {
        // Its status does not let it be downloaded; or it has come in between the two looks.
        return stored().await;
    }
    let offers = offers::ask(service, &view, package, Form::Abbreviated).await;
    let Some((offer, offered)) = offers.version(version) else {
        return Err(offers.failure.map_or(missing, Problem::from));
    };
    let outcome = offers::ingest(service, endpoint, package, offer, offered).await?;
    if !matches!(outcome, Outcome::Missing) {
        dependencies::follow(service, endpoint, &offered.document);
    }
    match outcome {
        Outcome::Missing => Err(missing),
        Outcome::Stored => stored().await,
        Outcome::Arriving(arriving) => Ok(respond::arriving(arriving, respond::BYTES)),
    }
}

fn json(status: StatusCode, body: String) -> Response {
    respond::text(status, body, "application/json")
}

fn no_version(package: &PackageName, version: &str) -> Problem {
    let message = format!("Version {version} of package {package} not found.");
    Fault::new(FaultKind::ResourceNotFound, message).into()
}

/// The body in which npm looks for the reason.
fn refusal(problem: &Problem) -> Response {
    let body = serde_json::json!({ "error": problem.message() });
    json(problem.status(), body.to_string())
}

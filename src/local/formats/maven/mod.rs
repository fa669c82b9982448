//! The maven format.
//!
//! The protocol: <https://maven.apache.org/repositories/layout.html>, read and written with plain
//! GET, HEAD and PUT; what of it the service has: guide, "Using CodeArtifact with Maven". Errors
//! are plain text.

pub mod metadata;
mod offers;
pub mod path;
pub mod pom;
mod publish;
pub mod version;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use self::metadata::Plugin;
use self::path::{Checksum, Module, Place};
use super::problem::{Handled, Problem};
use super::{Service, respond};
use crate::api::fault::{Fault, FaultKind};
use crate::local::endpoint::Endpoint;
use crate::local::ingestion::Outcome;
use crate::local::registry::asset::Hashes;
use crate::local::registry::lookup::PackageView;
use crate::local::registry::{Format, Status};

/// The format's routes: everything is in the path, which [`path`] reads.
pub fn routes() -> Router<Service> {
    Router::new().fallback(answer)
}

/// The most artifacts of a group that are looked through for plug-ins.
const MOST_PLUGINS: usize = 10_000;

const NO_SUCH_PLACE: Problem = Problem::Unsupported(StatusCode::NOT_FOUND, "Not found.");
const NO_METHOD: Problem = Problem::Unsupported(
    StatusCode::METHOD_NOT_ALLOWED,
    "Only GET, HEAD and PUT are supported.",
);

async fn answer(State(service): State<Service>, endpoint: Endpoint, request: Request) -> Response {
    let answered = match *request.method() {
        Method::GET | Method::HEAD => {
            read(&service, &endpoint, request.uri().path(), request.headers()).await
        }
        Method::PUT => write(&service, &endpoint, request).await,
        _ => Err(NO_METHOD),
    };
    answered.unwrap_or_else(|problem| {
        respond::text(
            problem.status(),
            problem.message(),
            "text/plain; charset=utf-8",
        )
    })
}

async fn read(
    service: &Service,
    endpoint: &Endpoint,
    path: &str,
    headers: &HeaderMap,
) -> Handled<Response> {
    let (place, checksum) = path::parse(path).ok_or(NO_SUCH_PLACE)?;
    let document = match place {
        Place::File {
            module,
            version,
            file,
        } => {
            return match checksum {
                None => serve(service, endpoint, &module, (&version, &file), headers).await,
                Some(kind) => {
                    let checksum =
                        file_checksum(service, endpoint, &module, (&version, &file), kind).await?;
                    Ok(respond::document(checksum, "text/plain", headers))
                }
            };
        }
        Place::Versions(module) => versions(service, endpoint, &module).await?,
        Place::Snapshot(module, version) => snapshot(service, endpoint, &module, &version).await?,
    };
    Ok(match checksum {
        None => respond::document(document, "text/xml; charset=utf-8", headers),
        Some(kind) => {
            respond::document(publish::checksum_of(&document, kind), "text/plain", headers)
        }
    })
}

async fn write(service: &Service, endpoint: &Endpoint, request: Request) -> Handled<Response> {
    let (place, checksum) = path::parse(request.uri().path()).ok_or(NO_SUCH_PLACE)?;
    let body = request.into_body();
    match (place, checksum) {
        (
            Place::File {
                module,
                version,
                file,
            },
            None,
        ) => {
            publish::file(service, endpoint, &module, (&version, &file), body).await?;
        }
        (
            Place::File {
                module,
                version,
                file,
            },
            Some(kind),
        ) => {
            publish::checksum(service, endpoint, &module, (&version, &file), kind, body).await?;
        }
        (Place::Versions(module), None) => {
            publish::versions(service, endpoint, &module, body).await?;
        }
        (Place::Snapshot(module, version), None) => {
            publish::snapshot(service, endpoint, &module, &version, body).await?;
        }
        (Place::Versions(module) | Place::Snapshot(module, _), Some(_)) => {
            publish::metadata_checksum(service, endpoint, &module, body).await?;
        }
    }
    Ok(StatusCode::CREATED.into_response())
}

/// A module's metadata, made of what is stored and what is offered.
async fn versions(service: &Service, endpoint: &Endpoint, module: &Module) -> Handled<String> {
    let view = service
        .registry
        .view(&endpoint.caller, &endpoint.repository, &module.id())
        .await?;
    let offers = offers::ask(service, &view, module).await;
    let published = view
        .versions
        .iter()
        .filter(|found| found.status == Status::Published);
    let mut versions: Vec<&str> = published
        .clone()
        .map(|found| found.version.as_str())
        .collect();
    let is_stored = |version: &str| view.versions.iter().any(|found| found.version == version);
    // Snapshots are not fetched from public repositories (guide, "Snapshots and external connections").
    versions.extend(
        offers
            .versions()
            .filter(|version| !is_stored(version) && !path::is_snapshot(version)),
    );
    if versions.is_empty() {
        return plugins(service, endpoint, module, offers).await;
    }
    let updated = published
        .map(|found| found.published)
        .max()
        .unwrap_or_default();
    Ok(metadata::render_versions(module, versions, updated))
}

/// The list of a group's plug-ins, which stands where the versions of a module would: of those in
/// the repository itself and of those that are offered.
async fn plugins(
    service: &Service,
    endpoint: &Endpoint,
    module: &Module,
    offers: offers::Offers,
) -> Handled<String> {
    let group = format!("{}.{}", module.group, module.artifact);
    let (caller, repository) = (&endpoint.caller, &endpoint.repository);
    let names = service
        .registry
        .names_in(caller, repository, Format::Maven, &group, MOST_PLUGINS)
        .await?;
    let mut plugins: Vec<Plugin> = names.iter().filter_map(|name| Plugin::of(name)).collect();
    for (_, offered) in &offers.found {
        for plugin in &offered.plugins {
            if plugins
                .iter()
                .all(|known| known.artifact != plugin.artifact)
            {
                plugins.push(plugin.clone());
            }
        }
    }
    if plugins.is_empty() {
        return Err(offers
            .failure
            .map_or_else(|| no_such_file(path::METADATA), Problem::from));
    }
    Ok(metadata::render_plugins(&plugins))
}

/// A snapshot's metadata, made of the files of its latest build.
async fn snapshot(
    service: &Service,
    endpoint: &Endpoint,
    module: &Module,
    version: &str,
) -> Handled<String> {
    let view = service
        .registry
        .view(&endpoint.caller, &endpoint.repository, &module.id())
        .await?;
    let found = view
        .versions
        .iter()
        .find(|found| found.version == version && found.status == Status::Published);
    let found = found.ok_or_else(|| no_such_file(path::METADATA))?;
    let files: Vec<&str> = found
        .assets
        .iter()
        .map(|asset| asset.name.as_str())
        .collect();
    let build = files
        .iter()
        .find_map(|file| path::build_of(module, version, file));
    let build = build.ok_or_else(|| no_such_file(path::METADATA))?;
    Ok(metadata::render_snapshot(
        module,
        version,
        build,
        &files,
        found.published,
    ))
}

/// Serves a file, from the repository or its upstreams, else through their connections.
async fn serve(
    service: &Service,
    endpoint: &Endpoint,
    module: &Module,
    (folder, file): (&str, &str),
    headers: &HeaderMap,
) -> Handled<Response> {
    let view = service
        .registry
        .view(&endpoint.caller, &endpoint.repository, &module.id())
        .await?;
    let (version, file) =
        resolved(&view, module, folder, file).ok_or_else(|| no_such_file(file))?;
    if is_unfinished(&view, &version) {
        return Err(no_such_file(&file));
    }
    let id = module.id();
    let stored = || service.stored(endpoint, &id, &version, &file, headers);
    let missing = match stored().await {
        Err(problem) if problem.is_not_found() => problem,
        answered => return answered,
    };
    if path::is_snapshot(folder) || !is_open(&view, &version) {
        return Err(missing);
    }
    match offers::ingest(service, endpoint, &view, module, &version, &file).await? {
        Outcome::Missing => Err(missing),
        Outcome::Stored => stored().await,
        Outcome::Arriving(arriving) => Ok(respond::arriving(arriving, respond::BYTES)),
    }
}

/// The stored version and file name that a client means: `SNAPSHOT` in a file's name stands for the
/// latest build.
fn resolved(
    view: &PackageView,
    module: &Module,
    folder: &str,
    file: &str,
) -> Option<(String, String)> {
    if let Some(version) = path::stored_version(module, folder, file) {
        return Some((version, file.to_string()));
    }
    let rest = file.strip_prefix(&format!("{}-{folder}", module.artifact))?;
    let found = view.versions.iter().find(|found| found.version == folder)?;
    let asset = found.assets.iter().find(|asset| {
        let build = path::build_of(module, folder, &asset.name);
        build.is_some_and(|build| asset.name == format!("{}-{build}{rest}", module.artifact))
    })?;
    Some((folder.to_string(), asset.name.clone()))
}

fn is_unfinished(view: &PackageView, version: &str) -> bool {
    view.versions
        .iter()
        .any(|found| found.version == version && found.status == Status::Unfinished)
}

/// Whether a file that is not stored may be fetched: of a version that nobody has, or that goes on
/// following upstream.
fn is_open(view: &PackageView, version: &str) -> bool {
    view.versions
        .iter()
        .find(|found| found.version == version)
        .is_none_or(|found| found.follows_upstream)
}

/// A file's checksum: computed for what is stored, else upstream's (guide, "Checksum storage").
async fn file_checksum(
    service: &Service,
    endpoint: &Endpoint,
    module: &Module,
    (folder, file): (&str, &str),
    kind: Checksum,
) -> Handled<String> {
    let view = service
        .registry
        .view(&endpoint.caller, &endpoint.repository, &module.id())
        .await?;
    let (version, file) =
        resolved(&view, module, folder, file).ok_or_else(|| no_such_file(file))?;
    let found = view.versions.iter().find(|found| found.version == version);
    if found.is_some_and(|found| !found.status.is_available() || found.status == Status::Unfinished)
    {
        return Err(no_such_file(&file));
    }
    let asset = found.and_then(|found| found.assets.iter().find(|asset| asset.name == file));
    match asset {
        Some(asset) => Ok(hash(&asset.hashes, kind)),
        None if !path::is_snapshot(folder) && is_open(&view, &version) => {
            let offered =
                offers::offered_checksum(service, &view, module, (&version, &file), kind).await?;
            offered.ok_or_else(|| no_such_file(&file))
        }
        None => Err(no_such_file(&file)),
    }
}

fn hash(hashes: &Hashes, kind: Checksum) -> String {
    match kind {
        Checksum::Md5 => hex::encode(hashes.md5),
        Checksum::Sha1 => hex::encode(hashes.sha1),
        Checksum::Sha256 => hex::encode(hashes.sha256),
        Checksum::Sha512 => hex::encode(hashes.sha512),
    }
}

fn no_such_file(file: &str) -> Problem {
    Fault::new(FaultKind::ResourceNotFound, format!("{file} not found.")).into()
}

//! A project as a client sees it: stored files and offered ones, merged.

use std::collections::HashMap;

use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

use super::filename::{self, Kind, id};
use super::index::{File, Files};
use super::offers::{self, Offers};
use super::{NO_SUCH_PLACE, no_project, respond};
use crate::local::endpoint::Endpoint;
use crate::local::formats::Service;
use crate::local::formats::problem::{Handled, Problem};
use crate::local::registry::Status;
use crate::local::registry::lookup::{FoundVersion, PackageView};

/// The files that clients are told of.
///
/// # Errors
/// When nobody has the project; when somebody might have it and cannot be asked.
pub(super) async fn files(
    service: &Service,
    endpoint: &Endpoint,
    project: &str,
) -> Handled<Vec<File>> {
    if !filename::is_project(project) {
        return Err(no_project(project));
    }
    let view = service
        .registry
        .view(&endpoint.caller, &endpoint.repository, &id(project))
        .await?;
    let offers = offers::ask(service, &view, project).await;
    renew(service, endpoint, project, &view, &offers).await?;
    let files = merged(&view, &offers, |version, file| {
        format!(
            "{}simple/{}/{version}/{file}",
            endpoint.base,
            filename::normalized(project)
        )
    });
    if files.is_empty() && view.versions.is_empty() {
        return Err(offers
            .failure
            .map_or_else(|| no_project(project), Problem::from));
    }
    Ok(files)
}

/// Stored files and, of versions that are not stored or go on following upstream, offered ones
/// (guide, "Requesting Python packages from upstreams and external connections").
fn merged(view: &PackageView, offers: &Offers, link: impl Fn(&str, &str) -> String) -> Vec<File> {
    let stored: HashMap<&str, &FoundVersion> = view
        .versions
        .iter()
        .map(|found| (found.version.as_str(), found))
        .collect();
    let mut files = Vec::new();
    for found in view
        .versions
        .iter()
        .filter(|found| found.status == Status::Published)
    {
        let mut known = Files::parse(&found.document).files;
        for asset in &found.assets {
            let mut about = known.remove(&asset.name).unwrap_or_default();
            if found.follows_upstream
                && let Some((_, offered)) = offers.file(&asset.name)
            {
                about.yanked.clone_from(&offered.about.yanked);
            }
            files.push(File {
                name: asset.name.clone(),
                version: found.version.clone(),
                url: link(&found.version, &asset.name),
                sha256: Some(hex::encode(asset.hashes.sha256)),
                size: Some(asset.size),
                about,
            });
        }
    }
    let mut seen: std::collections::HashSet<String> =
        files.iter().map(|file| file.name.clone()).collect();
    for (_, offered) in offers.files() {
        let is_open = stored
            .get(offered.version.as_str())
            .is_none_or(|found| found.follows_upstream && found.status == Status::Published);
        if is_open && seen.insert(offered.name.clone()) {
            files.push(File {
                url: link(&offered.version, &offered.name),
                ..offered.clone()
            });
        }
    }
    files
}

/// Stores what upstream says by now of the versions that are in the repository itself: whether
/// they are yanked (guide, "Yanked package versions"), and files that were added to them.
async fn renew(
    service: &Service,
    endpoint: &Endpoint,
    project: &str,
    view: &PackageView,
    offers: &Offers,
) -> Handled<()> {
    let own = view
        .versions
        .iter()
        .filter(|found| found.follows_upstream && found.repository == endpoint.repository.name);
    for found in own {
        let is_stored = |name: &str| found.assets.iter().any(|asset| asset.name == name);
        offers::follow(
            service,
            endpoint,
            project,
            &found.version,
            offers,
            is_stored,
        );
        let mut files = Files::parse(&found.document);
        for (name, about) in &mut files.files {
            if let Some((_, offered)) = offers.file(name) {
                about.yanked.clone_from(&offered.about.yanked);
            }
        }
        let document = files.render();
        if document != found.document {
            service
                .registry
                .refresh(
                    &endpoint.caller,
                    &endpoint.repository,
                    &id(project),
                    &found.version,
                    None,
                    document,
                )
                .await?;
        }
    }
    Ok(())
}

/// Serves the metadata of a wheel by itself (PEP 658). Looking at it retains nothing.
pub(super) async fn metadata(
    service: &Service,
    endpoint: &Endpoint,
    project: &str,
    version: &str,
    file: &str,
    headers: &HeaderMap,
) -> Handled<Response> {
    if !filename::is_project(project)
        || !matches!(filename::parse(file, project), Some((_, Kind::Wheel)))
    {
        return Err(NO_SUCH_PLACE);
    }
    let view = service
        .registry
        .view(&endpoint.caller, &endpoint.repository, &id(project))
        .await?;
    let found = view.versions.iter().find(|found| found.version == version);
    if found.is_some_and(|found| !found.status.is_available()) {
        return Err(NO_SUCH_PLACE);
    }
    let asset = found.and_then(|found| found.assets.iter().find(|asset| asset.name == file));
    let bytes = match asset {
        Some(asset) => {
            let (path, size) = (service.registry.asset_path(asset), asset.size);
            let read = tokio::task::spawn_blocking(move || {
                let file = std::fs::File::open(path).ok()?;
                super::metadata::read(Kind::Wheel, std::io::BufReader::new(file), size).ok()?
            });
            read.await.ok().flatten()
        }
        None if found.is_none_or(|found| found.follows_upstream) => {
            let offers = offers::ask(service, &view, project).await;
            match offers
                .file(file)
                .filter(|(_, offered)| offered.version == version)
            {
                Some((_, offered)) => offers::metadata(service, offered)
                    .await?
                    .map(|bytes| bytes.to_vec()),
                None => None,
            }
        }
        None => None,
    };
    let bytes = bytes.ok_or(NO_SUCH_PLACE)?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(respond::document(
            text,
            "text/plain; charset=utf-8",
            headers,
        )),
        Err(error) => Ok(error.into_bytes().into_response()),
    }
}

//! What changes a package: publications, deprecations, tags.

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use futures_util::StreamExt as _;

use super::document::Splitter;
use super::index::Form;
use super::name::{PackageName, is_version};
use super::offers::{self, id};
use super::upload::{self, Document};
use super::view::Package;
use super::{ASSET, NO_UNPUBLISH, json, manifest, no_version, tarball};
use crate::local::endpoint::Endpoint;
use crate::local::formats::problem::{Handled, Problem};
use crate::local::formats::service::judge;
use crate::local::formats::{Invalid, Service, publishing, shortened};
use crate::local::registry::Status;
use crate::local::registry::asset::AssetWriter;
use crate::local::registry::publish::{StagedAsset, Upload};

/// The most bytes of a request (guide, "Asset size limits for publishing").
const LARGEST_REQUEST: u64 = 2 << 30;

/// The most bytes of a request besides the tarball: a packument with a great many versions.
const LARGEST_DOCUMENT: usize = 64 << 20;

/// The most bytes of a request that sets a tag.
const LARGEST_TAG: usize = 4096;

const TOO_LARGE: Problem = Problem::Unsupported(
    StatusCode::PAYLOAD_TOO_LARGE,
    "A publishing request cannot have more than 2 GB.",
);

/// Publishes a version, or deprecates versions: npm sends both to one address.
pub(super) async fn put(
    service: &Service,
    endpoint: &Endpoint,
    package: &PackageName,
    body: Body,
) -> Handled<Response> {
    let (document, staged) = receive(service, body).await?;
    let document = Document::parse(&document, package)?;
    match staged {
        Some(staged) => publish(service, endpoint, package, document, staged).await?,
        None => deprecate(service, endpoint, package, &document).await?,
    }
    Ok(json(
        StatusCode::CREATED,
        r#"{"ok":true,"success":true}"#.to_string(),
    ))
}

/// Takes the request apart as it comes: the document, and the tarball on the disk.
async fn receive(service: &Service, body: Body) -> Handled<(Vec<u8>, Option<StagedAsset>)> {
    let mut splitter = Splitter::new(LARGEST_DOCUMENT);
    let mut writer: Option<AssetWriter> = None;
    let (mut received, mut data) = (0, Vec::new());
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| publishing::cut_short(&error))?;
        received += chunk.len() as u64;
        if received > LARGEST_REQUEST {
            return Err(TOO_LARGE);
        }
        splitter.push(&chunk, &mut data)?;
        if !data.is_empty() {
            if writer.is_none() {
                writer = Some(service.registry.stage().await?);
            }
            if let Some(writer) = &mut writer {
                writer.write(&data).await?;
            }
            data.clear();
        }
    }
    let (document, attached) = splitter.finish()?;
    let staged = match writer {
        Some(writer) => Some(writer.finish(ASSET).await?),
        None if attached => return Err(Invalid::new("the tarball is empty").into()),
        None => None,
    };
    Ok((document, staged))
}

async fn publish(
    service: &Service,
    endpoint: &Endpoint,
    package: &PackageName,
    document: Document,
    staged: StagedAsset,
) -> Handled<()> {
    let version = document.version()?.to_string();
    let (path, size, hashes) = (
        staged.blob.path().to_path_buf(),
        staged.blob.size,
        staged.blob.hashes.clone(),
    );
    let id = id(package);
    // Who may not publish is told so, not what is wrong with the archive.
    let others = publishing::view_of_others(service, endpoint, &id, &version).await?;
    let name = package.clone();
    let publication = judge(move || {
        let file = std::fs::File::open(path).map_err(|error| Invalid::new(error.to_string()))?;
        document.publication(
            &name,
            &hashes,
            tarball::read(std::io::BufReader::new(file), size)?,
        )
    })
    .await?;
    if let Some(view) = others
        && let Some(((connected, _), _)) = offers::ask(service, &view, package, Form::Abbreviated)
            .await
            .version(&version)
    {
        return Err(publishing::is_public(&id, &version, connected));
    }
    let upload = Upload {
        package: id,
        version,
        assets: vec![staged],
        facts: Some(publication.facts),
        document: Some(publication.document),
        join: None,
        status: Status::Published,
        tags: publication.tags,
    };
    service
        .registry
        .publish(&endpoint.caller, &endpoint.repository, upload)
        .await?;
    Ok(())
}

/// Sets the deprecations that the document changes, of versions in the repository itself.
async fn deprecate(
    service: &Service,
    endpoint: &Endpoint,
    package: &PackageName,
    document: &Document,
) -> Handled<()> {
    let found = Package::find(service, endpoint, package, Form::Full).await?;
    let wanted = document.deprecations();
    let own = |version: &str| {
        let mut versions = found.view.versions.iter();
        versions
            .find(|found| found.version == version && found.repository == endpoint.repository.name)
    };
    let listed = found.listed();
    if listed
        .iter()
        .any(|listed| own(listed.version).is_some() && !wanted.contains_key(listed.version))
    {
        return Err(NO_UNPUBLISH);
    }
    let mut changes = Vec::new();
    for listed in listed {
        let Some(message) = wanted.get(listed.version) else {
            continue;
        };
        let present: serde_json::Value = serde_json::from_str(listed.document).unwrap_or_default();
        if present["deprecated"].as_str().unwrap_or_default() != message {
            let own = own(listed.version).ok_or_else(|| no_version(package, listed.version))?;
            changes.push((&own.version, manifest::deprecate(&own.document, message)?));
        }
    }
    for (version, document) in changes {
        service
            .registry
            .amend(
                &endpoint.caller,
                &endpoint.repository,
                &id(package),
                version,
                None,
                document,
            )
            .await?;
    }
    Ok(())
}

/// Lets a tag name a version that clients can see.
pub(super) async fn set_tag(
    service: &Service,
    endpoint: &Endpoint,
    package: &PackageName,
    tag: &str,
    body: Body,
) -> Handled<Response> {
    upload::check_tag(tag)?;
    let unreadable = || Invalid::new("the request's body is not a version in quotes");
    let body = axum::body::to_bytes(body, LARGEST_TAG)
        .await
        .map_err(|_| unreadable())?;
    let version: String = serde_json::from_slice(&body).map_err(|_| unreadable())?;
    let found = Package::find(service, endpoint, package, Form::Abbreviated).await?;
    if !is_version(&version)
        || !found
            .listed()
            .iter()
            .any(|listed| listed.version == version)
    {
        return Err(no_version(package, &shortened(&version)));
    }
    service
        .registry
        .set_package_tag(
            &endpoint.caller,
            &endpoint.repository,
            &id(package),
            tag,
            &version,
        )
        .await?;
    Ok(json(StatusCode::CREATED, r#"{"ok":true}"#.to_string()))
}

/// Removes a tag.
pub(super) async fn delete_tag(
    service: &Service,
    endpoint: &Endpoint,
    package: &PackageName,
    tag: &str,
) -> Handled<Response> {
    if tag == "latest" {
        return Err(Invalid::new("the tag `latest` cannot be removed").into());
    }
    service
        .registry
        .delete_package_tag(&endpoint.caller, &endpoint.repository, &id(package), tag)
        .await?;
    Ok(json(StatusCode::OK, r#"{"ok":true}"#.to_string()))
}

//! Publishing: files, their checksums, and the metadata that ends a publication.

use axum::body::Body;
use serde::{Deserialize, Serialize};

use super::metadata;
use super::path::{self, Checksum, Module};
use super::{hash, no_such_file, offers, pom};
use crate::local::endpoint::Endpoint;
use crate::local::formats::problem::Handled;
use crate::local::formats::service::judge;
use crate::local::formats::{Invalid, Service, publishing};
use crate::local::registry::Status;
use crate::local::registry::asset::Hashes;
use crate::local::registry::lookup::{FoundVersion, PackageView};
use crate::local::registry::publish::Upload;

/// The most bytes of uploaded metadata, and of an uploaded checksum.
const LARGEST_DOCUMENT: usize = 16 << 20;

/// What is stored of a version besides its files: the checksums that did not match them.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Notes {
    #[serde(default)]
    mismatched: Vec<String>,
}

/// What is stored of a module besides its versions: the hashes of the metadata that was uploaded
/// last, so that its checksums can be judged.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Uploaded {
    #[serde(default)]
    metadata: Vec<String>,
}

/// Stores a file. Its version is Unfinished until its metadata comes.
pub(super) async fn file(
    service: &Service,
    endpoint: &Endpoint,
    module: &Module,
    (folder, name): (&str, &str),
    body: Body,
) -> Handled<()> {
    let version = path::stored_version(module, folder, name)
        .ok_or_else(|| Invalid::new("only snapshots with a time in their names are supported"))?;
    let staged = publishing::receive(service, name, body).await?;
    let (of, folder, looked_into) = (module.clone(), folder.to_string(), staged.clone());
    let facts = judge(move || -> Result<_, Invalid> {
        let Some(pom) = offers::read_pom(&looked_into)? else {
            return Ok(None);
        };
        pom::check(&pom, &of, &folder)?;
        Ok(Some(pom::facts(&pom)))
    })
    .await?;
    let id = module.id();
    if let Some(view) = publishing::view_of_others(service, endpoint, &id, &version).await?
        && let Some(connected) = offers::ask(service, &view, module).await.offering(&version)
    {
        return Err(publishing::is_public(&id, &version, connected));
    }
    let upload = Upload {
        package: id,
        version,
        assets: vec![staged],
        facts,
        document: None,
        join: None,
        status: Status::Unfinished,
        tags: Vec::new(),
    };
    service
        .registry
        .publish(&endpoint.caller, &endpoint.repository, upload)
        .await?;
    Ok(())
}

/// The version in the repository itself.
fn own<'a>(view: &'a PackageView, endpoint: &Endpoint, version: &str) -> Option<&'a FoundVersion> {
    let mut versions = view.versions.iter();
    versions.find(|found| found.version == version && found.repository == endpoint.repository.name)
}

/// Compares an uploaded checksum with the file that was uploaded before; upper and lower case
/// differ (guide, "Checksum mismatches during publishing").
pub(super) async fn checksum(
    service: &Service,
    endpoint: &Endpoint,
    module: &Module,
    (folder, name): (&str, &str),
    kind: Checksum,
    body: Body,
) -> Handled<()> {
    let uploaded = text(body).await?;
    let view = service
        .registry
        .view(&endpoint.caller, &endpoint.repository, &module.id())
        .await?;
    let version = path::stored_version(module, folder, name).ok_or_else(|| no_such_file(name))?;
    let found = own(&view, endpoint, &version).ok_or_else(|| no_such_file(name))?;
    let asset = found
        .assets
        .iter()
        .find(|asset| asset.name == name)
        .ok_or_else(|| no_such_file(name))?;
    let matches = uploaded.split_whitespace().next() == Some(hash(&asset.hashes, kind).as_str());
    let note = format!("{name}.{}", kind.extension());
    let mut notes: Notes = serde_json::from_str(&found.document).unwrap_or_default();
    let noted = notes.mismatched.contains(&note);
    if noted == matches {
        notes.mismatched.retain(|known| *known != note);
        if !matches {
            notes.mismatched.push(note.clone());
        }
        let document =
            serde_json::to_string(&notes).map_err(|error| Invalid::new(error.to_string()))?;
        service
            .registry
            .amend(
                &endpoint.caller,
                &endpoint.repository,
                &module.id(),
                &version,
                None,
                document,
            )
            .await?;
    }
    if matches {
        Ok(())
    } else {
        Err(Invalid::new(format!(
            "the checksum {note} does not match the file that was uploaded"
        ))
        .into())
    }
}

/// Takes a module's metadata: its versions that were Unfinished are Published.
pub(super) async fn versions(
    service: &Service,
    endpoint: &Endpoint,
    module: &Module,
    body: Body,
) -> Handled<()> {
    let bytes = whole(body).await?;
    let metadata = metadata::parse(&bytes)?;
    let view = service
        .registry
        .view(&endpoint.caller, &endpoint.repository, &module.id())
        .await?;
    let unfinished: Vec<&FoundVersion> = metadata
        .versions
        .iter()
        .filter_map(|version| own(&view, endpoint, version))
        .filter(|found| found.status == Status::Unfinished)
        .collect();
    for found in &unfinished {
        refuse_mismatched(found)?;
    }
    // Whoever may not put metadata publishes nothing with it either.
    if view.is_in_repository {
        remember(service, endpoint, module, &bytes).await?;
    }
    for found in unfinished {
        let upload = Upload {
            package: module.id(),
            version: found.version.clone(),
            assets: Vec::new(),
            facts: None,
            document: None,
            join: None,
            status: Status::Published,
            tags: Vec::new(),
        };
        service
            .registry
            .publish(&endpoint.caller, &endpoint.repository, upload)
            .await?;
    }
    Ok(())
}

fn refuse_mismatched(found: &FoundVersion) -> Result<(), Invalid> {
    let notes: Notes = serde_json::from_str(&found.document).unwrap_or_default();
    match notes.mismatched.first() {
        None => Ok(()),
        Some(first) => Err(Invalid::new(format!(
            "the checksum {first} of version {} does not match its file",
            found.version
        ))),
    }
}

/// Takes a snapshot's metadata: the snapshot holds what the build holds that it names.
pub(super) async fn snapshot(
    service: &Service,
    endpoint: &Endpoint,
    module: &Module,
    snapshot: &str,
    body: Body,
) -> Handled<()> {
    let bytes = whole(body).await?;
    let build = metadata::parse(&bytes)?.build.ok_or_else(|| {
        Invalid::new("the metadata names no build: its timestamp and buildNumber are needed")
    })?;
    let build = format!(
        "{}{build}",
        snapshot.strip_suffix("SNAPSHOT").unwrap_or(snapshot)
    );
    let view = service
        .registry
        .view(&endpoint.caller, &endpoint.repository, &module.id())
        .await?;
    let found = own(&view, endpoint, &build).ok_or_else(|| {
        Invalid::new(format!(
            "the metadata names build {build}, which was not uploaded"
        ))
    })?;
    refuse_mismatched(found)?;
    remember(service, endpoint, module, &bytes).await?;
    service
        .registry
        .set_snapshot(
            &endpoint.caller,
            &endpoint.repository,
            &module.id(),
            snapshot,
            &build,
        )
        .await?;
    Ok(())
}

/// Remembers the hashes of uploaded metadata, the latest few of them: those of the module and of
/// its snapshots come in turns.
async fn remember(
    service: &Service,
    endpoint: &Endpoint,
    module: &Module,
    bytes: &[u8],
) -> Handled<()> {
    let view = service
        .registry
        .view(&endpoint.caller, &endpoint.repository, &module.id())
        .await?;
    let mut uploaded = uploaded(&view);
    let hashes = Checksum::ALL.map(|kind| digest(bytes, kind));
    uploaded.metadata.retain(|known| !hashes.contains(known));
    uploaded.metadata.extend(hashes);
    let surplus = uploaded.metadata.len().saturating_sub(16);
    uploaded.metadata.drain(..surplus);
    let document =
        serde_json::to_string(&uploaded).map_err(|error| Invalid::new(error.to_string()))?;
    service
        .registry
        .put_package_document(
            &endpoint.caller,
            &endpoint.repository,
            &module.id(),
            document,
        )
        .await?;
    Ok(())
}

fn uploaded(view: &PackageView) -> Uploaded {
    view.documents
        .first()
        .and_then(|document| serde_json::from_str(document).ok())
        .unwrap_or_default()
}

/// Compares the checksum of metadata with the metadata that was uploaded before.
pub(super) async fn metadata_checksum(
    service: &Service,
    endpoint: &Endpoint,
    module: &Module,
    body: Body,
) -> Handled<()> {
    let checksum = text(body).await?;
    let view = service
        .registry
        .view(&endpoint.caller, &endpoint.repository, &module.id())
        .await?;
    let known = uploaded(&view).metadata;
    let given = checksum.split_whitespace().next().unwrap_or_default();
    // Metadata of a group's plug-ins is not kept, so there is nothing to compare with.
    if known.is_empty() || known.iter().any(|known| known == given) {
        Ok(())
    } else {
        Err(Invalid::new("the checksum does not match the metadata that was uploaded").into())
    }
}

fn digest(bytes: &[u8], kind: Checksum) -> String {
    super::hash(
        &Hashes {
            md5: <md5::Md5 as md5::Digest>::digest(bytes).into(),
            sha1: <sha1::Sha1 as sha1::Digest>::digest(bytes).into(),
            sha256: <sha2::Sha256 as sha2::Digest>::digest(bytes).into(),
            sha512: <sha2::Sha512 as sha2::Digest>::digest(bytes).into(),
        },
        kind,
    )
}

/// A document's checksum, for those that are made here.
pub(super) fn checksum_of(document: &str, kind: Checksum) -> String {
    digest(document.as_bytes(), kind)
}

async fn whole(body: Body) -> Result<bytes::Bytes, Invalid> {
    axum::body::to_bytes(body, LARGEST_DOCUMENT)
        .await
        .map_err(|error| Invalid::new(format!("the request is cut short or too large: {error}")))
}

async fn text(body: Body) -> Result<String, Invalid> {
    Ok(String::from_utf8_lossy(&whole(body).await?).into_owned())
}

//! Publishing: the form of a release, received as it comes.

use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::index::{Document, Signature};
use super::name::{ARCHIVE, id};
use super::upload::{self, Contents};
use crate::local::endpoint::Endpoint;
use crate::local::formats::problem::Handled;
use crate::local::formats::service::judge;
use crate::local::formats::{Invalid, Service};
use crate::local::registry::Status;
use crate::local::registry::publish::{StagedAsset, Upload};

/// The most bytes that all parts of a form but the archive may have.
const LARGEST_PARTS: usize = 8 << 20;

/// The most parts of a form.
const MOST_PARTS: usize = 64;

/// Which release is published.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) scope: &'a str,
    pub(super) name: &'a str,
    pub(super) version: &'a str,
}

/// The parts of a form.
#[derive(Default)]
struct Form {
    archive: Option<StagedAsset>,
    metadata: Option<Vec<u8>>,
    signature: Option<Vec<u8>>,
    metadata_signature: bool,
}

/// Publishes a release.
pub(super) async fn publish(
    service: &Service,
    endpoint: &Endpoint,
    target: Target<'_>,
    headers: &HeaderMap,
    form: Multipart,
) -> Handled<()> {
    let package = id(target.scope, target.name);
    // Before the archive is received: clients wait for the word to send it.
    service
        .registry
        .check_publish(&endpoint.caller, &endpoint.repository, &package)
        .await?;
    let form = receive(service, form).await?;
    let archive = form
        .archive
        .ok_or_else(|| Invalid::new("the form has no source-archive"))?;
    let metadata = match &form.metadata {
        Some(text) => upload::metadata(text)?,
        None => serde_json::Map::new(),
    };
    let signature = signature(headers, form.signature, form.metadata_signature)?;
    let contents = look_into(&archive).await?;
    let document = Document {
        signature,
        ..upload::document(target.scope, target.name, metadata, &contents)
    };
    let facts = upload::facts(&document, &contents);
    let mut assets = vec![archive];
    for (file, text) in contents.manifests {
        let mut writer = service.registry.stage().await?;
        writer.write(text.as_bytes()).await?;
        assets.push(writer.finish(file).await?);
    }
    let upload = Upload {
        package,
        version: target.version.to_string(),
        assets,
        facts: Some(facts),
        document: Some(document.render()),
        join: None,
        status: Status::Published,
        tags: Vec::new(),
    };
    service
        .registry
        .publish(&endpoint.caller, &endpoint.repository, upload)
        .await?;
    Ok(())
}

/// The signature of the archive. Its format is in a header; the metadata must be signed as well,
/// or neither.
fn signature(
    headers: &HeaderMap,
    bytes: Option<Vec<u8>>,
    is_metadata_signed: bool,
) -> Result<Option<Signature>, Invalid> {
    let format = headers
        .get("x-swift-package-signature-format")
        .and_then(|format| format.to_str().ok());
    match (bytes, format) {
        (None, _) if is_metadata_signed => {
            Err(Invalid::new("both archive and metadata must be signed"))
        }
        (None, _) => Ok(None),
        (Some(_), None) => Err(Invalid::new(
            "the signature's format is missing: X-Swift-Package-Signature-Format",
        )),
        (Some(bytes), Some(format)) => Ok(Some(Signature {
            format: format.to_string(),
            base64: STANDARD.encode(bytes),
        })),
    }
}

async fn look_into(archive: &StagedAsset) -> Handled<Contents> {
    let blob = archive.blob.clone();
    judge(move || {
        let file =
            std::fs::File::open(blob.path()).map_err(|error| Invalid::new(error.to_string()))?;
        upload::look_into(std::io::BufReader::new(file), blob.size)
    })
    .await
}

/// Takes the form in: the archive on the disk, the rest bounded.
async fn receive(service: &Service, mut parts: Multipart) -> Handled<Form> {
    let (mut form, mut left) = (Form::default(), LARGEST_PARTS);
    for _ in 0..MOST_PARTS {
        let Some(mut part) = parts
            .next_field()
            .await
            .map_err(|error| unreadable(&error))?
        else {
            return Ok(form);
        };
        match part.name().unwrap_or_default() {
            "source-archive" if form.archive.is_some() => {
                return Err(Invalid::new("the form has more than one source-archive").into());
            }
            "source-archive" => {
                let mut writer = service.registry.stage().await?;
                while let Some(chunk) = part.chunk().await.map_err(|error| unreadable(&error))? {
                    writer.write(&chunk).await?;
                }
                form.archive = Some(writer.finish(ARCHIVE).await?);
            }
            "metadata" => form.metadata = Some(bytes(&mut part, &mut left).await?),
            "source-archive-signature" => {
                form.signature = Some(bytes(&mut part, &mut left).await?);
            }
            "metadata-signature" => {
                form.metadata_signature = true;
                bytes(&mut part, &mut left).await?;
            }
            _ => drop(bytes(&mut part, &mut left).await?),
        }
    }
    Err(Invalid::new("the form has too many parts").into())
}

async fn bytes(part: &mut Field<'_>, left: &mut usize) -> Handled<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(|error| unreadable(&error))? {
        *left = left
            .checked_sub(chunk.len())
            .ok_or_else(|| Invalid::new("the parts of the form are too large"))?;
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn unreadable(error: &MultipartError) -> Invalid {
    Invalid::new(format!("the form cannot be read: {}", error.body_text()))
}

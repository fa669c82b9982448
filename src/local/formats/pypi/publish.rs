//! Publishing: the upload form, received as it comes.

use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};

use super::filename::id;
use super::index;
use super::offers;
use super::upload::{self, Fields};
use crate::local::endpoint::Endpoint;
use crate::local::formats::problem::Handled;
use crate::local::formats::service::judge;
use crate::local::formats::{Invalid, Service, publishing};
use crate::local::registry::Status;
use crate::local::registry::publish::{StagedAsset, Upload};

/// The most bytes that all text fields of a form may have: the readme is among them.
const LARGEST_FIELDS: usize = 16 << 20;

/// The most fields of a form.
const MOST_FIELDS: usize = 4096;

/// Publishes the file of a form.
pub(super) async fn publish(
    service: &Service,
    endpoint: &Endpoint,
    form: Multipart,
) -> Handled<()> {
    let (fields, staged) = receive(service, form).await?;
    let (project, version, _) = upload::announced(&fields, &staged.name)?;
    let package = id(&project);
    // Who may not publish is told so, not what is wrong with the file.
    let others = publishing::view_of_others(service, endpoint, &package, &version).await?;
    let looked_into = staged.clone();
    let distribution = judge(move || {
        let inner = offers::look_into(&project, &looked_into)?;
        upload::distribution(
            &fields,
            &looked_into.name,
            &looked_into.blob.hashes,
            inner.as_deref(),
        )
    })
    .await?;
    if let Some(view) = others
        && let Some(connected) = offers::ask(service, &view, &distribution.project)
            .await
            .offering(&version)
    {
        return Err(publishing::is_public(&package, &version, connected));
    }
    let upload = Upload {
        package,
        version,
        assets: vec![staged],
        facts: distribution.facts,
        document: Some(distribution.document),
        join: Some(index::join),
        status: Status::Published,
        tags: Vec::new(),
    };
    service
        .registry
        .publish(&endpoint.caller, &endpoint.repository, upload)
        .await?;
    Ok(())
}

/// Takes the form in: texts bounded, the file on the disk.
async fn receive(service: &Service, mut form: Multipart) -> Handled<(Fields, StagedAsset)> {
    let (mut fields, mut staged, mut left) = (Fields::default(), None, LARGEST_FIELDS);
    for _ in 0..MOST_FIELDS {
        let Some(mut field) = form
            .next_field()
            .await
            .map_err(|error| unreadable(&error))?
        else {
            let staged = staged.ok_or_else(|| Invalid::new("the form has no file"))?;
            return Ok((fields, staged));
        };
        let name = field.name().unwrap_or_default().to_string();
        match field.file_name().map(str::to_string) {
            // A signature or an attestation beside the file is read past.
            Some(file) if name == "content" && staged.is_none() => {
                let mut writer = service.registry.stage().await?;
                while let Some(chunk) = field.chunk().await.map_err(|error| unreadable(&error))? {
                    writer.write(&chunk).await?;
                }
                staged = Some(writer.finish(file).await?);
            }
            Some(_) if name == "content" => {
                return Err(Invalid::new("the form has more than one file").into());
            }
            _ => fields.add(name, text(&mut field, &mut left).await?),
        }
    }
    Err(Invalid::new("the form has too many fields").into())
}

async fn text(field: &mut Field<'_>, left: &mut usize) -> Handled<String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| unreadable(&error))? {
        *left = left
            .checked_sub(chunk.len())
            .ok_or_else(|| Invalid::new("the form's texts are too large"))?;
        bytes.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn unreadable(error: &MultipartError) -> Invalid {
    Invalid::new(format!("the form cannot be read: {}", error.body_text()))
}

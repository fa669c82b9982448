//! What changes a package: pushes, and versions that are unlisted and listed again.
//!
//! <https://learn.microsoft.com/nuget/api/package-publish-resource>.

use axum::extract::Multipart;
use axum::extract::multipart::MultipartError;

use super::index::is_same;
use super::name::{asset, id};
use super::upload::{self, Package};
use super::{no_version, offers, view};
use crate::api::fault::{Fault, FaultKind};
use crate::local::endpoint::Endpoint;
use crate::local::formats::problem::Handled;
use crate::local::formats::service::judge;
use crate::local::formats::{Invalid, Service, publishing};
use crate::local::registry::Status;
use crate::local::registry::batch::{Failed, Selection};
use crate::local::registry::publish::{StagedAsset, Upload};

/// Publishes the package of a form. Looking where its version is stored takes the permission to
/// read, besides the one to publish (guide, "Publishing permissions").
pub(super) async fn push(service: &Service, endpoint: &Endpoint, form: Multipart) -> Handled<()> {
    let mut staged = receive(service, form).await?;
    let blob = staged.blob.clone();
    let package = judge(move || {
        let file =
            std::fs::File::open(blob.path()).map_err(|error| Invalid::new(error.to_string()))?;
        upload::look_into(std::io::BufReader::new(file), blob.size)
    })
    .await?;
    let version = spelling(service, endpoint, &package).await?;
    staged.name = asset(&package.id, &version);
    let upload = Upload {
        package: id(&package.id),
        version,
        assets: vec![staged],
        facts: Some(package.facts),
        document: Some(package.document),
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

/// Takes the form's file in, to the disk.
async fn receive(service: &Service, mut form: Multipart) -> Handled<StagedAsset> {
    let mut field = form
        .next_field()
        .await
        .map_err(|error| unreadable(&error))?
        .ok_or_else(|| Invalid::new("the form has no package"))?;
    let mut writer = service.registry.stage().await?;
    while let Some(chunk) = field.chunk().await.map_err(|error| unreadable(&error))? {
        writer.write(&chunk).await?;
    }
    drop(field);
    let further = form.next_field().await;
    if further.map_err(|error| unreadable(&error))?.is_some() {
        return Err(Invalid::new("the form has more than one package").into());
    }
    // Its name is known when it was looked into.
    Ok(writer.finish("package.nupkg").await?)
}

fn unreadable(error: &MultipartError) -> Invalid {
    Invalid::new(format!("the form cannot be read: {}", error.body_text()))
}

/// How the version is written where it is stored already, and as the package has it otherwise.
/// Refuses one that a public repository has which can be reached from here (guide, "Publishing
/// patched package versions"). One that cannot be asked is taken not to have it.
async fn spelling(service: &Service, endpoint: &Endpoint, package: &Package) -> Handled<String> {
    let view = view::view(service, endpoint, &package.id).await?;
    let mut stored = view.versions.iter();
    if let Some(stored) = stored.find(|stored| is_same(&stored.version, &package.version)) {
        return Ok(stored.version.clone());
    }
    let offers = offers::versions(service, &view, &package.id.to_lowercase()).await;
    if let Some((connected, _)) = offers.version(&package.version) {
        let id = id(&package.id);
        return Err(publishing::is_public(&id, &package.version, connected));
    }
    Ok(package.version.clone())
}

/// Unlists a version of the repository itself, or lists it again. What is archived stays so.
pub(super) async fn set_listed(
    service: &Service,
    endpoint: &Endpoint,
    package: &str,
    version: &str,
    listed: bool,
) -> Handled<()> {
    let view = view::view(service, endpoint, package).await?;
    let mut own = view.versions.iter();
    let own = own.find(|found| {
        is_same(&found.version, version) && found.repository == endpoint.repository.name
    });
    let own = own.ok_or_else(|| no_version(package, version))?;
    let (from, to) = if listed {
        (Status::Unlisted, Status::Published)
    } else {
        (Status::Published, Status::Unlisted)
    };
    if own.status == to {
        return Ok(());
    }
    let selection = Selection {
        versions: vec![own.version.clone()],
        expected_status: Some(from.as_str().to_string()),
        ..Selection::default()
    };
    let registry = &service.registry;
    let (caller, repository) = (&endpoint.caller, &endpoint.repository);
    let outcome = registry
        .set_versions_status(caller, repository, &id(package), selection, to.as_str())
        .await?;
    match outcome.failed.into_values().next() {
        None => Ok(()),
        Some((Failed::NotFound, _)) => Err(no_version(package, version)),
        Some((_, message)) => Err(Fault::new(FaultKind::Conflict, message).into()),
    }
}

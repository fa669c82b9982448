//! What publishing shares in all formats: bodies on their way to the disk, and versions that are
//! public already.

use axum::body::Body;
use futures_util::StreamExt as _;

use super::problem::{Handled, Problem};
use super::{Invalid, Service};
use crate::api::fault::{Fault, FaultKind};
use crate::local::endpoint::Endpoint;
use crate::local::registry::PackageId;
use crate::local::registry::lookup::{Connected, PackageView};
use crate::local::registry::publish::StagedAsset;

/// Takes a body that is an asset in, to the disk, under a name.
///
/// # Errors
/// When it is cut short, or larger than an asset may be.
pub async fn receive(service: &Service, name: &str, body: Body) -> Handled<StagedAsset> {
    let mut writer = service.registry.stage().await?;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        writer
            .write(&piece.map_err(|error| cut_short(&error))?)
            .await?;
    }
    Ok(writer.finish(name).await?)
}

/// What is wrong with a body that ends too early.
pub fn cut_short(error: &axum::Error) -> Invalid {
    Invalid::new(format!("the request is cut short: {error}"))
}

/// What is known of a package for whoever publishes a version of it, and whom to ask whether the
/// version is public. None when the repository itself has it: then assets are compared.
///
/// # Errors
/// `AccessDeniedException` without the permission to publish.
pub async fn view_of_others(
    service: &Service,
    endpoint: &Endpoint,
    package: &PackageId,
    version: &str,
) -> Handled<Option<PackageView>> {
    let (caller, repository) = (&endpoint.caller, &endpoint.repository);
    let view = service
        .registry
        .publish_view(caller, repository, package)
        .await?;
    let mut versions = view.versions.iter();
    let is_own = versions
        .any(|found| found.version == version && found.repository == endpoint.repository.name);
    Ok((!is_own).then_some(view))
}

/// The refusal of a version that a public repository has which can be reached from here (guide,
/// "Publishing patched package versions"). One that cannot be asked is taken not to have it.
pub fn is_public(package: &PackageId, version: &str, connected: &Connected) -> Problem {
    let message = format!(
        "Cannot publish version {version} of package {package}: it is present in the external connection {}.",
        connected.connection
    );
    Fault::new(FaultKind::Conflict, message).into()
}

//! What changes a gem: pushes and yanks.

use axum::body::Body;
use futures_util::StreamExt as _;

use super::index::{self, Files};
use super::name::{self, id};
use super::offers;
use super::upload::Gem;
use crate::api::fault::{Fault, FaultKind};
use crate::local::endpoint::Endpoint;
use crate::local::formats::problem::Handled;
use crate::local::formats::service::judge;
use crate::local::formats::{Invalid, Service};
use crate::local::registry::Status;
use crate::local::registry::publish::{StagedAsset, Upload};

/// Publishes a gem.
pub(super) async fn push(service: &Service, endpoint: &Endpoint, body: Body) -> Handled<Gem> {
    let mut staged = receive(service, body).await?;
    let looked_into = staged.clone();
    let gem = judge(move || offers::look_into(&looked_into)).await?;
    staged.name = gem.file();
    refuse_public(service, endpoint, &gem).await?;
    let upload = Upload {
        package: id(&gem.name),
        version: gem.version.clone(),
        document: Some(Files::one(&staged.name, gem.about.clone()).render()),
        assets: vec![staged],
        facts: Some(gem.facts.clone()),
        join: Some(index::join),
        status: Status::Published,
        tags: Vec::new(),
    };
    service
        .registry
        .publish(&endpoint.caller, &endpoint.repository, upload)
        .await?;
    Ok(gem)
}

async fn receive(service: &Service, body: Body) -> Handled<StagedAsset> {
    let mut body = body.into_data_stream();
    let mut writer = service.registry.stage().await?;
    while let Some(chunk) = body.next().await {
        let chunk =
            chunk.map_err(|error| Invalid::new(format!("the request is cut short: {error}")))?;
        writer.write(&chunk).await?;
    }
    // Its name is inside of it.
    Ok(writer.finish("").await?)
}

/// Refuses a version that a public repository has which can be reached from here (guide,
/// "Publishing patched package versions"). One that cannot be asked is taken not to have it.
async fn refuse_public(service: &Service, endpoint: &Endpoint, gem: &Gem) -> Handled<()> {
    let view = service
        .registry
        .publish_view(&endpoint.caller, &endpoint.repository, &id(&gem.name))
        .await?;
    let is_own = view
        .versions
        .iter()
        .any(|found| found.version == gem.version && found.repository == endpoint.repository.name);
    if is_own {
        return Ok(());
    }
    let offers = offers::ask(service, &view, &gem.name).await;
    if offers
        .entries()
        .any(|(_, entry)| entry.version == gem.version)
    {
        let message = format!(
            "Cannot publish version {} of gem {}: it is present in an external connection.",
            gem.version, gem.name
        );
        return Err(Fault::new(FaultKind::Conflict, message).into());
    }
    Ok(())
}

/// Yanks a file of the repository itself: it disappears from the indexes, and can still be
/// downloaded by those whose lock files name it.
pub(super) async fn yank(
    service: &Service,
    endpoint: &Endpoint,
    gem: &str,
    version: &str,
    platform: &str,
) -> Handled<()> {
    let missing = || {
        Fault::new(
            FaultKind::ResourceNotFound,
            format!(
                "Version {} of gem {gem} not found in the repository.",
                name::number(version, platform)
            ),
        )
    };
    if !name::is_gem(gem) {
        return Err(Invalid::new("the request names no gem").into());
    }
    let view = service
        .registry
        .view(&endpoint.caller, &endpoint.repository, &id(gem))
        .await?;
    let mut versions = view.versions.iter();
    let own = versions
        .find(|found| found.version == version && found.repository == endpoint.repository.name);
    let mut files = Files::parse(&own.ok_or_else(missing)?.document);
    files
        .files
        .get_mut(&name::file(gem, version, platform))
        .ok_or_else(missing)?
        .yanked = true;
    service
        .registry
        .amend(
            &endpoint.caller,
            &endpoint.repository,
            &id(gem),
            version,
            None,
            files.render(),
        )
        .await?;
    Ok(())
}

//! What changes a gem: pushes and yanks.

use axum::body::Body;

use super::gemspec::Gem;
use super::index::{self, Files};
use super::name::{self, id};
use super::offers;
use crate::api::fault::{Fault, FaultKind};
use crate::local::endpoint::Endpoint;
use crate::local::formats::problem::Handled;
use crate::local::formats::service::judge;
use crate::local::formats::{Invalid, Service, publishing};
use crate::local::registry::Status;
use crate::local::registry::publish::Upload;

/// Publishes a gem.
pub(super) async fn push(service: &Service, endpoint: &Endpoint, body: Body) -> Handled<Gem> {
    // Its name is inside of it.
    let mut staged = publishing::receive(service, "", body).await?;
    let looked_into = staged.clone();
    let gem = judge(move || offers::look_into(&looked_into)).await?;
    staged.name = gem.file();
    let (package, version) = (id(&gem.name), &gem.version);
    if let Some(view) = publishing::view_of_others(service, endpoint, &package, version).await?
        && let Some(connected) = offers::ask(service, &view, &gem.name)
            .await
            .offering(version)
    {
        return Err(publishing::is_public(&package, version, connected));
    }
    let upload = Upload {
        package,
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

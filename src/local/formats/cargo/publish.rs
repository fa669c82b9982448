//! What changes a crate: publications and yanks.

use axum::body::{Body, BodyDataStream};
use bytes::{Buf as _, Bytes};
use futures_util::StreamExt as _;

use super::name::{self, id};
use super::upload::{self, Description};
use super::{index, offers};
use crate::api::fault::{Fault, FaultKind};
use crate::local::endpoint::Endpoint;
use crate::local::formats::problem::Handled;
use crate::local::formats::service::judge;
use crate::local::formats::{Invalid, Service, publishing};
use crate::local::registry::Status;
use crate::local::registry::publish::{StagedAsset, Upload};

/// The most bytes of a description: the readme is in it.
const LARGEST_DESCRIPTION: usize = 16 << 20;

/// Publishes a crate.
pub(super) async fn publish(service: &Service, endpoint: &Endpoint, body: Body) -> Handled<()> {
    let (description, staged) = receive(service, body).await?;
    let (name, version) = (
        description.name().to_string(),
        description.version().to_string(),
    );
    let package = id(&name);
    // Who may not publish is told so, not what is wrong with the archive.
    let others = publishing::view_of_others(service, endpoint, &package, &version).await?;
    let blob = staged.blob.clone();
    let (facts, line) = judge(move || {
        let file =
            std::fs::File::open(blob.path()).map_err(|error| Invalid::new(error.to_string()))?;
        let file = std::io::BufReader::new(file);
        let contents =
            upload::look_into(file, blob.size, description.name(), description.version())?;
        description.publication(contents, &blob.hashes.sha256)
    })
    .await?;
    if let Some(view) = others
        && let Some((connected, _)) = offers::ask(service, &view, &name).await.version(&version)
    {
        return Err(publishing::is_public(&package, &version, connected));
    }
    let upload = Upload {
        package,
        version,
        assets: vec![staged],
        facts: Some(facts),
        document: Some(line),
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

/// Takes the request apart as it comes: the description, and the crate file on the disk.
async fn receive(service: &Service, body: Body) -> Handled<(Description, StagedAsset)> {
    let mut parts = Parts {
        body: body.into_data_stream(),
        buffered: Bytes::new(),
    };
    let length = parts.length().await?;
    if length > LARGEST_DESCRIPTION as u64 {
        return Err(Invalid::new("the request's description is too large").into());
    }
    let mut text = Vec::new();
    let mut left = length;
    while left > 0 {
        let piece = parts.next(left).await?;
        left -= piece.len() as u64;
        text.extend_from_slice(&piece);
    }
    let description = Description::parse(&text)?;
    let mut left = parts.length().await?;
    let mut writer = service.registry.stage().await?;
    while left > 0 {
        let piece = parts.next(left).await?;
        left -= piece.len() as u64;
        writer.write(&piece).await?;
    }
    if parts.fill().await? {
        return Err(Invalid::new("the request goes on after the crate file").into());
    }
    let asset = name::asset(description.name(), description.version());
    Ok((description, writer.finish(asset).await?))
}

/// A request's body, piece by piece.
struct Parts {
    body: BodyDataStream,
    buffered: Bytes,
}

impl Parts {
    /// Makes sure that something is buffered; false at the end.
    async fn fill(&mut self) -> Result<bool, Invalid> {
        while self.buffered.is_empty() {
            match self.body.next().await {
                None => return Ok(false),
                Some(chunk) => {
                    self.buffered = chunk.map_err(|error| publishing::cut_short(&error))?;
                }
            }
        }
        Ok(true)
    }

    /// The next bytes, at most so many.
    async fn next(&mut self, most: u64) -> Result<Bytes, Invalid> {
        if !self.fill().await? {
            return Err(Invalid::new("the request is cut short"));
        }
        let count = usize::try_from(most)
            .unwrap_or(usize::MAX)
            .min(self.buffered.len());
        Ok(self.buffered.split_to(count))
    }

    /// A length in front of a part.
    async fn length(&mut self) -> Result<u64, Invalid> {
        let mut bytes = Vec::with_capacity(4);
        while bytes.len() < 4 {
            bytes.extend_from_slice(&self.next(4 - bytes.len() as u64).await?);
        }
        Ok(u64::from(bytes.as_slice().get_u32_le()))
    }
}

/// Yanks a version of the repository itself, or takes that back.
pub(super) async fn set_yanked(
    service: &Service,
    endpoint: &Endpoint,
    name: &str,
    version: &str,
    yanked: bool,
) -> Handled<()> {
    let missing = || {
        Fault::new(
            FaultKind::ResourceNotFound,
            format!("Version {version} of crate {name} not found in the repository."),
        )
    };
    if !name::is_crate(name) {
        return Err(missing().into());
    }
    let view = service
        .registry
        .view(&endpoint.caller, &endpoint.repository, &id(name))
        .await?;
    let mut versions = view.versions.iter();
    let own = versions
        .find(|found| found.version == version && found.repository == endpoint.repository.name);
    let document = index::yank(&own.ok_or_else(missing)?.document, yanked)?;
    service
        .registry
        .amend(
            &endpoint.caller,
            &endpoint.repository,
            &id(name),
            version,
            None,
            document,
        )
        .await?;
    Ok(())
}

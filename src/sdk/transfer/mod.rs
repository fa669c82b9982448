//! The two operations that carry an asset's bytes. An upload is streamed from its file and
//! hashed first, where its hash is not given. A download goes to a file beside its target,
//! is compared with the SHA-256 that the service lists, and only then gets the target's
//! name: what breaks off leaves nothing behind and can be repeated.
//!
//! Memory stays bounded by a few buffers, whatever the size of the asset.

mod outfile;
mod reading;

use std::fs::Metadata;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::task::{Context, Poll};

use aws_sdk_codeartifact::primitives::{ByteStream, SdkBody};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use self::outfile::Outfile;
use self::reading::FileBody;
use super::client::Service;
use crate::api::answers::GetPackageVersionAssetOutput;
use crate::api::operation::Operation;
use crate::error::{Error, Result};
use crate::ops::get_package_version_asset::GetPackageVersionAsset;
use crate::ops::publish_package_version::PublishPackageVersion;
use crate::ops::{Descriptor, by_command};

/// How many received chunks may wait to be hashed.
const UNHASHED: usize = 4;

/// Told how many more bytes have moved, and their total when it becomes known.
pub type Progress = Arc<dyn Fn(Moved) + Send + Sync>;

/// What became of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// So many are to move in all.
    Total(u64),
    /// So many more have moved.
    More(u64),
}

/// What is uploaded.
#[derive(Debug)]
pub enum Content {
    /// A file.
    File(PathBuf),
    /// Bytes that stood in a document.
    Bytes(Vec<u8>),
}

impl Content {
    /// Length in bytes.
    pub fn length(&self) -> Result<u64> {
        match self {
            Content::File(path) => Ok(metadata(path)?.len()),
            Content::Bytes(bytes) => Ok(bytes.len() as u64),
        }
    }

    /// The bytes as a stream that can begin again when a request is repeated.
    fn stream(self, length: u64) -> ByteStream {
        match self {
            Content::Bytes(bytes) => ByteStream::from(bytes),
            Content::File(path) => ByteStream::new(SdkBody::retryable(move || {
                SdkBody::from_body_1_x(FileBody::new(path.clone(), length))
            })),
        }
    }
}

fn metadata(path: &Path) -> Result<Metadata> {
    std::fs::metadata(path).map_err(|error| unreadable(path, error))
}

fn unreadable(path: &Path, error: std::io::Error) -> Error {
    Error::other(format!("Cannot read `{}`: {error}", path.display())).caused_by(error)
}

/// The SHA-256 of a file. It has to be known before the first byte is sent, as it is part of
/// the signature.
async fn sha256_of(path: PathBuf) -> Result<String> {
    let hashed = tokio::task::spawn_blocking(move || {
        let mut blocks = reading::read_ahead(path.clone());
        let mut hash = Sha256::new();
        while let Some(block) = blocks.blocking_recv() {
            hash.update(block.map_err(|error| unreadable(&path, error))?);
        }
        Ok(hex::encode(hash.finalize()))
    });
    let hashed = hashed.await;
    hashed.unwrap_or_else(|error| Err(Error::other(format!("Hashing ended early: {error}"))))
}

/// Publishes an asset. `members` are those of the input but for its content; the hash is
/// computed when they have none.
pub async fn upload(
    service: &Service,
    operation: &Descriptor,
    mut members: Map<String, Value>,
    content: Content,
    progress: Progress,
) -> Result<Value> {
    if !members.contains_key("assetSHA256") {
        let hash = match &content {
            Content::Bytes(bytes) => hex::encode(Sha256::digest(bytes)),
            Content::File(path) => sha256_of(path.clone()).await?,
        };
        members.insert("assetSHA256".to_string(), Value::from(hash));
    }
    let input: PublishPackageVersion = input(members)?;
    let length = content.length()?;
    progress(Moved::Total(length));
    let stream = content.stream(length).map(move |body| {
        SdkBody::from_body_1_x(Counted {
            body,
            progress: Arc::clone(&progress),
        })
    });
    let sent = input.upload(service.client(), stream).await;
    service.read(operation, sent)
}

fn input<T: Operation>(members: Map<String, Value>) -> Result<T> {
    serde_json::from_value(Value::Object(members))
        .map_err(|error| Error::other(format!("The input cannot be sent: {error}")))
}

/// A body that tells how much of it has been sent.
struct Counted {
    body: SdkBody,
    progress: Progress,
}

impl Body for Counted {
    type Data = Bytes;
    type Error = aws_sdk_codeartifact::error::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &frame
            && let Some(data) = frame.data_ref()
        {
            (self.progress)(Moved::More(data.len() as u64));
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        Body::is_end_stream(&self.body)
    }

    fn size_hint(&self) -> SizeHint {
        Body::size_hint(&self.body)
    }
}

/// Where a received asset goes.
pub enum Target<'a> {
    /// To a file, all or nothing.
    File(PathBuf),
    /// To a stream, as it comes.
    Stream(&'a mut (dyn Write + Send)),
}

/// An asset that was received.
#[derive(Debug)]
pub struct Received {
    /// What the answer says beside the bytes, in the model's order.
    pub answer: Map<String, Value>,
    /// Whether the service listed a SHA-256, which then was the asset's.
    pub was_verified: bool,
}

/// Downloads an asset.
pub async fn download(
    service: &Service,
    operation: &Descriptor,
    members: &Map<String, Value>,
    target: Target<'_>,
    progress: Progress,
) -> Result<Received> {
    let request: GetPackageVersionAsset = input(members.clone())?;
    let answer = match request.download(service.client()).await {
        Ok(answer) => answer,
        Err(failure) => {
            return Err(service
                .read(operation, Err(failure))
                .err()
                .unwrap_or_else(|| Error::other("The answer has no asset")));
        }
    };
    let described = GetPackageVersionAssetOutput {
        asset_name: answer.asset_name.clone(),
        package_version: answer.package_version.clone(),
        package_version_revision: answer.package_version_revision.clone(),
    };
    let mut file = None;
    let (sink, path): (&mut (dyn Write + Send), _) = match target {
        Target::Stream(sink) => (sink, None),
        Target::File(path) => {
            let outfile = file.insert(Outfile::open(&path)?);
            (outfile.sink(), Some(path))
        }
    };
    let hash = receive(answer.asset, sink, path.as_deref(), &progress).await?;
    let listed = listed_hash(service, members, &described).await;
    if let Some(listed) = &listed
        && *listed != hash
    {
        return Err(Error::other(format!(
            "The asset that was received has the SHA-256 {hash}, but the repository lists \
             {listed}: it was damaged on its way"
        ))
        .hint("Nothing was kept; try again"));
    }
    if let (Some(file), Some(path)) = (file, path) {
        file.keep(&path)?;
    }
    Ok(Received {
        answer: match serde_json::to_value(described) {
            Ok(Value::Object(answer)) => answer,
            _ => Map::new(),
        },
        was_verified: listed.is_some(),
    })
}

/// Writes the asset and gives its SHA-256.
async fn receive(
    mut asset: ByteStream,
    sink: &mut (dyn Write + Send),
    path: Option<&Path>,
    progress: &Progress,
) -> Result<String> {
    let (_, length) = asset.size_hint();
    if let Some(length) = length {
        progress(Moved::Total(length));
    }
    // The hash takes about as long as everything else: it has a thread of its own.
    let (chunks, unhashed) = sync_channel::<Bytes>(UNHASHED);
    let hashing = tokio::task::spawn_blocking(move || {
        let mut hash = Sha256::new();
        unhashed.iter().for_each(|chunk| hash.update(chunk));
        hex::encode(hash.finalize())
    });
    while let Some(chunk) = asset.next().await {
        let chunk = chunk.map_err(|error| {
            Error::other(format!("The download broke off: {error}")).caused_by(error)
        })?;
        // If nobody takes it, the thread has ended, which is found out below.
        let _ = chunks.send(chunk.clone());
        sink.write_all(&chunk)
            .map_err(|error| unwritable(path, error))?;
        progress(Moved::More(chunk.len() as u64));
    }
    sink.flush().map_err(|error| unwritable(path, error))?;
    drop(chunks);
    let hashed = hashing.await;
    hashed.map_err(|error| Error::other(format!("Hashing ended early: {error}")))
}

fn unwritable(path: Option<&Path>, error: std::io::Error) -> Error {
    let place = path.map_or_else(
        || "standard output".to_string(),
        |path| format!("`{}`", path.display()),
    );
    Error::other(format!("Cannot write to {place}: {error}")).caused_by(error)
}

/// The SHA-256 that the service lists for the asset; `None` if it lists none, or the caller
/// may not list.
async fn listed_hash(
    service: &Service,
    members: &Map<String, Value>,
    described: &GetPackageVersionAssetOutput,
) -> Option<String> {
    let list = by_command("list-package-version-assets")?;
    let asset = members.get("asset")?;
    let mut request: Map<String, Value> = members
        .iter()
        .filter(|(name, _)| list.query.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    request.insert("maxResults".to_string(), json!(1000));
    loop {
        let page = service.call(list, request.clone()).await.ok()?;
        let revision = &page["versionRevision"];
        if let (Some(listed), Some(received)) =
            (revision.as_str(), &described.package_version_revision)
            && listed != received
        {
            // Published anew in between: the listed hashes are another revision's.
            return None;
        }
        let found = page["assets"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|listed| listed["name"] == *asset);
        if let Some(found) = found {
            let hash = found["hashes"]["SHA-256"].as_str()?;
            return Some(hash.to_ascii_lowercase());
        }
        match page.get("nextToken") {
            Some(token) if request.get("nextToken") != Some(token) => {
                request.insert("nextToken".to_string(), token.clone());
            }
            _ => return None,
        }
    }
}

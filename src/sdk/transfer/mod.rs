//! The two operations that carry an asset's bytes. An upload is streamed from its file and
//! hashed first, where its hash is not given. A download goes to a file beside its target,
//! is compared with the SHA-256 that the service lists, and only then gets the target's
//! name: what breaks off leaves nothing behind and can be repeated.
//!
//! Memory stays bounded by a few buffers, whatever the size of the asset.

use std::fs::{File, Metadata};
use std::io::{Read, Write};
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

use super::client::Service;
use crate::api::answers::GetPackageVersionAssetOutput;
use crate::api::operation::Operation;
use crate::error::{Error, Result};
use crate::ops::get_package_version_asset::GetPackageVersionAsset;
use crate::ops::publish_package_version::PublishPackageVersion;
use crate::ops::{Descriptor, by_command};

/// Bytes that are read or written at once.
const BUFFER: usize = 256 * 1024;

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
    async fn stream(self) -> Result<ByteStream> {
        match self {
            Content::Bytes(bytes) => Ok(ByteStream::from(bytes)),
            Content::File(path) => ByteStream::read_from()
                .path(&path)
                .buffer_size(BUFFER)
                .build()
                .await
                .map_err(|error| {
                    Error::other(format!("Cannot read `{}`: {error}", path.display()))
                }),
        }
    }
}

fn metadata(path: &Path) -> Result<Metadata> {
    std::fs::metadata(path).map_err(|error| unreadable(path, error))
}

fn unreadable(path: &Path, error: std::io::Error) -> Error {
    Error::other(format!("Cannot read `{}`: {error}", path.display())).caused_by(error)
}

/// Blocks that a file is read in to be hashed, and how many of them wait for it.
const BLOCK: usize = 1 << 20;
const AHEAD: usize = 3;

/// The SHA-256 of a file. It has to be known before the first byte is sent, as it is part of
/// the signature: one thread reads while another hashes, which is what takes longer.
async fn sha256_of(path: PathBuf) -> Result<String> {
    let hashed = tokio::task::spawn_blocking(move || hash_file(&path)).await;
    hashed.unwrap_or_else(|error| Err(Error::other(format!("Hashing ended early: {error}"))))
}

fn hash_file(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(|error| unreadable(path, error))?;
    let (full, blocks) = sync_channel::<std::io::Result<Vec<u8>>>(AHEAD);
    let (empty, spares) = sync_channel::<Vec<u8>>(AHEAD);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            loop {
                // Blocks go round, so that memory stays bounded and is not asked for again.
                let mut block = spares.try_recv().unwrap_or_else(|_| vec![0; BLOCK]);
                block.resize(BLOCK, 0);
                let read = match file.read(&mut block) {
                    Ok(0) => return,
                    Ok(length) => {
                        block.truncate(length);
                        Ok(block)
                    }
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                    Err(error) => Err(error),
                };
                let is_last = read.is_err();
                if full.send(read).is_err() || is_last {
                    return;
                }
            }
        });
        let mut hash = Sha256::new();
        for block in blocks {
            let block = block.map_err(|error| unreadable(path, error))?;
            hash.update(&block);
            // Nobody takes it when the file has ended.
            let _ = empty.try_send(block);
        }
        Ok(hex::encode(hash.finalize()))
    })
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
    progress(Moved::Total(content.length()?));
    let stream = content.stream().await?.map(move |body| {
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
    let mut hash = Sha256::new();
    while let Some(chunk) = asset.next().await {
        let chunk = chunk.map_err(|error| {
            Error::other(format!("The download broke off: {error}")).caused_by(error)
        })?;
        hash.update(&chunk);
        sink.write_all(&chunk)
            .map_err(|error| unwritable(path, error))?;
        progress(Moved::More(chunk.len() as u64));
    }
    sink.flush().map_err(|error| unwritable(path, error))?;
    Ok(hex::encode(hash.finalize()))
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

/// The file that an asset is written to.
enum Outfile {
    /// A file beside the target, which gets the target's name at the end.
    Beside {
        file: tempfile::NamedTempFile,
        /// Where the target is, with symbolic links followed.
        target: PathBuf,
    },
    /// A device or a pipe, which cannot be replaced.
    Direct(File),
}

impl Outfile {
    fn open(path: &Path) -> Result<Outfile> {
        let failed = |error| unwritable(Some(path), error);
        if let Ok(metadata) = std::fs::metadata(path)
            && !metadata.is_file()
            && !metadata.is_dir()
        {
            let file = File::options().write(true).open(path).map_err(failed)?;
            return Ok(Outfile::Direct(file));
        }
        if path.is_dir() {
            return Err(failed(std::io::ErrorKind::IsADirectory.into()));
        }
        // A symbolic link stays one, and what it points to is replaced.
        let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let folder = match target.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".codeartifact-");
        // As any new file: the user's umask decides, not the secrecy of temporary files.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(folder).map_err(failed)?;
        Ok(Outfile::Beside { file, target })
    }

    fn sink(&mut self) -> &mut (dyn Write + Send) {
        match self {
            Outfile::Beside { file, .. } => file.as_file_mut(),
            Outfile::Direct(file) => file,
        }
    }

    fn keep(self, path: &Path) -> Result<()> {
        match self {
            Outfile::Direct(_) => Ok(()),
            Outfile::Beside { file, target } => {
                let failed = |error| unwritable(Some(path), error);
                file.as_file().sync_all().map_err(failed)?;
                file.persist(&target).map_err(|error| failed(error.error))?;
                Ok(())
            }
        }
    }
}

//! A file read ahead by a thread of its own, so that neither a hash nor a socket waits for the
//! disk. A few blocks go round between the two: memory is bounded, and stays warm.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Poll, ready};

use aws_sdk_codeartifact::error::BoxError;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc::{Receiver, channel as blocks_channel};

/// Bytes of a block.
const BLOCK: usize = 256 * 1024;

/// How many blocks may wait to be taken.
const AHEAD: usize = 4;

/// The blocks of a file from its beginning; an error is the last of them. Reading ends when the
/// receiver is dropped.
pub(super) fn read_ahead(path: PathBuf) -> Receiver<io::Result<Bytes>> {
    let (blocks, taken) = blocks_channel(AHEAD);
    std::thread::spawn(move || {
        let read = read(&path, |block| blocks.blocking_send(Ok(block)).is_ok());
        if let Err(error) = read {
            let _ = blocks.blocking_send(Err(error));
        }
    });
    taken
}

/// Gives each block to `give` until it wants no more.
fn read(path: &Path, mut give: impl FnMut(Bytes) -> bool) -> io::Result<()> {
    let mut file = File::open(path)?;
    let (home, returned) = channel::<Vec<u8>>();
    loop {
        let mut bytes = returned.try_recv().unwrap_or_else(|_| vec![0; BLOCK]);
        let length = match file.read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let home = home.clone();
        if !give(Bytes::from_owner(Block {
            bytes,
            length,
            home,
        })) {
            return Ok(());
        }
    }
}

/// Bytes that go back to their reader when the last who uses them is done.
struct Block {
    bytes: Vec<u8>,
    length: usize,
    home: Sender<Vec<u8>>,
}

impl AsRef<[u8]> for Block {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // A reader that has ended needs none.
        let _ = self.home.send(std::mem::take(&mut self.bytes));
    }
}

/// A file as the body of a request: as many bytes as were promised in its head.
pub(super) struct FileBody {
    blocks: Receiver<io::Result<Bytes>>,
    left: u64,
}

impl FileBody {
    /// The first `length` bytes of a file.
    pub(super) fn new(path: PathBuf, length: u64) -> FileBody {
        FileBody {
            blocks: read_ahead(path),
            left: length,
        }
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let mut block = match ready!(self.blocks.poll_recv(context)) {
            Some(Ok(block)) => block,
            Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
            None => {
                let why = "the file became shorter while it was sent";
                let error = io::Error::new(io::ErrorKind::UnexpectedEof, why);
                return Poll::Ready(Some(Err(error.into())));
            }
        };
        block.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
        self.left -= block.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(block))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use aws_sdk_codeartifact::primitives::{ByteStream, SdkBody};

    use super::*;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    async fn sent(path: &Path, length: u64) -> Result<Bytes, String> {
        let body = FileBody::new(path.to_path_buf(), length);
        let body = ByteStream::new(SdkBody::from_body_1_x(body));
        let sent = body.collect().await.map_err(|error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            format!("{error}: {}", cause.unwrap_or_default())
        });
        Ok(sent?.into_bytes())
    }

    #[tokio::test]
    async fn a_file_arrives_whole_and_in_order() {
        let bytes: Vec<u8> = (0..3 * BLOCK + 7).map(|at| (at % 251) as u8).collect();
        let file = file(&bytes);
        let arrived = sent(file.path(), bytes.len() as u64).await;
        assert_eq!(arrived.unwrap(), bytes);
    }

    #[tokio::test]
    async fn what_was_promised_is_sent_or_nothing_is_called_sent() {
        let file = file(b"0123456789");
        assert_eq!(sent(file.path(), 4).await.unwrap(), "0123");
        let error = sent(file.path(), 11).await.unwrap_err();
        assert!(error.contains("became shorter"), "{error}");
        assert!(sent(&file.path().with_extension("none"), 11).await.is_err());
    }
}

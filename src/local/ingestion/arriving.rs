//! A large asset on its way to a client while it is still coming in.

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use tokio::io::AsyncReadExt as _;
use tokio::sync::watch;

use super::{Progress, ended};

/// A large asset that is sent while it arrives.
pub struct Arriving {
    file: tokio::fs::File,
    sent: u64,
    length: u64,
    progress: watch::Receiver<Progress>,
}

impl Arriving {
    /// What is written to a file, of which upstream announced so many bytes.
    pub(super) fn new(
        file: tokio::fs::File,
        length: u64,
        progress: watch::Receiver<Progress>,
    ) -> Arriving {
        Arriving {
            file,
            sent: 0,
            length,
            progress,
        }
    }

    /// The number of bytes that upstream announced.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The bytes as they arrive. The last one comes when all were found right; otherwise the
    /// stream ends with an error, and the client sees a body that was cut short.
    pub fn into_stream(self) -> impl Stream<Item = std::io::Result<Bytes>> + Send {
        stream::try_unfold(self, |mut arriving| async move {
            Ok(arriving.next().await?.map(|bytes| (bytes, arriving)))
        })
    }

    async fn next(&mut self) -> std::io::Result<Option<Bytes>> {
        loop {
            let available = match &*self.progress.borrow_and_update() {
                Progress::Arriving { written, .. } => written.saturating_sub(1),
                Progress::Stored => self.length,
                Progress::Failed(unavailable) => {
                    return Err(std::io::Error::other(unavailable.clone()));
                }
                Progress::Waiting | Progress::Missing => 0,
            };
            if self.sent >= self.length {
                return Ok(None);
            }
            if available > self.sent {
                let most = usize::try_from(available - self.sent)
                    .unwrap_or(usize::MAX)
                    .min(256 << 10);
                let mut bytes = vec![0; most];
                let count = self.file.read(&mut bytes).await?;
                if count == 0 {
                    return Err(std::io::Error::other(ended()));
                }
                bytes.truncate(count);
                self.sent += count as u64;
                return Ok(Some(bytes.into()));
            }
            self.progress
                .changed()
                .await
                .map_err(|_| std::io::Error::other(ended()))?;
        }
    }
}

//! Asset files that are sent: opened and read at once where the system has them in memory, otherwise
//! on a thread that may wait for the disk.
//!
//! Most assets are asked for again while they are in memory, and to change threads takes longer
//! than to copy a piece of a file. This room knows files and bodies, nothing of what is in them.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;

/// How much is read at a time; up to so much is sent together with the head. Small enough to be
/// still in the processor's cache when it is sent.
const PIECE: usize = 256 << 10;

/// Opens a file.
///
/// # Errors
/// When there is none, or it cannot be read.
pub(super) async fn open(path: &Path) -> io::Result<File> {
    if let Ok(file) = memory::open(path) {
        return Ok(file);
    }
    let path = path.to_path_buf();
    tokio::task::spawn_blocking(move || File::open(path)).await?
}

/// A part of a file as a body.
///
/// # Errors
/// When the first piece cannot be read. A body that ends before its length is an error of the body.
pub(super) async fn body(file: File, first: u64, length: u64) -> io::Result<Body> {
    let mut pieces = Pieces {
        file: Arc::new(file),
        position: first,
        left: length,
        spare: Arc::default(),
    };
    match pieces.next().await? {
        None => Ok(Body::empty()),
        Some(bytes) if pieces.left == 0 => Ok(Body::from(bytes)),
        Some(bytes) => {
            let rest = stream::try_unfold((Some(bytes), pieces), |(begun, mut pieces)| async {
                let piece = match begun {
                    Some(begun) => Some(begun),
                    None => pieces.next().await?,
                };
                Ok::<_, io::Error>(piece.map(|piece| (piece, (None, pieces))))
            });
            Ok(Body::from_stream(rest))
        }
    }
}

struct Pieces {
    file: Arc<File>,
    position: u64,
    left: u64,
    spare: Arc<Spare>,
}

/// Buffers that were sent and can be filled again.
type Spare = Mutex<Vec<Vec<u8>>>;

impl Pieces {
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        let most = usize::try_from(self.left).map_or(PIECE, |left| left.min(PIECE));
        if most == 0 {
            return Ok(None);
        }
        let mut buffer = self.buffer(most);
        let position = self.position;
        let count = match memory::read(&self.file, &mut buffer[..most], position) {
            Ok(count) if count > 0 => count,
            // Not in memory, or the system does not tell.
            _ => {
                let file = Arc::clone(&self.file);
                let reading = tokio::task::spawn_blocking(move || {
                    let count = read_at(&file, &mut buffer[..most], position)?;
                    Ok::<_, io::Error>((buffer, count))
                });
                let count;
                (buffer, count) = reading.await??;
                count
            }
        };
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.position += count as u64;
        self.left -= count as u64;
        Ok(Some(Bytes::from_owner(Lent {
            buffer,
            count,
            spare: Arc::clone(&self.spare),
        })))
    }

    /// A buffer with room for so many bytes.
    fn buffer(&self, most: usize) -> Vec<u8> {
        let spare = self
            .spare
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        match spare {
            Some(buffer) if buffer.len() >= most => buffer,
            _ => vec![0; most],
        }
    }
}

/// The beginning of a buffer, which is given back when it was sent.
struct Lent {
    buffer: Vec<u8>,
    count: usize,
    spare: Arc<Spare>,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.buffer[..self.count]
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let buffer = std::mem::take(&mut self.buffer);
        self.spare
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(buffer);
    }
}

/// Reads some bytes at a position, and waits for the disk.
#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, position)
}

/// Reads some bytes at a position, and waits for the disk.
#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, position)
}

/// What the system has in memory. An error says only that the disk has to be asked.
#[cfg(target_os = "linux")]
mod memory {
    use std::fs::File;
    use std::io::{self, IoSliceMut};
    use std::path::Path;

    use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
    use rustix::io::{ReadWriteFlags, preadv2};

    pub(super) fn open(path: &Path) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let opened = openat2(CWD, path, flags, Mode::empty(), ResolveFlags::CACHED)?;
        Ok(File::from(opened))
    }

    pub(super) fn read(file: &File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        let buffers = &mut [IoSliceMut::new(buffer)];
        Ok(preadv2(file, buffers, position, ReadWriteFlags::NOWAIT)?)
    }
}

/// Other systems do not tell what they have in memory.
#[cfg(not(target_os = "linux"))]
mod memory {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    pub(super) fn open(_path: &Path) -> io::Result<File> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn read(_file: &File, _buffer: &mut [u8], _position: u64) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(length: usize) -> (tempfile::NamedTempFile, Vec<u8>) {
        let bytes: Vec<u8> = (0..length).map(|at| (at / 251 + at % 251) as u8).collect();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut file.as_file(), &bytes).unwrap();
        (file, bytes)
    }

    async fn sent(file: &tempfile::NamedTempFile, first: u64, length: u64) -> Option<Bytes> {
        let file = open(file.path()).await.unwrap();
        let body = body(file, first, length).await.ok()?;
        axum::body::to_bytes(body, usize::MAX).await.ok()
    }

    #[tokio::test]
    async fn files_are_sent_whole() {
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 5 * PIECE + 7] {
            let (file, bytes) = written(length);
            let sent = sent(&file, 0, length as u64).await.unwrap();
            assert!(sent == bytes, "{length}");
        }
    }

    #[tokio::test]
    async fn parts_begin_and_end_anywhere() {
        let (file, bytes) = written(3 * PIECE);
        for (first, length) in [
            (0, 1),
            (7, PIECE),
            (PIECE - 1, PIECE + 2),
            (PIECE, 2 * PIECE),
        ] {
            let sent = sent(&file, first as u64, length as u64).await.unwrap();
            assert!(sent == bytes[first..first + length], "{first} {length}");
        }
    }

    #[tokio::test]
    async fn a_file_that_is_too_short_is_no_whole_body() {
        let (file, _) = written(PIECE + 1);
        assert!(sent(&file, 0, 2 * PIECE as u64).await.is_none());
        assert!(sent(&file, PIECE as u64 + 1, 1).await.is_none());
        assert!(open(Path::new("/nowhere/at/all")).await.is_err());
    }

    #[tokio::test]
    async fn buffers_are_filled_again() {
        let (file, bytes) = written(4 * PIECE);
        let mut pieces = Pieces {
            file: Arc::new(open(file.path()).await.unwrap()),
            position: 0,
            left: bytes.len() as u64,
            spare: Arc::default(),
        };
        let (first, second) = (pieces.next().await.unwrap(), pieces.next().await.unwrap());
        let places: Vec<*const u8> = [&first, &second]
            .map(|piece| piece.as_ref().unwrap().as_ptr())
            .into();
        assert!(first.unwrap() == bytes[..PIECE]);
        let third = pieces.next().await.unwrap().unwrap();
        assert_eq!(third.as_ptr(), places[0]);
        assert!(second.unwrap() == bytes[PIECE..2 * PIECE] && third == bytes[2 * PIECE..3 * PIECE]);
    }

    #[test]
    fn the_disk_is_asked_where_memory_does_not_do() {
        let (file, bytes) = written(100);
        let mut buffer = [0; 60];
        assert_eq!(read_at(file.as_file(), &mut buffer, 70).unwrap(), 30);
        assert_eq!(buffer[..30], bytes[70..]);
        assert_eq!(read_at(file.as_file(), &mut buffer, 100).unwrap(), 0);
    }
}

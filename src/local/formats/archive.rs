//! Looking into uploaded archives without believing them.
//!
//! An archive is never unpacked to the disk. It is read once, front to back; what it would unpack
//! to is bounded, its paths are checked, and a format's own reader is shown one entry at a time.
//! This room knows archives, not package formats.

use std::io::{self, Read, Seek};

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;
use zip::result::ZipError;

use super::{Invalid, shortened};

/// How many bytes an archive may unpack to besides [`RATIO`]: small archives of empty files
/// compress well.
const ALLOWANCE: u64 = 256 << 20;

/// How often its own size an archive may unpack to. Text packs to a tenth; a bomb to a thousandth.
const RATIO: u64 = 100;

/// The most that anything may unpack to.
const CEILING: u64 = 32 << 30;

/// The longest path that is read from an extended header.
const LONGEST_PATH: u64 = 64 << 10;

/// Whether a reader has seen enough.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// Show the next entry.
    On,
    /// The rest is not needed; it is not looked at.
    Enough,
}

/// Walks the regular files of a gzipped tar archive of `packed_size` bytes.
///
/// # Errors
/// A sentence when the archive is broken, would unpack to too much, or holds a path that leads
/// out of it; and what `visit` returns.
pub fn walk_tar_gz(
    packed: impl Read,
    packed_size: u64,
    visit: impl FnMut(&str, &mut dyn Read) -> Result<Walk, Invalid>,
) -> Result<(), Invalid> {
    let limit = ALLOWANCE
        .saturating_add(packed_size.saturating_mul(RATIO))
        .min(CEILING);
    walk_tar(
        Bounded {
            inner: MultiGzDecoder::new(packed),
            left: limit,
        },
        visit,
    )
}

/// Walks the regular files of a tar archive; the reader bounds it.
///
/// # Errors
/// As for [`walk_tar_gz`].
pub fn walk_tar(
    unpacked: impl Read,
    mut visit: impl FnMut(&str, &mut dyn Read) -> Result<Walk, Invalid>,
) -> Result<(), Invalid> {
    let mut archive = tar::Archive::new(unpacked);
    // Raw: the library would read an extended header of any size into memory.
    let entries = archive.entries().map_err(broken)?.raw(true);
    let mut long_path: Option<String> = None;
    for entry in entries {
        let mut entry = entry.map_err(broken)?;
        let kind = entry.header().entry_type();
        if kind.is_gnu_longname() {
            let bytes = read_at_most(&mut entry, LONGEST_PATH)?;
            let end = bytes
                .iter()
                .position(|byte| *byte == 0)
                .unwrap_or(bytes.len());
            long_path = Some(String::from_utf8_lossy(&bytes[..end]).into_owned());
            continue;
        }
        if kind.is_pax_local_extensions() {
            let bytes = read_at_most(&mut entry, LONGEST_PATH)?;
            long_path = extended_path(&bytes).or(long_path);
            continue;
        }
        let path = match long_path.take() {
            Some(path) => path,
            None => String::from_utf8_lossy(&entry.path_bytes()).into_owned(),
        };
        if !kind.is_file() {
            continue;
        }
        check_path(&path)?;
        if visit(&path, &mut entry)? == Walk::Enough {
            return Ok(());
        }
    }
    Ok(())
}

/// A zip archive of `packed_size` bytes whose directory was looked through: it would unpack to no
/// more than is allowed, and no path in it leads out of it.
///
/// # Errors
/// A sentence when that is not so.
pub fn open_zip<R: Read + Seek>(packed: R, packed_size: u64) -> Result<ZipArchive<R>, Invalid> {
    let mut archive = ZipArchive::new(packed).map_err(broken_zip)?;
    let limit = ALLOWANCE
        .saturating_add(packed_size.saturating_mul(RATIO))
        .min(CEILING);
    let mut unpacked: u64 = 0;
    for position in 0..archive.len() {
        let entry = archive.by_index_raw(position).map_err(broken_zip)?;
        check_path(&entry.name().map_err(broken_zip)?)?;
        unpacked = unpacked.saturating_add(entry.size());
        if unpacked > limit {
            return Err(broken(io::ErrorKind::FileTooLarge.into()));
        }
    }
    Ok(archive)
}

/// The paths of the files of a zip archive, in their order.
///
/// # Errors
/// A sentence when the archive is broken.
pub fn names_in_zip<R: Read + Seek>(archive: &mut ZipArchive<R>) -> Result<Vec<String>, Invalid> {
    let mut names = Vec::new();
    for position in 0..archive.len() {
        let entry = archive.by_index_raw(position).map_err(broken_zip)?;
        if entry.is_file() {
            names.push(entry.name().map_err(broken_zip)?.to_string());
        }
    }
    Ok(names)
}

/// Reads the first file of a zip archive that is wanted, refusing one that is larger than `limit`
/// bytes. None when there is no such file.
///
/// # Errors
/// A sentence when the archive is broken or the file too large.
pub fn read_from_zip<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    limit: u64,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Option<Vec<u8>>, Invalid> {
    let mut found = None;
    for position in 0..archive.len() {
        let entry = archive.by_index_raw(position).map_err(broken_zip)?;
        if is_wanted(&entry.name().map_err(broken_zip)?) {
            found = Some(position);
            break;
        }
    }
    let Some(position) = found else {
        return Ok(None);
    };
    let mut entry = archive.by_index(position).map_err(broken_zip)?;
    read_at_most(&mut entry, limit).map(Some)
}

fn broken_zip(error: ZipError) -> Invalid {
    match error {
        ZipError::Io(error) => broken(error),
        other => Invalid::new(format!("the archive cannot be read: {other}")),
    }
}

/// Reads a whole entry, refusing one that is larger than `limit` bytes.
///
/// # Errors
/// A sentence when it is, or when the archive is broken.
pub fn read_at_most(entry: &mut dyn Read, limit: u64) -> Result<Vec<u8>, Invalid> {
    let mut bytes = Vec::new();
    entry
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(broken)?;
    if bytes.len() as u64 > limit {
        return Err(Invalid::new(
            "a file in the archive is too large to be read",
        ));
    }
    Ok(bytes)
}

/// Refuses a path which, unpacked, would be written outside of the archive's own folder.
pub fn check_path(path: &str) -> Result<(), Invalid> {
    let absolute = path.starts_with(['/', '\\']) || path.as_bytes().get(1) == Some(&b':');
    if absolute || path.split(['/', '\\']).any(|part| part == "..") || path.contains('\0') {
        let shown = shortened(path);
        return Err(Invalid::new(format!(
            "the archive holds a path that leads out of it: `{shown}`"
        )));
    }
    Ok(())
}

/// The `path` record of a pax header: lines of "<length> <key>=<value>\n".
fn extended_path(mut records: &[u8]) -> Option<String> {
    let mut found = None;
    while let Some(space) = records.iter().position(|byte| *byte == b' ') {
        let length: usize = std::str::from_utf8(&records[..space]).ok()?.parse().ok()?;
        let record = records.get(space + 1..length)?;
        records = &records[length..];
        let value = record
            .strip_prefix(b"path=")
            .and_then(|value| value.strip_suffix(b"\n"));
        if let Some(value) = value {
            found = Some(String::from_utf8_lossy(value).into_owned());
        }
    }
    found
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err calls")]
fn broken(error: io::Error) -> Invalid {
    if error.kind() == io::ErrorKind::FileTooLarge {
        Invalid::new("the archive unpacks to far more than its own size")
    } else {
        Invalid::new(format!("the archive cannot be read: {error}"))
    }
}

/// A reader that fails once more came out of it than was allowed.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self
            .left
            .checked_sub(count as u64)
            .ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))?;
        Ok(count)
    }
}

#[cfg(test)]
pub(in crate::local::formats) mod tests {
    use std::io::Write;

    use super::*;

    /// A gzipped tar archive with these files.
    pub(in crate::local::formats) fn tar_gz(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(flate2::write::GzEncoder::new(
            Vec::new(),
            flate2::Compression::fast(),
        ));
        for (path, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            // Not set_path: that one refuses what a hostile writer would write.
            if path.len() <= 100 {
                header.as_gnu_mut().unwrap().name[..path.len()].copy_from_slice(path.as_bytes());
                header.set_cksum();
                builder.append(&header, *bytes).unwrap();
            } else {
                builder.append_data(&mut header, path, *bytes).unwrap();
            }
        }
        builder.into_inner().unwrap().finish().unwrap()
    }

    /// A zip archive with these files.
    pub(in crate::local::formats) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        for (path, bytes) in files {
            writer
                .start_file(*path, zip::write::SimpleFileOptions::default())
                .unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn open(archive: &[u8]) -> Result<ZipArchive<io::Cursor<&[u8]>>, Invalid> {
        open_zip(io::Cursor::new(archive), archive.len() as u64)
    }

    #[test]
    fn a_file_is_found_in_a_zip_archive() {
        let archive = zip(&[("a/b", b"x"), ("a/c", b"yy")]);
        let mut archive = open(&archive).unwrap();
        assert_eq!(
            read_from_zip(&mut archive, 2, |path| path == "a/c")
                .unwrap()
                .unwrap(),
            b"yy"
        );
        assert_eq!(
            read_from_zip(&mut archive, 2, |path| path == "a/d").unwrap(),
            None
        );
        assert!(read_from_zip(&mut archive, 1, |path| path == "a/c").is_err());
    }

    #[test]
    fn bad_zip_archives_are_refused() {
        let whole = zip(&[("a", &[7; 4096])]);
        for bytes in [
            &b"nonsense"[..],
            b"",
            &whole[..whole.len() / 2],
            &whole[4..],
        ] {
            assert!(open(bytes).is_err());
        }
        for path in ["../x", "/x", "a/../../x"] {
            let refusal = open(&zip(&[(path, b"x")])).err().unwrap();
            assert!(
                refusal.to_string().contains("leads out"),
                "{path}: {refusal}"
            );
        }
        let bomb = zip(&[("zeros", &vec![0; 300 << 20])]);
        assert!(open(&bomb).err().unwrap().to_string().contains("far more"));
    }

    fn paths(archive: &[u8]) -> Result<Vec<String>, Invalid> {
        let mut paths = Vec::new();
        walk_tar_gz(archive, archive.len() as u64, |path, _| {
            paths.push(path.to_string());
            Ok(Walk::On)
        })?;
        Ok(paths)
    }

    #[test]
    fn files_are_shown_with_their_long_names() {
        let long = format!("package/{}", "a/".repeat(80) + "b");
        let archive = tar_gz(&[("package/package.json", b"{}"), (&long, b"x")]);
        assert_eq!(
            paths(&archive).unwrap(),
            ["package/package.json".to_string(), long]
        );
    }

    #[test]
    fn a_path_that_climbs_out_is_refused() {
        for path in [
            "../x",
            "package/../../x",
            "/etc/passwd",
            "package\\..\\x",
            "C:\\x",
        ] {
            let refusal = paths(&tar_gz(&[(path, b"x")])).unwrap_err();
            assert!(
                refusal.to_string().contains("leads out"),
                "{path}: {refusal}"
            );
        }
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        let mut header = tar::Header::new_gnu();
        header.set_size(1 << 30);
        header.set_path("zeros").unwrap();
        header.set_cksum();
        encoder.write_all(header.as_bytes()).unwrap();
        let zeros = vec![0; 1 << 20];
        for _ in 0..400 {
            encoder.write_all(&zeros).unwrap();
        }
        let refusal = paths(&encoder.finish().unwrap()).unwrap_err();
        assert!(refusal.to_string().contains("far more"), "{refusal}");
    }

    #[test]
    fn broken_archives_are_refused() {
        let whole = tar_gz(&[("package/package.json", &[7; 4096])]);
        for length in [1, 10, whole.len() / 2] {
            assert!(paths(&whole[..length]).is_err(), "{length}");
        }
        assert!(paths(b"not an archive").is_err());
    }
}

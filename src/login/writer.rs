//! The only file access of the login: reads with reasons for refusal, and replaces several
//! files together, atomically each, or none of them.
//!
//! A file is written beside itself, synced and renamed into place, so that no moment shows
//! half of it. Symbolic links are followed, so that a dotfiles folder keeps its link. It knows
//! nothing of tools and tokens, only whether a file has to be private.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

use super::adapter::Disk;
use crate::error::{Error, Result};

/// No tool's configuration comes near this size, in bytes.
const LARGEST: u64 = 4 << 20;

/// No project's folder holds more files than are looked at.
const MOST_NAMES: usize = 20_000;

/// How long a login waits for another one to finish.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);

/// A file as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Existing {
    /// Its text.
    pub text: String,
    /// Its permission bits, where the platform has them.
    pub mode: Option<u32>,
}

/// One file to be replaced.
#[derive(Clone, Debug)]
pub struct Change {
    /// The file as the tool names it; links are followed.
    pub path: PathBuf,
    /// What was found there when the change was planned.
    pub old: Option<String>,
    /// What shall be there; nothing to delete it.
    pub new: Option<String>,
    /// The permission bits for the file. Without them an existing file keeps its own and a new
    /// one gets 0644.
    pub mode: Option<u32>,
}

/// Reads a file that may be edited. `None` when there is none; an error names the reason why
/// it must be left alone.
pub fn read(path: &Path) -> Result<Option<Existing>> {
    let Some(target) = resolve(path)? else {
        return Ok(None);
    };
    let metadata = match fs::metadata(&target) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refused(path, &error.to_string())),
    };
    if metadata.is_dir() {
        return Err(refused(path, "it is a folder"));
    }
    if !metadata.is_file() {
        return Err(refused(path, "it is no regular file"));
    }
    if metadata.permissions().readonly() {
        return Err(refused(path, "it is read-only"));
    }
    let mut bytes = Vec::new();
    File::open(&target)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| refused(path, &error.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(refused(path, "it is larger than 4 MiB"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        refused(path, &format!("it is not UTF-8 (byte {at})"))
    })?;
    Ok(Some(Existing {
        text,
        mode: mode(&metadata),
    }))
}

fn refused(path: &Path, reason: &str) -> Error {
    Error::other(format!("`{}` was left alone: {reason}", path.display()))
}

/// Follows symbolic links to the file that is to be replaced; `None` when nothing is there.
fn resolve(path: &Path) -> Result<Option<PathBuf>> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(refused(path, &error.to_string())),
        Ok(metadata) if !metadata.file_type().is_symlink() => Ok(Some(path.to_path_buf())),
        Ok(_) => match fs::canonicalize(path) {
            Ok(target) => Ok(Some(target)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(refused(path, "it is a link to a file that does not exist"))
            }
            Err(error) => Err(refused(path, &error.to_string())),
        },
    }
}

#[cfg(unix)]
fn mode(metadata: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(metadata.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode(_: &fs::Metadata) -> Option<u32> {
    None
}

/// Makes all changes or none. A file that is not as it was when the change was planned, or
/// that cannot be replaced, undoes those before it.
pub fn replace_all(changes: &[Change]) -> Result<()> {
    let staged = changes.iter().map(stage).collect::<Result<Vec<Staged>>>()?;
    sync_staged(changes, &staged)?;
    let folders = folders(&staged);
    let mut done: Vec<&Change> = Vec::new();
    for (change, staged) in changes.iter().zip(staged) {
        if let Err(error) = put(change, staged) {
            return Err(put_back(&done, error));
        }
        done.push(change);
    }
    sync_folders(&folders);
    Ok(())
}

/// Brings the new files to the disk, together: the disk takes little longer for all of them
/// than for one.
fn sync_staged(changes: &[Change], staged: &[Staged]) -> Result<()> {
    let sync = |(change, staged): (&Change, &Staged)| match staged {
        Staged::Write { file, .. } => file
            .as_file()
            .sync_all()
            .map_err(|error| not_written(change, error)),
        Staged::Delete { .. } | Staged::Nothing => Ok(()),
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = changes
            .iter()
            .zip(staged)
            .map(|pair| scope.spawn(move || sync(pair)))
            .collect();
        threads.into_iter().try_for_each(|thread| {
            let ended = thread.join();
            ended.unwrap_or_else(|_| Err(Error::other("the disk could not be synced")))
        })
    })
}

/// The folders whose entries change, each once.
fn folders(staged: &[Staged]) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = staged
        .iter()
        .filter_map(|staged| match staged {
            Staged::Write { target, .. } | Staged::Delete { target } => target.parent(),
            Staged::Nothing => None,
        })
        .map(Path::to_path_buf)
        .collect();
    folders.sort();
    folders.dedup();
    folders
}

/// Makes renames survive a loss of power. Some file systems cannot sync a folder; the files
/// are whole all the same.
fn sync_folders(folders: &[PathBuf]) {
    std::thread::scope(|scope| {
        for folder in folders {
            scope.spawn(move || File::open(folder).and_then(|folder| folder.sync_all()));
        }
    });
}

fn not_written(change: &Change, error: io::Error) -> Error {
    let path = change.path.display();
    Error::other(format!("`{path}` cannot be written: {error}")).caused_by(error)
}

/// A change that is ready to be renamed into place.
enum Staged {
    Write {
        file: NamedTempFile,
        target: PathBuf,
    },
    Delete {
        target: PathBuf,
    },
    Nothing,
}

fn stage(change: &Change) -> Result<Staged> {
    let failed = |error: io::Error| not_written(change, error);
    let target = resolve(&change.path)?;
    let Some(text) = &change.new else {
        return Ok(target.map_or(Staged::Nothing, |target| Staged::Delete { target }));
    };
    let target = target.unwrap_or_else(|| change.path.clone());
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    create_folder(folder, change.mode).map_err(failed)?;
    let mut file = tempfile::Builder::new()
        .prefix(".codeartifact-")
        .suffix(".tmp")
        .tempfile_in(folder)
        .map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    take_over(&target, &file, change.mode).map_err(failed)?;
    Ok(Staged::Write { file, target })
}

/// Creates the folders that are missing; those for a private file are private too.
fn create_folder(folder: &Path, mode: Option<u32>) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    if mode.is_some_and(|mode| mode & 0o077 == 0) {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    #[cfg(not(unix))]
    let _ = mode;
    builder.create(folder)
}

/// Gives the new file the old one's permissions, or those asked for, and its owner.
#[cfg(unix)]
fn take_over(target: &Path, file: &NamedTempFile, mode: Option<u32>) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let old = fs::metadata(target).ok();
    if let Some(old) = &old {
        let new = file.as_file().metadata()?;
        if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
            // Only root can give files away; anyone else may still change the group.
            let owner = (old.uid() != new.uid()).then_some(old.uid());
            fchown(file.as_file(), owner, Some(old.gid()))?;
        }
    }
    let mode = mode
        .or_else(|| old.map(|old| old.permissions().mode() & 0o7777))
        .unwrap_or(0o644);
    file.as_file()
        .set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn take_over(_: &Path, _: &NamedTempFile, _: Option<u32>) -> io::Result<()> {
    Ok(())
}

fn put(change: &Change, staged: Staged) -> Result<()> {
    let failed = |error: io::Error| {
        Error::other(format!(
            "`{}` cannot be replaced: {error}",
            change.path.display()
        ))
        .caused_by(error)
    };
    if read(&change.path)?.map(|existing| existing.text) != change.old {
        return Err(refused(&change.path, "somebody else changed it meanwhile")
            .hint("run the command again"));
    }
    match staged {
        Staged::Write { file, target } => {
            file.persist(&target).map_err(|error| failed(error.error))?;
        }
        Staged::Delete { target } => {
            fs::remove_file(&target).map_err(failed)?;
        }
        Staged::Nothing => {}
    }
    Ok(())
}

/// Puts files back that were replaced before another one failed.
fn put_back(done: &[&Change], mut error: Error) -> Error {
    for change in done.iter().rev() {
        let back = Change {
            path: change.path.clone(),
            old: change.new.clone(),
            new: change.old.clone(),
            mode: None,
        };
        let result = stage(&back).and_then(|staged| {
            let staged = [staged];
            sync_staged(std::slice::from_ref(&back), &staged)?;
            let [staged] = staged;
            put(&back, staged)
        });
        if let Err(second) = result {
            error = error.hint(format!("putting a file back failed as well: {second}"));
        }
    }
    error
}

/// Held while files are being changed; dropped, it lets the next login go ahead.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Waits for other logins of this user to finish, at most ten seconds.
pub fn lock(folder: &Path) -> Result<Lock> {
    let path = folder.join("login.lock");
    let failed = |error: io::Error| {
        Error::other(format!("`{}` cannot be locked: {error}", path.display())).caused_by(error)
    };
    create_folder(folder, Some(0o600)).map_err(failed)?;
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(failed)?;
    let give_up = Instant::now() + LOCK_PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Lock { _file: file }),
            Err(fs::TryLockError::Error(error)) => return Err(failed(error)),
            Err(fs::TryLockError::WouldBlock) if Instant::now() < give_up => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(fs::TryLockError::WouldBlock) => {
                return Err(Error::other("another login is still changing files")
                    .hint(format!("it holds `{}`", path.display())));
            }
        }
    }
}

/// The disk of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn is_dir(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn read(&self, path: &Path) -> Option<String> {
        let file = File::open(path).ok()?;
        if !file.metadata().ok()?.is_file() {
            return None;
        }
        let mut text = String::new();
        file.take(LARGEST).read_to_string(&mut text).ok()?;
        Some(text)
    }

    fn mode(&self, path: &Path) -> Option<u32> {
        mode(&fs::metadata(path).ok()?)
    }

    fn names(&self, folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries
            .take(MOST_NAMES)
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        names.sort_unstable();
        names
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests lay files out plainly")]
mod tests {
    use super::*;

    fn change(path: &Path, old: Option<&str>, new: Option<&str>) -> Change {
        Change {
            path: path.to_path_buf(),
            old: old.map(str::to_string),
            new: new.map(str::to_string),
            mode: Some(0o600),
        }
    }

    fn text(path: &Path) -> String {
        fs::read_to_string(path).expect("is there")
    }

    #[cfg(unix)]
    fn permissions(path: &Path) -> u32 {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(path).expect("is there").permissions().mode() & 0o777
    }

    #[test]
    fn writes_new_files_in_new_folders() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("a/b/file");
        replace_all(&[change(&path, None, Some("x"))]).expect("is written");
        assert_eq!(text(&path), "x");
        #[cfg(unix)]
        assert_eq!(permissions(&path), 0o600);
        let left: Vec<_> = fs::read_dir(path.parent().expect("a/b"))
            .expect("a/b")
            .collect();
        assert_eq!(left.len(), 1);
    }

    #[test]
    fn a_failing_second_file_puts_the_first_back() {
        let home = tempfile::tempdir().expect("a folder");
        let (first, second) = (home.path().join("1"), home.path().join("2"));
        fs::write(&first, "one").expect("is written");
        fs::write(&second, "changed meanwhile").expect("is written");
        let error = replace_all(&[
            change(&first, Some("one"), Some("new")),
            change(&second, Some("two"), Some("new")),
        ])
        .expect_err("the second is not as planned");
        assert!(error.message.contains("meanwhile"), "{error}");
        assert_eq!(
            (text(&first), text(&second)),
            ("one".into(), "changed meanwhile".into())
        );
    }

    #[test]
    fn a_created_first_file_is_taken_away_again() {
        let home = tempfile::tempdir().expect("a folder");
        let (first, second) = (home.path().join("1"), home.path().join("2"));
        replace_all(&[
            change(&first, None, Some("new")),
            change(&second, Some("two"), Some("new")),
        ])
        .expect_err("the second is not as planned");
        assert!(!first.exists() && !second.exists());
    }

    #[test]
    fn refuses_with_a_reason() {
        let home = tempfile::tempdir().expect("a folder");
        let file = home.path().join("f");
        let reason = |path: &Path| read(path).expect_err("is refused").message;
        assert!(reason(home.path()).ends_with("it is a folder"));
        fs::write(&file, b"a\xff").expect("is written");
        assert!(reason(&file).ends_with("it is not UTF-8 (byte 1)"));
        fs::write(&file, vec![b'a'; (LARGEST + 1) as usize]).expect("is written");
        assert!(reason(&file).ends_with("larger than 4 MiB"));
        fs::write(&file, "a").expect("is written");
        let mut permissions = fs::metadata(&file).expect("is there").permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&file, permissions).expect("is set");
        assert!(reason(&file).ends_with("it is read-only"));
        assert_eq!(
            read(&home.path().join("none")).expect("may be missing"),
            None
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_unless_they_dangle() {
        let home = tempfile::tempdir().expect("a folder");
        let (link, target) = (home.path().join("link"), home.path().join("dotfiles"));
        std::os::unix::fs::symlink("dotfiles", &link).expect("is linked");
        let error = read(&link).expect_err("dangles");
        assert!(
            error
                .message
                .contains("a link to a file that does not exist"),
            "{error}"
        );
        fs::write(&target, "old").expect("is written");
        replace_all(&[change(&link, Some("old"), Some("new"))]).expect("is written");
        assert!(fs::symlink_metadata(&link).expect("is there").is_symlink());
        assert_eq!((text(&target), permissions(&target)), ("new".into(), 0o600));
        std::os::unix::fs::symlink("loop", home.path().join("loop")).expect("is linked");
        assert!(read(&home.path().join("loop")).is_err());
        assert!(
            read(Path::new("/dev/null"))
                .expect_err("a device")
                .message
                .contains("regular")
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_public_file_keeps_its_mode() {
        let home = tempfile::tempdir().expect("a folder");
        let file = home.path().join("f");
        fs::write(&file, "old").expect("is written");
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("is set");
        let mut change = change(&file, Some("old"), Some("new"));
        change.mode = None;
        replace_all(&[change]).expect("is written");
        assert_eq!(permissions(&file), 0o640);
    }

    #[test]
    fn the_lock_is_held_by_one() {
        let home = tempfile::tempdir().expect("a folder");
        let first = lock(home.path()).expect("is free");
        let other = OpenOptions::new()
            .write(true)
            .open(home.path().join("login.lock"))
            .expect("is there");
        assert!(other.try_lock().is_err());
        drop(first);
        lock(home.path()).expect("is free again");
    }
}

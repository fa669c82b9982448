//! The file that a download goes to: beside its target until it is whole and verified.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::unwritable;
use crate::error::Result;

/// The file that an asset is written to.
pub(super) enum Outfile {
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
    pub(super) fn open(path: &Path) -> Result<Outfile> {
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

    pub(super) fn sink(&mut self) -> &mut (dyn Write + Send) {
        match self {
            Outfile::Beside { file, .. } => file.as_file_mut(),
            Outfile::Direct(file) => file,
        }
    }

    pub(super) fn keep(self, path: &Path) -> Result<()> {
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

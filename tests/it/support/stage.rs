//! The program, with a home of its own and nothing of the environment.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What a run of a program left.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// A home folder in which programs are run.
pub(crate) struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    pub(crate) fn new() -> Home {
        Home {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    #[expect(clippy::disallowed_methods, reason = "tests lay files out plainly")]
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.file(name);
        std::fs::create_dir_all(path.parent().expect("is below the home")).expect("a folder");
        std::fs::write(path, content).expect("is written");
    }

    /// The variables that every run has: a key, a Region, the service, UTC, no pager.
    pub(crate) fn variables(&self, url: &str) -> Vec<(String, String)> {
        let home = self.path().display().to_string();
        [
            ("HOME", home.as_str()),
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("TZ", "UTC"),
            ("LC_ALL", "C.UTF-8"),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_DEFAULT_REGION", "us-west-2"),
            ("AWS_ENDPOINT_URL", url),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_PAGER", ""),
        ]
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .to_vec()
    }

    /// The program, ready to be run in this home.
    pub(crate) fn command(&self, url: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_codeartifact"));
        command
            .env_clear()
            .envs(self.variables(url))
            .current_dir(self.path());
        command
    }

    /// Runs the program.
    pub(crate) fn run<S: AsRef<std::ffi::OsStr>>(
        &self,
        url: &str,
        arguments: impl IntoIterator<Item = S>,
    ) -> Ran {
        let output = self.command(url).args(arguments).output();
        Ran::from(output.expect("the program starts"))
    }
}

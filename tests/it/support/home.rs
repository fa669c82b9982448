//! A home folder of one's own, and real programs that run in it.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use codeartifact::local::registry::Format;
use tokio::process::Command;

use super::installed::variable;
use super::local::Local;

/// How long a program may take before it is taken to hang.
const PATIENCE: Duration = Duration::from_secs(180);

/// A home folder.
pub(crate) struct Home {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

/// What a program said.
#[derive(Debug)]
pub(crate) struct Said {
    /// Its exit code.
    pub(crate) code: Option<i32>,
    /// Its standard output.
    pub(crate) output: String,
    /// Its standard error.
    pub(crate) errors: String,
}

impl Said {
    /// The output of a program that has succeeded.
    #[track_caller]
    pub(crate) fn succeeded(self) -> String {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self.output
    }

    /// All that a program has said that has not succeeded.
    #[track_caller]
    pub(crate) fn failed(self) -> String {
        assert_ne!(self.code, Some(0), "{self:#?}");
        format!("{}\n{}", self.output, self.errors)
    }
}

impl Home {
    /// An empty one.
    pub(crate) fn new() -> Home {
        let folder = tempfile::tempdir().unwrap();
        let mut variables = vec![
            ("HOME".to_string(), folder.path().display().to_string()),
            ("PATH".to_string(), variable("PATH").unwrap_or_default()),
            ("LC_ALL".to_string(), "C.UTF-8".to_string()),
        ];
        // Where Rust is installed, for cargo; pyenv's programs ask for a folder as well.
        for name in ["RUSTUP_HOME", "PYENV_ROOT", "RUSTUP_TOOLCHAIN"] {
            variables.extend(variable(name).map(|value| (name.to_string(), value)));
        }
        if variable("RUSTUP_HOME").is_none() {
            let rustup = format!("{}/.rustup", variable("HOME").unwrap_or_default());
            variables.push(("RUSTUP_HOME".to_string(), rustup));
        }
        Home { folder, variables }
    }

    /// Adds a variable for all programs.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.variables.push((name.to_string(), value.into()));
    }

    /// A path in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, making its folder.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        #[expect(clippy::disallowed_methods, reason = "tests lay files out plainly")]
        std::fs::write(path, bytes).unwrap();
    }

    /// Reads a file.
    #[track_caller]
    pub(crate) fn read(&self, name: &str) -> String {
        let path = self.path(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Whether there is a file.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Runs a program in a folder of the home.
    pub(crate) async fn run(&self, folder: &str, program: &str, arguments: &[&str]) -> Said {
        let folder = self.path(folder);
        std::fs::create_dir_all(&folder).unwrap();
        let child = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
        let output = output
            .unwrap_or_else(|_| panic!("{program} {arguments:?} hangs"))
            .unwrap();
        Said {
            code: output.status.code(),
            output: String::from_utf8_lossy(&output.stdout).into_owned(),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Logs a tool in to a repository, with this project's own program.
    pub(crate) async fn login(
        &mut self,
        local: &Local,
        tool: &str,
        repository: &str,
        more: &[&str],
    ) {
        for (name, value) in local.variables() {
            self.set(name, value);
        }
        let program = env!("CARGO_BIN_EXE_codeartifact");
        let mut arguments = vec![
            "login",
            "--tool",
            tool,
            "--domain",
            "my-domain",
            "--repository",
            repository,
        ];
        arguments.extend(more);
        self.run(".", program, &arguments).await.succeeded();
    }
}

impl Local {
    /// What makes the command line talk to this service.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let base = self.base_url().to_string();
        vec![
            ("AWS_ENDPOINT_URL_CODEARTIFACT", base.clone()),
            ("AWS_ENDPOINT_URL_STS", base),
            ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLETESTER".to_string()),
            (
                "AWS_SECRET_ACCESS_KEY",
                "the-secret-key-of-tester".to_string(),
            ),
            ("AWS_REGION", "us-west-2".to_string()),
        ]
    }

    /// The endpoint without its scheme, as npm writes it in front of a setting.
    pub(crate) fn without_scheme(&self, format: Format, repository: &str) -> String {
        self.endpoint(format, repository)
            .trim_start_matches("http:")
            .to_string()
    }
}

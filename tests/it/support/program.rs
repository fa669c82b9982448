//! The built program in a home of its own, with nothing of the person who runs the tests.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

/// The program's path.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_codeartifact");

/// A home, thrown away when the test ends.
pub(crate) struct Home {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Home {
    pub(crate) fn new() -> Home {
        Home {
            folder: TempDir::new().unwrap(),
            variables: Vec::new(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Sets a variable for all that runs here from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_string(), value.to_string()));
    }

    /// A file below the home.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a test's file need not be atomic"
    )]
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.file(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A command in this home; of the caller's environment only the search path stays.
    #[expect(clippy::disallowed_methods, reason = "tests look for real clients")]
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path())
            .env("TZ", "UTC")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(self.variables.iter().cloned())
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.command(PROGRAM)
            .args(arguments)
            .output()
            .unwrap()
            .into()
    }

    /// Runs the program and takes its output for JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}: {ran:?}");
        serde_json::from_str(&ran.out).unwrap()
    }

    /// A service on this home's data folder, with the variables that lead to it set.
    pub(crate) fn serve(&mut self, arguments: &[&str]) -> Serving {
        let data = self.file("data");
        let mut command = self.serving();
        let mut child = command
            .arg("--data-dir")
            .arg(&data)
            .args(arguments)
            .spawn()
            .unwrap();
        let url = line(child.stdout.take().unwrap());
        self.lead_to(&data);
        Serving { child, url }
    }

    /// A service without a data folder, with the variables that lead to it set; and where it says
    /// that its data is.
    pub(crate) fn serve_ephemeral(&mut self) -> (Serving, PathBuf) {
        let mut command = self.serving();
        let mut child = command
            .arg("--ephemeral")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let url = line(child.stdout.take().unwrap());
        let said = line(child.stderr.take().unwrap());
        let data = PathBuf::from(said.strip_prefix("The data is in ").unwrap());
        self.lead_to(&data);
        (Serving { child, url }, data)
    }

    fn serving(&self) -> Command {
        let mut command = self.command(PROGRAM);
        command
            .args(["local", "serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped());
        command
    }

    /// Sets the variables that lead to the service on a data folder.
    fn lead_to(&mut self, data: &Path) {
        let ran = self.run(&["local", "env", "--data-dir", data.to_str().unwrap()]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        for line in ran.out.lines() {
            let (name, value) = line
                .strip_prefix("export ")
                .and_then(|assignment| assignment.split_once('='))
                .unwrap();
            self.set(name, value.trim_matches('\''));
        }
    }
}

/// The first line that a program prints.
fn line(stream: impl std::io::Read) -> String {
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    line.trim_end().to_string()
}

/// A service in a process of its own, which is killed when the test is done with it.
pub(crate) struct Serving {
    child: Child,
    pub(crate) url: String,
}

impl Serving {
    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, and waits until it has.
    #[cfg(unix)]
    pub(crate) fn terminate(&mut self) -> Option<i32> {
        let ended = Command::new("kill")
            .arg(self.child.id().to_string())
            .status()
            .unwrap();
        assert!(ended.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

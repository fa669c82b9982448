//! AWS's own client, kept running for as long as a test needs it.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::support::stage::Ran;

pub(super) struct Reference {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// Its major version: 1 or 2.
    pub(super) major: u32,
}

impl Reference {
    /// Starts it; `None`, and a word of why, if there is none on this machine.
    pub(super) fn start() -> Option<Reference> {
        for python in candidates() {
            if let Some(reference) = Reference::with(&python) {
                return Some(reference);
            }
        }
        let missing = "skipped: AWS's client is not installed (tests/clients/install does it)";
        assert!(variable("CI").is_none(), "{missing}");
        #[expect(clippy::print_stderr, reason = "says which test did not run")]
        {
            eprintln!("{missing}");
        }
        None
    }

    fn with(python: &Path) -> Option<Reference> {
        let script =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/differential/reference.py");
        let mut process = Command::new(python)
            .arg("-B")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let (input, output) = (process.stdin.take()?, process.stdout.take()?);
        let mut output = BufReader::new(output);
        let mut line = String::new();
        output.read_line(&mut line).ok()?;
        let version: String = serde_json::from_str(&line).ok()?;
        let major = version.split('.').next()?.parse().ok()?;
        Some(Reference {
            process,
            input,
            output,
            major,
        })
    }

    /// Runs a command line, which begins behind `aws codeartifact`.
    pub(super) fn run(
        &mut self,
        arguments: &[String],
        variables: &[(String, String)],
        folder: &Path,
    ) -> Ran {
        let variables: serde_json::Map<String, Value> = variables
            .iter()
            .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
            .collect();
        let request = json!({"arguments": arguments, "variables": variables, "folder": folder});
        writeln!(self.input, "{request}").expect("the reference listens");
        let mut line = String::new();
        self.output
            .read_line(&mut line)
            .expect("the reference answers");
        let answer: Value = serde_json::from_str(&line).expect("the reference answers in JSON");
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_string();
        Ran {
            code: answer["code"].as_i64().map_or(-1, |code| code as i32),
            out: text("out"),
            err: text("err"),
        }
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "where the clients of the tests are"
)]
fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Pythons that may have AWS's client: one that is named, that of the tests' own clients, and
/// the machine's.
fn candidates() -> Vec<PathBuf> {
    let named = variable("CODEARTIFACT_REFERENCE_PYTHON").map(PathBuf::from);
    let own = variable("CODEARTIFACT_TEST_CLIENTS")
        .map(|folder| PathBuf::from(folder).join("aws/bin/python"));
    [named, own, Some(PathBuf::from("python3"))]
        .into_iter()
        .flatten()
        .collect()
}

//! `credential_process`: a command that prints credentials as JSON (AWS SDKs and tools
//! reference guide, "Process credential provider"). It is run without a shell.

use std::process::Stdio;

use aws_credential_types::Credentials;
use serde_json::Value;
use tokio::process::Command;

use crate::config::credentials::retrieval;
use crate::error::{Error, Result};

fn failed(why: &str) -> Error {
    Error::other(retrieval("custom-process", why))
}

/// Runs the command and reads what it prints. Its standard error is told when it fails.
pub(super) async fn run(command: &str) -> Result<Credentials> {
    let words = shlex::split(command)
        .filter(|words| !words.is_empty())
        .ok_or_else(|| failed("The command is not quoted properly"))?;
    let output = Command::new(&words[0])
        .args(&words[1..])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(&format!("`{}` does not start: {error}", words[0])))?
        .wait_with_output()
        .await
        .map_err(|error| failed(&format!("`{}` cannot be read: {error}", words[0])))?;
    if !output.status.success() {
        return Err(failed(&String::from_utf8_lossy(&output.stderr)));
    }
    read(&output.stdout)
}

/// Reads what the command has printed.
///
/// # Errors
/// When it is not what the guide says; nothing of it is shown, since it may be a secret.
pub fn read(printed: &[u8]) -> Result<Credentials> {
    // What it printed is a secret and is not shown.
    let value: Value =
        serde_json::from_slice(printed).map_err(|_| failed("What it printed is no JSON"))?;
    match value.get("Version") {
        Some(version) if version.as_i64() == Some(1) => {}
        version => {
            let version = version.map_or_else(
                || "<Version key not provided>".to_string(),
                |version| {
                    version
                        .as_str()
                        .map_or_else(|| version.to_string(), str::to_string)
                },
            );
            return Err(failed(&format!(
                "Unsupported version '{version}' for credential process provider, supported versions: 1"
            )));
        }
    }
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let required = |name: &str| {
        text(name).ok_or_else(|| failed(&format!("Missing required key in response: '{name}'")))
    };
    let expiry = text("Expiration")
        .map(|time| {
            time.parse::<jiff::Timestamp>()
                .map_err(|error| failed(&format!("Expiration: {error}")))
        })
        .transpose()?;
    Ok(Credentials::new(
        required("AccessKeyId")?,
        required("SecretAccessKey")?,
        text("SessionToken").map(str::to_string),
        expiry.map(Into::into),
        "Process",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_or_refused() {
        let whole = br#"{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b",
            "SessionToken": "c", "Expiration": "2030-01-01T00:00:00Z"}"#;
        let read_whole = read(whole).unwrap();
        assert_eq!(read_whole.session_token(), Some("c"));
        assert!(read_whole.expiry().is_some());
        for (printed, words) in [
            ("", "no JSON"),
            ("{}", "version '<Version key not provided>'"),
            ("{\"Version\": 2}", "version '2'"),
            (
                "{\"Version\": 1, \"AccessKeyId\": \"a\"}",
                "'SecretAccessKey'",
            ),
            (
                "{\"Version\": 1, \"AccessKeyId\": \"a\", \"SecretAccessKey\": \"b\", \"Expiration\": \"x\"}",
                "Expiration",
            ),
        ] {
            let error = read(printed.as_bytes()).unwrap_err();
            assert!(error.message.contains(words), "{}", error.message);
        }
    }
}

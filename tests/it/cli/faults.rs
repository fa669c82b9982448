//! What goes wrong around a call, as AWS CLI 2.36.7 tells it for the same files and variables.

use std::process::Stdio;

use serde_json::json;

use crate::support::recorder::{Recorder, Reply};
use crate::support::stage::{Home, Ran};

fn service() -> Recorder {
    Recorder::start(|request| match request.parameter("domain") {
        Some("missing") => Reply::fault(
            404,
            "ResourceNotFoundException",
            &json!({"message": "No domain", "resourceId": "x"}),
        ),
        _ => Reply::json(&json!({"authorizationToken": "t0p-s3cret", "domain": {"name": "dd"}})),
    })
}

fn with(config: &str, variables: &[(&str, &str)], line: &[&str]) -> Ran {
    let (home, service) = (Home::new(), service());
    home.write(".aws/config", config);
    let output = home
        .command(&service.url)
        .envs(variables.iter().copied())
        .args(line)
        .output();
    Ran::from(output.unwrap())
}

const DESCRIBE: &[&str] = &["describe-domain", "--domain", "dd"];

#[test]
fn settings_that_cannot_be() {
    for (config, variables, code, sentence) in [
        (
            "",
            &[("AWS_RETRY_MODE", "legacy")][..],
            255,
            "Invalid value provided to \"mode\": \"legacy\" must be one of: \"standard\" or \"adaptive\"",
        ),
        (
            "",
            &[("AWS_MAX_ATTEMPTS", "x")],
            255,
            "invalid literal for int() with base 10: 'x'",
        ),
        (
            "[default]\nmax_attempts = 0\n",
            &[],
            255,
            "Value provided to \"max_attempts\": 0 must be an integer greater than or equal to one.",
        ),
        (
            "",
            &[("AWS_DEFAULT_REGION", "bad region")],
            255,
            "Provided region_name 'bad region' doesn't match a supported format.",
        ),
        (
            "",
            &[("AWS_DEFAULT_OUTPUT", "jsn")],
            255,
            "Unknown output type: jsn",
        ),
        (
            "[default]\ncli_timestamp_format = x\n",
            &[],
            253,
            "An error occurred (Configuration): Unknown cli_timestamp_format value: x, valid values are \"wire\" or \"iso8601\"",
        ),
        (
            "[default]\ncli_binary_format = x\n",
            &[],
            255,
            "Unknown cli_binary_format value: x, valid values are",
        ),
        (
            "[default]\nregion = a\nregion = b\n",
            &[],
            255,
            "Unable to parse config file: ",
        ),
        ("[default\n", &[], 255, "Unable to parse config file: "),
        (
            "",
            &[("AWS_PROFILE", "nobody")],
            255,
            "The config profile (nobody) could not be found",
        ),
    ] {
        let ran = with(config, variables, DESCRIBE);
        assert_eq!(ran.code, code, "{variables:?} {config}: {}", ran.err);
        assert!(
            ran.err
                .contains(&format!("codeartifact: [ERROR]: {sentence}")),
            "{}",
            ran.err
        );
        assert_eq!(ran.out, "");
    }
}

#[test]
fn a_kind_of_endpoint_does_not_concern_an_address_of_ones_own() {
    for variable in ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"] {
        assert_eq!(with("", &[(variable, "true")], DESCRIBE).code, 0);
    }
}

#[test]
fn a_plain_endpoint_does_not_ask_for_certificates() {
    let variables = [("AWS_CA_BUNDLE", "/missing.pem")];
    assert_eq!(with("", &variables, DESCRIBE).code, 0);
    let ran = with(
        "",
        &variables,
        &[DESCRIBE, &["--endpoint-url", "https://127.0.0.1:9"]].concat(),
    );
    assert_eq!(ran.code, 255);
    assert!(
        ran.err.contains("invalid path: /missing.pem"),
        "{}",
        ran.err
    );
}

#[test]
fn the_format_of_errors_comes_from_flag_variable_or_profile() {
    let missing = ["describe-domain", "--domain", "missing"];
    let in_json = "{\n    \"Message\": \"No domain\",\n    \"Code\": \"ResourceNotFoundException\",\n    \
        \"message\": \"No domain\",\n    \"resourceId\": \"x\"\n}\n";
    let profile = "[default]\ncli_error_format = json\n";
    assert_eq!(with(profile, &[], &missing).err, in_json);
    let variable = [("AWS_CLI_ERROR_FORMAT", "json")];
    assert_eq!(with("", &variable, &missing).err, in_json);
    let legacy = [&missing[..], &["--cli-error-format", "legacy"]].concat();
    let ran = with(profile, &variable, &legacy);
    assert_eq!(
        ran.err,
        "\ncodeartifact: [ERROR]: An error occurred (ResourceNotFoundException) when calling \
         the DescribeDomain operation: No domain\n"
    );
    assert_eq!(ran.code, 254);
}

#[test]
fn debug_tells_all_but_secrets() {
    let variables = [("AWS_SESSION_TOKEN", "s3ssion")];
    let ran = with(
        "",
        &variables,
        &["get-authorization-token", "--domain", "dd", "--debug"],
    );
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("t0p-s3cret"));
    assert!(ran.err.contains("> POST http://127.0.0.1"), "{}", ran.err);
    assert!(ran.err.contains("< 200"), "{}", ran.err);
    for secret in ["t0p-s3cret", "s3ssion", "Signature=", "Credential="] {
        assert!(!ran.err.contains(secret), "{secret}: {}", ran.err);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let (home, service) = (Home::new(), service());
    let mut child = home
        .command(&service.url)
        .args(DESCRIBE)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}

#[test]
#[cfg(unix)]
fn ctrl_c_ends_with_130() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let sender = std::sync::Mutex::new(sender);
    let service = Recorder::start(move |_| {
        sender.lock().unwrap().send(()).unwrap();
        std::thread::park();
        Reply::json("{}")
    });
    let home = Home::new();
    let child = home
        .command(&service.url)
        .args(DESCRIBE)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    receiver.recv().unwrap();
    let pid = child.id().to_string();
    let sent = std::process::Command::new("kill")
        .args(["-INT", &pid])
        .status();
    assert!(sent.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(output.stdout, b"\n");
    assert!(output.stderr.is_empty());
}

//! Whose key signs a request, for all the ways in which credentials can be had. STS, IAM
//! Identity Center, the container's endpoint and the machine's metadata service are played by
//! the recorder.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::recorder::{Recorder, Reply, Request};
use crate::support::stage::{Home, Ran};

const CONFIG: &str = "
[profile base]
aws_access_key_id = AKIDBASE
aws_secret_access_key = s
[profile process]
credential_process = sh -c \"echo '{\\\"Version\\\": 1, \\\"AccessKeyId\\\": \\\"AKIDPROCESS\\\", \\\"SecretAccessKey\\\": \\\"s\\\"}'\"
[profile role]
role_arn = arn:aws:iam::111122223333:role/x
source_profile = base
role_session_name = me
external_id = outside
duration_seconds = 900
[profile chained]
role_arn = arn:aws:iam::111122223333:role/chained
source_profile = role
[profile by-process]
role_arn = arn:aws:iam::111122223333:role/by-process
source_profile = process
[profile by-environment]
role_arn = arn:aws:iam::111122223333:role/by-environment
credential_source = Environment
[profile by-machine]
role_arn = arn:aws:iam::111122223333:role/by-machine
credential_source = Ec2InstanceMetadata
[profile device]
role_arn = arn:aws:iam::111122223333:role/x
source_profile = base
mfa_serial = arn:aws:iam::111122223333:mfa/me
[profile denied]
role_arn = arn:aws:iam::111122223333:role/denied
source_profile = base
[profile web]
role_arn = arn:aws:iam::111122223333:role/web
web_identity_token_file = token
[profile sso]
sso_session = my
sso_account_id = 111122223333
sso_role_name = dev
[profile sso-role]
role_arn = arn:aws:iam::111122223333:role/sso-role
source_profile = sso
[profile old-sso]
sso_start_url = https://example.invalid/start
sso_region = us-west-2
sso_account_id = 111122223333
sso_role_name = dev
[sso-session my]
sso_region = us-west-2
sso_start_url = https://example.invalid/start
[profile console]
login_session = arn:aws:iam::111122223333:user/me
[profile broken]
credential_process = sh -c \"echo no key today >&2; exit 3\"
[profile empty]
region = us-west-2
";

/// The service, and everything that gives credentials, in the same place.
fn service() -> Recorder {
    Recorder::start(|request: &Request| {
        let body = String::from_utf8_lossy(&request.body);
        match request.path.as_str() {
            "/" if body.contains("role%2Fdenied") => {
                let mut reply = Reply::json(
                    "<ErrorResponse><Error><Code>AccessDenied</Code><Message>Not you</Message></Error></ErrorResponse>",
                );
                reply.status = 403;
                reply
            }
            "/" => sts(&body),
            "/container" => Reply::json(&json!({"AccessKeyId": "AKIDCONTAINER",
                "SecretAccessKey": "s", "Token": "t", "Expiration": "2999-01-01T00:00:00Z"})),
            "/latest/api/token" => Reply {
                headers: vec![("x-aws-ec2-metadata-token-ttl-seconds", "21600".to_string())],
                ..Reply::json("token")
            },
            "/latest/meta-data/iam/security-credentials/" => Reply::json("role"),
            "/latest/meta-data/iam/security-credentials/role" => {
                Reply::json(&json!({"Code": "Success", "Type": "AWS-HMAC",
                "LastUpdated": "2020-01-01T00:00:00Z", "AccessKeyId": "AKIDMACHINE",
                "SecretAccessKey": "s", "Token": "t", "Expiration": "2999-01-01T00:00:00Z"}))
            }
            "/latest/meta-data/placement/region" => Reply::json("eu-west-1"),
            "/federation/credentials" => match request.headers["x-amz-sso_bearer_token"].as_str() {
                "good" | "renewed" => {
                    Reply::json(&json!({"roleCredentials": {"accessKeyId": "AKIDSSO",
                    "secretAccessKey": "s", "sessionToken": "t", "expiration": 32_472_144_000_000_i64}}))
                }
                _ => Reply::fault(401, "UnauthorizedException", &json!({"message": "no"})),
            },
            "/token" => {
                let asked: Value = serde_json::from_slice(&request.body).unwrap();
                assert_eq!(asked["grantType"], "refresh_token");
                assert_eq!(asked["clientSecret"], "of this machine");
                match asked["refreshToken"].as_str() {
                    Some("renewable") => Reply::json(&json!({"accessToken": "renewed",
                        "tokenType": "Bearer", "expiresIn": 28800, "refreshToken": "next"})),
                    _ => Reply::fault(
                        400,
                        "InvalidGrantException",
                        &json!({"error": "invalid_grant"}),
                    ),
                }
            }
            "/v1/token" if body.contains("\"renewable\"") => {
                assert!(request.headers.contains_key("dpop"), "the key is proved");
                Reply::json(&json!({"accessToken": {"accessKeyId": "AKIDRENEWED",
                    "secretAccessKey": "s2", "sessionToken": "t2"}, "tokenType": "aws_sigv4",
                    "expiresIn": 900, "refreshToken": "next"}))
            }
            "/v1/token" => Reply::fault(
                400,
                "AccessDeniedException",
                &json!({"error": "TOKEN_EXPIRED", "message": "over"}),
            ),
            _ => Reply::json("{}"),
        }
    })
}

/// Gives the role that was asked for a key of its name.
fn sts(body: &str) -> Reply {
    let action = match body.contains("AssumeRoleWithWebIdentity") {
        true => "AssumeRoleWithWebIdentity",
        false => "AssumeRole",
    };
    let role = body.split("role%2F").nth(1).unwrap_or_default();
    let role = role.split('&').next().unwrap_or_default();
    Reply::json(&format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>\
         <AssumedRoleUser><AssumedRoleId>AROA:me</AssumedRoleId>\
         <Arn>arn:aws:sts::111122223333:assumed-role/{role}/me</Arn></AssumedRoleUser>\
         <Credentials><AccessKeyId>AKIDROLE-{role}</AccessKeyId>\
         <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
         <Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></{action}Result>\
         </{action}Response>"
    ))
}

/// The call, without keys in variables and without a terminal.
fn call(home: &Home, service: &Recorder, variables: &[(&str, &str)], line: &[&str]) -> Command {
    home.write(".aws/config", CONFIG);
    let mut command = Command::new("setsid");
    command
        .arg("--wait")
        .arg(env!("CARGO_BIN_EXE_codeartifact"))
        .env_clear()
        .envs(home.variables(&service.url))
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .envs(variables.iter().copied())
        .args(["describe-domain", "--domain", "dd"])
        .args(line)
        .current_dir(home.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(home: &Home, service: &Recorder, variables: &[(&str, &str)], line: &[&str]) -> Ran {
    let mut child = call(home, service, variables, line).spawn().unwrap();
    drop(child.stdin.take());
    Ran::from(child.wait_with_output().unwrap())
}

/// As [`run`], with a line on standard input.
fn run_with_code(home: &Home, service: &Recorder, profile: &str) -> Ran {
    let mut child = call(home, service, &[], &["--profile", profile])
        .spawn()
        .unwrap();
    // Nobody may be asking.
    let _ = child.stdin.take().unwrap().write_all(b"123456\n");
    Ran::from(child.wait_with_output().unwrap())
}

/// The key that signed a request.
fn signer(request: &Request) -> &str {
    let signature = &request.headers["authorization"];
    let key = signature.split_once("Credential=").unwrap().1;
    key.split('/').next().unwrap()
}

/// The key that signed the call itself.
fn caller(requests: &[Request]) -> &str {
    signer(requests.last().unwrap())
}

fn to_sts(requests: &[Request]) -> Vec<&Request> {
    requests
        .iter()
        .filter(|request| request.path == "/")
        .collect()
}

#[track_caller]
fn succeeds(home: &Home, variables: &[(&str, &str)], profile: Option<&str>) -> Vec<Request> {
    let service = service();
    let variables: Vec<(&str, &str)> = variables
        .iter()
        .map(|(name, value)| {
            (
                *name,
                if *value == "URL" {
                    service.url.as_str()
                } else {
                    *value
                },
            )
        })
        .collect();
    let line: Vec<&str> = profile
        .into_iter()
        .flat_map(|name| ["--profile", name])
        .collect();
    let ran = run(home, &service, &variables, &line);
    assert_eq!(ran.code, 0, "{}", ran.err);
    service.take()
}

/// A session of `aws sso login` with this token.
fn signed_in(home: &Home, token: &str, expires: &str) {
    let content = json!({"startUrl": "https://example.invalid/start", "region": "us-west-2",
        "accessToken": token, "expiresAt": expires});
    for name in ["my", "https://example.invalid/start"] {
        let name = sso_file(name);
        home.write(&format!(".aws/sso/cache/{name}.json"), content.to_string());
    }
}

const KEYS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKIDVARIABLE"),
    ("AWS_SECRET_ACCESS_KEY", "s"),
];
const LATER: &str = "2999-01-01T00:00:00Z";

#[test]
fn keys_and_processes() {
    for (profile, key) in [("base", "AKIDBASE"), ("process", "AKIDPROCESS")] {
        let requests = succeeds(&Home::new(), &[], Some(profile));
        assert_eq!(caller(&requests), key, "{profile}");
    }
    let session = [KEYS[0], KEYS[1], ("AWS_SESSION_TOKEN", "session")];
    let requests = succeeds(&Home::new(), &session, None);
    assert_eq!(caller(&requests), "AKIDVARIABLE");
    assert_eq!(requests[0].headers["x-amz-security-token"], "session");
}

#[test]
fn a_flag_comes_before_keys_in_variables_and_a_variable_after() {
    let requests = succeeds(&Home::new(), &KEYS, Some("base"));
    assert_eq!(caller(&requests), "AKIDBASE");
    let variables = [KEYS[0], KEYS[1], ("AWS_PROFILE", "base")];
    let requests = succeeds(&Home::new(), &variables, None);
    assert_eq!(caller(&requests), "AKIDVARIABLE");
    let requests = succeeds(&Home::new(), &variables[2..], None);
    assert_eq!(caller(&requests), "AKIDBASE");
}

#[test]
fn a_role_says_what_the_profile_says() {
    let requests = succeeds(&Home::new(), &[], Some("role"));
    assert_eq!(caller(&requests), "AKIDROLE-x");
    let asked = to_sts(&requests);
    assert_eq!(signer(asked[0]), "AKIDBASE");
    let body = String::from_utf8_lossy(&asked[0].body);
    for words in [
        "Action=AssumeRole&",
        "RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fx",
        "RoleSessionName=me",
        "ExternalId=outside",
        "DurationSeconds=900",
    ] {
        assert!(body.contains(words), "{body}");
    }
}

#[test]
fn roles_have_sources_of_every_kind() {
    let requests = succeeds(&Home::new(), &[], Some("chained"));
    let signers: Vec<&str> = requests.iter().map(signer).collect();
    assert_eq!(signers, ["AKIDBASE", "AKIDROLE-x", "AKIDROLE-chained"]);
    let requests = succeeds(&Home::new(), &[], Some("by-process"));
    assert_eq!(signer(&requests[0]), "AKIDPROCESS");
    // The named source reads the variables although a flag names the profile.
    let requests = succeeds(&Home::new(), &KEYS, Some("by-environment"));
    assert_eq!(signer(&requests[0]), "AKIDVARIABLE");
    assert_eq!(caller(&requests), "AKIDROLE-by-environment");
    let machine = [
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "URL"),
    ];
    let requests = succeeds(&Home::new(), &machine, Some("by-machine"));
    assert_eq!(signer(to_sts(&requests)[0]), "AKIDMACHINE");
    assert_eq!(caller(&requests), "AKIDROLE-by-machine");
    let home = Home::new();
    signed_in(&home, "good", LATER);
    let requests = succeeds(&home, &[("AWS_ENDPOINT_URL_SSO", "URL")], Some("sso-role"));
    assert_eq!(signer(to_sts(&requests)[0]), "AKIDSSO");
}

#[test]
fn the_cache_of_aws_cli_is_shared() {
    let home = Home::new();
    assert_eq!(to_sts(&succeeds(&home, &[], Some("role"))).len(), 1);
    let requests = succeeds(&home, &[], Some("role"));
    assert!(to_sts(&requests).is_empty());
    assert_eq!(caller(&requests), "AKIDROLE-x");
    let folder = home.file(".aws/cli/cache");
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().flatten().collect();
    assert_eq!(files.len(), 1);
    let mode = files[0].metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // The file that AWS CLI writes for the role `device`; its name is made as in its source.
    let kept = json!({"Credentials": {"AccessKeyId": "AKIDKEPT", "SecretAccessKey": "s",
        "SessionToken": "t", "Expiration": "2999-01-01T00:00:00UTC", "AccountId": "1"},
        "AssumedRoleUser": {"AssumedRoleId": "a", "Arn": "b"},
        "ResponseMetadata": {"HTTPStatusCode": 200}});
    home.write(
        ".aws/cli/cache/c4eb3987939760ba7cf40bd838ea7eaeee8665bf.json",
        kept.to_string(),
    );
    let requests = succeeds(&home, &[], Some("device"));
    assert_eq!(caller(&requests), "AKIDKEPT");
}

#[test]
fn a_code_is_read_from_standard_input_where_there_is_no_terminal() {
    let (home, service) = (Home::new(), service());
    for turn in 0..2 {
        let ran = run_with_code(&home, &service, "device");
        assert_eq!(ran.code, 0, "{}", ran.err);
        let requests = service.take();
        assert_eq!(caller(&requests), "AKIDROLE-x");
        let asked = to_sts(&requests);
        assert_eq!(asked.len(), 1 - turn);
        for request in asked {
            let body = String::from_utf8_lossy(&request.body);
            assert!(body.contains("TokenCode=123456"), "{body}");
            assert!(body.contains("SerialNumber=arn"), "{body}");
        }
    }
}

#[test]
fn a_code_is_asked_for_on_the_terminal() {
    let (home, service) = (Home::new(), service());
    home.write(".aws/config", CONFIG);
    let line = format!(
        "{} describe-domain --domain dd --profile device < /dev/null > out",
        env!("CARGO_BIN_EXE_codeartifact")
    );
    // A terminal of its own, on which the code is typed.
    let mut child = Command::new("script")
        .args(["-qec", &line, "/dev/null"])
        .env_clear()
        .envs(home.variables(&service.url))
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .env("SHELL", "/bin/sh")
        .current_dir(home.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"654321\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{shown}");
    assert!(
        shown.contains("Enter MFA code for arn:aws:iam::111122223333:mfa/me: "),
        "{shown}"
    );
    let requests = service.take();
    let body = String::from_utf8_lossy(&to_sts(&requests)[0].body).into_owned();
    assert!(body.contains("TokenCode=654321"), "{body}");
}

#[test]
fn a_token_in_a_file() {
    let home = Home::new();
    home.write("token", "the-token");
    let requests = succeeds(&home, &[], Some("web"));
    // Paths in a profile are those of the folder that the command runs in.
    let asked = to_sts(&requests);
    let body = String::from_utf8_lossy(&asked[0].body);
    assert!(body.contains("WebIdentityToken=the-token"), "{body}");
    assert!(!asked[0].headers.contains_key("authorization"));
    assert_eq!(caller(&requests), "AKIDROLE-web");
    let path = home.file("token").display().to_string();
    let variables = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", path.as_str()),
        ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/pod"),
    ];
    let requests = succeeds(&home, &variables, None);
    assert_eq!(caller(&requests), "AKIDROLE-pod");
}

#[test]
fn the_container_and_the_machine() {
    let service = service();
    let home = Home::new();
    let uri = format!("{}/container", service.url);
    let variables = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri.as_str())];
    let ran = run(&home, &service, &variables, &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(caller(&service.take()), "AKIDCONTAINER");
    let machine = [
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", service.url.as_str()),
        ("AWS_DEFAULT_REGION", ""),
    ];
    let ran = run(&home, &service, &machine, &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let requests = service.take();
    assert_eq!(caller(&requests), "AKIDMACHINE");
    let signature = &requests.last().unwrap().headers["authorization"];
    assert!(
        signature.contains("/eu-west-1/codeartifact/"),
        "{signature}"
    );
}

#[test]
fn sessions_that_a_person_has_begun() {
    for profile in ["sso", "old-sso"] {
        let home = Home::new();
        signed_in(&home, "good", LATER);
        let sso = [("AWS_ENDPOINT_URL_SSO", "URL")];
        let requests = succeeds(&home, &sso, Some(profile));
        assert_eq!(caller(&requests), "AKIDSSO");
        assert_eq!(requests.len(), 2);
        // The role's credentials are kept, as by AWS CLI.
        assert_eq!(succeeds(&home, &sso, Some(profile)).len(), 1);
    }
    let home = Home::new();
    console(&home, "2999-01-01T00:00:00Z");
    assert_eq!(
        caller(&succeeds(&home, &[], Some("console"))),
        "AKIDCONSOLE"
    );
}

#[test]
fn sessions_are_renewed_and_the_renewed_kept() {
    let home = Home::new();
    signed_in(&home, "good", "2001-01-01T00:00:00Z");
    let name = format!(".aws/sso/cache/{}.json", sso_file("my"));
    let mut session = kept(&home, &name);
    for (member, value) in [
        ("clientId", "this machine"),
        ("clientSecret", "of this machine"),
        ("registrationExpiresAt", LATER),
        ("refreshToken", "renewable"),
    ] {
        session[member] = json!(value);
    }
    home.write(&name, session.to_string());
    let urls = [
        ("AWS_ENDPOINT_URL_SSO", "URL"),
        ("AWS_ENDPOINT_URL_SSO_OIDC", "URL"),
    ];
    let requests = succeeds(&home, &urls, Some("sso"));
    let paths: Vec<&str> = requests.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(paths, ["/token", "/federation/credentials", "/v1/domain"]);
    assert_eq!(caller(&requests), "AKIDSSO");
    let session = kept(&home, &name);
    assert_eq!(session["accessToken"], "renewed");
    assert_eq!(session["refreshToken"], "next");

    let home = Home::new();
    console(&home, "2001-01-01T00:00:00Z");
    let name = format!(".aws/login/cache/{}.json", console_file());
    let mut session = kept(&home, &name);
    session["refreshToken"] = json!("renewable");
    home.write(&name, session.to_string());
    let url = [("AWS_ENDPOINT_URL_SIGNIN", "URL")];
    let requests = succeeds(&home, &url, Some("console"));
    assert_eq!(requests[0].path, "/v1/token");
    assert_eq!(caller(&requests), "AKIDRENEWED");
    let session = kept(&home, &name);
    assert_eq!(session["accessToken"]["accessKeyId"], "AKIDRENEWED");
    assert_eq!(session["refreshToken"], "next");
    // What was renewed is used until it ends.
    let requests = succeeds(&home, &url, Some("console"));
    assert_eq!(requests.len(), 1);
    assert_eq!(caller(&requests), "AKIDRENEWED");
}

fn kept(home: &Home, name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(home.file(name)).unwrap()).unwrap()
}

fn sso_file(session: &str) -> String {
    use sha1::{Digest, Sha1};
    hex::encode(Sha1::digest(session))
}

fn console_file() -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest("arn:aws:iam::111122223333:user/me"))
}

/// A session of `aws login`.
fn console(home: &Home, expires: &str) {
    let name = console_file();
    let content = json!({"accessToken": {"accessKeyId": "AKIDCONSOLE", "secretAccessKey": "s",
        "sessionToken": "t", "accountId": "111122223333", "expiresAt": expires},
        "tokenType": "urn:aws:params:oauth:token-type:access_token_sigv4",
        "refreshToken": "r", "clientId": "arn:aws:signin:::devtools/same-device",
        "dpopKey": "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIDdlpTP4Dh6WGHK9RaD0DUxVQ1jtxIIr04JKDP9U6fP/oAoGCCqGSM49\n\
            AwEHoUQDQgAEFh2/x1fbb4/jSjWxj1dFUXRsTNs7UrEfaBsddL6xxmnGlWDlGnGa\n\
            7GjLsSMLeqKnoTvR3pQ518+EuDhnA67Xpg==\n-----END EC PRIVATE KEY-----\n"});
    home.write(
        &format!(".aws/login/cache/{name}.json"),
        content.to_string(),
    );
}

#[test]
fn what_fails_says_why_and_what_to_do() {
    let service = service();
    let url = [
        ("AWS_ENDPOINT_URL_SSO", service.url.as_str()),
        ("AWS_ENDPOINT_URL_SIGNIN", service.url.as_str()),
    ];
    let check = |home: &Home, profile: &str, code: i32, words: &[&str]| {
        let ran = run(home, &service, &url, &["--profile", profile]);
        assert_eq!(ran.code, code, "{profile}: {}", ran.err);
        for words in words {
            assert!(ran.err.contains(words), "{profile}: {}", ran.err);
        }
        assert_eq!(ran.out, "");
        let sent = service.take();
        assert!(
            sent.iter().all(|request| request.path != "/v1/domain"),
            "{profile}: nothing is asked without a key"
        );
    };
    let home = Home::new();
    let renewed = "`aws sso login --profile sso`";
    check(&home, "sso", 255, &["Token for my does not exist", renewed]);
    check(&home, "sso-role", 255, &[renewed]);
    check(
        &home,
        "console",
        255,
        &["Unable to load", "`aws login --profile console`"],
    );
    check(
        &home,
        "broken",
        255,
        &["Error when retrieving credentials from custom-process: no key today"],
    );
    check(
        &home,
        "empty",
        253,
        &["An error occurred (NoCredentials): Unable to locate credentials."],
    );
    check(
        &home,
        "denied",
        254,
        &["An error occurred (AccessDenied) when calling the AssumeRole operation: Not you"],
    );
    check(
        &home,
        "device",
        255,
        &[
            "`arn:aws:iam::111122223333:mfa/me`",
            "no terminal to ask on",
        ],
    );
    console(&home, "2001-01-01T00:00:00Z");
    let renewed_console = "`aws login --profile console`";
    check(
        &home,
        "console",
        255,
        &["Your session has expired.", renewed_console],
    );
    signed_in(&home, "good", "2001-01-01T00:00:00Z");
    check(&home, "sso", 255, &["Token has expired", renewed]);
    signed_in(&home, "withdrawn", LATER);
    for profile in ["sso", "old-sso"] {
        let command = format!("`aws sso login --profile {profile}`");
        check(
            &home,
            profile,
            255,
            &["has expired or is otherwise invalid", &command],
        );
    }
}

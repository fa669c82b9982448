//! A stand-in for the service, which knows the two calls of a login and remembers who came to
//! the package endpoints with which credentials, and a home of one's own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::support::recorder::{Recorder, Reply, Request};

/// The token that the stand-in gives.
pub(super) const TOKEN: &str = "eyJ2ZXIiOjF9.token-of_the~stand-in==";

/// What STS answers.
const IDENTITY: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
    <GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/tester</Arn><UserId>AIDA</UserId>\
    <Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

/// Answers on a free port for as long as the test runs.
pub(super) struct StandIn(Recorder);

impl StandIn {
    pub(super) fn start() -> StandIn {
        StandIn(Recorder::start(answer))
    }

    /// The endpoint that the stand-in names for a format.
    pub(super) fn endpoint(&self, format: &str, repository: &str) -> String {
        format!("{}/{format}/{repository}/", self.0.url)
    }

    /// Method, path and query of all requests since the last time.
    pub(super) fn requests(&self) -> Vec<String> {
        let requests = self.0.take().into_iter();
        requests
            .map(|request| {
                let query: Vec<String> = request
                    .query
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect();
                format!("{} {}?{}", request.method, request.path, query.join("&"))
            })
            .collect()
    }

    /// The paths of the requests with these credentials since the last time.
    pub(super) fn requests_with(&self, authorization: &str) -> Vec<String> {
        let requests = self.0.take().into_iter();
        requests
            .filter(|request| {
                request.headers.get("authorization").map(String::as_str) == Some(authorization)
            })
            .map(|request| request.path)
            .collect()
    }
}

fn answer(request: &Request) -> Reply {
    let host = request.headers.get("host").cloned().unwrap_or_default();
    let known = request.headers.contains_key("authorization");
    let json = |text: String| Reply::json(&text);
    let fault = |status: u16, name: &'static str, message: &str| Reply {
        status,
        headers: vec![("x-amzn-errortype", name.into())],
        body: format!(r#"{{"message": "{message}"}}"#).into_bytes(),
        cut_at: None,
    };
    match (request.path.as_str(), request.parameter("domain")) {
        ("/v1/authorization-token", Some("no-bearer")) => {
            let message =
                "User: x is not authorized to perform: sts:GetServiceBearerToken on resource: *";
            return fault(403, "AccessDeniedException", message);
        }
        ("/v1/authorization-token", Some("not-there")) => {
            return fault(404, "ResourceNotFoundException", "Domain not found.");
        }
        ("/v1/authorization-token", Some("expired")) => {
            let message = "The security token included in the request is expired";
            return fault(403, "ExpiredTokenException", message);
        }
        ("/v1/authorization-token", Some("skewed")) => {
            return fault(403, "InvalidSignatureException", "Signature expired");
        }
        _ => {}
    }
    match request.path.as_str() {
        "/" if request.method == "POST" => Reply {
            headers: vec![("content-type", "text/xml".into())],
            body: IDENTITY.as_bytes().to_vec(),
            ..status(200)
        },
        "/v1/authorization-token" => json(format!(
            r#"{{"authorizationToken": "{TOKEN}", "expiration": 4102444800.5}}"#
        )),
        "/v1/repository/endpoint" => {
            let format = request.parameter("format").unwrap_or_default();
            let repository = request.parameter("repository").unwrap_or_default();
            json(format!(
                r#"{{"repositoryEndpoint": "http://{host}/{format}/{repository}/"}}"#
            ))
        }
        "/v1/domains" => {
            json(r#"{"domains": [{"name": "first-domain"}, {"name": "last-domain"}]}"#.to_string())
        }
        "/v1/domain/repositories" => json(
            r#"{"repositories": [{"name": "first-repository"}, {"name": "last-repository"}]}"#
                .to_string(),
        ),
        path if path.ends_with("/refused/") => status(401),
        _ if !known => Reply {
            headers: vec![(
                "www-authenticate",
                "Basic realm=\"domain/repository\"".into(),
            )],
            ..status(401)
        },
        "/cargo/repository/config.json" => json(format!(
            r#"{{"dl": "http://{host}/cargo/repository/dl", "auth-required": true}}"#
        )),
        "/nuget/repository/v3/index.json" => json(format!(
            r#"{{"version": "3.0.0", "resources": [
                {{"@id": "http://{host}/nuget/repository/flat/", "@type": "PackageBaseAddress/3.0.0"}},
                {{"@id": "http://{host}/nuget/repository/registration/", "@type": "RegistrationsBaseUrl/3.6.0"}},
                {{"@id": "http://{host}/nuget/repository/query", "@type": "SearchQueryService"}}]}}"#
        )),
        _ => status(404),
    }
}

fn status(status: u16) -> Reply {
    Reply {
        status,
        headers: Vec::new(),
        body: Vec::new(),
        cut_at: None,
    }
}

/// A home folder and a project folder that are empty, and programs in them.
pub(super) struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    pub(super) fn new() -> Home {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("project")).expect("a folder");
        Home { folder }
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(super) fn read(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.file(name)).ok()
    }

    #[expect(clippy::disallowed_methods, reason = "tests lay files out plainly")]
    pub(super) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.file(name);
        std::fs::create_dir_all(path.parent().expect("is below the home")).expect("a folder");
        std::fs::write(path, bytes).expect("is written");
    }

    /// A program with this home, hardly any other variables, and the stand-in as service.
    pub(super) fn command(&self, program: &str, service: &StandIn) -> Command {
        let home = self.path().display();
        let java = format!("-Duser.home={home}");
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(inherited())
            .env("HOME", self.path())
            .env("TZ", "UTC")
            .env("LC_ALL", "C.UTF-8")
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "example")
            .env("AWS_REGION", "us-west-2")
            .env("AWS_ENDPOINT_URL_CODEARTIFACT", &service.0.url)
            .env("AWS_ENDPOINT_URL_STS", &service.0.url)
            // Java takes the home folder from the user database, and yarn 1 its cache when root.
            .env("MAVEN_OPTS", &java)
            .env("GRADLE_OPTS", &java)
            .env("YARN_CACHE_FOLDER", self.file("yarn-cache"))
            .env("YARN_HTTP_RETRY", "0")
            .env("YARN_ENABLE_TELEMETRY", "false")
            .env("npm_config_fetch_retries", "0")
            .env("npm_config_update_notifier", "false")
            .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
            .env("PIP_RETRIES", "0")
            .env("UV_HTTP_RETRIES", "0")
            .env("UV_PYTHON_DOWNLOADS", "never")
            .env("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
            .env("CARGO_NET_RETRY", "0")
            .stdin(Stdio::null())
            .current_dir(self.file("project"));
        command
    }

    /// Our own program with these arguments.
    pub(super) fn run(&self, service: &StandIn, arguments: &[&str]) -> Ran {
        self.run_other(service, env!("CARGO_BIN_EXE_codeartifact"), arguments)
    }

    /// Any program with these arguments.
    pub(super) fn run_other(&self, service: &StandIn, program: &str, arguments: &[&str]) -> Ran {
        let mut command = self.command(program, service);
        let output = command.args(arguments).output();
        Ran::from(output.expect("the program starts"))
    }

    /// A login to repository `repository` of domain `domain`.
    pub(super) fn login(&self, service: &StandIn, arguments: &[&str]) -> Ran {
        let mut all = vec!["login", "--domain", "domain", "--repository", "repository"];
        all.extend(arguments);
        self.run(service, &all)
    }
}

/// The variables that say where programs are.
#[expect(
    clippy::disallowed_methods,
    reason = "the tests' programs are found as the tests were"
)]
pub(super) fn inherited() -> Vec<(&'static str, String)> {
    let home = std::env::var("HOME").unwrap_or_default();
    let mut found: Vec<(&str, String)> =
        ["PATH", "PYENV_ROOT", "RUSTUP_TOOLCHAIN", "JAVA_HOME", "CI"]
            .into_iter()
            .filter_map(|name| Some((name, std::env::var(name).ok()?)))
            .collect();
    let rustup = std::env::var("RUSTUP_HOME").unwrap_or_else(|_| format!("{home}/.rustup"));
    found.push(("RUSTUP_HOME", rustup));
    found
}

/// What a program said and how it ended.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) code: Option<i32>,
    pub(super) out: String,
    pub(super) err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

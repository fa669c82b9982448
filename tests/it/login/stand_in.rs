//! A stand-in for the service, which knows the two calls of a login, and a home of one's own.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::thread;

/// The token that the stand-in gives.
pub(super) const TOKEN: &str = "eyJ2ZXIiOjF9.token-of_the~stand-in==";

/// Answers on a free port for as long as the test runs.
pub(super) struct StandIn {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl StandIn {
    pub(super) fn start() -> StandIn {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("is bound").to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (log, own) = (Arc::clone(&requests), address.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, own) = (Arc::clone(&log), own.clone());
                thread::spawn(move || answer(&stream, &own, &log));
            }
        });
        StandIn { address, requests }
    }

    /// The endpoint that the stand-in names for a format.
    pub(super) fn endpoint(&self, format: &str, repository: &str) -> String {
        format!("http://{}/{format}/{repository}/", self.address)
    }

    /// Method and target of all requests so far.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic").clone()
    }
}

/// Reads requests from one connection and answers them.
fn answer(stream: &TcpStream, own: &str, log: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let mut header = String::from("x");
        while !header.trim().is_empty() {
            header.clear();
            reader.read_line(&mut header).ok()?;
        }
        let target = line.trim_end().trim_end_matches(" HTTP/1.1").to_string();
        let body = body(&target, own);
        log.lock().expect("no panic").push(target);
        let (status, body) = match body {
            Some(body) => ("200 OK", body),
            None => (
                "404 Not Found",
                r#"{"message": "no such thing"}"#.to_string(),
            ),
        };
        let mut stream = stream;
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .ok()?;
    }
}

fn body(target: &str, own: &str) -> Option<String> {
    let (path, query) = target.split_once('?')?;
    let parameter = |name: &str| {
        query
            .split('&')
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    };
    match path {
        "POST /v1/authorization-token" => Some(format!(
            r#"{{"authorizationToken": "{TOKEN}", "expiration": 4102444800.5}}"#
        )),
        "GET /v1/repository/endpoint" => {
            let (format, repository) = (parameter("format")?, parameter("repository")?);
            Some(format!(
                r#"{{"repositoryEndpoint": "http://{own}/{format}/{repository}/"}}"#
            ))
        }
        _ => None,
    }
}

/// A home folder and a project folder that are empty, and the program in them.
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
    pub(super) fn write(&self, name: &str, text: &str) {
        let path = self.file(name);
        std::fs::create_dir_all(path.parent().expect("is below the home")).expect("a folder");
        std::fs::write(path, text).expect("is written");
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the tests' programs are found by PATH"
    )]
    /// A program with this home, no other variables but `PATH`, and the stand-in as service.
    pub(super) fn command(&self, program: &str, service: &StandIn) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path())
            .env("TZ", "UTC")
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "example")
            .env("AWS_REGION", "us-west-2")
            .env(
                "AWS_ENDPOINT_URL_CODEARTIFACT",
                format!("http://{}", service.address),
            )
            .current_dir(self.file("project"));
        command
    }

    /// Our own program with these arguments.
    pub(super) fn run(&self, service: &StandIn, arguments: &[&str]) -> Ran {
        let output = self
            .command(env!("CARGO_BIN_EXE_codeartifact"), service)
            .args(arguments)
            .output()
            .expect("the program is built");
        Ran::from(output)
    }

    /// A login to repository `repository` of domain `domain`.
    pub(super) fn login(&self, service: &StandIn, arguments: &[&str]) -> Ran {
        let mut all = vec!["login", "--domain", "domain", "--repository", "repository"];
        all.extend(arguments);
        self.run(service, &all)
    }
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

//! The service within TLS, as the command line starts it.

use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};

use crate::support::home::{Home, Said};
use crate::support::installed::installed;

const PROGRAM: &str = env!("CARGO_BIN_EXE_codeartifact");

/// A service that shows a certificate for `localhost`, which it signed itself.
struct Secured {
    home: Home,
    url: String,
    service: tokio::process::Child,
}

/// Writes a certificate for `localhost` and its key.
fn certify(home: &Home, name: &str) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_string()]).unwrap();
    home.write(&format!("{name}.pem"), made.cert.pem());
    home.write(&format!("{name}-key.pem"), made.signing_key.serialize_pem());
}

async fn serve(home: &Home, certificate: &str, key: &str) -> (tokio::process::Child, String) {
    let mut service = tokio::process::Command::new(PROGRAM)
        .args(["local", "serve", "--listen", "127.0.0.1:0"])
        .args(["--data-dir", "data", "--host-name", "localhost"])
        .args(["--tls-certificate", certificate, "--tls-key", key])
        .current_dir(home.path("."))
        .env_clear()
        .env("HOME", home.path("."))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let output = service.stdout.take().unwrap();
    let url = BufReader::new(output).lines().next_line().await.unwrap();
    (service, url.unwrap_or_default())
}

impl Secured {
    async fn start() -> Secured {
        let mut home = Home::new();
        certify(&home, "server");
        let (service, url) = serve(&home, "server.pem", "server-key.pem").await;
        let env = home
            .run(".", PROGRAM, &["local", "env", "--data-dir", "data"])
            .await
            .succeeded();
        for line in env.lines() {
            let (name, value) = line
                .strip_prefix("export ")
                .unwrap()
                .split_once('=')
                .unwrap();
            home.set(name, value.trim_matches('\''));
        }
        Secured { home, url, service }
    }

    async fn run(&self, program: &str, line: &str) -> Said {
        let arguments: Vec<&str> = line.split(' ').collect();
        self.home.run(".", program, &arguments).await
    }
}

#[tokio::test]
async fn clients_that_trust_the_certificate_are_served() {
    let secured = Secured::start().await;
    assert!(
        secured.url.starts_with("https://localhost:"),
        "{}",
        secured.url
    );
    let create = "create-domain --domain my-domain";
    secured.run(PROGRAM, create).await.succeeded();
    let repository = "--domain my-domain --repository my-repo";
    let create = format!("create-repository {repository}");
    secured.run(PROGRAM, &create).await.succeeded();
    let endpoint = format!("get-repository-endpoint {repository} --format npm");
    let endpoint = secured.run(PROGRAM, &endpoint).await.succeeded();
    let endpoint: Value = serde_json::from_str(&endpoint).unwrap();
    assert_eq!(
        endpoint["repositoryEndpoint"],
        format!("{}/d/my-domain-111122223333/npm/my-repo/", secured.url)
    );
    let clock = "local clock --data-dir data --advance 60";
    secured.run(PROGRAM, clock).await.succeeded();
    if installed("aws").is_some() {
        let domains = secured.run("aws", "codeartifact list-domains --query domains[].name");
        assert!(domains.await.succeeded().contains("my-domain"));
    }
}

#[tokio::test]
async fn nobody_else_is_served() {
    let mut secured = Secured::start().await;
    let authority = secured.url.strip_prefix("https://").unwrap().to_string();
    let port = authority.rsplit_once(':').unwrap().1;
    let address = format!("127.0.0.1:{port}");
    // Whoever says nothing keeps nobody waiting.
    let _silent = tokio::net::TcpStream::connect(&address).await.unwrap();
    // Plain HTTP gets no answer.
    let mut plain = tokio::net::TcpStream::connect(&address).await.unwrap();
    plain
        .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    // The connection may be reset, which is no answer either.
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP/"), "{answer:?}");
    secured.run(PROGRAM, "list-domains").await.succeeded();
    // Another certificate of the same name is not that of the service.
    certify(&secured.home, "other");
    let other = secured.home.path("other.pem").display().to_string();
    secured.home.set("AWS_CA_BUNDLE", other);
    secured.home.set("AWS_MAX_ATTEMPTS", "1");
    secured.run(PROGRAM, "list-domains").await.failed();
}

#[tokio::test]
async fn a_certificate_and_its_key_belong_together() {
    let home = Home::new();
    certify(&home, "one");
    certify(&home, "two");
    home.write("text.pem", "no certificate");
    for (certificate, key, named) in [
        ("one.pem", "two-key.pem", "two-key.pem"),
        ("text.pem", "one-key.pem", "text.pem"),
        ("one.pem", "text.pem", "text.pem"),
        ("absent.pem", "one-key.pem", "absent.pem"),
    ] {
        let (service, url) = serve(&home, certificate, key).await;
        assert_eq!(url, "");
        let said = service.wait_with_output().await.unwrap();
        let errors = String::from_utf8(said.stderr).unwrap();
        assert_eq!(said.status.code(), Some(253), "{errors}");
        assert!(errors.contains(named), "{errors}");
    }
}

impl Drop for Secured {
    fn drop(&mut self) {
        // It ends with its handle in any case.
        let _ = self.service.start_kill();
    }
}

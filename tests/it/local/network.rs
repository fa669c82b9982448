//! The service at an address of a network, and a client on another machine: two network namespaces
//! with a cable between them, which go with the programs that hold them open. Nothing outside of
//! them is touched.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::support::home::{Home, Said};
use crate::support::installed::{installed, skipped};

const PROGRAM: &str = env!("CARGO_BIN_EXE_codeartifact");

/// The addresses at both ends of the cable (RFC 5737).
const HERE: &str = "198.51.100.1";
const THERE: &str = "198.51.100.2";

/// A machine with a network of its own, for as long as this is held.
struct Machine(Child);

impl Machine {
    /// One without any cable; none where this may not be.
    async fn new() -> Option<Machine> {
        // It says that it is there, and is there until its input ends.
        let mut child = Command::new("unshare")
            .args(["--net", "sh", "-c", "echo; exec cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .ok()?;
        let mut lines = BufReader::new(child.stdout.take()?).lines();
        lines.next_line().await.ok()??;
        Some(Machine(child))
    }

    fn pid(&self) -> String {
        self.0.id().expect("it is running").to_string()
    }

    /// The command line that runs a program on this machine.
    fn line<'a>(&self, pid: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
        [&["--target", pid, "--net"], rest].concat()
    }

    async fn runs(&self, home: &Home, rest: &[&str]) -> Said {
        let pid = self.pid();
        home.run(".", "nsenter", &self.line(&pid, rest)).await
    }

    /// Starts the service on this machine; what it prints first.
    async fn serves(&self, home: &Home, more: &[&str]) -> (Child, String) {
        let (pid, listen) = (self.pid(), format!("{HERE}:0"));
        let serve = [
            PROGRAM,
            "local",
            "serve",
            "--data-dir",
            "data",
            "--listen",
            &listen,
        ];
        let mut service = Command::new("nsenter")
            .args(self.line(&pid, &serve))
            .args(more)
            .current_dir(home.path("."))
            .env("HOME", home.path("."))
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(service.stdout.take().unwrap()).lines();
        let url = tokio::time::timeout(Duration::from_secs(60), lines.next_line()).await;
        (service, url.unwrap().unwrap().unwrap_or_default())
    }
}

/// Two machines with a cable between them, where that can be had.
async fn machines(home: &Home) -> Option<(Machine, Machine)> {
    installed("ip")?;
    let (Some(here), Some(there)) = (Machine::new().await, Machine::new().await) else {
        skipped("network namespaces may not be made here");
        return None;
    };
    let (pid, other) = (here.pid(), there.pid());
    let cable = [
        "link", "add", "eth0", "netns", &pid, "type", "veth", "peer", "eth0", "netns", &other,
    ];
    if home.run(".", "ip", &cable).await.code != Some(0) {
        skipped("network devices may not be made here");
        return None;
    }
    for (machine, address) in [(&here, HERE), (&there, THERE)] {
        let address = format!("{address}/24");
        for line in [
            &["ip", "link", "set", "lo", "up"][..],
            &["ip", "link", "set", "eth0", "up"],
            &["ip", "address", "add", &address, "dev", "eth0"],
        ] {
            machine.runs(home, line).await.succeeded();
        }
    }
    Some((here, there))
}

/// Leads clients to the service of the data folder.
async fn lead(home: &mut Home, here: &Machine) {
    let env = [PROGRAM, "local", "env", "--data-dir", "data"];
    for line in here.runs(home, &env).await.succeeded().lines() {
        let assignment = line.strip_prefix("export ").unwrap();
        let (name, value) = assignment.split_once('=').unwrap();
        home.set(name, value.trim_matches('\''));
    }
    home.set("AWS_MAX_ATTEMPTS", "1");
}

#[tokio::test]
async fn an_address_of_the_network_is_not_served_without_a_word() {
    let home = Home::new();
    let Some((here, _there)) = machines(&home).await else {
        return;
    };
    let listen = format!("{HERE}:0");
    let serve = [
        PROGRAM,
        "local",
        "serve",
        "--data-dir",
        "data",
        "--listen",
        &listen,
    ];
    let refused = here.runs(&home, &serve).await;
    assert_eq!(refused.code, Some(252), "{refused:?}");
    assert!(
        refused.errors.contains("--accept-plain-text"),
        "{refused:?}"
    );
    assert!(!home.has("data"));
}

#[tokio::test]
async fn plain_http_is_served_to_another_machine_where_that_was_accepted() {
    let mut home = Home::new();
    let Some((here, there)) = machines(&home).await else {
        return;
    };
    let (_service, url) = here.serves(&home, &["--accept-plain-text"]).await;
    assert!(url.starts_with(&format!("http://{HERE}:")), "{url}");
    lead(&mut home, &here).await;
    let create = [PROGRAM, "create-domain", "--domain", "my-domain"];
    there.runs(&home, &create).await.succeeded();
    let repository = ["--domain", "my-domain", "--repository", "my-repo"];
    let create = [&[PROGRAM, "create-repository"][..], &repository].concat();
    there.runs(&home, &create).await.succeeded();
    let endpoint = [
        &[PROGRAM, "get-repository-endpoint", "--format", "npm"][..],
        &repository,
    ];
    let endpoint = there.runs(&home, &endpoint.concat()).await.succeeded();
    let endpoint: Value = serde_json::from_str(&endpoint).unwrap();
    assert_eq!(
        endpoint["repositoryEndpoint"],
        format!("{url}/d/my-domain-111122223333/npm/my-repo/")
    );
    // The service is steered from its own machine only, although the other has the key.
    let reset = [PROGRAM, "local", "reset", "--data-dir", "data"];
    there.runs(&home, &reset).await.failed();
    let clock = [
        PROGRAM,
        "local",
        "clock",
        "--data-dir",
        "data",
        "--advance",
        "60",
    ];
    there.runs(&home, &clock).await.failed();
    here.runs(&home, &clock).await.succeeded();
    let domains = [PROGRAM, "list-domains", "--query", "length(domains)"];
    assert_eq!(there.runs(&home, &domains).await.succeeded(), "1\n");
    here.runs(&home, &reset).await.succeeded();
    assert_eq!(there.runs(&home, &domains).await.succeeded(), "0\n");
}

#[tokio::test]
async fn the_page_is_shown_on_its_own_machine_only() {
    let home = Home::new();
    let Some((here, there)) = machines(&home).await else {
        return;
    };
    let (_service, url) = here.serves(&home, &["--accept-plain-text"]).await;
    let authority = url.strip_prefix("http://").unwrap();
    let (host, port) = authority.split_once(':').unwrap();
    // bash's own connections are there wherever these tests are.
    let look = format!(
        "exec 3<>/dev/tcp/{host}/{port}; \
         printf 'GET / HTTP/1.1\\r\\nHost: {authority}\\r\\nConnection: close\\r\\n\\r\\n' >&3; cat <&3"
    );
    let page = here.runs(&home, &["bash", "-c", &look]).await.succeeded();
    assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
    let page = there.runs(&home, &["bash", "-c", &look]).await.succeeded();
    assert!(page.starts_with("HTTP/1.1 404 "), "{page}");
}

#[tokio::test]
async fn tls_is_served_to_another_machine_that_trusts_the_certificate() {
    let mut home = Home::new();
    let Some((here, there)) = machines(&home).await else {
        return;
    };
    for name in ["server", "other"] {
        let made = rcgen::generate_simple_self_signed([HERE.to_string()]).unwrap();
        home.write(&format!("{name}.pem"), made.cert.pem());
        home.write(&format!("{name}-key.pem"), made.signing_key.serialize_pem());
    }
    let tls = [
        "--tls-certificate",
        "server.pem",
        "--tls-key",
        "server-key.pem",
    ];
    let (_service, url) = here.serves(&home, &tls).await;
    assert!(url.starts_with(&format!("https://{HERE}:")), "{url}");
    lead(&mut home, &here).await;
    let create = [PROGRAM, "create-domain", "--domain", "my-domain"];
    there.runs(&home, &create).await.succeeded();
    let clock = [PROGRAM, "local", "clock", "--data-dir", "data"];
    here.runs(&home, &clock).await.succeeded();
    let other = home.path("other.pem").display().to_string();
    home.set("AWS_CA_BUNDLE", other);
    let domains = [PROGRAM, "list-domains"];
    there.runs(&home, &domains).await.failed();
}

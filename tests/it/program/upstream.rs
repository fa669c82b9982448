//! The machine's proxies and certificate authorities on the way to public repositories.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;

use crate::support::certified::{Certified, serve};
use crate::support::program::{Home, Serving};

/// What every public repository of this file says of the package `a`.
fn answer() -> String {
    let version = json!({"name": "a", "version": "1.0.0", "dist": {
        "tarball": "http://registry.example.test/a/-/a-1.0.0.tgz", "shasum": "00",
    }});
    let packument =
        json!({"name": "a", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}})
            .to_string();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{packument}",
        packument.len()
    )
}

/// Answers one request on a stream, once its first line has been told.
fn converse(stream: &mut (impl Read + Write), tell: impl FnOnce(&str)) {
    let mut buffer = [0; 8192];
    // The request has no body and fits; whoever does not trust us goes away.
    let count = stream.read(&mut buffer).unwrap_or_default();
    if count > 0 {
        let head = String::from_utf8_lossy(&buffer[..count]);
        tell(head.lines().next().unwrap_or_default());
        let _ = stream.write_all(answer().as_bytes());
        let _ = stream.flush();
    }
}

/// A service whose repository is connected to that address, in a home of its own.
fn connected(home: &mut Home, upstream: &str) -> Serving {
    let external = format!("public:npmjs={upstream}");
    let service = home.serve(&["--external", &external]);
    let repository = ["--domain", "my-domain", "--repository", "my-repo"];
    home.json(&["create-domain", "--domain", "my-domain"]);
    home.json(&[&["create-repository"][..], &repository].concat());
    let connection = ["--external-connection", "public:npmjs"];
    home.json(
        &[
            &["associate-external-connection"][..],
            &repository,
            &connection,
        ]
        .concat(),
    );
    service
}

/// The status and the body of what the service says of the package `a`.
fn packument(home: &Home, service: &Serving) -> (u16, String) {
    let token = home.json(&["get-authorization-token", "--domain", "my-domain"]);
    let token = token["authorizationToken"].as_str().unwrap();
    let authority = service.url.strip_prefix("http://").unwrap();
    let mut stream = std::net::TcpStream::connect(authority).unwrap();
    let head = format!(
        "GET /d/my-domain-111122223333/npm/my-repo/a HTTP/1.1\r\nhost: {authority}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer)
}

#[test]
fn the_proxy_is_asked() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let lines = Arc::clone(&asked);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            converse(&mut stream, |line| {
                lines.lock().unwrap().push(line.to_string());
            });
        }
    });
    let mut home = Home::new();
    home.set("http_proxy", &proxy);
    home.set("no_proxy", "127.0.0.1");
    let service = connected(&mut home, "http://registry.example.test/npm/");
    let (status, body) = packument(&home, &service);
    assert!(status == 200 && body.contains("\"1.0.0\""), "{body}");
    let asked = asked.lock().unwrap().join("\n");
    assert_eq!(asked, "GET http://registry.example.test/npm/a HTTP/1.1");
}

/// A public repository with a certificate of its own authority.
fn certified() -> Certified {
    serve(|stream| {
        converse(stream, |_| {});
        stream.conn.send_close_notify();
        let _ = stream.flush();
    })
}

#[test]
#[cfg(target_os = "linux")]
fn the_machines_authorities_are_trusted_and_no_others() {
    let (repository, other) = (certified(), certified());
    let url = repository.url + "/";
    for (trusted, expected) in [(repository.authority, 200), (other.authority, 502)] {
        let mut home = Home::new();
        home.write("authority.pem", &trusted);
        let file = home.file("authority.pem").display().to_string();
        home.set("SSL_CERT_FILE", &file);
        let service = connected(&mut home, &url);
        let (status, body) = packument(&home, &service);
        assert_eq!(status, expected, "{body}");
        assert_eq!(body.contains("certificate"), expected == 502, "{body}");
    }
}

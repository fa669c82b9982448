//! What holds for uploads and downloads of every format: wrong tokens, bodies that are cut short or
//! too large, other content under the same version, statuses, HEAD, paths that lead elsewhere.

use std::time::Duration;

use codeartifact::local::registry::quota::Quotas;
use codeartifact::local::registry::{Format, PackageId, Status};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use crate::support::crates::{crate_file, publish_request};
use crate::support::gems::gem;
use crate::support::local::{Local, Setup};
use crate::support::npm::{publish_document, tarball};
use crate::support::nuget::{archive, package};
use crate::support::pypi::wheel;

/// Version 1.0.0 of a package in one of the formats, as its client uploads it.
struct Publication {
    package: PackageId,
    version: &'static str,
    method: Method,
    path: &'static str,
    media_type: &'static str,
    body: Vec<u8>,
    /// The same version with other content.
    other: Vec<u8>,
    /// Where its asset is.
    asset: &'static str,
    /// What else has to come before it can be downloaded.
    end: Option<(&'static str, Vec<u8>)>,
}

fn form(head: &str, bytes: &[u8]) -> Vec<u8> {
    let head = head.replace('\n', "\r\n");
    [head.as_bytes(), bytes, b"\r\n--XX--\r\n"].concat()
}

fn npm(content: &str) -> Vec<u8> {
    let manifest = json!({"name": "a", "version": "1.0.0"});
    let archive = tarball(&manifest, &[("content", content.as_bytes())]);
    publish_document(&manifest, &archive, "latest")
        .to_string()
        .into_bytes()
}

fn pypi(dependencies: &[&str]) -> Vec<u8> {
    let (file, bytes) = wheel("a", "1.0", dependencies);
    let fields = [
        (":action", "file_upload"),
        ("protocol_version", "1"),
        ("name", "a"),
        ("version", "1.0"),
    ];
    let fields: String = fields
        .iter()
        .map(|(name, value)| {
            format!("--XX\nContent-Disposition: form-data; name=\"{name}\"\n\n{value}\n")
        })
        .collect();
    let head = format!(
        "{fields}--XX\nContent-Disposition: form-data; name=\"content\"; filename=\"{file}\"\nContent-Type: application/octet-stream\n\n"
    );
    form(&head, &bytes)
}

fn nuget(dependencies: &[(&str, &str)]) -> Vec<u8> {
    let head = "--XX\nContent-Disposition: form-data; name=package; filename=package.nupkg\nContent-Type: application/octet-stream\n\n";
    form(head, &package("a", "1.0.0", dependencies))
}

fn cargo(dependencies: &[(&str, &str)]) -> Vec<u8> {
    let needs: Vec<_> = dependencies
        .iter()
        .map(|(name, range)| json!({"name": name, "version_req": range, "kind": "normal"}))
        .collect();
    let description = json!({"name": "a", "vers": "1.0.0", "deps": needs, "features": {}});
    publish_request(&description, &crate_file("a", "1.0.0", dependencies))
}

fn swift(note: &str) -> Vec<u8> {
    let manifest = "// swift-tools-version:5.3\nimport PackageDescription\nlet package = Package(name: \"List\")\n";
    let files = [
        ("List/Package.swift", manifest.as_bytes()),
        ("List/Sources/List.swift", note.as_bytes()),
    ];
    let head = "--XX\nContent-Disposition: form-data; name=\"source-archive\"\nContent-Type: application/zip\nContent-Transfer-Encoding: binary\n\n";
    form(head, &archive(&files))
}

const FORM: &str = "multipart/form-data; boundary=XX";

/// One of each format that has an endpoint.
fn publications() -> Vec<Publication> {
    let id = PackageId::new;
    let metadata = b"<metadata><groupId>org.example</groupId><artifactId>a</artifactId><versioning><versions><version>1.0</version></versions></versioning></metadata>";
    vec![
        Publication {
            package: id(Format::Npm, None, "a"),
            version: "1.0.0",
            method: Method::PUT,
            path: "a",
            media_type: "application/json",
            body: npm("one"),
            other: npm("other"),
            asset: "a/-/a-1.0.0.tgz",
            end: None,
        },
        Publication {
            package: id(Format::Pypi, None, "a"),
            version: "1.0",
            method: Method::POST,
            path: "",
            media_type: FORM,
            body: pypi(&[]),
            other: pypi(&["six"]),
            asset: "simple/a/1.0/a-1.0-py3-none-any.whl",
            end: None,
        },
        Publication {
            package: id(Format::Maven, Some("org.example"), "a"),
            version: "1.0",
            method: Method::PUT,
            path: "org/example/a/1.0/a-1.0.jar",
            media_type: "application/octet-stream",
            body: b"classes and classes".to_vec(),
            other: b"other classes".to_vec(),
            asset: "org/example/a/1.0/a-1.0.jar",
            end: Some(("org/example/a/maven-metadata.xml", metadata.to_vec())),
        },
        Publication {
            package: id(Format::Nuget, None, "a"),
            version: "1.0.0",
            method: Method::PUT,
            path: "v2/package",
            media_type: FORM,
            body: nuget(&[]),
            other: nuget(&[("b", "1.0.0")]),
            asset: "v3/flatcontainer/a/1.0.0/a.1.0.0.nupkg",
            end: None,
        },
        Publication {
            package: id(Format::Cargo, None, "a"),
            version: "1.0.0",
            method: Method::PUT,
            path: "api/v1/crates/new",
            media_type: "application/octet-stream",
            body: cargo(&[]),
            other: cargo(&[("b", "1")]),
            asset: "api/v1/crates/a/1.0.0/download",
            end: None,
        },
        Publication {
            package: id(Format::Ruby, None, "a"),
            version: "1.0",
            method: Method::POST,
            path: "api/v1/gems",
            media_type: "application/octet-stream",
            body: gem(("a", "1.0", "ruby", &[])),
            other: gem(("a", "1.0", "ruby", &[("b", ">= 1")])),
            asset: "gems/a-1.0.gem",
            end: None,
        },
        Publication {
            package: id(Format::Swift, Some("mona"), "List"),
            version: "1.0.0",
            method: Method::PUT,
            path: "mona/List/1.0.0",
            media_type: FORM,
            body: swift("one"),
            other: swift("other"),
            asset: "mona/List/1.0.0.zip",
            end: None,
        },
    ]
}

/// A service with one repository, and clients that send what they are told.
struct Story {
    local: Local,
    client: Client,
    token: String,
}

impl Story {
    async fn with(quotas: Quotas) -> Story {
        // Fails when another test was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let local = Setup::new().quotas(quotas).start().await;
        local.repository("my-repo", &[], None).await;
        let client = Client::builder().no_proxy().build().unwrap();
        let token = local.token.clone();
        Story {
            local,
            client,
            token,
        }
    }

    async fn start() -> Story {
        Story::with(Quotas::default()).await
    }

    fn request(&self, method: Method, package: &PackageId, path: &str) -> RequestBuilder {
        let url = self.local.endpoint(package.format, "my-repo") + path;
        self.client
            .request(method, url)
            .basic_auth("aws", Some(&self.token))
    }

    /// The status and the answer to an upload.
    async fn uploads(&self, publication: &Publication, body: &[u8]) -> (u16, String) {
        let Publication {
            package,
            method,
            path,
            media_type,
            ..
        } = publication;
        let request = self
            .request(method.clone(), package, path)
            .header("content-type", *media_type)
            .body(body.to_vec());
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    async fn publishes(&self, publication: &Publication) {
        let (status, answer) = self.uploads(publication, &publication.body).await;
        let format = publication.package.format;
        assert!((200..300).contains(&status), "{format}: {status} {answer}");
        if let Some((path, body)) = &publication.end {
            let request = self.request(Method::PUT, &publication.package, path);
            let response = request.body(body.clone()).send().await.unwrap();
            assert_eq!(response.status(), 201, "{format}");
        }
    }

    async fn downloads(&self, method: Method, publication: &Publication) -> reqwest::Response {
        let request = self.request(method, &publication.package, publication.asset);
        request.send().await.unwrap()
    }

    /// Makes sure that nothing of a publication is stored, nor about to be.
    async fn has_nothing(&self, publication: &Publication) {
        let package = &publication.package;
        assert_eq!(
            self.local.versions("my-repo", package).await,
            [""; 0],
            "{}",
            package.format
        );
        for _ in 0..1000 {
            if self.local.staged().is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{}: {:?}", package.format, self.local.staged());
    }
}

#[tokio::test]
async fn wrong_tokens_are_refused() {
    let mut story = Story::start().await;
    for publication in publications() {
        let right = story.token.clone();
        let format = publication.package.format;
        for wrong in ["wrong", ""] {
            story.token = wrong.to_string();
            let response = story.downloads(Method::GET, &publication).await;
            assert_eq!(response.status(), 401, "{format}");
            assert!(
                response.headers().contains_key("www-authenticate"),
                "{format}"
            );
            let (status, _) = story.uploads(&publication, &publication.body).await;
            assert_eq!(status, 401, "{format}");
        }
        story.token = right;
        story.has_nothing(&publication).await;
    }
}

/// Uploads whose archives are none.
fn broken(publication: &Publication) -> Option<Vec<u8>> {
    match publication.package.format {
        Format::Npm => {
            let manifest = json!({"name": "a", "version": "1.0.0"});
            let document = publish_document(&manifest, b"no archive", "latest");
            Some(document.to_string().into_bytes())
        }
        Format::Cargo => {
            let description = json!({"name": "a", "vers": "1.0.0", "deps": [], "features": {}});
            Some(publish_request(&description, b"no archive"))
        }
        Format::Pypi => {
            let mut body = publication.body.clone();
            let begin = body.windows(2).position(|two| two == b"PK").unwrap();
            let end = body.len() - b"\r\n--XX--\r\n".len();
            body[begin..end].fill(0);
            Some(body)
        }
        _ => None,
    }
}

#[tokio::test]
async fn who_may_not_publish_is_told_so_whatever_is_sent() {
    let story = Story::start().await;
    for publication in publications() {
        if let Some(broken) = broken(&publication) {
            let (status, answer) = story.uploads(&publication, &broken).await;
            assert_eq!(status, 400, "{answer}");
        }
    }
    story
        .local
        .forbid("my-repo", "codeartifact:PublishPackageVersion")
        .await;
    for publication in publications() {
        let bodies = [Some(publication.body.clone()), broken(&publication)];
        for body in bodies.into_iter().flatten() {
            let (status, answer) = story.uploads(&publication, &body).await;
            let format = publication.package.format;
            assert_eq!(status, 403, "{format}: {answer}");
            assert!(
                answer.contains("codeartifact:PublishPackageVersion"),
                "{format}: {answer}"
            );
        }
        story.has_nothing(&publication).await;
    }
}

#[tokio::test]
async fn head_tells_what_get_sends() {
    let story = Story::start().await;
    for publication in publications() {
        let format = publication.package.format;
        let missing = story.downloads(Method::HEAD, &publication).await;
        assert_eq!(missing.status(), 404, "{format}");
        story.publishes(&publication).await;
        let got = story.downloads(Method::GET, &publication).await;
        let told = story.downloads(Method::HEAD, &publication).await;
        assert_eq!(
            (got.status().as_u16(), told.status().as_u16()),
            (200, 200),
            "{format}"
        );
        for name in ["content-length", "content-type", "etag", "accept-ranges"] {
            assert!(got.headers().contains_key(name), "{format} {name}");
            assert_eq!(got.headers()[name], told.headers()[name], "{format}");
        }
        let length = got.headers()["content-length"]
            .to_str()
            .unwrap()
            .to_string();
        assert_eq!(
            got.bytes().await.unwrap().len().to_string(),
            length,
            "{format}"
        );
        assert!(told.bytes().await.unwrap().is_empty(), "{format}");
    }
}

#[tokio::test]
async fn a_body_that_is_cut_short_leaves_nothing() {
    let story = Story::start().await;
    for publication in publications() {
        let url =
            url::Url::parse(&story.local.endpoint(publication.package.format, "my-repo")).unwrap();
        let url = url.join(publication.path).unwrap();
        let place = url.socket_addrs(|| None).unwrap()[0];
        let head = format!(
            "{} {} HTTP/1.1\r\nhost: {place}\r\nauthorization: Bearer {}\r\ncontent-type: {}\r\ncontent-length: {}\r\n\r\n",
            publication.method,
            url.path(),
            story.token,
            publication.media_type,
            publication.body.len()
        );
        // A form is whole with the word that ends it, whatever may follow.
        for sent in [0, publication.body.len() / 2, publication.body.len() - 9] {
            let mut stream = tokio::net::TcpStream::connect(place).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(&publication.body[..sent]).await.unwrap();
            stream.shutdown().await.unwrap();
            // The end of the connection comes when the service has seen that of the body.
            let mut answer = Vec::new();
            let _ = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut answer).await;
            let answer = String::from_utf8_lossy(&answer);
            assert!(
                !answer.starts_with("HTTP/1.1 2"),
                "{}: {answer}",
                publication.package.format
            );
        }
        story.has_nothing(&publication).await;
        story.publishes(&publication).await;
    }
}

#[tokio::test]
async fn an_asset_that_is_too_large_is_refused() {
    let story = Story::with(Quotas {
        asset_size: 10,
        ..Quotas::default()
    })
    .await;
    for publication in publications() {
        let (status, answer) = story.uploads(&publication, &publication.body).await;
        let format = publication.package.format;
        assert_eq!(status, 402, "{format}: {answer}");
        assert!(answer.contains("more than 10 bytes"), "{format}: {answer}");
        story.has_nothing(&publication).await;
    }
}

#[tokio::test]
async fn other_content_under_the_same_version_is_refused() {
    let story = Story::start().await;
    for publication in publications() {
        let format = publication.package.format;
        story.publishes(&publication).await;
        let before = story.downloads(Method::GET, &publication).await;
        let before = before.bytes().await.unwrap();
        let (status, answer) = story.uploads(&publication, &publication.other).await;
        assert_eq!(status, 409, "{format}: {answer}");
        assert!(answer.contains("already"), "{format}: {answer}");
        let after = story.downloads(Method::GET, &publication).await;
        assert!(after.bytes().await.unwrap() == before, "{format}");
        let versions = story.local.versions("my-repo", &publication.package).await;
        assert_eq!(versions, [publication.version], "{format}");
    }
}

#[tokio::test]
async fn statuses_decide_what_is_downloaded() {
    let story = Story::start().await;
    for publication in publications() {
        let (package, version) = (&publication.package, publication.version);
        story.publishes(&publication).await;
        for (status, answered) in [
            (Status::Unlisted, 200),
            (Status::Archived, 404),
            (Status::Published, 200),
        ] {
            story
                .local
                .set_status("my-repo", package, version, status)
                .await;
            let response = story.downloads(Method::GET, &publication).await;
            assert_eq!(response.status(), answered, "{} {status:?}", package.format);
        }
        // What is archived is not published again (guide, "Package version status").
        story
            .local
            .set_status("my-repo", package, version, Status::Archived)
            .await;
        let (status, answer) = story.uploads(&publication, &publication.body).await;
        assert_eq!(status, 409, "{}: {answer}", package.format);
    }
}

#[tokio::test]
async fn paths_that_lead_elsewhere_are_not_followed() {
    let story = Story::start().await;
    for publication in publications() {
        let package = &publication.package;
        let folders: Vec<&str> = publication.asset.split('/').collect();
        for at in 0..folders.len() {
            for climbing in [
                "..%2f..%2f..%2fregistry.sqlite",
                "%2e%2e%2f%2e%2e%2fetc",
                "..%5c..%5ca",
                "a%00b",
                "%ff%fe",
            ] {
                let mut path = folders.clone();
                path[at] = climbing;
                let path = path.join("/");
                for method in [Method::GET, publication.method.clone()] {
                    let request = story.request(method, package, &path).body("x");
                    let status = request.send().await.unwrap().status();
                    assert!(
                        status.is_client_error(),
                        "{} {path}: {status}",
                        package.format
                    );
                }
            }
        }
        story.has_nothing(&publication).await;
    }
}

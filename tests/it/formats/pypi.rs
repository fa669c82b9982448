//! The pypi format: indexes, files, uploads, external connections and faults.

use std::time::Duration;

use codeartifact::local::registry::page::PageRequest;
use codeartifact::local::registry::{Format, PackageId, Status};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use crate::support::fixture::Fixture;
use crate::support::local::{Local, Setup, repository};
use crate::support::pypi::wheel;

struct Pypi {
    client: Client,
    endpoint: String,
    token: String,
}

impl Pypi {
    fn of(local: &Local, repository: &str) -> Pypi {
        // Fails when another test was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Pypi {
            client: Client::builder().no_proxy().build().unwrap(),
            endpoint: local.endpoint(Format::Pypi, repository),
            token: local.token.clone(),
        }
    }

    async fn get(&self, url: &str, accept: &str) -> Response {
        let url = if url.starts_with("http:") {
            url.to_string()
        } else {
            format!("{}{url}", self.endpoint)
        };
        let request = self
            .client
            .get(url)
            .basic_auth("aws", Some(&self.token))
            .header("accept", accept);
        request.send().await.unwrap()
    }

    /// The files of a project by their names.
    async fn files(&self, project: &str) -> Vec<Value> {
        let response = self
            .get(
                &format!("simple/{project}/"),
                "application/vnd.pypi.simple.v1+json",
            )
            .await;
        assert_eq!(response.status(), 200);
        let index: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        let mut files = index["files"].as_array().unwrap().clone();
        files.sort_by_key(|file| file["filename"].to_string());
        files
    }

    async fn download(&self, file: &Value) -> Result<Vec<u8>, (StatusCode, String)> {
        let response = self.get(file["url"].as_str().unwrap(), "*/*").await;
        let status = response.status();
        let bytes = response.bytes().await.unwrap().to_vec();
        if status == 200 {
            Ok(bytes)
        } else {
            Err((status, String::from_utf8(bytes).unwrap()))
        }
    }

    async fn upload(
        &self,
        project: &str,
        version: &str,
        file: &str,
        bytes: &[u8],
    ) -> (StatusCode, String) {
        let mut body = Vec::new();
        for (name, value) in [
            (":action", "file_upload"),
            ("protocol_version", "1"),
            ("name", project),
            ("version", version),
        ] {
            body.extend(
                format!(
                    "--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                )
                .bytes(),
            );
        }
        let disposition = format!("form-data; name=\"content\"; filename=\"{file}\"");
        body.extend(format!("--XX\r\nContent-Disposition: {disposition}\r\nContent-Type: application/octet-stream\r\n\r\n").bytes());
        body.extend(bytes);
        body.extend(b"\r\n--XX--\r\n");
        let request = self
            .client
            .post(&self.endpoint)
            .basic_auth("aws", Some(&self.token));
        let request = request
            .header("content-type", "multipart/form-data; boundary=XX")
            .body(body);
        let response = request.send().await.unwrap();
        (response.status(), response.text().await.unwrap())
    }
}

fn id(name: &str) -> PackageId {
    PackageId::new(Format::Pypi, None, name)
}

async fn service(fixture: &Fixture) -> Local {
    let address = format!("{}simple", fixture.url);
    let local = Setup::new()
        .external("public:pypi", &address)
        .patience(Duration::from_secs(2))
        .start()
        .await;
    local
        .repository("pypi-store", &[], Some("public:pypi"))
        .await;
    local.repository("my-repo", &["pypi-store"], None).await;
    local
}

#[tokio::test]
async fn what_is_uploaded_can_be_downloaded() {
    let local = service(&Fixture::start().await).await;
    let pypi = Pypi::of(&local, "my-repo");
    let (name, bytes) = wheel("my-project", "1.0", &["six>=1"]);
    assert_eq!(pypi.upload("My.Project", "1.0", &name, &bytes).await.0, 200);
    let files = pypi.files("my_project").await;
    assert_eq!(files.len(), 1);
    assert_eq!(
        files[0]["url"],
        format!("{}simple/my-project/1.0/{name}", pypi.endpoint)
    );
    assert_eq!(pypi.download(&files[0]).await.unwrap(), bytes);
    let metadata = pypi
        .get(&format!("simple/my-project/1.0/{name}.metadata"), "*/*")
        .await
        .text()
        .await
        .unwrap();
    assert!(
        metadata.starts_with("Metadata-Version: 2.1\nName: my-project\n"),
        "{metadata}"
    );
    let page = pypi
        .get("simple/my-project/", "text/html")
        .await
        .text()
        .await
        .unwrap();
    assert!(
        page.contains(&format!(">{name}</a>")) && page.contains("#sha256="),
        "{page}"
    );
    let (_, facts) = local
        .registry
        .describe_version(
            &local.caller,
            &repository("my-repo"),
            &id("my-project"),
            "1.0",
        )
        .await
        .unwrap();
    assert_eq!(facts.dependencies[0].package, "six");
    assert_eq!(facts.readme.as_deref(), Some("# Readme"));
}

#[tokio::test]
async fn a_version_takes_further_files_but_no_other_content() {
    let local = service(&Fixture::start().await).await;
    let pypi = Pypi::of(&local, "my-repo");
    let (name, bytes) = wheel("a", "1.0", &[]);
    assert_eq!(pypi.upload("a", "1.0", &name, &bytes).await.0, 200);
    assert_eq!(pypi.upload("a", "1.0", &name, &bytes).await.0, 200);
    let (_, other) = wheel("a", "1.0", &["b"]);
    let (status, reason) = pypi.upload("a", "1.0", &name, &other).await;
    assert_eq!(status, 409);
    assert!(
        reason.contains("already exists with different content"),
        "{reason}"
    );
    assert_eq!(
        pypi.upload("a", "1.0", "a-1.0-cp311-none-any.whl", &other)
            .await
            .0,
        200
    );
    assert_eq!(pypi.files("a").await.len(), 2);
}

#[tokio::test]
async fn bad_uploads_leave_nothing_behind() {
    let local = service(&Fixture::start().await).await;
    let pypi = Pypi::of(&local, "my-repo");
    let (name, bytes) = wheel("a", "1.0", &[]);
    let (other, other_bytes) = wheel("b", "1.0", &[]);
    for (project, version, file, bytes) in [
        ("a", "1.0", name.as_str(), &other_bytes[..]),
        ("a", "1.0", &other, &bytes[..]),
        ("a", "1.1", &name, &bytes[..]),
        ("a", "1.0", &name, &bytes[..bytes.len() / 2]),
        ("a", "1.0", &name, b"nonsense"),
        ("a", "1.0", "../a-1.0-py3-none-any.whl", &bytes[..]),
        ("a/../b", "1.0", &name, &bytes[..]),
        ("", "1.0", &name, &bytes[..]),
    ] {
        let (status, reason) = pypi.upload(project, version, file, bytes).await;
        assert_eq!(status, 400, "{project} {version} {file}: {reason}");
    }
    assert_eq!(pypi.get("simple/a/", "*/*").await.status(), 404);
    assert_eq!(pypi.get("simple/", "*/*").await.status(), 404);
    assert_eq!(local.versions("my-repo", &id("a")).await, [""; 0]);
}

#[tokio::test]
async fn a_public_project_is_retained_and_goes_on_following_upstream() {
    let fixture = Fixture::start().await;
    let (name, bytes) = wheel("a", "1.0", &[]);
    fixture.offer_pypi("a", &[(&name, &bytes, "data-requires-python=\"&gt;=3\"")]);
    let local = service(&fixture).await;
    let pypi = Pypi::of(&local, "my-repo");
    let files = pypi.files("A").await;
    assert_eq!(files[0]["requires-python"], ">=3");
    assert_eq!(
        files[0]["url"],
        format!("{}simple/a/1.0/{name}", pypi.endpoint)
    );
    assert_eq!(pypi.download(&files[0]).await.unwrap(), bytes);
    for name in ["my-repo", "pypi-store"] {
        assert_eq!(local.versions(name, &id("a")).await, ["1.0"]);
    }
    // Another file comes to the version upstream, and the first one is yanked.
    let sdist = "a-1.0.tar.gz";
    fixture.offer_pypi(
        "a",
        &[
            (&name, &bytes, "data-yanked=\"broken\""),
            (sdist, b"an odd archive", ""),
        ],
    );
    local.clock.advance(31 * 60 * 1000);
    let files = pypi.files("a").await;
    assert_eq!(files[0]["yanked"], "broken");
    assert_eq!(files[1]["filename"], sdist);
    assert_eq!(pypi.download(&files[1]).await.unwrap(), b"an odd archive");
    // All of that is kept when the public index is gone.
    fixture.fail(Some(503));
    local.clock.advance(31 * 60 * 1000);
    let files = pypi.files("a").await;
    assert_eq!((files.len(), &files[0]["yanked"]), (2, &json!("broken")));
    assert_eq!(pypi.download(&files[0]).await.unwrap(), bytes);
}

#[tokio::test]
async fn metadata_comes_by_itself_without_the_wheel() {
    let fixture = Fixture::start().await;
    let (name, bytes) = wheel("a", "1.0", &[]);
    let metadata = "Metadata-Version: 2.1\nName: a\nVersion: 1.0\n\n";
    let sha256 = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(metadata));
    fixture.offer_pypi(
        "a",
        &[(
            &name,
            &bytes,
            &format!("data-core-metadata=\"sha256={sha256}\""),
        )],
    );
    fixture.put(&format!("files/{name}.metadata"), metadata);
    let local = service(&fixture).await;
    let pypi = Pypi::of(&local, "my-repo");
    let url = format!("simple/a/1.0/{name}.metadata");
    assert_eq!(pypi.get(&url, "*/*").await.text().await.unwrap(), metadata);
    assert_eq!(fixture.requests(&format!("files/{name}")), 0);
    assert_eq!(local.versions("my-repo", &id("a")).await, [""; 0]);
}

#[tokio::test]
async fn a_file_with_a_wrong_hash_and_a_failing_upstream() {
    let fixture = Fixture::start().await;
    let (name, bytes) = wheel("a", "1.0", &[]);
    fixture.offer_pypi("a", &[(&name, &bytes, "")]);
    fixture.put(&format!("files/{name}"), b"other".to_vec());
    let local = service(&fixture).await;
    let pypi = Pypi::of(&local, "my-repo");
    let files = pypi.files("a").await;
    let (status, reason) = pypi.download(&files[0]).await.unwrap_err();
    assert_eq!(status, 502);
    assert!(reason.contains("hash is not the one"), "{reason}");
    fixture.fail(Some(500));
    let response = pypi.get("simple/b/", "*/*").await;
    assert_eq!(response.status(), 502);
    assert!(response.text().await.unwrap().contains("answered 500"));
    assert_eq!(local.versions("pypi-store", &id("a")).await, [""; 0]);
}

#[tokio::test]
async fn statuses_decide_what_is_seen() {
    let fixture = Fixture::start().await;
    let (name, bytes) = wheel("a", "1.0", &[]);
    fixture.offer_pypi("a", &[(&name, &bytes, "")]);
    let local = service(&fixture).await;
    let pypi = Pypi::of(&local, "my-repo");
    let files = pypi.files("a").await;
    pypi.download(&files[0]).await.unwrap();
    for (status, downloads) in [(Status::Unlisted, true), (Status::Archived, false)] {
        local.set_status("my-repo", &id("a"), "1.0", status).await;
        assert!(pypi.files("a").await.is_empty());
        assert_eq!(
            pypi.download(&files[0]).await.is_ok(),
            downloads,
            "{status:?}"
        );
    }
}

#[tokio::test]
async fn a_version_that_is_public_cannot_be_published() {
    let fixture = Fixture::start().await;
    let (name, bytes) = wheel("a", "1.0", &[]);
    fixture.offer_pypi("a", &[(&name, &bytes, "")]);
    let local = service(&fixture).await;
    let pypi = Pypi::of(&local, "my-repo");
    let (status, reason) = pypi.upload("a", "1.0", &name, &bytes).await;
    assert_eq!(status, 409);
    assert!(reason.contains("external connection"), "{reason}");
}

#[tokio::test]
async fn all_files_of_a_version_come_with_one() {
    let fixture = Fixture::start().await;
    let (name, bytes) = wheel("a", "1.0", &[]);
    let (_, other) = wheel("a", "1.0", &["b"]);
    let (next, next_bytes) = wheel("a", "2.0", &[]);
    let wheels = [
        (name.as_str(), &bytes[..], ""),
        ("a-1.0-cp311-none-any.whl", &other[..], ""),
        (&next, &next_bytes, ""),
    ];
    fixture.offer_pypi("a", &wheels[1..]);
    let local = service(&fixture).await;
    let pypi = Pypi::of(&local, "my-repo");
    pypi.download(&pypi.files("a").await[0]).await.unwrap();
    // One that was added since comes when the project is looked at.
    fixture.offer_pypi("a", &wheels);
    local.clock.advance(31 * 60 * 1000);
    assert_eq!(pypi.files("a").await.len(), 3);
    local.wait_for("pypi-store", &id("a"), &["1.0"]).await;
    let stored = || async {
        let page = PageRequest::default();
        let (_, page) = local
            .registry
            .list_assets(&local.caller, &repository("my-repo"), &id("a"), "1.0", page)
            .await
            .unwrap();
        page.items.len()
    };
    while stored().await < 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

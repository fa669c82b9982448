//! The swift format, asked as SwiftPM asks it: its requests, header for header, and its checks of
//! the answers (swiftlang/swift-package-manager, `Sources/PackageRegistry/RegistryClient.swift`).

use std::io::Write as _;

use codeartifact::local::registry::{Format, PackageId, Status};
use reqwest::{Client, Method, RequestBuilder, Response, redirect};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::local::{Local, Setup, repository};

struct Swift {
    client: Client,
    endpoint: String,
    token: String,
}

/// What a publisher sends.
#[derive(Default)]
struct Form<'a> {
    archive: Option<&'a [u8]>,
    metadata: Option<&'a str>,
    signature: Option<&'a [u8]>,
    metadata_signature: Option<&'a [u8]>,
}

impl Swift {
    fn of(local: &Local, repository: &str) -> Swift {
        // Fails when another test was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Swift {
            client: Client::builder()
                .no_proxy()
                .redirect(redirect::Policy::none())
                .build()
                .unwrap(),
            endpoint: local.endpoint(Format::Swift, repository),
            token: local.token.clone(),
        }
    }

    /// A request with the token as `.netrc` has it.
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = match path.starts_with("http:") {
            true => path.to_string(),
            false => format!("{}{path}", self.endpoint),
        };
        self.client
            .request(method, url)
            .basic_auth("token", Some(&self.token))
    }

    async fn get(&self, path: &str, media_type: &str) -> Response {
        let accept = format!("application/vnd.swift.registry.v1+{media_type}");
        self.request(Method::GET, path)
            .header("accept", accept)
            .send()
            .await
            .unwrap()
    }

    /// A document, checked as SwiftPM checks it.
    async fn json(&self, path: &str) -> Value {
        let response = self.get(path, "json").await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(header(&response, "content-version"), "1");
        assert_eq!(header(&response, "content-type"), "application/json");
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
    }

    /// A refusal, as SwiftPM shows it.
    async fn refused(&self, response: Response) -> (u16, String) {
        let status = response.status().as_u16();
        assert_eq!(header(&response, "content-version"), "1");
        assert_eq!(
            header(&response, "content-type"),
            "application/problem+json"
        );
        let problem: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        (status, problem["detail"].as_str().unwrap().to_string())
    }

    async fn publish(&self, release: &str, form: Form<'_>) -> Response {
        let mut body = Vec::new();
        let parts: [(&str, &str, &str, Option<&[u8]>); 4] = [
            ("source-archive", "application/zip", "binary", form.archive),
            (
                "source-archive-signature",
                "application/octet-stream",
                "binary",
                form.signature,
            ),
            (
                "metadata",
                "application/json",
                "quoted-printable",
                form.metadata.map(str::as_bytes),
            ),
            (
                "metadata-signature",
                "application/octet-stream",
                "binary",
                form.metadata_signature,
            ),
        ];
        for (name, kind, encoding, bytes) in parts {
            let Some(bytes) = bytes else { continue };
            if !body.is_empty() {
                body.extend(b"\r\n");
            }
            body.extend(format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n").bytes());
            body.extend(bytes);
        }
        body.extend(b"\r\n--B--\r\n");
        let mut request = self
            .request(Method::PUT, release)
            .header("content-type", "multipart/form-data;boundary=\"B\"")
            .header("accept", "application/vnd.swift.registry.v1+json")
            .header("expect", "100-continue")
            .header("prefer", "respond-async");
        if form.signature.is_some() {
            request = request.header("x-swift-package-signature-format", "cms-1.0.0");
        }
        request.body(body).send().await.unwrap()
    }
}

#[track_caller]
fn header(response: &Response, name: &str) -> String {
    let value = response.headers().get(name);
    value
        .unwrap_or_else(|| panic!("{name}: {response:?}"))
        .to_str()
        .unwrap()
        .to_string()
}

/// The targets of a Link header and what it says of each.
fn links(response: &Response) -> Vec<(String, Vec<String>)> {
    let links = header(response, "link");
    let links = links.split(',').map(|link| {
        let mut fields = link.split(';').map(str::trim);
        let target = fields
            .next()
            .unwrap()
            .trim_start_matches('<')
            .trim_end_matches('>');
        (target.to_string(), fields.map(str::to_string).collect())
    });
    links.collect()
}

const MANIFEST: &str = "// swift-tools-version:5.3\nimport PackageDescription\n\nlet package = Package(name: \"List\", dependencies: [.package(id: \"octo.cat\", from: \"1.0.0\")])\n";
const NEWER: &str = "// swift-tools-version:5.9\nimport PackageDescription\n\nlet package = Package(name: \"List\")\n";

/// A source archive as `swift package archive-source` makes it.
fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, text) in files {
        writer
            .start_file(*path, zip::write::SimpleFileOptions::default())
            .unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn list(note: &str) -> Vec<u8> {
    archive(&[
        ("List/Package.swift", MANIFEST),
        ("List/Package@swift-5.9.swift", NEWER),
        ("List/Sources/List/List.swift", note),
        ("List/README.md", "# List\n"),
    ])
}

fn id(scope: &str, name: &str) -> PackageId {
    PackageId::new(Format::Swift, Some(scope), name)
}

async fn service() -> Local {
    let local = Setup::new().start().await;
    local.repository("shared", &[], None).await;
    local.repository("my-repo", &["shared"], None).await;
    local
}

#[tokio::test]
async fn a_package_is_published_resolved_and_downloaded() {
    let local = service().await;
    let swift = Swift::of(&local, "my-repo");
    // `swift package-registry login`.
    let login = swift.request(Method::POST, "login").send().await.unwrap();
    assert_eq!(login.status(), 200);
    // `swift package-registry publish Mona.List 1.0.0 --metadata-path …`, signed.
    let metadata = json!({
        "author": {"name": "Mona"}, "description": "A list", "licenseURL": "https://example.test/license",
        "originalPublicationTime": "2024-01-01T00:00:00Z",
        "repositoryURLs": ["https://git.example.test/Mona/List.git", "git@git.example.test:mona/list.git"],
    });
    let bytes = list("one");
    for (version, bytes) in [
        ("1.0.0", &bytes),
        ("1.1.0", &list("two")),
        ("2.0.0-rc.1", &list("three")),
    ] {
        let form = Form {
            archive: Some(bytes),
            metadata: Some(&metadata.to_string()),
            signature: Some(b"\x01\x02"),
            metadata_signature: Some(b"\x03"),
        };
        let published = swift.publish(&format!("Mona/List/{version}"), form).await;
        assert_eq!(published.status(), 201);
        assert_eq!(header(&published, "content-version"), "1");
        assert_eq!(
            header(&published, "location"),
            format!("{}Mona/List/{version}", swift.endpoint)
        );
    }

    // `swift package resolve`: the releases, whatever the case.
    let response = swift.get("mona/list", "json").await;
    let related = links(&response);
    assert_eq!(
        related[0],
        (
            format!("{}mona/list/1.1.0", swift.endpoint),
            vec!["rel=\"latest-version\"".to_string()]
        )
    );
    assert_eq!(related[1].1, ["rel=\"canonical\""]);
    let releases: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    let versions: Vec<&String> = releases["releases"].as_object().unwrap().keys().collect();
    assert_eq!(versions, ["2.0.0-rc.1", "1.1.0", "1.0.0"]);
    assert_eq!(swift.json("mona/list.json").await, releases);

    // The release, which tells the archive's hash and signature.
    let release = swift.json("Mona/List/1.0.0").await;
    let checksum = hex::encode(Sha256::digest(&bytes));
    assert_eq!(
        release["resources"],
        json!([{"name": "source-archive", "type": "application/zip", "checksum": checksum,
            "signing": {"signatureBase64Encoded": "AQI=", "signatureFormat": "cms-1.0.0"}}])
    );
    assert_eq!(
        (&release["id"], &release["metadata"]),
        (&json!("Mona.List"), &metadata)
    );

    // The manifests.
    let response = swift.get("Mona/List/1.0.0/Package.swift", "swift").await;
    assert_eq!(header(&response, "content-version"), "1");
    assert_eq!(header(&response, "content-type"), "text/x-swift");
    assert_eq!(
        header(&response, "content-disposition"),
        "attachment; filename=\"Package.swift\""
    );
    let alternates = links(&response);
    assert_eq!(response.text().await.unwrap(), MANIFEST);
    assert_eq!(
        alternates,
        [(
            format!(
                "{}Mona/List/1.0.0/Package.swift?swift-version=5.9",
                swift.endpoint
            ),
            [
                "rel=\"alternate\"",
                "filename=\"Package@swift-5.9.swift\"",
                "swift-tools-version=\"5.9\""
            ]
            .map(str::to_string)
            .to_vec()
        )]
    );
    for path in [
        alternates[0].0.as_str(),
        "Mona/List/1.0.0/Package.swift?swift-version=5.9.0",
    ] {
        assert_eq!(swift.get(path, "swift").await.text().await.unwrap(), NEWER);
    }
    let other = swift
        .get("Mona/List/1.0.0/Package.swift?swift-version=5.8", "swift")
        .await;
    assert_eq!(other.status(), 303);
    assert_eq!(
        header(&other, "location"),
        format!("{}Mona/List/1.0.0/Package.swift", swift.endpoint)
    );

    // The archive.
    let response = swift.get("Mona/List/1.0.0.zip", "zip").await;
    assert_eq!(header(&response, "content-version"), "1");
    assert_eq!(header(&response, "content-type"), "application/zip");
    assert_eq!(
        header(&response, "content-disposition"),
        "attachment; filename=\"List-1.0.0.zip\""
    );
    assert_eq!(header(&response, "x-swift-package-signature"), "AQI=");
    assert_eq!(
        header(&response, "x-swift-package-signature-format"),
        "cms-1.0.0"
    );
    assert!(header(&response, "digest").starts_with("sha-256="));
    assert_eq!(response.bytes().await.unwrap(), bytes);
    let head = swift
        .request(Method::HEAD, "Mona/List/1.0.0.zip")
        .send()
        .await
        .unwrap();
    assert_eq!(header(&head, "content-length"), bytes.len().to_string());

    // What the API says of it.
    let (_, facts) = local
        .registry
        .describe_version(
            &local.caller,
            &repository("my-repo"),
            &id("MONA", "list"),
            "1.0.0",
        )
        .await
        .unwrap();
    assert_eq!(facts.summary.as_deref(), Some("A list"));
    assert_eq!(facts.readme.as_deref(), Some("# List\n"));
    assert_eq!(
        facts.source_code_repository.as_deref(),
        Some("https://git.example.test/Mona/List.git")
    );
    let needed = &facts.dependencies[0];
    assert_eq!(
        (needed.namespace.as_deref(), needed.package.as_str()),
        (Some("octo"), "cat")
    );
}

#[tokio::test]
async fn a_source_repository_tells_its_package() {
    let local = service().await;
    let swift = Swift::of(&local, "shared");
    let metadata = r#"{"repositoryURLs": ["https://git.example.test/Mona/List"]}"#;
    let form = Form {
        archive: Some(&list("one")),
        metadata: Some(metadata),
        ..Form::default()
    };
    assert_eq!(swift.publish("Mona/List/1.0.0", form).await.status(), 201);
    // Also from downstream, and as dependencies name it.
    for repository in ["shared", "my-repo"] {
        let swift = Swift::of(&local, repository);
        for url in [
            "https://git.example.test/mona/list.git",
            "git@git.example.test:Mona/List.git",
        ] {
            let found = swift.json(&format!("identifiers?url={url}")).await;
            assert_eq!(found, json!({"identifiers": ["Mona.List"]}));
        }
    }
    for (path, status) in [
        ("identifiers?url=https://git.example.test/other", 404),
        ("identifiers", 400),
    ] {
        let response = swift.get(path, "json").await;
        assert_eq!(swift.refused(response).await.0, status, "{path}");
    }
}

#[tokio::test]
async fn a_release_from_upstream_is_retained_with_its_archive() {
    let local = service().await;
    let bytes = list("one");
    let form = Form {
        archive: Some(&bytes),
        ..Form::default()
    };
    let published = Swift::of(&local, "shared")
        .publish("mona/list/1.0.0", form)
        .await;
    assert_eq!(published.status(), 201);
    let swift = Swift::of(&local, "my-repo");
    swift.json("mona/list").await;
    let manifest = swift
        .get("mona/list/1.0.0/Package.swift?swift-version=5.9", "swift")
        .await;
    assert_eq!(manifest.text().await.unwrap(), NEWER);
    assert_eq!(
        local.versions("my-repo", &id("mona", "list")).await,
        [""; 0]
    );
    let response = swift.get("mona/list/1.0.0.zip", "zip").await;
    assert_eq!(response.bytes().await.unwrap(), bytes);
    assert_eq!(
        local.versions("my-repo", &id("mona", "list")).await,
        ["1.0.0"]
    );
    // A package that came from upstream is not published here.
    let form = Form {
        archive: Some(&list("other")),
        ..Form::default()
    };
    let (status, detail) = swift
        .refused(swift.publish("Mona/List/1.0.0", form).await)
        .await;
    assert_eq!(status, 409);
    assert!(detail.contains("origin controls"), "{detail}");
}

#[tokio::test]
async fn bad_releases_leave_nothing_behind() {
    let local = service().await;
    let swift = Swift::of(&local, "my-repo");
    let whole = list("one");
    let fine = |bytes| Form {
        archive: Some(bytes),
        ..Form::default()
    };
    for (release, form, status) in [
        ("mo_na/list/1.0.0", fine(&whole), 400),
        ("mona/-list/1.0.0", fine(&whole), 400),
        ("mona/list/1.0", fine(&whole), 400),
        ("mona/list/1.0.0", Form::default(), 422),
        ("mona/list/1.0.0", fine(b"nonsense"), 422),
        ("mona/list/1.0.0", fine(&whole[..whole.len() / 2]), 422),
        (
            "mona/list/1.0.0",
            fine(&archive(&[("a/b/Package.swift", MANIFEST)])),
            422,
        ),
        (
            "mona/list/1.0.0",
            fine(&archive(&[("Package.swift", MANIFEST), ("../x", "")])),
            422,
        ),
        (
            "mona/list/1.0.0",
            Form {
                metadata: Some("{"),
                ..fine(&whole)
            },
            422,
        ),
        (
            "mona/list/1.0.0",
            Form {
                metadata: Some(r#"{"repositoryURLs": 1}"#),
                ..fine(&whole)
            },
            422,
        ),
        (
            "mona/list/1.0.0",
            Form {
                metadata_signature: Some(b"x"),
                ..fine(&whole)
            },
            422,
        ),
    ] {
        let response = swift.publish(release, form).await;
        let (found, detail) = swift.refused(response).await;
        assert_eq!(found, status, "{release}: {detail}");
    }
    assert_eq!(
        local.versions("my-repo", &id("mona", "list")).await,
        [""; 0]
    );
    for (path, kind, status) in [
        ("mona/list", "json", 404),
        ("mona/list/1.0.0", "json", 404),
        ("mona/list/1.0.0.zip", "zip", 404),
        ("mona/list/1.0.0/Package.swift", "swift", 404),
        ("mona/..%2fx", "json", 400),
        ("a/b/c/d/e", "json", 404),
        ("mona/list", "zip", 415),
    ] {
        let response = swift.get(path, kind).await;
        assert_eq!(swift.refused(response).await.0, status, "{path}");
    }
    for (accept, status) in [
        ("application/vnd.swift.registry.v2+json", 415),
        ("application/vnd.swift.registry.vx+json", 400),
    ] {
        let response = swift
            .request(Method::GET, "mona/list")
            .header("accept", accept)
            .send()
            .await
            .unwrap();
        assert_eq!(swift.refused(response).await.0, status, "{accept}");
    }
    let deleted = swift
        .request(Method::DELETE, "mona/list/1.0.0")
        .send()
        .await
        .unwrap();
    assert_eq!(swift.refused(deleted).await.0, 405);
}

#[tokio::test]
async fn releases_do_not_change_and_statuses_decide_what_is_seen() {
    let local = service().await;
    let swift = Swift::of(&local, "my-repo");
    let form = |bytes| Form {
        archive: Some(bytes),
        ..Form::default()
    };
    let (one, other) = (list("one"), list("other"));
    assert_eq!(
        swift.publish("mona/list/1.0.0", form(&one)).await.status(),
        201
    );
    // The same again changes nothing (guide, "Overwriting package assets").
    assert_eq!(
        swift.publish("mona/list/1.0.0", form(&one)).await.status(),
        201
    );
    let (status, detail) = swift
        .refused(swift.publish("mona/list/1.0.0", form(&other)).await)
        .await;
    assert_eq!(status, 409);
    assert!(
        detail.contains("already exists with different content"),
        "{detail}"
    );
    for (status, code) in [(Status::Unlisted, 200), (Status::Archived, 404)] {
        local
            .set_status("my-repo", &id("mona", "list"), "1.0.0", status)
            .await;
        assert_eq!(swift.get("mona/list", "json").await.status(), 404);
        for (path, kind) in [
            ("mona/list/1.0.0", "json"),
            ("mona/list/1.0.0/Package.swift", "swift"),
            ("mona/list/1.0.0.zip", "zip"),
        ] {
            assert_eq!(
                swift.get(path, kind).await.status(),
                code,
                "{path} {status:?}"
            );
        }
    }
}

#[tokio::test]
async fn curl_publishes_as_the_guide_tells_and_a_wrong_token_is_refused() {
    let local = service().await;
    let mut swift = Swift::of(&local, "my-repo");
    // `curl --user aws:TOKEN -F source-archive=@list.zip`: with a file name.
    let mut body = b"--X\r\nContent-Disposition: form-data; name=\"source-archive\"; filename=\"list.zip\"\r\nContent-Type: application/zip\r\n\r\n".to_vec();
    body.extend(list("one"));
    body.extend(b"\r\n--X--\r\n");
    let url = format!("{}my-scope/list/1.0.0", swift.endpoint);
    let published = swift
        .client
        .put(url)
        .basic_auth("aws", Some(&swift.token))
        .header("accept", "application/vnd.swift.registry.v1+json")
        .header("content-type", "multipart/form-data; boundary=X")
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(published.status(), 201);
    assert_eq!(
        local.versions("my-repo", &id("my-scope", "list")).await,
        ["1.0.0"]
    );
    swift.token = "wrong".to_string();
    for (method, path) in [
        (Method::POST, "login"),
        (Method::GET, "my-scope/list"),
        (Method::PUT, "my-scope/list/1.0.1"),
    ] {
        let response = swift.request(method, path).send().await.unwrap();
        assert_eq!(response.status(), 401, "{path}");
        // Asked for `Basic`, Swift waits for ever on Linux.
        let challenge = header(&response, "www-authenticate");
        assert!(challenge.starts_with("Bearer realm="), "{challenge}");
    }
}

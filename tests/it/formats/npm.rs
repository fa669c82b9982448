//! The npm format: publications, packuments, tarballs, tags, external connections and faults.

use std::time::Duration;

use codeartifact::local::registry::{Format, PackageId};
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::support::fixture::Fixture;
use crate::support::local::{Local, Setup, repository};
use crate::support::npm::{publish_document, tarball};

/// A client of one repository.
struct Npm {
    client: Client,
    endpoint: String,
    token: String,
}

impl Npm {
    fn of(local: &Local, repository: &str) -> Npm {
        // Fails when another test was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Npm {
            client: Client::builder().no_proxy().build().unwrap(),
            endpoint: local.endpoint(Format::Npm, repository),
            token: local.token.clone(),
        }
    }

    async fn send(&self, method: Method, path: &str, body: Option<String>) -> Response {
        let request = self
            .client
            .request(method, format!("{}{path}", self.endpoint))
            .bearer_auth(&self.token);
        request.body(body.unwrap_or_default()).send().await.unwrap()
    }

    async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path, None).await
    }

    async fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&self.bytes(path).await).unwrap()
    }

    async fn bytes(&self, path: &str) -> Vec<u8> {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.bytes().await.unwrap().to_vec()
    }

    /// The status and the reason that npm shows.
    async fn refused(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> (StatusCode, String) {
        let response = self.send(method, path, body).await;
        let (status, body) = (response.status(), response.bytes().await.unwrap());
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        (
            status,
            body["error"].as_str().unwrap_or_default().to_string(),
        )
    }

    async fn publish(&self, manifest: &Value, tarball: &[u8]) -> (StatusCode, String) {
        let path = manifest["name"].as_str().unwrap().replace('/', "%2f");
        let document = publish_document(manifest, tarball, "latest").to_string();
        self.refused(Method::PUT, &path, Some(document)).await
    }
}

fn manifest(name: &str, version: &str) -> Value {
    json!({"name": name, "version": version, "description": "A test"})
}

fn package(name: &str, version: &str) -> (Value, Vec<u8>) {
    let manifest = manifest(name, version);
    let tarball = tarball(&manifest, &[("README.md", b"# A readme\n")]);
    (manifest, tarball)
}

/// Bytes that do not compress, always the same ones.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}

fn id(name: &str) -> PackageId {
    PackageId::new(Format::Npm, None, name)
}

const CONNECTION: Option<&str> = Some("public:npmjs");

/// A service whose repository `my-repo` has upstreams in between and a connection at their end.
async fn connected(fixture: &Fixture) -> Local {
    let local = Setup::new()
        .external("public:npmjs", &fixture.url)
        .patience(Duration::from_secs(2))
        .start()
        .await;
    local.repository("npm-store", &[], CONNECTION).await;
    local.repository("between", &["npm-store"], None).await;
    local.repository("my-repo", &["between"], None).await;
    local
}

#[tokio::test]
async fn what_is_published_can_be_installed() {
    let local = Setup::new().start().await;
    local.repository("my-repo", &[], None).await;
    let npm = Npm::of(&local, "my-repo");
    let (manifest, tarball) = package("@scope/a", "1.0.0");
    assert_eq!(npm.publish(&manifest, &tarball).await.0, 201);
    let packument = npm.json("@scope%2fa").await;
    let address = format!("{}@scope/a/-/a-1.0.0.tgz", npm.endpoint);
    assert_eq!(packument["versions"]["1.0.0"]["dist"]["tarball"], address);
    assert_eq!(packument["dist-tags"], json!({"latest": "1.0.0"}));
    assert_eq!(npm.bytes("@scope/a/-/a-1.0.0.tgz").await, tarball);
    assert_eq!(npm.json("@scope%2fa/latest").await["version"], "1.0.0");
    let id = PackageId::new(Format::Npm, Some("scope"), "a");
    let (_, facts) = local
        .registry
        .describe_version(&local.caller, &repository("my-repo"), &id, "1.0.0")
        .await
        .unwrap();
    assert_eq!(facts.summary.as_deref(), Some("A test"));
    assert_eq!(facts.readme.as_deref(), Some("# A readme\n"));
}

#[tokio::test]
async fn other_content_under_the_same_version_is_refused() {
    let local = Setup::new().start().await;
    local.repository("my-repo", &[], None).await;
    let npm = Npm::of(&local, "my-repo");
    let (manifest, first) = package("a", "1.0.0");
    assert_eq!(npm.publish(&manifest, &first).await.0, 201);
    let (status, reason) = npm.publish(&manifest, &tarball(&manifest, &[])).await;
    assert_eq!(status, 409);
    assert!(reason.contains("already exists"), "{reason}");
    assert_eq!(npm.bytes("a/-/a-1.0.0.tgz").await, first);
    // The same once more changes nothing (guide, "Overwriting package assets").
    assert_eq!(npm.publish(&manifest, &first).await.0, 201);
}

#[tokio::test]
async fn bad_publications_leave_nothing_behind() {
    let local = Setup::new().start().await;
    local.repository("my-repo", &[], None).await;
    let npm = Npm::of(&local, "my-repo");
    let (right, whole) = package("a", "1.0.0");
    let document = |tarball: &[u8]| publish_document(&right, tarball, "latest");
    let mut forged = document(&whole);
    forged["versions"]["1.0.0"]["dist"]["integrity"] =
        document(b"other")["versions"]["1.0.0"]["dist"]["integrity"].clone();
    let (_, other_name) = package("b", "1.0.0");
    let (_, other_version) = package("a", "1.0.1");
    let cut_short = document(&whole).to_string();
    for (body, expected) in [
        (forged.to_string(), "hash is not the one"),
        (document(&other_name).to_string(), "gives the name `b`"),
        (
            document(&other_version).to_string(),
            "gives the version `1.0.1`",
        ),
        (document(b"nonsense").to_string(), "archive cannot be read"),
        (
            document(&whole[..whole.len() / 2]).to_string(),
            "archive cannot be read",
        ),
        (document(b"").to_string(), "the tarball is empty"),
        (cut_short[..cut_short.len() - 9].to_string(), "cut short"),
        ("{}".to_string(), "has no name"),
    ] {
        let (status, reason) = npm.refused(Method::PUT, "a", Some(body)).await;
        assert_eq!(status, 400, "{reason}");
        assert!(reason.contains(expected), "{reason}");
    }
    assert_eq!(npm.get("a").await.status(), 404);
    assert_eq!(local.versions("my-repo", &id("a")).await, [""; 0]);
}

#[tokio::test]
async fn a_token_is_needed() {
    let local = Setup::new().start().await;
    local.repository("my-repo", &[], None).await;
    let mut npm = Npm::of(&local, "my-repo");
    assert_eq!(npm.bytes("-/ping?write=true").await, b"{}");
    npm.token = "wrong".to_string();
    assert_eq!(npm.get("-/ping").await.status(), 401);
    assert_eq!(npm.publish(&manifest("a", "1.0.0"), b"").await.0, 401);
}

#[tokio::test]
async fn what_npm_asks_for_in_vain() {
    let local = Setup::new().start().await;
    local.repository("my-repo", &[], None).await;
    let npm = Npm::of(&local, "my-repo");
    let (manifest, tarball) = package("a", "1.0.0");
    npm.publish(&manifest, &tarball).await;
    for (method, path, status) in [
        (Method::GET, "-/v1/search?text=a", 404),
        (Method::GET, "-/whoami", 404),
        (Method::POST, "-/npm/v1/security/advisories/bulk", 404),
        (Method::POST, "-/npm/v1/security/audits/quick", 404),
        (Method::PUT, "-/user/org.couchdb.user:a", 404),
        (Method::PUT, "a/-rev/1-0", 405),
        (Method::DELETE, "a/-rev/1-0", 405),
        (Method::DELETE, "a/-/a-1.0.0.tgz/-rev/1-0", 405),
        (Method::GET, "a/2.0.0", 404),
        (Method::GET, "a/-/a-2.0.0.tgz", 404),
        (Method::GET, "b", 404),
        (Method::GET, "..%2f..%2fetc%2fpasswd", 404),
    ] {
        let (answered, reason) = npm.refused(method, path, None).await;
        assert_eq!(answered, status, "{path}");
        assert!(!reason.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn tags_are_added_moved_and_removed() {
    let local = Setup::new().start().await;
    local.repository("my-repo", &[], None).await;
    let npm = Npm::of(&local, "my-repo");
    for version in ["1.0.0", "1.1.0"] {
        let (manifest, tarball) = package("a", version);
        assert_eq!(npm.publish(&manifest, &tarball).await.0, 201);
    }
    let tags = "-/package/a/dist-tags";
    assert_eq!(npm.json(tags).await, json!({"latest": "1.1.0"}));
    let set = async |tag: &str, version: &str| {
        let path = format!("{tags}/{tag}");
        npm.send(Method::PUT, &path, Some(json!(version).to_string()))
            .await
    };
    assert_eq!(set("stable", "1.0.0").await.status(), 201);
    assert_eq!(
        npm.json(tags).await,
        json!({"latest": "1.1.0", "stable": "1.0.0"})
    );
    assert_eq!(npm.json("a/stable").await["version"], "1.0.0");
    assert_eq!(set("stable", "9.9.9").await.status(), 404);
    assert_eq!(set("1.0", "1.0.0").await.status(), 400);
    assert_eq!(
        npm.send(Method::DELETE, &format!("{tags}/stable"), None)
            .await
            .status(),
        200
    );
    assert_eq!(
        npm.send(Method::DELETE, &format!("{tags}/stable"), None)
            .await
            .status(),
        404
    );
    assert_eq!(
        npm.send(Method::DELETE, &format!("{tags}/latest"), None)
            .await
            .status(),
        400
    );
    assert_eq!(npm.json(tags).await, json!({"latest": "1.1.0"}));
}

#[tokio::test]
async fn versions_are_deprecated_by_sending_the_packument_back() {
    let local = Setup::new().start().await;
    local.repository("my-repo", &[], None).await;
    let npm = Npm::of(&local, "my-repo");
    let (manifest, tarball) = package("a", "1.0.0");
    npm.publish(&manifest, &tarball).await;
    let mut packument = npm.json("a?write=true").await;
    packument["versions"]["1.0.0"]["deprecated"] = json!("use b");
    assert_eq!(
        npm.refused(Method::PUT, "a", Some(packument.to_string()))
            .await
            .0,
        201
    );
    assert_eq!(
        npm.json("a").await["versions"]["1.0.0"]["deprecated"],
        "use b"
    );
    packument["versions"]["1.0.0"]["deprecated"] = json!("");
    assert_eq!(
        npm.refused(Method::PUT, "a", Some(packument.to_string()))
            .await
            .0,
        201
    );
    assert_eq!(
        npm.json("a").await["versions"]["1.0.0"].get("deprecated"),
        None
    );
    // Without its versions the same request would be the first half of `npm unpublish`.
    packument["versions"] = json!({});
    assert_eq!(
        npm.refused(Method::PUT, "a", Some(packument.to_string()))
            .await
            .0,
        405
    );
    assert_eq!(npm.bytes("a/-/a-1.0.0.tgz").await, tarball);
}

#[tokio::test]
async fn a_public_package_is_retained_at_both_ends() {
    let fixture = Fixture::start().await;
    let (old, new) = (package("a", "1.0.0"), package("a", "1.1.0"));
    fixture.offer_npm("a", &[old, new.clone()]);
    let local = connected(&fixture).await;
    let npm = Npm::of(&local, "my-repo");
    let packument = npm.json("a").await;
    assert_eq!(packument["versions"].as_object().unwrap().len(), 2);
    assert_eq!(packument["time"]["1.1.0"], "2020-10-14T11:06:10.370Z");
    assert_eq!(
        packument["versions"]["1.1.0"]["dist"]["tarball"],
        format!("{}a/-/a-1.1.0.tgz", npm.endpoint)
    );
    assert_eq!(npm.bytes("a/-/a-1.1.0.tgz").await, new.1);
    assert_eq!(local.versions("my-repo", &id("a")).await, ["1.1.0"]);
    assert_eq!(local.versions("between", &id("a")).await, [""; 0]);
    assert_eq!(local.versions("npm-store", &id("a")).await, ["1.1.0"]);
    let (version, facts) = local
        .registry
        .describe_version(&local.caller, &repository("my-repo"), &id("a"), "1.1.0")
        .await
        .unwrap();
    assert_eq!(version.origin.type_name(), "EXTERNAL");
    assert_eq!(facts.readme.as_deref(), Some("# A readme\n"));
    assert_eq!(npm.bytes("a/-/a-1.1.0.tgz").await, new.1);
    assert_eq!(fixture.requests("a/-/a-1.1.0.tgz"), 1);
}

#[tokio::test]
async fn an_upstream_that_fails_serves_what_is_stored() {
    let fixture = Fixture::start().await;
    let (old, new) = (package("a", "1.0.0"), package("a", "1.1.0"));
    fixture.offer_npm("a", &[old.clone(), new]);
    let local = connected(&fixture).await;
    let npm = Npm::of(&local, "my-repo");
    npm.bytes("a/-/a-1.0.0.tgz").await;
    fixture.fail(Some(500));
    // What was fetched before is still offered after its lifetime; what is new cannot be had.
    local.clock.advance(60 * 60 * 1000);
    assert_eq!(npm.json("a").await["versions"]["1.0.0"]["version"], "1.0.0");
    assert_eq!(npm.bytes("a/-/a-1.0.0.tgz").await, old.1);
    for path in ["a/-/a-1.1.0.tgz", "b"] {
        let (status, reason) = npm.refused(Method::GET, path, None).await;
        assert_eq!(status, 502);
        assert!(reason.contains("answered 500"), "{reason}");
    }
    let log = local.log();
    assert!(log.contains("serving what was fetched before"), "{log}");
}

#[tokio::test]
async fn an_upstream_that_hangs_is_given_up() {
    let fixture = Fixture::start().await;
    fixture.hang();
    let local = Setup::new()
        .external("public:npmjs", &fixture.url)
        .patience(Duration::from_millis(100))
        .start()
        .await;
    local.repository("my-repo", &[], CONNECTION).await;
    let (status, reason) = Npm::of(&local, "my-repo")
        .refused(Method::GET, "a", None)
        .await;
    assert_eq!(status, 502);
    assert!(
        reason.contains("timed out") || reason.contains("does not answer"),
        "{reason}"
    );
}

#[tokio::test]
async fn a_tarball_with_a_wrong_hash_is_not_stored() {
    let fixture = Fixture::start().await;
    fixture.offer_npm("a", &[package("a", "1.0.0")]);
    fixture.put("a/-/a-1.0.0.tgz", package("a", "1.0.1").1);
    let local = connected(&fixture).await;
    let npm = Npm::of(&local, "my-repo");
    let (status, reason) = npm.refused(Method::GET, "a/-/a-1.0.0.tgz", None).await;
    assert_eq!(status, 502);
    assert!(
        reason.contains("hash is not the one that the upstream gives"),
        "{reason}"
    );
    for repository in ["my-repo", "npm-store"] {
        assert_eq!(local.versions(repository, &id("a")).await, [""; 0]);
    }
    assert!(local.log().contains("hash is not the one"));
}

#[tokio::test]
async fn a_large_tarball_is_sent_while_it_arrives_and_cut_short_when_it_is_wrong() {
    let fixture = Fixture::start().await;
    let body = noise(12 << 20);
    let large = |version: &str| {
        let manifest = manifest("a", version);
        let tarball = tarball(&manifest, &[("large", &body)]);
        (manifest, tarball)
    };
    let (right, mut wrong) = (large("1.0.0"), large("2.0.0"));
    fixture.offer_npm("a", &[right.clone(), wrong.clone()]);
    let end = wrong.1.len() - 9;
    wrong.1[end] ^= 1;
    fixture.put("a/-/a-2.0.0.tgz", wrong.1);
    let local = connected(&fixture).await;
    let npm = Npm::of(&local, "my-repo");
    let (one, other) = tokio::join!(npm.bytes("a/-/a-1.0.0.tgz"), npm.bytes("a/-/a-1.0.0.tgz"));
    assert!(one == right.1 && other == right.1);
    assert_eq!(fixture.requests("a/-/a-1.0.0.tgz"), 1);
    let response = npm.get("a/-/a-2.0.0.tgz").await;
    // Either way no whole asset arrives: refused at once, or cut short before its last byte.
    assert!(response.status() == 502 || response.bytes().await.is_err());
    assert_eq!(local.versions("my-repo", &id("a")).await, ["1.0.0"]);
}

#[tokio::test]
async fn many_clients_make_one_request() {
    let fixture = Fixture::start().await;
    let offered = package("a", "1.0.0");
    fixture.offer_npm("a", std::slice::from_ref(&offered));
    let local = connected(&fixture).await;
    let npm = Npm::of(&local, "my-repo");
    let all = futures_util::future::join_all((0..16).map(|_| npm.bytes("a/-/a-1.0.0.tgz")));
    for tarball in all.await {
        assert_eq!(tarball, offered.1);
    }
    assert_eq!(
        (fixture.requests("a"), fixture.requests("a/-/a-1.0.0.tgz")),
        (1, 1)
    );
}

#[tokio::test]
async fn a_version_that_is_public_cannot_be_published() {
    let fixture = Fixture::start().await;
    let (public, own) = (package("a", "1.0.0"), package("a", "1.0.1"));
    fixture.offer_npm("a", std::slice::from_ref(&public));
    let local = connected(&fixture).await;
    let npm = Npm::of(&local, "my-repo");
    let (status, reason) = npm.publish(&public.0, &public.1).await;
    assert_eq!(status, 409);
    assert!(
        reason.contains("external connection public:npmjs"),
        "{reason}"
    );
    assert_eq!(npm.publish(&own.0, &own.1).await.0, 201);
}

#[tokio::test]
async fn a_tarball_elsewhere_on_this_machine_is_not_fetched() {
    let (fixture, inner) = (Fixture::start().await, Fixture::start().await);
    let offered = package("a", "1.0.0");
    inner.offer_npm("a", std::slice::from_ref(&offered));
    let mut packument = json!({"name": "a", "versions": {}});
    let address = format!("{}a/-/a-1.0.0.tgz", inner.url);
    packument["versions"]["1.0.0"] =
        crate::support::npm::published(&offered.0, &offered.1, &address);
    fixture.put("a", packument.to_string());
    let local = connected(&fixture).await;
    let (status, reason) = Npm::of(&local, "my-repo")
        .refused(Method::GET, "a/-/a-1.0.0.tgz", None)
        .await;
    assert_eq!(status, 502);
    assert!(reason.contains("leads to this machine"), "{reason}");
    assert_eq!(inner.requests("a/-/a-1.0.0.tgz"), 0);
}

#[tokio::test]
async fn a_packument_is_sent_once() {
    let local = Setup::new().start().await;
    local.repository("my-repo", &[], None).await;
    let npm = Npm::of(&local, "my-repo");
    let (manifest, tarball) = package("a", "1.0.0");
    npm.publish(&manifest, &tarball).await;
    let first = npm.get("a").await;
    let etag = first.headers()["etag"].clone();
    let again = npm
        .client
        .get(format!("{}a", npm.endpoint))
        .bearer_auth(&npm.token)
        .header("if-none-match", etag);
    assert_eq!(again.send().await.unwrap().status(), 304);
    let part = npm
        .client
        .get(format!("{}a/-/a-1.0.0.tgz", npm.endpoint))
        .bearer_auth(&npm.token)
        .header("range", "bytes=2-5");
    let part = part.send().await.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(part.bytes().await.unwrap(), tarball[2..6]);
}

#[tokio::test]
async fn dependencies_come_in_behind() {
    let fixture = Fixture::start().await;
    let needing = |name: &str, version: &str, needs: Value| {
        let mut manifest = manifest(name, version);
        manifest["dependencies"] = needs;
        let tarball = tarball(&manifest, &[]);
        (manifest, tarball)
    };
    fixture.offer_npm(
        "tree",
        &[needing("tree", "1.0.0", json!({"@s/branch": "^1.0.0"}))],
    );
    let branch = |version| needing("@s/branch", version, json!({"leaf": "1.x", "tree": "1"}));
    fixture.offer_npm(
        "@s/branch",
        &[branch("1.0.0"), branch("1.5.0"), branch("2.0.0")],
    );
    fixture.offer_npm("leaf", &[package("leaf", "1.2.0")]);
    let local = connected(&fixture).await;
    let npm = Npm::of(&local, "my-repo");
    npm.bytes("tree/-/tree-1.0.0.tgz").await;
    let branch = PackageId::new(Format::Npm, Some("s"), "branch");
    for name in ["my-repo", "npm-store"] {
        local.wait_for(name, &id("leaf"), &["1.2.0"]).await;
        local.wait_for(name, &branch, &["1.5.0", "2.0.0"]).await;
    }
    assert_eq!(fixture.requests("tree/-/tree-1.0.0.tgz"), 1);
}

#[tokio::test]
async fn a_public_version_cannot_be_published_without_reading() {
    let fixture = Fixture::start().await;
    fixture.offer_npm("a", &[package("a", "1.0.0")]);
    let local = connected(&fixture).await;
    local
        .forbid("my-repo", "codeartifact:ReadFromRepository")
        .await;
    let npm = Npm::of(&local, "my-repo");
    let (public, tarball) = package("a", "1.0.0");
    let (status, reason) = npm.publish(&public, &tarball).await;
    assert_eq!(status, 409, "{reason}");
    let (own, tarball) = package("a", "1.0.1");
    assert_eq!(npm.publish(&own, &tarball).await.0, 201);
}

//! The cargo format: index, crate files, publications, yanks, external connections and faults.

use std::time::Duration;

use codeartifact::local::registry::{Format, PackageId, Status};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::support::crates::{crate_file, publish_request};
use crate::support::fixture::Fixture;
use crate::support::local::{Local, Setup, repository};

struct Cargo {
    client: Client,
    endpoint: String,
    token: String,
}

impl Cargo {
    fn of(local: &Local, repository: &str) -> Cargo {
        // Fails when another test was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Cargo {
            client: Client::builder().no_proxy().build().unwrap(),
            endpoint: local.endpoint(Format::Cargo, repository),
            token: local.token.clone(),
        }
    }

    async fn send(&self, method: Method, path: &str, body: Vec<u8>) -> (StatusCode, Vec<u8>) {
        let url = format!("{}{path}", self.endpoint);
        let request = self
            .client
            .request(method, url)
            .header("authorization", &self.token)
            .body(body);
        let response = request.send().await.unwrap();
        (response.status(), response.bytes().await.unwrap().to_vec())
    }

    async fn get(&self, path: &str) -> (StatusCode, Vec<u8>) {
        self.send(Method::GET, path, Vec::new()).await
    }

    async fn lines(&self, path: &str) -> Vec<Value> {
        let (status, body) = self.get(path).await;
        assert_eq!(status, 200, "{path}");
        String::from_utf8(body)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    async fn publish(&self, description: &Value, crate_file: &[u8]) -> (StatusCode, String) {
        let request = publish_request(description, crate_file);
        let (status, body) = self.send(Method::PUT, "api/v1/crates/new", request).await;
        let body: Value = serde_json::from_slice(&body).unwrap();
        (
            status,
            body["errors"][0]["detail"]
                .as_str()
                .unwrap_or_default()
                .to_string(),
        )
    }
}

fn id(name: &str) -> PackageId {
    PackageId::new(Format::Cargo, None, name)
}

fn description(name: &str, version: &str) -> Value {
    json!({"name": name, "vers": version, "deps": [{"name": "leaf", "version_req": "^1", "kind": "normal"}], "features": {}})
}

async fn service(fixture: &Fixture) -> Local {
    let local = Setup::new()
        .external("public:crates-io", &fixture.url)
        .patience(Duration::from_secs(2))
        .start()
        .await;
    local
        .repository("cargo-store", &[], Some("public:crates-io"))
        .await;
    local.repository("my-repo", &["cargo-store"], None).await;
    local
}

#[tokio::test]
async fn what_is_published_can_be_downloaded_and_yanked() {
    let local = service(&Fixture::start().await).await;
    let cargo = Cargo::of(&local, "my-repo");
    let file = crate_file("my-own", "1.0.0", &[]);
    assert_eq!(
        cargo.publish(&description("my-own", "1.0.0"), &file).await,
        (StatusCode::OK, String::new())
    );
    let lines = cargo.lines("my/-o/my-own").await;
    assert_eq!(
        (&lines[0]["vers"], &lines[0]["deps"][0]["req"]),
        (&json!("1.0.0"), &json!("^1"))
    );
    let download = "api/v1/crates/my-own/1.0.0/download";
    assert_eq!(cargo.get(download).await, (StatusCode::OK, file));
    for (method, action, yanked) in [
        (Method::DELETE, "yank", true),
        (Method::PUT, "unyank", false),
    ] {
        let (status, _) = cargo
            .send(
                method,
                &format!("api/v1/crates/my-own/1.0.0/{action}"),
                Vec::new(),
            )
            .await;
        assert_eq!(status, 200);
        assert_eq!(cargo.lines("my/-o/my-own").await[0]["yanked"], yanked);
    }
    let (_, facts) = local
        .registry
        .describe_version(
            &local.caller,
            &repository("my-repo"),
            &id("my-own"),
            "1.0.0",
        )
        .await
        .unwrap();
    assert_eq!(facts.licenses[0].name.as_deref(), Some("MIT"));
    assert_eq!(facts.dependencies[0].package, "leaf");
    assert_eq!(facts.readme.as_deref(), Some("# A readme\n"));
    let configuration: Value = serde_json::from_slice(&cargo.get("config.json").await.1).unwrap();
    assert_eq!(configuration["auth-required"], true);
    assert_eq!(
        configuration["dl"],
        format!("{}api/v1/crates", cargo.endpoint)
    );
}

#[tokio::test]
async fn bad_publications_leave_nothing_behind() {
    let local = service(&Fixture::start().await).await;
    let cargo = Cargo::of(&local, "my-repo");
    let file = crate_file("own", "1.0.0", &[]);
    for (description, file) in [
        (description("other", "1.0.0"), &file[..]),
        (description("own", "1.0.1"), &file[..]),
        (description("own", "1.0"), &file[..]),
        (description("../own", "1.0.0"), &file[..]),
        (description("own", "1.0.0"), &file[..file.len() / 2]),
        (description("own", "1.0.0"), b"nonsense"),
        (json!({}), &file[..]),
    ] {
        let (status, reason) = cargo.publish(&description, file).await;
        assert_eq!(status, 400, "{description}: {reason}");
    }
    let whole = publish_request(&description("own", "1.0.0"), &file);
    for body in [
        &whole[..2],
        &whole[..whole.len() - 1],
        &[whole.as_slice(), b"x"].concat(),
        &[0xff; 8],
    ] {
        assert_eq!(
            cargo
                .send(Method::PUT, "api/v1/crates/new", body.to_vec())
                .await
                .0,
            400
        );
    }
    assert_eq!(cargo.get("3/o/own").await.0, 404);
    assert_eq!(local.versions("my-repo", &id("own")).await, [""; 0]);
    assert_eq!(
        cargo.publish(&description("own", "1.0.0"), &file).await.0,
        200
    );
    let (status, reason) = cargo
        .publish(
            &description("own", "1.0.0"),
            &crate_file("own", "1.0.0", &[("leaf", "1")]),
        )
        .await;
    assert_eq!(status, 409);
    assert!(reason.contains("already exists"), "{reason}");
    for (method, path) in [
        (Method::GET, "api/v1/crates?q=own"),
        (Method::PUT, "api/v1/crates/own/owners"),
        (Method::DELETE, "api/v1/crates/own/2.0.0/yank"),
        (Method::GET, "api/v1/crates/..%2f..%2fx/1.0.0/download"),
    ] {
        assert_eq!(cargo.send(method, path, Vec::new()).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn a_public_crate_is_retained_at_both_ends() {
    let fixture = Fixture::start().await;
    fixture.offer_crates(&[("Leaf", "1.2.0", &[]), ("tree", "3.0.0", &[("leaf", "1")])]);
    let local = service(&fixture).await;
    let cargo = Cargo::of(&local, "my-repo");
    assert_eq!(cargo.lines("le/af/leaf").await[0]["name"], "Leaf");
    let download = "api/v1/crates/Leaf/1.2.0/download";
    let file = crate_file("Leaf", "1.2.0", &[]);
    assert_eq!(cargo.get(download).await, (StatusCode::OK, file.clone()));
    for name in ["my-repo", "cargo-store"] {
        assert_eq!(local.versions(name, &id("Leaf")).await, ["1.2.0"]);
    }
    // Without its upstream, and asked for in lower case.
    fixture.fail(Some(500));
    local.clock.advance(31 * 60 * 1000);
    assert_eq!(cargo.lines("le/af/leaf").await[0]["vers"], "1.2.0");
    assert_eq!(cargo.get(download).await.1, file);
    assert_eq!(cargo.get("tr/ee/tree").await.0, 502);
    local
        .set_status("my-repo", &id("Leaf"), "1.2.0", Status::Archived)
        .await;
    assert_eq!(cargo.get(download).await.0, 404);
}

#[tokio::test]
async fn a_crate_file_with_a_wrong_hash_is_not_stored() {
    let fixture = Fixture::start().await;
    fixture.offer_crates(&[("leaf", "1.2.0", &[])]);
    fixture.put("files/leaf-1.2.0.crate", crate_file("leaf", "1.2.1", &[]));
    let local = service(&fixture).await;
    let cargo = Cargo::of(&local, "my-repo");
    let (status, body) = cargo.get("api/v1/crates/leaf/1.2.0/download").await;
    assert_eq!(status, 502);
    assert!(
        String::from_utf8(body)
            .unwrap()
            .contains("hash is not the one")
    );
    assert_eq!(local.versions("cargo-store", &id("leaf")).await, [""; 0]);
    let (status, reason) = cargo
        .publish(
            &description("leaf", "1.2.0"),
            &crate_file("leaf", "1.2.0", &[]),
        )
        .await;
    assert_eq!(status, 409);
    assert!(reason.contains("external connection"), "{reason}");
}

#[tokio::test]
async fn capitals_are_found_further_upstream() {
    let fixture = Fixture::start().await;
    let local = service(&fixture).await;
    let store = Cargo::of(&local, "cargo-store");
    let file = crate_file("Leaf", "1.0.0", &[]);
    let mut leaf = description("Leaf", "1.0.0");
    leaf["deps"] = json!([]);
    assert_eq!(store.publish(&leaf, &file).await.0, 200);
    fixture.fail(Some(500));
    let cargo = Cargo::of(&local, "my-repo");
    assert_eq!(cargo.lines("le/af/leaf").await[0]["name"], "Leaf");
    assert_eq!(
        cargo.get("api/v1/crates/Leaf/1.0.0/download").await,
        (StatusCode::OK, file)
    );
}

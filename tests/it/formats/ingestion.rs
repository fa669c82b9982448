//! What comes from upstream, by the example of npm: clients that come together, that go away, that
//! wait for too long, and repositories that ask for the same.

use std::time::Duration;

use codeartifact::local::registry::{Format, PackageId, Status};
use futures_util::future::join_all;
use reqwest::{Client, Response};
use serde_json::{Value, json};

use crate::support::fixture::Fixture;
use crate::support::local::{Local, Setup};
use crate::support::npm::tarball;

struct Npm<'a> {
    client: Client,
    local: &'a Local,
    repository: &'a str,
}

impl<'a> Npm<'a> {
    fn of(local: &'a Local, repository: &'a str) -> Npm<'a> {
        // Fails when another test was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Npm {
            client: Client::builder().no_proxy().build().unwrap(),
            local,
            repository,
        }
    }

    async fn get(&self, path: &str) -> Response {
        let endpoint = self.local.endpoint(Format::Npm, self.repository);
        let request = self.client.get(format!("{endpoint}{path}"));
        request.bearer_auth(&self.local.token).send().await.unwrap()
    }

    /// The status and the body.
    async fn fetch(&self, path: &str) -> (u16, Vec<u8>) {
        let response = self.get(path).await;
        let status = response.status().as_u16();
        (status, response.bytes().await.unwrap().to_vec())
    }
}

fn package(name: &str, size: usize) -> (Value, Vec<u8>) {
    let manifest = json!({"name": name, "version": "1.0.0"});
    // No byte follows from those before it: the archive is as long as its contents.
    let mut state = 7_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 56) as u8
    };
    let contents: Vec<u8> = (0..size).map(|_| next()).collect();
    let archive = tarball(&manifest, &[("contents", &contents)]);
    (manifest, archive)
}

fn path(name: &str) -> String {
    format!("{name}/-/{name}-1.0.0.tgz")
}

fn id(name: &str) -> PackageId {
    PackageId::new(Format::Npm, None, name)
}

/// Two repositories with the same upstream, which has the connection.
async fn service(fixture: &Fixture, client: Duration) -> Local {
    let local = Setup::new()
        .external("public:npmjs", &fixture.url)
        .client_patience(client)
        .start()
        .await;
    local
        .repository("npm-store", &[], Some("public:npmjs"))
        .await;
    local.repository("my-repo", &["npm-store"], None).await;
    local.repository("other", &["npm-store"], None).await;
    local
}

const PATIENT: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_come_together_all_get_the_whole() {
    let fixture = Fixture::start().await;
    let names: Vec<String> = (0..40).map(|number| format!("p{number}")).collect();
    let archives: Vec<Vec<u8>> = names
        .iter()
        .map(|name| {
            let offered = package(name, 100);
            fixture.offer_npm(name, std::slice::from_ref(&offered));
            offered.1
        })
        .collect();
    let local = service(&fixture, PATIENT).await;
    let clients = (0..12).map(|_| async {
        let npm = Npm::of(&local, "my-repo");
        for (name, archive) in names.iter().zip(&archives) {
            let (status, body) = npm.fetch(&path(name)).await;
            let text = String::from_utf8_lossy(&body);
            assert!(status == 200 && body == *archive, "{name}: {status} {text}");
        }
    });
    join_all(clients).await;
    for name in &names {
        assert_eq!(fixture.requests(&path(name)), 1, "{name}");
    }
}

#[tokio::test]
async fn a_client_that_goes_away_stops_nothing() {
    let fixture = Fixture::start().await;
    let (small, large) = (package("small", 100), package("large", 12 << 20));
    for (name, offered) in [("small", &small), ("large", &large)] {
        fixture.offer_npm(name, std::slice::from_ref(offered));
    }
    let holds = [fixture.hold(&path("small")), fixture.hold(&path("large"))];
    let local = service(&fixture, PATIENT).await;
    let first = Npm::of(&local, "my-repo");
    // It goes before anything is sent to it, and in the middle of a body.
    let (small_path, large_path) = (path("small"), path("large"));
    let gone = tokio::spawn({
        let (client, url) = (
            first.client.clone(),
            local.endpoint(Format::Npm, "my-repo") + &small_path,
        );
        client.get(url).bearer_auth(&local.token).send()
    });
    fixture.wait_for(&small_path).await;
    gone.abort();
    let mut cut = first.get(&large_path).await;
    assert!(!cut.chunk().await.unwrap().unwrap().is_empty());
    drop(cut);
    let second = Npm::of(&local, "my-repo");
    let follower = second.get(&large_path).await;
    for hold in holds {
        hold.release();
    }
    assert!(follower.bytes().await.unwrap() == large.1);
    for (name, (_, archive)) in [("small", small), ("large", large)] {
        local.wait_for("my-repo", &id(name), &["1.0.0"]).await;
        let (status, body) = second.fetch(&path(name)).await;
        assert!(status == 200 && body == archive, "{name}: {status}");
        assert_eq!(fixture.requests(&path(name)), 1, "{name}");
    }
}

#[tokio::test]
async fn repositories_that_ask_for_the_same_share_one_request() {
    let fixture = Fixture::start().await;
    let (small, large) = (package("small", 100), package("large", 12 << 20));
    for (name, (manifest, archive)) in [("small", small), ("large", large)] {
        fixture.offer_npm(name, &[(manifest, archive.clone())]);
        let hold = fixture.hold(&path(name));
        let local = service(&fixture, PATIENT).await;
        let clients =
            ["my-repo", "other", "npm-store"].map(|repository| Npm::of(&local, repository));
        let path = path(name);
        let fetching = join_all(clients.iter().map(|npm| npm.fetch(&path)));
        let released = async {
            fixture.wait_for(&path).await;
            hold.release();
        };
        let (answers, ()) = tokio::join!(fetching, released);
        for (status, body) in answers {
            assert!(status == 200 && body == archive, "{name}: {status}");
        }
        for repository in ["my-repo", "other", "npm-store"] {
            local.wait_for(repository, &id(name), &["1.0.0"]).await;
        }
        assert_eq!(fixture.requests(&path), 1, "{name}");
    }
}

/// Guide, "npm ingestion behavior": 40 seconds, which are shorter here.
#[tokio::test]
async fn who_waits_too_long_is_told_and_the_ingestion_goes_on() {
    let fixture = Fixture::start().await;
    let offered = package("slow", 100);
    fixture.offer_npm("slow", std::slice::from_ref(&offered));
    let hold = fixture.hold(&path("slow"));
    let local = service(&fixture, Duration::from_millis(100)).await;
    let npm = Npm::of(&local, "my-repo");
    // The packument itself may take longer than that on a busy machine.
    local.warm(Format::Npm, "my-repo", "slow").await;
    for _ in 0..2 {
        let (status, body) = npm.fetch(&path("slow")).await;
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            (status, &body["error"]),
            (
                404,
                &json!("Ingestion is in progress. Please try again later.")
            )
        );
    }
    hold.release();
    local.wait_for("my-repo", &id("slow"), &["1.0.0"]).await;
    assert!(npm.fetch(&path("slow")).await == (200, offered.1));
    assert_eq!(fixture.requests(&path("slow")), 1);
}

#[tokio::test]
async fn an_asset_that_is_missing_is_asked_for_again_after_a_while() {
    let fixture = Fixture::start().await;
    let offered = package("a", 100);
    fixture.offer_npm("a", std::slice::from_ref(&offered));
    fixture.remove(&path("a"));
    let local = service(&fixture, PATIENT).await;
    let npm = Npm::of(&local, "my-repo");
    for _ in 0..3 {
        assert_eq!(npm.fetch(&path("a")).await.0, 404);
    }
    assert_eq!(fixture.requests(&path("a")), 1);
    fixture.put(&path("a"), offered.1.clone());
    assert_eq!(npm.fetch(&path("a")).await.0, 404);
    local.clock.advance(61_000);
    assert!(npm.fetch(&path("a")).await == (200, offered.1));
}

#[tokio::test]
async fn a_body_that_upstream_cuts_short_is_not_stored() {
    let fixture = Fixture::start().await;
    let (small, large) = (package("small", 100), package("large", 12 << 20));
    for (name, offered) in [("small", &small), ("large", &large)] {
        fixture.offer_npm(name, std::slice::from_ref(offered));
        fixture.cut(&path(name), true);
    }
    let local = service(&fixture, PATIENT).await;
    let npm = Npm::of(&local, "my-repo");
    for (name, (_, archive)) in [("small", small), ("large", large)] {
        let response = npm.get(&path(name)).await;
        assert!(
            response.status() == 502 || response.bytes().await.is_err(),
            "{name}"
        );
        assert_eq!(local.versions("npm-store", &id(name)).await, [""; 0]);
        fixture.cut(&path(name), false);
        assert!(npm.fetch(&path(name)).await == (200, archive), "{name}");
    }
}

#[tokio::test]
async fn a_public_version_follows_its_status() {
    let fixture = Fixture::start().await;
    let offered = package("a", 100);
    fixture.offer_npm("a", std::slice::from_ref(&offered));
    let local = service(&fixture, PATIENT).await;
    let npm = Npm::of(&local, "my-repo");
    assert_eq!(npm.fetch(&path("a")).await.0, 200);
    for (status, listed, downloaded) in [
        (Status::Unlisted, 404, 200),
        (Status::Archived, 404, 404),
        (Status::Published, 200, 200),
    ] {
        local.set_status("my-repo", &id("a"), "1.0.0", status).await;
        assert_eq!(npm.fetch("a").await.0, listed, "{status:?}");
        assert_eq!(npm.fetch(&path("a")).await.0, downloaded, "{status:?}");
    }
    assert_eq!(fixture.requests(&path("a")), 1);
}

//! Events (guide, "CodeArtifact event format and example").

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use codeartifact::local::registry::quota::Quotas;
use codeartifact::local::registry::{Format, PackageId, Registry};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::client::Client;
use super::world::{ACCOUNT, REGION, World, generic, key_of, merge, principal, repository};
use crate::support::fixture::Fixture;
use crate::support::local::Setup;
use crate::support::npm::{publish_document, tarball};

/// All events so far.
async fn told(registry: &Registry) -> Vec<Value> {
    let events = registry.events(0, 1000).await.expect("events");
    events
        .iter()
        .map(|(_, document)| serde_json::from_str(document).expect("JSON"))
        .collect()
}

async fn details(world: &World) -> Vec<Value> {
    told(&world.service.registry).await
}

/// Repository, operation and version of an event, and how many assets came.
fn line(event: &Value) -> String {
    let detail = &event["detail"];
    let text = |name: &str| detail[name].as_str().unwrap();
    format!(
        "{} {} {} {} +{}",
        text("repositoryName"),
        text("operationType"),
        text("packageName"),
        text("packageVersion"),
        detail["changes"]["assetsAdded"],
    )
}

/// A request of npm's, which succeeds.
async fn npm(client: &Client, token: &str, method: &str, path: &str, body: Vec<u8>) {
    let url = format!("{}/d/my-domain-{ACCOUNT}/npm/{path}", client.base());
    let headers = vec![
        ("authorization".to_string(), format!("Bearer {token}")),
        ("content-type".to_string(), "application/json".to_string()),
    ];
    let answer = client.request(method, &url, headers, body).await;
    let is_done = (200..300).contains(&answer.status);
    assert!(is_done, "{method} {path}: {}", answer.json());
}

#[tokio::test]
async fn publishing_writes_the_guides_document() {
    let world = World::start().await.with_repositories(&["my-repo"]).await;
    world
        .publishes("my-repo", "1.0.0", "asset", b"1", false)
        .await
        .unwrap();
    let events = details(&world).await;
    let [event] = &events[..] else {
        panic!("{events:?}");
    };
    let revision = &world
        .does("list-package-versions", generic("my-repo", json!({})))
        .await["versions"][0]["revision"];
    let arn = format!(
        "arn:aws:codeartifact:{REGION}:{ACCOUNT}:package/my-domain/my-repo/generic/my-ns/my-package"
    );
    assert_eq!(
        *event,
        json!({
            "version": "0",
            "id": event["id"],
            "detail-type": "CodeArtifact Package Version State Change",
            "source": "aws.codeartifact",
            "account": ACCOUNT,
            "time": event["time"],
            "region": REGION,
            "resources": [arn],
            "detail": {
                "domainName": "my-domain",
                "domainOwner": ACCOUNT,
                "repositoryName": "my-repo",
                "repositoryAdministrator": ACCOUNT,
                "packageFormat": "generic",
                "packageNamespace": "my-ns",
                "packageName": "my-package",
                "packageVersion": "1.0.0",
                "packageVersionState": "Published",
                "packageVersionRevision": revision,
                "changes": {
                    "assetsAdded": 1, "assetsRemoved": 0, "metadataUpdated": true,
                    "assetsUpdated": 0, "statusChanged": true,
                },
                "operationType": "Created",
                "sequenceNumber": 1,
                "eventDeduplicationId": event["detail"]["eventDeduplicationId"],
            },
        })
    );
}

#[tokio::test]
async fn every_change_has_its_event_in_order() {
    let world = World::start()
        .await
        .with_repositories(&["my-repo", "repo-2"])
        .await;
    world
        .publishes("my-repo", "1.0.0", "one", b"1", true)
        .await
        .unwrap();
    world
        .publishes("my-repo", "1.0.0", "two", b"2", false)
        .await
        .unwrap();
    // The same again is no change.
    world
        .publishes("my-repo", "1.0.0", "two", b"2", false)
        .await
        .unwrap();
    let versions = |more: Value| {
        let mut members = generic("my-repo", json!({"versions": ["1.0.0"]}));
        merge(&mut members, more);
        members
    };
    world
        .does(
            "update-package-versions-status",
            versions(json!({"targetStatus": "Unlisted"})),
        )
        .await;
    world
        .does("dispose-package-versions", versions(json!({})))
        .await;
    world
        .publishes("my-repo", "2.0.0", "one", b"1", false)
        .await
        .unwrap();
    world
        .does("delete-package", generic("my-repo", json!({})))
        .await;
    let told: Vec<String> = details(&world)
        .await
        .iter()
        .map(|event| {
            let detail = &event["detail"];
            let changes = &detail["changes"];
            format!(
                "{} {} {} {} +{} -{} {}",
                detail["sequenceNumber"],
                detail["operationType"].as_str().unwrap(),
                detail["packageVersion"].as_str().unwrap(),
                detail["packageVersionState"].as_str().unwrap(),
                changes["assetsAdded"],
                changes["assetsRemoved"],
                changes["statusChanged"],
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "1 Created 1.0.0 Unfinished +1 -0 true",
            "2 Updated 1.0.0 Published +1 -0 true",
            "3 Updated 1.0.0 Unlisted +0 -0 true",
            "4 Updated 1.0.0 Disposed +0 -2 true",
            "5 Created 2.0.0 Published +1 -0 true",
            "6 Deleted 1.0.0 Disposed +0 -0 true",
            "7 Deleted 2.0.0 Published +0 -1 true",
        ]
    );
}

#[tokio::test]
async fn numbers_go_on_when_a_package_comes_back() {
    let world = World::start().await.with_repositories(&["my-repo"]).await;
    let publishes = async |version: &str| {
        let publication = world.publishes("my-repo", version, "asset", b"1", false);
        publication.await.unwrap();
    };
    for version in ["1.0.0", "2.0.0"] {
        publishes(version).await;
        world
            .does("delete-package", generic("my-repo", json!({})))
            .await;
    }
    publishes("1.0.0").await;
    // Another repository of that name has packages of its own, whose events are no repetitions.
    world
        .does("delete-repository", repository("my-repo", json!({})))
        .await;
    world
        .does("create-repository", repository("my-repo", json!({})))
        .await;
    publishes("1.0.0").await;
    let events = details(&world).await;
    let numbers: Vec<_> = events
        .iter()
        .map(|event| event["detail"]["sequenceNumber"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 1]);
    let repetitions: BTreeSet<_> = events
        .iter()
        .map(|event| event["detail"]["eventDeduplicationId"].as_str().unwrap())
        .collect();
    assert_eq!(repetitions.len(), events.len());
}

#[tokio::test]
async fn the_administrator_of_the_repository_hears_of_it_too() {
    let principals = vec![
        principal("alice", ACCOUNT),
        principal("bob", "222222222222"),
    ];
    let world = World::with(principals, Quotas::default())
        .await
        .with_repositories(&[])
        .await;
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": "222222222222"},
            "Action": "codeartifact:CreateRepository", "Resource": "*",
        }],
    });
    let members = json!({"domain": "my-domain", "policyDocument": policy.to_string()});
    world.does("put-domain-permissions-policy", members).await;
    let members = repository("repo2", json!({"domainOwner": ACCOUNT}));
    world
        .call_as(&key_of("bob"), "create-repository", members)
        .await
        .unwrap();
    world
        .publishes("repo2", "1.0.0", "asset", b"1", false)
        .await
        .unwrap();
    let accounts: Vec<Value> = details(&world)
        .await
        .iter()
        .map(|event| event["account"].clone())
        .collect();
    assert_eq!(accounts, [ACCOUNT, "222222222222"]);
}

#[tokio::test]
async fn a_copy_has_its_event_in_the_destination() {
    let world = World::start()
        .await
        .with_repositories(&["my-repo", "repo-2"])
        .await;
    world
        .publishes("my-repo", "1.0.0", "asset", b"1", false)
        .await
        .unwrap();
    let copy = json!({
        "domain": "my-domain", "sourceRepository": "my-repo", "destinationRepository": "repo-2",
        "format": "generic", "namespace": "my-ns", "package": "my-package", "versions": ["1.0.0"],
    });
    world.does("copy-package-versions", copy).await;
    let lines: Vec<String> = details(&world).await.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "my-repo Created my-package 1.0.0 +1",
            "repo-2 Created my-package 1.0.0 +1"
        ]
    );
}

#[tokio::test]
async fn a_version_that_is_retained_from_upstream_has_its_event_downstream() {
    let world = World::start().await.with_repositories(&["upstream"]).await;
    for (name, upstream) in [("between", "upstream"), ("my-repo", "between")] {
        let upstreams = json!({"upstreams": [{"repositoryName": upstream}]});
        let members = repository(name, upstreams);
        world.does("create-repository", members).await;
    }
    let token = world
        .does("get-authorization-token", json!({"domain": "my-domain"}))
        .await;
    let token = token["authorizationToken"].as_str().unwrap();
    let manifest = json!({"name": "web-helper", "version": "1.0.0"});
    let archive = tarball(&manifest, &[]);
    let document = publish_document(&manifest, &archive, "latest").to_string();
    let path = "upstream/web-helper";
    npm(&world, token, "PUT", path, document.into_bytes()).await;
    // To look at what there is retains nothing.
    npm(&world, token, "GET", "my-repo/web-helper", Vec::new()).await;
    assert_eq!(details(&world).await.len(), 1);
    // The second installation finds it retained.
    for _ in 0..2 {
        let path = "my-repo/web-helper/-/web-helper-1.0.0.tgz";
        npm(&world, token, "GET", path, Vec::new()).await;
    }
    let events = details(&world).await;
    let lines: Vec<String> = events.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "upstream Created web-helper 1.0.0 +1",
            "my-repo Created web-helper 1.0.0 +1"
        ]
    );
    let detail = &events[1]["detail"];
    assert_eq!(detail["sequenceNumber"], 1);
    assert_eq!(detail["packageVersionState"], "Published");
    assert_eq!(
        detail["packageVersionRevision"],
        events[0]["detail"]["packageVersionRevision"]
    );
    assert_eq!(
        events[1]["resources"],
        json!([format!(
            "arn:aws:codeartifact:{REGION}:{ACCOUNT}:package/my-domain/my-repo/npm//web-helper"
        )])
    );
}

#[tokio::test]
async fn a_version_that_is_ingested_has_its_events_where_it_comes_to_be() {
    let fixture = Fixture::start().await;
    let manifest = json!({"name": "web-helper", "version": "1.0.0"});
    let archive = tarball(&manifest, &[]);
    fixture.offer_npm("web-helper", &[(manifest, archive)]);
    let local = Setup::new()
        .external("public:npmjs", &fixture.url)
        .start()
        .await;
    local
        .repository("npm-store", &[], Some("public:npmjs"))
        .await;
    local.repository("between", &["npm-store"], None).await;
    local.repository("my-repo", &["between"], None).await;
    let client = Client::new(local.base_url(), key_of("tester"));
    for _ in 0..2 {
        let path = "my-repo/web-helper/-/web-helper-1.0.0.tgz";
        npm(&client, &local.token, "GET", path, Vec::new()).await;
    }
    let package = PackageId::new(Format::Npm, None, "web-helper");
    local.wait_for("my-repo", &package, &["1.0.0"]).await;
    let lines: Vec<String> = told(&local.registry).await.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "npm-store Created web-helper 1.0.0 +1",
            "my-repo Created web-helper 1.0.0 +1"
        ]
    );
}

/// The program, as it prints a service's events.
fn follow(world: &World) -> Child {
    Command::new(env!("CARGO_BIN_EXE_codeartifact"))
        .args(["local", "events", "--follow", "--data-dir"])
        .arg(world.directory.path().join("data"))
        .env_clear()
        .env("HOME", world.directory.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the program starts")
}

#[tokio::test]
async fn events_are_followed_as_they_happen_until_interrupted() {
    let world = World::start().await.with_repositories(&["my-repo"]).await;
    let publishes = async |version: &str| {
        let publication = world.publishes("my-repo", version, "asset", b"1", false);
        publication.await.unwrap();
    };
    publishes("1.0.0").await;
    let mut following = follow(&world);
    let mut lines = BufReader::new(following.stdout.take().unwrap()).lines();
    let mut next = async || {
        let line = tokio::time::timeout(Duration::from_secs(60), lines.next_line()).await;
        let line = line.expect("it is printed at once").unwrap();
        let event = line.map(|line| serde_json::from_str::<Value>(&line).expect("one a line"));
        event.map(|event| {
            event["detail"]["packageVersion"]
                .as_str()
                .unwrap()
                .to_string()
        })
    };
    assert_eq!(next().await.as_deref(), Some("1.0.0"));
    for version in ["2.0.0", "3.0.0"] {
        publishes(version).await;
        assert_eq!(next().await.as_deref(), Some(version));
    }
    #[cfg(unix)]
    {
        let pid = following.id().unwrap().to_string();
        let interrupted = Command::new("kill").args(["-INT", &pid]).status().await;
        assert!(interrupted.unwrap().success());
        assert_eq!(next().await, None);
        assert_eq!(following.wait().await.unwrap().code(), Some(0));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn following_ends_with_its_reader() {
    let world = World::start().await.with_repositories(&["my-repo"]).await;
    let mut following = follow(&world);
    drop(following.stdout.take());
    world
        .publishes("my-repo", "1.0.0", "asset", b"1", false)
        .await
        .unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(60), following.wait_with_output()).await;
    let ended = ended.expect("nobody reads any more").unwrap();
    assert_eq!(ended.status.code(), Some(0));
    assert!(ended.stderr.is_empty(), "{ended:?}");
}

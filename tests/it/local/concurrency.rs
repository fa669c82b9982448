//! Many clients at once leave a state that some order of their calls explains.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::client::{generic, sha256};
use super::world::World;

const CLIENTS: usize = 64;
const VERSIONS: [&str; 4] = ["1.0.0", "2.0.0", "3.0.0", "4.0.0"];

/// One client's mixture of calls, different for each.
async fn work(world: &World, client: usize) {
    for step in 0..6 {
        let version = VERSIONS[(client + step) % VERSIONS.len()];
        match (client + step * 5) % 6 {
            0 | 1 => {
                let content = format!("content of {client}");
                let outcome = world
                    .publishes("my-repo", version, "asset", content.as_bytes(), false)
                    .await;
                if let Err(refused) = outcome {
                    assert_eq!(refused.code, "ConflictException", "{refused:?}");
                }
            }
            2 => {
                let copy = json!({
                    "domain": "my-domain", "sourceRepository": "my-repo", "destinationRepository": "repo-2",
                    "format": "generic", "namespace": "my-ns", "package": "my-package",
                    "versions": [version], "allowOverwrite": client.is_multiple_of(2),
                });
                done_or_missing(
                    world
                        .call("copy-package-versions", copy)
                        .await
                        .map_err(|refused| refused.code),
                );
            }
            3 => {
                let delete = generic("my-repo", json!({"versions": [version]}));
                done_or_missing(
                    world
                        .call("delete-package-versions", delete)
                        .await
                        .map_err(|refused| refused.code),
                );
            }
            4 => {
                let members = generic(
                    "my-repo",
                    json!({"versions": [version], "targetStatus": "Unlisted"}),
                );
                let outcome = world.call("update-package-versions-status", members).await;
                done_or_missing(outcome.map_err(|refused| refused.code));
            }
            _ => {
                let listed = world
                    .call("list-package-versions", generic("my-repo", json!({})))
                    .await;
                done_or_missing(listed.map_err(|refused| refused.code));
            }
        }
    }
}

fn done_or_missing(outcome: Result<Value, String>) {
    if let Err(code) = outcome {
        assert_eq!(code, "ResourceNotFoundException");
    }
}

/// The versions of both repositories, with status and revision.
async fn state(world: &World) -> BTreeMap<(String, String), (String, String)> {
    let mut state = BTreeMap::new();
    for repository in ["my-repo", "repo-2"] {
        let Ok(page) = world
            .call("list-package-versions", generic(repository, json!({})))
            .await
        else {
            continue;
        };
        for version in page["versions"].as_array().expect("a list") {
            let text = |name: &str| version[name].as_str().expect("a text").to_string();
            state.insert(
                (repository.to_string(), text("version")),
                (text("status"), text("revision")),
            );
        }
    }
    state
}

/// What follows from the events, one after the other.
async fn replayed(world: &World) -> BTreeMap<(String, String), (String, String)> {
    let mut state = BTreeMap::new();
    let mut sequences: BTreeMap<String, i64> = BTreeMap::new();
    let events = world
        .service
        .registry
        .events(0, 100_000)
        .await
        .expect("events");
    for (_, document) in events {
        let event: Value = serde_json::from_str(&document).expect("JSON");
        let detail = &event["detail"];
        let text = |name: &str| detail[name].as_str().expect("a text").to_string();
        let sequence = sequences.entry(text("repositoryName")).or_default();
        assert_eq!(detail["sequenceNumber"], *sequence + 1);
        *sequence += 1;
        let place = (text("repositoryName"), text("packageVersion"));
        let now = (text("packageVersionState"), text("packageVersionRevision"));
        match text("operationType").as_str() {
            "Created" => assert_eq!(state.insert(place, now), None, "created twice: {document}"),
            "Updated" => assert!(
                state.insert(place, now).is_some(),
                "updated from nothing: {document}"
            ),
            _ => assert!(
                state.remove(&place).is_some(),
                "deleted from nothing: {document}"
            ),
        }
    }
    state
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_clients_leave_what_a_serial_order_explains() {
    let world = Arc::new(
        World::start()
            .await
            .with_repositories(&["my-repo", "repo-2"])
            .await,
    );
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let world = Arc::clone(&world);
            tokio::spawn(async move { work(&world, client).await })
        })
        .collect();
    for client in clients {
        client.await.expect("no client was answered wrongly");
    }
    let state = state(&world).await;
    assert_eq!(replayed(&world).await, state);
    // Every version has the bytes that it lists, and the domain counts each of them once.
    let mut sizes = BTreeMap::new();
    for (repository, version) in state.keys() {
        let members = generic(repository, json!({"packageVersion": version}));
        let assets = world.does("list-package-version-assets", members).await;
        let asset = &assets["assets"][0];
        let answer = world.downloads(repository, version, "asset").await;
        assert_eq!(answer.status, 200);
        assert_eq!(asset["hashes"]["SHA-256"], sha256(&answer.body));
        sizes.insert(sha256(&answer.body), answer.body.len());
    }
    let domain = world
        .does("describe-domain", json!({"domain": "my-domain"}))
        .await;
    assert_eq!(
        domain["domain"]["assetSizeBytes"],
        sizes.values().sum::<usize>()
    );
    let blobs = world.directory.path().join("data/blobs");
    let mut files = BTreeSet::new();
    for folder in std::fs::read_dir(blobs).expect("a folder").flatten() {
        for file in std::fs::read_dir(folder.path())
            .expect("a folder")
            .flatten()
        {
            let name = [folder.file_name(), file.file_name()]
                .map(|name| name.to_string_lossy().into_owned());
            files.insert(name.concat());
        }
    }
    assert_eq!(files, sizes.into_keys().collect());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_publishers_of_one_version_one_wins() {
    let world = Arc::new(World::start().await.with_repositories(&["my-repo"]).await);
    let publishers: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let world = Arc::clone(&world);
            let content = format!("content of {client}");
            tokio::spawn(async move {
                let outcome = world
                    .publishes("my-repo", "1.0.0", "asset", content.as_bytes(), false)
                    .await;
                outcome.is_ok().then_some(content)
            })
        })
        .collect();
    let mut winners = Vec::new();
    for publisher in publishers {
        winners.extend(publisher.await.expect("no panic"));
    }
    let [winner] = &winners[..] else {
        panic!("{winners:?}");
    };
    let stored = world.downloads("my-repo", "1.0.0", "asset").await.body;
    assert_eq!(stored, winner.as_bytes());
}

//! The service is killed again and again while clients work, and has lost nothing that it had
//! acknowledged when it comes back.
//!
//! Ten rounds by default; `CODEARTIFACT_CRASH_ROUNDS` asks for more.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codeartifact::local::address::Key as ServiceKey;
use codeartifact::local::store::{Durability, Store};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::client::{Client, Key, encode, generic, sha256, signed};
use super::world::REGION;

/// How many clients work at once.
const CLIENTS: u64 = 8;

/// What the service has acknowledged, of versions in either repository.
#[derive(Clone, Default)]
struct Promises {
    /// Published or copied: repository and version to the hash of the asset.
    present: BTreeMap<(String, String), String>,
    /// Asked to be deleted: acknowledged, or cut short, so that it may be there or not.
    deleting: BTreeMap<(String, String), bool>,
}

fn rounds() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "the tests' own setting")]
    let asked = std::env::var("CODEARTIFACT_CRASH_ROUNDS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(10)
}

/// Starts the program on a free port; gives the process and a client of it.
async fn start(folder: &Path) -> (Child, Client) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_codeartifact"))
        .args(["local", "serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(folder)
        .env_clear()
        .env("HOME", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the program starts");
    let output = child.stdout.take().expect("an output");
    let line = BufReader::new(output).lines().next_line().await;
    let base = line.expect("a line").expect("the address");
    let key = ServiceKey::of(folder).expect("its key");
    let key = Key {
        id: key.id,
        secret: key.secret.expose().to_string(),
    };
    (child, Client::new(&base, key))
}

/// Publishes, copies and deletes until the service is gone.
async fn work(client: &Client, next: &AtomicU64, promises: &Mutex<Promises>) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let version = format!("{number}.0.0");
        // Some versions share their bytes, so that blobs have several users.
        let content = format!("content {}", number % 7).into_bytes();
        let hash = sha256(&content);
        let at = |repository: &str| (repository.to_string(), version.clone());
        let publish = generic(
            "my-repo",
            json!({"packageVersion": version, "assetName": "asset"}),
        );
        if !acknowledged(client, "publish-package-version", publish, Some(content)).await {
            return;
        }
        promises
            .lock()
            .expect("no panic")
            .present
            .insert(at("my-repo"), hash.clone());
        let copy = json!({
            "domain": "my-domain", "sourceRepository": "my-repo", "destinationRepository": "repo-2",
            "format": "generic", "namespace": "my-ns", "package": "my-package", "versions": [version],
        });
        if !acknowledged(client, "copy-package-versions", copy, None).await {
            return;
        }
        promises
            .lock()
            .expect("no panic")
            .present
            .insert(at("repo-2"), hash);
        if number.is_multiple_of(3) {
            promises
                .lock()
                .expect("no panic")
                .deleting
                .insert(at("my-repo"), false);
            let delete = generic("my-repo", json!({"versions": [version]}));
            if !acknowledged(client, "delete-package-versions", delete, None).await {
                return;
            }
            promises
                .lock()
                .expect("no panic")
                .deleting
                .insert(at("my-repo"), true);
        }
    }
}

/// Whether the service said that it is done; it may also be gone, but nothing else.
async fn acknowledged(
    client: &Client,
    command: &str,
    members: Value,
    asset: Option<Vec<u8>>,
) -> bool {
    let (method, target, body) = encode(command, members);
    let hash = asset.as_deref().map(sha256);
    let body = asset.unwrap_or(body);
    let url = format!("{}{target}", client.base());
    let headers = signed(
        client.key(),
        &method,
        &url,
        &body,
        hash.as_deref(),
        "codeartifact",
        REGION,
    );
    match client.try_request(&method, &url, headers, body).await {
        Err(_) => false,
        Ok(answer) => {
            assert_eq!(answer.status, 200, "{command}: {}", answer.json());
            if let Some(failed) = answer.json()["failedVersions"].as_object() {
                assert!(failed.is_empty(), "{command}: {failed:?}");
            }
            true
        }
    }
}

/// Every listed asset has its bytes, and every promise is kept.
async fn check(client: &Client, promises: &Promises) -> BTreeSet<String> {
    let mut listed = BTreeMap::new();
    for repository in ["my-repo", "repo-2"] {
        let mut members = generic(repository, json!({"maxResults": 1000}));
        loop {
            let Ok(page) = client.call("list-package-versions", members.clone()).await else {
                break;
            };
            for version in page["versions"].as_array().expect("a list") {
                let version = version["version"].as_str().expect("a text").to_string();
                let answer = client.downloads(repository, &version, "asset").await;
                assert_eq!(answer.status, 200, "{repository} {version}");
                listed.insert((repository.to_string(), version), sha256(&answer.body));
            }
            if page["nextToken"].is_null() {
                break;
            }
            members["nextToken"] = page["nextToken"].clone();
        }
    }
    for (place, hash) in &promises.present {
        match promises.deleting.get(place) {
            None => assert_eq!(listed.get(place), Some(hash), "{place:?} is lost"),
            Some(true) => assert_eq!(listed.get(place), None, "{place:?} is back"),
            Some(false) => {}
        }
    }
    listed.into_values().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_service_has_lost_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let promises = Arc::new(Mutex::new(Promises::default()));
    let next = Arc::new(AtomicU64::new(1));
    let (mut child, client) = start(folder.path()).await;
    client
        .does("create-domain", json!({"domain": "my-domain"}))
        .await;
    for name in ["my-repo", "repo-2"] {
        let members = json!({"domain": "my-domain", "repository": name});
        client.does("create-repository", members).await;
    }
    let mut client = Arc::new(client);
    for round in 0..rounds() {
        let workers: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let (client, next, promises) = (
                    Arc::clone(&client),
                    Arc::clone(&next),
                    Arc::clone(&promises),
                );
                tokio::spawn(async move { work(&client, &next, &promises).await })
            })
            .collect();
        // Killed at another moment each time.
        tokio::time::sleep(Duration::from_millis(20 + (round * 37) % 150)).await;
        child.kill().await.expect("it is killed");
        for worker in workers {
            worker.await.expect("no worker was answered wrongly");
        }
        let (again, new) = start(folder.path()).await;
        child = again;
        client = Arc::new(new);
        if round % 40 == 39 {
            let so_far = promises.lock().expect("no panic").clone();
            check(&client, &so_far).await;
        }
    }
    let promises = promises.lock().expect("no panic").clone();
    assert!(!promises.present.is_empty());
    let hashes = check(&client, &promises).await;
    child.kill().await.expect("it is killed");
    // What no version has is collected, and nothing else.
    let store = Store::open(folder.path(), Durability::Machine).expect("a readable store");
    store.collect_orphans().await.expect("a readable folder");
    let mut files = BTreeSet::new();
    for folder in std::fs::read_dir(folder.path().join("blobs"))
        .expect("a folder")
        .flatten()
    {
        for file in std::fs::read_dir(folder.path())
            .expect("a folder")
            .flatten()
        {
            let name = [folder.file_name(), file.file_name()]
                .map(|name| name.to_string_lossy().into_owned());
            files.insert(name.concat());
        }
    }
    assert_eq!(files, hashes);
}

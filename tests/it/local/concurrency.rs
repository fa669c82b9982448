//! Many clients at once: some serial order of their calls explains every answer, and what is left.
//!
//! Every change writes its event in its own transaction, so the events are the serial order. An answer
//! must be the right one at a moment between the call and the answer: after one of the events that
//! were written meanwhile, or before all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::client::{generic, sha256};
use super::world::World;

const CLIENTS: usize = 64;
const VERSIONS: [&str; 4] = ["1.0.0", "2.0.0", "3.0.0", "4.0.0"];

/// The versions of both repositories, by repository and version: status and revision.
type State = BTreeMap<(String, String), (String, String)>;

/// An answer, and how many events there were before the call and after it.
#[derive(Debug)]
struct Observed {
    from: usize,
    to: usize,
    answer: Told,
}

/// What an answer says of a version, or of all of `my-repo`.
#[derive(Debug)]
enum Told {
    /// It was published, or was there like this.
    Published { version: String, revision: String },
    /// It is there with other content.
    Conflict { version: String },
    /// It came from `my-repo` into `repo-2`.
    Copied { version: String, revision: String },
    /// Both have the same.
    CopiedBefore { version: String },
    /// Both have it, with other content.
    CopyRefused { version: String },
    /// It was deleted by this call.
    Deleted { version: String },
    /// It has this status now.
    Unlisted { version: String, revision: String },
    /// `my-repo` does not have it.
    Missing { version: String },
    /// `my-repo` has no version.
    Nothing,
    /// `my-repo` has these: version, status and revision.
    Listed(BTreeSet<(String, String, String)>),
}

/// What happened, event by event.
struct History {
    /// The state after as many events.
    states: Vec<State>,
    /// Operation, repository and version of each event.
    events: Vec<(String, String, String)>,
}

impl History {
    fn of(documents: &[Value]) -> History {
        let mut states = vec![State::new()];
        let mut events = Vec::new();
        let mut sequences: BTreeMap<String, i64> = BTreeMap::new();
        for document in documents {
            let detail = &document["detail"];
            let text = |name: &str| detail[name].as_str().expect("a text").to_string();
            let sequence = sequences.entry(text("repositoryName")).or_default();
            assert_eq!(detail["sequenceNumber"], *sequence + 1);
            *sequence += 1;
            let place = (text("repositoryName"), text("packageVersion"));
            let now = (text("packageVersionState"), text("packageVersionRevision"));
            let mut state = states.last().cloned().unwrap_or_default();
            match text("operationType").as_str() {
                "Created" => {
                    assert_eq!(state.insert(place, now), None, "created twice: {document}");
                }
                "Updated" => assert!(
                    state.insert(place, now).is_some(),
                    "updated from nothing: {document}"
                ),
                _ => assert!(
                    state.remove(&place).is_some(),
                    "deleted from nothing: {document}"
                ),
            }
            states.push(state);
            events.push((
                text("operationType"),
                text("repositoryName"),
                text("packageVersion"),
            ));
        }
        History { states, events }
    }

    /// Whether the answer is right at some moment between the call and the answer.
    fn explains(&self, observed: &Observed) -> bool {
        (observed.from..=observed.to).any(|moment| {
            let state = &self.states[moment];
            // What this moment's event did, when the call can have done it.
            let did = (moment > observed.from).then(|| &self.events[moment - 1]);
            is_right(&observed.answer, state, did)
        })
    }
}

fn is_right(answer: &Told, state: &State, did: Option<&(String, String, String)>) -> bool {
    let at =
        |repository: &str, version: &String| state.get(&(repository.to_string(), version.clone()));
    let (own, copy) = (
        |version| at("my-repo", version),
        |version| at("repo-2", version),
    );
    let revision_of =
        |found: Option<&(String, String)>| found.map(|(_, revision)| revision.clone());
    let was = |repository: &str, version: &String| {
        did.filter(|did| did.1 == repository && did.2 == *version)
            .map(|did| did.0.as_str())
    };
    match answer {
        Told::Published { version, revision } => {
            revision_of(own(version)).as_ref() == Some(revision)
        }
        Told::Conflict { version } => own(version).is_some(),
        Told::Copied { version, revision } => {
            matches!(was("repo-2", version), Some("Created" | "Updated"))
                && revision_of(copy(version)).as_ref() == Some(revision)
                && revision_of(own(version)).as_ref() == Some(revision)
        }
        Told::CopiedBefore { version } => {
            own(version).is_some() && revision_of(own(version)) == revision_of(copy(version))
        }
        Told::CopyRefused { version } => {
            own(version).is_some()
                && copy(version).is_some()
                && revision_of(own(version)) != revision_of(copy(version))
        }
        Told::Deleted { version } => was("my-repo", version) == Some("Deleted"),
        Told::Unlisted { version, revision } => {
            own(version) == Some(&("Unlisted".to_string(), revision.clone()))
        }
        Told::Missing { version } => own(version).is_none(),
        Told::Nothing => state.keys().all(|(repository, _)| repository != "my-repo"),
        Told::Listed(listed) => {
            let there = state
                .iter()
                .filter(|((repository, _), _)| repository == "my-repo");
            let there: BTreeSet<_> = there
                .map(|((_, version), (status, revision))| {
                    (version.clone(), status.clone(), revision.clone())
                })
                .collect();
            there == *listed
        }
    }
}

/// How many events there are, of which so many are known.
async fn events(world: &World, known: usize) -> usize {
    let known = i64::try_from(known).expect("not that many");
    let events = world.service.registry.events(known, 100_000).await;
    let last = events
        .expect("events")
        .last()
        .map_or(known, |(number, _)| *number);
    usize::try_from(last).expect("a number from 1 on")
}

/// One client's mixture of calls, different for each; what it was told.
async fn work(world: &World, client: usize) -> Vec<Observed> {
    let mut observed = Vec::new();
    let mut from = 0;
    for step in 0..6 {
        let version = VERSIONS[(client + step) % VERSIONS.len()].to_string();
        from = events(world, from).await;
        let answer = match (client + step * 5) % 6 {
            0 | 1 => publish(world, client, version).await,
            2 => copy(world, client, version).await,
            3 => delete(world, version).await,
            4 => unlist(world, version).await,
            _ => list(world).await,
        };
        let to = events(world, from).await;
        observed.push(Observed { from, to, answer });
    }
    observed
}

async fn publish(world: &World, client: usize, version: String) -> Told {
    let content = format!("content of {client}");
    let outcome = world
        .publishes("my-repo", &version, "asset", content.as_bytes(), false)
        .await;
    match outcome {
        Ok(answer) => Told::Published {
            version,
            revision: text(&answer["versionRevision"]),
        },
        Err(refused) => {
            assert_eq!(refused.code, "ConflictException", "{refused:?}");
            Told::Conflict { version }
        }
    }
}

async fn copy(world: &World, client: usize, version: String) -> Told {
    let members = json!({
        "domain": "my-domain", "sourceRepository": "my-repo", "destinationRepository": "repo-2",
        "format": "generic", "namespace": "my-ns", "package": "my-package",
        "versions": [version], "allowOverwrite": client.is_multiple_of(2),
    });
    match batch(world, "copy-package-versions", members, &version).await {
        Batch::Done(revision) => Told::Copied { version, revision },
        Batch::Unmentioned => Told::CopiedBefore { version },
        Batch::Failed(code) if code == "ALREADY_EXISTS" => Told::CopyRefused { version },
        failed => failed.told(version),
    }
}

async fn delete(world: &World, version: String) -> Told {
    let members = generic("my-repo", json!({"versions": [version]}));
    match batch(world, "delete-package-versions", members, &version).await {
        Batch::Done(_) => Told::Deleted { version },
        failed => failed.told(version),
    }
}

async fn unlist(world: &World, version: String) -> Told {
    let more = json!({"versions": [version], "targetStatus": "Unlisted"});
    let members = generic("my-repo", more);
    match batch(world, "update-package-versions-status", members, &version).await {
        Batch::Done(revision) => Told::Unlisted { version, revision },
        failed => failed.told(version),
    }
}

async fn list(world: &World) -> Told {
    let listed = world
        .call("list-package-versions", generic("my-repo", json!({})))
        .await;
    match listed {
        Ok(page) => Told::Listed(
            page["versions"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|version| {
                    let member = |name: &str| text(&version[name]);
                    (member("version"), member("status"), member("revision"))
                })
                .collect(),
        ),
        Err(refused) => {
            assert_eq!(refused.code, "ResourceNotFoundException", "{refused:?}");
            Told::Nothing
        }
    }
}

/// What became of the one version of a call.
#[derive(Debug)]
enum Batch {
    /// It is among the successful ones, with this revision.
    Done(String),
    /// It is among the failed ones, with this code.
    Failed(String),
    /// It is among neither.
    Unmentioned,
    /// There is no such package.
    NoPackage,
}

impl Batch {
    /// What a failure says that is the same in all operations.
    fn told(self, version: String) -> Told {
        match self {
            Batch::Failed(code) if code == "NOT_FOUND" => Told::Missing { version },
            Batch::NoPackage => Told::Nothing,
            other => panic!("{version}: {other:?}"),
        }
    }
}

async fn batch(world: &World, command: &str, members: Value, version: &str) -> Batch {
    match world.call(command, members).await {
        Ok(answer) => {
            let (done, failed) = (
                &answer["successfulVersions"][version],
                &answer["failedVersions"][version],
            );
            match (done.is_null(), failed.is_null()) {
                (false, true) => Batch::Done(text(&done["revision"])),
                (true, false) => Batch::Failed(text(&failed["errorCode"])),
                (true, true) => Batch::Unmentioned,
                (false, false) => panic!("{command}: {answer}"),
            }
        }
        Err(refused) => {
            assert_eq!(refused.code, "ResourceNotFoundException", "{refused:?}");
            Batch::NoPackage
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_string()
}

/// The versions of both repositories, with status and revision.
async fn state(world: &World) -> State {
    let mut state = State::new();
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
    let mut observed = Vec::new();
    for client in clients {
        observed.extend(client.await.expect("no client was answered wrongly"));
    }
    let state = state(&world).await;
    let events = world.service.registry.events(0, 100_000).await;
    let documents: Vec<Value> = events
        .expect("events")
        .iter()
        .map(|(_, document)| serde_json::from_str(document).expect("JSON"))
        .collect();
    let history = History::of(&documents);
    assert_eq!(history.states.last(), Some(&state));
    for observed in &observed {
        assert!(history.explains(observed), "{observed:?}");
    }
    // Nothing was done twice, and nothing that nobody was told of.
    let told = |which: fn(&Told) -> bool| observed.iter().filter(|one| which(&one.answer)).count();
    let happened = |operations: &[&str], repository: &str| {
        let matching = history.events.iter().filter(|(operation, place, _)| {
            operations.contains(&operation.as_str()) && place == repository
        });
        matching.count()
    };
    assert_eq!(
        told(|answer| matches!(answer, Told::Deleted { .. })),
        happened(&["Deleted"], "my-repo")
    );
    assert_eq!(
        told(|answer| matches!(answer, Told::Copied { .. })),
        happened(&["Created", "Updated"], "repo-2")
    );
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

#[test]
fn what_no_order_explains_is_noticed() {
    let event = |operation: &str, version: &str, sequence: i64| {
        json!({"detail": {
            "repositoryName": "my-repo", "packageVersion": version, "sequenceNumber": sequence,
            "packageVersionState": "Published", "packageVersionRevision": "r", "operationType": operation,
        }})
    };
    let history = History::of(&[
        event("Created", "1.0.0", 1),
        event("Created", "2.0.0", 2),
        event("Deleted", "1.0.0", 3),
    ]);
    let listed = |versions: &[&str]| {
        let published = |version: &&str| (version.to_string(), "Published".into(), "r".into());
        Told::Listed(versions.iter().map(published).collect())
    };
    let missing = || Told::Missing {
        version: "1.0.0".to_string(),
    };
    let deleted = || Told::Deleted {
        version: "1.0.0".to_string(),
    };
    for (from, to, answer, is_explained) in [
        (0, 3, listed(&["1.0.0"]), true),
        (0, 3, listed(&["1.0.0", "2.0.0"]), true),
        // Half of one state and half of another.
        (0, 3, listed(&["2.0.0", "3.0.0"]), false),
        // What was there before the call only.
        (2, 3, listed(&["1.0.0"]), false),
        (3, 3, listed(&["2.0.0"]), true),
        (1, 2, missing(), false),
        (2, 3, missing(), true),
        (2, 3, deleted(), true),
        // Somebody else's doing.
        (3, 3, deleted(), false),
        (0, 0, Told::Nothing, true),
        (1, 3, Told::Nothing, false),
    ] {
        let observed = Observed { from, to, answer };
        assert_eq!(history.explains(&observed), is_explained, "{observed:?}");
    }
}

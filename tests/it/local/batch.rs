//! Status, disposal, deletion and copies (guide, "Update package version status", "Disposing of
//! package versions", "Deleting a package version", "Copy packages between repositories").

use serde_json::{Value, json};

use super::world::{World, generic, repository};

async fn world() -> World {
    let world = World::start()
        .await
        .with_repositories(&["my_repo", "repo-2"])
        .await;
    for version in ["4.0.0", "4.1.0"] {
        publish(&world, "my_repo", version, version.as_bytes()).await;
    }
    world
}

async fn publish(world: &World, repository: &str, version: &str, content: &[u8]) -> String {
    let published = world
        .publishes(repository, version, "asset", content, false)
        .await
        .expect("it is published");
    published["versionRevision"]
        .as_str()
        .expect("a revision")
        .to_string()
}

async fn status(world: &World, repository: &str, version: &str) -> String {
    let version = generic(repository, json!({"packageVersion": version}));
    let described = world.does("describe-package-version", version).await;
    described["packageVersion"]["status"]
        .as_str()
        .expect("a status")
        .to_string()
}

async fn revision(world: &World, repository: &str, version: &str) -> String {
    let version = generic(repository, json!({"packageVersion": version}));
    let described = world.does("describe-package-version", version).await;
    described["packageVersion"]["revision"]
        .as_str()
        .expect("a revision")
        .to_string()
}

async fn update(world: &World, more: Value) -> Value {
    world
        .does("update-package-versions-status", generic("my_repo", more))
        .await
}

#[tokio::test]
async fn several_versions_get_a_status_at_once() {
    let world = world().await;
    let before = revision(&world, "my_repo", "4.1.0").await;
    let members = json!({"versions": ["4.1.0", "4.0.0"], "targetStatus": "Archived"});
    let answer = update(&world, members).await;
    assert_eq!(answer["failedVersions"], json!({}));
    assert_eq!(
        answer["successfulVersions"]["4.1.0"],
        json!({"revision": before, "status": "Archived"})
    );
    assert_eq!(answer["successfulVersions"]["4.0.0"]["status"], "Archived");
}

#[tokio::test]
async fn an_archived_version_is_not_downloaded_an_unlisted_one_is() {
    let world = world().await;
    for (target, code) in [("Unlisted", 200), ("Archived", 404), ("Published", 200)] {
        update(
            &world,
            json!({"versions": ["4.0.0"], "targetStatus": target}),
        )
        .await;
        assert_eq!(
            world.downloads("my_repo", "4.0.0", "asset").await.status,
            code,
            "{target}"
        );
        let listed = world
            .does("list-package-versions", generic("my_repo", json!({})))
            .await;
        assert_eq!(listed["versions"][0]["status"], target);
    }
    let members = generic("my_repo", json!({"status": "Archived"}));
    let none = world.does("list-package-versions", members).await;
    assert_eq!(none["versions"], json!([]));
}

#[tokio::test]
async fn an_archived_version_cannot_be_published_again() {
    let world = world().await;
    update(
        &world,
        json!({"versions": ["4.0.0"], "targetStatus": "Archived"}),
    )
    .await;
    let refused = world
        .publishes("my_repo", "4.0.0", "asset", b"4.0.0", false)
        .await
        .unwrap_err();
    assert_eq!(refused.code, "ConflictException");
}

#[tokio::test]
async fn an_unexpected_status_changes_nothing() {
    let world = world().await;
    let members = json!({
        "versions": ["4.1.0", "4.0.0"], "targetStatus": "Archived", "expectedStatus": "Unlisted",
    });
    let mismatch = json!({
        "errorCode": "MISMATCHED_STATUS",
        "errorMessage": "current status: Published, expected status: Unlisted",
    });
    assert_eq!(
        update(&world, members).await,
        json!({"successfulVersions": {}, "failedVersions": {"4.1.0": mismatch, "4.0.0": mismatch}})
    );
}

#[tokio::test]
async fn a_wrong_revision_skips_the_others() {
    let world = world().await;
    let (of_40, of_41) = (
        revision(&world, "my_repo", "4.0.0").await,
        revision(&world, "my_repo", "4.1.0").await,
    );
    let members = json!({
        "versions": ["4.1.0", "4.0.0"], "targetStatus": "Archived",
        "versionRevisions": {"4.1.0": "other=", "4.0.0": of_40},
    });
    assert_eq!(
        update(&world, members).await["failedVersions"],
        json!({
            "4.1.0": {
                "errorCode": "MISMATCHED_REVISION",
                "errorMessage": format!("current revision: {of_41}, expected revision: other="),
            },
            "4.0.0": {"errorCode": "SKIPPED", "errorMessage": "version 4.0.0 is skipped"},
        })
    );
    assert_eq!(status(&world, "my_repo", "4.0.0").await, "Published");
    let members = json!({
        "versions": ["4.1.0"], "targetStatus": "Archived", "versionRevisions": {"4.1.0": of_41},
    });
    update(&world, members).await;
    assert_eq!(status(&world, "my_repo", "4.1.0").await, "Archived");
    let members = json!({
        "versions": ["4.1.0"], "targetStatus": "Archived", "versionRevisions": {"4.0.0": of_40},
    });
    let members = generic("my_repo", members);
    let refused = world
        .refuses("update-package-versions-status", members)
        .await;
    assert_eq!(refused.code, "ValidationException");
}

#[tokio::test]
async fn only_three_statuses_can_be_set() {
    let world = world().await;
    for target in ["Unfinished", "Disposed", "Deleted", "Nonsense"] {
        let members = generic(
            "my_repo",
            json!({"versions": ["4.0.0"], "targetStatus": target}),
        );
        let refused = world
            .refuses("update-package-versions-status", members)
            .await;
        assert_eq!(refused.code, "ValidationException", "{target}");
    }
    let missing = update(
        &world,
        json!({"versions": ["9.9.9"], "targetStatus": "Archived"}),
    )
    .await;
    assert_eq!(missing["failedVersions"]["9.9.9"]["errorCode"], "NOT_FOUND");
}

#[tokio::test]
async fn an_unfinished_version_is_finished_by_its_status() {
    let world = world().await;
    world
        .publishes("my_repo", "5.0.0", "asset", b"5", true)
        .await
        .unwrap();
    update(
        &world,
        json!({"versions": ["5.0.0"], "targetStatus": "Published"}),
    )
    .await;
    assert_eq!(status(&world, "my_repo", "5.0.0").await, "Published");
    let refused = world
        .publishes("my_repo", "5.0.0", "more", b"5", true)
        .await
        .unwrap_err();
    assert_eq!(refused.code, "ConflictException");
}

#[tokio::test]
async fn a_disposed_version_has_no_assets_and_can_only_be_deleted() {
    let world = world().await;
    let members = generic(
        "my_repo",
        json!({"versions": ["4.0.0"], "expectedStatus": "Unlisted"}),
    );
    let answer = world.does("dispose-package-versions", members).await;
    assert_eq!(
        answer["failedVersions"]["4.0.0"]["errorCode"],
        "MISMATCHED_STATUS"
    );
    let members = generic(
        "my_repo",
        json!({"versions": ["4.0.0"], "expectedStatus": "Published"}),
    );
    let answer = world
        .does("dispose-package-versions", members.clone())
        .await;
    assert_eq!(answer["successfulVersions"]["4.0.0"]["status"], "Disposed");
    assert_eq!(
        world.downloads("my_repo", "4.0.0", "asset").await.status,
        404
    );
    let domain = world
        .does("describe-domain", json!({"domain": "my-domain"}))
        .await;
    assert_eq!(domain["domain"]["assetSizeBytes"], 5);
    let again = generic("my_repo", json!({"versions": ["4.0.0"]}));
    let answer = world.does("dispose-package-versions", again).await;
    assert_eq!(
        answer["failedVersions"]["4.0.0"]["errorCode"],
        "NOT_ALLOWED"
    );
    let answer = update(
        &world,
        json!({"versions": ["4.0.0"], "targetStatus": "Published"}),
    )
    .await;
    assert_eq!(
        answer["failedVersions"]["4.0.0"]["errorCode"],
        "NOT_ALLOWED"
    );
    let refused = world
        .publishes("my_repo", "4.0.0", "asset", b"4.0.0", false)
        .await
        .unwrap_err();
    assert_eq!(refused.code, "ConflictException");
    let members = generic("my_repo", json!({"versions": ["4.0.0"]}));
    let answer = world.does("delete-package-versions", members).await;
    assert_eq!(answer["successfulVersions"]["4.0.0"]["status"], "Deleted");
}

#[tokio::test]
async fn a_deleted_version_can_be_published_again() {
    let world = world().await;
    let members = json!({"versions": ["4.0.0", "4.1.0"], "expectedStatus": "Archived"});
    let answer = world
        .does("delete-package-versions", generic("my_repo", members))
        .await;
    assert_eq!(
        answer["failedVersions"]["4.0.0"]["errorCode"],
        "MISMATCHED_STATUS"
    );
    let members = generic("my_repo", json!({"versions": ["4.0.0", "4.1.0"]}));
    let answer = world.does("delete-package-versions", members).await;
    assert_eq!(answer["successfulVersions"]["4.0.0"]["status"], "Deleted");
    // The package stays, without versions.
    let listed = world
        .does("list-package-versions", generic("my_repo", json!({})))
        .await;
    assert_eq!(listed["versions"], json!([]));
    assert_eq!(listed["defaultDisplayVersion"], json!(null));
    publish(&world, "my_repo", "4.0.0", b"other content").await;
    assert_eq!(
        world.downloads("my_repo", "4.0.0", "asset").await.body,
        b"other content"
    );
}

async fn copy(world: &World, more: Value) -> Value {
    world.does("copy-package-versions", copying(more)).await
}

fn copying(more: Value) -> Value {
    let mut members = generic("", more);
    let map = members.as_object_mut().expect("an object");
    map.remove("repository");
    for (name, value) in [
        ("sourceRepository", "my_repo"),
        ("destinationRepository", "repo-2"),
    ] {
        map.entry(name).or_insert(json!(value));
    }
    members
}

#[tokio::test]
async fn versions_are_copied_with_revision_and_origin() {
    let world = world().await;
    let answer = copy(&world, json!({"versions": ["4.1.0", "4.0.0"]})).await;
    let (of_40, of_41) = (
        revision(&world, "my_repo", "4.0.0").await,
        revision(&world, "my_repo", "4.1.0").await,
    );
    assert_eq!(
        answer,
        json!({
            "successfulVersions": {
                "4.1.0": {"revision": of_41, "status": "Published"},
                "4.0.0": {"revision": of_40, "status": "Published"},
            },
            "failedVersions": {},
        })
    );
    assert_eq!(
        world.downloads("repo-2", "4.0.0", "asset").await.body,
        b"4.0.0"
    );
    let version = generic("repo-2", json!({"packageVersion": "4.0.0"}));
    let described = world.does("describe-package-version", version).await;
    let entry = &described["packageVersion"]["origin"]["domainEntryPoint"];
    assert_eq!(entry["repositoryName"], "my_repo");
    // No bytes are copied, and the copy does not follow its source.
    let domain = world
        .does("describe-domain", json!({"domain": "my-domain"}))
        .await;
    assert_eq!(domain["domain"]["assetSizeBytes"], 10);
    world
        .does("delete-package", generic("my_repo", json!({})))
        .await;
    assert_eq!(
        world.downloads("repo-2", "4.0.0", "asset").await.body,
        b"4.0.0"
    );
}

#[tokio::test]
async fn a_missing_version_skips_the_others() {
    let world = world().await;
    let answer = copy(&world, json!({"versions": ["4.0.0", "5.6.7"]})).await;
    assert_eq!(
        answer,
        json!({
            "successfulVersions": {},
            "failedVersions": {
                "4.0.0": {"errorCode": "SKIPPED", "errorMessage": "Version 4.0.0 was skipped"},
                "5.6.7": {"errorCode": "NOT_FOUND", "errorMessage": "Could not find version 5.6.7"},
            },
        })
    );
    let refused = world
        .refuses("describe-package", generic("repo-2", json!({})))
        .await;
    assert_eq!(refused.code, "ResourceNotFoundException");
}

#[tokio::test]
async fn a_copy_of_the_same_is_done_but_not_mentioned() {
    let world = world().await;
    copy(&world, json!({"versions": ["4.0.0"]})).await;
    let answer = copy(&world, json!({"versions": ["4.0.0", "4.1.0"]})).await;
    let names: Vec<&String> = answer["successfulVersions"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    assert_eq!(names, ["4.1.0"]);
    assert_eq!(answer["failedVersions"], json!({}));
}

#[tokio::test]
async fn other_content_is_only_overwritten_when_asked_for() {
    let world = world().await;
    publish(&world, "repo-2", "4.0.0", b"another").await;
    let answer = copy(&world, json!({"versions": ["4.0.0", "4.1.0"]})).await;
    assert_eq!(
        answer["failedVersions"],
        json!({
            "4.0.0": {"errorCode": "ALREADY_EXISTS", "errorMessage": "Version 4.0.0 already exists"},
            "4.1.0": {"errorCode": "SKIPPED", "errorMessage": "Version 4.1.0 was skipped"},
        })
    );
    assert_eq!(
        world.downloads("repo-2", "4.0.0", "asset").await.body,
        b"another"
    );
    copy(
        &world,
        json!({"versions": ["4.0.0"], "allowOverwrite": true}),
    )
    .await;
    assert_eq!(
        world.downloads("repo-2", "4.0.0", "asset").await.body,
        b"4.0.0"
    );
}

#[tokio::test]
async fn a_copy_may_ask_for_a_revision() {
    let world = world().await;
    let of_40 = revision(&world, "my_repo", "4.0.0").await;
    let answer = copy(&world, json!({"versionRevisions": {"4.0.0": "other"}})).await;
    assert_eq!(
        answer["failedVersions"]["4.0.0"]["errorCode"],
        "MISMATCHED_REVISION"
    );
    let answer = copy(&world, json!({"versionRevisions": {"4.0.0": of_40}})).await;
    assert_eq!(answer["successfulVersions"]["4.0.0"]["revision"], of_40);
}

#[tokio::test]
async fn a_copy_names_versions_or_revisions_and_two_repositories() {
    let world = world().await;
    for more in [
        json!({}),
        json!({"versions": ["4.0.0"], "versionRevisions": {"4.0.0": "r"}}),
        json!({"versions": ["4.0.0"], "destinationRepository": "my_repo"}),
        json!({"versions": vec!["4.0.0"; 101]}),
    ] {
        let refused = world.refuses("copy-package-versions", copying(more)).await;
        assert_eq!(refused.code, "ValidationException");
    }
    let more = json!({"versions": ["4.0.0"], "destinationRepository": "absent"});
    let refused = world.refuses("copy-package-versions", copying(more)).await;
    assert_eq!(refused.code, "ResourceNotFoundException");
    let more = json!({"versions": ["4.0.0"], "package": "absent"});
    let refused = world.refuses("copy-package-versions", copying(more)).await;
    assert_eq!(refused.code, "ResourceNotFoundException");
}

#[tokio::test]
async fn generic_packages_are_not_looked_for_upstream() {
    let world = world().await;
    world
        .does("create-repository", repository("repo-3", json!({})))
        .await;
    let upstreams = json!({"upstreams": [{"repositoryName": "my_repo"}]});
    world
        .does("update-repository", repository("repo-3", upstreams))
        .await;
    let more = json!({
        "versions": ["4.0.0"], "sourceRepository": "repo-3", "includeFromUpstream": true,
    });
    let refused = world.refuses("copy-package-versions", copying(more)).await;
    assert_eq!(refused.code, "ResourceNotFoundException");
}

//! Generic packages (guide, "Using CodeArtifact with generic packages") and what all packages have
//! in common: assets, revisions, listing.

use serde_json::{Value, json};

use super::world::{World, encode, generic, key_of, repository, sha256};

async fn world() -> World {
    World::start().await.with_repositories(&["my-repo"]).await
}

#[tokio::test]
async fn a_package_is_published_listed_described_and_downloaded() {
    let world = world().await;
    let published = world
        .publishes("my-repo", "1.0.0", "asset.tar.gz", b"hello world", false)
        .await
        .unwrap();
    let asset = json!({
        "name": "asset.tar.gz",
        "size": 11,
        "hashes": {
            "MD5": "5eb63bbbe01eeed093cb22bb8f5acdc3",
            "SHA-1": "2aae6c35c94fcfb415dbe95f408b9ce91ee846ed",
            "SHA-256": sha256(b"hello world"),
            "SHA-512": "309ecc489c12d6eb4cc40f50c902f2b4d0ed77ee511a7c7a9bcd3ca86d4cd86f989dd35bc5ff499670da34255b45b0cfd830e81f605dcf7dc5542e93ae9cd76f",
        },
    });
    let revision = published["versionRevision"].clone();
    assert_eq!(
        published,
        json!({
            "format": "generic", "namespace": "my-ns", "package": "my-package", "version": "1.0.0",
            "versionRevision": revision, "status": "Published", "asset": asset,
        })
    );
    let listed = world
        .does("list-packages", repository("my-repo", json!({})))
        .await;
    assert_eq!(
        listed["packages"],
        json!([{
            "format": "generic", "namespace": "my-ns", "package": "my-package",
            "originConfiguration": {"restrictions": {"publish": "ALLOW", "upstream": "BLOCK"}},
        }])
    );
    let origin =
        json!({"domainEntryPoint": {"repositoryName": "my-repo"}, "originType": "INTERNAL"});
    let versions = world
        .does("list-package-versions", generic("my-repo", json!({})))
        .await;
    assert_eq!(
        versions,
        json!({
            "defaultDisplayVersion": "1.0.0", "format": "generic", "namespace": "my-ns",
            "package": "my-package",
            "versions": [{"version": "1.0.0", "revision": revision, "status": "Published", "origin": origin}],
        })
    );
    let version = generic("my-repo", json!({"packageVersion": "1.0.0"}));
    let described = world
        .does("describe-package-version", version.clone())
        .await;
    let described = &described["packageVersion"];
    assert_eq!(described["packageName"], "my-package");
    assert_eq!(described["revision"], revision);
    assert_eq!(described["status"], "Published");
    assert_eq!(described["origin"], origin);
    assert_eq!(described["licenses"], json!([]));
    let assets = world
        .does("list-package-version-assets", version.clone())
        .await;
    assert_eq!(assets["assets"], json!([asset]));
    assert_eq!(assets["versionRevision"], revision);
    let answer = world.downloads("my-repo", "1.0.0", "asset.tar.gz").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, b"hello world");
    assert_eq!(answer.header("x-assetname"), "asset.tar.gz");
    assert_eq!(answer.header("x-packageversion"), "1.0.0");
    assert_eq!(
        answer.header("x-packageversionrevision"),
        revision.as_str().unwrap()
    );
    // Neither dependencies nor a readme (guide, "Generic package constraints").
    let dependencies = world
        .does("list-package-version-dependencies", version.clone())
        .await;
    assert_eq!(dependencies["dependencies"], json!([]));
    let refused = world.refuses("get-package-version-readme", version).await;
    assert_eq!(refused.code, "ResourceNotFoundException");
    let domain = world
        .does("describe-domain", json!({"domain": "my-domain"}))
        .await;
    assert_eq!(domain["domain"]["assetSizeBytes"], 11);
}

#[tokio::test]
async fn assets_are_added_until_the_version_is_finished() {
    let world = world().await;
    let first = world
        .publishes("my-repo", "1.0.0", "one", b"1", true)
        .await
        .unwrap();
    assert_eq!(first["status"], "Unfinished");
    let second = world
        .publishes("my-repo", "1.0.0", "two", b"2", false)
        .await
        .unwrap();
    assert_eq!(second["status"], "Published");
    assert_ne!(first["versionRevision"], second["versionRevision"]);
    let refused = world
        .publishes("my-repo", "1.0.0", "three", b"3", false)
        .await
        .unwrap_err();
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (409, "ConflictException")
    );
    let version = generic("my-repo", json!({"packageVersion": "1.0.0"}));
    let assets = world.does("list-package-version-assets", version).await;
    let names: Vec<&Value> = assets["assets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|asset| &asset["name"])
        .collect();
    assert_eq!(names, ["one", "two"]);
}

#[tokio::test]
async fn the_same_content_again_is_no_conflict_other_content_is() {
    let world = world().await;
    let first = world
        .publishes("my-repo", "1.0.0", "one", b"1", false)
        .await
        .unwrap();
    let again = world
        .publishes("my-repo", "1.0.0", "one", b"1", false)
        .await
        .unwrap();
    assert_eq!(again, first);
    let refused = world
        .publishes("my-repo", "1.0.0", "one", b"other", false)
        .await
        .unwrap_err();
    assert_eq!(refused.code, "ConflictException");
    assert_eq!(world.downloads("my-repo", "1.0.0", "one").await.body, b"1");
}

#[tokio::test]
async fn the_hash_must_be_that_of_the_content() {
    let world = world().await;
    let members = generic(
        "my-repo",
        json!({"packageVersion": "1.0.0", "assetName": "one"}),
    );
    let (method, target, _) = encode("publish-package-version", members.clone());
    let key = key_of("alice");
    let hash = sha256(b"one thing");
    let answer = world
        .send(&key, &method, &target, b"another".to_vec(), Some(&hash))
        .await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["reason"], "FIELD_VALIDATION_FAILED");
    let answer = world
        .send(&key, &method, &target, b"another".to_vec(), None)
        .await;
    assert_eq!(answer.status, 403);
    assert!(
        answer.json()["message"]
            .as_str()
            .unwrap()
            .contains("x-amz-content-sha256")
    );
    let refused = world
        .refuses("describe-package", generic("my-repo", json!({})))
        .await;
    assert_eq!(refused.code, "ResourceNotFoundException");
    // Nothing is left of the bytes.
    let staging = world.directory.path().join("data/staging");
    assert_eq!(std::fs::read_dir(staging).unwrap().count(), 0);
}

#[tokio::test]
async fn only_generic_packages_are_published_by_the_api() {
    let world = world().await;
    let members = repository(
        "my-repo",
        json!({"format": "npm", "package": "p", "packageVersion": "1.0.0", "assetName": "one"}),
    );
    let (method, target, _) = encode("publish-package-version", members);
    let answer = world
        .send(
            &key_of("alice"),
            &method,
            &target,
            Vec::new(),
            Some(&sha256(b"")),
        )
        .await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn a_generic_package_needs_a_namespace_and_pypi_has_none() {
    let world = world().await;
    for (format, namespace) in [
        ("generic", None),
        ("maven", None),
        ("swift", None),
        ("pypi", Some("n")),
        ("nuget", Some("n")),
    ] {
        let mut members = repository("my-repo", json!({"format": format, "package": "p"}));
        if let Some(namespace) = namespace {
            members["namespace"] = json!(namespace);
        }
        let refused = world.refuses("describe-package", members).await;
        assert_eq!(refused.code, "ValidationException", "{format}");
    }
}

#[tokio::test]
async fn an_asset_is_stored_once_in_a_domain() {
    let world = world().await;
    for version in ["1.0.0", "2.0.0"] {
        for asset in ["one", "two"] {
            world
                .publishes("my-repo", version, asset, b"the same", true)
                .await
                .unwrap();
        }
    }
    let domain = world
        .does("describe-domain", json!({"domain": "my-domain"}))
        .await;
    assert_eq!(domain["domain"]["assetSizeBytes"], 8);
    world
        .does("delete-package", generic("my-repo", json!({})))
        .await;
    let domain = world
        .does("describe-domain", json!({"domain": "my-domain"}))
        .await;
    assert_eq!(domain["domain"]["assetSizeBytes"], 0);
    // The last package that had the bytes takes them along.
    let blobs = world.directory.path().join("data/blobs");
    let left: usize = std::fs::read_dir(blobs)
        .unwrap()
        .flatten()
        .map(|folder| std::fs::read_dir(folder.path()).unwrap().count())
        .sum();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_version_has_150_assets_at_most() {
    let world = world().await;
    for number in 0..150 {
        let name = format!("asset-{number}");
        world
            .publishes("my-repo", "1.0.0", &name, b"x", true)
            .await
            .unwrap();
    }
    let refused = world
        .publishes("my-repo", "1.0.0", "one-more", b"x", true)
        .await
        .unwrap_err();
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (402, "ServiceQuotaExceededException")
    );
    let version = generic("my-repo", json!({"packageVersion": "1.0.0"}));
    let first = world
        .does("list-package-version-assets", version.clone())
        .await;
    assert_eq!(first["assets"].as_array().unwrap().len(), 100);
    let mut more = version;
    more["nextToken"] = first["nextToken"].clone();
    let second = world.does("list-package-version-assets", more).await;
    assert_eq!(second["assets"].as_array().unwrap().len(), 50);
    assert_eq!(second["nextToken"], json!(null));
}

#[tokio::test]
async fn what_was_published_is_there_after_a_restart() {
    let world = world().await;
    world
        .publishes("my-repo", "1.0.0", "one", b"content", false)
        .await
        .unwrap();
    // A killed service leaves a file without a row, and one that was being written.
    let orphan = world
        .directory
        .path()
        .join("data/blobs/ab")
        .join("cd".repeat(31));
    std::fs::create_dir_all(orphan.parent().unwrap()).unwrap();
    std::fs::File::create(&orphan).unwrap();
    let half = world.directory.path().join("data/staging/half");
    std::fs::File::create(&half).unwrap();
    let world = world.restart().await;
    assert_eq!(
        world.downloads("my-repo", "1.0.0", "one").await.body,
        b"content"
    );
    assert!(!half.exists());
    world.service.collect_orphans().await.unwrap();
    assert!(!orphan.exists());
    assert_eq!(
        world.downloads("my-repo", "1.0.0", "one").await.body,
        b"content"
    );
}

#[tokio::test]
async fn a_missing_package_is_answered_as_the_guide_shows() {
    let world = world().await;
    let members = repository(
        "my-repo",
        json!({"format": "npm", "package": "lodash", "packageVersion": "1.0.0"}),
    );
    let refused = world.refuses("describe-package-version", members).await;
    assert_eq!(refused.status, 404);
    assert_eq!(
        refused.message(),
        "Package not found in repository. RepoId: my-repo, Package = PackageCoordinate{packageType=npm, packageName=lodash}"
    );
}

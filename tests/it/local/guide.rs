//! Rules of the guide that no other file tells of, and the table of all of them, `RULES.md`: every
//! test that it names is there.

use std::path::Path;
use std::time::Duration;

use codeartifact::local::registry::quota::Quotas;
use serde_json::{Value, json};

use super::world::{ACCOUNT, World, encode, generic, key_of, merge, principal, repository, sha256};

/// This table, and that of the package endpoints.
const RULES: [&str; 2] = [
    include_str!("RULES.md"),
    include_str!("../formats/RULES.md"),
];

/// The words between backticks that name a test: `place::name`.
fn tests(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.split('`')
        .skip(1)
        .step_by(2)
        .filter_map(|word| word.rsplit_once("::"))
}

#[test]
fn every_rule_has_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut rules = 0;
    let lines = RULES.iter().flat_map(|table| table.lines());
    for line in lines.filter(|line| line.starts_with("| ")) {
        let Some((_, proof)) = line.trim_end_matches(" |").rsplit_once(" | ") else {
            panic!("{line}");
        };
        if proof == "shown by" || proof == "---" {
            continue;
        }
        rules += 1;
        assert!(
            proof.starts_with("not here: ") || tests(proof).count() > 0,
            "{line}"
        );
        for (place, name) in tests(proof) {
            let path = match place.strip_suffix(".rs") {
                Some(_) => root.join("src/local").join(place),
                None => root.join("tests/it").join(place.replace("::", "/") + ".rs"),
            };
            let text = std::fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert!(
                text.contains(&format!("fn {name}(")),
                "{place}::{name}: {line}"
            );
        }
    }
    assert!(rules > 50, "{rules}");
}

#[tokio::test]
async fn root_users_get_no_token() {
    let mut root = principal("alice", ACCOUNT);
    root.identity.arn = format!("arn:aws:iam::{ACCOUNT}:root");
    let world = World::with(vec![root], Quotas::default())
        .await
        .with_repositories(&[])
        .await;
    let refused = world
        .refuses("get-authorization-token", json!({"domain": "my-domain"}))
        .await;
    assert_eq!(refused.code, "AccessDeniedException");
}

#[tokio::test]
async fn a_token_may_last_as_long_as_its_session() {
    let mut session = principal("bob", ACCOUNT);
    session.identity.arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/build/bob");
    let principals = vec![principal("alice", ACCOUNT), session.clone()];
    let now = World::with(principals, Quotas::default()).await.clock.now();
    let end = now + 2 * 3600 * 1000;
    session.identity.session_ends = Some(end);
    let principals = vec![principal("alice", ACCOUNT), session];
    let world = World::with(principals, Quotas::default())
        .await
        .with_repositories(&["my-repo"])
        .await;
    let token = async |seconds: u64| {
        let members = json!({"domain": "my-domain", "durationSeconds": seconds});
        let bob = key_of("bob");
        let answer = world
            .call_as(&bob, "get-authorization-token", members)
            .await;
        answer.unwrap()
    };
    let of_session = token(0).await;
    // Times are in whole milliseconds, as seconds with a fraction.
    let expires = of_session["expiration"].as_f64().unwrap();
    assert!((expires - end as f64 / 1000.0).abs() < 0.001, "{expires}");
    // "Otherwise, the token lifetime is independent of the session duration of the role."
    let longer = token(43200).await["expiration"].as_f64().unwrap();
    assert!(longer > end as f64 / 1000.0 + 3600.0, "{longer}");
    let url = format!("{}/d/my-domain-{ACCOUNT}/npm/my-repo/absent", world.base());
    let text = of_session["authorizationToken"].as_str().unwrap();
    let status = async || {
        let headers = vec![("authorization".to_string(), format!("Bearer {text}"))];
        world.request("GET", &url, headers, Vec::new()).await.status
    };
    assert_eq!(status().await, 404);
    world.wait(Duration::from_secs(2 * 3600));
    assert_eq!(status().await, 401);
}

#[tokio::test]
async fn the_default_display_version_is_the_latest_published() {
    let world = World::start().await.with_repositories(&["my-repo"]).await;
    for version in ["2.0.0", "1.0.0"] {
        let published = world
            .publishes("my-repo", version, "asset", b"1", false)
            .await;
        published.unwrap();
        world.wait(Duration::from_secs(1));
    }
    let members = generic("my-repo", json!({}));
    let listed = world.does("list-package-versions", members).await;
    assert_eq!(listed["defaultDisplayVersion"], "1.0.0");
}

#[tokio::test]
async fn quotas_are_enforced() {
    let quotas = Quotas {
        asset_size: 10,
        repositories_per_domain: 2,
        ..Quotas::default()
    };
    let world = World::with(vec![principal("alice", ACCOUNT)], quotas)
        .await
        .with_repositories(&["my-repo", "repo-2"])
        .await;
    let refused = world
        .refuses("create-repository", repository("repo-3", json!({})))
        .await;
    let of = |refused: &super::client::Refused| (refused.status, refused.code.clone());
    let quota = (402, "ServiceQuotaExceededException".to_string());
    assert_eq!(of(&refused), quota);
    let largest = world.publishes("my-repo", "1.0.0", "asset", b"0123456789", false);
    largest.await.unwrap();
    let larger = world.publishes("my-repo", "2.0.0", "asset", b"0123456789a", false);
    assert_eq!(of(&larger.await.unwrap_err()), quota);
    let versions = world
        .does("list-package-versions", generic("my-repo", json!({})))
        .await;
    assert_eq!(versions["versions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_api_looks_in_no_upstream() {
    let world = World::start()
        .await
        .with_repositories(&["upstream-repo", "target-repo"])
        .await;
    let upstreams = json!({"upstreams": [{"repositoryName": "upstream-repo"}]});
    let members = repository("target-repo", upstreams);
    world.does("update-repository", members).await;
    let published = world.publishes("upstream-repo", "1.0.0", "asset", b"1", false);
    published.await.unwrap();
    let packages = repository("target-repo", json!({}));
    let packages = world.does("list-packages", packages).await;
    assert_eq!(packages["packages"], json!([]));
    let one = json!({"packageVersion": "1.0.0"});
    let with_asset = json!({"packageVersion": "1.0.0", "asset": "asset"});
    let several = json!({"versions": ["1.0.0"]});
    let mut with_status = several.clone();
    merge(&mut with_status, json!({"targetStatus": "Archived"}));
    for (command, more) in [
        ("describe-package", json!({})),
        ("list-package-versions", json!({})),
        ("describe-package-version", one.clone()),
        ("get-package-version-readme", one.clone()),
        ("list-package-version-assets", one.clone()),
        ("list-package-version-dependencies", one),
        ("get-package-version-asset", with_asset),
        ("delete-package-versions", several),
        ("update-package-versions-status", with_status),
    ] {
        let members = generic("target-repo", more);
        let refused = world.refuses(command, members).await;
        let expected = (404, "ResourceNotFoundException");
        assert_eq!(
            (refused.status, refused.code.as_str()),
            expected,
            "{command}"
        );
    }
}

#[tokio::test]
async fn an_upload_that_is_denied_leaves_nothing() {
    let world = World::start().await.with_repositories(&["my-repo"]).await;
    let deny = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Deny", "Action": "codeartifact:PublishPackageVersion", "Resource": "*", "Principal": "*",
        }],
    });
    let members = repository("my-repo", json!({"policyDocument": deny.to_string()}));
    world
        .does("put-repository-permissions-policy", members)
        .await;
    let more = json!({"packageVersion": "1.0.0", "assetName": "asset"});
    let (method, target, _) = encode("publish-package-version", generic("my-repo", more));
    let hash = sha256(b"1");
    let answer = world
        .send(world.key(), &method, &target, b"1".to_vec(), Some(&hash))
        .await;
    assert_eq!(answer.status, 403);
    let message: Value = answer.json();
    let text = message["message"].as_str().unwrap();
    assert!(
        text.contains("codeartifact:PublishPackageVersion on resource: arn:"),
        "{text}"
    );
    let packages = repository("my-repo", json!({}));
    let packages = world.does("list-packages", packages).await;
    assert_eq!(packages["packages"], json!([]));
    let domain = json!({"domain": "my-domain"});
    let domain = world.does("describe-domain", domain).await;
    assert_eq!(domain["domain"]["assetSizeBytes"], 0);
}

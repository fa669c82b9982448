//! Events (guide, "CodeArtifact event format and example").

use codeartifact::local::registry::quota::Quotas;
use serde_json::{Value, json};

use super::world::{ACCOUNT, REGION, World, generic, key_of, merge, principal, repository};

async fn details(world: &World) -> Vec<Value> {
    let events = world
        .service
        .registry
        .events(0, 1000)
        .await
        .expect("events");
    events
        .iter()
        .map(|(_, document)| serde_json::from_str(document).expect("JSON"))
        .collect()
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

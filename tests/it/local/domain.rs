//! Domains (guide, "Working with domains").

use serde_json::json;

use super::world::{ACCOUNT, REGION, World};

#[tokio::test]
async fn a_domain_is_created_described_listed_and_deleted() {
    let world = World::start().await;
    let created = world
        .does("create-domain", json!({"domain": "my-domain"}))
        .await;
    let domain = &created["domain"];
    assert_eq!(domain["name"], "my-domain");
    assert_eq!(domain["owner"], ACCOUNT);
    assert_eq!(
        domain["arn"],
        format!("arn:aws:codeartifact:{REGION}:{ACCOUNT}:domain/my-domain")
    );
    assert_eq!(domain["status"], "Active");
    assert_eq!(domain["repositoryCount"], 0);
    assert_eq!(domain["assetSizeBytes"], 0);
    let key = domain["encryptionKey"].as_str().unwrap();
    assert!(
        key.starts_with(&format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/")),
        "{key}"
    );
    let described = world
        .does("describe-domain", json!({"domain": "my-domain"}))
        .await;
    assert_eq!(described, created);
    let listed = world.does("list-domains", json!({})).await;
    assert_eq!(listed["domains"][0]["name"], "my-domain");
    assert_eq!(listed["nextToken"], json!(null));
    let deleted = world
        .does("delete-domain", json!({"domain": "my-domain"}))
        .await;
    assert_eq!(deleted["domain"]["status"], "Deleted");
    let refused = world
        .refuses("describe-domain", json!({"domain": "my-domain"}))
        .await;
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (404, "ResourceNotFoundException")
    );
    assert_eq!(refused.body["resourceId"], "my-domain");
    assert_eq!(refused.body["resourceType"], "domain");
}

#[tokio::test]
async fn a_name_is_unique_in_its_account() {
    let world = World::start().await.with_repositories(&[]).await;
    let refused = world
        .refuses("create-domain", json!({"domain": "my-domain"}))
        .await;
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (409, "ConflictException")
    );
}

#[tokio::test]
async fn a_domain_with_repositories_is_not_deleted() {
    let world = World::start().await.with_repositories(&["my-repo"]).await;
    let refused = world
        .refuses("delete-domain", json!({"domain": "my-domain"}))
        .await;
    assert_eq!(refused.code, "ConflictException");
    let described = world
        .does("describe-domain", json!({"domain": "my-domain"}))
        .await;
    assert_eq!(described["domain"]["repositoryCount"], 1);
}

#[tokio::test]
async fn an_account_has_ten_domains_at_most() {
    let world = World::start().await;
    for number in 0..10 {
        world
            .does(
                "create-domain",
                json!({"domain": format!("domain-{number}")}),
            )
            .await;
    }
    let refused = world
        .refuses("create-domain", json!({"domain": "one-more"}))
        .await;
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (402, "ServiceQuotaExceededException")
    );
}

#[tokio::test]
async fn domains_come_in_pages_by_name() {
    let world = World::start().await;
    for name in ["cc", "aa", "bb"] {
        world.does("create-domain", json!({"domain": name})).await;
    }
    let first = world.does("list-domains", json!({"maxResults": 2})).await;
    let token = &first["nextToken"];
    // A page goes on where the one before ended, whatever has come in between.
    world.does("create-domain", json!({"domain": "ab"})).await;
    let second = world
        .does("list-domains", json!({"maxResults": 2, "nextToken": token}))
        .await;
    let names = |page: &serde_json::Value| -> Vec<String> {
        page["domains"]
            .as_array()
            .unwrap()
            .iter()
            .map(|domain| domain["name"].as_str().unwrap().to_string())
            .collect()
    };
    assert_eq!(names(&first), ["aa", "bb"]);
    assert_eq!(names(&second), ["cc"]);
    assert_eq!(second["nextToken"], json!(null));
    let refused = world
        .refuses("list-domains", json!({"nextToken": "made-up"}))
        .await;
    assert_eq!(refused.code, "ValidationException");
}

#[tokio::test]
async fn a_key_is_given_by_arn_alias_or_name() {
    let world = World::start().await;
    let own = format!("arn:aws:kms:{REGION}:{ACCOUNT}:");
    for (domain, key, arn) in [
        ("by-arn", format!("{own}key/1234"), format!("{own}key/1234")),
        (
            "by-alias",
            "alias/mine".to_string(),
            format!("{own}alias/mine"),
        ),
        ("by-name", "1234".to_string(), format!("{own}key/1234")),
    ] {
        let members = json!({"domain": domain, "encryptionKey": key});
        let created = world.does("create-domain", members).await;
        assert_eq!(created["domain"]["encryptionKey"], arn);
    }
    let members = json!({"domain": "no-key", "encryptionKey": "arn:aws:s3:::bucket"});
    let refused = world.refuses("create-domain", members).await;
    assert_eq!(refused.body["reason"], "ENCRYPTION_KEY_ERROR");
}

#[tokio::test]
async fn a_broken_name_is_refused_before_anything_is_done() {
    let world = World::start().await;
    for name in ["A", "-a", "a-", "under_score", "x", &"a".repeat(51)] {
        let refused = world
            .refuses("create-domain", json!({"domain": name}))
            .await;
        assert_eq!(
            (refused.status, refused.code.as_str()),
            (400, "ValidationException")
        );
        assert_eq!(refused.body["reason"], "FIELD_VALIDATION_FAILED");
        assert!(
            refused
                .message()
                .contains("at 'domain' failed to satisfy constraint")
        );
    }
    assert_eq!(
        world.does("list-domains", json!({})).await["domains"],
        json!([])
    );
}

//! Tags (guide, "Tag a repository in CodeArtifact", "Tag a domain in CodeArtifact").

use serde_json::json;

use super::world::{World, merge, repository};

#[tokio::test]
async fn tags_are_added_edited_and_removed() {
    let world = World::start().await.with_repositories(&["my-repo"]).await;
    let described = world
        .does("describe-repository", repository("my-repo", json!({})))
        .await;
    let arn = described["repository"]["arn"].clone();
    let of = |more: serde_json::Value| {
        let mut members = json!({"resourceArn": arn});
        merge(&mut members, more);
        members
    };
    let none = world.does("list-tags-for-resource", of(json!({}))).await;
    assert_eq!(none, json!({"tags": []}));
    let tags = json!([{"key": "key2", "value": "value2"}, {"key": "key1", "value": "value1"}]);
    assert_eq!(
        world.does("tag-resource", of(json!({"tags": tags}))).await,
        json!({})
    );
    let tags = json!([{"key": "key1", "value": "newvalue1"}]);
    world.does("tag-resource", of(json!({"tags": tags}))).await;
    let listed = world.does("list-tags-for-resource", of(json!({}))).await;
    assert_eq!(
        listed["tags"],
        json!([{"key": "key1", "value": "newvalue1"}, {"key": "key2", "value": "value2"}])
    );
    world
        .does("untag-resource", of(json!({"tagKeys": ["key1", "absent"]})))
        .await;
    let listed = world.does("list-tags-for-resource", of(json!({}))).await;
    assert_eq!(listed["tags"], json!([{"key": "key2", "value": "value2"}]));
}

#[tokio::test]
async fn tags_come_with_creation_and_go_with_deletion() {
    let world = World::start().await;
    let tags = json!([{"key": "k1", "value": "v1"}]);
    let created = world
        .does(
            "create-domain",
            json!({"domain": "my-domain", "tags": tags}),
        )
        .await;
    let arn = created["domain"]["arn"].clone();
    let listed = world
        .does("list-tags-for-resource", json!({"resourceArn": arn}))
        .await;
    assert_eq!(listed["tags"], tags);
    world
        .does("delete-domain", json!({"domain": "my-domain"}))
        .await;
    let refused = world
        .refuses("list-tags-for-resource", json!({"resourceArn": arn}))
        .await;
    assert_eq!(refused.code, "ResourceNotFoundException");
    world
        .does("create-domain", json!({"domain": "my-domain"}))
        .await;
    let listed = world
        .does("list-tags-for-resource", json!({"resourceArn": arn}))
        .await;
    assert_eq!(listed["tags"], json!([]));
}

#[tokio::test]
async fn a_resource_has_fifty_tags_at_most() {
    let world = World::start().await;
    let tags: Vec<_> = (0..51)
        .map(|n| json!({"key": format!("k{n}"), "value": ""}))
        .collect();
    let refused = world
        .refuses(
            "create-domain",
            json!({"domain": "my-domain", "tags": tags}),
        )
        .await;
    assert_eq!(refused.code, "ServiceQuotaExceededException");
    let created = world
        .does(
            "create-domain",
            json!({"domain": "my-domain", "tags": tags[..50]}),
        )
        .await;
    let one_more =
        json!({"resourceArn": created["domain"]["arn"], "tags": [{"key": "more", "value": ""}]});
    assert_eq!(
        world.refuses("tag-resource", one_more).await.code,
        "ServiceQuotaExceededException"
    );
}

#[tokio::test]
async fn what_is_no_tag_or_no_resource_is_refused() {
    let world = World::start().await.with_repositories(&[]).await;
    let described = world
        .does("describe-domain", json!({"domain": "my-domain"}))
        .await;
    let arn = described["domain"]["arn"].clone();
    for tags in [
        json!([{"key": "aws:mine", "value": ""}]),
        json!([{"key": "twice", "value": "1"}, {"key": "twice", "value": "2"}]),
        json!([{"key": "", "value": ""}]),
        json!([{"key": "k"}]),
        json!([{"key": "k", "value": "v".repeat(257)}]),
    ] {
        let refused = world
            .refuses("tag-resource", json!({"resourceArn": arn, "tags": tags}))
            .await;
        assert_eq!(refused.code, "ValidationException", "{tags}");
    }
    let elsewhere = "arn:aws:codeartifact:eu-west-1:111122223333:domain/my-domain";
    let refused = world
        .refuses("list-tags-for-resource", json!({"resourceArn": elsewhere}))
        .await;
    assert_eq!(refused.code, "ValidationException");
}

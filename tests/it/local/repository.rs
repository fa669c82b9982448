//! Repositories, upstreams and external connections (guide, "Working with repositories",
//! "Working with upstream repositories").

use serde_json::{Value, json};

use super::world::{ACCOUNT, REGION, World, repository};

fn upstreams(names: &[&str]) -> Value {
    names
        .iter()
        .map(|name| json!({"repositoryName": name}))
        .collect()
}

#[tokio::test]
async fn a_repository_is_created_described_and_deleted() {
    let world = World::start().await.with_repositories(&[]).await;
    let members = repository("my_repo", json!({"description": "My new repository"}));
    let created = world.does("create-repository", members).await;
    let expected = json!({
        "name": "my_repo",
        "administratorAccount": ACCOUNT,
        "domainName": "my-domain",
        "domainOwner": ACCOUNT,
        "arn": format!("arn:aws:codeartifact:{REGION}:{ACCOUNT}:repository/my-domain/my_repo"),
        "description": "My new repository",
        "upstreams": [],
        "externalConnections": [],
        "createdTime": created["repository"]["createdTime"],
    });
    assert_eq!(created["repository"], expected);
    let described = world
        .does("describe-repository", repository("my_repo", json!({})))
        .await;
    assert_eq!(described, created);
    let deleted = world
        .does("delete-repository", repository("my_repo", json!({})))
        .await;
    assert_eq!(deleted, created);
    let refused = world
        .refuses("delete-repository", repository("my_repo", json!({})))
        .await;
    assert_eq!(refused.code, "ResourceNotFoundException");
    assert_eq!(refused.body["resourceType"], "repository");
}

#[tokio::test]
async fn upstreams_keep_their_order_and_are_replaced_as_a_whole() {
    let world = World::start()
        .await
        .with_repositories(&["my_repo", "upstream-1", "upstream-2"])
        .await;
    let order = upstreams(&["upstream-2", "upstream-1"]);
    let updated = world
        .does(
            "update-repository",
            repository("my_repo", json!({"upstreams": order})),
        )
        .await;
    assert_eq!(updated["repository"]["upstreams"], order);
    // A description alone leaves them.
    let updated = world
        .does(
            "update-repository",
            repository("my_repo", json!({"description": "d"})),
        )
        .await;
    assert_eq!(updated["repository"]["upstreams"], order);
    let updated = world
        .does(
            "update-repository",
            repository("my_repo", json!({"upstreams": []})),
        )
        .await;
    assert_eq!(updated["repository"]["upstreams"], json!([]));
    assert_eq!(updated["repository"]["description"], "d");
}

#[tokio::test]
async fn upstreams_make_no_circle() {
    let world = World::start()
        .await
        .with_repositories(&["aa", "bb", "cc"])
        .await;
    world
        .does(
            "update-repository",
            repository("aa", json!({"upstreams": upstreams(&["bb"])})),
        )
        .await;
    world
        .does(
            "update-repository",
            repository("bb", json!({"upstreams": upstreams(&["cc"])})),
        )
        .await;
    for (name, upstream) in [("cc", "aa"), ("cc", "bb"), ("cc", "cc")] {
        let members = repository(name, json!({"upstreams": upstreams(&[upstream])}));
        let refused = world.refuses("update-repository", members).await;
        assert_eq!(refused.code, "ValidationException", "{name} {upstream}");
    }
}

#[tokio::test]
async fn there_are_ten_direct_upstreams_at_most() {
    let names: Vec<String> = (0..11).map(|number| format!("up-{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let world = World::start().await.with_repositories(&names).await;
    let members = repository("my_repo", json!({"upstreams": upstreams(&names)}));
    let refused = world.refuses("create-repository", members).await;
    assert_eq!(refused.code, "ServiceQuotaExceededException");
    let refused = world
        .refuses("describe-repository", repository("my_repo", json!({})))
        .await;
    assert_eq!(refused.code, "ResourceNotFoundException");
    let members = repository("my_repo", json!({"upstreams": upstreams(&names[..10])}));
    world.does("create-repository", members).await;
}

#[tokio::test]
async fn an_upstream_must_be_in_the_same_domain() {
    let world = World::start().await.with_repositories(&["my_repo"]).await;
    world
        .does("create-domain", json!({"domain": "other-domain"}))
        .await;
    world
        .does(
            "create-repository",
            json!({"domain": "other-domain", "repository": "theirs"}),
        )
        .await;
    let members = repository("my_repo", json!({"upstreams": upstreams(&["theirs"])}));
    let refused = world.refuses("update-repository", members).await;
    assert_eq!(refused.code, "ResourceNotFoundException");
}

#[tokio::test]
async fn a_deleted_repository_is_nobodys_upstream() {
    let world = World::start()
        .await
        .with_repositories(&["my_repo", "upstream-1"])
        .await;
    let members = repository("my_repo", json!({"upstreams": upstreams(&["upstream-1"])}));
    world.does("update-repository", members).await;
    world
        .does("delete-repository", repository("upstream-1", json!({})))
        .await;
    let described = world
        .does("describe-repository", repository("my_repo", json!({})))
        .await;
    assert_eq!(described["repository"]["upstreams"], json!([]));
}

#[tokio::test]
async fn a_repository_has_one_external_connection() {
    let world = World::start().await.with_repositories(&["npm-store"]).await;
    let connection = |name: &str| repository("npm-store", json!({"externalConnection": name}));
    let associated = world
        .does("associate-external-connection", connection("public:npmjs"))
        .await;
    assert_eq!(
        associated["repository"]["externalConnections"],
        json!([{"externalConnectionName": "public:npmjs", "packageFormat": "npm", "status": "Available"}])
    );
    let refused = world
        .refuses("associate-external-connection", connection("public:pypi"))
        .await;
    assert_eq!(refused.code, "ConflictException");
    let refused = world
        .refuses(
            "disassociate-external-connection",
            connection("public:pypi"),
        )
        .await;
    assert_eq!(refused.code, "ResourceNotFoundException");
    let rid = world
        .does(
            "disassociate-external-connection",
            connection("public:npmjs"),
        )
        .await;
    assert_eq!(rid["repository"]["externalConnections"], json!([]));
    let refused = world
        .refuses(
            "associate-external-connection",
            connection("public:nowhere"),
        )
        .await;
    assert_eq!(refused.code, "ResourceNotFoundException");
}

#[tokio::test]
async fn all_ten_external_connections_are_known() {
    let world = World::start().await.with_repositories(&["store"]).await;
    for (name, format) in [
        ("public:maven-clojars", "maven"),
        ("public:maven-commonsware", "maven"),
        ("public:maven-googleandroid", "maven"),
        ("public:maven-gradleplugins", "maven"),
        ("public:maven-central", "maven"),
        ("public:npmjs", "npm"),
        ("public:nuget-org", "nuget"),
        ("public:pypi", "pypi"),
        ("public:ruby-gems-org", "ruby"),
        ("public:crates-io", "cargo"),
    ] {
        let members = repository("store", json!({"externalConnection": name}));
        let associated = world
            .does("associate-external-connection", members.clone())
            .await;
        assert_eq!(
            associated["repository"]["externalConnections"][0]["packageFormat"],
            format
        );
        world
            .does("disassociate-external-connection", members)
            .await;
    }
}

#[tokio::test]
async fn an_external_connection_or_upstreams_but_not_both() {
    let world = World::start()
        .await
        .with_repositories(&["store", "other"])
        .await;
    let members = repository("store", json!({"externalConnection": "public:npmjs"}));
    world.does("associate-external-connection", members).await;
    let members = repository("store", json!({"upstreams": upstreams(&["other"])}));
    let refused = world.refuses("update-repository", members).await;
    assert_eq!(refused.code, "ConflictException");
    let members = repository("other", json!({"upstreams": upstreams(&["store"])}));
    world.does("update-repository", members).await;
    let members = repository("other", json!({"externalConnection": "public:pypi"}));
    let refused = world
        .refuses("associate-external-connection", members)
        .await;
    assert_eq!(refused.code, "ConflictException");
}

#[tokio::test]
async fn repositories_are_listed_by_account_and_by_domain() {
    let world = World::start()
        .await
        .with_repositories(&["repo1", "repo2", "test-1"])
        .await;
    world
        .does("create-domain", json!({"domain": "a-domain"}))
        .await;
    world
        .does(
            "create-repository",
            json!({"domain": "a-domain", "repository": "repo3"}),
        )
        .await;
    let names = |page: &Value| -> Vec<String> {
        page["repositories"]
            .as_array()
            .unwrap()
            .iter()
            .map(|repository| repository["name"].as_str().unwrap().to_string())
            .collect()
    };
    let all = world.does("list-repositories", json!({})).await;
    assert_eq!(names(&all), ["repo3", "repo1", "repo2", "test-1"]);
    let some = world
        .does("list-repositories", json!({"repositoryPrefix": "repo"}))
        .await;
    assert_eq!(names(&some), ["repo3", "repo1", "repo2"]);
    let first = world
        .does("list-repositories", json!({"maxResults": 3}))
        .await;
    assert_eq!(names(&first), ["repo3", "repo1", "repo2"]);
    let token = first["nextToken"].clone();
    let rest = world
        .does("list-repositories", json!({"nextToken": token}))
        .await;
    assert_eq!(names(&rest), ["test-1"]);
    // The token of one request does not serve another.
    let members = json!({"domain": "my-domain", "nextToken": token});
    let refused = world.refuses("list-repositories-in-domain", members).await;
    assert_eq!(refused.code, "ValidationException");
    let members =
        json!({"domain": "my-domain", "administratorAccount": ACCOUNT, "repositoryPrefix": "te"});
    let in_domain = world.does("list-repositories-in-domain", members).await;
    assert_eq!(names(&in_domain), ["test-1"]);
    let members = json!({"domain": "my-domain", "administratorAccount": "444455556666"});
    let in_domain = world.does("list-repositories-in-domain", members).await;
    assert_eq!(in_domain["repositories"], json!([]));
}

#[tokio::test]
async fn an_endpoint_is_given_for_each_format() {
    let world = World::start().await.with_repositories(&["my-repo"]).await;
    for format in [
        "npm", "pypi", "maven", "nuget", "generic", "ruby", "swift", "cargo",
    ] {
        let members = repository("my-repo", json!({"format": format}));
        let answer = world.does("get-repository-endpoint", members).await;
        let expected = format!(
            "{}/d/my-domain-{ACCOUNT}/{format}/my-repo/",
            world.service.base_url
        );
        assert_eq!(answer["repositoryEndpoint"], expected);
    }
    let members = repository("absent", json!({"format": "npm"}));
    let refused = world.refuses("get-repository-endpoint", members).await;
    assert_eq!(refused.code, "ResourceNotFoundException");
}

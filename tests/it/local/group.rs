//! Package groups (guide, "Working with package groups in CodeArtifact").

use serde_json::{Value, json};

use super::world::{ACCOUNT, REGION, World, generic, merge, repository};

fn group(pattern: &str, more: Value) -> Value {
    let mut members = json!({"domain": "my-domain", "packageGroup": pattern});
    merge(&mut members, more);
    members
}

async fn create(world: &World, patterns: &[&str]) {
    for pattern in patterns {
        world
            .does("create-package-group", group(pattern, json!({})))
            .await;
    }
}

async fn restrict(world: &World, pattern: &str, restrictions: Value) -> Value {
    let members = group(pattern, json!({"restrictions": restrictions}));
    world
        .does("update-package-group-origin-configuration", members)
        .await
}

async fn associated(
    world: &World,
    format: &str,
    namespace: Option<&str>,
    name: &str,
) -> (String, String) {
    let mut members = json!({"domain": "my-domain", "format": format, "package": name});
    if let Some(namespace) = namespace {
        members["namespace"] = json!(namespace);
    }
    let answer = world.does("get-associated-package-group", members).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    (
        text(&answer["packageGroup"]["pattern"]),
        text(&answer["associationType"]),
    )
}

fn patterns(page: &Value) -> Vec<&str> {
    let list = page["packageGroups"].as_array().expect("a list");
    list.iter()
        .filter_map(|group| group["pattern"].as_str())
        .collect()
}

#[tokio::test]
async fn every_domain_has_a_root_group_that_allows_everything() {
    let world = World::start().await.with_repositories(&[]).await;
    let described = world
        .does("describe-package-group", group("/*", json!({})))
        .await;
    let root = &described["packageGroup"];
    assert_eq!(
        root["arn"],
        format!("arn:aws:codeartifact:{REGION}:{ACCOUNT}:package-group/my-domain/%2a")
    );
    let allow = json!({"mode": "ALLOW", "effectiveMode": "ALLOW", "repositoriesCount": 0});
    assert_eq!(
        root["originConfiguration"]["restrictions"],
        json!({"EXTERNAL_UPSTREAM": allow, "INTERNAL_UPSTREAM": allow, "PUBLISH": allow})
    );
    assert_eq!(root["parent"], json!(null));
    let refused = world
        .refuses("delete-package-group", group("/*", json!({})))
        .await;
    assert_eq!(refused.code, "ValidationException");
    let members = group("/*", json!({"restrictions": {"PUBLISH": "INHERIT"}}));
    let refused = world
        .refuses("update-package-group-origin-configuration", members)
        .await;
    assert_eq!(refused.code, "ValidationException");
}

#[tokio::test]
async fn a_group_is_created_described_edited_and_deleted() {
    let world = World::start().await.with_repositories(&[]).await;
    let more = json!({
        "contactInfo": "contact@email.com", "description": "a new package group",
        "tags": [{"key": "key1", "value": "value1"}],
    });
    let created = world
        .does("create-package-group", group("/nuget/*", more.clone()))
        .await;
    let inherited = json!({
        "mode": "INHERIT", "effectiveMode": "ALLOW", "repositoriesCount": 0,
        "inheritedFrom": {
            "arn": format!("arn:aws:codeartifact:{REGION}:{ACCOUNT}:package-group/my-domain/%2a"),
            "pattern": "/*",
        },
    });
    let described = &created["packageGroup"];
    assert_eq!(
        described["originConfiguration"]["restrictions"]["PUBLISH"],
        inherited
    );
    assert_eq!(described["parent"], inherited["inheritedFrom"]);
    assert_eq!(described["contactInfo"], "contact@email.com");
    assert_eq!(described["domainName"], "my-domain");
    assert_eq!(described["domainOwner"], ACCOUNT);
    let arn = described["arn"].clone();
    assert_eq!(
        arn,
        format!("arn:aws:codeartifact:{REGION}:{ACCOUNT}:package-group/my-domain/nuget/%2a")
    );
    let tags = world
        .does("list-tags-for-resource", json!({"resourceArn": arn}))
        .await;
    assert_eq!(tags["tags"], more["tags"]);
    let refused = world
        .refuses("create-package-group", group("/nuget/*", json!({})))
        .await;
    assert_eq!(refused.code, "ConflictException");
    let more = json!({"description": "updated package group description"});
    let updated = world
        .does("update-package-group", group("/nuget/*", more))
        .await;
    assert_eq!(
        updated["packageGroup"]["description"],
        "updated package group description"
    );
    assert_eq!(updated["packageGroup"]["contactInfo"], "contact@email.com");
    world
        .does("delete-package-group", group("/nuget/*", json!({})))
        .await;
    for command in [
        "describe-package-group",
        "delete-package-group",
        "update-package-group",
    ] {
        let refused = world.refuses(command, group("/nuget/*", json!({}))).await;
        assert_eq!(refused.code, "ResourceNotFoundException", "{command}");
    }
}

#[tokio::test]
async fn what_is_no_pattern_makes_no_group() {
    let world = World::start().await.with_repositories(&[]).await;
    for pattern in [
        "/npm",
        "npm/*",
        "/conda/*",
        "/npm//foo-~",
        "/nuget//Newtonsoft.Json$",
        "/pypi/space/name$",
    ] {
        let refused = world
            .refuses("create-package-group", group(pattern, json!({})))
            .await;
        assert_eq!(refused.code, "ValidationException", "{pattern}");
    }
}

#[tokio::test]
async fn a_package_belongs_to_the_most_specific_group() {
    let world = World::start().await.with_repositories(&[]).await;
    create(&world, &["/npm/*", "/npm/space/*"]).await;
    for (namespace, name, pattern) in [
        (None, "react", "/npm/*"),
        (Some("space"), "au.components", "/npm/space/*"),
        (Some("space"), "amplify-ui-core", "/npm/space/*"),
    ] {
        let expected = (pattern.to_string(), "STRONG".to_string());
        assert_eq!(associated(&world, "npm", namespace, name).await, expected);
    }
    assert_eq!(associated(&world, "pypi", None, "requests").await.0, "/*");
    // Groups come and go, and packages with them.
    create(&world, &["/npm/space/amplify~"]).await;
    assert_eq!(
        associated(&world, "npm", Some("space"), "amplify-ui-core")
            .await
            .0,
        "/npm/space/amplify~"
    );
    world
        .does("delete-package-group", group("/npm/space/*", json!({})))
        .await;
    assert_eq!(
        associated(&world, "npm", Some("space"), "au.components")
            .await
            .0,
        "/npm/*"
    );
    let described = world
        .does(
            "describe-package-group",
            group("/npm/space/amplify~", json!({})),
        )
        .await;
    assert_eq!(described["packageGroup"]["parent"]["pattern"], "/npm/*");
}

#[tokio::test]
async fn a_variation_matches_weakly_unless_it_has_a_group_of_its_own() {
    let world = World::start().await.with_repositories(&[]).await;
    create(&world, &["/npm/*", "/npm//AsyncStorage$"]).await;
    let weak = ("/npm//AsyncStorage$".to_string(), "WEAK".to_string());
    assert_eq!(associated(&world, "npm", None, "asyncstorage").await, weak);
    create(&world, &["/npm//asyncstorage$"]).await;
    let strong = |pattern: &str| (pattern.to_string(), "STRONG".to_string());
    assert_eq!(
        associated(&world, "npm", None, "asyncstorage").await,
        strong("/npm//asyncstorage$")
    );
    assert_eq!(
        associated(&world, "npm", None, "AsyncStorage").await,
        strong("/npm//AsyncStorage$")
    );
}

#[tokio::test]
async fn groups_are_listed_by_prefix_and_by_parent() {
    let world = World::start().await.with_repositories(&[]).await;
    create(
        &world,
        &[
            "/npm/*",
            "/npm/space/*",
            "/npm/space/ui~",
            "/npm/other/*",
            "/maven/*",
        ],
    )
    .await;
    let all = world
        .does("list-package-groups", json!({"domain": "my-domain"}))
        .await;
    assert_eq!(
        patterns(&all),
        [
            "/*",
            "/maven/*",
            "/npm/*",
            "/npm/other/*",
            "/npm/space/*",
            "/npm/space/ui~"
        ]
    );
    let members = json!({"domain": "my-domain", "prefix": "/npm/s", "maxResults": 1});
    let first = world.does("list-package-groups", members.clone()).await;
    assert_eq!(patterns(&first), ["/npm/space/*"]);
    let mut next = members;
    next["nextToken"] = first["nextToken"].clone();
    let second = world.does("list-package-groups", next).await;
    assert_eq!(patterns(&second), ["/npm/space/ui~"]);
    assert_eq!(second["nextToken"], json!(null));
    for (parent, children) in [
        ("/*", vec!["/maven/*", "/npm/*"]),
        ("/npm/*", vec!["/npm/other/*", "/npm/space/*"]),
        ("/npm/space/ui~", vec![]),
    ] {
        let page = world
            .does("list-sub-package-groups", group(parent, json!({})))
            .await;
        assert_eq!(patterns(&page), children, "{parent}");
    }
}

#[tokio::test]
async fn a_group_inherits_from_the_next_that_does_not() {
    let world = World::start().await.with_repositories(&[]).await;
    create(&world, &["/npm/*", "/npm/space/*", "/npm/space/ui~"]).await;
    restrict(&world, "/npm/*", json!({"PUBLISH": "BLOCK"})).await;
    let publish = |described: &Value| {
        described["packageGroup"]["originConfiguration"]["restrictions"]["PUBLISH"].clone()
    };
    let described = world
        .does("describe-package-group", group("/npm/space/ui~", json!({})))
        .await;
    assert_eq!(publish(&described)["mode"], "INHERIT");
    assert_eq!(publish(&described)["effectiveMode"], "BLOCK");
    assert_eq!(publish(&described)["inheritedFrom"]["pattern"], "/npm/*");
    world
        .does("delete-package-group", group("/npm/*", json!({})))
        .await;
    let described = world
        .does("describe-package-group", group("/npm/space/ui~", json!({})))
        .await;
    assert_eq!(publish(&described)["effectiveMode"], "ALLOW");
    assert_eq!(publish(&described)["inheritedFrom"]["pattern"], "/*");
}

#[tokio::test]
async fn allowed_repositories_are_added_listed_and_removed() {
    let world = World::start()
        .await
        .with_repositories(&["my_repo", "my_repo2", "repo-3"])
        .await;
    create(&world, &["/nuget/*"]).await;
    let entry =
        |name: &str| json!({"originRestrictionType": "INTERNAL_UPSTREAM", "repositoryName": name});
    let add = json!({"addAllowedRepositories": [entry("my_repo"), entry("my_repo2")]});
    let refused = world
        .refuses(
            "update-package-group-origin-configuration",
            group("/nuget/*", add.clone()),
        )
        .await;
    assert_eq!(refused.code, "ValidationException");
    let mut members = add;
    members["restrictions"] = json!({"INTERNAL_UPSTREAM": "ALLOW_SPECIFIC_REPOSITORIES"});
    let answer = world
        .does(
            "update-package-group-origin-configuration",
            group("/nuget/*", members),
        )
        .await;
    assert_eq!(
        answer["allowedRepositoryUpdates"],
        json!({"INTERNAL_UPSTREAM": {"ADDED": ["my_repo", "my_repo2"]}})
    );
    let restrictions = &answer["packageGroup"]["originConfiguration"]["restrictions"];
    assert_eq!(restrictions["INTERNAL_UPSTREAM"]["repositoriesCount"], 2);
    let change = json!({
        "addAllowedRepositories": [entry("repo-3"), entry("my_repo")],
        "removeAllowedRepositories": [entry("my_repo2")],
    });
    let answer = world
        .does(
            "update-package-group-origin-configuration",
            group("/nuget/*", change),
        )
        .await;
    assert_eq!(
        answer["allowedRepositoryUpdates"],
        json!({"INTERNAL_UPSTREAM": {"ADDED": ["repo-3"], "REMOVED": ["my_repo2"]}})
    );
    let list = |more: Value| {
        group("/nuget/*", {
            let mut members = json!({"originRestrictionType": "INTERNAL_UPSTREAM"});
            merge(&mut members, more);
            members
        })
    };
    let first = world
        .does(
            "list-allowed-repositories-for-group",
            list(json!({"maxResults": 1})),
        )
        .await;
    assert_eq!(first["allowedRepositories"], json!(["my_repo"]));
    let next = list(json!({"maxResults": 1, "nextToken": first["nextToken"]}));
    let second = world
        .does("list-allowed-repositories-for-group", next)
        .await;
    assert_eq!(second["allowedRepositories"], json!(["repo-3"]));
    // A repository that is gone is on no list, and another mode has none.
    world
        .does("delete-repository", repository("repo-3", json!({})))
        .await;
    let listed = world
        .does("list-allowed-repositories-for-group", list(json!({})))
        .await;
    assert_eq!(listed["allowedRepositories"], json!(["my_repo"]));
    restrict(&world, "/nuget/*", json!({"INTERNAL_UPSTREAM": "ALLOW"})).await;
    let listed = world
        .does("list-allowed-repositories-for-group", list(json!({})))
        .await;
    assert_eq!(listed["allowedRepositories"], json!([]));
    let add = json!({
        "restrictions": {"INTERNAL_UPSTREAM": "ALLOW_SPECIFIC_REPOSITORIES"},
        "addAllowedRepositories": [entry("absent")],
    });
    let refused = world
        .refuses(
            "update-package-group-origin-configuration",
            group("/nuget/*", add),
        )
        .await;
    assert_eq!(refused.code, "ResourceNotFoundException");
}

#[tokio::test]
async fn associated_packages_are_listed_with_their_strength() {
    let world = World::start()
        .await
        .with_repositories(&["my-repo", "other"])
        .await;
    let put = async |repository_name: &str, namespace: &str, name: &str| {
        let members = repository(
            repository_name,
            json!({
                "format": "generic", "namespace": namespace, "package": name,
                "restrictions": {"publish": "ALLOW", "upstream": "ALLOW"},
            }),
        );
        world
            .does("put-package-origin-configuration", members)
            .await;
    };
    put("my-repo", "space", "foo-bar").await;
    put("other", "space", "foo-bar").await;
    put("other", "space", "Foo.bar").await;
    put("my-repo", "space", "foobar").await;
    put("my-repo", "space", "foo").await;
    put("my-repo", "else", "foo-bar").await;
    let pattern = "/generic/space/foo-bar$";
    let list = async |pattern: &str, more: Value| {
        let page = world
            .does("list-associated-packages", group(pattern, more))
            .await;
        let packages = page["packages"].as_array().expect("a list").clone();
        packages
            .iter()
            .map(|package| {
                let text = |name: &str| package[name].as_str().unwrap_or_default().to_string();
                format!(
                    "{}/{} {}",
                    text("namespace"),
                    text("package"),
                    text("associationType")
                )
            })
            .collect::<Vec<_>>()
    };
    let refused = world
        .refuses("list-associated-packages", group(pattern, json!({})))
        .await;
    assert_eq!(refused.code, "ResourceNotFoundException");
    let expected = ["space/Foo.bar WEAK", "space/foo-bar STRONG"];
    assert_eq!(list(pattern, json!({"preview": true})).await, expected);
    create(&world, &[pattern, "/generic/space~"]).await;
    assert_eq!(list(pattern, json!({})).await, expected);
    assert_eq!(
        list("/generic/space~", json!({})).await,
        ["space/foo STRONG", "space/foobar STRONG"]
    );
    assert_eq!(list("/*", json!({})).await, ["else/foo-bar STRONG"]);
    let first = world
        .does(
            "list-associated-packages",
            group(pattern, json!({"maxResults": 1})),
        )
        .await;
    let next = json!({"maxResults": 1, "nextToken": first["nextToken"]});
    assert_eq!(list(pattern, next).await, expected[1..]);
}

#[tokio::test]
async fn a_groups_block_wins_over_the_packages_allow() {
    let world = World::start()
        .await
        .with_repositories(&["my-repo", "release"])
        .await;
    create(&world, &["/generic/my-ns/*"]).await;
    let publish = async |repository: &str, version: &str| {
        let outcome = world
            .publishes(repository, version, "asset", b"1", false)
            .await;
        outcome.map(drop).map_err(|refused| refused.code)
    };
    restrict(&world, "/generic/my-ns/*", json!({"PUBLISH": "BLOCK"})).await;
    assert_eq!(
        publish("my-repo", "1.0.0").await,
        Err("ConflictException".to_string())
    );
    let members = json!({
        "restrictions": {"PUBLISH": "ALLOW_SPECIFIC_REPOSITORIES"},
        "addAllowedRepositories": [{"originRestrictionType": "PUBLISH", "repositoryName": "release"}],
    });
    world
        .does(
            "update-package-group-origin-configuration",
            group("/generic/my-ns/*", members),
        )
        .await;
    assert_eq!(
        publish("my-repo", "1.0.0").await,
        Err("ConflictException".to_string())
    );
    assert_eq!(publish("release", "1.0.0").await, Ok(()));
    // Where a group restricts anything, packages start with everything allowed.
    let described = world
        .does("describe-package", generic("release", json!({})))
        .await;
    assert_eq!(
        described["package"]["originConfiguration"]["restrictions"],
        json!({"publish": "ALLOW", "upstream": "ALLOW"})
    );
}

#[tokio::test]
async fn a_weak_match_is_blocked() {
    let world = World::start().await.with_repositories(&["my-repo"]).await;
    create(&world, &["/generic/my-ns/My.Package$"]).await;
    let refused = world
        .publishes("my-repo", "1.0.0", "asset", b"1", false)
        .await
        .unwrap_err();
    assert_eq!(refused.code, "ConflictException");
}

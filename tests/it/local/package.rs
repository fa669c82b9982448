//! Lists of packages and versions, and origin controls (guide, "List package names", "List package
//! versions", "Editing package origin controls").

use std::time::Duration;

use serde_json::{Value, json};

use super::world::{World, generic, repository};

/// Makes packages without versions, as put-package-origin-configuration does.
async fn put(
    world: &World,
    format: &str,
    namespace: Option<&str>,
    name: &str,
    controls: (&str, &str),
) -> Value {
    let mut members = json!({
        "format": format, "package": name,
        "restrictions": {"publish": controls.0, "upstream": controls.1},
    });
    if let Some(namespace) = namespace {
        members["namespace"] = json!(namespace);
    }
    world
        .does(
            "put-package-origin-configuration",
            repository("my-repo", members),
        )
        .await
}

async fn world() -> World {
    let world = World::start().await.with_repositories(&["my-repo"]).await;
    for (format, namespace, name) in [
        ("npm", None, "acorn"),
        ("npm", None, "path"),
        ("npm", None, "patch-math3"),
        ("npm", Some("types"), "node"),
        ("npm", Some("typescript"), "acorn"),
        ("npm", Some("other"), "patch"),
        ("maven", Some("org.apache.commons"), "commons-lang3"),
        ("maven", Some("com.google.guava"), "guava"),
        ("pypi", None, "pat-test"),
    ] {
        put(&world, format, namespace, name, ("BLOCK", "ALLOW")).await;
    }
    put(&world, "nuget", None, "Newtonsoft.JSON", ("ALLOW", "BLOCK")).await;
    world
}

fn names(page: &Value) -> Vec<String> {
    page["packages"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|package| {
            let namespace = package["namespace"].as_str().map(|text| format!("{text}/"));
            format!(
                "{} {}{}",
                package["format"].as_str().expect("a format"),
                namespace.unwrap_or_default(),
                package["package"].as_str().expect("a name"),
            )
        })
        .collect()
}

#[tokio::test]
async fn packages_are_listed_by_format_namespace_and_prefix() {
    let world = world().await;
    for (filter, expected) in [
        (
            json!({"format": "npm"}),
            vec![
                "npm acorn",
                "npm typescript/acorn",
                "npm types/node",
                "npm other/patch",
                "npm patch-math3",
                "npm path",
            ],
        ),
        // The namespace filters by prefix.
        (
            json!({"format": "npm", "namespace": "types"}),
            vec!["npm types/node", "npm typescript/acorn"],
        ),
        (
            json!({"format": "maven", "namespace": "org.apache"}),
            vec!["maven org.apache.commons/commons-lang3"],
        ),
        (
            json!({"packagePrefix": "pat"}),
            vec![
                "npm other/patch",
                "npm patch-math3",
                "npm path",
                "pypi pat-test",
            ],
        ),
        (
            json!({"format": "npm", "namespace": "t", "packagePrefix": "a"}),
            vec!["npm typescript/acorn"],
        ),
        (json!({"publish": "ALLOW"}), vec!["nuget newtonsoft.json"]),
        (json!({"upstream": "BLOCK", "format": "npm"}), vec![]),
        (json!({"format": "swift"}), vec![]),
    ] {
        let page = world
            .does("list-packages", repository("my-repo", filter.clone()))
            .await;
        assert_eq!(names(&page), expected, "{filter}");
    }
    let members = repository("my-repo", json!({"namespace": "types"}));
    let refused = world.refuses("list-packages", members).await;
    assert_eq!(refused.code, "ValidationException");
}

#[tokio::test]
async fn pages_add_up_to_the_whole_list() {
    let world = world().await;
    for filter in [
        json!({}),
        json!({"format": "npm"}),
        json!({"format": "npm", "namespace": "t"}),
        json!({"packagePrefix": "pa"}),
    ] {
        let whole = world
            .does("list-packages", repository("my-repo", filter.clone()))
            .await;
        let mut pages = Vec::new();
        let mut token = Value::Null;
        loop {
            let mut members = repository("my-repo", filter.clone());
            members["maxResults"] = json!(2);
            if token.is_string() {
                members["nextToken"] = token;
            }
            let page = world.does("list-packages", members).await;
            pages.extend(names(&page));
            token = page["nextToken"].clone();
            if token.is_null() {
                break;
            }
        }
        assert_eq!(pages, names(&whole), "{filter}");
    }
}

#[tokio::test]
async fn names_are_normalized_on_the_way_in() {
    let world = world().await;
    let members = repository(
        "my-repo",
        json!({"format": "nuget", "package": "NEWTONSOFT.Json"}),
    );
    let described = world.does("describe-package", members).await;
    assert_eq!(
        described["package"],
        json!({
            "format": "nuget", "name": "newtonsoft.json",
            "originConfiguration": {"restrictions": {"publish": "ALLOW", "upstream": "BLOCK"}},
        })
    );
    put(&world, "pypi", None, "Pigeon_.cli", ("ALLOW", "ALLOW")).await;
    let members = repository(
        "my-repo",
        json!({"format": "pypi", "package": "pigeon-cli"}),
    );
    world.does("describe-package", members).await;
}

#[tokio::test]
async fn origin_controls_are_kept_for_a_package_without_versions() {
    let world = world().await;
    let answer = put(&world, "npm", None, "fresh", ("ALLOW", "BLOCK")).await;
    assert_eq!(
        answer,
        json!({"originConfiguration": {"restrictions": {"publish": "ALLOW", "upstream": "BLOCK"}}})
    );
    let members = repository("my-repo", json!({"format": "npm", "package": "fresh"}));
    let deleted = world.does("delete-package", members.clone()).await;
    assert_eq!(deleted["deletedPackage"]["package"], "fresh");
    assert_eq!(
        deleted["deletedPackage"]["originConfiguration"],
        answer["originConfiguration"]
    );
    let refused = world.refuses("describe-package", members).await;
    assert_eq!(refused.code, "ResourceNotFoundException");
}

#[tokio::test]
async fn blocked_publishing_is_a_conflict() {
    let world = World::start().await.with_repositories(&["my-repo"]).await;
    let controls = |publish: &str| {
        generic(
            "my-repo",
            json!({"restrictions": {"publish": publish, "upstream": "ALLOW"}}),
        )
    };
    world
        .does("put-package-origin-configuration", controls("BLOCK"))
        .await;
    let refused = world
        .publishes("my-repo", "1.0.0", "asset", b"1", false)
        .await
        .unwrap_err();
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (409, "ConflictException")
    );
    world
        .does("put-package-origin-configuration", controls("ALLOW"))
        .await;
    world
        .publishes("my-repo", "1.0.0", "asset", b"1", false)
        .await
        .unwrap();
    // What was set stays: the first version changes nothing then.
    let described = world
        .does("describe-package", generic("my-repo", json!({})))
        .await;
    assert_eq!(
        described["package"]["originConfiguration"]["restrictions"],
        json!({"publish": "ALLOW", "upstream": "ALLOW"})
    );
}

#[tokio::test]
async fn versions_are_sorted_by_the_time_of_publishing_when_asked() {
    let world = World::start().await.with_repositories(&["my-repo"]).await;
    for version in ["2.0.0", "10.0.0", "1.0.0"] {
        world
            .publishes("my-repo", version, "asset", version.as_bytes(), false)
            .await
            .unwrap();
        world.wait(Duration::from_secs(1));
    }
    let versions = |page: &Value| -> Vec<String> {
        let list = page["versions"].as_array().unwrap();
        list.iter()
            .map(|version| version["version"].as_str().unwrap().to_string())
            .collect()
    };
    let listed = world
        .does("list-package-versions", generic("my-repo", json!({})))
        .await;
    assert_eq!(versions(&listed), ["1.0.0", "10.0.0", "2.0.0"]);
    // The newest is the one to show.
    assert_eq!(listed["defaultDisplayVersion"], "1.0.0");
    let sorted = generic(
        "my-repo",
        json!({"sortBy": "PUBLISHED_TIME", "maxResults": 2}),
    );
    let first = world.does("list-package-versions", sorted.clone()).await;
    assert_eq!(versions(&first), ["1.0.0", "10.0.0"]);
    let mut next = sorted;
    next["nextToken"] = first["nextToken"].clone();
    let second = world.does("list-package-versions", next).await;
    assert_eq!(versions(&second), ["2.0.0"]);
    for (origin, count) in [("INTERNAL", 3), ("EXTERNAL", 0), ("UNKNOWN", 0)] {
        let members = generic("my-repo", json!({"originType": origin}));
        let page = world.does("list-package-versions", members).await;
        assert_eq!(versions(&page).len(), count, "{origin}");
    }
}

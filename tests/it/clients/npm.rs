//! npm itself.

use std::time::Duration;

use codeartifact::local::registry::Format;
use serde_json::{Value, json};

use crate::support::fixture::Fixture;
use crate::support::home::Home;
use crate::support::installed::installed;
use crate::support::local::{Local, Setup};
use crate::support::npm::tarball;

fn package(name: &str, version: &str, dependencies: &Value) -> (Value, Vec<u8>) {
    let manifest =
        json!({"name": name, "version": version, "main": "index.js", "dependencies": dependencies});
    let tarball = tarball(&manifest, &[]);
    (manifest, tarball)
}

/// A service whose `my-repo` reaches a public registry with a small tree of packages.
pub(super) async fn service(fixture: &Fixture) -> Local {
    fixture.offer_npm(
        "leaf",
        &[
            package("leaf", "1.0.0", &json!({})),
            package("leaf", "1.2.0", &json!({})),
        ],
    );
    fixture.offer_npm(
        "@trunk/branch",
        &[package(
            "@trunk/branch",
            "2.0.0",
            &json!({"leaf": "~1.0.0"}),
        )],
    );
    fixture.offer_npm(
        "tree",
        &[package(
            "tree",
            "3.0.0",
            &json!({"@trunk/branch": "^2.0.0", "leaf": "^1.0.0"}),
        )],
    );
    let local = Setup::new()
        .external("public:npmjs", &fixture.url)
        .patience(Duration::from_secs(5))
        .start()
        .await;
    local
        .repository("npm-store", &[], Some("public:npmjs"))
        .await;
    local.repository("my-repo", &["npm-store"], None).await;
    local
}

/// A home whose npm is logged in, quiet, and asks nobody else.
async fn home(local: &Local) -> Home {
    let mut home = Home::new();
    for (name, value) in [
        ("audit", "false"),
        ("fund", "false"),
        ("update_notifier", "false"),
        ("fetch_retries", "0"),
    ] {
        home.set(&format!("npm_config_{name}"), value);
    }
    home.login(local, "npm", "my-repo", &[]).await;
    home
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tree_is_installed_through_the_external_connection() {
    if installed("npm").is_none() {
        return;
    }
    let fixture = Fixture::start().await;
    let local = service(&fixture).await;
    let home = home(&local).await;
    home.write(
        "project/package.json",
        r#"{"name": "project", "version": "1.0.0"}"#,
    );
    home.run("project", "npm", &["install", "tree"])
        .await
        .succeeded();
    assert_eq!(
        home.read("project/node_modules/leaf/index.js"),
        "module.exports = \"1.2.0\";\n"
    );
    assert_eq!(
        home.read("project/node_modules/@trunk/branch/node_modules/leaf/index.js"),
        "module.exports = \"1.0.0\";\n"
    );
    let lock: Value = serde_json::from_str(&home.read("project/package-lock.json")).unwrap();
    let endpoint = local.endpoint(Format::Npm, "my-repo");
    let resolved = lock["packages"]["node_modules/@trunk/branch"]["resolved"]
        .as_str()
        .unwrap();
    assert_eq!(
        resolved,
        format!("{endpoint}@trunk/branch/-/branch-2.0.0.tgz")
    );
    // From the lock file alone, and without the public registry.
    fixture.fail(Some(500));
    home.run("project", "npm", &["ci", "--cache", "../another-cache"])
        .await
        .succeeded();
    assert!(home.has("project/node_modules/tree/package.json"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_is_published_tagged_and_deprecated() {
    if installed("npm").is_none() {
        return;
    }
    let local = service(&Fixture::start().await).await;
    let home = home(&local).await;
    home.write(
        "own/package.json",
        r#"{"name": "@my/own", "version": "1.0.0", "description": "Mine"}"#,
    );
    home.write("own/README.md", "# Own\n");
    home.run("own", "npm", &["publish"]).await.succeeded();
    assert_eq!(
        home.run(".", "npm", &["view", "@my/own", "version"])
            .await
            .succeeded()
            .trim(),
        "1.0.0"
    );

    home.write("own/index.js", "changed");
    let refusal = home
        .run("own", "npm", &["publish", "--force"])
        .await
        .failed();
    assert!(
        refusal.contains("409") || refusal.contains("previously published"),
        "{refusal}"
    );

    home.run(".", "npm", &["dist-tag", "add", "@my/own@1.0.0", "beta"])
        .await
        .succeeded();
    let tags = home
        .run(".", "npm", &["dist-tag", "ls", "@my/own"])
        .await
        .succeeded();
    assert_eq!(tags, "beta: 1.0.0\nlatest: 1.0.0\n");
    home.run(".", "npm", &["dist-tag", "rm", "@my/own", "beta"])
        .await
        .succeeded();

    home.run(".", "npm", &["deprecate", "@my/own@1.0.0", "use another"])
        .await
        .succeeded();
    let message = home
        .run(".", "npm", &["view", "@my/own@1.0.0", "deprecated"])
        .await
        .succeeded();
    assert_eq!(message.trim(), "use another");

    home.write(
        "project/package.json",
        r#"{"name": "project", "version": "1.0.0"}"#,
    );
    let installation = home.run("project", "npm", &["install", "@my/own"]).await;
    assert!(
        installation.errors.contains("use another"),
        "{installation:#?}"
    );
    installation.succeeded();
    assert_eq!(
        home.read("project/node_modules/@my/own/README.md"),
        "# Own\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_guide_does_not_support_is_refused() {
    if installed("npm").is_none() {
        return;
    }
    let local = service(&Fixture::start().await).await;
    let home = home(&local).await;
    home.write("own/package.json", r#"{"name": "own", "version": "1.0.0"}"#);
    home.run("own", "npm", &["publish"]).await.succeeded();
    for (arguments, expected) in [
        (
            vec!["unpublish", "own@1.0.0", "--force"],
            "delete-package-versions",
        ),
        (
            vec!["unpublish", "own", "--force"],
            "delete-package-versions",
        ),
        (vec!["search", "own"], "list-packages"),
        (vec!["whoami"], "whoami is not supported"),
    ] {
        let refusal = home.run(".", "npm", &arguments).await.failed();
        assert!(refusal.contains(expected), "{refusal}");
    }
    let ping = home.run(".", "npm", &["ping"]).await;
    assert!(ping.errors.contains("PONG"), "{ping:#?}");
    assert_eq!(
        home.run(".", "npm", &["view", "own", "version"])
            .await
            .succeeded()
            .trim(),
        "1.0.0"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_and_a_broken_tarball_are_told() {
    if installed("npm").is_none() {
        return;
    }
    let fixture = Fixture::start().await;
    let local = service(&fixture).await;
    fixture.put("leaf/-/leaf-1.2.0.tgz", b"something else".to_vec());
    let home = home(&local).await;
    home.write(
        "project/package.json",
        r#"{"name": "project", "version": "1.0.0"}"#,
    );
    let refusal = home
        .run("project", "npm", &["install", "leaf"])
        .await
        .failed();
    assert!(
        refusal.contains("502") && refusal.contains("hash is not the one"),
        "{refusal}"
    );
    let setting = format!(
        "--{}:_authToken=wrong",
        local.without_scheme(Format::Npm, "my-repo")
    );
    let refusal = home
        .run("project", "npm", &["install", "leaf@1.0.0", &setting])
        .await
        .failed();
    assert!(refusal.contains("E401"), "{refusal}");
}

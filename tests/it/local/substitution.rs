//! Package groups against names that somebody else publishes (guide, "Package group origin control
//! configuration examples", "Strong and weak match", "Dependency substitution attacks").

use serde_json::{Value, json};

use super::client::{Client, key_of, merge, repository};
use super::world::ACCOUNT;
use crate::support::fixture::Fixture;
use crate::support::local::{Local, Setup};
use crate::support::npm::{publish_document, tarball};

/// A service between its users and a public repository.
struct Between {
    local: Local,
    client: Client,
}

impl Between {
    /// One whose public repository has these packages, each in version 9.9.9.
    async fn with_public(names: &[&str]) -> Between {
        let fixture = Fixture::start().await;
        for name in names {
            let manifest = json!({"name": name, "version": "9.9.9"});
            let archive = tarball(&manifest, &[]);
            fixture.offer_npm(name, &[(manifest, archive)]);
        }
        let local = Setup::new()
            .external("public:npmjs", &fixture.url)
            .start()
            .await;
        let client = Client::new(local.base_url(), key_of("tester"));
        Between { local, client }
    }

    /// Sets the origin controls of a group, which is made when it is not there.
    async fn group(&self, pattern: &str, restrictions: Value, allowed: Value) {
        let members = json!({"domain": "my-domain", "packageGroup": pattern});
        if pattern != "/*" {
            self.client
                .does("create-package-group", members.clone())
                .await;
        }
        let mut members = members;
        merge(&mut members, json!({"restrictions": restrictions}));
        merge(&mut members, json!({"addAllowedRepositories": allowed}));
        self.client
            .does("update-package-group-origin-configuration", members)
            .await;
    }

    async fn npm(&self, method: &str, path: &str, body: Vec<u8>) -> u16 {
        let url = format!("{}/d/my-domain-{ACCOUNT}/npm/{path}", self.local.base_url());
        let headers = vec![
            (
                "authorization".to_string(),
                format!("Bearer {}", self.local.token),
            ),
            ("content-type".to_string(), "application/json".to_string()),
        ];
        self.client
            .request(method, &url, headers, body)
            .await
            .status
    }

    /// Fetches the public version of a package, as an installation does.
    async fn installs(&self, repository: &str, name: &str) -> u16 {
        let bare = name.rsplit('/').next().unwrap();
        let path = format!("{repository}/{name}/-/{bare}-9.9.9.tgz");
        self.npm("GET", &path, Vec::new()).await
    }

    /// Publishes a version of one's own.
    async fn publishes(&self, repository: &str, name: &str) -> u16 {
        self.publishes_version(repository, name, "1.0.0").await
    }

    async fn publishes_version(&self, repository: &str, name: &str, version: &str) -> u16 {
        let manifest = json!({"name": name, "version": version, "description": "our own"});
        let document = publish_document(&manifest, &tarball(&manifest, &[]), "latest");
        let path = format!("{repository}/{}", name.replace('/', "%2f"));
        self.npm("PUT", &path, document.to_string().into_bytes())
            .await
    }

    /// Sets the origin controls of a package.
    async fn controls(&self, name: &str, package: &str, publish: &str, upstream: &str) {
        let members = json!({
            "format": "npm", "package": package,
            "restrictions": {"publish": publish, "upstream": upstream},
        });
        self.client
            .does(
                "put-package-origin-configuration",
                repository(name, members),
            )
            .await;
    }

    /// The names of the packages that a repository has.
    async fn packages(&self, name: &str) -> Vec<String> {
        let listed = self
            .client
            .does("list-packages", repository(name, json!({})))
            .await;
        let names = listed["packages"].as_array().unwrap().iter();
        names
            .map(|package| package["package"].as_str().unwrap().to_string())
            .collect()
    }
}

#[tokio::test]
async fn a_public_version_of_an_internal_package_is_not_seen() {
    let between = Between::with_public(&["package-a"]).await;
    let connection = Some("public:npmjs");
    between.local.repository("my-repo", &[], connection).await;
    assert_eq!(between.publishes("my-repo", "package-a").await, 201);
    assert_eq!(between.installs("my-repo", "package-a").await, 404);
    // What cannot be reached may be published, whoever has the same elsewhere.
    let published = between.publishes_version("my-repo", "package-a", "9.9.9");
    assert_eq!(published.await, 201);
}

#[tokio::test]
async fn a_patched_version_of_an_external_package_is_published_when_that_is_allowed() {
    let between = Between::with_public(&["package-b"]).await;
    let connection = Some("public:npmjs");
    between.local.repository("my-repo", &[], connection).await;
    assert_eq!(between.installs("my-repo", "package-b").await, 200);
    let patch = async || between.publishes("my-repo", "package-b").await;
    assert_eq!(patch().await, 409);
    between
        .controls("my-repo", "package-b", "ALLOW", "BLOCK")
        .await;
    assert_eq!(patch().await, 201);
    between
        .controls("my-repo", "package-b", "BLOCK", "ALLOW")
        .await;
    let another = between.publishes_version("my-repo", "package-b", "1.0.1");
    assert_eq!(another.await, 409);
    // With both allowed, all but what is reachable may be published.
    between
        .controls("my-repo", "package-b", "ALLOW", "ALLOW")
        .await;
    let another = between.publishes_version("my-repo", "package-b", "1.0.1");
    assert_eq!(another.await, 201);
    let same = between.publishes_version("my-repo", "package-b", "9.9.9");
    assert_eq!(same.await, 409);
}

#[tokio::test]
async fn a_patched_version_comes_by_way_of_a_repository_that_does_not_reach_the_public_one() {
    let between = Between::with_public(&["my-dep"]).await;
    let local = &between.local;
    local.repository("my-repo", &[], Some("public:npmjs")).await;
    local.repository("patched", &[], None).await;
    let publish = async |name| between.publishes_version(name, "my-dep", "9.9.9").await;
    assert_eq!(publish("my-repo").await, 409);
    assert_eq!(publish("patched").await, 201);
    let copy = json!({
        "domain": "my-domain", "sourceRepository": "patched", "destinationRepository": "my-repo",
        "format": "npm", "package": "my-dep", "versions": ["9.9.9"],
    });
    between.client.does("copy-package-versions", copy).await;
    let version = json!({"format": "npm", "package": "my-dep", "packageVersion": "9.9.9"});
    let described = between
        .client
        .does("describe-package-version", repository("my-repo", version))
        .await;
    assert_eq!(described["packageVersion"]["summary"], "our own");
    assert_eq!(between.installs("my-repo", "my-dep").await, 200);
}

#[tokio::test]
async fn private_names_are_published_and_not_ingested() {
    let between = Between::with_public(&["@space/anycompany-ui", "react"]).await;
    let connection = Some("public:npmjs");
    between.local.repository("my-repo", &[], connection).await;
    let root = json!({"PUBLISH": "BLOCK", "EXTERNAL_UPSTREAM": "ALLOW"});
    between.group("/*", root, json!([])).await;
    let own = json!({
        "PUBLISH": "ALLOW", "EXTERNAL_UPSTREAM": "BLOCK", "INTERNAL_UPSTREAM": "ALLOW",
    });
    between
        .group("/npm/space/anycompany~", own, json!([]))
        .await;
    let ui = "@space/anycompany-ui";
    assert_eq!(between.installs("my-repo", ui).await, 404);
    assert_eq!(between.publishes("my-repo", ui).await, 201);
    // Published or not, the public version is not seen.
    assert_eq!(between.installs("my-repo", ui).await, 404);
    assert_eq!(between.installs("my-repo", "react").await, 200);
    assert_eq!(between.publishes("my-repo", "react-helper").await, 409);
    assert_eq!(
        between.packages("my-repo").await,
        ["anycompany-ui", "react"]
    );
}

#[tokio::test]
async fn a_variation_of_a_private_name_is_neither_published_nor_ingested() {
    let variations = [
        "anycompany.spicy_client",
        "anycompany--spicy-client",
        "anycompany-spicy-client",
    ];
    let between = Between::with_public(&variations).await;
    let connection = Some("public:npmjs");
    between.local.repository("my-repo", &[], connection).await;
    let own = json!({"PUBLISH": "ALLOW", "EXTERNAL_UPSTREAM": "BLOCK"});
    between
        .group("/npm//anycompany-spicy-client$", own, json!([]))
        .await;
    for name in variations {
        assert_eq!(between.installs("my-repo", name).await, 404, "{name}");
        let code = if name == "anycompany-spicy-client" {
            201
        } else {
            409
        };
        assert_eq!(between.publishes("my-repo", name).await, code, "{name}");
    }
    // With a group of its own a variation is a name like any other.
    let allow = json!({"PUBLISH": "BLOCK", "EXTERNAL_UPSTREAM": "ALLOW"});
    between
        .group("/npm//anycompany.spicy_client$", allow, json!([]))
        .await;
    let name = "anycompany.spicy_client";
    assert_eq!(between.installs("my-repo", name).await, 200);
}

#[tokio::test]
async fn one_repository_takes_from_outside_and_another_from_it() {
    let between = Between::with_public(&["react"]).await;
    let local = &between.local;
    let connection = Some("public:npmjs");
    local.repository("repo-b", &[], connection).await;
    local.repository("repo-a", &["repo-b"], None).await;
    local.repository("repo-c", &[], connection).await;
    local.repository("repo-d", &["repo-b"], None).await;
    let specific = "ALLOW_SPECIFIC_REPOSITORIES";
    between
        .group(
            "/*",
            json!({"INTERNAL_UPSTREAM": specific, "EXTERNAL_UPSTREAM": specific}),
            json!([
                {"originRestrictionType": "INTERNAL_UPSTREAM", "repositoryName": "repo-a"},
                {"originRestrictionType": "EXTERNAL_UPSTREAM", "repositoryName": "repo-b"},
            ]),
        )
        .await;
    assert_eq!(between.installs("repo-c", "react").await, 404);
    assert_eq!(between.installs("repo-d", "react").await, 404);
    assert_eq!(between.installs("repo-a", "react").await, 200);
    for (name, packages) in [
        ("repo-a", &["react"][..]),
        ("repo-b", &["react"]),
        ("repo-c", &[]),
        ("repo-d", &[]),
    ] {
        assert_eq!(between.packages(name).await, packages, "{name}");
    }
    // What repo-b has by now is not for repo-d either.
    assert_eq!(between.installs("repo-d", "react").await, 404);
}

//! Upstream repositories, with npm as the example (guide, "Working with upstream repositories",
//! "Editing package origin controls", "npm tag handling").

use serde_json::{Value, json};

use super::world::{ACCOUNT, Answer, World, key_of, merge, repository};
use crate::support::npm::{publish_document, tarball};

/// A service whose package endpoints are used with a token.
struct Npm {
    world: World,
    token: String,
}

impl Npm {
    /// Repositories, each with its upstreams, which come before it.
    async fn with(repositories: &[(&str, &[&str])]) -> Npm {
        let world = World::start().await.with_repositories(&[]).await;
        for (name, upstreams) in repositories {
            let upstreams: Vec<Value> = upstreams
                .iter()
                .map(|upstream| json!({"repositoryName": upstream}))
                .collect();
            let members = repository(name, json!({"upstreams": upstreams}));
            world.does("create-repository", members).await;
        }
        let answer = world
            .does("get-authorization-token", json!({"domain": "my-domain"}))
            .await;
        let token = answer["authorizationToken"].as_str().unwrap().to_string();
        Npm { world, token }
    }

    async fn request(&self, method: &str, repository: &str, path: &str, body: Vec<u8>) -> Answer {
        let base = &self.world.service.base_url;
        let url = format!("{base}/d/my-domain-{ACCOUNT}/npm/{repository}/{path}");
        let headers = vec![
            (
                "authorization".to_string(),
                format!("Bearer {}", self.token),
            ),
            ("content-type".to_string(), "application/json".to_string()),
        ];
        self.world.request(method, &url, headers, body).await
    }

    /// Publishes a version whose description is the repository's name; gives the status.
    async fn publishes(&self, repository: &str, version: &str, tag: &str) -> u16 {
        let manifest = json!({"name": "web-helper", "version": version, "description": repository});
        let archive = tarball(&manifest, &[]);
        let document = publish_document(&manifest, &archive, tag).to_string();
        let answer = self
            .request("PUT", repository, "web-helper", document.into_bytes())
            .await;
        answer.status
    }

    /// Publishes a version that must be taken.
    async fn has(&self, repository: &str, version: &str) {
        let status = self.publishes(repository, version, "latest").await;
        assert!(
            (200..300).contains(&status),
            "{repository} {version}: {status}"
        );
    }

    async fn packument(&self, repository: &str) -> Value {
        self.request("GET", repository, "web-helper", Vec::new())
            .await
            .json()
    }

    /// Fetches a tarball, as an installation does; gives the status.
    async fn installs(&self, repository: &str, version: &str) -> u16 {
        let path = format!("web-helper/-/web-helper-{version}.tgz");
        self.request("GET", repository, &path, Vec::new())
            .await
            .status
    }

    /// The versions that the repository itself has.
    async fn versions(&self, name: &str) -> Vec<String> {
        match self
            .world
            .call("list-package-versions", package(name, json!({})))
            .await
        {
            Err(refused) => {
                assert_eq!(refused.code, "ResourceNotFoundException");
                Vec::new()
            }
            Ok(page) => page["versions"]
                .as_array()
                .unwrap()
                .iter()
                .map(|version| version["version"].as_str().unwrap().to_string())
                .collect(),
        }
    }

    /// The origin controls of the package, publish then upstream.
    async fn controls(&self, name: &str) -> (String, String) {
        let described = self
            .world
            .does("describe-package", package(name, json!({})))
            .await;
        let restrictions = &described["package"]["originConfiguration"]["restrictions"];
        let word = |name: &str| restrictions[name].as_str().unwrap().to_string();
        (word("publish"), word("upstream"))
    }

    async fn set_controls(&self, name: &str, publish: &str, upstream: &str) {
        let restrictions = json!({"restrictions": {"publish": publish, "upstream": upstream}});
        self.world
            .does(
                "put-package-origin-configuration",
                package(name, restrictions),
            )
            .await;
    }

    async fn set_status(&self, name: &str, version: &str, status: &str) {
        let more = json!({"versions": [version], "targetStatus": status});
        self.world
            .does("update-package-versions-status", package(name, more))
            .await;
    }
}

fn package(name: &str, more: Value) -> Value {
    let mut members = repository(name, json!({"format": "npm", "package": "web-helper"}));
    merge(&mut members, more);
    members
}

fn words(publish: &str, upstream: &str) -> (String, String) {
    (publish.to_string(), upstream.to_string())
}

/// The guide's complex example: `my_repo` has A and B, A has C and D, D has E.
async fn family() -> Npm {
    Npm::with(&[
        ("EE", &[]),
        ("DD", &["EE"]),
        ("CC", &[]),
        ("BB", &[]),
        ("AA", &["CC", "DD"]),
        ("my_repo", &["AA", "BB"]),
    ])
    .await
}

#[tokio::test]
async fn upstreams_are_searched_depth_first_in_their_order() {
    let npm = family().await;
    // From the last to the first, so that no version is reachable when it is published.
    for (searched, name) in ["BB", "EE", "DD", "CC", "AA"].into_iter().enumerate() {
        npm.set_controls(name, "ALLOW", "ALLOW").await;
        let controls = npm
            .world
            .does("describe-package", package(name, json!({})))
            .await;
        assert_eq!(controls["package"]["name"], "web-helper");
        if name == "AA" || name == "DD" {
            // What is upstream of them has the version: they take it in without asking.
            npm.set_controls(name, "ALLOW", "BLOCK").await;
        }
        npm.has(name, "1.0.0").await;
        if name == "AA" || name == "DD" {
            npm.set_controls(name, "ALLOW", "ALLOW").await;
        }
        let packument = npm.packument("my_repo").await;
        assert_eq!(
            packument["versions"]["1.0.0"]["description"], name,
            "{searched}"
        );
    }
}

#[tokio::test]
async fn a_search_looks_in_25_repositories() {
    let names: Vec<String> = (0..26).map(|number| format!("repo-{number}")).collect();
    let mut repositories: Vec<(&str, Vec<&str>)> = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let upstreams = index.checked_sub(1).map(|before| names[before].as_str());
        repositories.push((name, upstreams.into_iter().collect()));
    }
    let repositories: Vec<(&str, &[&str])> = repositories
        .iter()
        .map(|(name, upstreams)| (*name, upstreams.as_slice()))
        .collect();
    let npm = Npm::with(&repositories).await;
    npm.has("repo-0", "1.0.0").await;
    // The 25th is found, the 26th is not.
    assert_eq!(npm.installs("repo-25", "1.0.0").await, 404);
    assert_eq!(npm.installs("repo-24", "1.0.0").await, 200);
}

#[tokio::test]
async fn a_version_is_retained_where_it_was_asked_for_and_not_in_between() {
    let npm = Npm::with(&[
        ("repo-D", &[]),
        ("repo-C", &["repo-D"]),
        ("repo-B", &["repo-C"]),
        ("repo-A", &["repo-B"]),
    ])
    .await;
    npm.has("repo-D", "1.0.0").await;
    npm.has("repo-D", "1.1.0").await;
    // Looking at the list of versions retains nothing.
    let packument = npm.packument("repo-A").await;
    assert_eq!(packument["versions"].as_object().unwrap().len(), 2);
    assert!(npm.versions("repo-A").await.is_empty());
    assert_eq!(npm.installs("repo-A", "1.0.0").await, 200);
    assert_eq!(npm.versions("repo-A").await, ["1.0.0"]);
    assert!(npm.versions("repo-B").await.is_empty());
    assert!(npm.versions("repo-C").await.is_empty());
    assert_eq!(npm.controls("repo-A").await, words("BLOCK", "ALLOW"));
    assert_eq!(npm.controls("repo-D").await, words("ALLOW", "BLOCK"));
    // It remembers where it came in, and is the same version.
    let describe = async |name: &str| {
        let members = package(name, json!({"packageVersion": "1.0.0"}));
        npm.world.does("describe-package-version", members).await
    };
    let retained = describe("repo-A").await;
    assert_eq!(retained, describe("repo-D").await);
    assert_eq!(
        retained["packageVersion"]["origin"]["domainEntryPoint"]["repositoryName"],
        "repo-D"
    );
}

#[tokio::test]
async fn what_is_retained_stays_whatever_happens_upstream() {
    let npm = Npm::with(&[("upstream", &[]), ("my_repo", &["upstream"])]).await;
    npm.has("upstream", "1.0.0").await;
    npm.has("upstream", "2.0.0").await;
    assert_eq!(npm.installs("my_repo", "1.0.0").await, 200);
    let more = json!({"versions": ["1.0.0"]});
    npm.world
        .does("delete-package-versions", package("upstream", more))
        .await;
    assert_eq!(npm.installs("my_repo", "1.0.0").await, 200);
    let disconnected = repository("my_repo", json!({"upstreams": []}));
    npm.world.does("update-repository", disconnected).await;
    assert_eq!(npm.installs("my_repo", "1.0.0").await, 200);
    assert_eq!(npm.installs("my_repo", "2.0.0").await, 404);
    npm.world
        .does("delete-repository", repository("upstream", json!({})))
        .await;
    assert_eq!(npm.installs("my_repo", "1.0.0").await, 200);
}

#[tokio::test]
async fn a_version_that_is_reachable_upstream_is_not_published() {
    let npm = Npm::with(&[("upstream", &[]), ("my_repo", &["upstream"])]).await;
    npm.has("upstream", "1.0.0").await;
    // Nobody knows the package in my_repo yet: the version is reachable all the same.
    assert_eq!(npm.publishes("my_repo", "1.0.0", "latest").await, 409);
    npm.set_controls("my_repo", "ALLOW", "ALLOW").await;
    assert_eq!(npm.publishes("my_repo", "1.0.0", "latest").await, 409);
    npm.has("my_repo", "1.1.0").await;
    npm.set_controls("my_repo", "BLOCK", "ALLOW").await;
    assert_eq!(npm.publishes("my_repo", "1.2.0", "latest").await, 409);
    // With upstream blocked nothing is reachable.
    npm.set_controls("my_repo", "ALLOW", "BLOCK").await;
    npm.has("my_repo", "1.0.0").await;
    assert_eq!(
        npm.packument("my_repo").await["versions"]["1.0.0"]["description"],
        "my_repo"
    );
}

#[tokio::test]
async fn blocked_upstreams_are_not_seen() {
    let npm = Npm::with(&[
        ("upstream", &[]),
        ("between", &["upstream"]),
        ("my_repo", &["between"]),
    ])
    .await;
    npm.has("upstream", "1.0.0").await;
    npm.set_controls("between", "ALLOW", "BLOCK").await;
    assert_eq!(npm.installs("my_repo", "1.0.0").await, 404);
    npm.set_controls("between", "ALLOW", "ALLOW").await;
    npm.set_controls("my_repo", "ALLOW", "BLOCK").await;
    assert_eq!(npm.installs("my_repo", "1.0.0").await, 404);
    npm.set_controls("my_repo", "ALLOW", "ALLOW").await;
    assert_eq!(npm.installs("my_repo", "1.0.0").await, 200);
    // An internal package stays internal: a version that appears upstream is not taken in.
    let other = Npm::with(&[("upstream", &[]), ("my_repo", &["upstream"])]).await;
    other.has("my_repo", "1.1.0").await;
    other.has("upstream", "3.0.0").await;
    assert_eq!(other.installs("my_repo", "3.0.0").await, 404);
    let packument = other.packument("my_repo").await;
    let versions: Vec<&String> = packument["versions"].as_object().unwrap().keys().collect();
    assert_eq!(versions, ["1.1.0"]);
}

#[tokio::test]
async fn package_groups_decide_which_repositories_take_from_upstream() {
    let npm = Npm::with(&[
        ("upstream", &[]),
        ("allowed", &["upstream"]),
        ("other", &["upstream"]),
    ])
    .await;
    npm.has("upstream", "1.0.0").await;
    let group = |more: Value| {
        let mut members = json!({"domain": "my-domain", "packageGroup": "/npm//web-helper$"});
        merge(&mut members, more);
        members
    };
    npm.world
        .does("create-package-group", group(json!({})))
        .await;
    let more = json!({
        "restrictions": {"INTERNAL_UPSTREAM": "ALLOW_SPECIFIC_REPOSITORIES"},
        "addAllowedRepositories": [{"originRestrictionType": "INTERNAL_UPSTREAM", "repositoryName": "allowed"}],
    });
    npm.world
        .does("update-package-group-origin-configuration", group(more))
        .await;
    assert_eq!(npm.installs("other", "1.0.0").await, 404);
    assert_eq!(npm.installs("allowed", "1.0.0").await, 200);
    let more = json!({"restrictions": {"INTERNAL_UPSTREAM": "BLOCK"}});
    npm.world
        .does("update-package-group-origin-configuration", group(more))
        .await;
    // What is retained is there; nothing new comes in.
    npm.has("upstream", "2.0.0").await;
    assert_eq!(npm.installs("allowed", "1.0.0").await, 200);
    assert_eq!(npm.installs("allowed", "2.0.0").await, 404);
}

#[tokio::test]
async fn statuses_upstream_count_downstream() {
    let npm = Npm::with(&[("upstream", &[]), ("my_repo", &["upstream"])]).await;
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        npm.has("upstream", version).await;
    }
    npm.set_status("upstream", "1.0.0", "Archived").await;
    npm.set_status("upstream", "1.1.0", "Unlisted").await;
    let packument = npm.packument("my_repo").await;
    let versions: Vec<&String> = packument["versions"].as_object().unwrap().keys().collect();
    assert_eq!(versions, ["1.2.0"]);
    assert_eq!(npm.installs("my_repo", "1.0.0").await, 404);
    assert_eq!(npm.installs("my_repo", "1.1.0").await, 200);
    // A status downstream hides what upstream has.
    npm.set_status("my_repo", "1.1.0", "Archived").await;
    assert_eq!(npm.installs("my_repo", "1.1.0").await, 404);
}

#[tokio::test]
async fn tags_are_merged_and_upstream_wins() {
    let npm = Npm::with(&[("UU", &[]), ("RR", &["UU"])]).await;
    npm.set_controls("RR", "ALLOW", "ALLOW").await;
    assert!(npm.publishes("RR", "1.0.0", "latest").await < 300);
    assert!(npm.publishes("UU", "1.0.1", "alpha").await < 300);
    let tags = npm.packument("RR").await["dist-tags"].clone();
    assert_eq!(tags["latest"], "1.0.0");
    assert_eq!(tags["alpha"], "1.0.1");
    assert!(npm.publishes("UU", "1.0.2", "latest").await < 300);
    assert_eq!(npm.packument("RR").await["dist-tags"]["latest"], "1.0.2");
    // The repository's own tag is what its list of versions shows.
    let listed = npm
        .world
        .does("list-package-versions", package("RR", json!({})))
        .await;
    assert_eq!(listed["defaultDisplayVersion"], "1.0.0");
}

#[tokio::test]
async fn tags_are_copied_with_their_versions() {
    let npm = Npm::with(&[("SS", &[]), ("DD", &[])]).await;
    npm.has("DD", "1.0.0").await;
    npm.has("SS", "1.0.1").await;
    let copy = json!({
        "domain": "my-domain", "sourceRepository": "SS", "destinationRepository": "DD",
        "format": "npm", "package": "web-helper", "versions": ["1.0.1"],
    });
    npm.world.does("copy-package-versions", copy).await;
    let packument = npm.packument("DD").await;
    assert_eq!(packument["dist-tags"]["latest"], "1.0.1");
    assert_eq!(npm.versions("DD").await, ["1.0.0", "1.0.1"]);
}

#[tokio::test]
async fn a_copy_may_come_from_upstream_of_its_source() {
    let npm = Npm::with(&[
        ("upstream", &[]),
        ("source", &["upstream"]),
        ("release", &[]),
    ])
    .await;
    npm.has("upstream", "1.0.0").await;
    let mut copy = json!({
        "domain": "my-domain", "sourceRepository": "source", "destinationRepository": "release",
        "format": "npm", "package": "web-helper", "versions": ["1.0.0"],
    });
    let refused = npm
        .world
        .refuses("copy-package-versions", copy.clone())
        .await;
    assert_eq!(refused.code, "ResourceNotFoundException");
    copy["includeFromUpstream"] = json!(true);
    let answer = npm.world.does("copy-package-versions", copy).await;
    assert_eq!(answer["successfulVersions"]["1.0.0"]["status"], "Published");
    assert_eq!(npm.versions("release").await, ["1.0.0"]);
    assert!(npm.versions("source").await.is_empty());
}

#[tokio::test]
async fn the_default_display_version_is_npms_latest() {
    let npm = Npm::with(&[("my_repo", &[])]).await;
    npm.has("my_repo", "1.0.0").await;
    assert!(npm.publishes("my_repo", "2.0.0-beta.1", "next").await < 300);
    let listed = npm
        .world
        .does("list-package-versions", package("my_repo", json!({})))
        .await;
    assert_eq!(listed["defaultDisplayVersion"], "1.0.0");
    // Without the tag it is the newest.
    let more = json!({"versions": ["1.0.0"]});
    npm.world
        .does("delete-package-versions", package("my_repo", more))
        .await;
    let listed = npm
        .world
        .does("list-package-versions", package("my_repo", json!({})))
        .await;
    assert_eq!(listed["defaultDisplayVersion"], "2.0.0-beta.1");
}

#[tokio::test]
async fn package_endpoints_obey_policies() {
    let npm = Npm::with(&[("my_repo", &[])]).await;
    npm.has("my_repo", "1.0.0").await;
    let deny = |action: &str| {
        json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Deny", "Action": format!("codeartifact:{action}"), "Resource": "*", "Principal": "*",
            }],
        })
    };
    let put = async |action: &str| {
        let members = repository(
            "my_repo",
            json!({"policyDocument": deny(action).to_string()}),
        );
        npm.world
            .does("put-repository-permissions-policy", members)
            .await;
    };
    put("ReadFromRepository").await;
    assert_eq!(npm.installs("my_repo", "1.0.0").await, 403);
    let answer = npm
        .request("GET", "my_repo", "web-helper", Vec::new())
        .await;
    assert_eq!(answer.status, 403);
    let text = String::from_utf8(answer.body).unwrap();
    assert!(
        text.contains("codeartifact:ReadFromRepository on resource: arn:aws:codeartifact:"),
        "{text}"
    );
    put("PublishPackageVersion").await;
    assert_eq!(npm.publishes("my_repo", "2.0.0", "latest").await, 403);
    assert_eq!(npm.installs("my_repo", "1.0.0").await, 200);
    // alice was denied by her own hand, and still may change that.
    npm.world
        .call_as(
            &key_of("alice"),
            "delete-repository-permissions-policy",
            repository("my_repo", json!({})),
        )
        .await
        .unwrap();
    npm.has("my_repo", "2.0.0").await;
}

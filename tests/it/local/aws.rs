//! Every operation once more, with the real `aws` as the client: one story of a domain.

use std::collections::BTreeSet;
use std::sync::Mutex;

use codeartifact::local::Double;
use codeartifact::local::seed::Seed;
use codeartifact::ops::OPERATIONS;
use serde_json::{Value, json};

use super::world::{ACCOUNT, Key, REGION, World, sha256};
use crate::support::home::{Home, Said};
use crate::support::installed::installed;
use crate::support::npm::{publish_document, tarball};

/// `aws codeartifact` in a home of its own, and the commands it has run.
pub(super) struct Aws {
    pub(super) home: Home,
    used: Mutex<BTreeSet<String>>,
}

impl Aws {
    /// For that service, with that key.
    pub(super) fn new(base: &str, key: &Key) -> Aws {
        let mut home = Home::new();
        for (name, value) in [
            ("AWS_ENDPOINT_URL_CODEARTIFACT", base),
            ("AWS_ENDPOINT_URL_STS", base),
            ("AWS_ACCESS_KEY_ID", &key.id),
            ("AWS_SECRET_ACCESS_KEY", &key.secret),
            ("AWS_REGION", REGION),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_DEFAULT_OUTPUT", "json"),
            ("AWS_MAX_ATTEMPTS", "1"),
        ] {
            home.set(name, value);
        }
        Aws {
            home,
            used: Mutex::default(),
        }
    }

    /// Runs a command line, whatever comes of it.
    pub(super) async fn says(&self, line: &str) -> Said {
        let mut arguments = vec!["codeartifact"];
        arguments.extend(line.split(' '));
        self.home.run(".", "aws", &arguments).await
    }

    /// Runs a command line as one would type it; no argument here has a space in it.
    pub(super) async fn run(&self, line: &str) -> Value {
        let command = line.split(' ').next().unwrap_or_default();
        self.used
            .lock()
            .expect("no panic")
            .insert(command.to_string());
        let output = self.says(line).await.succeeded();
        serde_json::from_str(&output).unwrap_or(Value::Null)
    }
}

#[tokio::test]
async fn the_real_aws_calls_every_operation() {
    if installed("aws").is_none() {
        return;
    }
    let world = World::start().await;
    let aws = Aws::new(&world.service.base_url, world.key());
    let identity = aws
        .home
        .run(
            ".",
            "aws",
            &[
                "sts",
                "get-caller-identity",
                "--query",
                "Account",
                "--output",
                "text",
            ],
        )
        .await;
    assert_eq!(identity.succeeded().trim(), ACCOUNT);
    domain_and_repositories(&aws).await;
    policies(&aws).await;
    packages(&aws).await;
    several_versions(&aws).await;
    groups(&aws).await;
    tags(&aws).await;
    end(&aws).await;
    let used = aws.used.into_inner().expect("no panic");
    let unused: Vec<&str> = OPERATIONS
        .iter()
        .map(|operation| operation.command)
        .filter(|command| !used.contains(*command))
        .collect();
    assert!(unused.is_empty(), "not called: {unused:?}");
}

/// The seed file of the README.
fn readme_seed() -> Seed {
    let readme = include_str!("../../../README.md");
    let (_, text) = readme
        .split_once("# codeartifact local serve --seed seed.toml\n")
        .expect("an example");
    let (text, _) = text.split_once("```").expect("its end");
    Seed::parse(text).expect("a seed")
}

#[tokio::test]
async fn the_real_aws_hears_what_a_principal_may_not_do() {
    if installed("aws").is_none() {
        return;
    }
    let world = World::double(Double {
        seed: Some(readme_seed()),
        ..Double::default()
    })
    .await;
    let key = Key {
        id: "AKIAREADER".to_string(),
        secret: "a-secret-of-your-choice".to_string(),
    };
    let aws = Aws::new(&world.service.base_url, &key);
    let listed = aws.run("list-packages --domain my-domain --repository my-repo");
    assert_eq!(listed.await["packages"], json!([]));
    let refused =
        "User: arn:aws:iam::111122223333:user/reader is not authorized to perform: codeartifact";
    let delete = aws.says("delete-repository --domain my-domain --repository my-repo");
    let expected = format!(
        "An error occurred (AccessDeniedException) when calling the DeleteRepository operation: \
         {refused}:DeleteRepository on resource: \
         arn:aws:codeartifact:us-west-2:111122223333:repository/my-domain/my-repo"
    );
    let said = delete.await.failed();
    assert!(said.contains(&expected), "{said}");
    // A package manager with this principal's token may read, and not publish.
    let token = aws.run("get-authorization-token --domain my-domain").await;
    let token = token["authorizationToken"].as_str().expect("a token");
    let endpoint = format!("{}/d/my-domain-{ACCOUNT}/npm/my-repo", world.base());
    let manifest = json!({"name": "lodash", "version": "1.0.0"});
    let document = publish_document(&manifest, &tarball(&manifest, &[]), "latest");
    for (method, body, status) in [
        ("GET", String::new(), 404),
        ("PUT", document.to_string(), 403),
    ] {
        let headers = vec![
            ("authorization".to_string(), format!("Bearer {token}")),
            ("content-type".to_string(), "application/json".to_string()),
        ];
        let url = format!("{endpoint}/lodash");
        let answer = world
            .request(method, &url, headers, body.into_bytes())
            .await;
        assert_eq!(answer.status, status, "{method}");
        if status == 403 {
            let error = answer.json()["error"]
                .as_str()
                .unwrap_or_default()
                .to_string();
            let expected = format!(
                "{refused}:PublishPackageVersion on resource: \
                 arn:aws:codeartifact:us-west-2:111122223333:package/my-domain/my-repo/npm//lodash"
            );
            assert!(error.contains(&expected), "{error}");
        }
    }
}

const DOMAIN: &str = "--domain my-domain --domain-owner 111122223333";

async fn domain_and_repositories(aws: &Aws) {
    aws.run("create-domain --domain my-domain").await;
    let described = aws.run(&format!("describe-domain {DOMAIN}")).await;
    assert_eq!(described["domain"]["status"], "Active");
    let listed = aws.run("list-domains").await;
    assert_eq!(listed["domains"][0]["name"], "my-domain");
    for name in ["my_repo", "npm-store", "repo-2"] {
        aws.run(&format!(
            "create-repository {DOMAIN} --repository {name} --description d"
        ))
        .await;
    }
    let connection = format!("{DOMAIN} --repository npm-store --external-connection public:npmjs");
    let store = aws
        .run(&format!("associate-external-connection {connection}"))
        .await;
    assert_eq!(
        store["repository"]["externalConnections"][0]["packageFormat"],
        "npm"
    );
    let updated = aws
        .run(&format!(
            "update-repository {DOMAIN} --repository my_repo --upstreams repositoryName=npm-store"
        ))
        .await;
    assert_eq!(
        updated["repository"]["upstreams"],
        json!([{"repositoryName": "npm-store"}])
    );
    let store = aws
        .run(&format!("disassociate-external-connection {connection}"))
        .await;
    assert_eq!(store["repository"]["externalConnections"], json!([]));
    let described = aws
        .run(&format!(
            "describe-repository {DOMAIN} --repository my_repo"
        ))
        .await;
    assert_eq!(described, updated);
    let listed = aws.run("list-repositories --max-items 2").await;
    assert_eq!(listed["repositories"].as_array().map(Vec::len), Some(2));
    let listed = aws
        .run(&format!(
            "list-repositories-in-domain {DOMAIN} --page-size 1"
        ))
        .await;
    assert_eq!(listed["repositories"].as_array().map(Vec::len), Some(3));
    let endpoint = aws
        .run(&format!(
            "get-repository-endpoint {DOMAIN} --repository my_repo --format npm"
        ))
        .await;
    assert!(
        endpoint["repositoryEndpoint"]
            .as_str()
            .is_some_and(|url| url.ends_with("/npm/my_repo/"))
    );
    let token = aws
        .run(&format!(
            "get-authorization-token {DOMAIN} --duration-seconds 900"
        ))
        .await;
    assert!(token["authorizationToken"].is_string());
}

async fn policies(aws: &Aws) {
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Action": ["codeartifact:ReadFromRepository"], "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Resource": "*",
        }],
    });
    aws.home.write("policy.json", policy.to_string());
    for (kind, which) in [
        ("domain", DOMAIN.to_string()),
        ("repository", format!("{DOMAIN} --repository my_repo")),
    ] {
        let put = aws
            .run(&format!(
                "put-{kind}-permissions-policy {which} --policy-document file://policy.json"
            ))
            .await;
        assert_eq!(put["policy"]["document"], policy.to_string());
        assert_eq!(
            aws.run(&format!("get-{kind}-permissions-policy {which}"))
                .await,
            put
        );
        let revision = put["policy"]["revision"].as_str().expect("a revision");
        let deleted = aws
            .run(&format!(
                "delete-{kind}-permissions-policy {which} --policy-revision {revision}"
            ))
            .await;
        assert_eq!(deleted, put);
    }
}

const PACKAGE: &str = "--format generic --namespace my-ns --package my-package";

async fn packages(aws: &Aws) {
    aws.home.write("asset.tar.gz", "hello world");
    let hash = sha256(b"hello world");
    let version = format!("{DOMAIN} --repository my_repo {PACKAGE} --package-version 1.0.0");
    for more in ["", " --unfinished"] {
        let version = version.replace("1.0.0", if more.is_empty() { "1.0.0" } else { "2.0.0" });
        let published = aws
            .run(&format!(
                "publish-package-version {version} --asset-content asset.tar.gz --asset-name asset.tar.gz --asset-sha256 {hash}{more}"
            ))
            .await;
        assert_eq!(published["asset"]["size"], 11);
    }
    let listed = aws
        .run(&format!("list-packages {DOMAIN} --repository my_repo"))
        .await;
    assert_eq!(listed["packages"][0]["package"], "my-package");
    let which = format!("{DOMAIN} --repository my_repo {PACKAGE}");
    let versions = aws.run(&format!("list-package-versions {which}")).await;
    assert_eq!(versions["versions"][1]["status"], "Unfinished");
    let described = aws.run(&format!("describe-package {which}")).await;
    assert_eq!(described["package"]["name"], "my-package");
    let described = aws
        .run(&format!("describe-package-version {version}"))
        .await;
    assert_eq!(described["packageVersion"]["status"], "Published");
    let assets = aws
        .run(&format!("list-package-version-assets {version}"))
        .await;
    assert_eq!(assets["assets"][0]["hashes"]["SHA-256"], hash);
    let dependencies = aws
        .run(&format!("list-package-version-dependencies {version}"))
        .await;
    assert_eq!(dependencies["dependencies"], json!([]));
    let got = aws
        .run(&format!(
            "get-package-version-asset {version} --asset asset.tar.gz out.tar.gz"
        ))
        .await;
    assert_eq!(got["assetName"], "asset.tar.gz");
    assert_eq!(got["packageVersionRevision"], assets["versionRevision"]);
    assert_eq!(aws.home.read("out.tar.gz"), "hello world");
    let set = aws
        .run(&format!(
            "put-package-origin-configuration {which} --restrictions publish=ALLOW,upstream=BLOCK"
        ))
        .await;
    assert_eq!(
        set["originConfiguration"]["restrictions"]["upstream"],
        "BLOCK"
    );
    // A generic package has no readme: a service fault, which this version of `aws` ends with 255.
    let said = aws
        .says(&format!("get-package-version-readme {version}"))
        .await;
    assert!(said.failed().contains(
        "(ResourceNotFoundException) when calling the GetPackageVersionReadme operation"
    ));
    aws.used
        .lock()
        .expect("no panic")
        .insert("get-package-version-readme".to_string());
}

async fn several_versions(aws: &Aws) {
    let which = format!("{DOMAIN} --repository my_repo {PACKAGE}");
    let answer = aws
        .run(&format!(
            "update-package-versions-status {which} --versions 2.0.0 --target-status Published"
        ))
        .await;
    assert_eq!(answer["successfulVersions"]["2.0.0"]["status"], "Published");
    let answer = aws
        .run(&format!(
            "copy-package-versions {DOMAIN} --source-repository my_repo --destination-repository repo-2 {PACKAGE} --versions 1.0.0 2.0.0"
        ))
        .await;
    assert_eq!(answer["failedVersions"], json!({}));
    let answer = aws
        .run(&format!(
            "dispose-package-versions {which} --versions 2.0.0 --expected-status Published"
        ))
        .await;
    assert_eq!(answer["successfulVersions"]["2.0.0"]["status"], "Disposed");
    let answer = aws
        .run(&format!("delete-package-versions {which} --versions 2.0.0"))
        .await;
    assert_eq!(answer["successfulVersions"]["2.0.0"]["status"], "Deleted");
}

async fn groups(aws: &Aws) {
    let which = format!("{DOMAIN} --package-group /generic/my-ns/*");
    aws.run(&format!(
        "create-package-group {which} --contact-info contact@email.com --tags key=key1,value=value1"
    ))
    .await;
    let updated = aws
        .run(&format!("update-package-group {which} --description new"))
        .await;
    assert_eq!(updated["packageGroup"]["description"], "new");
    let changed = aws
        .run(&format!(
            "update-package-group-origin-configuration {which} --restrictions INTERNAL_UPSTREAM=ALLOW_SPECIFIC_REPOSITORIES --add-allowed-repositories originRestrictionType=INTERNAL_UPSTREAM,repositoryName=my_repo"
        ))
        .await;
    assert_eq!(
        changed["allowedRepositoryUpdates"]["INTERNAL_UPSTREAM"]["ADDED"],
        json!(["my_repo"])
    );
    let allowed = aws
        .run(&format!("list-allowed-repositories-for-group {which} --origin-restriction-type INTERNAL_UPSTREAM"))
        .await;
    assert_eq!(allowed["allowedRepositories"], json!(["my_repo"]));
    let described = aws.run(&format!("describe-package-group {which}")).await;
    assert_eq!(described["packageGroup"], changed["packageGroup"]);
    let listed = aws
        .run(&format!("list-package-groups {DOMAIN} --prefix /generic"))
        .await;
    assert_eq!(listed["packageGroups"].as_array().map(Vec::len), Some(1));
    let below = aws
        .run(&format!(
            "list-sub-package-groups {DOMAIN} --package-group /*"
        ))
        .await;
    assert_eq!(below["packageGroups"][0]["pattern"], "/generic/my-ns/*");
    let packages = aws.run(&format!("list-associated-packages {which}")).await;
    assert_eq!(packages["packages"][0]["associationType"], "STRONG");
    let associated = aws
        .run(&format!("get-associated-package-group {DOMAIN} {PACKAGE}"))
        .await;
    assert_eq!(associated["packageGroup"]["pattern"], "/generic/my-ns/*");
    aws.run(&format!("delete-package-group {which}")).await;
}

async fn tags(aws: &Aws) {
    let arn = format!("--resource-arn arn:aws:codeartifact:{REGION}:{ACCOUNT}:domain/my-domain");
    aws.run(&format!(
        "tag-resource {arn} --tags key=k1,value=v1 key=k2,value=v2"
    ))
    .await;
    aws.run(&format!("untag-resource {arn} --tag-keys k1"))
        .await;
    let tags = aws.run(&format!("list-tags-for-resource {arn}")).await;
    assert_eq!(tags["tags"], json!([{"key": "k2", "value": "v2"}]));
}

async fn end(aws: &Aws) {
    let deleted = aws
        .run(&format!(
            "delete-package {DOMAIN} --repository my_repo {PACKAGE}"
        ))
        .await;
    assert_eq!(deleted["deletedPackage"]["package"], "my-package");
    for name in ["my_repo", "npm-store", "repo-2"] {
        aws.run(&format!("delete-repository {DOMAIN} --repository {name}"))
            .await;
    }
    let deleted = aws.run(&format!("delete-domain {DOMAIN}")).await;
    assert_eq!(deleted["domain"]["status"], "Deleted");
}

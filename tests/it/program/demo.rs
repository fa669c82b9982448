//! `local demo`: the guide's tutorial against a public registry on loopback.

use serde_json::json;

use crate::support::fixture::Fixture;
use crate::support::installed::installed;
use crate::support::npm::tarball;
use crate::support::program::{Home, Ran};

/// The commands that the guide shows, in its order.
const TUTORIAL: &[&str] = &[
    "$ codeartifact create-domain --domain my-domain\n",
    "$ codeartifact create-repository --domain my-domain --domain-owner 111122223333 --repository my-repo\n",
    "$ codeartifact create-repository --domain my-domain --domain-owner 111122223333 --repository npm-store\n",
    "$ codeartifact associate-external-connection ",
    "$ codeartifact update-repository ",
    "$ codeartifact login --tool npm ",
    "Successfully configured npm to use AWS CodeArtifact repository http://127.0.0.1:",
    "$ npm install lodash\n",
    "added 1 package",
    "$ codeartifact list-packages ",
    "\"package\": \"lodash\"",
    "$ codeartifact list-package-versions ",
    "\"defaultDisplayVersion\": \"4.17.21\"",
    "$ codeartifact describe-package-version ",
    "\"externalConnectionName\": \"public:npmjs\"",
    "$ codeartifact list-package-version-assets ",
    "\"name\": \"package.tgz\"",
    "$ codeartifact delete-repository ",
    "$ codeartifact delete-repository ",
    "$ codeartifact delete-domain ",
    "What to type next",
];

fn shows_in_order(ran: &Ran, wanted: &[&str]) {
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let mut rest = ran.out.as_str();
    for part in wanted {
        let (_, after) = rest
            .split_once(part)
            .unwrap_or_else(|| panic!("`{part}` is not in {rest}"));
        rest = after;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tutorial_runs_and_leaves_the_home_alone() {
    if installed("npm").is_none() {
        return;
    }
    let fixture = Fixture::start().await;
    let manifest = json!({"name": "lodash", "version": "4.17.21", "license": "MIT"});
    let bytes = tarball(&manifest, &[]);
    fixture.offer_npm("lodash", &[(manifest, bytes)]);
    let mut home = Home::new();
    home.write(".npmrc", "registry=http://127.0.0.1:1/\n");
    home.write(".aws/config", "[default]\nregion = eu-west-1\n");
    // Neither these credentials nor npm's settings may reach the tutorial.
    home.set("AWS_PROFILE", "not-there");
    home.set("npm_config_registry", "http://127.0.0.1:1/");
    // A flag beats the variable.
    home.set("CODEARTIFACT_EXTERNAL", "public:npmjs=http://127.0.0.1:1/");
    let external = format!("public:npmjs={}", fixture.url);
    let ran = home.run(&["local", "demo", "--external", &external]);
    shows_in_order(&ran, TUTORIAL);
    let mut left: Vec<_> = std::fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, [".aws", ".npmrc"]);
    assert_eq!(
        std::fs::read_to_string(home.file(".npmrc")).unwrap(),
        "registry=http://127.0.0.1:1/\n"
    );
}

#[test]
fn without_npm_a_generic_package_takes_its_place() {
    let mut home = Home::new();
    home.set("PATH", "/nowhere");
    shows_in_order(
        &home.run(&["local", "demo"]),
        &[
            "npm is not on this machine, so a generic package",
            "$ codeartifact publish-package-version ",
            "\"status\": \"Published\"",
            "$ codeartifact get-package-version-asset ",
            "$ codeartifact delete-domain ",
        ],
    );
}

#[test]
fn without_a_way_to_the_registry_a_generic_package_takes_its_place() {
    if installed("npm").is_none() {
        return;
    }
    let mut home = Home::new();
    home.set("npm_config_registry", "http://127.0.0.1:1/");
    home.set("npm_config_fetch_retries", "0");
    shows_in_order(
        &home.run(&["local", "demo"]),
        &[
            "The public npm registry cannot be reached, so a generic package",
            "$ codeartifact publish-package-version ",
            "$ codeartifact delete-domain ",
        ],
    );
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}

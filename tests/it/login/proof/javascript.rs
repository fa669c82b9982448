//! Clients of npm's protocol.

use codeartifact::local::registry::{Format, PackageId};

use super::{NOBODY, World};
use crate::support::installed::installed;

/// A client of npm's protocol.
struct Javascript {
    tool: &'static str,
    program: &'static str,
    /// The file of the user and its text before the login.
    file: (&'static str, &'static str),
    /// The arguments with which it tells the registry in use; bun does not.
    report: Option<&'static [&'static str]>,
    publish: &'static [&'static str],
}

const NPMRC: (&str, &str) = (".npmrc", "; mine\nregistry=http://127.0.0.1:9/\n");

async fn javascript(client: &Javascript) {
    if installed(client.program).is_none() {
        return;
    }
    let mut world = World::new().await;
    let (name, before) = client.file;
    world.home.write(name, before);
    for folder in ["project", "late"] {
        let manifest = r#"{"name": "project", "version": "1.0.0", "private": true}"#;
        world
            .home
            .write(&format!("{folder}/package.json"), manifest);
        world.home.write(&format!("{folder}/yarn.lock"), "");
    }
    world.home.write(
        "own/package.json",
        r#"{"name": "@my/own", "version": "1.0.0"}"#,
    );
    world.home.write("own/yarn.lock", "");

    world.login(client.tool, &[]).await;
    if let Some(arguments) = client.report {
        let said = world
            .run("project", &[&[client.program], arguments].concat())
            .await;
        let (said, endpoint) = (said.succeeded(), world.endpoint(Format::Npm));
        assert!(said.contains(endpoint.trim_end_matches('/')), "{said}");
    }
    let install = match client.program {
        "npm" => "install",
        _ => "add",
    };
    let add = |package: &'static str| [client.program, install, package];
    world.run("project", &add("tree")).await.succeeded();
    // pnpm keeps what a dependency needs in a folder of its own.
    let places = ["node_modules", "node_modules/.pnpm/node_modules"];
    let is_there = |place: &&str| {
        let path = format!("project/{place}/leaf/package.json");
        world.home.has(&path)
    };
    assert!(places.iter().any(is_there));
    if client.program == "yarn4" {
        // It publishes only what is in its lock file.
        world.run("own", &["yarn4", "install"]).await.succeeded();
    }
    let publish = [&[client.program], client.publish].concat();
    world.run("own", &publish).await.succeeded();
    let own = PackageId::new(Format::Npm, Some("my"), "own");
    world.published(own, "1.0.0").await;
    world.run("project", &add("@my/own")).await.succeeded();
    assert!(world.home.has("project/node_modules/@my/own/package.json"));

    world.logout(client.tool).await;
    assert_eq!(world.home.read(name), before);
    if let Some(arguments) = client.report {
        let said = world
            .run("project", &[&[client.program], arguments].concat())
            .await;
        let said = said.succeeded();
        let is_back = said.contains(NOBODY.trim_end_matches('/'));
        assert!(is_back && !said.contains("my-repo"), "{said}");
    }
    world.run("late", &add("tree")).await.failed();
    let manifest = r#"{"name": "@my/own", "version": "2.0.0"}"#;
    world.home.write("own/package.json", manifest);
    world.run("own", &publish).await.failed();
}

#[tokio::test(flavor = "multi_thread")]
async fn npm() {
    javascript(&Javascript {
        tool: "npm",
        program: "npm",
        file: NPMRC,
        report: Some(&["config", "get", "registry"]),
        publish: &["publish"],
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn yarn_1() {
    javascript(&Javascript {
        tool: "yarn1",
        program: "yarn1",
        file: NPMRC,
        // `config get` tells only what `.yarnrc` holds.
        report: Some(&["config", "list"]),
        publish: &["publish", "--no-git-tag-version", "--non-interactive"],
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn yarn_4() {
    javascript(&Javascript {
        tool: "yarn",
        program: "yarn4",
        file: (
            ".yarnrc.yml",
            "# mine\nnpmRegistryServer: http://127.0.0.1:9/\n",
        ),
        report: Some(&["config", "get", "npmRegistryServer"]),
        publish: &["npm", "publish"],
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pnpm() {
    javascript(&Javascript {
        tool: "pnpm",
        program: "pnpm",
        file: NPMRC,
        report: Some(&["config", "get", "registry"]),
        publish: &["publish", "--no-git-checks"],
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bun() {
    javascript(&Javascript {
        tool: "bun",
        program: "bun",
        file: NPMRC,
        report: None,
        publish: &["publish"],
    })
    .await;
}

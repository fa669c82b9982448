//! The other clients of the npm protocol: yarn 1, yarn 4, pnpm and bun.

use codeartifact::local::registry::Format;

use super::npm::service;
use crate::support::fixture::Fixture;
use crate::support::home::{Home, Said};
use crate::support::installed::installed;
use crate::support::local::Local;

/// How one client says what all of them do.
struct Client {
    program: &'static str,
    install: &'static [&'static str],
    publish: &'static [&'static str],
    /// How it words a wrong token.
    unauthorized: &'static [&'static str],
}

const CLIENTS: [Client; 4] = [
    Client {
        program: "yarn1",
        install: &["add", "tree", "--no-progress", "--verbose"],
        publish: &["publish", "--no-git-tag-version", "--non-interactive"],
        unauthorized: &["401"],
    },
    Client {
        program: "yarn4",
        install: &["add", "tree"],
        publish: &["npm", "publish"],
        unauthorized: &["401", "Invalid authentication"],
    },
    Client {
        program: "pnpm",
        install: &["add", "tree"],
        publish: &["publish", "--no-git-checks"],
        unauthorized: &["401", "Unauthorized"],
    },
    Client {
        program: "bun",
        install: &["add", "tree"],
        publish: &["publish"],
        unauthorized: &["401"],
    },
];

/// A home in which that token is used.
fn home(local: &Local, token: &str) -> Home {
    let mut home = Home::new();
    let endpoint = local.endpoint(Format::Npm, "my-repo");
    let host = local.without_scheme(Format::Npm, "my-repo");
    home.write(
        ".npmrc",
        format!("registry={endpoint}\n{host}:_authToken={token}\n{host}:always-auth=true\n"),
    );
    for (name, value) in [
        ("YARN_NPM_REGISTRY_SERVER", endpoint.as_str()),
        ("YARN_NPM_AUTH_TOKEN", token),
        ("YARN_NPM_ALWAYS_AUTH", "true"),
        ("YARN_UNSAFE_HTTP_WHITELIST", "127.0.0.1"),
        ("YARN_ENABLE_TELEMETRY", "false"),
        ("YARN_ENABLE_GLOBAL_CACHE", "false"),
        ("YARN_NODE_LINKER", "node-modules"),
        ("YARN_NPM_MINIMAL_AGE_GATE", "0"),
        ("YARN_HTTP_RETRY", "0"),
        ("npm_config_minimum_release_age", "0"),
        ("npm_config_fetch_retries", "0"),
        ("npm_config_update_notifier", "false"),
        ("COREPACK_ENABLE_STRICT", "0"),
    ] {
        home.set(name, value);
    }
    // Run by root, yarn 1 keeps its cache outside of the home.
    let cache = home.path("yarn-cache").display().to_string();
    home.set("YARN_CACHE_FOLDER", cache);
    home
}

async fn publish(home: &Home, client: &Client) -> Said {
    home.run("own", client.program, client.publish).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_client_installs_publishes_and_is_refused() {
    for client in &CLIENTS {
        if installed(client.program).is_none() {
            continue;
        }
        let local = service(&Fixture::start().await).await;
        let home = self::home(&local, &local.token);
        home.write(
            "project/package.json",
            r#"{"name": "project", "version": "1.0.0", "private": true}"#,
        );
        home.write("project/yarn.lock", "");
        home.run("project", client.program, client.install)
            .await
            .succeeded();
        assert!(
            home.has("project/node_modules/tree/package.json"),
            "{}",
            client.program
        );

        home.write(
            "own/package.json",
            r#"{"name": "@my/own", "version": "1.0.0", "main": "index.js"}"#,
        );
        home.write("own/yarn.lock", "");
        home.write("own/index.js", "1");
        if client.program == "yarn4" {
            // It publishes only what is in its lock file.
            home.run("own", client.program, &["install"])
                .await
                .succeeded();
        }
        publish(&home, client).await.succeeded();
        home.write("own/index.js", "2");
        let refusal = publish(&home, client).await.failed();
        let told = ["409", "already", "previously published", "onflict"]
            .iter()
            .any(|word| refusal.contains(word));
        assert!(told, "{}: {refusal}", client.program);
        home.run("project", client.program, &["add", "@my/own"])
            .await
            .succeeded();
        assert_eq!(
            home.read("project/node_modules/@my/own/index.js"),
            "1",
            "{}",
            client.program
        );

        let stranger = self::home(&local, "wrong");
        stranger.write(
            "project/package.json",
            r#"{"name": "project", "version": "1.0.0", "private": true}"#,
        );
        stranger.write("project/yarn.lock", "");
        let refusal = stranger
            .run("project", client.program, client.install)
            .await
            .failed();
        let told = client
            .unauthorized
            .iter()
            .any(|word| refusal.contains(word));
        assert!(told, "{}: {refusal}", client.program);
    }
}

//! cargo.

use std::time::Duration;

use codeartifact::local::registry::Format;

use crate::support::fixture::Fixture;
use crate::support::home::Home;
use crate::support::installed::installed;
use crate::support::local::{Local, Setup};

async fn service(fixture: &Fixture) -> Local {
    fixture.offer_crates(&[("leaf", "1.2.0", &[]), ("tree", "3.0.0", &[("leaf", "1")])]);
    let local = Setup::new()
        .external("public:crates-io", &fixture.url)
        .patience(Duration::from_secs(5))
        .start()
        .await;
    local
        .repository("cargo-store", &[], Some("public:crates-io"))
        .await;
    local.repository("my-repo", &["cargo-store"], None).await;
    local
}

/// A home whose cargo uses that token, as the guide sets it up.
fn home(local: &Local, token: &str) -> Home {
    let mut home = Home::new();
    let endpoint = local.endpoint(Format::Cargo, "my-repo");
    home.write(
        ".cargo/config.toml",
        format!(
            "[registries.my_registry]\nindex = \"sparse+{endpoint}\"\ncredential-provider = \"cargo:token\"\n\
             [registry]\ndefault = \"my_registry\"\n[source.crates-io]\nreplace-with = \"my_registry\"\n[net]\nretry = 0\n"
        ),
    );
    home.write(
        ".cargo/credentials.toml",
        format!("[registries.my_registry]\ntoken = \"Bearer {token}\"\n"),
    );
    let folder = home.path(".cargo").display().to_string();
    home.set("CARGO_HOME", folder);
    home
}

fn package(home: &Home, name: &str, version: &str, dependencies: &str) {
    home.write(
        &format!("{name}/Cargo.toml"),
        format!(
            "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2021\"\ndescription = \"Mine\"\nlicense = \"MIT\"\n\n[dependencies]\n{dependencies}"
        ),
    );
    home.write(&format!("{name}/src/lib.rs"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn cargo_fetches_publishes_and_is_refused() {
    if installed("cargo").is_none() {
        return;
    }
    let fixture = Fixture::start().await;
    let local = service(&fixture).await;
    let home = home(&local, &local.token);
    package(&home, "project", "0.1.0", "tree = \"3\"\n");
    home.run("project", "cargo", &["fetch"]).await.succeeded();
    let lock = home.read("project/Cargo.lock");
    assert!(
        lock.contains("name = \"leaf\"\nversion = \"1.2.0\""),
        "{lock}"
    );

    package(&home, "own", "1.0.0", "tree = \"3\"\n");
    let publish = ["publish", "--no-verify", "--allow-dirty"];
    home.run("own", "cargo", &publish).await.succeeded();
    let refusal = home.run("own", "cargo", &publish).await.failed();
    assert!(refusal.contains("already"), "{refusal}");
    package(
        &home,
        "user",
        "0.1.0",
        "own = { version = \"1\", registry = \"my_registry\" }\n",
    );
    home.run("user", "cargo", &["fetch"]).await.succeeded();

    home.run(
        "own",
        "cargo",
        &["yank", "--version", "1.0.0", "--registry", "my_registry"],
    )
    .await
    .succeeded();
    package(
        &home,
        "late",
        "0.1.0",
        "own = { version = \"1\", registry = \"my_registry\" }\n",
    );
    let refusal = home.run("late", "cargo", &["fetch"]).await.failed();
    assert!(refusal.contains("yanked"), "{refusal}");
    home.run("user", "cargo", &["fetch", "--locked"])
        .await
        .succeeded();
    let refusal = home
        .run(
            ".",
            "cargo",
            &["search", "own", "--registry", "my_registry"],
        )
        .await
        .failed();
    assert!(refusal.contains("not supported"), "{refusal}");

    // Everything once more, without the public registry and without cargo's cache.
    fixture.fail(Some(500));
    let again = self::home(&local, &local.token);
    package(&again, "project", "0.1.0", "tree = \"3\"\n");
    again.run("project", "cargo", &["fetch"]).await.succeeded();

    let stranger = self::home(&local, "wrong");
    package(&stranger, "project", "0.1.0", "tree = \"3\"\n");
    let refusal = stranger.run("project", "cargo", &["fetch"]).await.failed();
    assert!(
        refusal.contains("401") || refusal.contains("token"),
        "{refusal}"
    );
}

//! nuget.exe, under mono.

use std::time::Duration;

use codeartifact::local::registry::{Format, PackageId};

use crate::support::fixture::Fixture;
use crate::support::home::Home;
use crate::support::installed::installed;
use crate::support::local::{Local, Setup};
use crate::support::nuget::{archive, package};

const SOURCE: &[&str] = &["-Source", "my-domain/my-repo", "-NonInteractive"];

async fn service(fixture: &Fixture) -> Local {
    fixture.offer_nuget(&[
        ("Leaf", "1.2.0", &[]),
        ("Tree", "3.0.0", &[("Leaf", "[1.0, )")]),
    ]);
    let local = Setup::new()
        .external("public:nuget-org", &format!("{}v3/index.json", fixture.url))
        .patience(Duration::from_secs(5))
        .start()
        .await;
    local
        .repository("nuget-store", &[], Some("public:nuget-org"))
        .await;
    local.repository("my-repo", &["nuget-store"], None).await;
    local
}

async fn nuget(home: &Home, arguments: &[&str]) -> crate::support::home::Said {
    let arguments: Vec<&str> = arguments.iter().chain(SOURCE).copied().collect();
    home.run("project", "nuget", &arguments).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nuget_installs_and_pushes() {
    if installed("nuget").is_none() {
        return;
    }
    let fixture = Fixture::start().await;
    let local = service(&fixture).await;
    let mut home = Home::new();
    home.login(&local, "nuget", "my-repo", &[]).await;

    nuget(&home, &["install", "Tree"]).await.succeeded();
    assert!(home.has("project/Tree.3.0.0/Tree.3.0.0.nupkg"));
    assert!(home.has("project/Leaf.1.2.0/Leaf.1.2.0.nupkg"));

    home.write(
        "project/own.nupkg",
        package("Own", "1.0.0", &[("Leaf", "1.2")]),
    );
    nuget(&home, &["push", "own.nupkg"]).await.succeeded();
    let id = PackageId::new(Format::Nuget, None, "own");
    assert_eq!(local.versions("my-repo", &id).await, ["1.0.0"]);
    home.write("project/own.nupkg", package("Own", "1.0.0", &[]));
    let refusal = nuget(&home, &["push", "own.nupkg"]).await.failed();
    assert!(refusal.contains("409"), "{refusal}");
    assert!(refusal.contains("already exists"), "{refusal}");
    home.write("project/own.nupkg", package("Own", "1.1.0", &[]));
    nuget(&home, &["push", "own.nupkg"]).await.succeeded();
    let found = nuget(&home, &["search", "own"]).await.succeeded();
    assert!(found.contains("1.1.0"), "{found}");

    // Large enough that a server which answers before it reads would cut the client short.
    let noise: Vec<u8> = (0..8 << 20)
        .scan(1_u32, |state, _| {
            *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Some(state.to_be_bytes()[0])
        })
        .collect();
    let nuspec = b"<package><metadata><id>Large</id><version>1.0.0</version><authors>T</authors><description>D</description></metadata></package>";
    home.write(
        "project/large.nupkg",
        archive(&[("Large.nuspec", nuspec), ("lib/noise.bin", &noise)]),
    );
    nuget(&home, &["push", "large.nupkg"]).await.succeeded();

    // Unlisted: nobody gets it who does not name it.
    nuget(&home, &["delete", "Own", "1.1.0"]).await.succeeded();
    nuget(&home, &["install", "Own", "-NoCache"])
        .await
        .succeeded();
    assert!(home.has("project/Own.1.0.0") && !home.has("project/Own.1.1.0"));
    home.write(
        "project/packages.config",
        "<packages><package id=\"Own\" version=\"1.1.0\" /></packages>",
    );
    let restore = ["restore", "-NoCache", "-PackagesDirectory", "packages"];
    nuget(&home, &restore).await.succeeded();
    assert!(home.has("project/packages/Own.1.1.0/Own.1.1.0.nupkg"));

    let program = env!("CARGO_BIN_EXE_codeartifact");
    home.run(".", program, &["logout", "--tool", "nuget"])
        .await
        .succeeded();
    nuget(&home, &["install", "Own", "-NoCache"]).await.failed();
}

#[tokio::test(flavor = "multi_thread")]
async fn nuget_is_told_of_a_bad_token() {
    if installed("nuget").is_none() {
        return;
    }
    let fixture = Fixture::start().await;
    let local = service(&fixture).await;
    let home = Home::new();
    let index = format!("{}v3/index.json", local.endpoint(Format::Nuget, "my-repo"));
    home.write(
        ".config/NuGet/NuGet.Config",
        format!(
            "<configuration><packageSources><add key=\"my-domain/my-repo\" value=\"{index}\" /></packageSources>\
             <packageSourceCredentials><my-domain_x002F_my-repo><add key=\"Username\" value=\"aws\" />\
             <add key=\"ClearTextPassword\" value=\"wrong\" /></my-domain_x002F_my-repo></packageSourceCredentials></configuration>"
        ),
    );
    home.write("project/own.nupkg", package("Own", "1.0.0", &[]));
    for arguments in [&["install", "Tree"][..], &["push", "own.nupkg"]] {
        let refusal = nuget(&home, arguments).await.failed();
        assert!(
            refusal.contains("401") || refusal.contains("Unauthorized"),
            "{refusal}"
        );
    }
}

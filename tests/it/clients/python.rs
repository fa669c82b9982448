//! pip, uv, twine and poetry.

use std::time::Duration;

use codeartifact::local::registry::Format;

use crate::support::fixture::Fixture;
use crate::support::home::Home;
use crate::support::installed::installed;
use crate::support::local::{Local, Setup};
use crate::support::pypi::wheel;

/// A service whose `my-repo` reaches a public index with two projects.
async fn service(fixture: &Fixture) -> Local {
    let (leaf, leaf_bytes) = wheel("leaf", "1.2.0", &[]);
    let (tree, tree_bytes) = wheel("tree", "3.0.0", &["leaf>=1"]);
    fixture.offer_pypi("leaf", &[(&leaf, &leaf_bytes, "")]);
    fixture.offer_pypi("tree", &[(&tree, &tree_bytes, "")]);
    let address = format!("{}simple", fixture.url);
    let local = Setup::new()
        .external("public:pypi", &address)
        .patience(Duration::from_secs(5))
        .start()
        .await;
    local
        .repository("pypi-store", &[], Some("public:pypi"))
        .await;
    local.repository("my-repo", &["pypi-store"], None).await;
    local
}

fn home() -> Home {
    let mut home = Home::new();
    for (name, value) in [
        ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
        ("PIP_RETRIES", "0"),
        ("PIP_NO_INPUT", "1"),
        ("UV_HTTP_RETRIES", "0"),
        ("UV_PYTHON_DOWNLOADS", "never"),
        ("UV_NO_CONFIG", "0"),
        ("TWINE_NON_INTERACTIVE", "1"),
        ("POETRY_NO_INTERACTION", "1"),
        ("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring"),
    ] {
        home.set(name, value);
    }
    home
}

/// The index with credentials in its address, as `pip.conf` has it.
fn index(local: &Local, token: &str) -> String {
    let endpoint = local.endpoint(Format::Pypi, "my-repo");
    format!(
        "{}simple/",
        endpoint.replacen("http://", &format!("http://aws:{token}@"), 1)
    )
}

const PIP: &[&str] = &[
    "-m",
    "pip",
    "install",
    "--target",
    "installed",
    "tree",
    "-vv",
];

#[tokio::test(flavor = "multi_thread")]
async fn pip_installs_through_the_external_connection() {
    if installed("python3").is_none() {
        return;
    }
    let fixture = Fixture::start().await;
    let local = service(&fixture).await;
    let mut home = home();
    home.login(&local, "pip", "my-repo", &[]).await;
    home.run("project", "python3", PIP).await.succeeded();
    assert_eq!(
        home.read("project/installed/leaf.py"),
        "VERSION = \"1.2.0\"\n"
    );
    // Once more without the public index and without pip's cache.
    fixture.fail(Some(500));
    home.run("again", "python3", &[PIP, &["--no-cache-dir"]].concat())
        .await
        .succeeded();
    let mut stranger = self::home();
    stranger.set("PIP_INDEX_URL", index(&local, "wrong"));
    let refusal = stranger.run("project", "python3", PIP).await.failed();
    assert!(refusal.contains("401"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn twine_publishes_and_is_refused() {
    if installed("twine").is_none() || installed("python3").is_none() {
        return;
    }
    let local = service(&Fixture::start().await).await;
    let mut home = home();
    home.login(&local, "twine", "my-repo", &[]).await;
    let (name, bytes) = wheel("my-own", "1.0", &[]);
    home.write(&format!("dist/{name}"), &bytes);
    let upload = [
        "upload",
        "--repository",
        "codeartifact",
        "--disable-progress-bar",
        "--verbose",
        &name,
    ];
    home.run("dist", "twine", &upload).await.succeeded();
    home.write(&format!("dist/{name}"), wheel("my-own", "1.0", &["leaf"]).1);
    let refusal = home.run("dist", "twine", &upload).await.failed();
    assert!(
        refusal.contains("409") && refusal.contains("already exists"),
        "{refusal}"
    );
    home.set("PIP_INDEX_URL", index(&local, &local.token));
    home.run(
        "project",
        "python3",
        &["-m", "pip", "install", "--target", "installed", "my_own"],
    )
    .await
    .succeeded();
    assert!(home.has("project/installed/my_own.py"));
    home.set("TWINE_PASSWORD", "wrong");
    let refusal = home.run("dist", "twine", &upload).await.failed();
    assert!(refusal.contains("401"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn uv_installs_and_publishes() {
    if installed("uv").is_none() || installed("python3").is_none() {
        return;
    }
    let local = service(&Fixture::start().await).await;
    let mut home = home();
    home.set("UV_DEFAULT_INDEX", index(&local, &local.token));
    home.run(
        "project",
        "uv",
        &["pip", "install", "--target", "installed", "tree"],
    )
    .await
    .succeeded();
    assert!(home.has("project/installed/leaf.py"));
    let (name, bytes) = wheel("my-own", "1.0", &[]);
    home.write(&format!("dist/{name}"), &bytes);
    let endpoint = local.endpoint(Format::Pypi, "my-repo");
    let publish = |token: &str| {
        let arguments = [
            "publish",
            "--publish-url",
            &endpoint,
            "--username",
            "aws",
            "--password",
            token,
            &name,
        ];
        arguments.map(str::to_string)
    };
    let arguments = publish(&local.token);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    home.run("dist", "uv", &arguments).await.succeeded();
    home.write(&format!("dist/{name}"), wheel("my-own", "1.0", &["leaf"]).1);
    let refusal = home.run("dist", "uv", &arguments).await.failed();
    assert!(refusal.contains("already exists"), "{refusal}");
    let arguments = publish("wrong");
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let refusal = home.run("dist", "uv", &arguments).await.failed();
    assert!(
        refusal.contains("401") || refusal.contains("not valid"),
        "{refusal}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn poetry_locks_and_publishes() {
    if installed("poetry").is_none() || installed("python3").is_none() {
        return;
    }
    let local = service(&Fixture::start().await).await;
    let mut home = home();
    let endpoint = local.endpoint(Format::Pypi, "my-repo");
    home.write(
        "project/pyproject.toml",
        format!(
            "[project]\nname = \"project\"\nversion = \"1.0\"\nrequires-python = \">=3.9\"\ndependencies = [\"tree\"]\n\
             [tool.poetry]\npackage-mode = false\n[[tool.poetry.source]]\nname = \"mine\"\nurl = \"{endpoint}simple/\"\npriority = \"primary\"\n"
        ),
    );
    home.set("POETRY_HTTP_BASIC_MINE_USERNAME", "aws");
    home.set("POETRY_HTTP_BASIC_MINE_PASSWORD", local.token.clone());
    home.run("project", "poetry", &["lock"]).await.succeeded();
    let lock = home.read("project/poetry.lock");
    assert!(
        lock.contains("name = \"leaf\"") && lock.contains("version = \"1.2.0\""),
        "{lock}"
    );
    let (name, bytes) = wheel("my-own", "1.0", &[]);
    home.write(
        "own/pyproject.toml",
        "[project]\nname = \"my-own\"\nversion = \"1.0\"\nrequires-python = \">=3.9\"\n[tool.poetry]\npackages = []\n",
    );
    home.write(&format!("own/dist/{name}"), &bytes);
    home.set("POETRY_REPOSITORIES_MINE_URL", endpoint);
    home.run("own", "poetry", &["publish", "-r", "mine"])
        .await
        .succeeded();
    home.write(
        &format!("own/dist/{name}"),
        wheel("my-own", "1.0", &["leaf"]).1,
    );
    let refusal = home
        .run("own", "poetry", &["publish", "-r", "mine"])
        .await
        .failed();
    assert!(refusal.contains("409"), "{refusal}");
}

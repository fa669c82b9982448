//! The real clients from login to logout, against the local service: after the login the
//! client says itself that it uses the repository, installs through it and publishes to it;
//! after the logout it does neither. Before the login most of them have an address at which
//! nobody answers, so that none leaves this machine, and it is there again afterwards.

mod javascript;
mod jvm;
mod swift;

use std::time::Duration;

use codeartifact::local::registry::{Format, PackageId};
use serde_json::json;

use crate::support::fixture::Fixture;
use crate::support::gems::{file, gem};
use crate::support::home::{Home, Said};
use crate::support::installed::installed;
use crate::support::local::{Local, Setup};
use crate::support::npm::tarball;
use crate::support::nuget;
use crate::support::pypi::wheel;

/// Nobody answers there.
const NOBODY: &str = "http://127.0.0.1:9/";

/// A service whose `my-repo` reaches a public repository of each format, and a home.
struct World {
    local: Local,
    home: Home,
}

impl World {
    async fn new() -> World {
        let mut setup = Setup::new().patience(Duration::from_secs(5));
        let mut stores = Vec::new();
        for (connection, address) in public().await {
            setup = setup.external(connection, &address);
            stores.push((connection.replace("public:", "") + "-store", connection));
        }
        let local = setup.start().await;
        for (store, connection) in &stores {
            local.repository(store, &[], Some(connection)).await;
        }
        let upstreams: Vec<&str> = stores.iter().map(|(store, _)| store.as_str()).collect();
        local.repository("my-repo", &upstreams, None).await;
        let mut home = Home::new();
        for (name, value) in QUIET {
            home.set(name, *value);
        }
        // Run by root, yarn 1 keeps its cache outside of the home; Java takes the home folder
        // from the user database.
        let folder = home.path("").display().to_string();
        home.set("YARN_CACHE_FOLDER", format!("{folder}/yarn-cache"));
        home.set("GEM_HOME", format!("{folder}/gems"));
        home.set("GEM_SPEC_CACHE", format!("{folder}/specs"));
        home.set("BUNDLE_USER_HOME", format!("{folder}/.bundle"));
        home.set("MAVEN_OPTS", format!("-Duser.home={folder}"));
        home.set("GRADLE_OPTS", format!("-Duser.home={folder}"));
        World { local, home }
    }

    fn endpoint(&self, format: Format) -> String {
        self.local.endpoint(format, "my-repo")
    }

    async fn login(&mut self, tool: &str, flags: &[&str]) {
        self.home.login(&self.local, tool, "my-repo", flags).await;
    }

    /// The last logout, after which there is nothing to take back.
    async fn logout(&self, tool: &str) {
        let program = env!("CARGO_BIN_EXE_codeartifact");
        let said = self.run(".", &[program, "logout", "--tool", tool]).await;
        said.succeeded();
        let said = self.run(".", &[program, "logout", "--dry-run"]).await;
        assert_eq!(said.succeeded(), "", "{tool}");
    }

    async fn run(&self, folder: &str, command: &[&str]) -> Said {
        self.home.run(folder, command[0], &command[1..]).await
    }

    /// Whether a version was published to the repository.
    async fn published(&self, package: PackageId, version: &str) {
        let versions = self.local.versions("my-repo", &package).await;
        assert_eq!(versions, [version], "{package:?}");
    }
}

/// What keeps the clients from asking, waiting and trying again.
const QUIET: &[(&str, &str)] = &[
    ("npm_config_audit", "false"),
    ("npm_config_fund", "false"),
    ("npm_config_fetch_retries", "0"),
    ("npm_config_update_notifier", "false"),
    ("npm_config_minimum_release_age", "0"),
    ("COREPACK_ENABLE_STRICT", "0"),
    ("YARN_ENABLE_GLOBAL_CACHE", "false"),
    ("YARN_ENABLE_TELEMETRY", "false"),
    ("YARN_HTTP_RETRY", "0"),
    ("YARN_NODE_LINKER", "node-modules"),
    ("YARN_NPM_MINIMAL_AGE_GATE", "0"),
    ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
    ("PIP_NO_INPUT", "1"),
    ("PIP_RETRIES", "0"),
    ("UV_HTTP_RETRIES", "0"),
    ("UV_PYTHON_DOWNLOADS", "never"),
    ("POETRY_NO_INTERACTION", "1"),
    ("TWINE_NON_INTERACTIVE", "1"),
    ("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring"),
    ("BUNDLE_RETRY", "0"),
    ("BUNDLE_SILENCE_ROOT_WARNING", "true"),
    ("CARGO_NET_RETRY", "0"),
    // Lets cargo tell its configuration.
    ("RUSTC_BOOTSTRAP", "1"),
];

/// A public repository of each format, in which `tree` needs `leaf`.
async fn public() -> Vec<(&'static str, String)> {
    let npm = Fixture::start().await;
    for (name, dependencies) in [("leaf", json!({})), ("tree", json!({"leaf": "^1.0.0"}))] {
        let manifest = json!({"name": name, "version": "1.0.0", "main": "index.js", "dependencies": dependencies});
        let tarball = tarball(&manifest, &[]);
        npm.offer_npm(name, &[(manifest, tarball)]);
    }
    let pypi = Fixture::start().await;
    for (name, requires) in [("leaf", &[][..]), ("tree", &["leaf>=1"])] {
        let (file, bytes) = wheel(name, "1.0.0", requires);
        pypi.offer_pypi(name, &[(&file, &bytes, "")]);
    }
    let cargo = Fixture::start().await;
    cargo.offer_crates(&[("leaf", "1.0.0", &[]), ("tree", "1.0.0", &[("leaf", "1")])]);
    let maven = Fixture::start().await;
    let leaf = "<dependency><groupId>org.public</groupId><artifactId>leaf</artifactId><version>1.0</version></dependency>";
    for (artifact, dependencies) in [("leaf", ""), ("tree", leaf)] {
        let file = format!("org/public/{artifact}/1.0/{artifact}-1.0");
        let pom = format!(
            "<project><modelVersion>4.0.0</modelVersion><groupId>org.public</groupId><artifactId>{artifact}</artifactId>\
             <version>1.0</version><dependencies>{dependencies}</dependencies></project>"
        );
        maven.put(&format!("{file}.pom"), pom);
        maven.put(&format!("{file}.jar"), JAR);
    }
    let gems = Fixture::start().await;
    gems.offer_gems(&[
        ("leaf", "1.0.0", "ruby", &[]),
        ("tree", "1.0.0", "ruby", &[("leaf", ">= 1")]),
    ]);
    let nuget = Fixture::start().await;
    nuget.offer_nuget(&[
        ("Leaf", "1.0.0", &[]),
        ("Tree", "1.0.0", &[("Leaf", "[1.0, )")]),
    ]);
    vec![
        ("public:ruby-gems-org", gems.url),
        ("public:nuget-org", format!("{}v3/index.json", nuget.url)),
        ("public:npmjs", npm.url),
        ("public:pypi", format!("{}simple", pypi.url)),
        ("public:crates-io", cargo.url),
        ("public:maven-central", maven.url),
    ]
}

/// An archive without an entry, which is what a jar may be.
const JAR: &[u8] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

#[tokio::test(flavor = "multi_thread")]
async fn pip_and_twine() {
    if installed("python3").is_none() || installed("twine").is_none() {
        return;
    }
    let mut world = World::new().await;
    let before = format!("[global]\nindex-url = {NOBODY}\n");
    world.home.write(".config/pip/pip.conf", &before);
    let (own, bytes) = wheel("my-own", "1.0", &[]);
    world.home.write(&format!("dist/{own}"), bytes);
    let pip = ["python3", "-m", "pip"];
    let list = [&pip[..], &["config", "list"]].concat();
    let install = |package: &'static str| {
        [
            &pip[..],
            &[
                "install",
                "--no-cache-dir",
                "--target",
                "installed",
                package,
            ],
        ]
        .concat()
    };
    let upload = [
        "twine",
        "upload",
        "--disable-progress-bar",
        "-r",
        "codeartifact",
        &own,
    ];

    world.login("pip", &[]).await;
    world.login("twine", &[]).await;
    let said = world.run("project", &list).await.succeeded();
    let path = format!(
        "@{}simple/'",
        &world.endpoint(Format::Pypi)["http://".len()..]
    );
    assert!(said.contains(&path), "{said}");
    world.run("project", &install("tree")).await.succeeded();
    assert!(world.home.has("project/installed/leaf.py"));
    world.run("dist", &upload).await.succeeded();
    world
        .published(PackageId::new(Format::Pypi, None, "my-own"), "1.0")
        .await;
    world.run("project", &install("my_own")).await.succeeded();
    assert!(world.home.has("project/installed/my_own.py"));

    let program = env!("CARGO_BIN_EXE_codeartifact");
    world
        .run(".", &[program, "logout", "--tool", "pip"])
        .await
        .succeeded();
    assert_eq!(world.home.read(".config/pip/pip.conf"), before);
    let said = world.run("project", &list).await.succeeded();
    assert!(said.contains(NOBODY) && !said.contains("my-repo"), "{said}");
    world.run("late", &install("tree")).await.failed();
    // The same file may be sent again, another one in its place may not.
    world.run("dist", &upload).await.succeeded();
    let other = wheel("my-own", "1.0", &["leaf"]).1;
    world.home.write(&format!("dist/{own}"), other);
    // twine is another tool, and still logged in until it is taken back as well.
    assert!(world.run("dist", &upload).await.failed().contains("409"));
    world.logout("twine").await;
    assert!(!world.home.has(".pypirc"));
    let refusal = world.run("dist", &upload).await.failed();
    assert!(refusal.contains("codeartifact"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn uv() {
    if installed("uv").is_none() || installed("python3").is_none() {
        return;
    }
    let mut world = World::new().await;
    let (own, bytes) = wheel("my-own", "1.0", &[]);
    world.home.write(&format!("project/dist/{own}"), bytes);
    let endpoint = world.endpoint(Format::Pypi);
    let token = ["uv", "auth", "token", &endpoint, "--username", "aws"];
    let install = [
        "uv",
        "pip",
        "install",
        "--no-cache",
        "--target",
        "installed",
    ];
    let publish = ["uv", "publish", "--index", "codeartifact"];

    world.login("uv", &[]).await;
    assert!(!world.run("project", &token).await.succeeded().is_empty());
    world
        .run("project", &[&install[..], &["tree"]].concat())
        .await
        .succeeded();
    assert!(world.home.has("project/installed/leaf.py"));
    world.run("project", &publish).await.succeeded();
    world
        .published(PackageId::new(Format::Pypi, None, "my-own"), "1.0")
        .await;
    world
        .run("project", &[&install[..], &["my-own"]].concat())
        .await
        .succeeded();
    assert!(world.home.has("project/installed/my_own.py"));

    world.logout("uv").await;
    world.run("project", &token).await.failed();
    // Told where to go it has no token for there.
    let index = format!("--default-index={endpoint}simple/");
    world
        .run("late", &[&install[..], &["tree", &index]].concat())
        .await
        .failed();
    assert!(!world.home.has("late/installed/leaf.py"));
    let refusal = world.run("project", &publish).await.failed();
    assert!(refusal.contains("codeartifact"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn poetry() {
    if installed("poetry").is_none() || installed("python3").is_none() {
        return;
    }
    let mut world = World::new().await;
    let (own, bytes) = wheel("my-own", "1.0", &[]);
    world.home.write(&format!("project/dist/{own}"), bytes);
    let project = "[project]\nname = \"my-own\"\nversion = \"1.0\"\nrequires-python = \">=3.9\"\ndependencies = [\"tree\"]\n\n[tool.poetry]\npackages = []\n";
    world.home.write("project/pyproject.toml", project);
    let report = ["poetry", "config", "repositories.codeartifact.url"];
    let publish = ["poetry", "publish", "-r", "codeartifact"];

    world.home.set("POETRY_VIRTUALENVS_IN_PROJECT", "true");
    let program = env!("CARGO_BIN_EXE_codeartifact");
    for (name, value) in world.local.variables() {
        world.home.set(name, value);
    }
    let login = [
        program,
        "login",
        "--tool",
        "poetry",
        "--project",
        "--domain",
        "my-domain",
        "--repository",
        "my-repo",
    ];
    world.run("project", &login).await.succeeded();
    let said = world.run("project", &report).await.succeeded();
    assert_eq!(said.trim(), world.endpoint(Format::Pypi));
    world
        .run("project", &["poetry", "install", "--no-root"])
        .await
        .succeeded();
    let lock = world.home.read("project/poetry.lock");
    assert!(lock.contains("name = \"leaf\""), "{lock}");
    let python = ["poetry", "run", "python", "-c", "import leaf"];
    world.run("project", &python).await.succeeded();
    world.run("project", &publish).await.succeeded();
    world
        .published(PackageId::new(Format::Pypi, None, "my-own"), "1.0")
        .await;

    world.logout("poetry").await;
    assert_eq!(world.home.read("project/pyproject.toml"), project);
    world.run("project", &report).await.failed();
    let refusal = world.run("project", &publish).await.failed();
    assert!(refusal.contains("codeartifact"), "{refusal}");
}

fn package(home: &Home, name: &str, dependencies: &str) {
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2021\"\ndescription = \"Mine\"\nlicense = \"MIT\"\n\n[dependencies]\n{dependencies}"
    );
    home.write(&format!("{name}/Cargo.toml"), manifest);
    home.write(&format!("{name}/src/lib.rs"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn cargo() {
    if installed("cargo").is_none() {
        return;
    }
    let mut world = World::new().await;
    let before = "[net]\nretry = 0 # mine\n\n[source.crates-io]\nreplace-with = \"nobody\"\n\n[source.nobody]\nregistry = \"sparse+http://127.0.0.1:9/\"\n";
    world.home.write(".cargo/config.toml", before);
    package(
        &world.home,
        "project",
        "tree = { version = \"1\", registry = \"codeartifact\" }\n",
    );
    package(&world.home, "plain", "tree = \"1\"\n");
    package(&world.home, "own", "");
    package(
        &world.home,
        "user",
        "own = { version = \"1\", registry = \"codeartifact\" }\n",
    );
    let index = "registries.codeartifact.index";
    let report = ["cargo", "-Zunstable-options", "config", "get", index];
    let publish = ["cargo", "publish", "--no-verify", "--allow-dirty"];
    let fetch = ["cargo", "fetch"];

    world.login("cargo", &[]).await;
    let said = world.run(".", &report).await.succeeded();
    let endpoint = world.endpoint(Format::Cargo);
    assert_eq!(said.trim(), format!("{index} = \"sparse+{endpoint}\""));
    world.run("project", &fetch).await.succeeded();
    let lock = world.home.read("project/Cargo.lock");
    assert!(lock.contains("name = \"leaf\""), "{lock}");
    world.run("own", &publish).await.succeeded();
    world
        .published(PackageId::new(Format::Cargo, None, "own"), "1.0.0")
        .await;
    world.run("user", &fetch).await.succeeded();
    // Only with the flag it takes the public registry's place.
    world.run("plain", &fetch).await.failed();
    world.login("cargo", &["--replace-crates-io"]).await;
    world.run("plain", &fetch).await.succeeded();

    world.logout("cargo").await;
    assert_eq!(world.home.read(".cargo/config.toml"), before);
    world.run(".", &report).await.failed();
    package(
        &world.home,
        "late",
        "tree = { version = \"1\", registry = \"codeartifact\" }\n",
    );
    let refusal = world.run("late", &fetch).await.failed();
    assert!(refusal.contains("codeartifact"), "{refusal}");
    let index = format!("sparse+{endpoint}");
    let named = [&publish[..], &["--index", &index]].concat();
    let refusal = world.run("own", &named).await.failed();
    assert!(
        refusal.contains("token") || refusal.contains("401"),
        "{refusal}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn gem_and_bundler() {
    if installed("gem").is_none() || installed("bundle").is_none() {
        return;
    }
    let mut world = World::new().await;
    let before = format!("---\n:sources:\n- {NOBODY}\n");
    world.home.write(".gemrc", &before);
    let endpoint = world.endpoint(Format::Ruby);
    for folder in ["project", "late"] {
        let gemfile = format!("source \"{endpoint}\"\ngem \"tree\"\n");
        world.home.write(&format!("{folder}/Gemfile"), gemfile);
    }
    let own = ("own", "1.0.0", "ruby", &[][..]);
    let name = file(own);
    world.home.write(&format!("own/{name}"), gem(own));
    let sources = ["gem", "sources", "--list"];
    let install = |name: &'static str| ["gem", "install", "--no-document", name];
    let push = [
        "gem",
        "push",
        "--key",
        "codeartifact_api_key",
        "--host",
        &endpoint,
        &name,
    ];
    let config = ["bundle", "config", "list"];
    let bundle = ["bundle", "install", "--no-cache"];
    let spec = |name: &str| format!("gems/specifications/{name}-1.0.0.gemspec");

    world.login("gem", &[]).await;
    let said = world.run(".", &sources).await.succeeded();
    assert!(said.contains("/ruby/my-repo/"), "{said}");
    world.run(".", &install("tree")).await.succeeded();
    assert!(world.home.has(&spec("tree")) && world.home.has(&spec("leaf")));
    world.run("own", &push).await.succeeded();
    world
        .published(PackageId::new(Format::Ruby, None, "own"), "1.0.0")
        .await;
    world.run(".", &install("own")).await.succeeded();
    assert!(world.home.has(&spec("own")));
    world.login("bundler", &[]).await;
    let said = world.run("project", &config).await.succeeded();
    assert!(said.contains("/ruby/my-repo/"), "{said}");
    world
        .home
        .set("GEM_HOME", world.home.path("other").display().to_string());
    world.run("project", &bundle).await.succeeded();
    assert!(
        world
            .home
            .read("project/Gemfile.lock")
            .contains("leaf (1.0.0)")
    );

    let program = env!("CARGO_BIN_EXE_codeartifact");
    let said = world.run(".", &[program, "logout", "--tool", "gem"]).await;
    said.succeeded();
    assert_eq!(world.home.read(".gemrc"), before);
    let said = world.run(".", &sources).await.succeeded();
    assert!(said.contains(NOBODY) && !said.contains("my-repo"), "{said}");
    world
        .home
        .set("GEM_HOME", world.home.path("third").display().to_string());
    world.run(".", &install("tree")).await.failed();
    world.run("own", &push).await.failed();
    world.logout("bundler").await;
    let said = world.run("late", &config).await.succeeded();
    assert!(!said.contains("my-repo"), "{said}");
    world.run("late", &bundle).await.failed();
}

#[tokio::test(flavor = "multi_thread")]
async fn nuget() {
    if installed("nuget").is_none() {
        return;
    }
    let mut world = World::new().await;
    let before = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<configuration>\n  <!-- mine -->\n  <packageSources>\n    \
         <add key=\"nobody\" value=\"{NOBODY}\" />\n  </packageSources>\n</configuration>\n"
    );
    let config = ".config/NuGet/NuGet.Config";
    world.home.write(config, &before);
    world
        .home
        .write("project/own.nupkg", nuget::package("Own", "1.0.0", &[]));
    let sources = ["nuget", "sources", "list", "-NonInteractive"];
    let with = |arguments: &[&'static str]| {
        let source = ["-Source", "my-domain/my-repo", "-NonInteractive"];
        [&["nuget"], arguments, &source].concat()
    };

    world.login("nuget", &[]).await;
    let said = world.run("project", &sources).await.succeeded();
    assert!(said.contains(&world.endpoint(Format::Nuget)), "{said}");
    world
        .run("project", &with(&["install", "Tree"]))
        .await
        .succeeded();
    assert!(world.home.has("project/Leaf.1.0.0/Leaf.1.0.0.nupkg"));
    world
        .run("project", &with(&["push", "own.nupkg"]))
        .await
        .succeeded();
    world
        .published(PackageId::new(Format::Nuget, None, "own"), "1.0.0")
        .await;
    world
        .run("project", &with(&["install", "Own"]))
        .await
        .succeeded();
    assert!(world.home.has("project/Own.1.0.0/Own.1.0.0.nupkg"));

    world.logout("nuget").await;
    assert_eq!(world.home.read(config), before);
    let said = world.run("late", &sources).await.succeeded();
    assert!(said.contains(NOBODY) && !said.contains("my-repo"), "{said}");
    world
        .run("late", &with(&["install", "Tree", "-NoCache"]))
        .await
        .failed();
    world
        .run("project", &with(&["push", "own.nupkg"]))
        .await
        .failed();
}

//! Clients of Maven's repositories. What they are made of themselves comes from Debian's Maven
//! repository, so that none leaves this machine.

use std::path::Path;

use codeartifact::local::registry::{Format, PackageId};

use super::{JAR, World};
use crate::support::installed::{installed, skipped};

/// Where Debian keeps mvn's plug-ins.
const DEBIAN: &str = "/usr/share/maven-repo";

#[tokio::test(flavor = "multi_thread")]
async fn maven() {
    let plugin = Path::new(DEBIAN).join("org/apache/maven/plugins/maven-deploy-plugin");
    if installed("mvn").is_none() || !plugin.is_dir() {
        return;
    }
    let mut world = World::new().await;
    // Debian's plug-ins and what they need, as a local repository.
    world
        .run(".", &["cp", "-rL", DEBIAN, "m2"])
        .await
        .succeeded();
    let before =
        "<settings>\n  <!-- mine -->\n  <interactiveMode>false</interactiveMode>\n</settings>\n";
    world.home.write(".m2/settings.xml", before);
    world.home.write("own/own.jar", JAR);
    let mvn = ["mvn", "-B", "-q", "-llr", "-Dmaven.repo.local=../m2"];
    let url = format!("-Durl={}", world.endpoint(Format::Maven));
    let deploy = |version: &'static str| {
        let mut command = mvn.to_vec();
        command.extend([
            "org.apache.maven.plugins:maven-deploy-plugin:3.0.0:deploy-file",
            "-DrepositoryId=codeartifact",
            &url,
            "-DgroupId=com.mine",
            "-DartifactId=own",
            "-Dfile=own.jar",
            version,
        ]);
        command
    };
    let get = |coordinates: &'static str| {
        let goal = "org.apache.maven.plugins:maven-dependency-plugin:3.5.0:get";
        [&mvn[..], &[goal, coordinates]].concat()
    };

    world.login("maven", &["--mirror"]).await;
    world
        .run("project", &get("-Dartifact=org.public:tree:1.0"))
        .await
        .succeeded();
    assert!(world.home.has("m2/org/public/leaf/1.0/leaf-1.0.jar"));
    world.run("own", &deploy("-Dversion=1.0")).await.succeeded();
    world
        .published(
            PackageId::new(Format::Maven, Some("com.mine"), "own"),
            "1.0",
        )
        .await;

    world.logout("maven").await;
    assert_eq!(world.home.read(".m2/settings.xml"), before);
    let refusal = world.run("own", &deploy("-Dversion=2.0")).await.failed();
    assert!(
        refusal.contains("401") || refusal.contains("nauthorized"),
        "{refusal}"
    );
    world
        .published(
            PackageId::new(Format::Maven, Some("com.mine"), "own"),
            "1.0",
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gradle() {
    if installed("gradle").is_none() {
        return;
    }
    let mut world = World::new().await;
    let before = "# mine\norg.gradle.daemon=false\n";
    world.home.write(".gradle/gradle.properties", before);
    for folder in ["project", "late"] {
        world.home.write(
            &format!("{folder}/settings.gradle"),
            "rootProject.name = 'project'\n",
        );
        let build = "configurations { wanted }\ndependencies { wanted 'org.public:tree:1.0' }\n\
             task fetch(type: Copy) { from configurations.wanted; into 'fetched' }\n\
             task report { doLast { repositories.each { println it.url } } }\n";
        world.home.write(&format!("{folder}/build.gradle"), build);
    }
    let report = ["gradle", "--no-daemon", "-q", "report"];
    let fetch = [
        "gradle",
        "--no-daemon",
        "-q",
        "fetch",
        "--project-cache-dir",
        "../cache",
    ];

    world.login("gradle", &[]).await;
    let said = world.run("project", &report).await.succeeded();
    assert!(said.contains(&world.endpoint(Format::Maven)), "{said}");
    world.run("project", &fetch).await.succeeded();
    assert!(world.home.has("project/fetched/leaf-1.0.jar"));

    world.logout("gradle").await;
    assert_eq!(world.home.read(".gradle/gradle.properties"), before);
    let said = world.run("late", &report).await.succeeded();
    assert_eq!(said.trim(), "");
    let refusal = world.run("late", &fetch).await.failed();
    assert!(refusal.contains("no repositories are defined"), "{refusal}");
}

/// What a project of Leiningen's says: plain http has to be allowed, and nothing but the
/// repository is asked.
fn project_clj(endpoint: &str, name: &str, dependencies: &str) -> String {
    format!(
        "(require 'cemerick.pomegranate.aether)\n\
         (cemerick.pomegranate.aether/register-wagon-factory! \"http\"\n  \
           #(org.apache.maven.wagon.providers.http.HttpWagon.))\n\
         (defproject com.mine/{name} \"1.0\"\n  :description \"Mine\"\n  \
           :repositories ^:replace [[\"codeartifact\" {{:url \"{endpoint}\" :sign-releases false}}]]\n  \
           :plugin-repositories ^:replace []\n  :dependencies [{dependencies}])\n"
    )
}

/// Takes a folder out of the local repository.
async fn forget(world: &World, folder: &str) {
    let folder = format!(".m2/repository/{folder}");
    world.run(".", &["rm", "-r", &folder]).await.succeeded();
}

#[tokio::test(flavor = "multi_thread")]
async fn leiningen() {
    if installed("lein").is_none() || !Path::new(DEBIAN).join("nrepl").is_dir() {
        return;
    }
    let mut world = World::new().await;
    let folder = world.home.path("").display().to_string();
    let options = format!("-Duser.home={folder} -XX:TieredStopAtLevel=1");
    world.home.set("LEIN_JVM_OPTS", options);
    // Every project needs a REPL, and Debian has it.
    world.home.write(".m2/settings.xml", "<settings/>\n");
    world
        .run(".", &["cp", "-rL", DEBIAN, ".m2/repository"])
        .await
        .succeeded();
    let before = "{:user {:plugins []}} ; mine\n";
    world.home.write(".lein/profiles.clj", before);
    let endpoint = world.endpoint(Format::Maven);
    let tree = "[org.public/tree \"1.0\"]";
    for (name, endpoint, dependencies) in [
        ("project", endpoint.as_str(), tree),
        ("own", endpoint.trim_end_matches('/'), ""),
        (
            "user",
            endpoint.trim_end_matches('/'),
            "[com.mine/own \"1.0\"]",
        ),
    ] {
        let text = project_clj(endpoint, name, dependencies);
        world.home.write(&format!("{name}/project.clj"), text);
    }
    let profile = ["lein", "show-profiles", "auth"];
    let deploy = ["lein", "deploy", "codeartifact"];
    let own = || PackageId::new(Format::Maven, Some("com.mine"), "own");

    world.login("leiningen", &[]).await;
    let said = world.run("project", &profile).await.succeeded();
    assert!(said.contains(endpoint.trim_end_matches('/')), "{said}");
    let said = world.run("project", &["lein", "deps", ":tree"]).await;
    assert!(said.succeeded().contains("org.public/leaf"));
    assert!(
        world
            .home
            .has(".m2/repository/org/public/leaf/1.0/leaf-1.0.jar")
    );
    world.run("own", &deploy).await.succeeded();
    world.published(own(), "1.0").await;
    forget(&world, "com/mine").await;
    world.run("user", &["lein", "deps"]).await.succeeded();
    assert!(
        world
            .home
            .has(".m2/repository/com/mine/own/1.0/own-1.0.jar")
    );

    world.logout("leiningen").await;
    assert_eq!(world.home.read(".lein/profiles.clj"), before);
    assert!(!world.home.has(".lein/profiles.d/auth.clj"));
    let said = world.run("project", &profile).await.succeeded();
    assert_eq!(said.trim(), "nil");
    forget(&world, "org/public").await;
    let refusal = world.run("project", &["lein", "deps"]).await.failed();
    assert!(refusal.contains("org.public:tree"), "{refusal}");
    let refusal = world.run("own", &deploy).await.failed();
    assert!(
        refusal.contains("No credentials found for codeartifact"),
        "{refusal}"
    );
    world.published(own(), "1.0").await;
}

/// Debian's jars of tools.deps, with which the Clojure CLI reads `deps.edn`; it has no CLI.
const TOOLS_DEPS: &[&str] = &[
    "clojure",
    "spec.alpha",
    "core.specs.alpha",
    "tools.deps",
    "tools.gitlibs",
    "data.xml",
    "tools.cli",
    "maven-resolver-transport-http",
    "maven-resolver-transport-file",
    "httpclient",
    "httpcore",
    "commons-codec",
];

#[tokio::test(flavor = "multi_thread")]
async fn tools_deps() {
    if !Path::new("/usr/share/java/tools.deps.jar").is_file() {
        return skipped("tools.deps is not installed");
    }
    let mut world = World::new().await;
    let endpoint = world.endpoint(Format::Maven);
    let project = format!(
        "{{:deps {{org.public/tree {{:mvn/version \"1.0\"}}}}\n \
         :mvn/repos {{\"central\" nil \"clojars\" nil \"codeartifact\" {{:url \"{endpoint}\"}}}}}}\n"
    );
    world.home.write("project/deps.edn", project);
    let script = "(require '[clojure.tools.deps :as deps] '[clojure.edn :as edn])\n\
        (println (sort (keys (deps/resolve-deps (edn/read-string (slurp \"deps.edn\")) nil))))\n\
        (shutdown-agents)\n";
    world.home.write("project/resolve.clj", script);
    let home = format!("-Duser.home={}", world.home.path("").display());
    let jars = TOOLS_DEPS
        .iter()
        .map(|jar| format!("/usr/share/java/{jar}.jar"));
    let jars: Vec<String> = jars.collect();
    let path = format!("/usr/share/maven/lib/*:{}", jars.join(":"));
    let resolve = ["java", &home, "-cp", &path, "clojure.main", "resolve.clj"];

    world.login("deps", &[]).await;
    let said = world.run("project", &resolve).await.succeeded();
    assert!(said.contains("(org.public/leaf org.public/tree)"), "{said}");
    let jar = ".m2/repository/org/public/leaf/1.0/leaf-1.0.jar";
    assert!(world.home.has(jar));

    world.logout("deps").await;
    assert!(!world.home.has(".m2/settings.xml"));
    forget(&world, "org/public").await;
    let refusal = world.run("project", &resolve).await.failed();
    assert!(refusal.contains("401") && !world.home.has(jar), "{refusal}");
}

//! mvn and gradle. Neither reaches its public repository: mvn's plug-ins come from Debian's folder.

use std::path::Path;
use std::time::Duration;

use codeartifact::local::registry::{Format, PackageId};
use serde_json::json;

use crate::support::fixture::Fixture;
use crate::support::home::Home;
use crate::support::installed::installed;
use crate::support::local::{Local, Setup};

const DEBIAN: &str = "/usr/share/maven-repo";

fn library(group: &str, artifact: &str, dependencies: &str) -> String {
    format!(
        "<project><modelVersion>4.0.0</modelVersion><groupId>{group}</groupId><artifactId>{artifact}</artifactId>\
         <version>1.0</version><packaging>jar</packaging><dependencies>{dependencies}</dependencies></project>"
    )
}

async fn service(fixture: &Fixture) -> Local {
    let leaf = "<dependency><groupId>org.public</groupId><artifactId>leaf</artifactId><version>1.0</version></dependency>";
    for (artifact, dependencies) in [("leaf", ""), ("tree", leaf)] {
        let folder = format!("org/public/{artifact}");
        fixture.put(
            &format!("{folder}/1.0/{artifact}-1.0.pom"),
            library("org.public", artifact, dependencies),
        );
        fixture.put(&format!("{folder}/1.0/{artifact}-1.0.jar"), empty_archive());
    }
    let local = Setup::new()
        .external("public:maven-central", &fixture.url)
        .patience(Duration::from_secs(5))
        .start()
        .await;
    local
        .repository("central-store", &[], Some("public:maven-central"))
        .await;
    local.repository("my-repo", &["central-store"], None).await;
    local
}

fn empty_archive() -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer
        .start_file(
            "META-INF/MANIFEST.MF",
            zip::write::SimpleFileOptions::default(),
        )
        .unwrap();
    writer.finish().unwrap().into_inner()
}

/// A home whose mvn uses the repository for everything but its plug-ins.
fn home(local: &Local, token: &str) -> Home {
    let mut home = Home::new();
    let endpoint = local.endpoint(Format::Maven, "my-repo");
    home.write(
        "settings.xml",
        format!(
            "<settings><servers><server><id>codeartifact</id><username>aws</username><password>{token}</password></server></servers>\
             <profiles><profile><id>default</id><repositories><repository><id>codeartifact</id><url>{endpoint}</url></repository></repositories>\
             <pluginRepositories><pluginRepository><id>central</id><url>file://{DEBIAN}</url></pluginRepository></pluginRepositories></profile></profiles>\
             <mirrors><mirror><id>codeartifact</id><mirrorOf>central,!codeartifact</mirrorOf><url>{endpoint}</url></mirror></mirrors>\
             <activeProfiles><activeProfile>default</activeProfile></activeProfiles></settings>"
        ),
    );
    // Java takes the home folder from the user database.
    let folder = home.path(".").display().to_string();
    home.set("MAVEN_OPTS", format!("-Duser.home={folder}"));
    home.set("GRADLE_OPTS", format!("-Duser.home={folder}"));
    home
}

/// Debian's plug-ins and what they need, as a local repository.
async fn prepare(home: &Home) {
    let target = home.path("m2").display().to_string();
    home.run(".", "cp", &["-rL", DEBIAN, &target])
        .await
        .succeeded();
}

const MVN: &[&str] = &[
    "-B",
    "-q",
    "-llr",
    "-s",
    "../settings.xml",
    "-Dmaven.repo.local=../m2",
];

#[tokio::test(flavor = "multi_thread")]
async fn mvn_deploys_and_resolves() {
    if installed("mvn").is_none()
        || !Path::new(DEBIAN)
            .join("org/apache/maven/plugins/maven-deploy-plugin")
            .is_dir()
    {
        return;
    }
    let fixture = Fixture::start().await;
    let local = service(&fixture).await;
    let home = home(&local, &local.token);
    prepare(&home).await;
    let endpoint = local.endpoint(Format::Maven, "my-repo");
    home.write("own/own.jar", empty_archive());
    let url = format!("-Durl={endpoint}");
    let deploy = |version: &'static str| {
        let mut arguments: Vec<String> = MVN.iter().map(ToString::to_string).collect();
        arguments.extend(
            [
                "org.apache.maven.plugins:maven-deploy-plugin:3.0.0:deploy-file",
                "-DrepositoryId=codeartifact",
                &url,
                "-DgroupId=com.mine",
                "-DartifactId=own",
                "-Dfile=own.jar",
            ]
            .map(str::to_string),
        );
        arguments.push(format!("-Dversion={version}"));
        arguments
    };
    for version in ["1.0", "1.1-SNAPSHOT", "1.1-SNAPSHOT"] {
        let arguments = deploy(version);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        home.run("own", "mvn", &arguments).await.succeeded();
    }
    let id = PackageId::new(Format::Maven, Some("com.mine"), "own");
    let versions = local.versions("my-repo", &id).await;
    assert_eq!(versions.len(), 4, "{versions:?}");
    assert!(
        versions.contains(&"1.0".to_string()) && versions.contains(&"1.1-SNAPSHOT".to_string()),
        "{versions:?}"
    );

    home.write("own/own.jar", "other content");
    let arguments = deploy("1.0");
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let refusal = home.run("own", "mvn", &arguments).await.failed();
    assert!(refusal.contains("409"), "{refusal}");

    let get = |coordinates: &'static str| {
        let mut arguments: Vec<&str> = MVN.to_vec();
        arguments.extend([
            "org.apache.maven.plugins:maven-dependency-plugin:3.5.0:get",
            coordinates,
        ]);
        arguments
    };
    home.run("project", "mvn", &get("-Dartifact=org.public:tree:1.0"))
        .await
        .succeeded();
    assert!(home.has("m2/org/public/leaf/1.0/leaf-1.0.jar"));
    home.run(
        "project",
        "mvn",
        &get("-Dartifact=com.mine:own:1.1-SNAPSHOT"),
    )
    .await
    .succeeded();

    let stranger = self::home(&local, "wrong");
    prepare(&stranger).await;
    let refusal = stranger
        .run("project", "mvn", &get("-Dartifact=org.public:tree:1.0"))
        .await
        .failed();
    assert!(
        refusal.contains("401")
            || refusal.contains("Unauthorized")
            || refusal.contains("not authorized"),
        "{refusal}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn gradle_resolves() {
    if installed("gradle").is_none() {
        return;
    }
    let fixture = Fixture::start().await;
    let local = service(&fixture).await;
    let home = home(&local, &local.token);
    let endpoint = local.endpoint(Format::Maven, "my-repo");
    let build = |token: &str| {
        format!(
            "repositories {{ maven {{ url '{endpoint}'; credentials {{ username 'aws'; password '{token}' }} }} }}\n\
             configurations {{ wanted }}\ndependencies {{ wanted 'org.public:tree:1.0' }}\n\
             task fetch(type: Copy) {{ from configurations.wanted; into 'fetched' }}\n"
        )
    };
    let arguments = ["--no-daemon", "-q", "-g", "../gradle", "fetch"];
    home.write("project/settings.gradle", "rootProject.name = 'project'\n");
    home.write("project/build.gradle", build(&local.token));
    home.run("project", "gradle", &arguments).await.succeeded();
    assert!(
        home.has("project/fetched/leaf-1.0.jar"),
        "{}",
        json!(local.log())
    );
    home.write("stranger/settings.gradle", "rootProject.name = 'project'\n");
    home.write("stranger/build.gradle", build("wrong"));
    let refusal = home
        .run(
            "stranger",
            "gradle",
            &["--no-daemon", "-q", "-g", "../gradle2", "fetch"],
        )
        .await
        .failed();
    assert!(
        refusal.contains("401") || refusal.contains("Unauthorized"),
        "{refusal}"
    );
}

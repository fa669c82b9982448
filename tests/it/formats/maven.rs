//! The maven format, as the guide publishes with curl: files, checksums, metadata, snapshots,
//! external connections.

use std::time::Duration;

use codeartifact::local::registry::page::PageRequest;
use codeartifact::local::registry::{Format, PackageId, Status};
use reqwest::{Client, Method, StatusCode};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::support::fixture::Fixture;
use crate::support::local::{Local, Setup, repository};

struct Maven {
    client: Client,
    endpoint: String,
    token: String,
}

impl Maven {
    fn of(local: &Local, repository: &str) -> Maven {
        // Fails when another test was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Maven {
            client: Client::builder().no_proxy().build().unwrap(),
            endpoint: local.endpoint(Format::Maven, repository),
            token: local.token.clone(),
        }
    }

    async fn send(&self, method: Method, path: &str, body: &[u8]) -> (StatusCode, String) {
        let url = format!("{}{path}", self.endpoint);
        let request = self
            .client
            .request(method, url)
            .basic_auth("aws", Some(&self.token))
            .body(body.to_vec());
        let response = request.send().await.unwrap();
        (
            response.status(),
            String::from_utf8_lossy(&response.bytes().await.unwrap()).into_owned(),
        )
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let (status, body) = self.send(Method::GET, path, b"").await;
        (status.as_u16(), body)
    }

    async fn put(&self, path: &str, body: &[u8]) -> u16 {
        self.send(Method::PUT, path, body).await.0.as_u16()
    }
}

fn id(group: &str, artifact: &str) -> PackageId {
    PackageId::new(Format::Maven, Some(group), artifact)
}

fn pom(version: &str) -> String {
    format!(
        "<project><groupId>com.mycompany.app</groupId><artifactId>my-app</artifactId><version>{version}</version>\
         <name>My App</name><dependencies><dependency><groupId>junit</groupId><artifactId>junit</artifactId>\
         <version>4</version><scope>test</scope></dependency></dependencies></project>"
    )
}

fn metadata(versions: &[&str]) -> String {
    let versions: String = versions
        .iter()
        .map(|version| format!("<version>{version}</version>"))
        .collect();
    format!(
        "<metadata modelVersion=\"1.1.0\"><groupId>com.mycompany.app</groupId><artifactId>my-app</artifactId>\
         <versioning><versions>{versions}</versions></versioning></metadata>"
    )
}

const FOLDER: &str = "com/mycompany/app/my-app/";

async fn service(fixture: &Fixture) -> Local {
    let local = Setup::new()
        .external("public:maven-central", &fixture.url)
        .patience(Duration::from_secs(2))
        .start()
        .await;
    local
        .repository("central-store", &[], Some("public:maven-central"))
        .await;
    local.repository("my-repo", &["central-store"], None).await;
    local
}

#[tokio::test]
async fn a_version_is_unfinished_until_its_metadata_comes() {
    let local = service(&Fixture::start().await).await;
    let maven = Maven::of(&local, "my-repo");
    let jar = format!("{FOLDER}1.0/my-app-1.0.jar");
    assert_eq!(maven.put(&jar, b"classes").await, 201);
    assert_eq!(
        maven
            .put(
                &format!("{FOLDER}1.0/my-app-1.0.pom"),
                pom("1.0").as_bytes()
            )
            .await,
        201
    );
    assert_eq!(maven.get(&jar).await.0, 404);
    assert_eq!(
        maven.get(&format!("{FOLDER}maven-metadata.xml")).await.0,
        404
    );
    let uploaded = metadata(&["1.0"]);
    assert_eq!(
        maven
            .put(&format!("{FOLDER}maven-metadata.xml"), uploaded.as_bytes())
            .await,
        201
    );
    let sha1 = hex::encode(Sha1::digest(&uploaded));
    assert_eq!(
        maven
            .put(&format!("{FOLDER}maven-metadata.xml.sha1"), sha1.as_bytes())
            .await,
        201
    );
    assert_eq!(
        maven
            .put(&format!("{FOLDER}maven-metadata.xml.sha1"), b"0000")
            .await,
        400
    );
    assert_eq!(maven.get(&jar).await, (200, "classes".to_string()));
    let (_, listed) = maven.get(&format!("{FOLDER}maven-metadata.xml")).await;
    assert!(listed.contains("<release>1.0</release>"), "{listed}");
    let (_, checksum) = maven
        .get(&format!("{FOLDER}maven-metadata.xml.sha256"))
        .await;
    assert_eq!(checksum, hex::encode(Sha256::digest(&listed)));
    let (_, checksum) = maven.get(&format!("{jar}.sha1")).await;
    assert_eq!(checksum, hex::encode(Sha1::digest("classes")));
    let id = id("com.mycompany.app", "my-app");
    let (version, facts) = local
        .registry
        .describe_version(&local.caller, &repository("my-repo"), &id, "1.0")
        .await
        .unwrap();
    assert_eq!(
        (version.status, facts.display_name.as_deref()),
        (Status::Published, Some("My App"))
    );
    assert_eq!(
        facts.dependencies[0].dependency_type.as_deref(),
        Some("test")
    );
    // Further files may come, other content may not (guide, "Overwriting package assets").
    assert_eq!(
        maven
            .put(&format!("{FOLDER}1.0/my-app-1.0-sources.jar"), b"source")
            .await,
        201
    );
    assert_eq!(maven.put(&jar, b"classes").await, 201);
    assert_eq!(maven.put(&jar, b"other").await, 409);
}

#[tokio::test]
async fn a_wrong_checksum_stops_a_publication_until_the_right_one_comes() {
    let local = service(&Fixture::start().await).await;
    let maven = Maven::of(&local, "my-repo");
    let jar = format!("{FOLDER}1.0/my-app-1.0.jar");
    let sha1 = hex::encode(Sha1::digest("classes"));
    assert_eq!(
        maven.put(&format!("{jar}.sha1"), sha1.as_bytes()).await,
        404
    );
    assert_eq!(maven.put(&jar, b"classes").await, 201);
    assert_eq!(
        maven
            .put(&format!("{jar}.sha1"), sha1.to_uppercase().as_bytes())
            .await,
        400
    );
    let listed = metadata(&["1.0"]);
    let (status, reason) = maven
        .send(
            Method::PUT,
            &format!("{FOLDER}maven-metadata.xml"),
            listed.as_bytes(),
        )
        .await;
    assert_eq!(status, 400);
    assert!(reason.contains("my-app-1.0.jar.sha1"), "{reason}");
    assert_eq!(maven.get(&jar).await.0, 404);
    assert_eq!(
        maven.put(&format!("{jar}.sha1"), sha1.as_bytes()).await,
        201
    );
    assert_eq!(
        maven
            .put(&format!("{FOLDER}maven-metadata.xml"), listed.as_bytes())
            .await,
        201
    );
    assert_eq!(maven.get(&jar).await.0, 200);
}

#[tokio::test]
async fn each_snapshot_keeps_its_builds() {
    let local = service(&Fixture::start().await).await;
    let maven = Maven::of(&local, "my-repo");
    let id = id("com.mycompany.app", "my-app");
    for (number, (stamp, content)) in [("20210728.194552", "first"), ("20210729.171330", "second")]
        .into_iter()
        .enumerate()
    {
        let build = format!("{stamp}-{}", number + 1);
        let folder = format!("{FOLDER}1.0-SNAPSHOT/");
        assert_eq!(
            maven
                .put(
                    &format!("{folder}my-app-1.0-{build}.jar"),
                    content.as_bytes()
                )
                .await,
            201
        );
        assert_eq!(
            maven
                .put(
                    &format!("{folder}my-app-1.0-{build}.pom"),
                    pom("1.0-SNAPSHOT").as_bytes()
                )
                .await,
            201
        );
        let metadata = format!(
            "<metadata><groupId>com.mycompany.app</groupId><artifactId>my-app</artifactId><version>1.0-SNAPSHOT</version><versioning>\
             <snapshot><timestamp>{stamp}</timestamp><buildNumber>{}</buildNumber></snapshot></versioning></metadata>",
            number + 1
        );
        assert_eq!(
            maven
                .put(&format!("{folder}maven-metadata.xml"), metadata.as_bytes())
                .await,
            201
        );
        // The latest build by the snapshot's name, each build by its own.
        assert_eq!(
            maven.get(&format!("{folder}my-app-1.0-SNAPSHOT.jar")).await,
            (200, content.to_string())
        );
        assert_eq!(
            maven.get(&format!("{folder}my-app-1.0-{build}.jar")).await,
            (200, content.to_string())
        );
        let (_, listed) = maven.get(&format!("{folder}maven-metadata.xml")).await;
        assert!(
            listed.contains(&format!("<value>1.0-{build}</value>")),
            "{listed}"
        );
    }
    assert_eq!(
        local.versions("my-repo", &id).await,
        [
            "1.0-20210728.194552-1",
            "1.0-20210729.171330-2",
            "1.0-SNAPSHOT"
        ]
    );
    for (version, status) in [
        ("1.0-20210729.171330-2", Status::Unlisted),
        ("1.0-SNAPSHOT", Status::Published),
    ] {
        let (found, _) = local
            .registry
            .describe_version(&local.caller, &repository("my-repo"), &id, version)
            .await
            .unwrap();
        assert_eq!(found.status, status, "{version}");
    }
    assert_eq!(
        maven
            .get(&format!(
                "{FOLDER}1.0-SNAPSHOT/my-app-1.0-20210728.194552-1.jar"
            ))
            .await,
        (200, "first".to_string())
    );
    let (_, listed) = maven.get(&format!("{FOLDER}maven-metadata.xml")).await;
    assert!(
        listed.contains("<version>1.0-SNAPSHOT</version>") && !listed.contains("20210728"),
        "{listed}"
    );
    assert_eq!(
        maven
            .put(
                &format!("{FOLDER}1.0-SNAPSHOT/my-app-1.0-SNAPSHOT.jar"),
                b"x"
            )
            .await,
        400
    );
}

#[tokio::test]
async fn a_public_version_is_retained_and_takes_further_files() {
    let fixture = Fixture::start().await;
    for (file, content) in [
        (
            "app-1.0.pom",
            "<project><artifactId>app</artifactId></project>",
        ),
        ("app-1.0.jar", "classes"),
        ("app-1.0-linux.jar", "native"),
    ] {
        fixture.put(&format!("org/public/app/1.0/{file}"), content);
    }
    fixture.put(
        "org/public/app/1.0/app-1.0.jar.sha1",
        format!("{}  app-1.0.jar\n", hex::encode(Sha1::digest("classes"))),
    );
    fixture.put(
        "org/public/app/maven-metadata.xml",
        "<metadata><versioning><versions><version>1.0</version></versions></versioning></metadata>",
    );
    let local = service(&fixture).await;
    let maven = Maven::of(&local, "my-repo");
    let id = id("org.public", "app");
    let (_, listed) = maven.get("org/public/app/maven-metadata.xml").await;
    assert!(listed.contains("<version>1.0</version>"), "{listed}");
    assert_eq!(
        maven.get("org/public/app/1.0/app-1.0.jar").await,
        (200, "classes".to_string())
    );
    for name in ["my-repo", "central-store"] {
        assert_eq!(local.versions(name, &id).await, ["1.0"]);
    }
    assert_eq!(
        maven.get("org/public/app/1.0/app-1.0-linux.jar").await,
        (200, "native".to_string())
    );
    assert_eq!(
        maven.get("org/public/app/1.0/app-1.0-macos.jar").await.0,
        404
    );
    assert_eq!(
        maven
            .get("org/public/app/1.0-SNAPSHOT/maven-metadata.xml")
            .await
            .0,
        404
    );
    assert_eq!(
        maven.put("org/public/app/1.1/app-1.1.jar", b"own").await,
        409
    );
    fixture.fail(Some(500));
    assert_eq!(
        maven.get("org/public/app/1.0/app-1.0-linux.jar").await.0,
        200
    );
    let (status, reason) = maven.get("org/public/app/1.0/app-1.0.pom").await;
    assert_eq!(status, 502);
    assert!(reason.contains("answered 500"), "{reason}");
}

#[tokio::test]
async fn the_first_file_brings_its_siblings() {
    let fixture = Fixture::start().await;
    for file in [
        "app-1.0.pom",
        "app-1.0.jar",
        "app-1.0-sources.jar",
        "app-1.0-linux.jar",
    ] {
        let content = match file {
            "app-1.0.pom" => "<project><artifactId>app</artifactId></project>",
            other => other,
        };
        let path = format!("org/public/app/1.0/{file}");
        fixture.put(&path, content);
        fixture.put(&format!("{path}.sha1"), hex::encode(Sha1::digest(content)));
    }
    let local = service(&fixture).await;
    let maven = Maven::of(&local, "my-repo");
    assert_eq!(maven.get("org/public/app/1.0/app-1.0.pom").await.0, 200);
    let id = id("org.public", "app");
    let expected = ["app-1.0-sources.jar", "app-1.0.jar", "app-1.0.pom"];
    for name in ["central-store", "my-repo"] {
        // They come while the client goes on.
        let arrived = async {
            loop {
                let page = PageRequest::default();
                let repository = repository(name);
                let assets = local
                    .registry
                    .list_assets(&local.caller, &repository, &id, "1.0", page)
                    .await;
                let assets = assets.map_or(Vec::new(), |(_, page)| page.items);
                let names: Vec<String> = assets.into_iter().map(|asset| asset.name).collect();
                assert!(!names.contains(&"app-1.0-linux.jar".to_string()));
                if names == expected {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let patience = Duration::from_secs(60);
        tokio::time::timeout(patience, arrived).await.unwrap();
    }
}

#[tokio::test]
async fn what_does_not_belong_is_refused() {
    let fixture = Fixture::start().await;
    fixture.put("org/public/app/1.0/app-1.0.jar", "classes");
    fixture.put(
        "org/public/app/1.0/app-1.0.jar.sha1",
        "0000000000000000000000000000000000000000",
    );
    let local = service(&fixture).await;
    let maven = Maven::of(&local, "my-repo");
    let (status, reason) = maven.get("org/public/app/1.0/app-1.0.jar").await;
    assert_eq!(status, 502);
    assert!(reason.contains("SHA-1 is not the one"), "{reason}");
    for (path, body, status) in [
        (format!("{FOLDER}1.1/my-app-1.1.pom"), pom("1.0"), 400),
        (
            format!("{FOLDER}1.0/my-app-1.0.pom"),
            "<html/>".to_string(),
            400,
        ),
        (format!("{FOLDER}1.0/other-1.0.jar"), String::new(), 404),
        (
            format!("{FOLDER}maven-metadata.xml"),
            "<project/>".to_string(),
            400,
        ),
        (
            format!("{FOLDER}1.0-SNAPSHOT/maven-metadata.xml"),
            metadata(&[]),
            400,
        ),
        (
            "a/..%2f..%2fb/1.0/b-1.0.jar".to_string(),
            String::new(),
            404,
        ),
    ] {
        assert_eq!(maven.put(&path, body.as_bytes()).await, status, "{path}");
    }
    assert_eq!(
        maven
            .send(Method::DELETE, &format!("{FOLDER}1.0/my-app-1.0.jar"), b"")
            .await
            .0,
        405
    );
}

#[tokio::test]
async fn a_group_lists_its_plugins() {
    let fixture = Fixture::start().await;
    let offered = |prefix: &str, artifact: &str| {
        format!(
            "<plugin><name>{prefix}</name><prefix>{prefix}</prefix><artifactId>{artifact}</artifactId></plugin>"
        )
    };
    let list = format!(
        "<metadata><plugins>{}{}</plugins></metadata>",
        offered("jar", "maven-jar-plugin"),
        offered("other", "hello-maven-plugin")
    );
    fixture.put("org/example/maven-metadata.xml", list);
    let local = service(&fixture).await;
    let maven = Maven::of(&local, "my-repo");
    let metadata = "org/example/maven-metadata.xml";
    let (_, listed) = maven.get(metadata).await;
    assert!(listed.contains("<prefix>jar</prefix>") && listed.contains("<prefix>other</prefix>"));
    assert_eq!(maven.get("org/elsewhere/maven-metadata.xml").await.0, 404);
    for artifact in ["hello-maven-plugin", "library"] {
        let jar = format!("org/example/{artifact}/1.0/{artifact}-1.0.jar");
        assert_eq!(maven.put(&jar, b"classes").await, 201);
        let nested = "org/example/nested/x-maven-plugin/1.0/x-maven-plugin-1.0.jar";
        assert_eq!(maven.put(nested, b"classes").await, 201);
    }
    // What mvn sends with a plug-in is taken; the list is made of what there is.
    assert_eq!(
        maven
            .put(metadata, b"<metadata><plugins/></metadata>")
            .await,
        201
    );
    let (_, listed) = maven.get(metadata).await;
    let prefixes: Vec<&str> = listed
        .lines()
        .filter(|line| line.contains("<prefix>"))
        .map(str::trim)
        .collect();
    assert_eq!(
        prefixes,
        ["<prefix>hello</prefix>", "<prefix>jar</prefix>"],
        "{listed}"
    );
    let (_, checksum) = maven.get(&format!("{metadata}.sha1")).await;
    assert_eq!(checksum, hex::encode(Sha1::digest(&listed)));
}

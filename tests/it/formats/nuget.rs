//! The nuget format: registrations, packages, pushes, statuses, external connections and faults.

use std::time::Duration;

use codeartifact::local::registry::{Format, PackageId, Status};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::support::fixture::Fixture;
use crate::support::local::{Local, Setup, repository};
use crate::support::nuget::{archive, package};

struct Nuget {
    client: Client,
    endpoint: String,
    token: String,
}

impl Nuget {
    fn of(local: &Local, repository: &str) -> Nuget {
        // Fails when another test was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Nuget {
            client: Client::builder().no_proxy().build().unwrap(),
            endpoint: local.endpoint(Format::Nuget, repository),
            token: local.token.clone(),
        }
    }

    async fn send(&self, method: Method, path: &str) -> (StatusCode, Vec<u8>) {
        let request = self
            .client
            .request(method, format!("{}{path}", self.endpoint))
            .basic_auth("aws", Some(&self.token));
        let response = request.send().await.unwrap();
        (response.status(), response.bytes().await.unwrap().to_vec())
    }

    async fn get(&self, path: &str) -> (StatusCode, Vec<u8>) {
        self.send(Method::GET, path).await
    }

    async fn json(&self, path: &str) -> Value {
        let (status, body) = self.get(path).await;
        assert_eq!(status, 200, "{path}");
        serde_json::from_slice(&body).unwrap()
    }

    async fn versions(&self, package: &str) -> Value {
        let path = format!("v3/flatcontainer/{package}/index.json");
        self.json(&path).await["versions"].clone()
    }

    async fn push_form(&self, form: &[u8], boundary: &str) -> (StatusCode, String) {
        let request = self
            .client
            .put(format!("{}v2/package", self.endpoint))
            .header("x-nuget-apikey", &self.token)
            .header(
                "content-type",
                format!("multipart/form-data; boundary=\"{boundary}\""),
            )
            .body(form.to_vec());
        let response = request.send().await.unwrap();
        let status = response.status();
        let body = response.text().await.unwrap();
        let message: Value = serde_json::from_str(&body).unwrap_or_default();
        let message = message["message"].as_str().unwrap_or_default();
        (status, message.to_string())
    }

    async fn push(&self, package: &[u8]) -> (StatusCode, String) {
        self.push_form(&form(package), "b").await
    }
}

/// What nuget sends.
fn form(package: &[u8]) -> Vec<u8> {
    let head = "--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: form-data; name=package; filename=package.nupkg; filename*=utf-8''package.nupkg\r\n\r\n";
    [head.as_bytes(), package, b"\r\n--b--\r\n"].concat()
}

fn id(name: &str) -> PackageId {
    PackageId::new(Format::Nuget, None, name)
}

async fn service(fixture: &Fixture) -> Local {
    let local = Setup::new()
        .external("public:nuget-org", &fixture.url)
        .patience(Duration::from_secs(2))
        .start()
        .await;
    local
        .repository("nuget-store", &[], Some("public:nuget-org"))
        .await;
    local.repository("my-repo", &["nuget-store"], None).await;
    local
}

#[tokio::test]
async fn what_is_pushed_can_be_read_in_every_spelling() {
    let fixture = Fixture::start().await;
    fixture.offer_nuget(&[]);
    let local = service(&fixture).await;
    let nuget = Nuget::of(&local, "my-repo");
    let file = package("My.Own", "1.0.01.0-Beta", &[("Leaf", "1.0")]);
    assert_eq!(nuget.push(&file).await.0, 201);
    assert_eq!(nuget.versions("My.OWN").await, json!(["1.0.1-beta"]));
    let path = "v3/flatcontainer/my.own/1.0.1-beta/my.own.1.0.1-beta.nupkg";
    assert_eq!(nuget.get(path).await, (StatusCode::OK, file.clone()));
    let nuspec = nuget
        .get("v3/flatcontainer/my.own/1.0.1-beta/my.own.nuspec")
        .await
        .1;
    assert!(
        String::from_utf8(nuspec)
            .unwrap()
            .contains("<id>My.Own</id>")
    );
    let index = nuget
        .json("v3/registration-semver2/my.own/index.json")
        .await;
    let leaf = &index["items"][0]["items"][0];
    assert_eq!(leaf["packageContent"], format!("{}{path}", nuget.endpoint));
    let entry = &leaf["catalogEntry"];
    assert_eq!(
        (&entry["id"], &entry["listed"]),
        (&json!("My.Own"), &json!(true))
    );
    assert_eq!(
        entry["dependencyGroups"][0]["dependencies"][0]["range"],
        "[1.0, )"
    );
    let leaf = nuget.json("v3/registration/my.own/1.0.1-beta.json").await;
    assert_eq!(leaf["packageContent"], format!("{}{path}", nuget.endpoint));
    let (version, facts) = local
        .registry
        .describe_version(
            &local.caller,
            &repository("my-repo"),
            &id("MY.own"),
            "1.00.1.0-Beta+7",
        )
        .await
        .unwrap();
    assert_eq!(version.version, "1.0.1-Beta");
    assert_eq!(facts.display_name.as_deref(), Some("My.Own"));
    assert_eq!(facts.licenses[0].name.as_deref(), Some("MIT"));
    assert_eq!(facts.home_page.as_deref(), Some("https://example.test/"));
    assert_eq!(facts.readme.as_deref(), Some("# A readme\n"));
    assert_eq!(facts.dependencies[0].package, "Leaf");
    // The same again changes nothing; another content, in whatever spelling, is refused.
    assert_eq!(nuget.push(&file).await.0, 201);
    for version in ["1.0.1-Beta", "1.0.1-BETA", "1.0.1.0-beta+9"] {
        let (status, message) = nuget.push(&package("my.own", version, &[])).await;
        assert_eq!(status, 409, "{version}");
        assert!(message.contains("already exists"), "{message}");
    }
    assert_eq!(
        local.versions("my-repo", &id("my.own")).await,
        ["1.0.1-Beta"]
    );
}

#[tokio::test]
async fn searches_find_what_the_repository_has() {
    let fixture = Fixture::start().await;
    fixture.offer_nuget(&[]);
    let local = service(&fixture).await;
    let nuget = Nuget::of(&local, "my-repo");
    for (name, version) in [
        ("My.Own", "1.0.0"),
        ("My.Own", "1.10.0"),
        ("My.Own", "1.9.0"),
        ("My.Own", "2.0.0-rc.1"),
        ("Other", "1.0.0"),
    ] {
        assert_eq!(nuget.push(&package(name, version, &[])).await.0, 201);
    }
    let found = nuget
        .json("v3/search?q=own&prerelease=false&semVerLevel=2.0.0")
        .await;
    assert_eq!(found["totalHits"], 1);
    assert_eq!(
        (&found["data"][0]["id"], &found["data"][0]["version"]),
        (&json!("My.Own"), &json!("1.10.0"))
    );
    assert_eq!(found["data"][0]["versions"].as_array().unwrap().len(), 3);
    let all = nuget
        .json("v3/search?prerelease=true&semVerLevel=2.0.0&take=1&skip=1")
        .await;
    assert_eq!(
        (&all["totalHits"], &all["data"][0]["id"]),
        (&json!(2), &json!("Other"))
    );
    assert_eq!(
        nuget.json("v3/autocomplete?q=my").await["data"],
        json!(["My.Own"])
    );
    assert_eq!(
        nuget
            .json("v3/autocomplete?id=my.own&prerelease=true")
            .await["data"],
        json!(["1.0.0", "1.9.0", "1.10.0"])
    );
    // Old clients are not shown what they cannot read.
    let index = nuget.json("v3/registration/my.own/index.json").await;
    assert_eq!(index["items"][0]["upper"], "1.10.0");
}

#[tokio::test]
async fn bad_pushes_leave_nothing_behind() {
    let fixture = Fixture::start().await;
    fixture.offer_nuget(&[]);
    let local = service(&fixture).await;
    let nuget = Nuget::of(&local, "my-repo");
    let good = package("own", "1.0.0", &[]);
    let nuspec = b"<package><metadata><id>own</id><version>1.0.0</version></metadata></package>";
    for bad in [
        b"nonsense".to_vec(),
        Vec::new(),
        good[..good.len() / 2].to_vec(),
        archive(&[("readme", b"")]),
        archive(&[("own.nuspec", nuspec), ("../x", b"")]),
        archive(&[("a.nuspec", nuspec), ("b.nuspec", nuspec)]),
        package("../own", "1.0.0", &[]),
        package("own", "latest", &[]),
        archive(&[("own.nuspec", nuspec), ("zeros", &vec![0; 300 << 20])]),
    ] {
        let (status, message) = nuget.push(&bad).await;
        assert_eq!(status, 400, "{message}");
        assert!(!message.is_empty());
    }
    let whole = form(&good);
    for bad in [&whole[..whole.len() / 2], b"--b--\r\n", b""] {
        assert_eq!(nuget.push_form(bad, "b").await.0, 400);
    }
    assert_eq!(nuget.push_form(&whole, "").await.0, 400);
    for path in [
        "v3/flatcontainer/own/index.json",
        "v3/registration-semver2/own/index.json",
        "v3/registration-semver2/own/1.0.0.json",
        "v3/flatcontainer/own/1.0.0/own.1.0.0.nupkg",
        "v3/flatcontainer/own/1.0.0/other.nupkg",
        "v3/flatcontainer/..%2f..%2fown/index.json",
        "v3/nonsense/own/index.json",
        "v2/",
    ] {
        assert_eq!(nuget.get(path).await.0, 404, "{path}");
    }
    assert_eq!(local.versions("my-repo", &id("own")).await, [""; 0]);
    let mut stranger = Nuget::of(&local, "my-repo");
    stranger.token = "wrong".to_string();
    assert_eq!(stranger.push(&good).await.0, 401);
    assert_eq!(stranger.get("v3/index.json").await.0, 401);
}

#[tokio::test]
async fn versions_are_unlisted_and_listed_again() {
    let fixture = Fixture::start().await;
    fixture.offer_nuget(&[]);
    let local = service(&fixture).await;
    let nuget = Nuget::of(&local, "my-repo");
    let file = package("Own", "1.0.0", &[]);
    assert_eq!(nuget.push(&file).await.0, 201);
    assert_eq!(nuget.push(&package("Own", "0.9.0", &[])).await.0, 201);
    let newest = || async {
        let index = nuget.json("v3/registration-semver2/own/index.json").await;
        let newest = index["items"][0]["upper"].clone();
        let versions = nuget.versions("own").await;
        assert_eq!(versions.as_array().unwrap().last(), Some(&newest));
        newest
    };
    let download = "v3/flatcontainer/own/1.0.0/own.1.0.0.nupkg";
    let place = "v2/package/OWN/1.0";
    for _ in 0..2 {
        assert_eq!(nuget.send(Method::DELETE, place).await.0, 204);
    }
    assert_eq!(newest().await, "0.9.0");
    let leaf = nuget.json("v3/registration-semver2/own/1.0.0.json").await;
    assert_eq!(leaf["listed"], false);
    let found = nuget.json("v3/search?q=own").await;
    assert_eq!(found["data"][0]["version"], "0.9.0");
    assert_eq!(nuget.get(download).await.1, file);
    assert_eq!(nuget.send(Method::POST, place).await.0, 200);
    assert_eq!(newest().await, "1.0.0");
    for (method, path) in [
        (Method::DELETE, "v2/package/own/2.0.0"),
        (Method::DELETE, "v2/package/other/1.0.0"),
        (Method::POST, "v2/package/..%2fown/1.0.0"),
    ] {
        assert_eq!(nuget.send(method, path).await.0, 404, "{path}");
    }
    local
        .set_status("my-repo", &id("own"), "1.0.0", Status::Archived)
        .await;
    assert_eq!(nuget.get(download).await.0, 404);
    assert_eq!(newest().await, "0.9.0");
    for method in [Method::DELETE, Method::POST] {
        assert_eq!(nuget.send(method, place).await.0, 409);
    }
    assert_eq!(nuget.push(&package("Own", "1.0", &[])).await.0, 409);
}

#[tokio::test]
async fn a_public_package_is_retained_at_both_ends() {
    let fixture = Fixture::start().await;
    fixture.offer_nuget(&[
        ("Leaf", "1.2.0", &[]),
        ("Leaf", "1.3.0-Beta", &[]),
        ("Tree", "3.0.0", &[("Leaf", "[1.0, )")]),
    ]);
    let local = service(&fixture).await;
    let nuget = Nuget::of(&local, "my-repo");
    assert_eq!(nuget.versions("leaf").await, json!(["1.2.0", "1.3.0-beta"]));
    let index = nuget.json("v3/registration-semver2/tree/index.json").await;
    let entry = &index["items"][0]["items"][0]["catalogEntry"];
    assert_eq!(entry["published"], "2020-01-02T03:04:05Z");
    assert_eq!(
        entry["dependencyGroups"][0]["dependencies"][0]["registration"],
        format!("{}v3/registration-semver2/leaf/index.json", nuget.endpoint)
    );
    let download = "v3/flatcontainer/leaf/1.3.0-beta/leaf.1.3.0-beta.nupkg";
    let file = package("Leaf", "1.3.0-Beta", &[]);
    assert_eq!(nuget.get(download).await, (StatusCode::OK, file.clone()));
    for name in ["my-repo", "nuget-store"] {
        assert_eq!(local.versions(name, &id("leaf")).await, ["1.3.0-Beta"]);
    }
    let (status, message) = nuget.push(&package("leaf", "1.2", &[])).await;
    assert_eq!(status, 409);
    assert!(message.contains("external connection"), "{message}");
    let one_page = "registration/tree/page.json";
    nuget.json("v3/registration-semver2/tree/index.json").await;
    assert_eq!(fixture.requests(one_page), 1);
    // Without its upstream.
    fixture.fail(Some(500));
    local.clock.advance(31 * 60 * 1000);
    assert_eq!(nuget.get(download).await.1, file);
    assert_eq!(nuget.get("v3/flatcontainer/new/index.json").await.0, 502);
    local
        .set_status("my-repo", &id("leaf"), "1.3.0-Beta", Status::Archived)
        .await;
    assert_eq!(nuget.get(download).await.0, 404);
    assert_eq!(nuget.versions("leaf").await, json!(["1.2.0"]));
}

#[tokio::test]
async fn another_package_than_the_one_asked_for_is_not_stored() {
    let fixture = Fixture::start().await;
    fixture.offer_nuget(&[("leaf", "1.2.0", &[])]);
    let local = service(&fixture).await;
    let nuget = Nuget::of(&local, "my-repo");
    for wrong in [
        package("leaf", "1.2.1", &[]),
        package("other", "1.2.0", &[]),
        b"nonsense".to_vec(),
    ] {
        fixture.put("flat/leaf/1.2.0/leaf.1.2.0.nupkg", wrong);
        let (status, _) = nuget
            .get("v3/flatcontainer/leaf/1.2.0/leaf.1.2.0.nupkg")
            .await;
        assert_eq!(status, 502);
    }
    assert_eq!(local.versions("nuget-store", &id("leaf")).await, [""; 0]);
}

//! The ruby format: indexes, gems, pushes, yanks, external connections and faults.

use std::time::Duration;

use codeartifact::local::registry::{Format, PackageId, Status};
use md5::{Digest, Md5};
use reqwest::{Client, Method, StatusCode};

use crate::support::fixture::Fixture;
use crate::support::gems::{Offered, file, gem};
use crate::support::local::{Local, Setup, repository};

struct Ruby {
    client: Client,
    endpoint: String,
    token: String,
}

impl Ruby {
    fn of(local: &Local, repository: &str) -> Ruby {
        // Fails when another test was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ruby {
            client: Client::builder().no_proxy().build().unwrap(),
            endpoint: local.endpoint(Format::Ruby, repository),
            token: local.token.clone(),
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> reqwest::Response {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.endpoint))
            .basic_auth("aws", Some(&self.token))
            .body(body.into());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    async fn get(&self, path: &str) -> (StatusCode, Vec<u8>) {
        let response = self.send(Method::GET, path, &[], []).await;
        (response.status(), response.bytes().await.unwrap().to_vec())
    }

    async fn text(&self, path: &str) -> String {
        let (status, body) = self.get(path).await;
        assert_eq!(status, 200, "{path}");
        String::from_utf8(body).unwrap()
    }

    /// The versions and platforms in a gem's index.
    async fn numbers(&self, gem: &str) -> Vec<String> {
        let text = self.text(&format!("info/{gem}")).await;
        let lines = text.strip_prefix("---\n").unwrap().lines();
        lines
            .map(|line| line.split(' ').next().unwrap().to_string())
            .collect()
    }

    async fn push(&self, gem: Vec<u8>) -> (StatusCode, String) {
        let response = self.send(Method::POST, "api/v1/gems", &[], gem).await;
        (response.status(), response.text().await.unwrap())
    }

    async fn yank(&self, form: &str) -> StatusCode {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let response = self
            .send(Method::DELETE, "/api/v1/gems/yank", &headers, form)
            .await;
        response.status()
    }
}

fn id(name: &str) -> PackageId {
    PackageId::new(Format::Ruby, None, name)
}

async fn service(fixture: &Fixture) -> Local {
    let local = Setup::new()
        .external("public:ruby-gems-org", &fixture.url)
        .patience(Duration::from_secs(2))
        .start()
        .await;
    local
        .repository("gems-store", &[], Some("public:ruby-gems-org"))
        .await;
    local.repository("my-repo", &["gems-store"], None).await;
    local.repository("private", &[], None).await;
    local
}

const OWN: Offered<'_> = ("own", "1.0", "ruby", &[("leaf", ">= 1")]);

#[tokio::test]
async fn what_is_pushed_is_in_every_index() {
    let local = service(&Fixture::start().await).await;
    let ruby = Ruby::of(&local, "private");
    assert_eq!(ruby.get("").await.0, 200);
    let bytes = gem(OWN);
    let said = ruby.push(bytes.clone()).await;
    assert_eq!(
        said,
        (
            StatusCode::OK,
            "Successfully registered gem: own (1.0)".to_string()
        )
    );
    let java = ("own", "1.0", "java", &[][..]);
    assert_eq!(ruby.push(gem(java)).await.0, 200);
    assert_eq!(ruby.push(gem(("own", "1.1.pre", "ruby", &[]))).await.0, 200);

    assert_eq!(ruby.numbers("own").await, ["1.0-java", "1.0", "1.1.pre"]);
    let info = ruby.text("info/own").await;
    let sum = hex::encode(sha2::Sha256::digest(&bytes));
    assert!(
        info.contains(&format!("\n1.0 leaf:>= 1|checksum:{sum}\n")),
        "{info}"
    );
    let versions = ruby.text("versions").await;
    let line = format!(
        "---\nown 1.0-java,1.0,1.1.pre {}\n",
        hex::encode(Md5::digest(&info))
    );
    assert!(versions.ends_with(&line), "{versions}");
    assert_eq!(ruby.text("names").await, "---\nown\n");
    let json = ruby.text("api/v1/dependencies.json?gems=own,nobody").await;
    assert!(
        json.contains(
            r#"{"name":"own","number":"1.0","platform":"ruby","dependencies":[["leaf",">= 1"]]}"#
        ),
        "{json}"
    );
    for path in [
        "specs.4.8.gz",
        "latest_specs.4.8.gz",
        "prerelease_specs.4.8.gz",
        "quick/Marshal.4.8/own-1.0.gemspec.rz",
        "quick/Marshal.4.8/own-1.0-java.gemspec.rz",
        "api/v1/dependencies",
        "api/v1/dependencies?gems=own",
    ] {
        assert_eq!(ruby.get(path).await.0, 200, "{path}");
    }
    assert_eq!(ruby.get("gems/own-1.0.gem").await, (StatusCode::OK, bytes));
    assert_eq!(
        ruby.get("gems/own-1.0-java.gem").await,
        (StatusCode::OK, gem(java))
    );
    assert_eq!(
        local.versions("private", &id("own")).await,
        ["1.0", "1.1.pre"]
    );
    let (_, facts) = local
        .registry
        .describe_version(&local.caller, &repository("private"), &id("own"), "1.1.pre")
        .await
        .unwrap();
    assert_eq!(facts.licenses[0].name.as_deref(), Some("MIT"));
    assert_eq!(facts.readme.as_deref(), Some("# A readme\n"));
}

#[tokio::test]
async fn bundler_asks_for_what_was_added() {
    let local = service(&Fixture::start().await).await;
    let ruby = Ruby::of(&local, "private");
    assert_eq!(ruby.push(gem(OWN)).await.0, 200);
    let whole = ruby.send(Method::GET, "info/own", &[], []).await;
    let etag = whole.headers()["etag"].to_str().unwrap().to_string();
    let digest = whole.headers()["repr-digest"].to_str().unwrap().to_string();
    let text = whole.text().await.unwrap();
    assert_eq!(etag, format!("\"{}\"", hex::encode(Md5::digest(&text))));
    assert!(
        digest.starts_with("sha-256=:") && digest.ends_with("=:"),
        "{digest}"
    );
    let again = ruby
        .send(Method::GET, "info/own", &[("if-none-match", &etag)], [])
        .await;
    assert_eq!(again.status(), 304);
    assert_eq!(ruby.push(gem(("own", "1.1", "ruby", &[]))).await.0, 200);
    let range = format!("bytes={}-", text.len() - 1);
    let headers = [("if-none-match", etag.as_str()), ("range", &range)];
    let part = ruby.send(Method::GET, "info/own", &headers, []).await;
    assert_eq!(part.status(), 206);
    let added = part.text().await.unwrap();
    assert_eq!(text + &added[1..], ruby.text("info/own").await);
}

#[tokio::test]
async fn a_yanked_gem_is_in_no_index_and_can_be_downloaded() {
    let local = service(&Fixture::start().await).await;
    let ruby = Ruby::of(&local, "private");
    for offered in [
        OWN,
        ("own", "1.0", "java", &[]),
        ("own", "1.1", "ruby", &[]),
    ] {
        assert_eq!(ruby.push(gem(offered)).await.0, 200);
    }
    assert_eq!(
        ruby.yank("gem_name=own&version=1.0&platform=java").await,
        200
    );
    assert_eq!(ruby.numbers("own").await, ["1.0", "1.1"]);
    assert_eq!(ruby.yank("gem_name=own&version=1.0").await, 200);
    assert_eq!(ruby.numbers("own").await, ["1.1"]);
    assert_eq!(ruby.get("gems/own-1.0.gem").await.0, 200);
    assert_eq!(ruby.yank("gem_name=own&version=2.0").await, 404);
    assert_eq!(ruby.yank("gem_name=..%2Fx&version=2.0").await, 400);
    // There is no way back but pushing the same again.
    assert_eq!(ruby.push(gem(OWN)).await.0, 200);
    assert_eq!(ruby.numbers("own").await, ["1.0", "1.1"]);
    let (status, reason) = ruby
        .push(gem(("own", "1.1", "ruby", &[("leaf", "= 1")])))
        .await;
    assert_eq!(status, 409);
    assert!(
        reason.contains("already exists with different content"),
        "{reason}"
    );
}

#[tokio::test]
async fn bad_pushes_leave_nothing_behind() {
    let local = service(&Fixture::start().await).await;
    let ruby = Ruby::of(&local, "my-repo");
    let whole = gem(OWN);
    let mut bent = whole.clone();
    // A byte of the packed contents.
    let place = whole
        .windows(11)
        .position(|bytes| bytes == b"data.tar.gz")
        .unwrap()
        + 512
        + 30;
    bent[place] ^= 0xff;
    for bytes in [
        Vec::new(),
        b"nonsense".to_vec(),
        whole[..600].to_vec(),
        bent,
        gem(("../own", "1.0", "ruby", &[])),
        gem(("own", "1.0-x", "ruby", &[])),
        gem(("own", "1.0", "../x", &[])),
        gem(("own", "1.0", "ruby", &[("../leaf", ">= 1")])),
        gem(("own", "1.0", "ruby", &[("leaf", "=> 1")])),
    ] {
        let (status, reason) = ruby.push(bytes).await;
        assert_eq!(status, 400, "{reason}");
    }
    assert_eq!(ruby.numbers("own").await, [""; 0]);
    assert_eq!(local.versions("my-repo", &id("own")).await, [""; 0]);
    for path in [
        "gems/own-1.0.gem",
        "gems/..%2fx-1.0.gem",
        "gems/own",
        "quick/Marshal.4.8/own-1.0.gemspec.rz",
        "other",
    ] {
        assert_eq!(ruby.get(path).await.0, 404, "{path}");
    }
    let many: Vec<String> = (0..=500).map(|number| format!("a{number}")).collect();
    let path = format!("api/v1/dependencies?gems={}", many.join(","));
    assert_eq!(ruby.get(&path).await.0, 400);
}

#[tokio::test]
async fn a_public_gem_is_retained_and_goes_on_following_upstream() {
    let fixture = Fixture::start().await;
    let (leaf, native) = (
        ("leaf", "1.2", "ruby", &[][..]),
        ("leaf", "1.2", "x86_64-linux", &[][..]),
    );
    fixture.offer_gems(&[leaf]);
    let local = service(&fixture).await;
    let ruby = Ruby::of(&local, "my-repo");
    assert_eq!(ruby.numbers("leaf").await, ["1.2"]);
    assert_eq!(
        ruby.get("quick/Marshal.4.8/leaf-1.2.gemspec.rz").await.0,
        200
    );
    assert_eq!(fixture.requests("gems/leaf-1.2.gem"), 0);
    assert_eq!(
        ruby.get(&format!("gems/{}", file(leaf))).await,
        (StatusCode::OK, gem(leaf))
    );
    for name in ["my-repo", "gems-store"] {
        assert_eq!(local.versions(name, &id("leaf")).await, ["1.2"]);
    }
    // Lists of everything cannot be had.
    for path in ["versions", "names", "specs.4.8.gz"] {
        assert_eq!(ruby.get(path).await.0, 404, "{path}");
    }
    // A file for another platform comes to the version upstream.
    fixture.offer_gems(&[leaf, native]);
    local.clock.advance(31 * 60 * 1000);
    assert_eq!(ruby.numbers("leaf").await, ["1.2", "1.2-x86_64-linux"]);
    assert_eq!(
        ruby.get(&format!("gems/{}", file(native))).await,
        (StatusCode::OK, gem(native))
    );
    // All of that is kept when the public repository is gone.
    fixture.fail(Some(503));
    local.clock.advance(31 * 60 * 1000);
    assert_eq!(ruby.numbers("leaf").await, ["1.2", "1.2-x86_64-linux"]);
    for offered in [leaf, native] {
        assert_eq!(
            ruby.get(&format!("gems/{}", file(offered))).await.1,
            gem(offered)
        );
    }
    assert_eq!(fixture.requests("gems/leaf-1.2.gem"), 1);
    assert_eq!(ruby.get("info/other").await.0, 502);
    assert_eq!(ruby.get("api/v1/dependencies?gems=leaf,other").await.0, 502);
}

#[tokio::test]
async fn a_gem_with_a_wrong_hash_is_not_stored() {
    let fixture = Fixture::start().await;
    let leaf = ("leaf", "1.2", "ruby", &[][..]);
    fixture.offer_gems(&[leaf]);
    fixture.put("gems/leaf-1.2.gem", gem(("leaf", "1.3", "ruby", &[])));
    let local = service(&fixture).await;
    let ruby = Ruby::of(&local, "my-repo");
    let (status, reason) = ruby.get("gems/leaf-1.2.gem").await;
    assert_eq!(status, 502);
    assert!(
        String::from_utf8(reason)
            .unwrap()
            .contains("hash is not the one")
    );
    assert_eq!(local.versions("gems-store", &id("leaf")).await, [""; 0]);
    let (status, reason) = ruby.push(gem(leaf)).await;
    assert_eq!(status, 409);
    assert!(reason.contains("external connection"), "{reason}");
}

#[tokio::test]
async fn statuses_decide_what_is_seen() {
    let local = service(&Fixture::start().await).await;
    let ruby = Ruby::of(&local, "private");
    assert_eq!(ruby.push(gem(OWN)).await.0, 200);
    for (status, code) in [(Status::Unlisted, 200), (Status::Archived, 404)] {
        local.set_status("private", &id("own"), "1.0", status).await;
        assert_eq!(ruby.numbers("own").await, [""; 0]);
        assert_eq!(ruby.text("names").await, "---\n");
        assert_eq!(ruby.get("gems/own-1.0.gem").await.0, code, "{status:?}");
    }
}

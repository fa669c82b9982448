//! Swift Package Manager. It sends a token over plain http when it fetches, but publishes only
//! over https: for that part the service has a certificate that Swift has to trust, which it is
//! told in `SSL_CERT_FILE`; where it looks elsewhere that part is skipped by name.
//!
//! Some Swifts crash on Linux when all is done: what they did counts and not their code.

use codeartifact::local::listener::Tls;
use codeartifact::local::registry::{Format, PackageId};

use super::World;
use crate::support::home::Home;
use crate::support::installed::{installed, skipped};
use crate::support::local::{Local, Setup};

const LIBRARY: &str = "// swift-tools-version:5.9\nimport PackageDescription\n\
    let package = Package(name: \"Own\", products: [.library(name: \"Own\", targets: [\"Own\"])], \
    targets: [.target(name: \"Own\")])\n";

/// What Swift says when it has been answered that its token is no good.
const REFUSED: &str = "missing or invalid authentication credentials";

/// A package that needs the library.
fn user(name: &str) -> String {
    format!(
        "// swift-tools-version:5.9\nimport PackageDescription\n\
         let package = Package(name: \"{name}\", dependencies: [.package(id: \"my.Own\", from: \"1.0.0\")], \
         targets: [.target(name: \"{name}\", dependencies: [.product(name: \"Own\", package: \"my.Own\")])])\n"
    )
}

fn own() -> PackageId {
    PackageId::new(Format::Swift, Some("my"), "own")
}

/// A home that Swift takes for its own, with the library and two packages that need it.
fn furnish(home: &mut Home) {
    let folder = home.path("").display().to_string();
    home.set("CFFIXED_USER_HOME", folder);
    home.write("own/Package.swift", LIBRARY);
    home.write("own/Sources/Own/Own.swift", "public let answer = 42\n");
    for name in ["Project", "Late"] {
        let folder = name.to_lowercase();
        home.write(&format!("{folder}/Package.swift"), user(name));
        let source = "import Own\npublic let doubled = answer * 2\n";
        home.write(&format!("{folder}/Sources/{name}/{name}.swift"), source);
    }
}

/// Writes another token where the login wrote its own.
fn spoil(home: &Home, token: &str) {
    let netrc = home.read(".netrc");
    let words: Vec<&str> = netrc.split_whitespace().collect();
    let at = words.iter().position(|word| *word == "password");
    let real = words[at.expect("the login wrote it") + 1];
    home.write(".netrc", netrc.replace(real, token));
}

/// Publishes a source archive without Swift, which does that only over https.
async fn release(local: &Local, release: &str, archive: &[u8]) {
    // Fails when another test was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let head = "--B\r\nContent-Disposition: form-data; name=\"source-archive\"\r\n\
        Content-Type: application/zip\r\n\r\n";
    let body = [head.as_bytes(), archive, b"\r\n--B--\r\n"].concat();
    let url = format!("{}{release}", local.endpoint(Format::Swift, "my-repo"));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.put(url).basic_auth("token", Some(&local.token));
    let request = request.header("content-type", "multipart/form-data;boundary=\"B\"");
    let answer = request.body(body).send().await.unwrap();
    assert_eq!(answer.status(), 201);
}

/// Builds the package that needs the library.
async fn build(world: &World) {
    let said = world
        .run("project", &["swift", "build", "--disable-sandbox"])
        .await;
    let module = "project/.build/debug/Modules/Own.swiftmodule";
    assert!(world.home.has(module), "{said:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn resolves_what_is_in_the_repository() {
    if installed("swift").is_none() {
        return;
    }
    let mut world = World::new().await;
    furnish(&mut world.home);
    let archive = ["swift", "package", "archive-source", "--output", "own.zip"];
    world.run("own", &archive).await.succeeded();
    let archive = std::fs::read(world.home.path("own/own.zip")).unwrap();
    release(&world.local, "my/Own/1.0.0", &archive).await;
    let resolve = ["swift", "package", "--disable-sandbox", "resolve", "-v"];

    world.run("project", &resolve).await.failed();
    world.login("swift", &[]).await;
    let said = world.run("project", &resolve).await;
    let endpoint = world.endpoint(Format::Swift);
    let said = format!("{}\n{}", said.output, said.errors);
    assert!(said.contains(&endpoint), "{said}");
    let resolved = world.home.read("project/Package.resolved");
    assert!(resolved.contains("\"version\" : \"1.0.0\""), "{resolved}");
    build(&world).await;

    let right = world.home.read(".netrc");
    spoil(&world.home, "wrong");
    let refusal = world.run("late", &resolve).await.failed();
    assert!(refusal.contains(REFUSED), "{refusal}");
    world.home.write(".netrc", right);
    world.logout("swift").await;
    assert!(!world.home.has(".netrc") && !world.home.has(".swiftpm/configuration/registries.json"));
    let refusal = world.run("late", &resolve).await.failed();
    assert!(refusal.contains("no registry configured"), "{refusal}");
}

/// What Swift says in the library's folder, asked again where it crashed with its words unsaid.
async fn spoken(world: &World, command: &[&str]) -> String {
    for _ in 0..20 {
        let said = world.run("own", command).await;
        if said.code.is_some() || !said.output.is_empty() || said.errors.contains("Error:") {
            return format!("{}\n{}", said.output, said.errors);
        }
    }
    panic!("{command:?} crashes without a word");
}

#[tokio::test(flavor = "multi_thread")]
async fn publishes_to_the_repository() {
    if installed("swift").is_none() {
        return;
    }
    let mut home = Home::new();
    furnish(&mut home);
    let names = vec!["localhost".to_string(), "127.0.0.1".to_string()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    home.write("service.pem", made.cert.pem());
    home.write("service-key.pem", made.signing_key.serialize_pem());
    let tls = Tls {
        certificate: home.path("service.pem"),
        key: home.path("service-key.pem"),
    };
    let certificate = tls.certificate.display().to_string();
    home.set("AWS_CA_BUNDLE", certificate.as_str());
    home.set("SSL_CERT_FILE", certificate);
    let local = Setup::new().tls(tls).start().await;
    local.repository("my-repo", &[], None).await;
    let mut world = World { local, home };
    let publish = |version| ["swift", "package-registry", "publish", "my.Own", version];

    world.login("swift", &[]).await;
    let said = world.run("own", &publish("1.0.0")).await;
    if said.code != Some(0) && format!("{said:?}").contains("NSURLErrorDomain") {
        return skipped("this Swift does not trust the certificate in SSL_CERT_FILE");
    }
    world.published(own(), "1.0.0").await;
    build(&world).await;
    let refusal = spoken(&world, &publish("1.0.0")).await;
    assert!(
        refusal.contains("409") || refusal.contains("already"),
        "{refusal}"
    );

    // It signs in with the token that is there.
    let sign_in = format!("{}login", world.endpoint(Format::Swift));
    let sign_in = [
        "swift",
        "package-registry",
        "login",
        &sign_in,
        "--no-confirm",
    ];
    let said = spoken(&world, &sign_in).await;
    assert!(said.contains("Login successful"), "{said}");
    let right = world.home.read(".netrc");
    spoil(&world.home, "wrong");
    for command in [&publish("2.0.0")[..], &sign_in] {
        let refusal = spoken(&world, command).await;
        assert!(refusal.contains(REFUSED), "{refusal}");
    }
    world.home.write(".netrc", right);
    world.logout("swift").await;
    let refusal = world.run("own", &publish("2.0.0")).await.failed();
    assert!(refusal.contains("unknown registry"), "{refusal}");
    world.published(own(), "1.0.0").await;
}

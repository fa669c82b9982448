//! What makes the service a good test double.

use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use codeartifact::local::Double;
use codeartifact::local::injection::Injection;
use codeartifact::local::seed::Seed;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use super::client::encode;
use super::world::{ACCOUNT, Answer, World, generic, key_of, repository, signed};
use crate::support::home::Home;

fn trouble(injections: &[&str]) -> Double {
    let read = |text: &&str| Injection::parse(text).expect("an injection");
    Double {
        injections: injections.iter().map(read).collect(),
        ..Double::default()
    }
}

#[tokio::test]
async fn an_operation_may_be_throttled_for_some_time() {
    let world = World::double(trouble(&["list-domains=throttle:7*2"])).await;
    for _ in 0..2 {
        let (method, target, body) = encode("list-domains", json!({}));
        let answer = world
            .send(&key_of("alice"), &method, &target, body, None)
            .await;
        assert_eq!(answer.status, 429);
        assert_eq!(answer.header("x-amzn-errortype"), "ThrottlingException");
        assert_eq!(answer.header("retry-after"), "7");
    }
    world.does("list-domains", json!({})).await;
}

#[tokio::test]
async fn an_operation_may_fail_or_be_slow_or_say_that_the_token_has_expired() {
    let world = World::double(trouble(&[
        "CreateDomain=slow:1",
        "DescribeDomain=error",
        "DeleteDomain=expired-token",
        "npm=expired-token*1",
        "npm=error",
    ]))
    .await;
    world
        .does("create-domain", json!({"domain": "my-domain"}))
        .await;
    let refused = world
        .refuses("describe-domain", json!({"domain": "my-domain"}))
        .await;
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (500, "InternalServerException")
    );
    let refused = world
        .refuses("delete-domain", json!({"domain": "my-domain"}))
        .await;
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (403, "ExpiredTokenException")
    );
    let url = format!("{}/d/my-domain-{ACCOUNT}/npm/my-repo/lodash", world.base());
    for status in [401, 500] {
        let answer = world.request("GET", &url, Vec::new(), Vec::new()).await;
        assert_eq!(answer.status, status);
    }
}

#[tokio::test]
async fn a_connection_may_break() {
    let world = World::double(trouble(&["*=reset*1"])).await;
    let (method, target, body) = encode("list-domains", json!({}));
    let url = format!("{}{target}", world.base());
    let headers = signed(
        &key_of("alice"),
        &method,
        &url,
        &body,
        None,
        "codeartifact",
        "us-west-2",
    );
    let broken = world.try_request(&method, &url, headers, body).await;
    assert!(broken.is_err());
    world.does("list-domains", json!({})).await;
}

#[tokio::test]
async fn request_rates_are_enforced_when_asked_for() {
    let double = Double {
        request_rates: true,
        ..Double::default()
    };
    let world = World::double(double)
        .await
        .with_repositories(&["my-repo"])
        .await;
    let mut refused = None;
    // Ten publications a second: a machine on which 200 take 19 seconds is not for tests.
    for number in 0..200 {
        let version = format!("{number}.0.0");
        let outcome = world
            .publishes("my-repo", &version, "asset", b"1", false)
            .await;
        if let Err(error) = outcome {
            refused = Some(error);
            break;
        }
    }
    let refused = refused.expect("one too many");
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (429, "ThrottlingException")
    );
    world.wait(Duration::from_secs(1));
    world
        .publishes("my-repo", "201.0.0", "asset", b"1", false)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_read_of_gems_dependencies_counts_for_each_gem() {
    let double = Double {
        request_rates: true,
        ..Double::default()
    };
    let world = World::double(double)
        .await
        .with_repositories(&["my-repo"])
        .await;
    let token = world
        .does("get-authorization-token", json!({"domain": "my-domain"}))
        .await;
    let token = token["authorizationToken"].as_str().unwrap();
    let refused = async |gems: usize| {
        let gems: Vec<String> = (0..gems).map(|number| format!("gem-{number}")).collect();
        let url = format!(
            "{}/d/my-domain-{ACCOUNT}/ruby/my-repo/api/v1/dependencies?gems={}",
            world.base(),
            gems.join(",")
        );
        let mut refused = 0;
        for _ in 0..20 {
            let headers = vec![("authorization".to_string(), format!("Bearer {token}"))];
            let answer = world.request("GET", &url, headers, Vec::new()).await;
            refused += usize::from(answer.status == 429);
        }
        refused
    };
    assert_eq!(refused(1).await, 0);
    // More than are answered, which takes no time: 500 of the account's 800 reads a second.
    assert_ne!(refused(501).await, 0);
}

const SEED: &str = r#"
[[principal]]
arn = "arn:aws:iam::123456789012:user/bob"
access_key_id = "AKIAEXAMPLEBOB"
secret_access_key = "the-secret-key-of-bob"

[[domain]]
name = "my-domain"
policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"codeartifact:*","Resource":"*"}]}'
tags = { team = "web" }

[[domain.repository]]
name = "my-repo"
description = "for the tests"
upstreams = ["between", "npm-store"]
tags = { stage = "test" }

[[domain.repository]]
name = "between"
administrator = "123456789012"
upstreams = ["npm-store"]

[[domain.repository]]
name = "npm-store"
external_connection = "public:npmjs"

[[domain.package_group]]
pattern = "/npm/my-scope~"
contact_info = "web@example.test"
restrictions = { PUBLISH = "ALLOW_SPECIFIC_REPOSITORIES", EXTERNAL_UPSTREAM = "BLOCK" }
allowed_repositories = { PUBLISH = ["my-repo"] }
"#;

/// A service with the seed.
pub(super) async fn seeded() -> World {
    let double = Double {
        seed: Some(Seed::parse(SEED).expect("a seed")),
        ..Double::default()
    };
    World::double(double).await
}

#[tokio::test]
async fn a_seed_sets_the_state_to_begin_with() {
    let world = seeded().await;
    let described = world
        .does("describe-repository", repository("my-repo", json!({})))
        .await;
    let described = &described["repository"];
    assert_eq!(described["description"], "for the tests");
    assert_eq!(
        described["upstreams"],
        json!([{"repositoryName": "between"}, {"repositoryName": "npm-store"}])
    );
    let group = json!({"domain": "my-domain", "packageGroup": "/npm/my-scope~"});
    let group = world.does("describe-package-group", group).await;
    let restrictions = &group["packageGroup"]["originConfiguration"]["restrictions"];
    assert_eq!(
        restrictions["PUBLISH"]["mode"],
        "ALLOW_SPECIFIC_REPOSITORIES"
    );
    assert_eq!(restrictions["PUBLISH"]["repositoriesCount"], 1);
    assert_eq!(restrictions["EXTERNAL_UPSTREAM"]["mode"], "BLOCK");
    let members = repository("between", json!({"domainOwner": ACCOUNT}));
    let between = world
        .call_as(&key_of("bob"), "describe-repository", members)
        .await
        .unwrap();
    assert_eq!(
        between["repository"]["administratorAccount"],
        "123456789012"
    );
    let tags = json!({"resourceArn": described["arn"]});
    let tags = world.does("list-tags-for-resource", tags).await;
    assert_eq!(tags["tags"], json!([{"key": "stage", "value": "test"}]));
}

#[tokio::test]
async fn what_is_exported_is_a_seed_for_the_same_state() {
    let world = seeded().await;
    let exported = Seed::export(&world.service.registry)
        .await
        .unwrap()
        .render()
        .unwrap();
    assert!(!exported.contains("the-secret-key-of-bob"));
    let again = Seed::parse(&exported).expect("it can be read");
    // Applied to where it comes from it changes nothing, and elsewhere it makes the same.
    again.apply(&world.service.registry, ACCOUNT).await.unwrap();
    let same = Seed::export(&world.service.registry)
        .await
        .unwrap()
        .render()
        .unwrap();
    assert_eq!(same, exported);
    let other = World::start().await;
    again.apply(&other.service.registry, ACCOUNT).await.unwrap();
    let same = Seed::export(&other.service.registry)
        .await
        .unwrap()
        .render()
        .unwrap();
    assert_eq!(same, exported);
}

#[tokio::test]
async fn a_seed_that_cannot_be_is_refused() {
    let broken = SEED.replace("\"between\", \"npm-store\"", "\"between\", \"absent\"");
    let world = World::start().await;
    let seed = Seed::parse(&broken).unwrap();
    let error = seed
        .apply(&world.service.registry, ACCOUNT)
        .await
        .unwrap_err();
    assert!(error.starts_with("line 13, `my-repo`: "), "{error}");
    assert!(error.contains("absent"), "{error}");
    assert!(Seed::parse(&SEED.replace("upstreams", "upstream")).is_err());
}

/// Asks for what the command line asks a running service.
async fn steers(world: &World, name: &str, target: &str) -> Answer {
    world
        .send(&key_of(name), "POST", target, Vec::new(), None)
        .await
}

#[tokio::test]
async fn only_the_administrator_steers_the_service() {
    let world = seeded().await;
    for target in ["/local/clock?advance=60", "/local/reset"] {
        assert_eq!(steers(&world, "bob", target).await.status, 403, "{target}");
        let url = format!("{}{target}", world.base());
        let unsigned = world.request("POST", &url, Vec::new(), Vec::new()).await;
        assert_eq!(unsigned.status, 403, "{target}");
    }
    for target in ["/local/clock", "/local/clock?advance=9223372036854775807"] {
        assert_eq!(
            steers(&world, "alice", target).await.status,
            400,
            "{target}"
        );
    }
    world
        .does("describe-domain", json!({"domain": "my-domain"}))
        .await;
}

#[tokio::test]
async fn a_reset_begins_again_with_the_seed() {
    let world = seeded().await;
    let token = world
        .does("get-authorization-token", json!({"domain": "my-domain"}))
        .await;
    world
        .publishes("my-repo", "1.0.0", "asset", b"1", false)
        .await
        .unwrap();
    world
        .does("create-domain", json!({"domain": "other"}))
        .await;
    let blobs = world.directory.path().join("data").join("blobs");
    assert_ne!(files_in(&blobs), 0);
    assert_eq!(steers(&world, "alice", "/local/reset").await.status, 200);
    assert_eq!(files_in(&blobs), 0);
    let domains = world.does("list-domains", json!({})).await;
    assert_eq!(domains["domains"].as_array().unwrap().len(), 1);
    assert_eq!(domains["domains"][0]["name"], "my-domain");
    let packages = world
        .does("list-packages", repository("my-repo", json!({})))
        .await;
    assert_eq!(packages["packages"], json!([]));
    assert_eq!(
        world.service.registry.events(0, 10).await.unwrap(),
        Vec::new()
    );
    let url = format!("{}/d/my-domain-{ACCOUNT}/npm/my-repo/lodash", world.base());
    let token = token["authorizationToken"].as_str().unwrap();
    let headers = vec![("authorization".to_string(), format!("Bearer {token}"))];
    assert_eq!(
        world.request("GET", &url, headers, Vec::new()).await.status,
        401
    );
}

fn files_in(folder: &std::path::Path) -> usize {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { files_in(&path) } else { 1 })
        .sum()
}

#[tokio::test]
async fn a_session_ends_by_the_clock_of_the_service() {
    let seed = SEED.replace(
        "secret_access_key = \"the-secret-key-of-bob\"",
        "secret_access_key = \"the-secret-key-of-bob\"\nsession_ends = \"2100-01-01T00:00:00Z\"",
    );
    let double = Double {
        seed: Some(Seed::parse(&seed).expect("a seed")),
        ..Double::default()
    };
    let world = World::double(double).await;
    let call = async || {
        let members = json!({"domain": "my-domain", "domainOwner": ACCOUNT});
        world
            .call_as(&key_of("bob"), "describe-domain", members)
            .await
    };
    call().await.unwrap();
    world.wait(Duration::from_secs(200 * 366 * 86400));
    assert_eq!(call().await.unwrap_err().code, "ExpiredTokenException");
}

#[tokio::test]
async fn events_are_posted_in_order_each_until_it_is_taken() {
    let taken = Arc::new(Mutex::new((0, Vec::new())));
    let sink = Arc::clone(&taken);
    let router = Router::new().route(
        "/events",
        post(move |body: String| async move {
            let mut taken = sink.lock().unwrap();
            taken.0 += 1;
            let event: Value = serde_json::from_str(&body).unwrap();
            taken.1.push(
                event["detail"]["packageVersion"]
                    .as_str()
                    .unwrap()
                    .to_string(),
            );
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/events", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let double = Double {
        event_url: Some(url.parse().unwrap()),
        ..Double::default()
    };
    let world = World::double(double)
        .await
        .with_repositories(&["my-repo"])
        .await;
    for version in ["1.0.0", "2.0.0", "3.0.0"] {
        world
            .publishes("my-repo", version, "asset", b"1", false)
            .await
            .unwrap();
    }
    let arrived = async {
        while taken.lock().unwrap().1.len() < 3 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), arrived)
        .await
        .expect("they arrive");
    assert_eq!(taken.lock().unwrap().1, ["1.0.0", "2.0.0", "3.0.0"]);
}

/// The program with a home of its own.
async fn run(home: &Home, arguments: &[&str]) -> String {
    let mut all = vec!["local"];
    all.extend(arguments);
    home.run(".", env!("CARGO_BIN_EXE_codeartifact"), &all)
        .await
        .succeeded()
}

#[tokio::test]
async fn the_command_line_seeds_moves_the_clock_and_looks_on() {
    let home = Home::new();
    home.write("seed.toml", SEED);
    let data = home.path("data").display().to_string();
    let mut service = tokio::process::Command::new(env!("CARGO_BIN_EXE_codeartifact"))
        .args([
            "local",
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--data-dir",
            &data,
            "--seed",
        ])
        .arg(home.path("seed.toml"))
        .args([
            "--time",
            "2030-01-31T12:00:00Z",
            "--inject",
            "ListDomains=error*1",
        ])
        .env_clear()
        .env("HOME", home.path("."))
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let output = service.stdout.take().unwrap();
    BufReader::new(output)
        .lines()
        .next_line()
        .await
        .unwrap()
        .unwrap();
    let now = run(&home, &["clock", "--data-dir", &data]).await;
    assert!(now.starts_with("2030-01-31T12:"), "{now}");
    let later = run(&home, &["clock", "--data-dir", &data, "--advance", "86400"]).await;
    assert!(later.starts_with("2030-02-01T12:"), "{later}");
    let exported = run(&home, &["export", "--data-dir", &data]).await;
    assert!(
        exported.contains("pattern = \"/npm/my-scope~\""),
        "{exported}"
    );
    assert_eq!(run(&home, &["events", "--data-dir", &data]).await, "");
    run(&home, &["reset", "--data-dir", &data]).await;
    assert_eq!(run(&home, &["export", "--data-dir", &data]).await, exported);
    service.kill().await.unwrap();
    run(&home, &["reset", "--data-dir", &data]).await;
    assert!(!home.has("data/registry.sqlite"));
}

#[tokio::test]
async fn events_are_printed_one_a_line() {
    let world = World::start().await.with_repositories(&["my-repo"]).await;
    for version in ["1.0.0", "2.0.0"] {
        world
            .publishes("my-repo", version, "asset", b"1", false)
            .await
            .unwrap();
    }
    world
        .does("delete-package", generic("my-repo", json!({})))
        .await;
    let data = world.directory.path().join("data").display().to_string();
    let printed = run(&Home::new(), &["events", "--data-dir", &data]).await;
    let types: Vec<String> = printed
        .lines()
        .map(|line| {
            let event: Value = serde_json::from_str(line).unwrap();
            event["detail"]["operationType"]
                .as_str()
                .unwrap()
                .to_string()
        })
        .collect();
    assert_eq!(types, ["Created", "Created", "Deleted", "Deleted"]);
}

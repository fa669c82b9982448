//! Signatures and tokens (guide, "AWS CodeArtifact authentication and tokens").

use std::time::Duration;

use serde_json::json;

use super::world::{ACCOUNT, Key, REGION, World, encode, key_of, repository, signed};

#[tokio::test]
async fn a_wrong_key_is_refused() {
    let world = World::start().await;
    let wrong_secret = Key {
        secret: "not-hers".to_string(),
        ..key_of("alice")
    };
    for (key, code) in [
        (wrong_secret, "InvalidSignatureException"),
        (key_of("mallory"), "UnrecognizedClientException"),
    ] {
        let refused = world
            .call_as(&key, "list-domains", json!({}))
            .await
            .unwrap_err();
        assert_eq!((refused.status, refused.code.as_str()), (403, code));
    }
}

#[tokio::test]
async fn an_unsigned_request_is_refused() {
    let world = World::start().await;
    let url = format!("{}/v1/domains", world.service.base_url);
    let answer = world.request("POST", &url, Vec::new(), Vec::new()).await;
    assert_eq!(answer.status, 403);
    assert_eq!(
        answer.header("x-amzn-errortype"),
        "MissingAuthenticationTokenException"
    );
}

#[tokio::test]
async fn a_signature_covers_query_and_body() {
    let world = World::start().await.with_repositories(&["my-repo"]).await;
    let (method, target, body) = encode(
        "update-repository",
        repository("my-repo", json!({"description": "mine"})),
    );
    let url = format!("{}{target}", world.service.base_url);
    let headers = signed(
        &key_of("alice"),
        &method,
        &url,
        &body,
        None,
        "codeartifact",
        REGION,
    );
    let other_body = br#"{"description": "yours"}"#.to_vec();
    let answer = world
        .request(&method, &url, headers.clone(), other_body)
        .await;
    assert_eq!(answer.status, 403);
    let other_url = url.replace("my-repo", "my-other");
    let answer = world
        .request(&method, &other_url, headers.clone(), body.clone())
        .await;
    assert_eq!(answer.status, 403);
    let answer = world.request(&method, &url, headers, body).await;
    assert_eq!(answer.json()["repository"]["description"], "mine");
}

#[tokio::test]
async fn another_region_or_service_is_refused() {
    let world = World::start().await;
    let (method, target, body) = encode("list-domains", json!({}));
    let url = format!("{}{target}", world.service.base_url);
    for (service, region) in [("codeartifact", "eu-west-1"), ("s3", REGION)] {
        let headers = signed(
            &key_of("alice"),
            &method,
            &url,
            &body,
            None,
            service,
            region,
        );
        let answer = world.request(&method, &url, headers, body.clone()).await;
        assert_eq!(
            answer.header("x-amzn-errortype"),
            "InvalidSignatureException"
        );
    }
}

#[tokio::test]
async fn sts_tells_the_caller_who_it_is() {
    let world = World::start().await;
    let url = format!("{}/", world.service.base_url);
    let body = b"Action=GetCallerIdentity&Version=2011-06-15".to_vec();
    let headers = signed(
        &key_of("alice"),
        "POST",
        &url,
        &body,
        None,
        "sts",
        "us-east-1",
    );
    let answer = world.request("POST", &url, headers, body).await;
    let text = String::from_utf8(answer.body).unwrap();
    assert_eq!(answer.status, 200);
    assert!(
        text.contains(&format!("<Account>{ACCOUNT}</Account>")),
        "{text}"
    );
    assert!(
        text.contains("<Arn>arn:aws:iam::111122223333:user/alice</Arn>"),
        "{text}"
    );
}

async fn token(world: &World, seconds: Option<u64>) -> (String, f64) {
    let mut members = json!({"domain": "my-domain"});
    if let Some(seconds) = seconds {
        members["durationSeconds"] = json!(seconds);
    }
    let answer = world.does("get-authorization-token", members).await;
    (
        answer["authorizationToken"]
            .as_str()
            .expect("a token")
            .to_string(),
        answer["expiration"].as_f64().expect("a time"),
    )
}

/// The status of a package manager's request; 404 is that of a format without an endpoint, which
/// only a valid token gets to see.
async fn status(world: &World, authorization: &str) -> u16 {
    let url = format!(
        "{}/d/my-domain-{ACCOUNT}/generic/my-repo/",
        world.service.base_url
    );
    let headers = vec![("authorization".to_string(), authorization.to_string())];
    world.request("GET", &url, headers, Vec::new()).await.status
}

#[tokio::test]
async fn a_token_opens_the_package_endpoints_until_it_expires() {
    let world = World::start().await.with_repositories(&["my-repo"]).await;
    let (token, _) = token(&world, Some(900)).await;
    let bearer = format!("Bearer {token}");
    assert_eq!(status(&world, &bearer).await, 404);
    assert_eq!(status(&world, "Bearer nonsense").await, 401);
    world.wait(Duration::from_secs(899));
    assert_eq!(status(&world, &bearer).await, 404);
    world.wait(Duration::from_secs(2));
    assert_eq!(status(&world, &bearer).await, 401);
}

#[tokio::test]
async fn tokens_last_twelve_hours_unless_asked_otherwise() {
    let world = World::start().await.with_repositories(&[]).await;
    let now = i32::try_from(world.clock.now() / 1000).unwrap();
    for (asked, seconds) in [(None, 43_200), (Some(3600), 3600), (Some(0), 43_200)] {
        let (_, expiration) = token(&world, asked).await;
        assert!(
            (expiration - f64::from(now + seconds)).abs() < 60.0,
            "{asked:?}"
        );
    }
    for asked in [1, 899, 43_201] {
        let members = json!({"domain": "my-domain", "durationSeconds": asked});
        let refused = world.refuses("get-authorization-token", members).await;
        assert_eq!(refused.code, "ValidationException", "{asked}");
    }
}

#[tokio::test]
async fn a_token_is_for_its_domain_only() {
    let world = World::start().await.with_repositories(&["my-repo"]).await;
    world
        .does("create-domain", json!({"domain": "other-domain"}))
        .await;
    let answer = world
        .does("get-authorization-token", json!({"domain": "other-domain"}))
        .await;
    let token = answer["authorizationToken"].as_str().unwrap();
    assert_eq!(status(&world, &format!("Bearer {token}")).await, 401);
}

#[tokio::test]
async fn a_token_survives_a_restart_and_is_not_in_the_data_directory() {
    let world = World::start().await.with_repositories(&["my-repo"]).await;
    let (token, _) = token(&world, None).await;
    let world = world.restart().await;
    assert_eq!(status(&world, &format!("Bearer {token}")).await, 404);
    let folder = world.directory.path().join("data");
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if let Ok(bytes) = std::fs::read(entry.path()) {
            let holds = bytes
                .windows(token.len())
                .any(|window| window == token.as_bytes());
            assert!(!holds, "{:?} holds the token", entry.path());
        }
    }
}

#[tokio::test]
async fn a_second_service_on_the_same_data_is_refused_with_a_sentence() {
    let world = World::start().await;
    let error = codeartifact::local::store::Store::open(
        &world.directory.path().join("data"),
        codeartifact::local::store::Durability::Machine,
    )
    .err()
    .unwrap();
    assert!(
        error
            .to_string()
            .starts_with("another service has the data directory"),
        "{error}"
    );
}

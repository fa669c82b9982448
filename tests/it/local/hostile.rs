//! Whatever is sent, the service answers, and with one of the API's faults.

use codeartifact::api::operation::decode;
use codeartifact::local::registry::group::pattern::{Pattern, Strength, match_key};
use codeartifact::local::registry::policy::{Attachment, Policy, Request};
use codeartifact::local::registry::{Format, PackageId};
use codeartifact::ops::OPERATIONS;
use proptest::prelude::*;

use super::world::{World, key_of};

/// Pieces of which names and patterns are made, so that they meet now and then.
const PIECES: &[&str] = &[
    "", "foo", "Foo", "bar", "-", ".", "_", "..", "fоo", "é", "\u{301}", "1",
];

fn piece() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..4).prop_map(|words| words.concat())
}

fn pattern() -> impl Strategy<Value = String> {
    let format = prop::sample::select(&["npm", "maven", "pypi", "generic"][..]);
    let end = prop::sample::select(&["*", "~", "$", "/*"][..]);
    (
        format,
        prop::option::of(piece()),
        prop::option::of(piece()),
        end,
    )
        .prop_map(|(format, namespace, name, end)| {
            let mut pattern = format!("/{format}");
            for part in [namespace, name].into_iter().flatten() {
                pattern.push('/');
                pattern.push_str(&part);
            }
            pattern + end
        })
}

fn package() -> impl Strategy<Value = PackageId> {
    let format =
        prop::sample::select(&[Format::Npm, Format::Maven, Format::Pypi, Format::Generic][..]);
    (format, piece(), piece())
        .prop_map(|(format, namespace, name)| PackageId::new(format, Some(&namespace), &name))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_request_is_decoded_or_refused(
        operation in 0..OPERATIONS.len(),
        query in ".{0,60}",
        body in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let operation = &OPERATIONS[operation];
        let pairs = url::form_urlencoded::parse(query.as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into_owned()));
        let _ = decode(operation.name, operation.query, pairs, &body);
    }

    #[test]
    fn any_text_is_a_pattern_or_none(text in "/?.{0,30}[*~$]?") {
        if let Ok(pattern) = Pattern::parse(&text) {
            prop_assert!(pattern.match_key_prefix().starts_with('/'));
        }
    }

    #[test]
    fn what_matches_has_the_patterns_key(pattern in pattern(), package in package()) {
        if let Ok(pattern) = Pattern::parse(&pattern)
            && pattern.matches(&package).is_some()
        {
            prop_assert!(match_key(&package).starts_with(&pattern.match_key_prefix()));
        }
    }

    #[test]
    fn what_a_pattern_matches_its_container_matches(one in pattern(), other in pattern(), package in package()) {
        if let (Ok(one), Ok(other)) = (Pattern::parse(&one), Pattern::parse(&other)) {
            prop_assert!(!(one.contains(&other) && other.contains(&one)));
            if one.contains(&other) && other.matches(&package) == Some(Strength::Strong) {
                prop_assert_eq!(one.matches(&package), Some(Strength::Strong));
                prop_assert_eq!(one.compare_specificity(&other), std::cmp::Ordering::Less);
            }
        }
    }

    #[test]
    fn any_document_is_a_policy_or_none(
        effect in "Allow|Deny|.{0,5}",
        action in "[a-z*:?]{0,12}",
        resource in "[a-z*:/${}]{0,20}",
        operator in "String(Equals|Like)(IfExists)?|ForAnyValue:StringLike|Null|IpAddress|Date(Equals|LessThan)|.{0,8}",
        value in ".{0,10}",
    ) {
        let document = serde_json::json!({"Statement": {
            "Effect": effect, "Action": action, "Resource": resource, "Condition": {operator: {"aws:username": value}},
        }});
        if let Ok(policy) = Policy::parse(&document.to_string(), Attachment::Identity) {
            let keys = [("aws:username".to_string(), "bob".to_string())];
            policy.evaluate(&Request {
                principal: "p", account: "1", action: "codeartifact:ListPackages", resource: "arn:x", keys: &keys,
            });
        }
    }
}

#[tokio::test]
async fn nonsense_is_answered_with_a_fault() {
    let world = World::start().await.with_repositories(&["my-repo"]).await;
    let key = key_of("alice");
    for operation in OPERATIONS {
        let (method, path) = (operation.route.method.as_str(), operation.route.path);
        for (query, body) in [
            ("", "".to_string()),
            (
                "domain=%00&repository=%ff&format=npm&package=%2F&max-results=x",
                "{".to_string(),
            ),
            (
                "domain=my-domain&repository=my-repo&max-results=99999999999999999999",
                "[]".to_string(),
            ),
            (
                "domain=my-domain&duration=-1&format=conda&unfinished=perhaps",
                "null".to_string(),
            ),
            (
                "",
                format!("{{\"tags\": {}1{}}}", "[".repeat(200), "]".repeat(200)),
            ),
        ] {
            let target = format!("{path}?{query}");
            let hash = super::world::sha256(body.as_bytes());
            let answer = world
                .send(&key, method, &target, body.into_bytes(), Some(&hash))
                .await;
            let kind = answer.header("x-amzn-errortype").to_string();
            let is_fault =
                ["ValidationException", "ResourceNotFoundException"].contains(&kind.as_str());
            let lists_all = answer.status == 200
                && ["ListDomains", "ListRepositories"].contains(&operation.name);
            assert!(
                is_fault || lists_all,
                "{} {target}: {} {kind} {}",
                operation.name,
                answer.status,
                answer.json()
            );
        }
    }
    for (method, target) in [
        ("GET", "/nothing"),
        ("PATCH", "/v1/domain"),
        ("POST", "/v1/domains/"),
    ] {
        let answer = world.send(&key, method, target, Vec::new(), None).await;
        assert_eq!(answer.status, 404, "{method} {target}");
    }
}

#[tokio::test]
async fn a_body_without_end_is_refused() {
    let world = World::start().await;
    let body = vec![b' '; 2 << 20];
    let answer = world
        .send(&key_of("alice"), "POST", "/v1/domains", body, None)
        .await;
    assert_eq!(answer.status, 400);
}

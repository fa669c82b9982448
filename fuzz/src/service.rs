//! What the local service reads from its callers and from whoever sets it up.

use codeartifact::api::operation::decode;
use codeartifact::local::auth::{Payload, Principals};
use codeartifact::local::clock::Clock;
use codeartifact::local::formats::{maven, npm, nuget, pypi, ruby, swift};
use codeartifact::local::injection::Injection;
use codeartifact::local::registry::group::pattern::{Pattern, match_key};
use codeartifact::local::registry::policy::{Attachment, Policy, Request};
use codeartifact::local::registry::{Format, PackageId, arn};
use codeartifact::local::seed::Seed;
use codeartifact::login::Endpoint;

use super::running::principal;
use super::with_text;

/// A request to the API: the first line is the query, the rest the body. What is decoded is read as
/// several operations' input, whose members are all kinds there are.
pub(super) fn request(bytes: &[u8]) {
    let end = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(bytes.len());
    let (query, body) = (&bytes[..end], bytes.get(end + 1..).unwrap_or_default());
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query).into_owned().collect();
    let members = [
        "domain",
        "domainOwner",
        "repository",
        "format",
        "maxResults",
        "nextToken",
    ];
    for operation in ["ListPackages", "CopyPackageVersions", "CreateRepository"] {
        let Ok(found) = decode(operation, &members, pairs.clone(), body) else {
            continue;
        };
        let value = serde_json::Value::Object(found);
        let _ =
            serde_json::from_value::<codeartifact::ops::list_packages::ListPackages>(value.clone());
        let _ = serde_json::from_value::<
            codeartifact::ops::copy_package_versions::CopyPackageVersions,
        >(value.clone());
        let _ =
            serde_json::from_value::<codeartifact::ops::create_repository::CreateRepository>(value);
    }
}

/// A request's headers, one a line, and its signature. `{time}` and `{date}` stand for now.
pub(super) fn signature(bytes: &[u8]) {
    with_text(bytes, |text| {
        let now = jiff::Timestamp::now()
            .strftime("%Y%m%dT%H%M%SZ")
            .to_string();
        let text = text.replace("{time}", &now).replace("{date}", &now[..8]);
        let mut request = axum::http::Request::builder().uri("/v1/domains?domain=d");
        for line in text.lines().take(16) {
            if let Some((name, value)) = line.split_once(':') {
                request = request.header(name.trim(), value.trim());
            }
        }
        let Ok(request) = request.body(()) else {
            return;
        };
        let (parts, ()) = request.into_parts();
        let principals = Principals::new("us-west-2", Clock::default(), vec![principal()]);
        for payload in [Payload::Whole(b""), Payload::Streamed] {
            let verified = principals.verify(&parts, payload, "codeartifact");
            assert!(verified.is_err(), "nobody has the key");
        }
        let _ = codeartifact::local::auth::token(&parts.headers);
    });
}

pub(super) fn policy(bytes: &[u8]) {
    with_text(bytes, |text| {
        for attachment in [Attachment::Identity, Attachment::Resource] {
            let Ok(policy) = Policy::parse(text, attachment) else {
                continue;
            };
            let _ = policy.evaluate(&Request {
                principal: "arn:aws:iam::111122223333:user/me",
                account: "111122223333",
                action: "codeartifact:ListPackages",
                resource: "arn:aws:codeartifact:us-west-2:111122223333:repository/d/r",
                keys: &[("aws:PrincipalOrgID".to_string(), "o-1".to_string())],
            });
        }
    });
}

/// A pattern and, behind a line ending, another one or a package's name.
pub(super) fn group_pattern(bytes: &[u8]) {
    with_text(bytes, |text| {
        let (one, other) = text.split_once('\n').unwrap_or((text, "/npm/*"));
        let Ok(pattern) = Pattern::parse(one) else {
            return;
        };
        let _ = pattern.match_key_prefix();
        for format in [Format::Npm, Format::Maven, Format::Pypi] {
            for namespace in [None, Some("my.scope")] {
                let package = PackageId::new(format, namespace, other);
                let key = match_key(&package);
                if pattern.matches(&package).is_some() {
                    assert!(
                        key.starts_with(&pattern.match_key_prefix()),
                        "{one:?} {key:?}"
                    );
                }
            }
        }
        if let Ok(second) = Pattern::parse(other) {
            let order = pattern.compare_specificity(&second);
            assert_eq!(order.reverse(), second.compare_specificity(&pattern));
            let _ = pattern.contains(&second);
        }
    });
}

pub(super) fn injection(bytes: &[u8]) {
    with_text(bytes, |text| {
        let _ = Injection::parse(text);
    });
}

pub(super) fn seed(bytes: &[u8]) {
    with_text(bytes, |text| {
        if let Ok(seed) = Seed::parse(text) {
            let _ = seed.principals();
        }
    });
}

/// Names, versions, paths and ARNs: whatever stands in an address.
pub(super) fn names(bytes: &[u8]) {
    with_text(bytes, |text| {
        let (one, other) = text.split_once('\n').unwrap_or((text, "1.0"));
        let _ = arn::parse("us-west-2", one);
        let _ = maven::path::parse(one);
        let _ = npm::path::Place::parse(one);
        let _ = npm::name::PackageName::parse(one);
        if let (Some(range), Ok(version)) = (npm::range::Range::parse(one), other.parse()) {
            let _ = range.takes(&version);
        }
        let _ = swift::name::version(one);
        let _ = Endpoint::parse(one).map(|endpoint| endpoint.contains(other));
        let _ = npm::integrity::Integrity::parse(Some(one), Some(other));
        let _ = pypi::filename::parse(one, other);
        let _ = ruby::name::readings(one);
        let _ = nuget::version::range(one);
        for compare in [
            maven::version::compare,
            nuget::version::compare,
            ruby::name::compare,
        ] {
            assert_eq!(
                compare(one, other).reverse(),
                compare(other, one),
                "{one:?} {other:?}"
            );
            assert!(compare(one, one).is_eq());
        }
        for format in [Format::Npm, Format::Pypi, Format::Nuget, Format::Maven] {
            let version = format.normalize_version(one);
            assert_eq!(
                format.normalize_version(&version),
                version,
                "{format} {one:?}"
            );
        }
    });
}

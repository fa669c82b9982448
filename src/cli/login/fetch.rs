//! The calls of a login: a token for each domain, and the endpoint of each repository and
//! format. For one repository these are the two calls of AWS's client in their order.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::request::{Request, Target};
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::login::{Adapter, Endpoint, Login};
use crate::ops::by_command;
use crate::sdk::client::Service;
use crate::secret::Secret;

/// What was fetched already, since several tools share it.
#[derive(Default)]
struct Fetched<'a> {
    tokens: Vec<(DomainKey<'a>, (Secret, Timestamp))>,
    endpoints: Vec<((DomainKey<'a>, &'a str, &'a str), Endpoint)>,
}

/// A domain's name and owner.
type DomainKey<'a> = (&'a str, Option<&'a str>);

/// A token and an endpoint for each login.
pub(super) async fn logins(
    service: &Service,
    settings: &Settings,
    request: &Request,
    targets: &[Target],
) -> Result<Vec<(&'static Adapter, Login)>> {
    let mut fetched = Fetched::default();
    let mut logins = Vec::new();
    for target in targets {
        let domain = (target.domain.as_str(), target.owner.as_deref());
        let known = fetched.tokens.iter().find(|(key, _)| *key == domain);
        let (token, expiry) = match known {
            Some((_, token)) => token.clone(),
            None => {
                let token = authorization_token(service, domain, request.duration_seconds).await?;
                fetched.tokens.push((domain, token.clone()));
                token
            }
        };
        let key = (domain, target.repository.as_str(), target.adapter.format);
        let known = fetched.endpoints.iter().find(|(known, _)| *known == key);
        let endpoint = match known {
            Some((_, endpoint)) => endpoint.clone(),
            None => {
                let kind = request.endpoint_type.as_deref();
                let endpoint = repository_endpoint(service, key, kind).await?;
                fetched.endpoints.push((key, endpoint.clone()));
                endpoint
            }
        };
        let login = Login {
            endpoint,
            token,
            expiry,
            domain: target.domain.clone(),
            owner: target.owner.clone(),
            repository: target.repository.clone(),
            region: settings.region.as_ref().map(|region| region.value.clone()),
            profile: settings.profile.as_ref().map(|set| set.value.clone()),
            namespace: target.namespace.clone(),
            options: target.options.clone(),
        };
        logins.push((target.adapter, login));
    }
    Ok(logins)
}

/// Calls an operation with the members that are there.
pub(in crate::cli) async fn call(
    service: &Service,
    command: &str,
    members: &[(&str, Option<Value>)],
) -> Result<Value> {
    let operation = by_command(command).expect("login calls operations that there are");
    let input: Map<String, Value> = members
        .iter()
        .filter_map(|(name, value)| Some(((*name).to_string(), value.clone()?)))
        .collect();
    service.call(operation, input).await
}

async fn authorization_token(
    service: &Service,
    (domain, owner): DomainKey<'_>,
    duration_seconds: Option<i64>,
) -> Result<(Secret, Timestamp)> {
    let answer = call(
        service,
        "get-authorization-token",
        &[
            ("domain", Some(domain.into())),
            ("domainOwner", owner.map(Value::from)),
            ("durationSeconds", duration_seconds.map(Value::from)),
        ],
    )
    .await?;
    let token = answer["authorizationToken"].as_str().map(Secret::new);
    let expiry = answer["expiration"].as_f64().and_then(|seconds| {
        // Times travel as seconds with a fraction of at most milliseconds.
        Timestamp::from_millisecond((seconds * 1_000.0).round() as i64).ok()
    });
    match (token, expiry) {
        (Some(token), Some(expiry)) => Ok((token, expiry)),
        _ => Err(Error::other(
            "the service's answer holds no authorization token with an expiration",
        )),
    }
}

async fn repository_endpoint(
    service: &Service,
    ((domain, owner), repository, format): (DomainKey<'_>, &str, &str),
    endpoint_type: Option<&str>,
) -> Result<Endpoint> {
    let answer = call(
        service,
        "get-repository-endpoint",
        &[
            ("domain", Some(domain.into())),
            ("domainOwner", owner.map(Value::from)),
            ("repository", Some(repository.into())),
            ("format", Some(format.into())),
            ("endpointType", endpoint_type.map(Value::from)),
        ],
    )
    .await?;
    Ok(Endpoint::parse(
        answer["repositoryEndpoint"].as_str().unwrap_or_default(),
    )?)
}

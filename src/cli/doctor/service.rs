//! Whether the service can be reached, and whether it would give a token.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{DoctorArgs, Finding};
use crate::cli::Context;
use crate::cli::login::{call, project_settings};
use crate::config::Settings;
use crate::config::env::Env;
use crate::config::project::Project;
use crate::error::Error;
use crate::login::adapter::without_credentials;
use crate::login::status::LoginStatus;
use crate::sdk::client::Service;
use crate::sdk::identity;
use crate::sdk::probe::probe;

/// A signature is refused when its time is further off than this (AWS general reference,
/// "Signature Version 4": five minutes).
const MOST_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// More domains are not tried.
const MOST_PLACES: usize = 10;

/// A domain, and a repository of it, to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    domain: String,
    owner: Option<String>,
    repository: Option<String>,
    region: Option<String>,
}

/// What to try: what the flags name, or the project, or what there are logins for.
pub(super) fn places(
    args: &DoctorArgs,
    project: Option<&Project>,
    logins: &[LoginStatus],
) -> Vec<Place> {
    if let Some(domain) = &args.domain {
        return vec![Place {
            domain: domain.clone(),
            owner: args.domain_owner.clone(),
            repository: args.repository.clone(),
            region: None,
        }];
    }
    let of_project = project.into_iter().flat_map(|project| {
        let entries = std::iter::once(&project.shared).chain(&project.further);
        entries.filter_map(|entry| {
            Some(Place {
                domain: entry.domain.clone()?,
                owner: entry.owner.clone(),
                repository: entry.repository.clone(),
                region: None,
            })
        })
    });
    let of_logins = logins
        .iter()
        .filter(|login| login.is_read_here())
        .map(|login| Place {
            domain: login.domain.clone(),
            owner: login.domain_owner.clone(),
            repository: Some(login.repository.clone()),
            region: login.region.clone(),
        });
    let mut places: Vec<Place> = Vec::new();
    for place in of_project.chain(of_logins).take(MOST_PLACES) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

/// Adds what is found on the way from settings to a token. The settings are given back when
/// the service answers.
pub(super) async fn examine(
    context: &Context,
    project: Option<&Project>,
    places: &[Place],
    findings: &mut Vec<Finding>,
) -> Option<Settings> {
    let settings = match project_settings(context, project).await {
        Ok(settings) => settings,
        Err(error) => {
            findings.push(Finding::error(&error, "correct the AWS configuration"));
            return None;
        }
    };
    let Some(url) = address(&settings) else {
        findings.push(Finding::problem(
            "no Region is set, so the service's address is not known",
            "give `--region`, set `AWS_REGION`, or `region` in `codeartifact.toml` or the profile",
        ));
        return None;
    };
    let proxy = proxy(&context.env, &url);
    match probe(&settings, &url, None).await {
        Err(why) => {
            findings.push(unreachable(&settings, &url, proxy.as_deref(), &why));
            return None;
        }
        Ok(answered) => {
            let through = proxy.map_or_else(String::new, |proxy| format!(" through {proxy}"));
            findings.push(Finding::ok(format!(
                "the service answers at {url}{through}"
            )));
            findings.extend(answered.date.and_then(|date| skew(date, Timestamp::now())));
        }
    }
    match identity::caller(&settings).await {
        Ok(caller) => findings.push(Finding::ok(format!(
            "the credentials are those of {}",
            caller.arn
        ))),
        Err(error) => match credentials_advice(error.code.as_deref().unwrap_or_default()) {
            // Every call below would end the same way.
            Some(advice) => {
                findings.push(Finding::problem(error.message.trim(), advice));
                return Some(settings);
            }
            // Where STS cannot be reached, the calls below tell more.
            None => findings.push(Finding::warning(
                format!(
                    "whose the credentials are is not known: {}",
                    error.message.trim()
                ),
                "nothing needs to be done if the rest is well",
            )),
        },
    }
    if places.is_empty() {
        findings.push(Finding::warning(
            "no domain is known to try",
            "give `--domain` and `--repository`, or write them into `codeartifact.toml`",
        ));
    }
    for place in places {
        let mut settings = settings.clone();
        if let (Some(region), None) = (&place.region, &context.global.region) {
            settings.region = settings.region.map(|set| crate::config::Set {
                value: region.clone(),
                ..set
            });
        }
        try_place(context, &settings, place, findings).await;
    }
    Some(settings)
}

/// Where calls go.
fn address(settings: &Settings) -> Option<String> {
    if let Some(url) = &settings.endpoint_url {
        return Some(without_credentials(&url.value));
    }
    let region = &settings.region.as_ref()?.value;
    let ending = match region.starts_with("cn-") {
        true => "amazonaws.com.cn",
        false => "amazonaws.com",
    };
    Some(format!("https://codeartifact.{region}.{ending}/"))
}

/// The variable with the proxy that calls to an address take, and the proxy without
/// credentials.
fn proxy(env: &Env, url: &str) -> Option<String> {
    let host = url.split("://").nth(1)?.split(['/', ':']).next()?;
    let left_out = ["no_proxy", "NO_PROXY"]
        .iter()
        .find_map(|name| env.var(name))
        .is_some_and(|hosts| {
            hosts.split(',').map(str::trim).any(|entry| {
                let entry = entry.trim_start_matches("*").trim_start_matches('.');
                !entry.is_empty() && (host == entry || host.ends_with(&format!(".{entry}")))
                    || hosts.trim() == "*"
            })
        });
    let names: &[&str] = match url.starts_with("https:") {
        true => &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
        false => &["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"],
    };
    let name = names.iter().find(|name| env.var(name).is_some())?;
    let proxy = without_credentials(env.var(name)?);
    (!left_out).then(|| format!("the proxy of `{name}`, {proxy}"))
}

fn unreachable(settings: &Settings, url: &str, proxy: Option<&str>, why: &str) -> Finding {
    let found = format!("the service cannot be reached at {url}: {why}");
    let region = settings.region.as_ref();
    let advice = match (proxy, &settings.endpoint_url, region) {
        (Some(proxy), ..) => {
            format!("calls take {proxy}: see whether it works, or name the host in `NO_PROXY`")
        }
        (None, Some(set), _) => format!(
            "the address comes from {}: see whether it is right",
            set.origin
        ),
        (None, None, Some(region)) => format!(
            "see whether the network lets it through, whether a proxy is needed (`HTTPS_PROXY`), and \
             whether CodeArtifact is in the Region `{}`, which comes from {}",
            region.value, region.origin
        ),
        (None, None, None) => "give `--region`".to_string(),
    };
    Finding::problem(found, advice)
}

/// A clock that is off makes signatures invalid and tokens expire early or late.
fn skew(there: Timestamp, here: Timestamp) -> Option<Finding> {
    let ahead = here.duration_since(there);
    if ahead.abs() <= MOST_SKEW {
        return None;
    }
    let minutes = ahead.abs().as_mins();
    let way = match ahead.is_negative() {
        true => "behind",
        false => "ahead of",
    };
    Some(Finding::problem(
        format!(
            "this machine's clock is {minutes} minutes {way} the service's: signatures are refused"
        ),
        "set the clock, best by a time service",
    ))
}

/// Tries to get a token, which is thrown away, and the repository's endpoint.
async fn try_place(
    context: &Context,
    settings: &Settings,
    place: &Place,
    findings: &mut Vec<Finding>,
) {
    let service = match Service::connect(settings, context.trace()).await {
        Ok(service) => service,
        Err(error) => return findings.push(Finding::error(&error, "see the reason")),
    };
    let domain = ("domain", Some(Value::from(place.domain.as_str())));
    let owner = ("domainOwner", place.owner.as_deref().map(Value::from));
    let members = [domain.clone(), owner.clone()];
    let token = call(&service, "get-authorization-token", &members).await;
    match token {
        Ok(_) => findings.push(Finding::ok(format!(
            "the service gives a token for domain {}",
            place.domain
        ))),
        Err(error) => return findings.push(explain(&error, settings, place)),
    }
    let Some(repository) = &place.repository else {
        return;
    };
    let repository_member = ("repository", Some(Value::from(repository.as_str())));
    let format = ("format", Some(Value::from("npm")));
    let members = [domain, owner, repository_member, format];
    match call(&service, "get-repository-endpoint", &members).await {
        Ok(_) => findings.push(Finding::ok(format!(
            "repository {repository} of domain {} is there",
            place.domain
        ))),
        Err(error) => findings.push(explain(&error, settings, place)),
    }
}

/// What to do about credentials that are refused, or of which there are none.
fn credentials_advice(code: &str) -> Option<&'static str> {
    Some(match code {
        "ExpiredTokenException" | "ExpiredToken" => {
            "the credentials have expired: get new ones, as with `aws sso login`"
        }
        "UnrecognizedClientException" | "InvalidClientTokenId" => {
            "the access key is not known: see whether it was deleted, or belongs to another partition"
        }
        "InvalidSignature"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "RequestTimeTooSkewed"
        | "RequestExpired" => "the secret key is wrong, or this machine's clock is",
        "NoCredentials" => {
            "set `AWS_PROFILE`, or `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or run `aws sso login`"
        }
        _ => return None,
    })
}

/// A fault of the service in words, and what to do about it.
fn explain(error: &Error, settings: &Settings, place: &Place) -> Finding {
    let message = error.message.trim();
    let region = settings.region.as_ref();
    let region = region.map_or("?", |set| set.value.as_str());
    let advice = match error.code.as_deref().unwrap_or_default() {
        "AccessDeniedException" if message.contains("sts:GetServiceBearerToken") => {
            "allow `sts:GetServiceBearerToken` to the user or role, in its own policy: in a policy \
             of the domain it has no effect"
                .to_string()
        }
        "AccessDeniedException" => format!(
            "allow `codeartifact:GetAuthorizationToken`, `sts:GetServiceBearerToken` and \
             `codeartifact:GetRepositoryEndpoint` to the user or role; for a domain of another \
             account, in the policy of domain {} too",
            place.domain
        ),
        "ResourceNotFoundException" => format!(
            "see whether the names are right, whether the domain is in the Region {region}, and \
             whether it belongs to {}",
            place.owner.as_deref().map_or_else(
                || "the caller's account; if not, give `--domain-owner`".to_string(),
                |owner| format!("account {owner}")
            )
        ),
        "ThrottlingException" => "too many requests: try again later".to_string(),
        code => credentials_advice(code)
            .unwrap_or("see the reason")
            .to_string(),
    };
    match error.code.as_deref() {
        Some(_) => Finding::problem(message, advice),
        None => Finding::error(error, &advice),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::env::Platform;

    #[test]
    fn a_clock_that_is_off_is_told() {
        let there: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let at = |minutes: i64| {
            let here = there + SignedDuration::from_mins(minutes);
            skew(there, here).map(|finding| finding.found)
        };
        assert_eq!(at(0), None);
        assert_eq!(at(-5), None);
        assert!(at(6).unwrap().contains("6 minutes ahead of the service's"));
        assert!(at(-90).unwrap().contains("90 minutes behind the service's"));
    }

    #[test]
    fn proxies_are_told_without_their_passwords() {
        let told = |variables: &[(&'static str, &'static str)], url: &str| {
            let env = Env::made_up(Platform::Linux, "/", "/", variables.iter().copied());
            proxy(&env, url)
        };
        let aws = "https://codeartifact.us-west-2.amazonaws.com/";
        assert_eq!(told(&[], aws), None);
        assert_eq!(
            told(&[("HTTPS_PROXY", "http://u:p@proxy.test:1")], aws).as_deref(),
            Some("the proxy of `HTTPS_PROXY`, http://proxy.test:1")
        );
        assert_eq!(told(&[("HTTP_PROXY", "http://proxy.test:1")], aws), None);
        for left_out in ["*", "amazonaws.com", "a.test, .amazonaws.com"] {
            let variables = [
                ("HTTPS_PROXY", "http://proxy.test:1"),
                ("NO_PROXY", left_out),
            ];
            assert_eq!(told(&variables, aws), None, "{left_out}");
        }
    }
}

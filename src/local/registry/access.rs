//! Who may do what (guide, "Interaction between repository and domain policies").

use rusqlite::Connection;

use super::arn;
use super::caller::Caller;
use super::format::PackageId;
use super::policy::{Attachment, Effect, Policy, Request};
use super::refusal::{Answer, denied};
use crate::local::store;
use crate::local::store::domain::DomainRow;
use crate::local::store::repository::RepositoryRow;

/// What an action works on.
#[derive(Clone, Copy)]
pub enum Target<'a> {
    /// The account: no resource policy is asked.
    Account,
    /// A domain.
    Domain(&'a DomainRow),
    /// A repository of the domain.
    Repository(&'a DomainRow, &'a RepositoryRow),
    /// A package in a repository of the domain.
    Package(&'a DomainRow, &'a RepositoryRow, &'a PackageId),
    /// A package group of the domain, by its pattern.
    PackageGroup(&'a DomainRow, &'a str),
}

/// Condition keys that come with one request only, such as `aws:RequestTag/team`.
pub type Keys = Vec<(String, String)>;

/// The condition keys of the tags that a request brings.
pub fn request_tag_keys<'a>(tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> Keys {
    let mut keys = Keys::new();
    for (key, value) in tags {
        keys.push((format!("aws:RequestTag/{key}"), value.to_string()));
        keys.push(("aws:TagKeys".to_string(), key.to_string()));
    }
    keys
}

/// The condition keys of tag names without values.
pub fn tag_name_keys<'a>(names: impl IntoIterator<Item = &'a str>) -> Keys {
    names
        .into_iter()
        .map(|name| ("aws:TagKeys".to_string(), name.to_string()))
        .collect()
}

/// Lets the caller do the action, or says which policy is missing.
///
/// # Errors
/// `AccessDeniedException` with the caller, the action and the resource.
pub fn check(
    connection: &Connection,
    region: &str,
    caller: &Caller,
    action: &str,
    target: Target<'_>,
    keys: Keys,
) -> Answer<()> {
    if caller.is_operator() {
        return Ok(());
    }
    let resource = target.arn(region, &caller.account);
    let keys = request_keys(connection, caller, target, &resource, region, keys)?;
    let action = if action.contains(':') {
        action.to_string()
    } else {
        format!("codeartifact:{action}")
    };
    let request = Request {
        principal: &caller.arn,
        account: &caller.account,
        action: &action,
        resource: &resource,
        keys: &keys,
    };
    let by_identity = identity_effect(caller, &request);
    let by_resource = together(
        target
            .policies(&action)
            .into_iter()
            .filter_map(|document| Policy::parse(document, Attachment::Resource).ok())
            .map(|policy| policy.evaluate(&request)),
    );
    let allowed = match (by_identity, by_resource) {
        (Some(Effect::Deny), _) | (_, Some(Effect::Deny)) => false,
        (Some(Effect::Allow), Some(Effect::Allow)) => true,
        // In its own account either one will do; another account needs both.
        (Some(Effect::Allow), None) | (None, Some(Effect::Allow)) => {
            target.belongs_to(&caller.account)
        }
        (None, None) => false,
    };
    if allowed {
        return Ok(());
    }
    let explicitly = match (by_identity, by_resource) {
        (Some(Effect::Deny), _) => " with an explicit deny in an identity-based policy",
        (_, Some(Effect::Deny)) => " with an explicit deny in a resource-based policy",
        (None, _) => " because no identity-based policy allows the action",
        _ => " because no resource-based policy allows the action",
    };
    Err(denied(format!(
        "User: {} is not authorized to perform: {action} on resource: {resource}{explicitly}",
        caller.arn
    )))
}

impl<'a> Target<'a> {
    fn arn(self, region: &str, account: &str) -> String {
        match self {
            Target::Account => format!("arn:aws:codeartifact:{region}:{account}:*"),
            Target::Domain(domain) => arn::domain(region, &domain.owner, &domain.name),
            Target::Repository(_, repository) => arn::repository(region, repository),
            Target::Package(_, repository, package) => arn::package(region, repository, package),
            Target::PackageGroup(domain, pattern) => {
                arn::package_group(region, &domain.owner, &domain.name, pattern)
            }
        }
    }

    /// The documents of the resource policies that are asked about the action.
    fn policies(self, action: &str) -> Vec<&'a str> {
        let (domain, repository) = match self {
            Target::Account => (None, None),
            Target::Domain(domain) | Target::PackageGroup(domain, _) => (Some(domain), None),
            Target::Repository(domain, repository) | Target::Package(domain, repository, _) => {
                (Some(domain), Some(repository))
            }
        };
        // Neither policy can lock its owner out of changing it.
        let domain = domain.filter(|_| action != "codeartifact:PutDomainPermissionsPolicy");
        let repository =
            repository.filter(|_| action != "codeartifact:PutRepositoryPermissionsPolicy");
        [
            domain.and_then(|domain| domain.policy.as_ref()),
            repository.and_then(|repository| repository.policy.as_ref()),
        ]
        .into_iter()
        .flatten()
        .map(|policy| policy.document.as_str())
        .collect()
    }

    fn belongs_to(self, account: &str) -> bool {
        match self {
            Target::Account => true,
            Target::Domain(domain) | Target::PackageGroup(domain, _) => domain.owner == account,
            Target::Repository(domain, repository) | Target::Package(domain, repository, _) => {
                domain.owner == account || repository.administrator == account
            }
        }
    }
}

/// A principal without policies of its own is an administrator.
fn identity_effect(caller: &Caller, request: &Request<'_>) -> Option<Effect> {
    match &caller.policies {
        None => Some(Effect::Allow),
        Some(policies) => together(policies.iter().map(|policy| policy.evaluate(request))),
    }
}

fn together(effects: impl Iterator<Item = Option<Effect>>) -> Option<Effect> {
    let mut together = None;
    for effect in effects.flatten() {
        if effect == Effect::Deny {
            return Some(Effect::Deny);
        }
        together = Some(effect);
    }
    together
}

fn request_keys(
    connection: &Connection,
    caller: &Caller,
    target: Target<'_>,
    resource: &str,
    region: &str,
    keys: Keys,
) -> Answer<Keys> {
    // An administrator in a domain without policies: nobody will look at the keys.
    if caller.policies.is_none() && target.policies("").is_empty() {
        return Ok(Keys::new());
    }
    let mut all = keys;
    all.extend(caller.keys(region));
    // Packages have no tags: those of the repository do not count (guide, "Using tags to control access").
    if !matches!(target, Target::Account | Target::Package(..)) {
        for (key, value) in store::tag::list(connection, resource)? {
            all.push((format!("aws:ResourceTag/{key}"), value));
        }
    }
    Ok(all)
}

/// Whether the caller's own policies let it do the action on the resource, where no resource policy
/// is asked (guide, "Interaction between repository and domain policies", account-level operations).
pub fn identity_allows(caller: &Caller, region: &str, action: &str, resource: &str) -> bool {
    let keys = caller.keys(region);
    let request = Request {
        principal: &caller.arn,
        account: &caller.account,
        action: &format!("codeartifact:{action}"),
        resource,
        keys: &keys,
    };
    identity_effect(caller, &request) == Some(Effect::Allow)
}

/// Whether the caller may make a token for so long: `sts:GetServiceBearerToken` (guide, "Limit
/// authorization token duration").
///
/// # Errors
/// `AccessDeniedException`.
pub fn check_bearer_token(caller: &Caller, region: &str, duration_seconds: u64) -> Answer<()> {
    let action = "sts:GetServiceBearerToken";
    let mut keys = caller.keys(region);
    keys.push((
        "sts:AWSServiceName".to_string(),
        "codeartifact.amazonaws.com".to_string(),
    ));
    keys.push((
        "sts:DurationSeconds".to_string(),
        duration_seconds.to_string(),
    ));
    let request = Request {
        principal: &caller.arn,
        account: &caller.account,
        action,
        resource: "*",
        keys: &keys,
    };
    match identity_effect(caller, &request) {
        Some(Effect::Allow) => Ok(()),
        _ => Err(denied(format!(
            "User: {} is not authorized to perform: {action} on resource: * because no identity-based policy allows the action",
            caller.arn
        ))),
    }
}

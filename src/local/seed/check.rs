//! What is wrong with a seed file, before anything is done with it: names and texts by the limits
//! of the API's own operations, and what stands there twice.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};
use serde_spanned::Spanned;

use super::super::control;
use super::super::registry::group::Restriction;
use super::super::registry::policy::{Attachment, Policy};
use super::{Seed, SeedDomain, SeedGroup, SeedRepository};

impl Seed {
    /// Checks all of it.
    pub(super) fn check(&self) -> Result<(), String> {
        let mut seen = HashSet::new();
        for (principal, read) in self.principals.iter().zip(self.principals()?) {
            let id = principal.access_key_id();
            if !seen.insert(id.to_string()) || !seen.insert(read.identity.arn) {
                return Err(self.at(
                    principal.place(),
                    "the ARN or its access key is there twice",
                ));
            }
        }
        let mut seen = HashSet::new();
        for domain in &self.domains {
            let is_new = seen.insert((&domain.owner, domain.name.get_ref()));
            self.once(is_new, &domain.name)?;
            check_domain(domain).map_err(|error| self.at(&domain.name, &error))?;
            let mut seen = HashSet::new();
            for repository in &domain.repositories {
                self.once(seen.insert(repository.name.get_ref()), &repository.name)?;
                check_repository(domain, repository)
                    .map_err(|error| self.at(&repository.name, &error))?;
            }
            for group in &domain.package_groups {
                self.once(seen.insert(group.pattern.get_ref()), &group.pattern)?;
                check_group(domain, group).map_err(|error| self.at(&group.pattern, &error))?;
            }
        }
        Ok(())
    }

    fn once(&self, is_new: bool, name: &Spanned<String>) -> Result<(), String> {
        if is_new {
            return Ok(());
        }
        Err(self.at(name, "this is there twice"))
    }
}

fn check_domain(domain: &SeedDomain) -> Result<(), String> {
    let name = domain.name.get_ref();
    let tags = tags(&domain.tags);
    let mut members = json!({"domain": name, "tags": tags});
    if let Some(key) = &domain.encryption_key {
        members["encryptionKey"] = json!(key);
    }
    obeys("CreateDomain", &members)?;
    let mut members = json!({"domain": name});
    if let Some(owner) = &domain.owner {
        members["domainOwner"] = json!(owner);
    }
    obeys("DescribeDomain", &members)?;
    check_policy(domain.policy.as_ref(), |policy| {
        obeys(
            "PutDomainPermissionsPolicy",
            &json!({"domain": name, "policyDocument": policy}),
        )
    })
}

fn check_repository(domain: &SeedDomain, repository: &SeedRepository) -> Result<(), String> {
    let (domain, name) = (domain.name.get_ref(), repository.name.get_ref());
    let upstreams: Vec<Value> = repository
        .upstreams
        .iter()
        .map(|upstream| json!({"repositoryName": upstream}))
        .collect();
    let mut members = json!({
        "domain": domain, "repository": name, "upstreams": upstreams, "tags": tags(&repository.tags),
    });
    if let Some(description) = &repository.description {
        members["description"] = json!(description);
    }
    obeys("CreateRepository", &members)?;
    let mut members = json!({"domain": domain});
    if let Some(administrator) = &repository.administrator {
        members["administratorAccount"] = json!(administrator);
    }
    obeys("ListRepositoriesInDomain", &members)?;
    if let Some(connection) = &repository.external_connection {
        obeys(
            "AssociateExternalConnection",
            &json!({"domain": domain, "repository": name, "externalConnection": connection}),
        )?;
    }
    check_policy(repository.policy.as_ref(), |policy| {
        obeys(
            "PutRepositoryPermissionsPolicy",
            &json!({"domain": domain, "repository": name, "policyDocument": policy}),
        )
    })
}

fn check_group(domain: &SeedDomain, group: &SeedGroup) -> Result<(), String> {
    let (domain, pattern) = (domain.name.get_ref(), group.pattern.get_ref());
    let mut members = json!({"domain": domain, "packageGroup": pattern, "tags": tags(&group.tags)});
    for (name, text) in [
        ("contactInfo", &group.contact_info),
        ("description", &group.description),
    ] {
        if let Some(text) = text {
            members[name] = json!(text);
        }
    }
    obeys("CreatePackageGroup", &members)?;
    let lists = group.allowed_repositories.keys();
    for name in group.restrictions.keys().chain(lists) {
        if Restriction::from_name(name).is_none() {
            let names = Restriction::ALL.map(Restriction::as_str).join(", ");
            return Err(format!("`{name}` is none of the restrictions {names}"));
        }
    }
    let allowed: Vec<Value> = group
        .allowed_repositories
        .iter()
        .flat_map(|(restriction, names)| {
            names.iter().map(
                move |name| json!({"originRestrictionType": restriction, "repositoryName": name}),
            )
        })
        .collect();
    let members = json!({
        "domain": domain, "packageGroup": pattern,
        "restrictions": group.restrictions, "addAllowedRepositories": allowed,
    });
    obeys("UpdatePackageGroupOriginConfiguration", &members)
}

fn check_policy(
    document: Option<&String>,
    obeys: impl Fn(&str) -> Result<(), String>,
) -> Result<(), String> {
    let Some(document) = document else {
        return Ok(());
    };
    obeys(document)?;
    Policy::parse(document, Attachment::Resource)
        .map(drop)
        .map_err(|error| format!("the policy is not valid: {error}"))
}

/// Whether the operation would take these members.
fn obeys(operation: &str, members: &Value) -> Result<(), String> {
    control::check(operation, members).map_err(|fault| fault.message)
}

fn tags(tags: &BTreeMap<String, String>) -> Value {
    tags.iter()
        .map(|(key, value)| json!({"key": key, "value": value}))
        .collect()
}

//! A state to begin with, as a file: principals, domains, repositories, package groups.
//!
//! The file is TOML. Applying it twice is the same as once, and what the file does not speak of
//! stays as it is. `export` writes the same file from a registry, without principals.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::auth::Principal;
use super::registry::caller::Identity;
use super::registry::group::Restriction;
use super::registry::group::manage::{NewPackageGroup, OriginChange, PackageGroup};
use super::registry::page::PageRequest;
use super::registry::policy::{Attachment, Policy};
use super::registry::refusal::invalid;
use super::registry::repository::{NewRepository, Repository, RepositoryFilter};
use super::registry::{Answer, Caller, DomainId, FaultKind, Registry, RepositoryId, arn};
use crate::secret::Secret;

/// What the file says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// Who may call, besides the administrator.
    #[serde(default, rename = "principal", skip_serializing)]
    pub principals: Vec<SeedPrincipal>,
    /// The domains.
    #[serde(default, rename = "domain", skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<SeedDomain>,
}

/// Somebody with an access key.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedPrincipal {
    /// The ARN, which names the account.
    arn: String,
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    /// The end of the session, as ISO 8601.
    session_ends: Option<jiff::Timestamp>,
    /// Identity-based policies, as JSON. Without any it may do everything in its account.
    policies: Option<Vec<String>>,
    /// Condition keys, such as `aws:PrincipalOrgID`.
    #[serde(default)]
    attributes: BTreeMap<String, String>,
}

impl std::fmt::Debug for SeedPrincipal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SeedPrincipal")
            .field("arn", &self.arn)
            .finish_non_exhaustive()
    }
}

/// A domain.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedDomain {
    /// Its name.
    pub name: String,
    /// The account that owns it; the service's own without one.
    pub owner: Option<String>,
    /// The key it is said to be encrypted with.
    pub encryption_key: Option<String>,
    /// Its resource policy, as JSON.
    pub policy: Option<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Its repositories, in any order.
    #[serde(default, rename = "repository", skip_serializing_if = "Vec::is_empty")]
    pub repositories: Vec<SeedRepository>,
    /// Its package groups, in any order.
    #[serde(
        default,
        rename = "package_group",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub package_groups: Vec<SeedGroup>,
}

/// A repository.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedRepository {
    /// Its name.
    pub name: String,
    /// The account that administers it; the domain's owner without one.
    pub administrator: Option<String>,
    /// What to say about it.
    pub description: Option<String>,
    /// Its direct upstreams, in priority order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub upstreams: Vec<String>,
    /// Its external connection.
    pub external_connection: Option<String>,
    /// Its resource policy, as JSON.
    pub policy: Option<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// A package group.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedGroup {
    /// Its pattern.
    pub pattern: String,
    /// Whom to ask about it.
    pub contact_info: Option<String>,
    /// What to say about it.
    pub description: Option<String>,
    /// The modes of its restrictions, such as `PUBLISH = "BLOCK"`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub restrictions: BTreeMap<String, String>,
    /// The repositories on the lists of its restrictions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub allowed_repositories: BTreeMap<String, Vec<String>>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl Seed {
    /// Reads the file.
    ///
    /// # Errors
    /// A sentence about the first thing that is wrong; it does not repeat what the file says, which
    /// may be a key.
    pub fn parse(text: &str) -> Result<Seed, String> {
        toml_edit::de::from_str(text).map_err(|error| {
            let line = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map_or(1, |before| before.matches('\n').count() + 1);
            format!("line {line}: {}", error.message())
        })
    }

    /// Writes the file.
    ///
    /// # Errors
    /// A sentence when something cannot be written as TOML.
    pub fn render(&self) -> Result<String, String> {
        toml_edit::ser::to_string_pretty(self).map_err(|error| error.to_string())
    }

    /// The principals of the file.
    ///
    /// # Errors
    /// A sentence about an ARN or a policy that is none.
    pub fn principals(&self) -> Result<Vec<Principal>, String> {
        self.principals.iter().map(SeedPrincipal::read).collect()
    }

    /// Brings the registry to the state of the file; `account` owns what has no owner.
    ///
    /// # Errors
    /// The fault of the first thing that cannot be.
    pub async fn apply(&self, registry: &Registry, account: &str) -> Answer<()> {
        for domain in &self.domains {
            let owner = domain.owner.as_deref().unwrap_or(account);
            apply_domain(registry, domain, owner).await?;
        }
        Ok(())
    }

    /// The state of a registry.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn export(registry: &Registry) -> Answer<Seed> {
        let mut domains = Vec::new();
        for id in registry.all_domains().await? {
            domains.push(export_domain(registry, id).await?);
        }
        Ok(Seed {
            principals: Vec::new(),
            domains,
        })
    }
}

impl SeedPrincipal {
    fn read(&self) -> Result<Principal, String> {
        let parts: Vec<&str> = self.arn.splitn(6, ':').collect();
        let ["arn", "aws", "iam" | "sts", "", account, _] = parts[..] else {
            return Err(format!(
                "`{}` is not the ARN of a user, a role or a session",
                self.arn
            ));
        };
        let policies = self.policies.as_ref().map(|policies| {
            let read = |document: &String| Policy::parse(document, Attachment::Identity);
            policies.iter().map(read).collect::<Result<Vec<_>, _>>()
        });
        let policies = policies
            .transpose()
            .map_err(|error| format!("a policy of `{}` is not valid: {error}", self.arn))?;
        Ok(Principal {
            access_key_id: self.access_key_id.clone(),
            secret_access_key: Secret::new(&self.secret_access_key),
            session_token: self.session_token.as_deref().map(Secret::new),
            identity: Identity {
                arn: self.arn.clone(),
                account: account.to_string(),
                user_id: self.access_key_id.replacen("AKIA", "AIDA", 1),
                policies,
                attributes: self.attributes.clone().into_iter().collect(),
                session_ends: self.session_ends.map(jiff::Timestamp::as_millisecond),
            },
        })
    }
}

/// The answer, or none where there is no such thing.
fn if_there<T>(answer: Answer<T>) -> Answer<Option<T>> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(fault) if fault.kind == FaultKind::ResourceNotFound => Ok(None),
        Err(fault) => Err(fault),
    }
}

async fn apply_domain(registry: &Registry, domain: &SeedDomain, owner: &str) -> Answer<()> {
    let caller = Caller::operator(owner);
    let id = DomainId {
        owner: owner.to_string(),
        name: domain.name.clone(),
    };
    if if_there(registry.describe_domain(&caller, &id).await)?.is_none() {
        let key = domain.encryption_key.as_deref();
        registry
            .create_domain(&caller, &id.name, key, Vec::new())
            .await?;
    }
    tag(
        registry,
        &caller,
        &arn::domain(registry.region(), owner, &id.name),
        &domain.tags,
    )
    .await?;
    if let Some(policy) = &domain.policy {
        let present = if_there(registry.domain_policy(&caller, &id).await)?;
        if present.is_none_or(|present| present.document != *policy) {
            registry
                .put_domain_policy(&caller, &id, None, policy.clone())
                .await?;
        }
    }
    // Upstreams come afterwards: a repository may stand before its upstream in the file.
    for repository in &domain.repositories {
        apply_repository(registry, &caller, &id, repository).await?;
    }
    for repository in &domain.repositories {
        connect_repository(registry, &caller, &id, repository).await?;
    }
    for group in &domain.package_groups {
        apply_group(registry, &caller, &id, group).await?;
    }
    Ok(())
}

async fn tag(
    registry: &Registry,
    caller: &Caller,
    arn: &str,
    tags: &BTreeMap<String, String>,
) -> Answer<()> {
    if tags.is_empty() {
        return Ok(());
    }
    let tags = tags.clone().into_iter().collect();
    registry.tag_resource(caller, arn, tags).await
}

fn repository_id(domain: &DomainId, name: &str) -> RepositoryId {
    RepositoryId {
        domain: domain.clone(),
        name: name.to_string(),
    }
}

async fn apply_repository(
    registry: &Registry,
    caller: &Caller,
    domain: &DomainId,
    repository: &SeedRepository,
) -> Answer<()> {
    let id = repository_id(domain, &repository.name);
    let present = if_there(registry.describe_repository(caller, &id).await)?;
    let arn = match present {
        None => {
            let new = NewRepository {
                description: repository.description.clone(),
                ..NewRepository::default()
            };
            let administrator = repository.administrator.as_deref().unwrap_or(&domain.owner);
            let made = registry
                .create_repository_for(caller, administrator, &id, new)
                .await?;
            made.arn
        }
        Some(present) => present.arn,
    };
    tag(registry, caller, &arn, &repository.tags).await?;
    if let Some(policy) = &repository.policy {
        let present = if_there(registry.repository_policy(caller, &id).await)?;
        if present.is_none_or(|present| present.document != *policy) {
            registry
                .put_repository_policy(caller, &id, None, policy.clone())
                .await?;
        }
    }
    Ok(())
}

async fn connect_repository(
    registry: &Registry,
    caller: &Caller,
    domain: &DomainId,
    repository: &SeedRepository,
) -> Answer<()> {
    let id = repository_id(domain, &repository.name);
    let present = registry.describe_repository(caller, &id).await?;
    let connection = present.external_connection.map(|(name, _)| name);
    if connection != repository.external_connection
        && let Some(connection) = &connection
    {
        registry
            .disassociate_external_connection(caller, &id, connection)
            .await?;
    }
    let description = repository.description.clone();
    let upstreams = Some(repository.upstreams.clone());
    if present.upstreams != repository.upstreams || present.row.description != description {
        registry
            .update_repository(caller, &id, description, upstreams)
            .await?;
    }
    if connection != repository.external_connection
        && let Some(connection) = &repository.external_connection
    {
        registry
            .associate_external_connection(caller, &id, connection)
            .await?;
    }
    Ok(())
}

async fn apply_group(
    registry: &Registry,
    caller: &Caller,
    domain: &DomainId,
    group: &SeedGroup,
) -> Answer<()> {
    let present = if_there(
        registry
            .describe_package_group(caller, domain, &group.pattern)
            .await,
    )?;
    let made = match present {
        None => {
            registry
                .create_package_group(caller, domain, &group.pattern, NewPackageGroup::default())
                .await?
        }
        Some(present) => present,
    };
    if made.row.contact_info != group.contact_info || made.row.description != group.description {
        let (contact, description) = (group.contact_info.clone(), group.description.clone());
        registry
            .update_package_group(caller, domain, &group.pattern, contact, description)
            .await?;
    }
    tag(registry, caller, &made.arn, &group.tags).await?;
    let restriction = |name: &str| {
        Restriction::from_name(name)
            .ok_or_else(|| invalid(format!("There is no origin restriction `{name}`.")))
    };
    let mut change = OriginChange::default();
    for (name, mode) in &group.restrictions {
        change.restrictions.push((restriction(name)?, mode.clone()));
    }
    for (name, repositories) in &group.allowed_repositories {
        for repository in repositories {
            change.add.push((restriction(name)?, repository.clone()));
        }
    }
    registry
        .update_package_group_origins(caller, domain, &group.pattern, change)
        .await?;
    Ok(())
}

async fn export_domain(registry: &Registry, id: DomainId) -> Answer<SeedDomain> {
    let caller = Caller::operator(&id.owner);
    let domain = registry.describe_domain(&caller, &id).await?;
    let mut repositories = Vec::new();
    let mut page = PageRequest::default();
    loop {
        let found = registry
            .list_repositories_in_domain(&caller, &id, RepositoryFilter::default(), page)
            .await?;
        for repository in found.items {
            repositories.push(export_repository(registry, &caller, &id, repository).await?);
        }
        match found.next_token {
            None => break,
            next_token => {
                page = PageRequest {
                    max_results: None,
                    next_token,
                };
            }
        }
    }
    let mut package_groups = Vec::new();
    let mut page = PageRequest::default();
    loop {
        let found = registry
            .list_package_groups(&caller, &id, None, page)
            .await?;
        for group in found.items {
            package_groups.push(export_group(registry, &caller, &id, group).await?);
        }
        match found.next_token {
            None => break,
            next_token => {
                page = PageRequest {
                    max_results: None,
                    next_token,
                };
            }
        }
    }
    Ok(SeedDomain {
        policy: if_there(registry.domain_policy(&caller, &id).await)?.map(|policy| policy.document),
        tags: tags(registry, &caller, &domain.arn).await?,
        encryption_key: Some(domain.row.encryption_key),
        owner: Some(id.owner),
        name: id.name,
        repositories,
        package_groups,
    })
}

async fn tags(registry: &Registry, caller: &Caller, arn: &str) -> Answer<BTreeMap<String, String>> {
    Ok(registry.list_tags(caller, arn).await?.into_iter().collect())
}

async fn export_repository(
    registry: &Registry,
    caller: &Caller,
    domain: &DomainId,
    repository: Repository,
) -> Answer<SeedRepository> {
    let id = repository_id(domain, &repository.row.name);
    let policy = if_there(registry.repository_policy(caller, &id).await)?;
    let administrator = Some(repository.row.administrator);
    Ok(SeedRepository {
        administrator: administrator.filter(|administrator| *administrator != domain.owner),
        policy: policy.map(|policy| policy.document),
        tags: tags(registry, caller, &repository.arn).await?,
        name: repository.row.name,
        description: repository.row.description,
        upstreams: repository.upstreams,
        external_connection: repository.external_connection.map(|(name, _)| name),
    })
}

async fn export_group(
    registry: &Registry,
    caller: &Caller,
    domain: &DomainId,
    group: PackageGroup,
) -> Answer<SeedGroup> {
    let mut restrictions = BTreeMap::new();
    let mut allowed_repositories = BTreeMap::new();
    for (restriction, origin) in &group.restrictions {
        restrictions.insert(restriction.as_str().to_string(), origin.mode.clone());
        if origin.repositories > 0 {
            let most = PageRequest {
                max_results: Some(1000),
                next_token: None,
            };
            let page = registry
                .list_allowed_repositories(caller, domain, &group.row.pattern, *restriction, most)
                .await?;
            allowed_repositories.insert(restriction.as_str().to_string(), page.items);
        }
    }
    Ok(SeedGroup {
        tags: tags(registry, caller, &group.arn).await?,
        pattern: group.row.pattern,
        contact_info: group.row.contact_info,
        description: group.row.description,
        restrictions,
        allowed_repositories,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_file_is_named_without_its_secrets() {
        let text = "[[principal]]\narn = \"a\"\nsecret_access_key = \"hunter2\"\nnonsense = 1\n";
        let error = Seed::parse(text).unwrap_err();
        assert!(error.contains("nonsense"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn a_principal_is_read() {
        let text = r#"
            [[principal]]
            arn = "arn:aws:iam::123456789012:user/bob"
            access_key_id = "AKIABOB"
            secret_access_key = "hunter2"
            session_ends = "2030-01-01T00:00:00Z"
            policies = ['{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}']
            attributes = { "aws:PrincipalOrgID" = "o-1" }
        "#;
        let principals = Seed::parse(text).unwrap().principals().unwrap();
        assert_eq!(principals[0].identity.account, "123456789012");
        assert_eq!(principals[0].identity.session_ends, Some(1_893_456_000_000));
        assert!(
            Seed::parse(&text.replace("arn:aws:iam", "arn:aws:s3"))
                .unwrap()
                .principals()
                .is_err()
        );
        assert!(
            Seed::parse(&text.replace("\"Allow\"", "\"Maybe\""))
                .unwrap()
                .principals()
                .is_err()
        );
    }
}

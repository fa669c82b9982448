//! Bringing a registry to the state of a seed file.

use std::collections::BTreeMap;

use super::super::registry::group::Restriction;
use super::super::registry::group::manage::NewPackageGroup;
use super::super::registry::group::origin::OriginChange;
use super::super::registry::refusal::invalid;
use super::super::registry::repository::NewRepository;
use super::super::registry::{Answer, Caller, DomainId, FaultKind, Registry, RepositoryId, arn};
use super::{Seed, SeedDomain, SeedGroup, SeedRepository};

impl Seed {
    /// Brings the registry to the state of the file; `account` owns what has no owner.
    ///
    /// # Errors
    /// A sentence with the line about the first thing that cannot be; what stands before it has
    /// been done.
    pub async fn apply(&self, registry: &Registry, account: &str) -> Result<(), String> {
        for domain in &self.domains {
            let owner = domain.owner.as_deref().unwrap_or(account);
            let caller = Caller::operator(owner);
            let id = DomainId {
                owner: owner.to_string(),
                name: domain.name.get_ref().clone(),
            };
            let done = apply_domain(registry, &caller, &id, domain).await;
            done.map_err(|fault| self.at(&domain.name, &fault.message))?;
            // Upstreams come afterwards: a repository may stand before its upstream in the file.
            for repository in &domain.repositories {
                let done = apply_repository(registry, &caller, &id, repository).await;
                done.map_err(|fault| self.at(&repository.name, &fault.message))?;
            }
            for repository in &domain.repositories {
                let done = connect_repository(registry, &caller, &id, repository).await;
                done.map_err(|fault| self.at(&repository.name, &fault.message))?;
            }
            for group in &domain.package_groups {
                let done = apply_group(registry, &caller, &id, group).await;
                done.map_err(|fault| self.at(&group.pattern, &fault.message))?;
            }
        }
        Ok(())
    }
}

/// The answer, or none where there is no such thing.
pub(super) fn if_there<T>(answer: Answer<T>) -> Answer<Option<T>> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(fault) if fault.kind == FaultKind::ResourceNotFound => Ok(None),
        Err(fault) => Err(fault),
    }
}

async fn apply_domain(
    registry: &Registry,
    caller: &Caller,
    id: &DomainId,
    domain: &SeedDomain,
) -> Answer<()> {
    if if_there(registry.describe_domain(caller, id).await)?.is_none() {
        let key = domain.encryption_key.as_deref();
        registry
            .create_domain(caller, &id.name, key, Vec::new())
            .await?;
    }
    tag(
        registry,
        caller,
        &arn::domain(registry.region(), &id.owner, &id.name),
        &domain.tags,
    )
    .await?;
    if let Some(policy) = &domain.policy {
        let present = if_there(registry.domain_policy(caller, id).await)?;
        if present.is_none_or(|present| present.document != *policy) {
            registry
                .put_domain_policy(caller, id, None, policy.clone())
                .await?;
        }
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
    let id = repository_id(domain, repository.name.get_ref());
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
    let id = repository_id(domain, repository.name.get_ref());
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
            .describe_package_group(caller, domain, group.pattern.get_ref())
            .await,
    )?;
    let made = match present {
        None => {
            registry
                .create_package_group(
                    caller,
                    domain,
                    group.pattern.get_ref(),
                    NewPackageGroup::default(),
                )
                .await?
        }
        Some(present) => present,
    };
    if made.row.contact_info != group.contact_info || made.row.description != group.description {
        let (contact, description) = (group.contact_info.clone(), group.description.clone());
        registry
            .update_package_group(
                caller,
                domain,
                group.pattern.get_ref(),
                contact,
                description,
            )
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
        .update_package_group_origins(caller, domain, group.pattern.get_ref(), change)
        .await?;
    Ok(())
}

//! Writing the state of a registry as a seed file.

use std::collections::BTreeMap;

use serde_spanned::Spanned;

use super::super::registry::group::describe::PackageGroup;
use super::super::registry::page::PageRequest;
use super::super::registry::repository::{Repository, RepositoryFilter};
use super::super::registry::{Answer, Caller, DomainId, Registry, RepositoryId};
use super::apply::if_there;
use super::{Lines, Seed, SeedDomain, SeedGroup, SeedRepository};

impl Seed {
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
            lines: Lines::default(),
        })
    }
}

/// A name that stands in no file yet.
fn named(name: String) -> Spanned<String> {
    Spanned::new(0..0, name)
}

async fn export_domain(registry: &Registry, id: DomainId) -> Answer<SeedDomain> {
    let caller = Caller::operator(&id.owner);
    let domain = registry.describe_domain(&caller, &id).await?;
    let mut repositories = Vec::new();
    let mut page = PageRequest::default();
    loop {
        let found = registry
            .list_repositories_in_domain(&caller, &id, RepositoryFilter::default(), page.clone())
            .await?;
        for repository in found.items {
            repositories.push(export_repository(registry, &caller, &id, repository).await?);
        }
        if found.next_token.is_none() {
            break;
        }
        page.next_token = found.next_token;
    }
    let mut package_groups = Vec::new();
    let mut page = PageRequest::default();
    loop {
        let found = registry
            .list_package_groups(&caller, &id, None, page.clone())
            .await?;
        for group in found.items {
            package_groups.push(export_group(registry, &caller, &id, group).await?);
        }
        if found.next_token.is_none() {
            break;
        }
        page.next_token = found.next_token;
    }
    Ok(SeedDomain {
        policy: if_there(registry.domain_policy(&caller, &id).await)?.map(|policy| policy.document),
        tags: tags(registry, &caller, &domain.arn).await?,
        encryption_key: Some(domain.row.encryption_key),
        owner: Some(id.owner),
        name: named(id.name),
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
    let id = RepositoryId {
        domain: domain.clone(),
        name: repository.row.name.clone(),
    };
    let policy = if_there(registry.repository_policy(caller, &id).await)?;
    let administrator = Some(repository.row.administrator);
    Ok(SeedRepository {
        administrator: administrator.filter(|administrator| *administrator != domain.owner),
        policy: policy.map(|policy| policy.document),
        tags: tags(registry, caller, &repository.arn).await?,
        name: named(repository.row.name),
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
            let mut names = Vec::new();
            let mut page = PageRequest::default();
            loop {
                let (pattern, request) = (&group.row.pattern, page.clone());
                let found = registry
                    .list_allowed_repositories(caller, domain, pattern, *restriction, request)
                    .await?;
                names.extend(found.items);
                if found.next_token.is_none() {
                    break;
                }
                page.next_token = found.next_token;
            }
            allowed_repositories.insert(restriction.as_str().to_string(), names);
        }
    }
    Ok(SeedGroup {
        tags: tags(registry, caller, &group.arn).await?,
        pattern: named(group.row.pattern),
        contact_info: group.row.contact_info,
        description: group.row.description,
        restrictions,
        allowed_repositories,
    })
}

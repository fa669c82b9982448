//! Resource policies of domains and repositories (guide, "Repository policies", "Domain policies").

use super::policy::{Attachment, Policy};
use super::refusal::{Answer, Resource, conflict, invalid, not_found};
use super::{Caller, DomainId, Registry, RepositoryId, arn, domain, random, repository};
use crate::local::store;
use crate::local::store::domain::PolicyRow;

/// A resource's policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourcePolicy {
    /// The resource's ARN.
    pub arn: String,
    /// Changes with every put.
    pub revision: String,
    /// The document, as it was put.
    pub document: String,
}

impl Registry {
    /// Sets a domain's policy, in place of `revision` where that is given.
    ///
    /// # Errors
    /// `ConflictException` for another revision, `ValidationException` for what is no policy.
    pub async fn put_domain_policy(
        &self,
        caller: &Caller,
        id: &DomainId,
        revision: Option<String>,
        document: String,
    ) -> Answer<ResourcePolicy> {
        let (caller, id) = (caller.clone(), id.clone());
        self.write(move |writing, context| {
            let action = "PutDomainPermissionsPolicy";
            let row = domain::authorized(writing, context, &caller, &id, action)?;
            let present = row.policy.as_ref();
            let policy = replaced(
                present,
                revision.as_deref(),
                document,
                Resource::Domain,
                &id.name,
            )?;
            store::domain::set_policy(writing, row.id, Some(&policy))?;
            Ok(described(
                arn::domain(&context.region, &id.owner, &id.name),
                policy,
            ))
        })
        .await
    }

    /// A domain's policy.
    ///
    /// # Errors
    /// `ResourceNotFoundException` when it has none.
    pub async fn domain_policy(&self, caller: &Caller, id: &DomainId) -> Answer<ResourcePolicy> {
        let (caller, id) = (caller.clone(), id.clone());
        self.read(move |reading, context| {
            let action = "GetDomainPermissionsPolicy";
            let row = domain::authorized(reading, context, &caller, &id, action)?;
            let policy = present(row.policy, None, Resource::Domain, &id.name)?;
            Ok(described(
                arn::domain(&context.region, &id.owner, &id.name),
                policy,
            ))
        })
        .await
    }

    /// Removes a domain's policy, which must be `revision` where that is given.
    ///
    /// # Errors
    /// `ResourceNotFoundException` when it has none, `ConflictException` for another revision.
    pub async fn delete_domain_policy(
        &self,
        caller: &Caller,
        id: &DomainId,
        revision: Option<String>,
    ) -> Answer<ResourcePolicy> {
        let (caller, id) = (caller.clone(), id.clone());
        self.write(move |writing, context| {
            let action = "DeleteDomainPermissionsPolicy";
            let row = domain::authorized(writing, context, &caller, &id, action)?;
            let policy = present(row.policy, revision.as_deref(), Resource::Domain, &id.name)?;
            store::domain::set_policy(writing, row.id, None)?;
            Ok(described(
                arn::domain(&context.region, &id.owner, &id.name),
                policy,
            ))
        })
        .await
    }

    /// Sets a repository's policy, in place of `revision` where that is given.
    ///
    /// # Errors
    /// `ConflictException` for another revision, `ValidationException` for what is no policy.
    pub async fn put_repository_policy(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        revision: Option<String>,
        document: String,
    ) -> Answer<ResourcePolicy> {
        let (caller, id) = (caller.clone(), id.clone());
        self.write(move |writing, context| {
            let action = "PutRepositoryPermissionsPolicy";
            let (_, row) = repository::authorized(writing, context, &caller, &id, action)?;
            let present = row.policy.as_ref();
            let policy = replaced(
                present,
                revision.as_deref(),
                document,
                Resource::Repository,
                &id.name,
            )?;
            store::repository::set_policy(writing, row.id, Some(&policy))?;
            Ok(described(arn::repository(&context.region, &row), policy))
        })
        .await
    }

    /// A repository's policy.
    ///
    /// # Errors
    /// `ResourceNotFoundException` when it has none.
    pub async fn repository_policy(
        &self,
        caller: &Caller,
        id: &RepositoryId,
    ) -> Answer<ResourcePolicy> {
        let (caller, id) = (caller.clone(), id.clone());
        self.read(move |reading, context| {
            let action = "GetRepositoryPermissionsPolicy";
            let (_, row) = repository::authorized(reading, context, &caller, &id, action)?;
            let arn = arn::repository(&context.region, &row);
            Ok(described(
                arn,
                present(row.policy, None, Resource::Repository, &id.name)?,
            ))
        })
        .await
    }

    /// Removes a repository's policy, which must be `revision` where that is given.
    ///
    /// # Errors
    /// `ResourceNotFoundException` when it has none, `ConflictException` for another revision.
    pub async fn delete_repository_policy(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        revision: Option<String>,
    ) -> Answer<ResourcePolicy> {
        let (caller, id) = (caller.clone(), id.clone());
        self.write(move |writing, context| {
            let action = "DeleteRepositoryPermissionsPolicy";
            let (_, row) = repository::authorized(writing, context, &caller, &id, action)?;
            let arn = arn::repository(&context.region, &row);
            let policy = present(
                row.policy,
                revision.as_deref(),
                Resource::Repository,
                &id.name,
            )?;
            store::repository::set_policy(writing, row.id, None)?;
            Ok(described(arn, policy))
        })
        .await
    }
}

fn described(arn: String, policy: PolicyRow) -> ResourcePolicy {
    ResourcePolicy {
        arn,
        revision: policy.revision,
        document: policy.document,
    }
}

fn replaced(
    present: Option<&PolicyRow>,
    revision: Option<&str>,
    document: String,
    resource: Resource,
    name: &str,
) -> Answer<PolicyRow> {
    Policy::parse(&document, Attachment::Resource)
        .map_err(|error| invalid(format!("The policy document is not valid: {error}.")))?;
    let current = present.map(|policy| policy.revision.as_str());
    if revision.is_some_and(|revision| Some(revision) != current) {
        return Err(outdated(resource, name));
    }
    Ok(PolicyRow {
        document,
        revision: base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            random::<32>()?,
        ),
    })
}

fn present(
    policy: Option<PolicyRow>,
    revision: Option<&str>,
    resource: Resource,
    name: &str,
) -> Answer<PolicyRow> {
    let Some(policy) = policy else {
        let message = format!(
            "Policy not found. The {} {name} has no policy.",
            resource.as_str()
        );
        return Err(not_found(resource, name, message));
    };
    if revision.is_some_and(|revision| revision != policy.revision) {
        return Err(outdated(resource, name));
    }
    Ok(policy)
}

fn outdated(resource: Resource, name: &str) -> super::Fault {
    let message = format!(
        "The policy of the {} {name} does not have the specified revision.",
        resource.as_str()
    );
    conflict(resource, name, message)
}

//! Resource policies.

use super::{Control, DomainMember, Handle, RepositoryMember};
use crate::api::answers::{
    DeleteDomainPermissionsPolicyOutput, DeleteRepositoryPermissionsPolicyOutput,
    GetDomainPermissionsPolicyOutput, GetRepositoryPermissionsPolicyOutput,
    PutDomainPermissionsPolicyOutput, PutRepositoryPermissionsPolicyOutput,
};
use crate::api::shapes;
use crate::local::registry::permission::ResourcePolicy;
use crate::local::registry::{Answer, Caller};
use crate::ops::delete_domain_permissions_policy::DeleteDomainPermissionsPolicy;
use crate::ops::delete_repository_permissions_policy::DeleteRepositoryPermissionsPolicy;
use crate::ops::get_domain_permissions_policy::GetDomainPermissionsPolicy;
use crate::ops::get_repository_permissions_policy::GetRepositoryPermissionsPolicy;
use crate::ops::put_domain_permissions_policy::PutDomainPermissionsPolicy;
use crate::ops::put_repository_permissions_policy::PutRepositoryPermissionsPolicy;

fn shape(policy: ResourcePolicy) -> Option<shapes::ResourcePolicy> {
    Some(shapes::ResourcePolicy {
        resource_arn: Some(policy.arn),
        revision: Some(policy.revision),
        document: Some(policy.document),
    })
}

impl Handle for PutDomainPermissionsPolicy {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<PutDomainPermissionsPolicyOutput> {
        let id = self.domain.id(caller);
        let policy = control
            .registry
            .put_domain_policy(caller, &id, self.policy_revision, self.policy_document)
            .await?;
        Ok(PutDomainPermissionsPolicyOutput {
            policy: shape(policy),
        })
    }
}

impl Handle for GetDomainPermissionsPolicy {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<GetDomainPermissionsPolicyOutput> {
        let policy = control
            .registry
            .domain_policy(caller, &self.domain.id(caller))
            .await?;
        Ok(GetDomainPermissionsPolicyOutput {
            policy: shape(policy),
        })
    }
}

impl Handle for DeleteDomainPermissionsPolicy {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<DeleteDomainPermissionsPolicyOutput> {
        let policy = control
            .registry
            .delete_domain_policy(caller, &self.domain.id(caller), self.policy_revision)
            .await?;
        Ok(DeleteDomainPermissionsPolicyOutput {
            policy: shape(policy),
        })
    }
}

impl Handle for PutRepositoryPermissionsPolicy {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<PutRepositoryPermissionsPolicyOutput> {
        let id = self.repository.id(caller);
        let policy = control
            .registry
            .put_repository_policy(caller, &id, self.policy_revision, self.policy_document)
            .await?;
        Ok(PutRepositoryPermissionsPolicyOutput {
            policy: shape(policy),
        })
    }
}

impl Handle for GetRepositoryPermissionsPolicy {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<GetRepositoryPermissionsPolicyOutput> {
        let policy = control
            .registry
            .repository_policy(caller, &self.repository.id(caller))
            .await?;
        Ok(GetRepositoryPermissionsPolicyOutput {
            policy: shape(policy),
        })
    }
}

impl Handle for DeleteRepositoryPermissionsPolicy {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<DeleteRepositoryPermissionsPolicyOutput> {
        let policy = control
            .registry
            .delete_repository_policy(caller, &self.repository.id(caller), self.policy_revision)
            .await?;
        Ok(DeleteRepositoryPermissionsPolicyOutput {
            policy: shape(policy),
        })
    }
}

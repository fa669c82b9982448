//! Domains, and the tokens for them.

use super::{Control, DomainMember, Handle, page, shape};
use crate::api::answers::{
    CreateDomainOutput, DeleteDomainOutput, DescribeDomainOutput, GetAuthorizationTokenOutput,
    ListDomainsOutput,
};
use crate::api::shapes::DomainDescription;
use crate::api::timestamp::Timestamp;
use crate::local::registry::{Answer, Caller, arn};
use crate::ops::create_domain::CreateDomain;
use crate::ops::delete_domain::DeleteDomain;
use crate::ops::describe_domain::DescribeDomain;
use crate::ops::get_authorization_token::GetAuthorizationToken;
use crate::ops::list_domains::ListDomains;

impl Handle for CreateDomain {
    async fn handle(self, control: &Control, caller: &Caller) -> Answer<CreateDomainOutput> {
        let tags = shape::tags(self.tags);
        let domain = control
            .registry
            .create_domain(caller, &self.domain, self.encryption_key.as_deref(), tags)
            .await?;
        Ok(CreateDomainOutput {
            domain: Some(shape::domain(&domain, "Active")),
        })
    }
}

impl Handle for DescribeDomain {
    async fn handle(self, control: &Control, caller: &Caller) -> Answer<DescribeDomainOutput> {
        let domain = control
            .registry
            .describe_domain(caller, &self.domain.id(caller))
            .await?;
        Ok(DescribeDomainOutput {
            domain: Some(shape::domain(&domain, "Active")),
        })
    }
}

impl Handle for DeleteDomain {
    async fn handle(self, control: &Control, caller: &Caller) -> Answer<DeleteDomainOutput> {
        let id = self.domain.id(caller);
        let domain = match control.registry.delete_domain(caller, &id).await? {
            Some(domain) => shape::domain(&domain, "Deleted"),
            None => DomainDescription {
                arn: Some(arn::domain(control.registry.region(), &id.owner, &id.name)),
                name: Some(id.name),
                owner: Some(id.owner),
                status: Some("Deleted".to_string()),
                ..DomainDescription::default()
            },
        };
        Ok(DeleteDomainOutput {
            domain: Some(domain),
        })
    }
}

impl Handle for ListDomains {
    async fn handle(self, control: &Control, caller: &Caller) -> Answer<ListDomainsOutput> {
        let page = control
            .registry
            .list_domains(caller, page(self.page))
            .await?;
        Ok(ListDomainsOutput {
            domains: Some(page.items.iter().map(shape::domain_summary).collect()),
            next_token: page.next_token,
        })
    }
}

impl Handle for GetAuthorizationToken {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<GetAuthorizationTokenOutput> {
        // The member table has refused negative numbers.
        let seconds = self
            .duration_seconds
            .and_then(|seconds| u64::try_from(seconds).ok());
        let token = control
            .registry
            .issue_token(caller, &self.domain.id(caller), seconds)
            .await?;
        Ok(GetAuthorizationTokenOutput {
            authorization_token: Some(token.secret.expose().to_string()),
            expiration: Some(Timestamp::from_millis(token.expires)),
        })
    }
}

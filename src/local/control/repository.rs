//! Repositories, their upstreams, external connections and endpoints.

use super::{Control, DomainMember, Handle, RepositoryMember, package_format, page, shape};
use crate::api::answers::{
    AssociateExternalConnectionOutput, CreateRepositoryOutput, DeleteRepositoryOutput,
    DescribeRepositoryOutput, DisassociateExternalConnectionOutput, GetRepositoryEndpointOutput,
    ListRepositoriesInDomainOutput, ListRepositoriesOutput, UpdateRepositoryOutput,
};
use crate::api::shapes::UpstreamRepository;
use crate::local::registry::repository::{NewRepository, RepositoryFilter};
use crate::local::registry::{Answer, Caller};
use crate::ops::associate_external_connection::AssociateExternalConnection;
use crate::ops::create_repository::CreateRepository;
use crate::ops::delete_repository::DeleteRepository;
use crate::ops::describe_repository::DescribeRepository;
use crate::ops::disassociate_external_connection::DisassociateExternalConnection;
use crate::ops::get_repository_endpoint::GetRepositoryEndpoint;
use crate::ops::list_repositories::ListRepositories;
use crate::ops::list_repositories_in_domain::ListRepositoriesInDomain;
use crate::ops::update_repository::UpdateRepository;

fn names(upstreams: Vec<UpstreamRepository>) -> Vec<String> {
    upstreams
        .into_iter()
        .filter_map(|upstream| upstream.repository_name)
        .collect()
}

impl Handle for CreateRepository {
    async fn handle(self, control: &Control, caller: &Caller) -> Answer<CreateRepositoryOutput> {
        let new = NewRepository {
            description: self.description,
            upstreams: self.upstreams.map(names).unwrap_or_default(),
            tags: shape::tags(self.tags),
        };
        let id = self.repository.id(caller);
        let repository = control.registry.create_repository(caller, &id, new).await?;
        Ok(CreateRepositoryOutput {
            repository: Some(shape::repository(&repository)),
        })
    }
}

impl Handle for DescribeRepository {
    async fn handle(self, control: &Control, caller: &Caller) -> Answer<DescribeRepositoryOutput> {
        let id = self.repository.id(caller);
        let repository = control.registry.describe_repository(caller, &id).await?;
        Ok(DescribeRepositoryOutput {
            repository: Some(shape::repository(&repository)),
        })
    }
}

impl Handle for UpdateRepository {
    async fn handle(self, control: &Control, caller: &Caller) -> Answer<UpdateRepositoryOutput> {
        let id = self.repository.id(caller);
        let upstreams = self.upstreams.map(names);
        let repository = control
            .registry
            .update_repository(caller, &id, self.description, upstreams)
            .await?;
        Ok(UpdateRepositoryOutput {
            repository: Some(shape::repository(&repository)),
        })
    }
}

impl Handle for DeleteRepository {
    async fn handle(self, control: &Control, caller: &Caller) -> Answer<DeleteRepositoryOutput> {
        let id = self.repository.id(caller);
        let repository = control.registry.delete_repository(caller, &id).await?;
        Ok(DeleteRepositoryOutput {
            repository: Some(shape::repository(&repository)),
        })
    }
}

impl Handle for ListRepositories {
    async fn handle(self, control: &Control, caller: &Caller) -> Answer<ListRepositoriesOutput> {
        let page = control
            .registry
            .list_repositories(caller, self.repository_prefix, page(self.page))
            .await?;
        Ok(ListRepositoriesOutput {
            repositories: Some(page.items.iter().map(shape::repository_summary).collect()),
            next_token: page.next_token,
        })
    }
}

impl Handle for ListRepositoriesInDomain {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<ListRepositoriesInDomainOutput> {
        let filter = RepositoryFilter {
            prefix: self.repository_prefix,
            administrator: self.administrator_account,
        };
        let id = self.domain.id(caller);
        let page = control
            .registry
            .list_repositories_in_domain(caller, &id, filter, page(self.page))
            .await?;
        Ok(ListRepositoriesInDomainOutput {
            repositories: Some(page.items.iter().map(shape::repository_summary).collect()),
            next_token: page.next_token,
        })
    }
}

impl Handle for AssociateExternalConnection {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<AssociateExternalConnectionOutput> {
        let id = self.repository.id(caller);
        let repository = control
            .registry
            .associate_external_connection(caller, &id, &self.external_connection)
            .await?;
        Ok(AssociateExternalConnectionOutput {
            repository: Some(shape::repository(&repository)),
        })
    }
}

impl Handle for DisassociateExternalConnection {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<DisassociateExternalConnectionOutput> {
        let id = self.repository.id(caller);
        let repository = control
            .registry
            .disassociate_external_connection(caller, &id, &self.external_connection)
            .await?;
        Ok(DisassociateExternalConnectionOutput {
            repository: Some(shape::repository(&repository)),
        })
    }
}

impl Handle for GetRepositoryEndpoint {
    /// Both endpoint types are the same address: it is one of this machine.
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<GetRepositoryEndpointOutput> {
        let format = package_format(&self.format)?;
        let id = self.repository.id(caller);
        control
            .registry
            .check_repository_endpoint(caller, &id)
            .await?;
        Ok(GetRepositoryEndpointOutput {
            repository_endpoint: Some(control.endpoints.repository(&id, format)),
        })
    }
}

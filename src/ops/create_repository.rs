//! `create-repository`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::{RepositoryArgs, raw};
use super::types;
use super::{Call, Client, Sent, sent};
use crate::api::answers::CreateRepositoryOutput;
use crate::api::operation::{Operation, Route};
use crate::api::shapes::{Tag, UpstreamRepository};

/// Create a repository
///
/// A repository holds packages of every format and may have other repositories of the domain as
/// upstreams, which are searched in the order given.
///
/// Example: `codeartifact create-repository --domain my-domain --repository my-repo --description "My repository" --upstreams repositoryName=npm-store`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateRepository {
    /// The repository
    #[command(flatten)]
    #[serde(flatten)]
    pub repository: RepositoryArgs,
    /// Description in at most 1,000 characters
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Upstream repositories in the order in which they are searched, each as
    /// `repositoryName=NAME`; at most 10
    #[arg(long, value_parser = raw())]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstreams: Option<Vec<UpstreamRepository>>,
    /// Tags for the new resource, each as `key=KEY,value=VALUE`; at most 200
    #[arg(long, value_parser = raw())]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
}

impl Operation for CreateRepository {
    type Output = CreateRepositoryOutput;
    const NAME: &str = "CreateRepository";
    const ROUTE: Route = Route::post("/v1/repository");
    const QUERY: &[&str] = &["domain", "domainOwner", "repository"];
}

impl Call for CreateRepository {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .create_repository()
            .domain(self.repository.domain)
            .set_domain_owner(self.repository.domain_owner)
            .repository(self.repository.repository)
            .set_description(self.description)
            .set_upstreams(
                self.upstreams
                    .map(|items| {
                        items
                            .into_iter()
                            .map(types::upstream)
                            .collect::<Result<_, _>>()
                    })
                    .transpose()?,
            )
            .set_tags(
                self.tags
                    .map(|items| items.into_iter().map(types::tag).collect::<Result<_, _>>())
                    .transpose()?,
            );
        sent(request.send().await)
    }
}

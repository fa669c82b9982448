//! `update-repository`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::{RepositoryArgs, raw};
use super::types;
use super::{Call, Client, Sent, sent};
use crate::api::answers::UpdateRepositoryOutput;
use crate::api::operation::{Operation, Route};
use crate::api::shapes::UpstreamRepository;

/// Change the description or the upstreams of a repository
///
/// What is not given stays. The upstreams replace the ones that are there; `--upstreams` with
/// nothing after it removes them all.
///
/// Example: `codeartifact update-repository --domain my-domain --repository my-repo --upstreams repositoryName=npm-store repositoryName=pypi-store`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateRepository {
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
}

impl Operation for UpdateRepository {
    type Output = UpdateRepositoryOutput;
    const NAME: &str = "UpdateRepository";
    const ROUTE: Route = Route::put("/v1/repository");
    const QUERY: &[&str] = &["domain", "domainOwner", "repository"];
}

impl Call for UpdateRepository {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .update_repository()
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
            );
        sent(request.send().await)
    }
}

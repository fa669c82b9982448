//! `describe-repository`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::RepositoryArgs;
use super::{Call, Client, Sent, sent};
use crate::api::answers::DescribeRepositoryOutput;
use crate::api::operation::{Operation, Route};

/// Show a repository
///
/// Shows its upstreams in their order, its external connection and its description.
///
/// Example: `codeartifact describe-repository --domain my-domain --repository my-repo`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DescribeRepository {
    /// The repository
    #[command(flatten)]
    #[serde(flatten)]
    pub repository: RepositoryArgs,
}

impl Operation for DescribeRepository {
    type Output = DescribeRepositoryOutput;
    const NAME: &str = "DescribeRepository";
    const ROUTE: Route = Route::get("/v1/repository");
    const QUERY: &[&str] = &["domain", "domainOwner", "repository"];
}

impl Call for DescribeRepository {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .describe_repository()
            .domain(self.repository.domain)
            .set_domain_owner(self.repository.domain_owner)
            .repository(self.repository.repository);
        sent(request.send().await)
    }
}

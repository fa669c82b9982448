//! `list-repositories`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::PageArgs;
use super::types::narrow;
use super::{Call, Client, Sent, sent};
use crate::api::answers::ListRepositoriesOutput;
use crate::api::operation::{Operation, Pages, Route};

/// List the repositories of the account in the Region
///
/// Example: `codeartifact list-repositories --repository-prefix my-`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListRepositories {
    /// Only repositories whose name starts with this
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_prefix: Option<String>,
    /// The page
    #[command(flatten)]
    #[serde(flatten)]
    pub page: PageArgs,
}

impl Operation for ListRepositories {
    type Output = ListRepositoriesOutput;
    const NAME: &str = "ListRepositories";
    const ROUTE: Route = Route::post("/v1/repositories");
    const QUERY: &[&str] = &["repositoryPrefix", "maxResults", "nextToken"];
    const PAGES: Option<Pages> = Some(Pages {
        result: "repositories",
        beside: &[],
    });
}

impl Call for ListRepositories {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .list_repositories()
            .set_repository_prefix(self.repository_prefix)
            .set_max_results(self.page.max_results.map(narrow))
            .set_next_token(self.page.next_token);
        sent(request.send().await)
    }
}

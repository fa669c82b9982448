//! `list-domains`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::PageArgs;
use super::types::narrow;
use super::{Call, Client, Sent, sent};
use crate::api::answers::ListDomainsOutput;
use crate::api::operation::{Operation, Pages, Route};

/// List the domains of the account in the Region
///
/// Example: `codeartifact list-domains`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListDomains {
    /// The page
    #[command(flatten)]
    #[serde(flatten)]
    pub page: PageArgs,
}

impl Operation for ListDomains {
    type Output = ListDomainsOutput;
    const NAME: &str = "ListDomains";
    const ROUTE: Route = Route::post("/v1/domains");
    const QUERY: &[&str] = &[];
    const PAGES: Option<Pages> = Some(Pages {
        result: "domains",
        beside: &[],
    });
}

impl Call for ListDomains {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .list_domains()
            .set_max_results(self.page.max_results.map(narrow))
            .set_next_token(self.page.next_token);
        sent(request.send().await)
    }
}

//! `list-tags-for-resource`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::{Call, Client, Sent, sent};
use crate::api::answers::ListTagsForResourceOutput;
use crate::api::operation::{Operation, Route};

/// List the tags of a domain, repository or package group
///
/// Example: `codeartifact list-tags-for-resource --resource-arn arn:aws:codeartifact:us-west-2:111122223333:domain/my-domain`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListTagsForResource {
    /// ARN of the domain, repository or package group
    #[arg(long)]
    pub resource_arn: String,
}

impl Operation for ListTagsForResource {
    type Output = ListTagsForResourceOutput;
    const NAME: &str = "ListTagsForResource";
    const ROUTE: Route = Route::post("/v1/tags");
    const QUERY: &[&str] = &["resourceArn"];
}

impl Call for ListTagsForResource {
    async fn send(self, aws: Client) -> Sent {
        let request = aws.list_tags_for_resource().resource_arn(self.resource_arn);
        sent(request.send().await)
    }
}

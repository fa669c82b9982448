//! `untag-resource`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::raw;
use super::{Call, Client, Sent, sent};
use crate::api::answers::UntagResourceOutput;
use crate::api::operation::{Operation, Route};

/// Remove tags from a domain, repository or package group
///
/// Example: `codeartifact untag-resource --resource-arn arn:aws:codeartifact:us-west-2:111122223333:domain/my-domain --tag-keys team stage`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UntagResource {
    /// ARN of the domain, repository or package group
    #[arg(long)]
    pub resource_arn: String,
    /// Keys of the tags, separated by spaces
    #[arg(long, value_parser = raw(), required = true)]
    pub tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    type Output = UntagResourceOutput;
    const NAME: &str = "UntagResource";
    const ROUTE: Route = Route::post("/v1/untag");
    const QUERY: &[&str] = &["resourceArn"];
}

impl Call for UntagResource {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .untag_resource()
            .resource_arn(self.resource_arn)
            .set_tag_keys(Some(self.tag_keys));
        sent(request.send().await)
    }
}

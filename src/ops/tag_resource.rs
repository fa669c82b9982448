//! `tag-resource`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::raw;
use super::types;
use super::{Call, Client, Sent, sent};
use crate::api::answers::TagResourceOutput;
use crate::api::operation::{Operation, Route};
use crate::api::shapes::Tag;

/// Add tags to a domain, repository or package group
///
/// A tag whose key is there already gets the new value.
///
/// Example: `codeartifact tag-resource --resource-arn arn:aws:codeartifact:us-west-2:111122223333:domain/my-domain --tags key=team,value=build key=stage,value=test`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TagResource {
    /// ARN of the domain, repository or package group
    #[arg(long)]
    pub resource_arn: String,
    /// Tags, each as `key=KEY,value=VALUE`; at most 200
    #[arg(long, value_parser = raw(), required = true)]
    pub tags: Vec<Tag>,
}

impl Operation for TagResource {
    type Output = TagResourceOutput;
    const NAME: &str = "TagResource";
    const ROUTE: Route = Route::post("/v1/tag");
    const QUERY: &[&str] = &["resourceArn"];
}

impl Call for TagResource {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .tag_resource()
            .resource_arn(self.resource_arn)
            .set_tags(Some(
                self.tags
                    .into_iter()
                    .map(types::tag)
                    .collect::<Result<_, _>>()?,
            ));
        sent(request.send().await)
    }
}

//! `create-domain`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::raw;
use super::types;
use super::{Call, Client, Sent, sent};
use crate::api::answers::CreateDomainOutput;
use crate::api::operation::{Operation, Route};
use crate::api::shapes::Tag;

/// Create a domain
///
/// A domain holds repositories and stores every asset once, however many of them have it. Its name
/// is unique among the domains of an account in a Region and cannot be changed.
///
/// Example: `codeartifact create-domain --domain my-domain`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateDomain {
    /// Name of the domain: 2 to 50 lower-case letters, digits and hyphens
    #[arg(long)]
    pub domain: String,
    /// KMS key that encrypts the assets: an alias, key ID or ARN; CodeArtifact's own key when left
    /// out
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_key: Option<String>,
    /// Tags for the new resource, each as `key=KEY,value=VALUE`; at most 200
    #[arg(long, value_parser = raw())]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
}

impl Operation for CreateDomain {
    type Output = CreateDomainOutput;
    const NAME: &str = "CreateDomain";
    const ROUTE: Route = Route::post("/v1/domain");
    const QUERY: &[&str] = &["domain"];
}

impl Call for CreateDomain {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .create_domain()
            .domain(self.domain)
            .set_encryption_key(self.encryption_key)
            .set_tags(
                self.tags
                    .map(|items| items.into_iter().map(types::tag).collect::<Result<_, _>>())
                    .transpose()?,
            );
        sent(request.send().await)
    }
}

//! `list-packages`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::args::{PageArgs, RepositoryArgs};
use super::types::narrow;
use super::{Call, Client, Sent, sent};
use crate::api::answers::ListPackagesOutput;
use crate::api::operation::{Operation, Pages, Route};

/// List the packages in a repository
///
/// The filters can be combined. Packages of upstream repositories are not listed until they have
/// been fetched.
///
/// Example: `codeartifact list-packages --domain my-domain --repository my-repo --format npm --package-prefix lo`
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListPackages {
    /// The repository
    #[command(flatten)]
    #[serde(flatten)]
    pub repository: RepositoryArgs,
    /// Only packages of this format
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Only packages of this namespace, exactly
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Only packages whose name starts with this
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_prefix: Option<String>,
    /// The page
    #[command(flatten)]
    #[serde(flatten)]
    pub page: PageArgs,
    /// Only packages for which publishing is allowed (`ALLOW`) or blocked (`BLOCK`)
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publish: Option<String>,
    /// Only packages for which upstream versions are allowed (`ALLOW`) or blocked (`BLOCK`)
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream: Option<String>,
}

impl Operation for ListPackages {
    type Output = ListPackagesOutput;
    const NAME: &str = "ListPackages";
    const ROUTE: Route = Route::post("/v1/packages");
    const QUERY: &[&str] = &[
        "domain",
        "domainOwner",
        "repository",
        "format",
        "namespace",
        "packagePrefix",
        "maxResults",
        "nextToken",
        "publish",
        "upstream",
    ];
    const PAGES: Option<Pages> = Some(Pages {
        result: "packages",
        beside: &[],
    });
}

impl Call for ListPackages {
    async fn send(self, aws: Client) -> Sent {
        let request = aws
            .list_packages()
            .domain(self.repository.domain)
            .set_domain_owner(self.repository.domain_owner)
            .repository(self.repository.repository)
            .set_format(self.format.map(|value| value.as_str().into()))
            .set_namespace(self.namespace)
            .set_package_prefix(self.package_prefix)
            .set_max_results(self.page.max_results.map(narrow))
            .set_next_token(self.page.next_token)
            .set_publish(self.publish.map(|value| value.as_str().into()))
            .set_upstream(self.upstream.map(|value| value.as_str().into()));
        sent(request.send().await)
    }
}

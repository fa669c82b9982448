//! One file per operation, named like its command: the parameters with their help, the route,
//! and how the SDK's builder is filled. This file only lists them.

use std::future::Future;
use std::pin::Pin;

use aws_sdk_codeartifact::error::{BuildError, SdkError};
use serde_json::Value;

use crate::api::operation::{Operation, Pages, Route};
use crate::api::sample::{Unmade, sample};

pub mod args;
mod types;

/// The SDK's client, the only way to the service.
pub type Client = aws_sdk_codeartifact::Client;

/// What became of a request. The answer itself, or the fault, is kept by the client
/// (`sdk::client`), since the SDK's own outputs cannot be printed.
pub type Sent = Result<(), SendFailure>;

/// Why no good answer came.
#[derive(Debug)]
pub struct SendFailure {
    /// What kind of failure it is.
    pub kind: SendFailureKind,
    /// The SDK's own error.
    pub source: Source,
}

/// The kinds of failure that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendFailureKind {
    /// The request could not be made: a parameter, a missing region or credentials.
    Unsendable,
    /// It took too long.
    TimedOut,
    /// The service could not be reached, or the connection broke.
    Unreachable,
    /// Something answered, but not the service in its language.
    Unreadable,
    /// The service answered with a fault.
    Fault,
}

impl SendFailure {
    fn unsendable(error: impl Into<Source>) -> SendFailure {
        SendFailure {
            kind: SendFailureKind::Unsendable,
            source: error.into(),
        }
    }
}

type Source = Box<dyn std::error::Error + Send + Sync>;

impl<E> From<SdkError<E>> for SendFailure
where
    E: std::error::Error + Send + Sync + 'static,
{
    fn from(error: SdkError<E>) -> SendFailure {
        let kind = match &error {
            SdkError::ConstructionFailure(_) => SendFailureKind::Unsendable,
            SdkError::TimeoutError(_) => SendFailureKind::TimedOut,
            SdkError::DispatchFailure(failure) if failure.is_timeout() => SendFailureKind::TimedOut,
            SdkError::DispatchFailure(_) => SendFailureKind::Unreachable,
            SdkError::ServiceError(_) => SendFailureKind::Fault,
            _ => SendFailureKind::Unreadable,
        };
        SendFailure {
            kind,
            source: error.into(),
        }
    }
}

impl From<BuildError> for SendFailure {
    fn from(error: BuildError) -> SendFailure {
        SendFailure::unsendable(error)
    }
}

fn sent<O, E>(result: Result<O, SdkError<E>>) -> Sent
where
    E: std::error::Error + Send + Sync + 'static,
{
    result.map(drop).map_err(SendFailure::from)
}

/// The client's half of an operation: its input becomes a request.
pub trait Call: Operation {
    /// Sends the request with the SDK's builder, and nothing else.
    fn send(self, aws: Client) -> impl Future<Output = Sent> + Send;
}

/// Sends the members of an operation's input, already checked.
pub type Sender = fn(Value, Client) -> Pin<Box<dyn Future<Output = Sent> + Send>>;

/// How an operation's bytes move.
#[derive(Clone, Copy)]
pub enum Transport {
    /// JSON both ways.
    Json(Sender),
    /// The input carries an asset.
    Upload,
    /// The answer carries an asset.
    Download,
}

/// An operation without its type, for what treats all of them alike.
#[derive(Clone, Copy)]
pub struct Descriptor {
    /// Name in the API, such as `ListPackages`.
    pub name: &'static str,
    /// Name on the command line, such as `list-packages`.
    pub command: &'static str,
    /// Method and path.
    pub route: Route,
    /// Members that travel in the query string.
    pub query: &'static [&'static str],
    /// How it pages, if it does so automatically.
    pub pages: Option<Pages>,
    /// Adds the operation's flags and help to a command.
    pub augment: fn(clap::Command) -> clap::Command,
    /// Reads an answer as the operation's output, in the model's order.
    pub read: fn(&[u8]) -> serde_json::Result<Value>,
    /// Makes up an answer with every member.
    pub sample: fn() -> Result<Value, Unmade>,
    /// How the request is sent.
    pub transport: Transport,
}

impl Descriptor {
    const fn new<O: Operation + clap::Args>(
        command: &'static str,
        transport: Transport,
    ) -> Descriptor {
        Descriptor {
            name: O::NAME,
            command,
            route: O::ROUTE,
            query: O::QUERY,
            pages: O::PAGES,
            augment: O::augment_args,
            read: read::<O>,
            sample: sample::<O::Output>,
            transport,
        }
    }
}

fn send<O: Call>(input: Value, aws: Client) -> Pin<Box<dyn Future<Output = Sent> + Send>> {
    Box::pin(async move {
        let input: O = serde_json::from_value(input).map_err(SendFailure::unsendable)?;
        input.send(aws).await
    })
}

fn read<O: Operation>(answer: &[u8]) -> serde_json::Result<Value> {
    serde_json::to_value(serde_json::from_slice::<O::Output>(answer)?)
}

/// The operation of that command.
pub fn by_command(command: &str) -> Option<&'static Descriptor> {
    OPERATIONS
        .iter()
        .find(|operation| operation.command == command)
}

/// The operation with that route.
pub fn by_route(method: &str, path: &str) -> Option<&'static Descriptor> {
    OPERATIONS
        .iter()
        .find(|operation| operation.route.path == path && operation.route.method.as_str() == method)
}

macro_rules! operations {
    ($($module:ident::$input:ident = $command:literal $transport:tt),* $(,)?) => {
        $(pub mod $module;)*

        /// All operations, by command.
        pub const OPERATIONS: &[Descriptor] = &[
            $(Descriptor::new::<$module::$input>(
                $command,
                operations!(@$transport $module::$input),
            ),)*
        ];
    };
    (@json $module:ident::$input:ident) => { Transport::Json(send::<$module::$input>) };
    (@upload $module:ident::$input:ident) => { Transport::Upload };
    (@download $module:ident::$input:ident) => { Transport::Download };
}

operations! {
    associate_external_connection::AssociateExternalConnection = "associate-external-connection" json,
    copy_package_versions::CopyPackageVersions = "copy-package-versions" json,
    create_domain::CreateDomain = "create-domain" json,
    create_package_group::CreatePackageGroup = "create-package-group" json,
    create_repository::CreateRepository = "create-repository" json,
    delete_domain::DeleteDomain = "delete-domain" json,
    delete_domain_permissions_policy::DeleteDomainPermissionsPolicy = "delete-domain-permissions-policy" json,
    delete_package::DeletePackage = "delete-package" json,
    delete_package_group::DeletePackageGroup = "delete-package-group" json,
    delete_package_versions::DeletePackageVersions = "delete-package-versions" json,
    delete_repository::DeleteRepository = "delete-repository" json,
    delete_repository_permissions_policy::DeleteRepositoryPermissionsPolicy = "delete-repository-permissions-policy" json,
    describe_domain::DescribeDomain = "describe-domain" json,
    describe_package::DescribePackage = "describe-package" json,
    describe_package_group::DescribePackageGroup = "describe-package-group" json,
    describe_package_version::DescribePackageVersion = "describe-package-version" json,
    describe_repository::DescribeRepository = "describe-repository" json,
    disassociate_external_connection::DisassociateExternalConnection = "disassociate-external-connection" json,
    dispose_package_versions::DisposePackageVersions = "dispose-package-versions" json,
    get_associated_package_group::GetAssociatedPackageGroup = "get-associated-package-group" json,
    get_authorization_token::GetAuthorizationToken = "get-authorization-token" json,
    get_domain_permissions_policy::GetDomainPermissionsPolicy = "get-domain-permissions-policy" json,
    get_package_version_asset::GetPackageVersionAsset = "get-package-version-asset" download,
    get_package_version_readme::GetPackageVersionReadme = "get-package-version-readme" json,
    get_repository_endpoint::GetRepositoryEndpoint = "get-repository-endpoint" json,
    get_repository_permissions_policy::GetRepositoryPermissionsPolicy = "get-repository-permissions-policy" json,
    list_allowed_repositories_for_group::ListAllowedRepositoriesForGroup = "list-allowed-repositories-for-group" json,
    list_associated_packages::ListAssociatedPackages = "list-associated-packages" json,
    list_domains::ListDomains = "list-domains" json,
    list_package_groups::ListPackageGroups = "list-package-groups" json,
    list_package_version_assets::ListPackageVersionAssets = "list-package-version-assets" json,
    list_package_version_dependencies::ListPackageVersionDependencies = "list-package-version-dependencies" json,
    list_package_versions::ListPackageVersions = "list-package-versions" json,
    list_packages::ListPackages = "list-packages" json,
    list_repositories::ListRepositories = "list-repositories" json,
    list_repositories_in_domain::ListRepositoriesInDomain = "list-repositories-in-domain" json,
    list_sub_package_groups::ListSubPackageGroups = "list-sub-package-groups" json,
    list_tags_for_resource::ListTagsForResource = "list-tags-for-resource" json,
    publish_package_version::PublishPackageVersion = "publish-package-version" upload,
    put_domain_permissions_policy::PutDomainPermissionsPolicy = "put-domain-permissions-policy" json,
    put_package_origin_configuration::PutPackageOriginConfiguration = "put-package-origin-configuration" json,
    put_repository_permissions_policy::PutRepositoryPermissionsPolicy = "put-repository-permissions-policy" json,
    tag_resource::TagResource = "tag-resource" json,
    untag_resource::UntagResource = "untag-resource" json,
    update_package_group::UpdatePackageGroup = "update-package-group" json,
    update_package_group_origin_configuration::UpdatePackageGroupOriginConfiguration = "update-package-group-origin-configuration" json,
    update_package_versions_status::UpdatePackageVersionsStatus = "update-package-versions-status" json,
    update_repository::UpdateRepository = "update-repository" json,
}

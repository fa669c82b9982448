//! The API: reads an operation's input, asks the registry, writes the answer. A file for each noun.
//!
//! Knows how operations look on the wire, from `api` and `ops`, and no rule.

mod asset;
mod batch;
mod domain;
mod endpoint;
mod group;
mod package;
mod permission;
mod repository;
mod shape;
mod tag;
mod validation;
mod version;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::registry::page::PageRequest;
use super::registry::refusal::invalid;
use super::registry::{
    Answer, Caller, DomainId, Fault, FaultKind, Format, PackageId, Registry, RepositoryId,
};
use crate::api::operation::{Operation, Undecodable, decode};
use crate::ops::args::{DomainArgs, PackageArgs, PackageVersionArgs, PageArgs, RepositoryArgs};
use crate::ops::{Descriptor, OPERATIONS};

pub use asset::{Download, download, publish};
pub use endpoint::{Address, EndpointStyle, Endpoints};

/// What the operations work with.
#[derive(Clone)]
pub struct Control {
    /// The registry.
    pub registry: Registry,
    /// How addresses of repositories are written.
    pub endpoints: Endpoints,
}

/// The service's half of an operation whose input and answer are JSON.
trait Handle: Operation {
    /// Does it.
    fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> impl Future<Output = Answer<Self::Output>> + Send;
}

macro_rules! dispatch {
    ($control:ident, $caller:ident, $operation:ident, $members:ident: $($module:ident::$input:ident),* $(,)?) => {
        match $operation.name {
            $(crate::ops::$module::$input::NAME => {
                run::<crate::ops::$module::$input>($control, $caller, $members).await
            })*
            _ => Err(Fault::new(FaultKind::Validation, format!("Unknown operation {}", $operation.name))
                .because("UNKNOWN_OPERATION")),
        }
    };
}

/// Answers an operation whose input and answer are JSON.
///
/// # Errors
/// The fault that the operation answers instead.
pub async fn answer(
    control: &Control,
    caller: &Caller,
    operation: &Descriptor,
    query: &str,
    body: &Bytes,
) -> Answer<Value> {
    let members = read(operation, query, body)?;
    dispatch!(control, caller, operation, members:
        associate_external_connection::AssociateExternalConnection,
        copy_package_versions::CopyPackageVersions,
        create_domain::CreateDomain,
        create_package_group::CreatePackageGroup,
        create_repository::CreateRepository,
        delete_domain::DeleteDomain,
        delete_domain_permissions_policy::DeleteDomainPermissionsPolicy,
        delete_package::DeletePackage,
        delete_package_group::DeletePackageGroup,
        delete_package_versions::DeletePackageVersions,
        delete_repository::DeleteRepository,
        delete_repository_permissions_policy::DeleteRepositoryPermissionsPolicy,
        describe_domain::DescribeDomain,
        describe_package::DescribePackage,
        describe_package_group::DescribePackageGroup,
        describe_package_version::DescribePackageVersion,
        describe_repository::DescribeRepository,
        disassociate_external_connection::DisassociateExternalConnection,
        dispose_package_versions::DisposePackageVersions,
        get_associated_package_group::GetAssociatedPackageGroup,
        get_authorization_token::GetAuthorizationToken,
        get_domain_permissions_policy::GetDomainPermissionsPolicy,
        get_package_version_readme::GetPackageVersionReadme,
        get_repository_endpoint::GetRepositoryEndpoint,
        get_repository_permissions_policy::GetRepositoryPermissionsPolicy,
        list_allowed_repositories_for_group::ListAllowedRepositoriesForGroup,
        list_associated_packages::ListAssociatedPackages,
        list_domains::ListDomains,
        list_package_groups::ListPackageGroups,
        list_package_version_assets::ListPackageVersionAssets,
        list_package_version_dependencies::ListPackageVersionDependencies,
        list_package_versions::ListPackageVersions,
        list_packages::ListPackages,
        list_repositories::ListRepositories,
        list_repositories_in_domain::ListRepositoriesInDomain,
        list_sub_package_groups::ListSubPackageGroups,
        list_tags_for_resource::ListTagsForResource,
        put_domain_permissions_policy::PutDomainPermissionsPolicy,
        put_package_origin_configuration::PutPackageOriginConfiguration,
        put_repository_permissions_policy::PutRepositoryPermissionsPolicy,
        tag_resource::TagResource,
        untag_resource::UntagResource,
        update_package_group::UpdatePackageGroup,
        update_package_group_origin_configuration::UpdatePackageGroupOriginConfiguration,
        update_package_versions_status::UpdatePackageVersionsStatus,
        update_repository::UpdateRepository,
    )
}

/// Checks the members of an operation's input by the API model, for whoever gets them elsewhere.
///
/// # Errors
/// `ValidationException` with all that is wrong.
pub(in crate::local) fn check(operation: &str, members: &Value) -> Answer<()> {
    let descriptor = OPERATIONS.iter().find(|known| known.name == operation);
    match (descriptor, members.as_object()) {
        (Some(descriptor), Some(members)) => validation::check(descriptor, members),
        _ => Err(invalid(format!("`{operation}` does not take this."))),
    }
}

async fn run<O: Handle>(
    control: &Control,
    caller: &Caller,
    members: Map<String, Value>,
) -> Answer<Value> {
    let input: O = typed(members)?;
    let output = input.handle(control, caller).await?;
    serde_json::to_value(output)
        .map_err(|error| Fault::new(FaultKind::InternalServer, error.to_string()))
}

/// Reads and checks the members of an operation's input.
fn read(operation: &Descriptor, query: &str, body: &[u8]) -> Answer<Map<String, Value>> {
    let pairs = url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()));
    let members = decode(operation.name, operation.query, pairs, body).map_err(|error| {
        let message = match error {
            Undecodable::Body(message) => format!("The request body cannot be read: {message}"),
            Undecodable::Query {
                member,
                value,
                expected,
            } => format!("The value `{value}` of `{member}` is not {expected}."),
        };
        Fault::new(FaultKind::Validation, message).because("CANNOT_PARSE")
    })?;
    validation::check(operation, &members)?;
    Ok(members)
}

fn typed<O: Operation>(members: Map<String, Value>) -> Answer<O> {
    serde_json::from_value(Value::Object(members)).map_err(|error| {
        Fault::new(FaultKind::Validation, error.to_string()).because("CANNOT_PARSE")
    })
}

/// The domain that is meant: the caller's own when no owner is given.
fn domain_id(caller: &Caller, owner: Option<&str>, name: &str) -> DomainId {
    DomainId {
        owner: owner.unwrap_or(&caller.account).to_string(),
        name: name.to_string(),
    }
}

trait DomainMember {
    fn id(&self, caller: &Caller) -> DomainId;
}

impl DomainMember for DomainArgs {
    fn id(&self, caller: &Caller) -> DomainId {
        domain_id(caller, self.domain_owner.as_deref(), &self.domain)
    }
}

trait RepositoryMember {
    fn id(&self, caller: &Caller) -> RepositoryId;
}

macro_rules! repository_member {
    ($($args:ident),*) => {$(
        impl RepositoryMember for $args {
            fn id(&self, caller: &Caller) -> RepositoryId {
                RepositoryId {
                    domain: domain_id(caller, self.domain_owner.as_deref(), &self.domain),
                    name: self.repository.clone(),
                }
            }
        }
    )*};
}
repository_member!(RepositoryArgs, PackageArgs, PackageVersionArgs);

trait PackageMember {
    fn package(&self) -> Answer<PackageId>;
}

impl PackageMember for PackageArgs {
    fn package(&self) -> Answer<PackageId> {
        package_id(&self.format, self.namespace.as_deref(), &self.package)
    }
}

impl PackageMember for PackageVersionArgs {
    fn package(&self) -> Answer<PackageId> {
        package_id(&self.format, self.namespace.as_deref(), &self.package)
    }
}

/// The package that is meant; names are normalised (guide, "NuGet package name, version, and asset
/// name normalization").
fn package_id(format: &str, namespace: Option<&str>, name: &str) -> Answer<PackageId> {
    let package = PackageId::new(package_format(format)?, namespace, name);
    package.check_namespace()?;
    Ok(package)
}

fn package_format(name: &str) -> Answer<Format> {
    Format::from_name(name).ok_or_else(|| invalid(format!("There is no package format `{name}`.")))
}

fn page(args: PageArgs) -> PageRequest {
    PageRequest {
        max_results: args.max_results,
        next_token: args.next_token,
    }
}

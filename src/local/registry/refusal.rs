//! Why the registry does not do what it was asked, in the API's own faults.
//!
//! A fault is data (`api::fault`): the control plane writes it as JSON, and each format in the
//! way that its clients show.

use crate::api::fault::{Fault, FaultKind};
use crate::local::store::Failure;

/// The registry's answer, or why there is none.
pub type Answer<T> = Result<T, Fault>;

/// The kinds of resource that a fault can name (shape `ResourceType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// A domain.
    Domain,
    /// A repository.
    Repository,
    /// A package.
    Package,
    /// A package version.
    PackageVersion,
    /// An asset.
    Asset,
}

impl Resource {
    /// The service's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Resource::Domain => "domain",
            Resource::Repository => "repository",
            Resource::Package => "package",
            Resource::PackageVersion => "package-version",
            Resource::Asset => "asset",
        }
    }
}

/// Something that is there already stands against the request.
pub fn conflict(resource: Resource, id: impl Into<String>, message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::Conflict, message).about(id, resource.as_str())
}

/// There is no such thing.
pub fn not_found(resource: Resource, id: impl Into<String>, message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::ResourceNotFound, message).about(id, resource.as_str())
}

/// One more would be too many.
pub fn quota(resource: Resource, id: impl Into<String>, message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::ServiceQuotaExceeded, message).about(id, resource.as_str())
}

/// A member of the request breaks its rule.
pub fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::Validation, message).because("FIELD_VALIDATION_FAILED")
}

/// The caller may not do this.
pub fn denied(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::AccessDenied, message)
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Fault {
        Fault::new(FaultKind::InternalServer, failure.to_string())
    }
}

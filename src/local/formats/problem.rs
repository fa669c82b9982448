//! Why a package manager's request is not fulfilled. Each format words it as its clients expect.

use axum::http::StatusCode;

use super::Invalid;
use crate::api::fault::{Fault, FaultKind};
use crate::local::upstream::Unavailable;

/// A request that is not fulfilled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The registry refuses.
    Refused(Fault),
    /// What was sent cannot be taken.
    Invalid(Invalid),
    /// Upstream has to be asked and cannot be.
    Unavailable(Unavailable),
    /// The service does not do such things.
    Unsupported(StatusCode, &'static str),
}

/// A handler's result.
pub type Handled<T> = Result<T, Problem>;

impl Problem {
    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Problem::Refused(fault) => StatusCode::from_u16(fault.kind.status())
                .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            Problem::Invalid(_) => StatusCode::BAD_REQUEST,
            // Guide, "npm ingestion behavior".
            Problem::Unavailable(Unavailable::InProgress) => StatusCode::NOT_FOUND,
            Problem::Unavailable(Unavailable::Failed(_)) => StatusCode::BAD_GATEWAY,
            Problem::Unsupported(status, _) => *status,
        }
    }

    /// One sentence for a person.
    pub fn message(&self) -> String {
        match self {
            Problem::Refused(fault) => fault.message.clone(),
            Problem::Invalid(invalid) => invalid.to_string(),
            Problem::Unavailable(unavailable) => unavailable.to_string(),
            Problem::Unsupported(_, message) => (*message).to_string(),
        }
    }

    /// Whether the registry does not have what was asked for.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Problem::Refused(fault) if fault.kind == FaultKind::ResourceNotFound)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Problem {
        Problem::Refused(fault)
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Problem {
        Problem::Invalid(invalid)
    }
}

impl From<Unavailable> for Problem {
    fn from(unavailable: Unavailable) -> Problem {
        Problem::Unavailable(unavailable)
    }
}

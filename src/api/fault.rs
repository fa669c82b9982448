//! The seven exceptions of the API: type, status, members.

use serde_json::{Map, Value, json};

/// An exception type of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The caller may not do this: 403.
    AccessDenied,
    /// It contradicts the state of the resource: 409.
    Conflict,
    /// The service failed: 500.
    InternalServer,
    /// The resource is not there: 404.
    ResourceNotFound,
    /// A quota is used up: 402.
    ServiceQuotaExceeded,
    /// Too many requests: 429.
    Throttling,
    /// A parameter is wrong: 400.
    Validation,
}

impl FaultKind {
    /// All of them.
    const ALL: [FaultKind; 7] = [
        FaultKind::AccessDenied,
        FaultKind::Conflict,
        FaultKind::InternalServer,
        FaultKind::ResourceNotFound,
        FaultKind::ServiceQuotaExceeded,
        FaultKind::Throttling,
        FaultKind::Validation,
    ];

    /// The exception of that name, if the API has one.
    pub fn named(name: &str) -> Option<FaultKind> {
        FaultKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Name of the exception in the API.
    pub fn name(self) -> &'static str {
        match self {
            FaultKind::AccessDenied => "AccessDeniedException",
            FaultKind::Conflict => "ConflictException",
            FaultKind::InternalServer => "InternalServerException",
            FaultKind::ResourceNotFound => "ResourceNotFoundException",
            FaultKind::ServiceQuotaExceeded => "ServiceQuotaExceededException",
            FaultKind::Throttling => "ThrottlingException",
            FaultKind::Validation => "ValidationException",
        }
    }

    /// HTTP status of the exception.
    pub fn status(self) -> u16 {
        match self {
            FaultKind::AccessDenied => 403,
            FaultKind::Conflict => 409,
            FaultKind::InternalServer => 500,
            FaultKind::ResourceNotFound => 404,
            FaultKind::ServiceQuotaExceeded => 402,
            FaultKind::Throttling => 429,
            FaultKind::Validation => 400,
        }
    }
}

/// An exception as the service answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its type.
    pub kind: FaultKind,
    /// What is wrong, for a person.
    pub message: String,
    /// The resource that it is about, and of what type that is (`domain`, `repository`,
    /// `package`, `package-version`, `asset`).
    pub resource: Option<(String, &'static str)>,
    /// Why a parameter was refused, such as `FIELD_VALIDATION_FAILED`.
    pub reason: Option<&'static str>,
    /// Seconds after which to try again, in the header `Retry-After`.
    pub retry_after: Option<u32>,
}

impl Fault {
    /// A fault that has only a message.
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Fault {
        Fault {
            kind,
            message: message.into(),
            resource: None,
            reason: None,
            retry_after: None,
        }
    }

    /// Names the resource that the fault is about.
    pub fn about(mut self, id: impl Into<String>, resource_type: &'static str) -> Fault {
        self.resource = Some((id.into(), resource_type));
        self
    }

    /// Says why a parameter was refused.
    pub fn because(mut self, reason: &'static str) -> Fault {
        self.reason = Some(reason);
        self
    }

    /// The JSON body of the answer; its type travels in the header `x-amzn-ErrorType`.
    pub fn body(&self) -> Value {
        let mut body = Map::new();
        body.insert("message".to_string(), json!(self.message));
        if let Some((id, resource_type)) = &self.resource {
            body.insert("resourceId".to_string(), json!(id));
            body.insert("resourceType".to_string(), json!(resource_type));
        }
        if let Some(reason) = self.reason {
            body.insert("reason".to_string(), json!(reason));
        }
        Value::Object(body)
    }
}

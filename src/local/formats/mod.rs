//! Package formats: one folder each, and no format known outside its own.
//!
//! A format reads what its clients send, writes what they expect, and hands everything in between
//! to the registry. It knows nothing of upstream order, origin controls or statuses.

pub mod archive;
pub mod cargo;
pub mod maven;
pub mod npm;
pub mod nuget;
pub mod offers;
pub mod problem;
pub mod publishing;
pub mod pypi;
pub mod respond;
pub mod ruby;
pub mod service;
pub mod swift;
pub mod xml;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;

pub use service::Service;

use super::registry::Format;

/// The router of a format, for the paths beneath a repository's endpoint. The server adds an
/// [`Endpoint`](super::endpoint::Endpoint) to every request that it hands over. None for a format
/// that has no endpoint.
pub fn router(format: Format, service: &Service) -> Option<Router> {
    let routes = match format {
        Format::Cargo => cargo::routes(),
        Format::Maven => maven::routes(),
        Format::Npm => npm::routes(),
        Format::Nuget => nuget::routes(),
        Format::Pypi => pypi::routes(),
        Format::Ruby => ruby::routes(),
        Format::Swift => swift::routes(),
        _ => return None,
    };
    let attended = from_fn_with_state(service.clone(), attend);
    Some(routes.layer(attended).with_state(service.clone()))
}

/// Lets what nobody waits for stand back while a client waits for its answer.
async fn attend(State(service): State<Service>, request: Request, next: Next) -> Response {
    let _attended = service.ingestion.attend();
    next.run(request).await
}

/// As how many requests one to a format's path counts against quotas.
pub fn requests(format: Format, path: &str, query: Option<&str>) -> usize {
    match format {
        Format::Ruby => ruby::requests(path, query),
        _ => 1,
    }
}

/// What a client without a valid token is asked for (RFC 9110, section 11.6.1).
pub fn challenge(format: Format) -> &'static str {
    match format {
        Format::Swift => swift::CHALLENGE,
        _ => "Basic realm=\"CodeArtifact\"",
    }
}

/// What a client or an upstream sent cannot be taken: one sentence that says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid(String);

impl Invalid {
    /// A refusal with that sentence.
    pub fn new(message: impl Into<String>) -> Invalid {
        Invalid(message.into())
    }
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Invalid {}

/// What a message shows of a text that somebody else wrote: its beginning, without what would act
/// on a terminal.
pub fn shortened(text: &str) -> String {
    text.chars()
        .take(64)
        .flat_map(char::escape_default)
        .collect()
}

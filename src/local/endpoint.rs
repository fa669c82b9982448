//! What a package endpoint learns about a request before its format sees it.
//!
//! The server has checked the token and found the repository in the address; the format's router
//! gets the path beneath the repository (`/lodash/-/lodash-4.17.21.tgz`), and this as an extension.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;

use super::registry::{Caller, RepositoryId};

/// The repository endpoint that a request came in by. An extractor for the formats' handlers.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Whom the token was made for.
    pub caller: Caller,
    /// The repository in the address.
    pub repository: RepositoryId,
    /// The address of the repository as the client wrote it, with a slash at its end, such as
    /// `http://127.0.0.1:4566/d/my-domain-111122223333/npm/my-repo/`: what links begin with.
    pub base: String,
}

impl<S: Sync> FromRequestParts<S> for Endpoint {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Endpoint, StatusCode> {
        // The server adds it to every request that it hands to a format.
        parts
            .extensions
            .get::<Endpoint>()
            .cloned()
            .ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

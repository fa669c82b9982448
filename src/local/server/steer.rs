//! What the command line asks a running service for besides the API: its clock, and to begin again.

use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;

use super::respond::{fault_response, respond, unauthenticated};
use super::{Server, whole};
use crate::local::auth::Payload;
use crate::local::registry::{Fault, FaultKind};
use crate::local::remote;

impl Server {
    /// What the command line asks for besides the API: for the administrator of the service, the
    /// first principal, on this machine.
    pub(super) async fn steer(&self, request: Request) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let body = match whole(body).await {
            Ok(body) => body,
            Err(fault) => return fault_response(&fault),
        };
        let signed = Payload::Whole(&body);
        let caller = match self.principals.verify(&parts, signed, "codeartifact") {
            Ok(caller) => caller,
            Err(error) => return unauthenticated(&error),
        };
        if !self.principals.is_administrator(&caller) {
            let message = "Only the administrator of the service may do this.";
            return fault_response(&Fault::new(FaultKind::AccessDenied, message));
        }
        let outcome = match parts.uri.path() {
            remote::CLOCK => self.move_clock(parts.uri.query().unwrap_or_default()),
            _ => self.reset(&caller.account).await,
        };
        match outcome {
            Ok(text) => respond(200, "text/plain", text),
            Err(fault) => fault_response(&fault),
        }
    }

    /// Moves the clock, and says how late it is then.
    fn move_clock(&self, query: &str) -> Result<String, Fault> {
        let seconds = url::form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == "advance")
            .and_then(|(_, value)| value.parse::<i64>().ok())
            .ok_or_else(|| {
                Fault::new(FaultKind::Validation, "`advance` is a number of seconds.")
            })?;
        let clock = self.control.registry.clock();
        let moved = clock.now().saturating_add(seconds.saturating_mul(1000));
        let time = jiff::Timestamp::from_millisecond(moved)
            .map_err(|_| Fault::new(FaultKind::Validation, "The clock cannot be moved so far."))?;
        clock.advance(seconds.saturating_mul(1000));
        Ok(time.to_string())
    }

    /// Deletes everything, and begins again with the seed.
    async fn reset(&self, account: &str) -> Result<String, Fault> {
        self.control.registry.reset().await?;
        if let Some(seed) = &self.seed {
            let failed = |error| Fault::new(FaultKind::InternalServer, error);
            seed.apply(&self.control.registry, account)
                .await
                .map_err(failed)?;
        }
        Ok(String::new())
    }
}

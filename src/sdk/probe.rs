//! A look at an address: whether it answers, with which status, and what time it is there.
//!
//! It takes the same way as calls do, proxies, certificates and time limits included, but is
//! neither signed nor repeated.

use std::convert::Infallible;
use std::time::Duration;

use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use jiff::Timestamp;
use jiff::fmt::rfc2822;

use super::{failure, http};
use crate::config::Settings;
use crate::secret::Secret;

/// Longer than this nobody waits for a word on the state of things.
const PATIENCE: Duration = Duration::from_secs(5);

/// What an address answers.
#[derive(Clone, Copy, Debug)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// The time at the other end.
    pub date: Option<Timestamp>,
}

/// Sends a GET request, with the value of the `Authorization` header where one is given. An
/// error says why there is no answer.
pub async fn probe(
    settings: &Settings,
    url: &str,
    authorization: Option<Secret>,
) -> Result<Answered, String> {
    let ca_bundle = settings.ca_bundle.as_ref().map(|set| set.value.as_str());
    let operation = Operation::builder()
        .service_name("codeartifact")
        .operation_name("Probe")
        .http_client(http::client(ca_bundle, settings.no_verify_ssl))
        .endpoint_url(url)
        .no_auth()
        .no_retry()
        .serializer(|authorization: Option<Secret>| {
            let mut request = HttpRequest::new(SdkBody::empty());
            request.set_method("GET")?;
            request.set_uri("/")?;
            if let Some(value) = authorization {
                let headers = request.headers_mut();
                headers.try_insert("authorization", value.expose().to_string())?;
            }
            Ok(request)
        })
        .deserializer::<Answered, Infallible>(|response| {
            let date = response.headers().get("date");
            Ok(Answered {
                status: response.status().as_u16(),
                date: date
                    .and_then(|date| rfc2822::parse(date).ok())
                    .map(|date| date.timestamp()),
            })
        })
        .build();
    match tokio::time::timeout(PATIENCE, operation.invoke(authorization)).await {
        Ok(answered) => answered.map_err(|error| failure::chain(&error)),
        Err(_) => Err(format!("no answer within {} seconds", PATIENCE.as_secs())),
    }
}

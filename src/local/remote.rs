//! What the command line asks a running service for, besides the API.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;

use super::address::Address;
use crate::error::{Error, Result};

/// The path by which the clock is moved.
pub(super) const CLOCK: &str = "/local/clock";
/// The path by which everything is deleted.
pub(super) const RESET: &str = "/local/reset";

/// Moves the clock of the service by so many seconds; gives its time then, as ISO 8601.
///
/// # Errors
/// When the service cannot be reached or refuses.
pub async fn advance_clock(address: &Address, seconds: i64) -> Result<String> {
    ask(address, &format!("{CLOCK}?advance={seconds}")).await
}

/// Has the service delete everything and begin again with its seed.
///
/// # Errors
/// When the service cannot be reached or refuses.
pub async fn reset(address: &Address) -> Result<()> {
    ask(address, RESET).await.map(drop)
}

/// Sends a signed request and gives the answer's text.
async fn ask(address: &Address, target: &str) -> Result<String> {
    let failed = |error: &dyn std::fmt::Display| {
        Error::other(format!("the local service cannot be asked: {error}"))
    };
    let url = format!("{}{target}", address.url);
    let identity = Credentials::new(
        &address.key.id,
        address.key.secret.expose(),
        None,
        None,
        "note",
    )
    .into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(&address.region)
        .name("codeartifact")
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| failed(&error))?
        .into();
    let request = SignableRequest::new(
        "POST",
        url.as_str(),
        std::iter::empty(),
        SignableBody::Bytes(b""),
    )
    .map_err(|error| failed(&error))?;
    let (instructions, _) = sign(request, &parameters)
        .map_err(|error| failed(&error))?
        .into_parts();
    let client = client(address).map_err(|error| failed(&error))?;
    let mut request = client.post(&url);
    for (name, value) in instructions.headers() {
        request = request.header(name, value);
    }
    let response = request
        .send()
        .await
        .map_err(|error| failed(&error.without_url()))?;
    let is_done = response.status().is_success();
    let text = response
        .text()
        .await
        .map_err(|error| failed(&error.without_url()))?;
    if is_done {
        Ok(text)
    } else {
        Err(failed(&text))
    }
}

/// A client that reaches the service on this machine, whatever its name is, and trusts the
/// certificate that it was started with.
fn client(address: &Address) -> std::result::Result<reqwest::Client, String> {
    // Another part of the program may have installed it before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let certificates = match &address.certificate {
        None => Vec::new(),
        Some(file) => std::fs::read(file)
            .map_err(|error| error.to_string())
            .and_then(|pem| {
                reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| error.to_string())
            })
            .map_err(|error| format!("`{}` cannot be read: {error}", file.display()))?,
    };
    let mut client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only(certificates);
    let url = url::Url::parse(&address.url).map_err(|error| error.to_string())?;
    if let Some(url::Host::Domain(name)) = url.host() {
        client = client.resolve(name, address.connect);
    }
    client.build().map_err(|error| error.to_string())
}

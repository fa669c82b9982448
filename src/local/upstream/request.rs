//! Requests to upstream, and what is said when there is no answer.

use reqwest::header::HeaderMap;
use reqwest::{Client, ClientBuilder, Response};
use url::Url;

use super::{Inner, Unavailable, blocking};
use crate::secret::redacted_url;

impl Inner {
    pub(super) async fn send(
        &self,
        client: &Client,
        url: &Url,
        headers: HeaderMap,
    ) -> Result<Response, Unavailable> {
        if let Some(objection) = self.guard.objection(url) {
            return Err(failed(
                url,
                format_args!("is not fetched: its address {objection}"),
            ));
        }
        let request = async {
            let send = || client.get(url.clone()).headers(headers.clone()).send();
            match send().await {
                Err(error) if was_closed(&error) => send().await,
                answered => answered,
            }
        };
        match tokio::time::timeout(self.patience.connect + self.patience.read, request).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(failed(url, causes(&error.without_url()))),
            Err(_) => Err(failed(url, "does not answer")),
        }
    }

    pub(super) async fn client(
        &self,
        adjust: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> Result<Client, Unavailable> {
        // Fails only when another part of the program was first, with the same provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = adjust(Client::builder())
            .user_agent(concat!("codeartifact-local/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(self.patience.connect)
            .read_timeout(self.patience.read)
            .redirect(self.guard.redirects())
            .dns_resolver(self.guard.clone());
        // Reading the trust store takes a while.
        blocking(move || builder.build())
            .await?
            .map_err(|error| Unavailable::Failed(format!("the way to upstream {}", causes(&error))))
    }
}

/// Whether the connection ended instead of an answer: one that was kept open may be closed at the
/// other end in the moment in which it is used again.
fn was_closed(error: &reqwest::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let broken = error.downcast_ref::<std::io::Error>().is_some_and(|error| {
            use std::io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
            matches!(error.kind(), BrokenPipe | ConnectionReset | UnexpectedEof)
        });
        let early = error.downcast_ref::<hyper::Error>();
        if broken || early.is_some_and(hyper::Error::is_incomplete_message) {
            return true;
        }
        cause = error.source();
    }
    false
}

pub(super) fn failed(url: &Url, what: impl std::fmt::Display) -> Unavailable {
    Unavailable::Failed(format!(
        "the upstream {} {what}",
        redacted_url(url.as_str())
    ))
}

/// The error with its causes, which say more than it does.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    format!("cannot be used: {text}")
}

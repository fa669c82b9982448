//! The SDK's HTTP client behind two doors. Reading the system's trust store takes longer than
//! a whole call to a service on this machine, so the door to TLS is built when the first
//! `https` request comes, and an `http` endpoint never waits for it.

use std::sync::OnceLock;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use super::unverified;

/// The HTTP client; `ca_bundle` is a PEM file to trust instead of the system's store. It is
/// read when the first `https` request comes, and then refused if it cannot be.
pub(super) fn client(ca_bundle: Option<&str>, no_verify_ssl: bool) -> SharedHttpClient {
    let tls = if no_verify_ssl {
        unverified::client()
    } else {
        SharedHttpClient::new(Encrypted {
            ca_bundle: ca_bundle.map(str::to_string),
            made: OnceLock::new(),
        })
    };
    SharedHttpClient::new(TwoDoors {
        plain: plain(),
        tls,
    })
}

/// The certificates to trust.
fn trust(ca_bundle: Option<&str>) -> Result<TlsContext, BoxError> {
    let trust_store = match ca_bundle {
        None => TrustStore::default(),
        Some(path) => {
            let pem = std::fs::read(path).map_err(|_| {
                format!("Could not find a suitable TLS CA certificate bundle, invalid path: {path}")
            })?;
            TrustStore::empty().with_pem_certificate(pem)
        }
    };
    Ok(TlsContext::builder()
        .with_trust_store(trust_store)
        .build()?)
}

fn plain() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.build_http()
    })
}

/// The door to TLS, made when the first request wants through and kept from then on.
#[derive(Debug)]
struct Encrypted {
    ca_bundle: Option<String>,
    made: OnceLock<SharedHttpClient>,
}

impl HttpClient for Encrypted {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let client = self
            .made
            .get_or_init(|| match trust(self.ca_bundle.as_deref()) {
                Ok(context) => encrypted(context),
                Err(error) => {
                    let why = error.to_string();
                    http_client_fn(move |_, _| SharedHttpConnector::new(Shut(why.clone())))
                }
            });
        client.http_connector(settings, components)
    }
}

fn encrypted(context: TlsContext) -> SharedHttpClient {
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder()
            .proxy_config(ProxyConfig::from_env())
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(context.clone());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.build()
    })
}

/// A door that does not open, and why.
#[derive(Debug)]
struct Shut(String);

impl HttpConnector for Shut {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        let error: BoxError = self.0.clone().into();
        HttpConnectorFuture::ready(Err(ConnectorError::user(error)))
    }
}

#[derive(Debug)]
struct TwoDoors {
    plain: SharedHttpClient,
    tls: SharedHttpClient,
}

impl HttpClient for TwoDoors {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Door {
            plain: self.plain.http_connector(settings, components),
            tls: self.tls.clone(),
            settings: settings.clone(),
            components: components.clone(),
        })
    }
}

/// The connector of one request: which door it takes is known when the request is there.
#[derive(Debug)]
struct Door {
    plain: SharedHttpConnector,
    tls: SharedHttpClient,
    settings: HttpConnectorSettings,
    components: RuntimeComponents,
}

impl HttpConnector for Door {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if request.uri().starts_with("https:") {
            self.tls
                .http_connector(&self.settings, &self.components)
                .call(request)
        } else {
            self.plain.call(request)
        }
    }
}

//! The SDK's HTTP client behind two doors. Reading the system's trust store takes longer than
//! a whole call to a service on this machine, so the door to TLS is built when the first
//! `https` request comes, and an `http` endpoint never waits for it.

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use crate::error::{Error, Result};

/// The HTTP client; `ca_bundle` is a PEM file to trust instead of the system's store.
pub(super) fn client(ca_bundle: Option<&str>, _no_verify_ssl: bool) -> Result<SharedHttpClient> {
    let trust_store = match ca_bundle {
        None => TrustStore::default(),
        Some(path) => {
            let pem = std::fs::read(path).map_err(|error| {
                Error::other(format!("Cannot read the certificates in `{path}`: {error}"))
            })?;
            TrustStore::empty().with_pem_certificate(pem)
        }
    };
    let tls = TlsContext::builder()
        .with_trust_store(trust_store)
        .build()
        .map_err(|error| Error::other("The certificates cannot be used").caused_by(error))?;
    Ok(SharedHttpClient::new(TwoDoors {
        plain: plain(),
        tls: encrypted(tls),
    }))
}

fn plain() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.build_http()
    })
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

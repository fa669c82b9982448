//! Credentials for signing, fetched from where the settings say when the first request is
//! signed. Temporary ones of roles are kept where AWS CLI keeps them, so that the two programs
//! share them and nobody is asked for a code twice.
//!
//! What fails is told in AWS CLI v2's sentences: the SDK's own errors are only its sign to stop.

mod cache;
pub mod process;
mod role;
mod session;

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_types::SdkConfig;

use super::failure;
use crate::config::Settings;
use crate::config::credentials::{Keys, Source, retrieval};
use crate::config::metadata::Metadata;
use crate::error::{Error, Result};
use cache::Cache;

/// Why there were no credentials, for the one who reads what came of the request.
#[derive(Clone, Debug, Default)]
pub(super) struct Reason(Arc<Mutex<Option<Error>>>);

impl Reason {
    fn set(&self, error: Error) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    /// The reason, once.
    pub(super) fn take(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Fetches credentials.
pub(super) struct Provider {
    source: Source,
    sts: Sts,
    /// For the providers of the SDK: HTTP and Region.
    config: ProviderConfig,
    cache: Cache,
    metadata: Metadata,
    reason: Reason,
}

/// How STS is reached.
pub(super) struct Sts {
    shared: SdkConfig,
    endpoint_url: Option<String>,
}

/// Keys that need no fetching; they spare the call all that a [`Provider`] needs.
pub(super) fn keys(keys: &Keys) -> Credentials {
    Credentials::new(
        &keys.access_key_id,
        keys.secret_access_key.expose(),
        keys.session_token
            .as_ref()
            .map(|token| token.expose().to_string()),
        None,
        "Keys",
    )
}

impl Provider {
    /// For these settings; `shared` is what every client of the SDK has.
    pub(super) fn new(settings: &Settings, shared: &SdkConfig, reason: Reason) -> Provider {
        let mut config = ProviderConfig::default().with_region(shared.region().cloned());
        if let Some(http) = shared.http_client() {
            config = config.with_http_client(http);
        }
        Provider {
            source: settings.credentials.clone(),
            sts: Sts {
                shared: shared.clone(),
                endpoint_url: settings.sts_endpoint_url.clone(),
            },
            config,
            cache: Cache::new(settings.credentials_cache.clone()),
            metadata: settings.metadata,
            reason,
        }
    }

    fn fetch<'a>(
        &'a self,
        source: &'a Source,
    ) -> Pin<Box<dyn Future<Output = Result<Credentials>> + Send + 'a>> {
        // A role's source may be a role itself.
        Box::pin(async move {
            match source {
                Source::Keys(found) => Ok(keys(found)),
                Source::Role(role) => {
                    let key = role::cache_key(role);
                    if let Some(kept) = self.cache.get(&key) {
                        return Ok(kept);
                    }
                    let own = self.fetch(&role.source).await?;
                    let answer = role::assume(&self.sts, role, own).await?;
                    self.cache.keep(&key, &answer)
                }
                Source::WebIdentity(identity) => {
                    let key = role::web_identity_cache_key(identity);
                    if let Some(kept) = self.cache.get(&key) {
                        return Ok(kept);
                    }
                    let answer = role::assume_with_token(&self.sts, identity).await?;
                    self.cache.keep(&key, &answer)
                }
                Source::SingleSignOn(role) => {
                    let key = session::cache_key(role);
                    if let Some(kept) = self.cache.get(&key) {
                        return Ok(kept);
                    }
                    let answer = session::single_sign_on(&self.config, role).await?;
                    self.cache.keep(&key, &answer)
                }
                Source::Login { session, profile } => {
                    session::login(&self.config, session, profile).await
                }
                Source::Process(command) => process::run(command).await,
                Source::Container => self.container().await,
                Source::Instance => self.instance().await,
                Source::Refused(why) => Err(Error::other(why.clone())),
            }
        })
    }

    async fn container(&self) -> Result<Credentials> {
        let provider = EcsCredentialsProvider::builder()
            .configure(&self.config)
            .build();
        provider
            .provide_credentials()
            .await
            .map_err(|error| Error::other(retrieval("container-role", &failure::chain(&error))))
    }

    async fn instance(&self) -> Result<Credentials> {
        let patience = Duration::from_secs(self.metadata.timeout);
        let client = imds::Client::builder()
            .configure(&self.config)
            .connect_timeout(patience)
            .read_timeout(patience)
            .max_attempts(self.metadata.attempts)
            .build();
        let provider = ImdsCredentialsProvider::builder()
            .configure(&self.config)
            .imds_client(client)
            .build();
        // Whatever keeps the metadata service from answering, there are no credentials then.
        provider
            .provide_credentials()
            .await
            .map_err(|error| failure::no_credentials().caused_by(error))
    }
}

impl ProvideCredentials for Provider {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            self.fetch(&self.source).await.map_err(|error| {
                let told = CredentialsError::provider_error(error.message.clone());
                self.reason.set(error);
                told
            })
        })
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").finish_non_exhaustive()
    }
}

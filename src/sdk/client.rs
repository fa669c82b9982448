//! One client for a command, made from the settings. The SDK encodes, signs and retries; the
//! answer is kept as it came and read as our own shape, which is also what the local service
//! writes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::identity::IdentityCache;
use aws_config::imds;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::app_name::AppName;
use aws_types::region::Region;
use serde_json::{Map, Value};

use super::answer::{Answer, Keeper, Kept};
use super::credentials::{Provider, Reason};
use super::trace::{Trace, Tracer};
use super::{credentials, failure, http};
use crate::config::credentials::Source;
use crate::config::{Retries, Settings};
use crate::error::{Error, Result};
use crate::ops::{Client, Descriptor, SendFailure, Transport};

/// The service as a command sees it.
pub struct Service {
    client: Client,
    kept: Arc<Kept>,
    most_attempts: u32,
    /// Why there were no credentials to sign with.
    unsigned: Reason,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").finish_non_exhaustive()
    }
}

impl Service {
    /// Makes the client. Credentials are looked for when the first request is signed.
    /// What is sent and received is told to `trace`, without its secrets.
    pub async fn connect(settings: &Settings, trace: Option<Trace>) -> Result<Service> {
        let unsigned = Reason::default();
        let shared = shared_config(settings, &unsigned).await?;
        let kept = Arc::new(Kept::default());
        let mut config = aws_sdk_codeartifact::config::Builder::from(&shared)
            .interceptor(Keeper(Arc::clone(&kept)));
        if let Some(trace) = trace {
            config = config.interceptor(Tracer(trace));
        }
        if let Some(name) = &settings.app_id {
            // A name that the SDK does not take is not told.
            config.set_app_name(AppName::new(name.clone()).ok());
        }
        if let Some(url) = &settings.endpoint_url {
            // An address of one's own is no kind of AWS's endpoints.
            config = config
                .endpoint_url(&url.value)
                .use_fips(false)
                .use_dual_stack(false);
        }
        if settings.no_sign_request {
            config = config.allow_no_auth();
        }
        Ok(Service {
            client: Client::from_conf(config.build()),
            kept,
            most_attempts: settings.retries.attempts,
            unsigned,
        })
    }

    /// The SDK's client, for the two operations that carry bytes.
    pub(super) fn client(&self) -> Client {
        self.client.clone()
    }

    /// Sends one request with these members, already checked, and reads the answer in the
    /// model's order.
    pub async fn call(&self, operation: &Descriptor, input: Map<String, Value>) -> Result<Value> {
        let Transport::Json(send) = operation.transport else {
            return Err(Error::other(format!(
                "`{}` carries an asset and is not a plain call",
                operation.command
            )));
        };
        let sent = send(Value::Object(input), self.client.clone()).await;
        self.read(operation, sent)
    }

    /// What came of a request, as the operation's output or as an error for a person.
    pub(super) fn read(
        &self,
        operation: &Descriptor,
        sent: Result<(), SendFailure>,
    ) -> Result<Value> {
        let (answer, sending) = self.kept.take();
        match sent {
            Ok(()) => Ok(read_good(operation, &answer)),
            // A good answer that the SDK cannot read is ours to read: its numbers have fewer
            // bits. A status is there only when the whole body is.
            Err(_) if (200..300).contains(&answer.status) => Ok(read_good(operation, &answer)),
            Err(failure) => Err(self.unsigned.take().unwrap_or_else(|| {
                failure::explain(
                    operation.name,
                    failure,
                    &answer,
                    &sending,
                    self.most_attempts,
                )
            })),
        }
    }
}

/// A good answer in the model's order. AWS CLI takes one that is no JSON for an empty one.
fn read_good(operation: &Descriptor, answer: &Answer) -> Value {
    (operation.read)(&answer.body).unwrap_or_else(|_| Value::Object(Map::new()))
}

fn retries(retries: Retries) -> RetryConfig {
    let config = if retries.adaptive {
        RetryConfig::adaptive()
    } else {
        RetryConfig::standard()
    };
    config.with_max_attempts(retries.attempts)
}

/// How long fetching credentials may take: a person may have to look for a device.
const PATIENCE: Duration = Duration::from_secs(3600);

/// The SDK's configuration for any service: Region, credentials, HTTP, retries. Made by hand:
/// the SDK's own loader would read all files once more.
pub(super) async fn shared_config(settings: &Settings, unsigned: &Reason) -> Result<SdkConfig> {
    let mut timeouts = TimeoutConfig::builder();
    if settings.connect_timeout > 0 {
        timeouts = timeouts.connect_timeout(Duration::from_secs(settings.connect_timeout));
    }
    if settings.read_timeout > 0 {
        timeouts = timeouts.read_timeout(Duration::from_secs(settings.read_timeout));
    }
    let ca_bundle = settings.ca_bundle.as_ref().map(|set| set.value.as_str());
    let http = http::client(ca_bundle, settings.no_verify_ssl);
    let region = match &settings.region {
        Some(region) => Some(Region::new(region.value.clone())),
        // Last of all, the machine itself; variables and profile were looked at before.
        None => {
            let provider = ProviderConfig::default().with_http_client(http.clone());
            let machine = imds::region::Builder::default().configure(&provider);
            machine.build().region().await
        }
    };
    let shared = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http)
        .retry_config(retries(settings.retries))
        .timeout_config(timeouts.build())
        .region(region.ok_or_else(failure::no_region)?)
        .use_fips(settings.use_fips)
        .use_dual_stack(settings.use_dual_stack)
        .build();
    if settings.no_sign_request {
        return Ok(shared);
    }
    let builder = match &settings.credentials {
        Source::Keys(keys) => shared
            .into_builder()
            .credentials_provider(SharedCredentialsProvider::new(credentials::keys(keys))),
        _ => {
            let provider = Provider::new(settings, &shared, unsigned.clone());
            shared
                .into_builder()
                .credentials_provider(SharedCredentialsProvider::new(provider))
                .identity_cache(IdentityCache::lazy().load_timeout(PATIENCE).build())
        }
    };
    Ok(builder.build())
}

//! Whose the credentials are: STS's GetCallerIdentity. CodeArtifact takes the caller's account
//! for a domain's owner by itself, so no call needs this first; it is asked for a person who
//! wants to know.

use std::time::Duration;

use aws_sdk_sts::error::ProvideErrorMetadata as _;

use super::client::shared_config;
use super::credentials::Reason;
use super::failure;
use crate::config::Settings;
use crate::error::{Error, Kind, Result};

/// Longer than this nobody waits for a name.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The user's or the session's name in full.
    pub arn: String,
    /// The account.
    pub account: String,
}

/// Asks STS who the credentials of these settings belong to.
pub async fn caller(settings: &Settings) -> Result<Caller> {
    let unsigned = Reason::default();
    let shared = shared_config(settings, &unsigned).await?;
    let mut config = aws_sdk_sts::config::Builder::from(&shared);
    if let Some(url) = &settings.sts_endpoint_url {
        config = config
            .endpoint_url(url)
            .use_fips(false)
            .use_dual_stack(false);
    }
    let client = aws_sdk_sts::Client::from_conf(config.build());
    let asked = tokio::time::timeout(PATIENCE, client.get_caller_identity().send());
    let answer = match asked.await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => {
            let answered = || {
                let call = " when calling the GetCallerIdentity operation";
                let message = error.message().unwrap_or_default();
                Some(Error::occurred(Kind::Service, error.code()?, call, message))
            };
            let unreached = || Error::other(failure::chain(&error));
            return Err(unsigned.take().or_else(answered).unwrap_or_else(unreached));
        }
        Err(_) => return Err(Error::other("STS does not answer")),
    };
    Ok(Caller {
        arn: answer.arn.unwrap_or_default(),
        account: answer.account.unwrap_or_default(),
    })
}

//! What went wrong with a request, in AWS CLI v2's sentences.

use std::error::Error as StdError;

use serde_json::Value;

use super::answer::{Answer, Sending};
use crate::error::{Error, Kind};
use crate::ops::{SendFailure, SendFailureKind};
use crate::secret::redacted_url;

/// Members of a fault that are not told after its message.
const TOLD: &[&str] = &["message", "Message", "__type", "code", "Code"];

pub(super) fn no_region() -> Error {
    Error::occurred(
        Kind::Configuration,
        "NoRegion",
        "",
        "You must specify a region. You can also configure your region by running \"aws configure\".",
    )
    .hint("Give `--region`, set `AWS_REGION`, or set `region` in the profile")
}

pub(super) fn no_credentials() -> Error {
    Error::occurred(
        Kind::Configuration,
        "NoCredentials",
        "",
        "Unable to locate credentials. You can configure credentials by running \"aws login\".",
    )
}

pub(super) fn explain(
    operation: &str,
    failure: SendFailure,
    answer: &Answer,
    sending: &Sending,
    most_attempts: u32,
) -> Error {
    let SendFailure { kind, source } = failure;
    let chain = chain(source.as_ref());
    let endpoint = redacted_url(&sending.url);
    let error = match kind {
        SendFailureKind::Fault => fault(operation, answer, sending.attempts, most_attempts),
        SendFailureKind::Unsendable => Error::parameter(chain.clone()),
        SendFailureKind::TimedOut if chain.contains("connect") => {
            Error::other(format!("Connect timeout on endpoint URL: \"{endpoint}\""))
        }
        SendFailureKind::TimedOut => {
            Error::other(format!("Read timeout on endpoint URL: \"{endpoint}\""))
        }
        SendFailureKind::Unreachable if chain.contains("invalid peer certificate") => {
            Error::other(format!("SSL validation failed for {endpoint} {chain}"))
        }
        SendFailureKind::Unreachable => Error::other(format!(
            "Could not connect to the endpoint URL: \"{endpoint}\""
        ))
        .hint(chain.clone()),
        SendFailureKind::Unreadable => Error::other(format!(
            "The answer to the {operation} operation cannot be read: {chain}"
        )),
    };
    error.caused_by(source)
}

fn fault(operation: &str, answer: &Answer, attempts: u32, most: u32) -> Error {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| body.get(name).and_then(Value::as_str))
    };
    // The type may be wrapped: `namespace#Type:http://documentation`.
    let code = answer
        .header("x-amzn-errortype")
        .or_else(|| text(&["__type", "code"]))
        .map_or_else(
            || answer.status.to_string(),
            |wrapped| {
                let name = wrapped.split(':').next().unwrap_or_default();
                name.rsplit('#').next().unwrap_or_default().to_string()
            },
        );
    let message = text(&["message", "Message"]).unwrap_or_default();
    let retries = if attempts < most {
        String::new()
    } else {
        format!(" (reached max retries: {})", most.saturating_sub(1))
    };
    let call = format!(" when calling the {operation} operation{retries}");
    let mut error = Error::occurred(Kind::Service, &code, &call, message);
    error.details = details(&body, answer);
    error
}

fn details(body: &Value, answer: &Answer) -> Vec<(String, String)> {
    let members = body.as_object().into_iter().flatten();
    let mut details: Vec<_> = members
        .filter(|(name, value)| !TOLD.contains(&name.as_str()) && !value.is_null())
        .map(|(name, value)| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_string);
            (name.clone(), text)
        })
        .collect();
    if let Some(seconds) = answer.header("retry-after") {
        details.push(("retryAfterSeconds".to_string(), seconds.to_string()));
    }
    details
}

/// The causes of an error, outermost first, each said once.
pub(super) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut sentences: Vec<String> = Vec::new();
    let mut cause = Some(error);
    while let Some(current) = cause {
        let sentence = current.to_string();
        if !sentences.iter().any(|said| said.contains(&sentence)) {
            sentences.push(sentence);
        }
        cause = current.source();
    }
    sentences.join(": ")
}

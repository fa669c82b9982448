//! `--debug`: what is sent and received, in lines for a person, without secrets. Signatures,
//! session tokens and authorization tokens are left out wherever they stand.

use std::sync::Arc;

use aws_sdk_codeartifact::config::interceptors::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_codeartifact::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_codeartifact::error::BoxError;
use serde_json::Value;

/// Takes a line.
pub type Trace = Arc<dyn Fn(&str) + Send + Sync>;

/// Headers whose value is a secret or can be used as one.
const SECRET_HEADERS: &[&str] = &[
    "authorization",
    "x-amz-security-token",
    "cookie",
    "set-cookie",
];

/// Members of answers whose value is a secret.
const SECRET_MEMBERS: &[&str] = &["authorizationToken"];

/// What stands in place of a secret.
const HIDDEN: &str = "******";

pub(super) struct Tracer(pub(super) Trace);

impl std::fmt::Debug for Tracer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tracer")
    }
}

impl Intercept for Tracer {
    fn name(&self) -> &'static str {
        "Tracer"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        let uri = crate::secret::redacted_url(request.uri());
        (self.0)(&format!("> {} {uri}", request.method()));
        self.headers('>', request.headers().iter());
        self.body('>', request.body().bytes());
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        (self.0)(&format!("< {}", response.status().as_u16()));
        self.headers('<', response.headers().iter());
        self.body('<', response.body().bytes());
        Ok(())
    }
}

impl Tracer {
    fn headers<'a>(&self, side: char, headers: impl Iterator<Item = (&'a str, &'a str)>) {
        for (name, value) in headers {
            let is_secret = SECRET_HEADERS.contains(&name.to_ascii_lowercase().as_str());
            let shown = if is_secret { HIDDEN } else { value };
            (self.0)(&format!("{side} {name}: {shown}"));
        }
    }

    /// A body is shown when it is JSON: what else there is are assets.
    fn body(&self, side: char, body: Option<&[u8]>) {
        let Some(body) = body.filter(|body| !body.is_empty()) else {
            return;
        };
        match serde_json::from_slice::<Value>(body) {
            Ok(mut value) => {
                hide(&mut value);
                (self.0)(&format!("{side} {value}"));
            }
            Err(_) => (self.0)(&format!("{side} ({} bytes)", body.len())),
        }
    }
}

fn hide(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::Object(members) => {
            for (name, value) in members {
                if SECRET_MEMBERS.contains(&name.as_str()) {
                    *value = Value::from(HIDDEN);
                } else {
                    hide(value);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn secrets_are_left_out() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&lines);
        let tracer = Tracer(Arc::new(move |line| {
            sink.lock().unwrap().push(line.to_string());
        }));
        let headers = [
            ("Authorization", "AWS4-HMAC-SHA256 …"),
            ("x-amz-date", "today"),
        ];
        tracer.headers('>', headers.into_iter());
        tracer.body(
            '<',
            Some(br#"{"authorizationToken": "t0p", "expiration": 1}"#),
        );
        tracer.body('<', Some(b"PK\x03\x04"));
        assert_eq!(
            *lines.lock().unwrap(),
            [
                "> Authorization: ******",
                "> x-amz-date: today",
                r#"< {"authorizationToken":"******","expiration":1}"#,
                "< (4 bytes)"
            ]
        );
    }
}

//! The last answer as it came, and how its request was sent: kept by an interceptor, as the
//! SDK's outputs keep neither the members' order nor those that it does not know.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_codeartifact::config::interceptors::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_codeartifact::config::{ConfigBag, Intercept, RuntimeComponents};

/// An answer as it came.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    /// The HTTP status.
    pub(super) status: u16,
    /// The headers, names in lower case.
    pub(super) headers: Vec<(String, String)>,
    /// The body, where it was not a stream.
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
    }
}

/// How a request was sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Sending {
    /// How often.
    pub(super) attempts: u32,
    /// Where to.
    pub(super) url: String,
}

/// The last answer, and how its request was sent.
#[derive(Debug, Default)]
pub(super) struct Kept(Mutex<(Answer, Sending)>);

impl Kept {
    /// The last answer and its sending, which are then forgotten.
    pub(super) fn take(&self) -> (Answer, Sending) {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Another attempt: the answer to an earlier one does not count any more.
    fn begin(&self, url: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.0 = Answer::default();
        kept.1.attempts += 1;
        kept.1.url = url.to_string();
    }

    fn keep(&self, answer: Answer) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 = answer;
    }
}

/// Keeps the answers of a client.
#[derive(Debug)]
pub(super) struct Keeper(pub(super) Arc<Kept>);

impl Intercept for Keeper {
    fn name(&self) -> &'static str {
        "Keeper"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), aws_sdk_codeartifact::error::BoxError> {
        self.0.begin(context.request().uri());
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), aws_sdk_codeartifact::error::BoxError> {
        let response = context.response();
        self.0.keep(Answer {
            status: response.status().as_u16(),
            headers: response
                .headers()
                .iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_string()))
                .collect(),
            body: response.body().bytes().unwrap_or_default().to_vec(),
        });
        Ok(())
    }
}

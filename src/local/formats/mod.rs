//! Package formats: one folder each, and no format known outside its own.
//!
//! A format reads what its clients send, writes what they expect, and hands everything in between
//! to the registry. It knows nothing of upstream order, origin controls or statuses.

pub mod archive;
pub mod npm;

/// What a client or an upstream sent cannot be taken: one sentence that says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid(String);

impl Invalid {
    /// A refusal with that sentence.
    pub fn new(message: impl Into<String>) -> Invalid {
        Invalid(message.into())
    }
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Invalid {}

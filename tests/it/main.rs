//! All integration tests, as one binary.

#[cfg(feature = "local")]
mod local;
mod login;
mod output;

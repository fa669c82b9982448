//! All integration tests, as one binary.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is what it is for"
)]

mod cli;
#[cfg(feature = "local")]
mod clients;
#[cfg(feature = "local")]
mod corpora;
mod differential;
#[cfg(feature = "local")]
mod formats;
mod generated;
#[cfg(feature = "local")]
mod local;
mod login;
mod ops;
mod output;
#[cfg(feature = "local")]
mod program;
mod support;

//! The way to the service: a client made from the settings, one call, and what can go wrong
//! with it. Together with `ops` the only place that names the SDK.

mod answer;
pub mod client;
pub mod credentials;
mod failure;
mod http;
pub mod identity;
pub mod paginate;
pub mod probe;
pub mod trace;
pub mod transfer;
mod unverified;

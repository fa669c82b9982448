//! `codeartifact`: a command line for AWS CodeArtifact, a login for every package
//! manager, and a local service. ARCHITECTURE.md is the map of these modules.

pub mod api;
pub mod cli;
pub mod config;
pub mod error;
#[cfg(feature = "local")]
pub mod local;
pub mod login;
pub mod ops;
pub mod output;
pub mod sdk;
pub mod secret;

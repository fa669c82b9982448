//! What several tests need.

pub(crate) mod certified;
#[cfg(feature = "local")]
pub(crate) mod crates;
#[cfg(feature = "local")]
pub(crate) mod fixture;
#[cfg(feature = "local")]
pub(crate) mod gems;
#[cfg(feature = "local")]
pub(crate) mod home;
pub(crate) mod installed;
#[cfg(feature = "local")]
pub(crate) mod local;
#[cfg(feature = "local")]
pub(crate) mod npm;
#[cfg(feature = "local")]
pub(crate) mod nuget;
#[cfg(feature = "local")]
pub(crate) mod program;
#[cfg(feature = "local")]
pub(crate) mod pypi;
pub(crate) mod recorder;
pub(crate) mod stage;

//! What several tests need.

pub(crate) mod fixture;
pub(crate) mod home;
pub(crate) mod local;
pub(crate) mod npm;
pub(crate) mod program;

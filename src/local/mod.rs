//! The embedded service.

pub mod clock;
pub mod endpoint;
pub mod registry;
pub mod store;

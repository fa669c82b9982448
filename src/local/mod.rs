//! The embedded service.

pub mod clock;
pub mod endpoint;
pub mod external;
pub mod formats;
pub mod registry;
pub mod store;
pub mod upstream;

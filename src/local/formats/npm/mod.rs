//! The npm format.
//!
//! The protocol: <https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md> and
//! <https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md>; what of it the
//! service has: guide, "npm command support".

pub mod document;
pub mod index;
pub mod integrity;
pub mod manifest;
pub mod name;
pub mod tarball;
pub mod upload;

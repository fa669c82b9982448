//! The package endpoints, asked as the package managers ask them.

mod cargo;
mod npm;
mod pypi;

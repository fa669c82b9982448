//! The package endpoints, asked as the package managers ask them.

mod npm;
mod pypi;

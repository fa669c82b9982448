//! The package endpoints, asked as the package managers ask them.

mod cargo;
mod maven;
mod npm;
mod nuget;
mod pypi;
mod ruby;
mod swift;

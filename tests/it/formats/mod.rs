//! The package endpoints, asked as the package managers ask them.

mod cargo;
mod ingestion;
mod maven;
mod npm;
mod nuget;
mod pypi;
mod ruby;
mod swift;
mod uploads;

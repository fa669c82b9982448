//! The embedded service, through its public API only; each test tells a part of the user guide.

mod auth;
mod domain;
mod generic;
mod repository;
mod tag;
mod world;

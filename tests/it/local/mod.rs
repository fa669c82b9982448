//! The embedded service, through its public API only; each test tells a part of the user guide.

mod auth;
mod aws;
mod batch;
mod browse;
mod client;
mod concurrency;
mod crash;
mod domain;
mod double;
mod event;
mod generic;
mod group;
mod guide;
mod hostile;
mod network;
mod package;
mod policy;
mod principal;
mod repository;
mod substitution;
mod tag;
mod tls;
mod upstream;
mod world;

//! The login as a whole process, against a stand-in for the service.

#[cfg(unix)]
mod aws;
mod cli;
mod clients;
mod folders;
mod project;
#[cfg(feature = "local")]
mod proof;
mod stand_in;

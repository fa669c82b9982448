//! The login as a whole process, against a stand-in for the service.

#[cfg(unix)]
mod aws;
mod cli;
mod clients;
mod doctor;
mod folders;
#[cfg(all(target_os = "linux", feature = "keychain"))]
mod keychain;
mod project;
#[cfg(feature = "local")]
mod proof;
mod stand_in;
mod status;

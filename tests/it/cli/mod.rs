//! The program against a service that answers as the test says.

#[cfg(target_os = "linux")]
mod credentials;
mod faults;
mod misspelt;
mod transfer;

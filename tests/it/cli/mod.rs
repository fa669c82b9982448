//! The program against a service that answers as the test says.

#[cfg(unix)]
mod alias;
#[cfg(target_os = "linux")]
mod credentials;
mod faults;
mod misspelt;
mod tls;
mod transfer;

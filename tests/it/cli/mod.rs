//! The program against a service that answers as the test says.

mod faults;
mod misspelt;
mod transfer;

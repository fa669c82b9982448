//! All integration tests, as one binary.

mod login;
mod output;

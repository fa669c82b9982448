//! The program as a person meets it.

mod clients;
mod crash;
mod demo;
mod faults;
mod guide;
mod local;
mod upstream;

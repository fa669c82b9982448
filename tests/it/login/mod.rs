//! The login as a whole process, against a stand-in for the service.

mod cli;
mod clients;
mod folders;
mod stand_in;

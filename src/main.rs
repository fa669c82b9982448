//! Parses the command line, runs it, prints the error, exits.

use std::process::ExitCode;

use codeartifact::cli;
use codeartifact::config::env::Env;

fn main() -> ExitCode {
    ExitCode::from(cli::run(std::env::args_os().collect(), Env::capture()))
}

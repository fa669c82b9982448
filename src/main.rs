//! Parses the command line, runs it, prints the error, exits.

fn main() {}

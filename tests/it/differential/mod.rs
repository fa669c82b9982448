//! The installed client of AWS and ours, the same command lines, the same service: the same
//! requests, the same bytes on standard output, the same exit codes and sentences.
//!
//! Ours follows version 2. Where the installed client is version 1, what is version 1's alone
//! is left out, each with a word of why:
//!
//! - Formats `yaml`, `yaml-stream` and `off`, `yaml-input`, `--cli-input-yaml`: not in version 1.
//! - Exit codes: version 1 has 2 for what argparse refuses and 255 for every other failure.
//! - `--generate-cli-skeleton input`: version 1 takes a random value of an enumeration.
//! - Points in time: version 1 is told to print ISO 8601, which version 2 does by itself.
//! - Shorthand errors: version 1 prints a placeholder in place of the input, by mistake.
//! - `--generate-cli-skeleton output`: both versions refuse some of their own placeholders as
//!   too short; ours prints the skeleton.

mod cases;
mod compare;
mod reference;

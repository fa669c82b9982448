//! The pager: which program it is, and running it (AWS CLI user guide, "Client-side pager").
//!
//! Which one is decided purely from what it is given. It stands between standard output and
//! a terminal, so [`super::Streams::page_through`] starts it, at the first byte of a result.

use std::io;
use std::process::{Child, Command, Stdio};

use crate::config::env::Platform;
use crate::error::{Error, Result};

/// What `less` is told when the variable `LESS` is not set: quit when all fits on one
/// screen (F), let colours through (R), leave the text on the screen (X).
const LESS: &str = "FRX";

/// Where the choice of a pager comes from; unset is `None`, empty means "no pager".
#[derive(Clone, Copy, Debug, Default)]
pub struct Sources<'a> {
    /// `--no-cli-pager`.
    pub disabled: bool,
    /// The variable `AWS_PAGER`.
    pub aws_pager: Option<&'a str>,
    /// `cli_pager` of the profile.
    pub cli_pager: Option<&'a str>,
    /// The variable `PAGER`.
    pub pager: Option<&'a str>,
    /// The variable `LESS`.
    pub less: Option<&'a str>,
}

/// A program that shows text page by page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    invocation: Invocation,
    /// Whether to set the variable `LESS`.
    sets_less: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Invocation {
    /// A program and its arguments.
    Words(String, Vec<String>),
    /// A line for the shell, which on Windows takes programs apart in its own way.
    Shell(String),
}

/// Chooses the pager: the first source that is set counts, and without any it is `less`, or
/// `more` on Windows. Fails when the chosen line cannot be split into words.
pub fn choose(sources: &Sources<'_>, platform: Platform) -> Result<Option<Program>> {
    let default = if platform == Platform::Windows {
        "more"
    } else {
        "less"
    };
    let line = sources
        .aws_pager
        .or(sources.cli_pager)
        .or(sources.pager)
        .unwrap_or(default);
    if sources.disabled || line.is_empty() {
        return Ok(None);
    }
    let invocation = if platform == Platform::Windows {
        Invocation::Shell(line.to_string())
    } else {
        let words = shlex::split(line).ok_or_else(|| {
            Error::other(format!("The pager `{line}` has a quotation without an end"))
        })?;
        let mut words = words.into_iter();
        let Some(program) = words.next() else {
            return Ok(None);
        };
        Invocation::Words(program, words.collect())
    };
    Ok(Some(Program {
        invocation,
        sets_less: sources.less.is_none(),
    }))
}

impl Program {
    /// Starts the pager, which then waits for its input on a pipe. The error is one that
    /// [`not_started`] recognises.
    pub(super) fn start(&self) -> io::Result<Child> {
        let mut command = match &self.invocation {
            Invocation::Words(program, arguments) => {
                let mut command = Command::new(program);
                command.args(arguments);
                command
            }
            Invocation::Shell(line) => shell(line),
        };
        if self.sets_less {
            command.env("LESS", LESS);
        }
        command.stdin(Stdio::piped()).spawn().map_err(|error| {
            let reason = match error.kind() {
                // As Python puts it, and hence the reference.
                io::ErrorKind::NotFound => {
                    format!("[Errno 2] No such file or directory: '{}'", self.name())
                }
                _ => format!("{error}: '{}'", self.name()),
            };
            io::Error::other(NotStarted(reason))
        })
    }

    fn name(&self) -> &str {
        match &self.invocation {
            Invocation::Words(program, _) => program,
            Invocation::Shell(line) => line,
        }
    }
}

#[cfg(windows)]
fn shell(line: &str) -> Command {
    use std::os::windows::process::CommandExt;
    let mut command = Command::new("cmd");
    command.arg("/C").raw_arg(line);
    command
}

#[cfg(not(windows))]
fn shell(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(line);
    command
}

/// The pager could not be started.
#[derive(Debug)]
struct NotStarted(String);

impl std::fmt::Display for NotStarted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotStarted {}

/// What to tell a person if the error says that no pager could be started.
pub(super) fn not_started(error: &io::Error) -> Option<Error> {
    let NotStarted(reason) = error.get_ref()?.downcast_ref()?;
    Some(
        Error::configuration(format!(
            "Unable to redirect output to pager. Received the following error when opening pager:\n{reason}"
        ))
        .hint("Set AWS_PAGER to another program or to nothing, or use --no-cli-pager"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(sources: &Sources<'_>) -> Option<(String, Vec<String>, bool)> {
        let program = choose(sources, Platform::Linux).unwrap()?;
        match program.invocation {
            Invocation::Words(name, arguments) => Some((name, arguments, program.sets_less)),
            Invocation::Shell(_) => panic!("no shell on Linux"),
        }
    }

    fn named(name: &str) -> Option<(String, Vec<String>, bool)> {
        Some((name.to_string(), Vec::new(), true))
    }

    #[test]
    fn the_first_source_counts_and_nothing_means_none() {
        let mut sources = Sources::default();
        assert_eq!(chosen(&sources), named("less"));
        sources.pager = Some("most");
        assert_eq!(chosen(&sources), named("most"));
        sources.cli_pager = Some("bat");
        assert_eq!(chosen(&sources), named("bat"));
        sources.aws_pager = Some("cat");
        assert_eq!(chosen(&sources), named("cat"));
        sources.disabled = true;
        assert_eq!(chosen(&sources), None);
        for empty in ["", "  "] {
            let sources = Sources {
                cli_pager: Some(empty),
                pager: Some("most"),
                ..Sources::default()
            };
            assert_eq!(chosen(&sources), None);
        }
    }

    #[test]
    fn a_line_is_split_like_a_shell_does() {
        let sources = Sources {
            aws_pager: Some("less -R 'a b'"),
            less: Some(""),
            ..Sources::default()
        };
        let arguments = vec!["-R".to_string(), "a b".to_string()];
        assert_eq!(
            chosen(&sources),
            Some(("less".to_string(), arguments, false))
        );
        let unclosed = Sources {
            pager: Some("less 'x"),
            ..Sources::default()
        };
        assert!(choose(&unclosed, Platform::Linux).is_err());
        assert_eq!(
            choose(&unclosed, Platform::Windows)
                .unwrap()
                .unwrap()
                .invocation,
            Invocation::Shell("less 'x".to_string())
        );
    }

    #[test]
    fn a_missing_program_is_a_matter_of_configuration() {
        let sources = Sources {
            aws_pager: Some("no-such-pager-anywhere -x"),
            ..Sources::default()
        };
        let program = choose(&sources, Platform::Linux).unwrap().unwrap();
        let error = not_started(&program.start().unwrap_err()).unwrap();
        assert_eq!(error.kind.exit_code(), 253);
        assert!(
            error.message.ends_with(
                "opening pager:\n[Errno 2] No such file or directory: 'no-such-pager-anywhere'"
            ),
            "{error}"
        );
    }
}

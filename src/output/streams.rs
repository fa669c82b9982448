//! The two streams of the process: standard output carries the result and nothing else,
//! standard error the conversation.
//!
//! Terminals and colours are decided once, here. A reader of standard output that goes away
//! (`codeartifact … | head -1`) is not an error: from then on what is written is dropped.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::str::FromStr;
use std::sync::{Arc, Mutex};

use super::pager::{self, Program};
use super::stdout::{Stdout, buffered, lock};
use crate::error::{Error, Result};

/// The values of `--color`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// Always.
    On,
    /// Never.
    Off,
    /// On a terminal, unless `NO_COLOR` is set (<https://no-color.org>).
    #[default]
    Auto,
}

impl Color {
    /// Whether to colour a stream.
    fn decide(self, is_terminal: bool, no_color: bool) -> bool {
        match self {
            Color::On => true,
            Color::Off => false,
            Color::Auto => is_terminal && !no_color,
        }
    }
}

impl FromStr for Color {
    type Err = Error;

    /// Reads `on`, `off` or `auto`; anything else is a usage error.
    fn from_str(name: &str) -> Result<Color> {
        match name {
            "on" => Ok(Color::On),
            "off" => Ok(Color::Off),
            "auto" => Ok(Color::Auto),
            other => Err(Error::usage(format!(
                "Unknown color option: {other}; one of on, off, auto"
            ))),
        }
    }
}

/// Standard output and standard error, or what stands for them. Clones share the streams.
#[derive(Clone)]
pub struct Streams {
    out: Stdout,
    err: Arc<Mutex<Box<dyn Write + Send>>>,
    out_is_terminal: bool,
    err_is_terminal: bool,
    out_colour: bool,
    err_colour: bool,
}

impl Streams {
    /// The streams of this process. `no_color` says whether the variable `NO_COLOR` is set
    /// and not empty.
    pub fn process(color: Color, no_color: bool) -> Streams {
        let (out, err) = (io::stdout(), io::stderr());
        let (out_is_terminal, err_is_terminal) = (out.is_terminal(), err.is_terminal());
        Streams {
            out_is_terminal,
            err_is_terminal,
            out_colour: color.decide(out_is_terminal, no_color),
            err_colour: color.decide(err_is_terminal, no_color),
            ..Streams::over(buffered(out), Box::new(err))
        }
    }

    /// Buffers in place of the streams, which are no terminals and have no colours, and the
    /// means to read them: for tests.
    pub fn captured() -> (Streams, Captured) {
        let captured = Captured::default();
        let streams = Streams::over(
            Box::new(captured.out.clone()),
            Box::new(captured.err.clone()),
        );
        (streams, captured)
    }

    /// Any two writers; neither is a terminal, neither has colours.
    pub fn over(out: Box<dyn Write + Send>, err: Box<dyn Write + Send>) -> Streams {
        Streams {
            out: Stdout::new(out),
            err: Arc::new(Mutex::new(err)),
            out_is_terminal: false,
            err_is_terminal: false,
            out_colour: false,
            err_colour: false,
        }
    }

    /// The same streams with another answer to `--color`, which is known only after the
    /// command line has been read. Arguments as for [`Streams::process`].
    #[must_use]
    pub fn with_color(mut self, color: Color, no_color: bool) -> Streams {
        self.out_colour = color.decide(self.out_is_terminal, no_color);
        self.err_colour = color.decide(self.err_is_terminal, no_color);
        self
    }

    /// Whether a person reads standard output.
    pub fn stdout_is_terminal(&self) -> bool {
        self.out_is_terminal
    }

    /// Whether a person reads standard error, and may be shown progress.
    pub fn stderr_is_terminal(&self) -> bool {
        self.err_is_terminal
    }

    /// Whether to colour standard output.
    pub fn stdout_colour(&self) -> bool {
        self.out_colour
    }

    /// Whether to colour standard error.
    pub fn stderr_colour(&self) -> bool {
        self.err_colour
    }

    /// Standard output, buffered: [`Streams::finish`] empties the buffer. Never fails with
    /// [`ErrorKind::BrokenPipe`].
    pub fn out(&self) -> Stdout {
        self.out.clone()
    }

    /// Standard error.
    pub fn err(&self) -> Stderr {
        Stderr {
            err: Arc::clone(&self.err),
        }
    }

    /// Sends what is printed from now on through the pager if a person reads it, and if it
    /// is not already. The pager is started with the first byte; [`Streams::finish`] waits
    /// until it is closed.
    pub fn page_through(&self, program: &Program) {
        if self.out_is_terminal {
            self.out.page_through(program);
        }
    }

    /// Whether the reader of standard output has gone away, so that fetching more for it is
    /// in vain.
    pub fn is_closed(&self) -> bool {
        self.out.is_closed()
    }

    /// Writes text to standard output, as it is.
    pub fn print(&self, text: &str) -> Result<()> {
        self.out().write_all(text.as_bytes()).map_err(unwritable)
    }

    /// Tells on standard error what is going on.
    pub fn status(&self, message: impl fmt::Display) {
        self.tell(None, &message);
    }

    /// Tells on standard error of something that may be wrong.
    pub fn warning(&self, message: impl fmt::Display) {
        self.tell(Some(("warning", "33")), &message);
    }

    /// Tells on standard error what to try.
    pub fn hint(&self, message: impl fmt::Display) {
        self.tell(Some(("hint", "36")), &message);
    }

    /// One line on standard error, with a label in bold and the given ANSI colour. Nobody
    /// can be told that standard error does not work.
    fn tell(&self, label: Option<(&str, &str)>, message: &dyn fmt::Display) {
        let line = match label {
            Some((label, colour)) if self.err_colour => {
                format!("\x1b[1;{colour}m{label}:\x1b[0m {message}\n")
            }
            Some((label, _)) => format!("{label}: {message}\n"),
            None => format!("{message}\n"),
        };
        // In the order in which a person is to read them.
        let _ = self.out().flush();
        let _ = self.err().write_all(line.as_bytes());
    }

    /// Empties the buffer of standard output and waits for the pager; to be called before
    /// the process ends. Fails when what was printed could not be written, such as to a full
    /// disk.
    pub fn finish(&self) -> Result<()> {
        self.out().finish().map_err(unwritable)
    }
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streams")
            .field("out_is_terminal", &self.out_is_terminal)
            .field("err_is_terminal", &self.err_is_terminal)
            .field("out_colour", &self.out_colour)
            .field("err_colour", &self.err_colour)
            .finish_non_exhaustive()
    }
}

/// What to say when standard output takes no more.
pub(super) fn unwritable(error: io::Error) -> Error {
    if let Some(error) = pager::not_started(&error) {
        return error;
    }
    Error::other(format!("Unable to write to standard output: {error}")).caused_by(error)
}

/// A handle on standard error.
#[derive(Clone)]
pub struct Stderr {
    err: Arc<Mutex<Box<dyn Write + Send>>>,
}

impl Write for Stderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lock(&self.err).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        lock(&self.err).flush()
    }
}

/// What was written to streams that are buffers.
#[derive(Clone, Debug, Default)]
pub struct Captured {
    out: Buffer,
    err: Buffer,
}

impl Captured {
    /// Standard output so far.
    pub fn out(&self) -> String {
        self.out.text()
    }

    /// Standard error so far.
    pub fn err(&self) -> String {
        self.err.text()
    }
}

#[derive(Clone, Debug, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&lock(&self.0)).into_owned()
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lock(&self.0).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufWriter, ErrorKind};

    use super::*;
    #[cfg(unix)]
    use crate::config::env::Platform;

    /// Fails every write in the same way.
    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn result_and_conversation_are_apart() {
        let (streams, captured) = Streams::captured();
        streams.print("data\n").unwrap();
        streams.status("fetching");
        streams.warning("slow");
        streams.hint("use a mirror");
        streams.finish().unwrap();
        assert_eq!(captured.out(), "data\n");
        assert_eq!(
            captured.err(),
            "fetching\nwarning: slow\nhint: use a mirror\n"
        );
    }

    #[test]
    fn a_closed_pipe_is_quiet() {
        let out = BufWriter::new(Failing(ErrorKind::BrokenPipe));
        let streams = Streams::over(Box::new(out), Box::new(io::sink()));
        streams.print("buffered").unwrap();
        assert!(!streams.is_closed());
        streams.finish().unwrap();
        assert!(streams.is_closed());
        streams.print("dropped").unwrap();
    }

    #[cfg(unix)]
    fn paged(script: &str) -> (Streams, Captured) {
        let sources = pager::Sources {
            aws_pager: Some(script),
            ..pager::Sources::default()
        };
        let program = pager::choose(&sources, Platform::Linux);
        let (mut streams, captured) = Streams::captured();
        streams.out_is_terminal = true;
        streams.page_through(&program.unwrap().unwrap());
        (streams, captured)
    }

    #[cfg(unix)]
    #[test]
    fn a_pager_gets_the_result_and_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let seen = folder.path().join("seen");
        let (streams, captured) = paged(&format!("sh -c 'cat > {}'", seen.display()));
        streams.print("one\n").unwrap();
        let other = pager::choose(&pager::Sources::default(), Platform::Linux);
        streams.page_through(&other.unwrap().unwrap());
        streams.print("two\n").unwrap();
        streams.finish().unwrap();
        assert_eq!(std::fs::read_to_string(&seen).unwrap(), "one\ntwo\n");
        streams.print("after\n").unwrap();
        assert_eq!(captured.out(), "after\n");
    }

    #[cfg(unix)]
    #[test]
    fn a_pager_that_is_closed_early_is_quiet() {
        let (streams, _) = paged("true");
        for _ in 0..100 {
            streams.print(&"x".repeat(10_000)).unwrap();
        }
        streams.finish().unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_pager_is_started_for_a_result_only() {
        let (streams, captured) = paged("no-such-pager-anywhere");
        streams.status("no result yet");
        assert_eq!(captured.err(), "no result yet\n");
        let error = streams.print("a result").unwrap_err();
        assert_eq!(error.kind.exit_code(), 253);
        streams.finish().unwrap();
        streams.print("what follows").unwrap();
        assert_eq!(captured.out(), "what follows");
    }

    #[test]
    fn a_full_disk_is_not() {
        let out = Box::new(Failing(ErrorKind::StorageFull));
        let streams = Streams::over(out, Box::new(io::sink()));
        let error = streams.print("data").unwrap_err();
        assert!(error.message.contains("standard output"), "{error}");
    }

    #[test]
    fn colours() {
        assert!(Color::On.decide(false, true));
        assert!(!Color::Off.decide(true, false));
        assert!(Color::Auto.decide(true, false));
        assert!(!Color::Auto.decide(true, true));
        assert!(!Color::Auto.decide(false, false));
        let (streams, captured) = Streams::captured();
        streams.with_color(Color::On, false).warning("slow");
        assert_eq!(captured.err(), "\x1b[1;33mwarning:\x1b[0m slow\n");
        assert!("blue".parse::<Color>().is_err());
    }
}

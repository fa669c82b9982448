//! What went wrong, in the one form that every part of the program reports it.
//!
//! An [`Error`] carries its [`Kind`] (which decides the exit code), a sentence, the
//! members that a service fault brought along, hints, and the cause. It knows nothing
//! of how it will be printed.

use std::fmt;
use std::num::NonZeroU32;

/// The class of a failure; AWS CLI v2's exit codes (AWS CLI user guide, "return codes").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Ctrl-C.
    Interrupted,
    /// The command line, or a parameter on it, is wrong.
    Usage,
    /// The environment does not let the command run: no region, no credentials, no pager.
    Configuration,
    /// The service answered with a fault.
    Service,
    /// Everything else: network, files, broken answers.
    Other,
}

impl Kind {
    /// The process exit code of this kind.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Interrupted => 130,
            Kind::Usage => 252,
            Kind::Configuration => 253,
            Kind::Service => 254,
            Kind::Other => 255,
        }
    }
}

/// A failure that a person is going to read.
#[derive(Debug)]
pub struct Error {
    /// Decides the exit code.
    pub kind: Kind,
    /// The service's or the client's error code, such as `ResourceNotFoundException`.
    pub code: Option<String>,
    /// One sentence: what is wrong and where.
    pub message: String,
    /// Further members of a service fault, in the model's order.
    pub details: Vec<(String, String)>,
    /// What to try, one sentence each.
    pub hints: Vec<String>,
    /// The cause, for `--debug`.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
    /// Where in the message the sentence begins behind its frame.
    bare_at: Option<NonZeroU32>,
}

/// A result whose failure is meant for a person.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A failure of the given kind.
    pub fn new(kind: Kind, message: impl Into<String>) -> Error {
        Error {
            kind,
            code: None,
            message: message.into(),
            bare_at: None,
            details: Vec::new(),
            hints: Vec::new(),
            source: None,
        }
    }

    /// The command line is wrong.
    pub fn usage(message: impl Into<String>) -> Error {
        Error::new(Kind::Usage, message)
    }

    /// An error with a code, in AWS CLI v2's frame. `call` is what comes between the code and
    /// the colon, such as ` when calling the ListDomains operation`.
    pub fn occurred(kind: Kind, code: &str, call: &str, bare: impl Into<String>) -> Error {
        let frame = format!("An error occurred ({code}){call}: ");
        let bare_at = u32::try_from(frame.len()).ok().and_then(NonZeroU32::new);
        let mut error = Error::new(kind, frame + &bare.into()).code(code);
        error.bare_at = bare_at;
        error
    }

    /// The sentence without `An error occurred (Code)…:` in front, where it has that; what
    /// the structured error formats call `Message`.
    pub fn bare(&self) -> Option<&str> {
        self.message.get(self.bare_at?.get() as usize..)
    }

    /// A parameter is wrong, as the client sees it before anything is sent.
    pub fn parameter(bare: impl Into<String>) -> Error {
        Error::occurred(Kind::Usage, "ParamValidation", "", bare)
    }

    /// The environment does not let the command run.
    pub fn configuration(message: impl Into<String>) -> Error {
        Error::new(Kind::Configuration, message)
    }

    /// Anything that is neither the caller's nor the service's doing.
    pub fn other(message: impl Into<String>) -> Error {
        Error::new(Kind::Other, message)
    }

    /// Names the failure with an error code.
    pub fn code(mut self, code: impl Into<String>) -> Error {
        self.code = Some(code.into());
        self
    }

    /// Adds something to try.
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.hints.push(hint.into());
        self
    }

    /// Keeps the cause.
    pub fn caused_by(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Error {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn std::error::Error + 'static))
    }
}

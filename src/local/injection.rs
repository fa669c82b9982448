//! Trouble on purpose: what a client has to cope with, by operation.
//!
//! An injection is written `OPERATION=TROUBLE`, where the operation is the API's name
//! (`ListPackages`), the command's (`list-packages`), a package format for its endpoints (`npm`) or
//! `*`; and the trouble is one of `throttle`, `throttle:SECONDS`, `error`, `slow:MILLISECONDS`,
//! `reset` and `expired-token`, with `*TIMES` behind it to stop after so many.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::registry::Format;
use crate::ops::OPERATIONS;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// `ThrottlingException`, with the seconds after which to come back.
    Throttle(u32),
    /// `InternalServerException`.
    Error,
    /// The answer comes late.
    Slow(Duration),
    /// The connection ends in the middle of the answer.
    Reset,
    /// The credentials, or the token, are said to have expired.
    ExpiredToken,
}

/// Trouble with an operation.
#[derive(Debug)]
pub struct Injection {
    /// The operation's or format's name; `*` for all.
    operation: String,
    trouble: Trouble,
    /// How often it is still to happen; for ever without a number.
    left: Option<AtomicU32>,
}

impl Injection {
    /// Reads an injection.
    ///
    /// # Errors
    /// A sentence about what is wrong with it.
    pub fn parse(text: &str) -> Result<Injection, String> {
        let (operation, trouble) = text
            .split_once('=')
            .ok_or_else(|| format!("`{text}` is not OPERATION=TROUBLE"))?;
        let operation = OPERATIONS
            .iter()
            .find(|known| known.command == operation || known.name == operation)
            .map(|known| known.name.to_string())
            .or_else(|| Some(Format::from_name(operation)?.to_string()))
            .or_else(|| (operation == "*").then(|| "*".to_string()))
            .ok_or_else(|| format!("there is no operation and no package format `{operation}`"))?;
        let (trouble, left) = match trouble.split_once('*') {
            None => (trouble, None),
            Some((trouble, times)) => (trouble, Some(number(times)?)),
        };
        let (kind, value) = match trouble.split_once(':') {
            None => (trouble, None),
            Some((kind, value)) => (kind, Some(number(value)?)),
        };
        let trouble = match (kind, value) {
            ("throttle", seconds) => Trouble::Throttle(seconds.unwrap_or(1)),
            ("error", None) => Trouble::Error,
            ("slow", Some(milliseconds)) => {
                Trouble::Slow(Duration::from_millis(milliseconds.into()))
            }
            ("reset", None) => Trouble::Reset,
            ("expired-token", None) => Trouble::ExpiredToken,
            _ => {
                return Err(format!(
                    "`{trouble}` is none of throttle, throttle:SECONDS, error, slow:MILLISECONDS, reset and expired-token"
                ));
            }
        };
        Ok(Injection {
            operation,
            trouble,
            left: left.map(AtomicU32::new),
        })
    }

    /// The trouble that this makes for the operation now, if any.
    fn strikes(&self, operation: &str) -> Option<Trouble> {
        if self.operation != "*" && self.operation != operation {
            return None;
        }
        let strikes = self.left.as_ref().is_none_or(|left| {
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            })
            .is_ok()
        });
        strikes.then_some(self.trouble)
    }
}

/// The first trouble for the operation, or for the format of a package endpoint.
pub(super) fn strike(injections: &[Injection], operation: &str) -> Option<Trouble> {
    injections
        .iter()
        .find_map(|injection| injection.strikes(operation))
}

fn number(text: &str) -> Result<u32, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is not a number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn injections_are_read() {
        for (text, trouble) in [
            ("ListPackages=throttle", Trouble::Throttle(1)),
            ("list-packages=throttle:30", Trouble::Throttle(30)),
            ("npm=error", Trouble::Error),
            ("*=slow:250", Trouble::Slow(Duration::from_millis(250))),
            (
                "get-authorization-token=expired-token*2",
                Trouble::ExpiredToken,
            ),
        ] {
            assert_eq!(Injection::parse(text).unwrap().trouble, trouble, "{text}");
        }
        for text in [
            "ListPackages",
            "List=error",
            "npm=slow",
            "npm=error:1",
            "npm=error*x",
            "npm=fire",
        ] {
            assert!(Injection::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn trouble_ends_after_its_times() {
        let injections = [Injection::parse("list-domains=reset*2").unwrap()];
        assert_eq!(strike(&injections, "ListPackages"), None);
        assert_eq!(strike(&injections, "ListDomains"), Some(Trouble::Reset));
        assert_eq!(strike(&injections, "ListDomains"), Some(Trouble::Reset));
        assert_eq!(strike(&injections, "ListDomains"), None);
    }
}

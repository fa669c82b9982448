//! Tells what went wrong, on standard error and in the format that `--cli-error-format` asks
//! for, as AWS CLI v2 does.

use serde_json::{Map, Value};

use super::global::ERROR_FORMATS;
use super::tree;
use crate::api::fault::FaultKind;
use crate::error::{Error, Kind};
use crate::output::{Format, Printer, Streams};

/// Tells of an error. `format` is the name of an error format; what is none counts as
/// `enhanced`.
pub(super) fn tell(error: &Error, format: &str, streams: &Streams) {
    if error.kind == Kind::Interrupted {
        // The line on which the terminal shows ^C ends; nobody can be told if it cannot.
        let _ = streams.print("\n");
        return;
    }
    let format = if ERROR_FORMATS.contains(&format) {
        format
    } else {
        "enhanced"
    };
    let structured: Option<Format> = format.parse().ok();
    match (error.bare(), structured) {
        (Some(bare), Some(format)) => {
            if print_structured(error, bare, format, streams).is_err() {
                sentence(&error.message, streams);
            }
        }
        (Some(bare), None) if format == "legacy" && error.kind != Kind::Service => {
            sentence(bare, streams);
        }
        _ => {
            sentence(&error.message, streams);
            if format == "enhanced" {
                details(error, streams);
            }
        }
    }
    for hint in &error.hints {
        streams.hint(hint);
    }
}

fn sentence(message: &str, streams: &Streams) {
    streams.status(format_args!(
        "\n{}: [ERROR]: {}",
        tree::NAME,
        message.trim()
    ));
}

fn details(error: &Error, streams: &Streams) {
    if error.details.is_empty() {
        return;
    }
    streams.status("\nAdditional error details:");
    for (name, value) in &error.details {
        streams.status(format_args!("{name}: {value}"));
    }
}

fn print_structured(
    error: &Error,
    bare: &str,
    format: Format,
    streams: &Streams,
) -> crate::error::Result<()> {
    let code = (
        "Code",
        Value::from(error.code.as_deref().unwrap_or_default()),
    );
    let message = ("Message", Value::from(bare));
    let first = match error.kind {
        Kind::Service => [message, code],
        _ => [code, message],
    };
    let mut members: Map<String, Value> = first
        .into_iter()
        .map(|(name, value)| (name.to_string(), value))
        .collect();
    // The reference prints the sentence a second time, under the name that it has in the model.
    let code = error.code.as_deref().unwrap_or_default();
    if error.kind == Kind::Service && FaultKind::named(code).is_some() {
        members.insert("message".to_string(), Value::from(bare));
    }
    for (name, text) in &error.details {
        let value = match text.parse::<i64>() {
            Ok(seconds) if name == "retryAfterSeconds" => Value::from(seconds),
            _ => Value::from(text.as_str()),
        };
        members.insert(name.clone(), value);
    }
    let printer = Printer::new(format, None, streams.stderr_colour(), "error");
    printer.whole(&Value::Object(members), &mut streams.err())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(error: &Error, format: &str) -> String {
        let (streams, captured) = Streams::captured();
        tell(error, format, &streams);
        captured.err()
    }

    fn fault() -> Error {
        let call = " when calling the DescribeDomain operation (reached max retries: 2)";
        let mut error = Error::occurred(Kind::Service, "ThrottlingException", call, "Slow down");
        error.details = vec![("retryAfterSeconds".to_string(), "5".to_string())];
        error
    }

    #[test]
    fn a_fault_in_each_format() {
        let sentence = "\ncodeartifact: [ERROR]: An error occurred (ThrottlingException) when \
            calling the DescribeDomain operation (reached max retries: 2): Slow down\n";
        assert_eq!(
            told(&fault(), "enhanced"),
            format!("{sentence}\nAdditional error details:\nretryAfterSeconds: 5\n")
        );
        assert_eq!(told(&fault(), "legacy"), sentence);
        assert_eq!(
            told(&fault(), "json"),
            "{\n    \"Message\": \"Slow down\",\n    \"Code\": \"ThrottlingException\",\n    \
             \"message\": \"Slow down\",\n    \"retryAfterSeconds\": 5\n}\n"
        );
    }

    #[test]
    fn a_usage_error_in_each_format() {
        let error = Error::parameter("Bad value");
        assert_eq!(
            told(&error, "enhanced"),
            "\ncodeartifact: [ERROR]: An error occurred (ParamValidation): Bad value\n"
        );
        assert_eq!(
            told(&error, "legacy"),
            "\ncodeartifact: [ERROR]: Bad value\n"
        );
        assert!(told(&error, "json").contains("\"Code\": \"ParamValidation\",\n"));
    }

    #[test]
    fn what_has_no_code_is_told_in_a_sentence() {
        let error = Error::other("No luck").hint("Try again");
        let told = told(&error, "json");
        assert_eq!(told, "\ncodeartifact: [ERROR]: No luck\nhint: Try again\n");
    }
}

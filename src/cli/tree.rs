//! The command tree: a command for each operation, made from its parameters and the member
//! table, and the commands of our own.

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, ArgAction, Args, Command};

use super::global::GlobalArgs;
use crate::api::members::{Kind, member_of_flag};
use crate::ops::{Descriptor, OPERATIONS, Transport};

/// The name that people type.
pub const NAME: &str = "codeartifact";

/// The whole tree.
pub fn command() -> Command {
    let command = Command::new(NAME)
        .about("Work with AWS CodeArtifact: its whole API, logins for package managers, and a local service")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .infer_long_args(true)
        .args_override_self(true)
        .disable_help_subcommand(false);
    GlobalArgs::augment_args(command)
        .subcommands(OPERATIONS.iter().map(operation))
        .subcommands(super::own_commands())
}

/// The command of an operation.
pub fn operation(operation: &Descriptor) -> Command {
    let mut command = (operation.augment)(Command::new(operation.command));
    let booleans: Vec<Arg> = command
        .get_arguments()
        .filter_map(|arg| counterpart(operation, arg))
        .collect();
    command = command.mut_args(|arg| shape(operation, arg)).args(booleans);
    if let Transport::Download = operation.transport {
        command = command.arg(
            Arg::new("outfile")
                .required(true)
                .value_name("OUTFILE")
                .help("File to write the asset to; `-` for standard output"),
        );
    }
    command
}

/// The members that an operation cannot do without, as flags, in the model's order.
pub fn required(operation: &Descriptor) -> Vec<String> {
    (operation.augment)(Command::new(operation.command))
        .get_arguments()
        .filter(|arg| arg.is_required_set())
        .filter_map(|arg| Some(arg.get_long()?.to_string()))
        .collect()
}

/// Makes a flag read its value as AWS CLI does: always as text, several where the member is
/// made of several, none where it is a switch. What is required is checked later, as it may
/// come from `--cli-input-json`.
fn shape(operation: &Descriptor, arg: Arg) -> Arg {
    let Some(member) = arg
        .get_long()
        .and_then(|flag| member_of_flag(operation.name, flag))
    else {
        return arg;
    };
    let arg = arg.required(false).action(ArgAction::Set);
    match &member.kind {
        Kind::Boolean => arg
            .action(ArgAction::SetTrue)
            .overrides_with(format!("no-{}", member.flag)),
        Kind::List { .. } | Kind::Map { .. } | Kind::Structure(_) => {
            arg.value_parser(StringValueParser::new()).num_args(0..)
        }
        Kind::Text(text) if !text.values.is_empty() => arg.value_parser(Suggested(text.values)),
        Kind::Text(_) | Kind::Integer { .. } | Kind::Blob => {
            arg.value_parser(StringValueParser::new())
        }
    }
}

/// The `--no-…` of a switch.
fn counterpart(operation: &Descriptor, arg: &Arg) -> Option<Arg> {
    let flag = arg.get_long()?;
    let member = member_of_flag(operation.name, flag)?;
    matches!(member.kind, Kind::Boolean).then(|| {
        Arg::new(format!("no-{flag}"))
            .long(format!("no-{flag}"))
            .action(ArgAction::SetTrue)
            .overrides_with(arg.get_id())
            .help(format!("The opposite of `--{flag}`"))
    })
}

/// Takes any text but lists the values of an enumeration in help and completions: the service
/// judges values, and a newer one may know more of them.
#[derive(Clone)]
struct Suggested(&'static [&'static str]);

impl TypedValueParser for Suggested {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0.iter().map(PossibleValue::new)))
    }
}

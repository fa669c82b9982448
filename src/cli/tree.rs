//! The command tree: a command for each operation, made from its parameters and the member
//! table, and the commands of our own.

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, ArgAction, Args, Command, value_parser};

use super::argv::{Flag, Takes};
use super::check::Input;
use super::global::GlobalArgs;
use super::groups;
use crate::api::members::{Kind, member_of_flag};
use crate::ops::{Descriptor, OPERATIONS, Transport};

/// The name that people type.
pub const NAME: &str = "codeartifact";

/// The whole tree.
pub fn command() -> Command {
    let command = root()
        .subcommands(OPERATIONS.iter().map(operation))
        .subcommands(OWN.iter().map(|name| super::own_command(name)));
    let template = groups::help_template(&command);
    command.help_template(template)
}

/// The tree with one of our own commands as its only branch: the others take longer to build
/// than a login takes.
pub fn only(name: &str) -> Command {
    root().subcommand(super::own_command(name))
}

fn root() -> Command {
    GlobalArgs::augment_args(Command::new(NAME))
        .about("Work with AWS CodeArtifact: its whole API, logins for package managers, and a local service")
        .long_about(
            "Work with AWS CodeArtifact: its whole API, logins for package managers, and a local service\n\n\
             Example: `codeartifact list-packages --domain my-domain --repository my-repo`",
        )
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .infer_long_args(true)
        .args_override_self(true)
        .disable_help_subcommand(false)
}

/// Names of the commands that are not operations.
pub fn own_names() -> impl Iterator<Item = &'static str> + Clone {
    OWN.iter().copied()
}

/// Whether the command is not an operation.
pub fn is_own(name: &str) -> bool {
    OWN.contains(&name)
}

/// The commands that are not operations, as `cli` dispatches them.
const OWN: &[&str] = &[
    "completion",
    "login",
    "logout",
    "status",
    "doctor",
    #[cfg(feature = "local")]
    "local",
];

/// The command of an operation.
pub fn operation(operation: &Descriptor) -> Command {
    let mut command = (operation.augment)(Command::new(operation.command));
    let booleans: Vec<Arg> = command
        .get_arguments()
        .filter_map(|arg| counterpart(operation, arg))
        .collect();
    command = command.mut_args(|arg| shape(operation, arg)).args(booleans);
    match operation.transport {
        Transport::Download => command.arg(
            Arg::new("outfile")
                .required(true)
                .value_name("OUTFILE")
                .help("File to write the asset to; `-` for standard output"),
        ),
        _ => command.args(documents()),
    }
    .args(operation.pages.iter().flat_map(|_| paging()))
}

/// Whole inputs in one document.
fn documents() -> [Arg; 3] {
    let document = |name: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name("DOCUMENT")
            .help_heading("Whole inputs")
    };
    [
        document(INPUT_JSON)
            .help("The parameters as JSON text or `file://PATH`; flags override it"),
        document(INPUT_YAML)
            .help("The parameters as YAML text or `file://PATH`; flags override it"),
        Arg::new(SKELETON)
            .long(SKELETON)
            .value_name("KIND")
            .num_args(0..=1)
            .value_parser(["input", "output", "yaml-input"])
            .help_heading("Whole inputs")
            .help("Send nothing; print a document to fill in, or an answer as it may look"),
    ]
}

/// How a listing is cut into pages by the client.
fn paging() -> [Arg; 3] {
    let number = |name: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name("NUMBER")
            .allow_negative_numbers(true)
            .value_parser(value_parser!(i64))
            .help_heading("Pages")
    };
    [
        Arg::new(STARTING_TOKEN)
            .long(STARTING_TOKEN)
            .value_name("TOKEN")
            .help_heading("Pages")
            .help("Go on after an earlier listing that ended with this `NextToken`"),
        number(PAGE_SIZE).help("Most results in one answer of the service; all are fetched"),
        number(MAX_ITEMS).help("Most results in all; if there are more, a `NextToken` is printed"),
    ]
}

/// The members of an operation's input, in the model's order.
pub fn inputs(operation: &Descriptor) -> Vec<Input> {
    (operation.augment)(Command::new(operation.command))
        .get_arguments()
        .filter_map(|arg| {
            Some(Input {
                member: member_of_flag(operation.name, arg.get_long()?)?,
                required: arg.is_required_set(),
            })
        })
        .collect()
}

/// The flags of an operation as the argument splitter knows them.
pub fn flags(operation: &Descriptor) -> Vec<Flag> {
    self::operation(operation)
        .get_arguments()
        .filter_map(|arg| {
            let is_member = member_of_flag(operation.name, arg.get_long()?).is_some();
            let mut flag = Flag::of(arg, !is_member)?;
            // The one number that the reference checks while it reads the line.
            flag.is_number |= flag.name == "duration-seconds";
            Some(flag)
        })
        .collect()
}

/// The flags that every command has.
pub fn global_flags() -> Vec<Flag> {
    let mut flags: Vec<Flag> = GlobalArgs::augment_args(Command::new(NAME))
        .get_arguments()
        .filter_map(|arg| Flag::of(arg, true))
        .collect();
    flags.push(Flag {
        name: "version".to_string(),
        takes: Takes::Nothing,
        is_number: false,
        choices: Vec::new(),
    });
    flags
}

/// Names of flags that the tree adds to those of the operations.
pub const INPUT_JSON: &str = "cli-input-json";
/// See [`INPUT_JSON`].
pub const INPUT_YAML: &str = "cli-input-yaml";
/// See [`INPUT_JSON`].
pub const SKELETON: &str = "generate-cli-skeleton";
/// See [`INPUT_JSON`].
pub const STARTING_TOKEN: &str = "starting-token";
/// See [`INPUT_JSON`].
pub const PAGE_SIZE: &str = "page-size";
/// See [`INPUT_JSON`].
pub const MAX_ITEMS: &str = "max-items";

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

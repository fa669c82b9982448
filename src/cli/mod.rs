//! The command line: parses, runs one command, and tells what went wrong.
//!
//! May name any other module; no other module names it.

mod alias;
pub mod argv;
pub mod check;
mod doctor;
pub mod document;
mod files;
pub mod generate;
mod global;
mod groups;
mod input;
#[cfg(feature = "local")]
mod local;
mod login;
mod logout;
pub mod nearest;
pub mod param;
mod progress;
mod run;
pub mod shorthand;
pub mod skeleton;
mod status;
mod tell;
pub mod tree;

use std::ffi::OsString;
use std::sync::Arc;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches};
use serde_json::Value;

use crate::config::Settings;
use crate::config::aws::Profile;
use crate::config::env::Env;
use crate::error::{Error, Kind, Result};
use crate::ops::{self, Descriptor, OPERATIONS};
use crate::output::{Color, Format, Printer, Query, Streams};
use crate::sdk::trace::Trace;
use argv::{Flag, Takes};
use global::GlobalArgs;

/// What a command is given: its surroundings, what the global flags say, and the streams.
#[derive(Debug)]
pub struct Context {
    /// The surroundings of the process.
    pub env: Env,
    /// The global flags.
    pub global: GlobalArgs,
    /// Standard output and standard error.
    pub streams: Streams,
}

impl Context {
    /// The settings of the service, from flags, variables and profile.
    pub async fn settings(&self) -> Result<Settings> {
        let overrides = self.global.overrides()?;
        let profile = Profile::load(overrides.profile.as_deref(), &self.env).await?;
        Settings::resolve(overrides, &self.env, &profile)
    }

    /// Where `--debug` tells what is sent and received.
    pub fn trace(&self) -> Option<Trace> {
        let streams = self.streams.clone();
        self.global
            .debug
            .then(|| Arc::new(move |line: &str| streams.status(line)) as Trace)
    }
}

/// Runs a command line, program name first, and gives the exit code of the process.
pub fn run(arguments: Vec<OsString>, env: Env) -> u8 {
    let no_color = env.var("NO_COLOR").is_some();
    let streams = Streams::process(Color::Auto, no_color);
    let mut flags = GlobalArgs::default();
    let surroundings = env.clone();
    let result = understand(arguments, &env).and_then(|asked| match asked {
        Asked::Text(text) => streams.print(&text).map(|()| 0),
        Asked::Shell(line) => shell(&line),
        Asked::Run(global, command) => {
            let color = global.color.as_deref().unwrap_or("auto").parse()?;
            flags.clone_from(&global);
            let context = Context {
                env,
                global: *global,
                streams: streams.clone().with_color(color, no_color),
            };
            dispatch(&context, &command)
        }
    });
    let flushed = streams.finish();
    match result.and_then(|code| flushed.map(|()| code)) {
        Ok(code) => code,
        Err(error) => {
            tell::tell(&error, &error_format(&flags, &surroundings), &streams);
            error.kind.exit_code()
        }
    }
}

/// The format of errors: the flag's, the variable's, the profile's. Asked only once there is
/// an error.
fn error_format(flags: &GlobalArgs, env: &Env) -> String {
    let named = flags
        .cli_error_format
        .as_deref()
        .or_else(|| env.var("AWS_CLI_ERROR_FORMAT"));
    if let Some(format) = named {
        return format.to_ascii_lowercase();
    }
    // A profile that cannot be read may be the very error.
    let profile = block_on(Profile::load(flags.profile.as_deref(), env));
    match profile {
        Ok(Ok(profile)) => profile
            .get("cli_error_format")
            .unwrap_or("enhanced")
            .to_ascii_lowercase(),
        _ => "enhanced".to_string(),
    }
}

/// What a command line asks for.
enum Asked {
    /// Help, or the version.
    Text(String),
    /// A line for the shell, by an alias.
    Shell(String),
    /// A command.
    Run(Box<GlobalArgs>, Called),
}

/// The command that was called.
enum Called {
    /// An operation of the service, with its arguments split.
    Operation(&'static Descriptor, argv::Parsed),
    /// A command of our own, as clap has read it.
    Own(Box<ArgMatches>),
}

/// Reads the command line. Operations are read by the rules of AWS CLI, everything else by
/// clap's.
fn understand(arguments: Vec<OsString>, env: &Env) -> Result<Asked> {
    let words: Vec<String> = arguments
        .into_iter()
        .skip(1)
        .map(OsString::into_string)
        .collect::<Result<_, _>>()
        .map_err(|word| Error::parameter(format!("`{}` is not Unicode", word.display())))?;
    let flags = tree::global_flags();
    let words = match alias::expand(env, &flags, words, |words| command_at(&flags, words))? {
        alias::Expanded::Words(words) => words,
        alias::Expanded::Shell(line) => return Ok(Asked::Shell(line)),
    };
    match command_at(&flags, &words).map(|at| words[at].as_str()) {
        Some("help") => return Ok(Asked::Text(help(&words, true))),
        Some(name) if tree::is_own(name) => return own(tree::only(name), &words),
        Some(_) => {}
        None if asks_for_help(&words) => return own(tree::command(), &words),
        None => {}
    }
    let parsed = argv::parse(&flags, 0, &words).map_err(|message| usage(&message))?;
    if parsed.flags.contains_key("version") {
        return Ok(Asked::Text(format!(
            "{} {}\n",
            tree::NAME,
            env!("CARGO_PKG_VERSION")
        )));
    }
    let global = GlobalArgs::of(&parsed, &flags)?;
    let service = argv::parse(&[], 1, &parsed.rest).map_err(|message| usage(&message))?;
    let Some(name) = service.positionals.first() else {
        return Err(usage("the following arguments are required: operation"));
    };
    let Some(operation) = ops::by_command(name) else {
        let names = OPERATIONS
            .iter()
            .map(|operation| operation.command)
            .chain(tree::own_names());
        let message = argv::choose("operation", name, names)
            .err()
            .unwrap_or_default();
        return Err(usage(&message));
    };
    if asks_for_help(&service.rest) {
        return Ok(Asked::Text(help(
            &words,
            !words.iter().any(|word| word == "-h"),
        )));
    }
    let positionals = usize::from(matches!(operation.transport, ops::Transport::Download));
    let parsed = argv::parse(&tree::flags(operation), positionals, &service.rest)
        .map_err(|message| usage(&message))?;
    Ok(Asked::Run(
        Box::new(global),
        Called::Operation(operation, parsed),
    ))
}

/// Where the command is: the first word that is neither a flag nor the value of a global one.
fn command_at(flags: &[Flag], words: &[String]) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let Some(name) = word.strip_prefix("--").filter(|name| !name.is_empty()) else {
            if word.starts_with('-') {
                at += 1;
                continue;
            }
            return Some(at);
        };
        let mut meant = flags.iter().filter(|flag| flag.name.starts_with(name));
        let exact = flags.iter().find(|flag| flag.name == name);
        let flag = exact.or_else(|| meant.next().filter(|_| meant.next().is_none()));
        at += 1 + usize::from(flag.is_some_and(|flag| flag.takes == Takes::One));
    }
    None
}

/// Whether a command has that name.
fn is_command(name: &str) -> bool {
    tree::is_own(name) || ops::by_command(name).is_some()
}

/// Runs a line in the shell, as the aliases of AWS CLI do, and gives its exit code.
fn shell(line: &str) -> Result<u8> {
    let (shell, flag) = if cfg!(windows) {
        ("cmd", "/C")
    } else {
        ("/bin/sh", "-c")
    };
    let status = std::process::Command::new(shell)
        .args([flag, line])
        .status()
        .map_err(|error| Error::other(format!("`{shell}` does not start: {error}")))?;
    // A shell that a signal ended has no code.
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(u8::MAX))
}

fn asks_for_help(words: &[String]) -> bool {
    words.first().is_some_and(|word| word == "help")
        || words
            .iter()
            .take_while(|word| *word != "--")
            .any(|word| word == "-h" || word == "--help")
}

/// The help of the command that is named among the words, or of the program.
fn help(words: &[String], is_long: bool) -> String {
    let mut command = tree::command();
    command.build();
    let named = words.iter().find_map(|word| {
        command
            .find_subcommand(word)
            .filter(|_| word != "help")
            .cloned()
    });
    let mut shown = named.unwrap_or(command);
    let text = if is_long {
        shown.render_long_help()
    } else {
        shown.render_help()
    };
    text.to_string()
}

/// A usage error: the sentence and how the program is called.
fn usage(message: &str) -> Error {
    let name = tree::NAME;
    Error::parameter(format!(
        "{message}\n\nusage: {name} [options] <command> [parameters]\nTo see help text, you can \
         run:\n\n  {name} help\n  {name} <command> help"
    ))
}

/// Reads the command line of a command of our own, as this tree has it.
fn own(tree: Command, words: &[String]) -> Result<Asked> {
    let arguments = std::iter::once(tree::NAME).chain(words.iter().map(String::as_str));
    let matches = match tree.try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                    Ok(Asked::Text(error.render().to_string()))
                }
                _ => Err(misread(error)),
            };
        }
    };
    let global = GlobalArgs::from_arg_matches(&matches)
        .map_err(|error| Error::usage(error.render().to_string()))?;
    Ok(Asked::Run(Box::new(global), Called::Own(Box::new(matches))))
}

/// What clap has against the arguments of a command of our own, as a usage error.
fn misread(error: clap::Error) -> Error {
    let text = error.render().to_string();
    let message = text.strip_prefix("error: ").unwrap_or(&text);
    Error::parameter(message).caused_by(error)
}

/// The command of that name, one of `tree`'s that are not operations.
fn own_command(name: &str) -> Command {
    let command = Command::new(name.to_string());
    match name {
        "completion" => generate::CompletionArgs::augment_args(command),
        "login" => login::LoginArgs::augment_args(command),
        "logout" => logout::LogoutArgs::augment_args(command),
        "status" => status::StatusArgs::augment_args(command),
        "doctor" => doctor::DoctorArgs::augment_args(command),
        #[cfg(feature = "local")]
        "local" => local::command(),
        _ => command,
    }
}

fn dispatch(context: &Context, command: &Called) -> Result<u8> {
    let matches = match command {
        Called::Operation(operation, parsed) => {
            block_on(run::operation(context, operation, parsed))??;
            return Ok(0);
        }
        Called::Own(matches) => matches,
    };
    match matches.subcommand() {
        Some(("completion", matches)) => {
            let args = generate::CompletionArgs::from_arg_matches(matches)
                .map_err(|error| Error::usage(error.render().to_string()))?;
            generate::run(context, &args).map(|()| 0)
        }
        Some(("login", matches)) => login::run(context, matches).map(|()| 0),
        Some(("logout", matches)) => logout::run(context, matches).map(|()| 0),
        Some(("status", matches)) => status::run(context, matches),
        Some(("doctor", matches)) => doctor::run(context, matches),
        #[cfg(feature = "local")]
        Some(("local", matches)) => local::dispatch(context, matches),
        Some((name, _)) => Err(Error::usage(format!("`{name}` is not a command"))),
        None => Err(Error::usage(
            "Give a command; `codeartifact --help` lists them",
        )),
    }
}

/// Prints the result of a command of our own as `--output` and `--query` ask for.
fn answer(context: &Context, title: &str, value: &Value) -> Result<()> {
    let format: Format = context.global.output.as_deref().unwrap_or("json").parse()?;
    let query = context
        .global
        .query
        .as_deref()
        .map(Query::parse)
        .transpose()?;
    let printer = Printer::new(format, query, context.streams.stdout_colour(), title);
    printer.whole(value, &mut context.streams.out())
}

/// Runs a command on a single thread, which starts faster than a pool of them. Ctrl-C ends
/// it, so that nothing half-done is left behind.
fn block_on<T>(work: impl Future<Output = T>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::other(format!("The runtime does not start: {error}")))?;
    let ended = runtime.block_on(async {
        tokio::select! {
            done = work => Ok(done),
            Ok(()) = tokio::signal::ctrl_c() => Err(Error::new(Kind::Interrupted, "Interrupted")),
        }
    });
    if ended.is_err() {
        // Threads that read or hash a file need not come to their end any more.
        runtime.shutdown_background();
    }
    ended
}

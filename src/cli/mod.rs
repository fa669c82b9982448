//! The command line: parses, runs one command, and tells what went wrong.
//!
//! May name any other module; no other module names it.

mod files;
mod global;
mod input;
mod login;
pub mod param;
mod run;
pub mod shorthand;
pub mod tree;

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use crate::config::Settings;
use crate::config::aws::Profile;
use crate::config::env::Env;
use crate::error::{Error, Result};
use crate::ops;
use crate::output::{Color, Streams};
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
        let overrides = self.global.overrides();
        let profile = Profile::load(overrides.profile.as_deref(), &self.env).await?;
        Settings::resolve(overrides, &self.env, &profile)
    }
}

/// Runs a command line, program name first, and gives the exit code of the process.
pub fn run(arguments: Vec<OsString>, env: Env) -> u8 {
    let no_color = env.var("NO_COLOR").is_some();
    let streams = Streams::process(Color::Auto, no_color);
    let result = parse(arguments, &streams).and_then(|parsed| match parsed {
        Some((global, matches)) => {
            let color = global.color.as_deref().unwrap_or("auto").parse()?;
            let streams = streams.clone().with_color(color, no_color);
            let context = Context {
                env,
                global,
                streams,
            };
            dispatch(&context, &matches)
        }
        None => Ok(0),
    });
    let flushed = streams.finish();
    match result.and_then(|code| flushed.map(|()| code)) {
        Ok(code) => code,
        Err(error) => {
            tell(&error, &streams);
            error.kind.exit_code()
        }
    }
}

/// Reads the command line; `None` when it only asked for help or the version.
fn parse(arguments: Vec<OsString>, streams: &Streams) -> Result<Option<(GlobalArgs, ArgMatches)>> {
    let matches = match tree::command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                    streams.print(&error.render().to_string()).map(|()| None)
                }
                _ => Err(Error::usage(error.render().to_string()).caused_by(error)),
            };
        }
    };
    let global = GlobalArgs::from_arg_matches(&matches)
        .map_err(|error| Error::usage(error.render().to_string()))?;
    Ok(Some((global, matches)))
}

/// The commands that are not operations.
fn own_commands() -> Vec<Command> {
    vec![login::LoginArgs::augment_args(Command::new("login"))]
}

fn dispatch(context: &Context, matches: &ArgMatches) -> Result<u8> {
    let Some((name, matches)) = matches.subcommand() else {
        return Err(Error::usage(
            "Give a command; `codeartifact --help` lists them",
        ));
    };
    if name == "login" {
        return login::run(context, matches).map(|()| 0);
    }
    match ops::by_command(name) {
        Some(operation) => block_on(run::operation(context, operation, matches))?.map(|()| 0),
        None => Err(Error::usage(format!("`{name}` is not a command"))),
    }
}

/// Runs a command on a single thread, which starts faster than a pool of them.
fn block_on<T>(work: impl Future<Output = T>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::other(format!("The runtime does not start: {error}")))?;
    Ok(runtime.block_on(work))
}

/// Tells on standard error what went wrong, as AWS CLI v2 does.
fn tell(error: &Error, streams: &Streams) {
    streams.status(format_args!("\n{}: [ERROR]: {}", tree::NAME, error.message));
    if !error.details.is_empty() {
        streams.status("\nAdditional error details:");
        for (name, value) in &error.details {
            streams.status(format_args!("{name}: {value}"));
        }
    }
    for hint in &error.hints {
        streams.hint(hint);
    }
}

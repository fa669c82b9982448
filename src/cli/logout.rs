//! `logout`: puts back what was there before the logins.

use clap::{Args, FromArgMatches};
use serde_json::{Value, json};

use super::login::tool_names;
use super::{Context, answer};
use crate::error::{Error, Kind, Result};
use crate::login::keychain;
use crate::login::{Plan, Secrets, Session};

/// Put package managers back to how they were before `login`
///
/// Takes out what logins wrote, and puts back what stood there before the first one. What
/// somebody changed since is left alone, and a token or password that a login replaced cannot
/// be put back: it was not remembered. Without `--tool`, all logins are taken back.
///
/// Example: `codeartifact logout --tool npm`
#[derive(Args, Clone, Debug)]
pub(super) struct LogoutArgs {
    /// Package manager to put back; may be given several times
    #[arg(long, value_name = "TOOL", value_parser = tool_names([]))]
    tool: Vec<String>,
    /// All package managers, which is also what happens without `--tool`
    #[arg(long, conflicts_with = "tool")]
    all: bool,
    /// Show what would change in each file, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Show tokens in the output of `--dry-run`
    #[arg(long)]
    show_token: bool,
}

/// Runs the command.
pub(super) fn run(context: &Context, matches: &clap::ArgMatches) -> Result<()> {
    let args = LogoutArgs::from_arg_matches(matches)
        .map_err(|error| Error::usage(error.render().to_string()))?;
    let tools: Vec<&str> = args.tool.iter().map(String::as_str).collect();
    let tools = (!tools.is_empty()).then_some(tools.as_slice());
    if args.dry_run {
        let plan = Session::look(&context.env)?.plan_logout(tools);
        tell(context, &plan);
        let show = match args.show_token {
            true => Secrets::Shown,
            false => Secrets::Hidden,
        };
        context.streams.print(&plan.diff(show))?;
        return outcome(&plan);
    }
    let session = Session::begin(&context.env)?;
    let plan = session.plan_logout(tools);
    let keychain = match plan.keychain.is_empty() {
        true => None,
        false => keychain::system(&context.env),
    };
    let plan = session.logout(plan, keychain.as_deref())?;
    tell(context, &plan);
    if context.global.output.is_some() {
        answer(context, "Logout", &document(&plan))?;
    } else {
        context.streams.print(&sentences(&plan))?;
    }
    outcome(&plan)
}

fn tell(context: &Context, plan: &Plan) {
    for note in &plan.notes {
        context.streams.warning(note);
    }
    for problem in &plan.problems {
        context.streams.warning(&problem.message);
    }
}

/// A logout that could not reach every file has failed, though the others are done.
fn outcome(plan: &Plan) -> Result<()> {
    match plan.problems.len() {
        0 => Ok(()),
        count => Err(Error::new(
            Kind::Other,
            format!("{count} of the settings could not be put back"),
        )),
    }
}

fn sentences(plan: &Plan) -> String {
    if plan.files.is_empty() && plan.keychain.is_empty() && plan.problems.is_empty() {
        return "There is no login to take back\n".to_string();
    }
    let files = plan.files.iter().map(|file| {
        let path = file.path.display();
        let tools = file.tools.join(", ");
        match (&file.old, &file.new) {
            (Some(_), None) => format!("{tools}: {path} is gone, as before the login\n"),
            (None, None) => format!("{tools}: {path} was gone already\n"),
            _ => format!("{tools}: {path} is put back\n"),
        }
    });
    let entries = plan.keychain.iter().map(|kept| {
        let (tool, service) = (&kept.login.tool, &kept.entry.service);
        format!("{tool}: `{service}` is out of the keychain\n")
    });
    files.chain(entries).collect()
}

fn document(plan: &Plan) -> Value {
    let files: Vec<Value> = plan
        .files
        .iter()
        .map(|file| {
            json!({
                "path": file.path.display().to_string(),
                "tools": file.tools,
                "removed": file.old.is_some() && file.new.is_none(),
            })
        })
        .collect();
    let problems: Vec<&str> = plan
        .problems
        .iter()
        .map(|problem| problem.message.as_str())
        .collect();
    let entries: Vec<&str> = plan
        .keychain
        .iter()
        .map(|kept| kept.entry.service.as_str())
        .collect();
    json!({"files": files, "keychain": entries, "notes": plan.notes, "problems": problems})
}

//! `doctor`: looks at everything that a login needs and says in sentences what is wrong and
//! what to do about it.

mod clients;
mod logins;
mod service;

use std::fmt::Write as _;

use clap::{Args, FromArgMatches};
use serde::Serialize;
use serde_json::json;

use super::login::tool_names;
use super::{Context, answer, block_on, status};
use crate::config::project::Project;
use crate::error::{Error, Result};
use crate::login::{self, ADAPTERS, Adapter, RealDisk, detect};

/// Find out why package managers cannot use a repository
///
/// Looks at settings, network, clock, credentials, permissions, logins and the installed
/// package managers, and says for everything that is wrong what to do about it. Domain and
/// repository are those of the flags, of `codeartifact.toml`, or of earlier logins. Nothing is
/// changed; a token that is fetched for the test is thrown away.
///
/// Ends with 0 when nothing is wrong, and with 1 when something is.
///
/// Example: `codeartifact doctor --tool npm`
#[derive(Args, Clone, Debug)]
pub(super) struct DoctorArgs {
    /// Package manager to look at; may be given several times; those of the logins and of the
    /// project when left out
    #[arg(long, value_name = "TOOL", value_parser = tool_names([]))]
    tool: Vec<String>,
    /// The domain to try
    #[arg(long)]
    domain: Option<String>,
    /// Account that owns the domain, 12 digits; the caller's own when left out
    #[arg(long, value_name = "ACCOUNT")]
    domain_owner: Option<String>,
    /// The repository to try
    #[arg(long)]
    repository: Option<String>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    /// It is as it should be.
    Ok,
    /// It may be meant, or may not.
    Warning,
    /// It does not work like that.
    Problem,
}

/// What was found, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    level: Level,
    found: String,
    advice: Option<String>,
}

impl Finding {
    fn ok(found: impl Into<String>) -> Finding {
        Finding {
            level: Level::Ok,
            found: found.into(),
            advice: None,
        }
    }

    fn warning(found: impl Into<String>, advice: impl Into<String>) -> Finding {
        Finding {
            level: Level::Warning,
            found: found.into(),
            advice: Some(advice.into()),
        }
    }

    fn problem(found: impl Into<String>, advice: impl Into<String>) -> Finding {
        Finding {
            level: Level::Problem,
            found: found.into(),
            advice: Some(advice.into()),
        }
    }

    /// An error as a finding, with what it says to try.
    fn error(error: &Error, advice: &str) -> Finding {
        let hints = error.hints.join("; ");
        let advice = if hints.is_empty() { advice } else { &hints };
        Finding::problem(error.message.trim(), advice)
    }
}

/// Runs the command.
pub(super) fn run(context: &Context, matches: &clap::ArgMatches) -> Result<u8> {
    let args = DoctorArgs::from_arg_matches(matches)
        .map_err(|error| Error::usage(error.render().to_string()))?;
    let findings = block_on(examine(context, &args))?;
    if context.global.output.is_some() || context.global.query.is_some() {
        answer(context, "Doctor", &json!({ "findings": findings }))?;
    } else {
        context.streams.print(&sentences(&findings))?;
    }
    let is_wrong = |finding: &Finding| finding.level == Level::Problem;
    Ok(u8::from(findings.iter().any(is_wrong)))
}

async fn examine(context: &Context, args: &DoctorArgs) -> Vec<Finding> {
    let names: Vec<&str> = ADAPTERS.iter().map(|adapter| adapter.tool).collect();
    let mut findings = Vec::new();
    let project = Project::find(&context.env, &names).unwrap_or_else(|error| {
        findings.push(Finding::error(&error, "correct the file"));
        None
    });
    let named: Vec<&'static Adapter> = args
        .tool
        .iter()
        .filter_map(|tool| login::adapter(tool))
        .collect();
    // The service is asked about tokens below, where it is known whether it answers at all.
    let mut known = match status::look(context, &named, true).await {
        Ok((known, _)) => known,
        Err(error) => {
            findings.push(Finding::error(&error, "see the reason"));
            Vec::new()
        }
    };
    let places = service::places(args, project.as_ref(), &known);
    let asked = service::examine(context, project.as_ref(), &places, &mut findings).await;
    if let Some(settings) = &asked {
        status::ask(context, settings, &mut known).await;
    }
    logins::examine(&known, asked.as_ref(), &mut findings);
    let mut tools = named;
    if tools.is_empty() {
        let of_logins = known.iter().map(|login| login.tool.as_str());
        let found = detect::detect(&context.env, &RealDisk);
        let of_project = found.iter().map(|found| found.tool);
        for adapter in of_logins.chain(of_project).filter_map(login::adapter) {
            if tools.iter().all(|known| known.tool != adapter.tool) {
                tools.push(adapter);
            }
        }
    }
    clients::examine(context, &tools, &mut findings).await;
    findings
}

fn sentences(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let level = match finding.level {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Problem => "problem",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{level}: {}", finding.found);
        if let Some(advice) = &finding.advice {
            let _ = writeln!(text, "    {advice}");
        }
    }
    text
}

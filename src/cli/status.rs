//! `status`: how logins stand, and whether the service accepts their tokens now.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, FromArgMatches};
use jiff::Timestamp;
use serde_json::json;

use super::login::{project_settings, tool_names};
use super::{Context, answer, block_on};
use crate::config::project::Project;
use crate::config::{Settings, zone};
use crate::error::{Error, Result};
use crate::login::status::{self, FileStatus, Level, LoginStatus, State, View};
use crate::login::{self, ADAPTERS, Adapter, RealDisk, Session, success};
use crate::sdk::identity;
use crate::sdk::probe::probe;
use crate::secret::Secret;

/// Show how package managers are logged in
///
/// For every login: which file leads to which repository, until when the token is valid,
/// whether the service accepts it now, and what wins over the file, such as a project's file
/// or a variable. Files that lead to CodeArtifact without a login of this program are shown,
/// too. Tokens are never shown.
///
/// Ends with 0 when all logins that count in the current folder are in force, and with 1 when
/// one is not, or when there is none.
///
/// Example: `codeartifact status --tool npm || codeartifact login --tool npm`
#[derive(Args, Clone, Debug)]
pub(super) struct StatusArgs {
    /// Package manager to look at; may be given several times
    #[arg(long, value_name = "TOOL", value_parser = tool_names([]))]
    tool: Vec<String>,
    /// Do not ask the service whether it accepts the tokens
    #[arg(long)]
    offline: bool,
}

/// Runs the command.
pub(super) fn run(context: &Context, matches: &clap::ArgMatches) -> Result<u8> {
    let args = StatusArgs::from_arg_matches(matches)
        .map_err(|error| Error::usage(error.render().to_string()))?;
    let tools: Vec<&'static Adapter> = args
        .tool
        .iter()
        .filter_map(|tool| login::adapter(tool))
        .collect();
    let (logins, caller) = block_on(async {
        let (logins, settings) = look(context, &tools, args.offline).await?;
        let caller = match &settings {
            // Without an answer there is nothing to tell; `doctor` says why.
            Some(settings) => identity::caller(settings).await.ok(),
            None => None,
        };
        Ok::<_, Error>((logins, caller.map(|caller| caller.arn)))
    })??;
    if context.global.output.is_some() || context.global.query.is_some() {
        let logins: Vec<serde_json::Value> = logins.iter().map(document).collect();
        let document = json!({ "logins": logins, "caller": caller });
        answer(context, "Status", &document)?;
    } else {
        let mut text = text(context, &logins, &tools);
        if let Some(caller) = caller {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "A new token would be for {caller}");
        }
        context.streams.print(&text)?;
    }
    Ok(u8::from(!all_in_force(&logins, &tools)))
}

/// The logins of these tools, or of all; unless it shall stay offline, with the service's word
/// on their tokens, and the settings with which it was asked.
pub(super) async fn look(
    context: &Context,
    tools: &[&'static Adapter],
    offline: bool,
) -> Result<(Vec<LoginStatus>, Option<Settings>)> {
    let session = Session::look(&context.env)?;
    let view = View {
        env: &context.env,
        disk: &RealDisk,
        now: Timestamp::now(),
    };
    let wanted = (!tools.is_empty()).then_some(tools);
    let mut logins = status::collect(&view, session.journal(), wanted);
    let asks = logins.iter().any(|login| login.token.is_some());
    if asks && !offline {
        // A project's file that cannot be read says nothing here; `doctor` tells of it.
        let names: Vec<&str> = ADAPTERS.iter().map(|adapter| adapter.tool).collect();
        let project = Project::find(&context.env, &names).unwrap_or_default();
        match project_settings(context, project.as_ref()).await {
            Ok(settings) => {
                ask(context, &settings, &mut logins).await;
                return Ok((logins, Some(settings)));
            }
            Err(error) => context.streams.warning(format!(
                "the service was not asked about the tokens: {}",
                error.message.trim()
            )),
        }
    }
    Ok((logins, None))
}

/// Asks the service about each token, with the address that the token was written for. One that
/// gives no answer is not asked again.
pub(super) async fn ask(context: &Context, settings: &Settings, logins: &mut [LoginStatus]) {
    let mut silent: Vec<String> = Vec::new();
    for login in logins {
        let Some(token) = &login.token else { continue };
        let Ok(endpoint) = login::Endpoint::parse(&login.endpoint) else {
            continue;
        };
        let host = endpoint.host_and_port().to_string();
        if login.expired || silent.contains(&host) {
            continue;
        }
        let format = login::adapter(&login.tool).map_or("", |adapter| adapter.format);
        match probe(
            settings,
            &login.endpoint,
            Some(authorization(format, token)),
        )
        .await
        {
            Ok(answered) if matches!(answered.status, 401 | 403) => login.accepted = Some(false),
            Ok(answered) if answered.status < 500 => login.accepted = Some(true),
            Ok(_) => {}
            Err(why) => {
                context
                    .streams
                    .warning(format!("`{host}` gives no answer: {why}"));
                silent.push(host);
            }
        }
    }
}

/// The header as the format's clients send it.
fn authorization(format: &str, token: &Secret) -> Secret {
    match format {
        "npm" | "cargo" | "swift" => Secret::new(format!("Bearer {}", token.expose())),
        _ => {
            let pair = Secret::new(format!("aws:{}", token.expose()));
            Secret::new(format!("Basic {}", STANDARD.encode(pair.expose())))
        }
    }
}

fn all_in_force(logins: &[LoginStatus], tools: &[&'static Adapter]) -> bool {
    let mut here = logins.iter().filter(|login| login.is_read_here());
    let covered = |adapter: &&Adapter| {
        let mut logins = logins.iter();
        logins.any(|login| login.is_read_here() && login.concerns(adapter))
    };
    let any = match tools.is_empty() {
        true => logins.iter().any(LoginStatus::is_read_here),
        false => tools.iter().all(covered),
    };
    any && here.all(|login| login.problems().is_empty())
}

fn document(login: &LoginStatus) -> serde_json::Value {
    let mut value = serde_json::to_value(login).unwrap_or_default();
    value["inForce"] = (login.is_read_here() && login.problems().is_empty()).into();
    value["problems"] = login.problems().into();
    value
}

fn text(context: &Context, logins: &[LoginStatus], tools: &[&'static Adapter]) -> String {
    let mut text = String::new();
    for login in logins {
        text.push_str(&paragraph(context, login));
    }
    for adapter in tools {
        if !logins.iter().any(|login| login.concerns(adapter)) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{}: no login", adapter.tool);
        }
    }
    if text.is_empty() {
        text.push_str("There is no login\n");
    }
    text
}

fn paragraph(context: &Context, login: &LoginStatus) -> String {
    let mut text = format!("{}: {}\n", login.tool, login.endpoint);
    let mut line = |line: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {line}");
    };
    line(place(login));
    for file in &login.files {
        line(in_file(file, login.ours));
    }
    line(token(context, login));
    for shadow in &login.shadows {
        line(format!("but {}", shadow.sentence));
    }
    text
}

fn place(login: &LoginStatus) -> String {
    let mut words = format!("repository {} of domain {}", login.repository, login.domain);
    let more = [
        (" of account ", &login.domain_owner),
        (", Region ", &login.region),
        (", for ", &login.namespace),
        (", fetched with profile ", &login.profile),
    ];
    for (before, value) in more {
        if let Some(value) = value {
            words.push_str(before);
            words.push_str(value);
        }
    }
    words
}

fn in_file(file: &FileStatus, ours: bool) -> String {
    let level = match file.level {
        Level::User => "user",
        Level::Project => "project",
        Level::Elsewhere => "not read in this folder",
    };
    let state = match (file.state, ours) {
        (_, false) => "written by something else",
        (State::AsWritten, _) => "as the login wrote it",
        (State::Edited, _) => "changed since, but still in force",
        (State::Overwritten, _) => "no longer holds what the login wrote",
        (State::Gone, _) => "not there any more",
    };
    let settings = match file.settings.is_empty() {
        true => String::new(),
        false => format!(" [{}]", file.settings.join(", ")),
    };
    let mode = file.mode_too_wide.as_ref();
    let mode = mode.map_or_else(String::new, |mode| {
        format!("; others can read the token (mode {mode})")
    });
    let path = file.path.display();
    format!("{path} ({level}){settings}: {state}{mode}")
}

fn token(context: &Context, login: &LoginStatus) -> String {
    let Some(expiry) = login.expiry else {
        return "token: until when it is valid is not known".to_string();
    };
    let zone = zone::local(&context.env);
    let at = success::local(expiry, &zone);
    let accepted = match login.accepted {
        Some(true) => "; the service accepts it",
        Some(false) => "; the service refuses it",
        None if login.in_keychain => "; it is in the keychain",
        None if login.token.is_none() => "; it is in none of the files any more",
        None if login.expired => "",
        None => "; whether the service accepts it is not known",
    };
    match login.expired {
        true => format!("token: expired at {at}{accepted}"),
        false => {
            let relative = success::relative(expiry, Timestamp::now());
            format!("token: expires in {relative} at {at}{accepted}")
        }
    }
}

//! `login`: a token and endpoints from the service, handed to `crate::login`.
//!
//! What scripts rely on in AWS's client is kept: the two calls in their order, the two success
//! lines on standard output, silence of a dry run about success. What is checked here is
//! checked before any call.

mod fetch;
mod pick;
mod request;
mod settings;

use clap::{Args, FromArgMatches};
use jiff::Timestamp;

use super::{Context, block_on};
use crate::config::project::AUTO;
use crate::config::zone;
use crate::error::{Error, Result};
use crate::login::keychain::{self, Keychain};
use crate::login::{self, ADAPTERS, Adapter, Login, Place, Secrets, Session, commands, success};
use crate::sdk::client::Service;
use request::Request;

pub(super) use fetch::call;
pub(super) use settings::project_settings;

/// Set package managers up to use a repository
///
/// Fetches an authorization token and writes it, with the repository's address, into the
/// package managers' own files. Everything else in those files stays as it is, and `logout`
/// puts back what was there before.
///
/// A `codeartifact.toml` in the current folder or above it names domain, owner, repository,
/// region, profile and tools for a whole project; flags go before it.
///
/// Example: `codeartifact login --tool npm --domain my-domain --repository my-repo`
#[derive(Args, Clone, Debug)]
pub(super) struct LoginArgs {
    /// Package manager to set up; may be given several times. `auto` finds those of the
    /// project by its files
    #[arg(long, value_name = "TOOL", value_parser = tool_names([AUTO]))]
    tool: Vec<String>,
    /// The domain; picked from a list on a terminal when left out
    #[arg(long)]
    domain: Option<String>,
    /// Account that owns the domain, 12 digits; the caller's own when left out
    #[arg(long, value_name = "ACCOUNT")]
    domain_owner: Option<String>,
    /// The repository; picked from a list on a terminal when left out
    #[arg(long)]
    repository: Option<String>,
    /// Only packages of this namespace come from the repository: an npm or Swift scope
    #[arg(long)]
    namespace: Option<String>,
    /// How long the token is valid, in seconds: 900 to 43200, or 0 for as long as the
    /// caller's session; 12 hours when left out
    #[arg(long, value_name = "SECONDS")]
    duration_seconds: Option<String>,
    /// Kind of endpoint: `ipv4` or `dualstack`
    #[arg(long, value_name = "KIND")]
    endpoint_type: Option<String>,
    /// Show what would change in each file, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Print what belongs into the files, to be pasted, and change nothing
    #[arg(long, conflicts_with = "dry_run")]
    print: bool,
    /// Show the token in the output of `--print` and `--dry-run`, which then prints the commands
    /// of AWS's client for the tools that it knows
    #[arg(long)]
    show_token: bool,
    /// Set the project up instead of the user
    #[arg(long)]
    project: bool,
    /// Use the repository beside the index that is set up, not in its place (pip, uv, …)
    #[arg(long)]
    extra: bool,
    /// Use the repository in place of the tool's built-in source (Maven, Bundler, …)
    #[arg(long)]
    mirror: bool,
    /// Replace the public registry for all dependencies (Cargo)
    #[arg(long)]
    replace_crates_io: bool,
    /// Publish to the repository by default (NuGet, …)
    #[arg(long)]
    push: bool,
    /// Write the token into files even where a keychain runs that the tool reads (Poetry; Swift
    /// on macOS)
    #[arg(long)]
    no_keychain: bool,
    /// What to call the repository in files that name their sources; `codeartifact` when left
    /// out
    #[arg(long)]
    name: Option<String>,
}

/// The names that `--tool` takes: those of all tools, and some words more.
pub(super) fn tool_names(
    more: impl IntoIterator<Item = &'static str>,
) -> clap::builder::PossibleValuesParser {
    let tools = ADAPTERS.iter().map(|adapter| adapter.tool);
    clap::builder::PossibleValuesParser::new(tools.chain(more))
}

/// Runs the command.
pub(super) fn run(context: &Context, matches: &clap::ArgMatches) -> Result<()> {
    let args = LoginArgs::from_arg_matches(matches)
        .map_err(|error| Error::usage(error.render().to_string()))?;
    let request = Request::new(&args, &context.env)?;
    let missing = request.missing();
    if missing.contains(&"--tool") || !missing.is_empty() && !pick::is_possible(context) {
        return Err(request.incomplete());
    }
    for line in &request.told {
        context.streams.status(line);
    }
    let mut logins = block_on(fetch(context, request))??;
    let show = match args.show_token {
        true => Secrets::Shown,
        false => Secrets::Hidden,
    };
    if args.print {
        return print_snippets(context, &logins, show);
    }
    let keychain = match args.no_keychain {
        true => None,
        false => keychain::system(&context.env),
    };
    if args.dry_run {
        return show_dry_run(context, logins, show, keychain.as_deref());
    }
    let session = Session::begin(&context.env)?;
    let announcements: Vec<_> = logins
        .iter()
        .map(|(adapter, login)| {
            commands::announcement(adapter.tool, login, &place(context, login)).unwrap_or_default()
        })
        .collect();
    let plan = session.login(&mut logins, keychain.as_deref())?;
    tell_notes(context, &plan.notes);
    let now = Timestamp::now().to_zoned(zone::local(&context.env));
    for ((adapter, login), announcement) in logins.iter().zip(announcements) {
        context.streams.print(&announcement)?;
        let lines = success::lines(adapter.shown_as, &login.endpoint, login.expiry, &now);
        context.streams.print(&lines)?;
    }
    Ok(())
}

fn place<'a>(context: &'a Context, login: &'a Login) -> Place<'a> {
    Place {
        env: &context.env,
        options: &login.options,
        disk: &login::RealDisk,
    }
}

/// The differences; with the token shown, AWS's own text for the logins that its client knows.
fn show_dry_run(
    context: &Context,
    mut logins: Vec<(&'static Adapter, Login)>,
    show: Secrets,
    keychain: Option<&dyn Keychain>,
) -> Result<()> {
    if show == Secrets::Shown {
        let mut text = String::new();
        logins.retain(|(adapter, login)| {
            let commands = commands::dry_run(adapter.tool, login, &place(context, login));
            text.extend(commands.clone());
            commands.is_none()
        });
        context.streams.print(&text)?;
    }
    let plan = Session::look(&context.env)?.look_at_login(&mut logins, keychain)?;
    tell_notes(context, &plan.notes);
    context.streams.print(&plan.diff(show))
}

async fn fetch(context: &Context, mut request: Request) -> Result<Vec<(&'static Adapter, Login)>> {
    let settings = request.settings(context).await?;
    let service = Service::connect(&settings, context.trace()).await?;
    if !request.missing().is_empty() {
        pick::fill(context, &service, &mut request).await?;
    }
    fetch::logins(&service, &settings, &request, &request.targets()?).await
}

fn tell_notes(context: &Context, notes: &[String]) {
    for note in notes {
        context.streams.warning(note);
    }
}

fn print_snippets(
    context: &Context,
    logins: &[(&'static Adapter, Login)],
    show: Secrets,
) -> Result<()> {
    for (adapter, login) in logins {
        let snippets = login::snippets(adapter, login, &context.env, &login::RealDisk, show)?;
        for (path, text) in snippets {
            let text = format!("# {}\n{}\n", path.display(), text);
            context.streams.print(&text)?;
        }
    }
    Ok(())
}

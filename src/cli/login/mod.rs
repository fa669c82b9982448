//! `login`: a token and endpoints from the service, handed to `crate::login`.
//!
//! What scripts rely on in AWS's client is kept: the two calls in their order, the two success
//! lines on standard output, silence of a dry run about success. What is checked here is
//! checked before any call.

use clap::{Args, FromArgMatches};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{Context, block_on};
use crate::config::zone;
use crate::error::{Error, Result};
use crate::login::{
    self, ADAPTERS, Adapter, Endpoint, Flag, Login, Options, Place, Secrets, Session, commands,
    namespace, success,
};
use crate::ops::by_command;
use crate::sdk::client::Service;
use crate::secret::Secret;

/// Set package managers up to use a repository
///
/// Fetches an authorization token and writes it, with the repository's address, into the
/// package managers' own files. Everything else in those files stays as it is, and `logout`
/// puts back what was there before.
///
/// Example: `codeartifact login --tool npm --domain my-domain --repository my-repo`
#[derive(Args, Clone, Debug)]
pub(super) struct LoginArgs {
    /// Package manager to set up; may be given several times
    #[arg(long, value_name = "TOOL", value_parser = tool_names())]
    tool: Vec<String>,
    /// The domain
    #[arg(long)]
    domain: Option<String>,
    /// Account that owns the domain, 12 digits; the caller's own when left out
    #[arg(long, value_name = "ACCOUNT")]
    domain_owner: Option<String>,
    /// The repository
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
    /// What to call the repository in files that name their sources; `codeartifact` when left
    /// out
    #[arg(long)]
    name: Option<String>,
}

pub(super) fn tool_names() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(ADAPTERS.iter().map(|adapter| adapter.tool))
}

/// What to log in to, checked as far as it can be without a call.
struct Request {
    tools: Vec<(&'static Adapter, Option<String>)>,
    domain: String,
    domain_owner: Option<String>,
    repository: String,
    duration_seconds: Option<i64>,
    endpoint_type: Option<String>,
    options: Options,
}

/// Runs the command.
pub(super) fn run(context: &Context, matches: &clap::ArgMatches) -> Result<()> {
    let args = LoginArgs::from_arg_matches(matches)
        .map_err(|error| Error::usage(error.render().to_string()))?;
    let request = request(&args)?;
    let logins = block_on(fetch(context, &request))??;
    let show = match args.show_token {
        true => Secrets::Shown,
        false => Secrets::Hidden,
    };
    if args.print {
        return print_snippets(context, &logins, show);
    }
    if args.dry_run {
        return show_dry_run(context, logins, show);
    }
    let session = Session::begin(&context.env)?;
    let plan = session.plan_login(&logins)?;
    let announcements: Vec<_> = logins
        .iter()
        .map(|(adapter, login)| {
            commands::announcement(adapter.tool, login, &place(context, login)).unwrap_or_default()
        })
        .collect();
    session.apply(&plan)?;
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
    let plan = Session::look(&context.env)?.plan_login(&logins)?;
    tell_notes(context, &plan.notes);
    context.streams.print(&plan.diff(show))
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

fn request(args: &LoginArgs) -> Result<Request> {
    let missing: Vec<&str> = [
        ("--tool", args.tool.is_empty()),
        ("--domain", args.domain.is_none()),
        ("--repository", args.repository.is_none()),
    ]
    .into_iter()
    .filter_map(|(flag, missing)| missing.then_some(flag))
    .collect();
    let (Some(domain), Some(repository), true) =
        (&args.domain, &args.repository, missing.is_empty())
    else {
        return Err(Error::usage(format!(
            "An error occurred (ParamValidation): the following arguments are required: {}",
            missing.join(", ")
        )));
    };
    let options = Options {
        project: args.project,
        extra: args.extra,
        mirror: args.mirror,
        replace_crates_io: args.replace_crates_io,
        push: args.push,
        name: args.name.clone(),
    };
    let mut tools: Vec<(&'static Adapter, Option<String>)> = Vec::new();
    for tool in &args.tool {
        let adapter = login::adapter(tool)
            .ok_or_else(|| Error::usage(format!("`{tool}` is not a tool that can be set up")))?;
        let namespace = namespace::check(adapter, args.namespace.as_deref())?;
        if let Some(flag) = unknown_flag(adapter, &options) {
            return Err(Error::other(format!(
                "Argument {} is not supported for {tool}",
                flag.text()
            )));
        }
        if tools.iter().all(|(other, _)| other.tool != adapter.tool) {
            tools.push((adapter, namespace));
        }
    }
    Ok(Request {
        tools,
        domain: domain.clone(),
        domain_owner: args.domain_owner.clone(),
        repository: repository.clone(),
        duration_seconds: duration(args.duration_seconds.as_deref())?,
        endpoint_type: args.endpoint_type.clone(),
        options,
    })
}

fn unknown_flag(adapter: &Adapter, options: &Options) -> Option<Flag> {
    let given = options.given();
    given.into_iter().find(|flag| !adapter.flags.contains(flag))
}

/// The life of the token in seconds (user guide, "Tokens created with the
/// GetAuthorizationToken API").
fn duration(text: Option<&str>) -> Result<Option<i64>> {
    let Some(text) = text else { return Ok(None) };
    let seconds: i64 = text
        .trim()
        .parse()
        .map_err(|_| Error::other(format!("`--duration-seconds {text}` is not a whole number")))?;
    if seconds == 0 || (900..=43_200).contains(&seconds) {
        Ok(Some(seconds))
    } else {
        Err(Error::other(format!(
            "`--duration-seconds {seconds}` is neither 0 nor from 900 to 43200"
        )))
    }
}

/// A token, and the endpoint of each format that the tools need.
async fn fetch(context: &Context, request: &Request) -> Result<Vec<(&'static Adapter, Login)>> {
    let settings = context.settings().await?;
    let service = Service::connect(&settings, context.trace()).await?;
    let (token, expiry) = authorization_token(&service, request).await?;
    let mut endpoints: Vec<(&str, Endpoint)> = Vec::new();
    let mut logins = Vec::new();
    for (adapter, namespace) in &request.tools {
        let known = endpoints
            .iter()
            .find(|(format, _)| *format == adapter.format)
            .map(|(_, endpoint)| endpoint.clone());
        let endpoint = match known {
            Some(endpoint) => endpoint,
            None => {
                let endpoint = repository_endpoint(&service, request, adapter.format).await?;
                endpoints.push((adapter.format, endpoint.clone()));
                endpoint
            }
        };
        let login = Login {
            endpoint,
            token: token.clone(),
            expiry,
            domain: request.domain.clone(),
            owner: request.domain_owner.clone(),
            repository: request.repository.clone(),
            region: settings.region.as_ref().map(|region| region.value.clone()),
            namespace: namespace.clone(),
            options: request.options.clone(),
        };
        logins.push((*adapter, login));
    }
    Ok(logins)
}

async fn call(
    service: &Service,
    command: &str,
    members: &[(&str, Option<Value>)],
) -> Result<Value> {
    let operation = by_command(command).expect("login calls operations that there are");
    let input: Map<String, Value> = members
        .iter()
        .filter_map(|(name, value)| Some(((*name).to_string(), value.clone()?)))
        .collect();
    service.call(operation, input).await
}

async fn authorization_token(service: &Service, request: &Request) -> Result<(Secret, Timestamp)> {
    let answer = call(
        service,
        "get-authorization-token",
        &[
            ("domain", Some(request.domain.as_str().into())),
            (
                "domainOwner",
                request.domain_owner.as_deref().map(Value::from),
            ),
            ("durationSeconds", request.duration_seconds.map(Value::from)),
        ],
    )
    .await?;
    let token = answer["authorizationToken"].as_str().map(Secret::new);
    let expiry = answer["expiration"].as_f64().and_then(|seconds| {
        // Times travel as seconds with a fraction of at most milliseconds.
        Timestamp::from_millisecond((seconds * 1_000.0).round() as i64).ok()
    });
    match (token, expiry) {
        (Some(token), Some(expiry)) => Ok((token, expiry)),
        _ => Err(Error::other(
            "the service's answer holds no authorization token with an expiration",
        )),
    }
}

async fn repository_endpoint(
    service: &Service,
    request: &Request,
    format: &str,
) -> Result<Endpoint> {
    let answer = call(
        service,
        "get-repository-endpoint",
        &[
            ("domain", Some(request.domain.as_str().into())),
            (
                "domainOwner",
                request.domain_owner.as_deref().map(Value::from),
            ),
            ("repository", Some(request.repository.as_str().into())),
            ("format", Some(format.into())),
            (
                "endpointType",
                request.endpoint_type.as_deref().map(Value::from),
            ),
        ],
    )
    .await?;
    Ok(Endpoint::parse(
        answer["repositoryEndpoint"].as_str().unwrap_or_default(),
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_checked_before_any_call() {
        for (text, seconds) in [("0", 0), ("900", 900), (" 43200 ", 43_200)] {
            assert_eq!(duration(Some(text)).expect("is fine"), Some(seconds));
        }
        for text in ["abc", "899", "43201", "-1", ""] {
            assert!(duration(Some(text)).is_err(), "{text}");
        }
        assert_eq!(duration(None).expect("is fine"), None);
    }
}

//! The addresses behind the names of external connections.
//!
//! No address is written in this program. What the user says counts first; otherwise the address
//! is the one that this machine's own package manager is set up with, down to the one that is
//! built into it, so that a company's mirror is honoured without a word. The package managers are
//! asked when a connection is first used, and once.

mod cargo;
mod gem;
mod maven;
mod npm;
mod nuget;
mod pip;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use url::{Host, Url};

use crate::config::env::{Env, Platform};

/// How long a package manager may take to say how it is set up.
const PATIENCE: Duration = Duration::from_secs(20);

/// How much of its answer is read.
const LONGEST_ANSWER: u64 = 1 << 20;

/// The addresses of all external connections.
pub struct External {
    explicit: BTreeMap<String, Url>,
    env: Env,
    found: tokio::sync::Mutex<BTreeMap<String, Url>>,
}

impl External {
    /// The addresses in these surroundings; `explicit` is what the user said.
    pub fn new(explicit: BTreeMap<String, Url>, env: Env) -> External {
        External {
            explicit,
            env,
            found: tokio::sync::Mutex::default(),
        }
    }

    /// The address of a connection such as `public:npmjs`, with a slash at its end.
    ///
    /// # Errors
    /// A sentence when no package manager on this machine knows it.
    pub async fn address(&self, connection: &str) -> Result<Url, String> {
        if let Some(url) = self.explicit.get(connection) {
            return Ok(url.clone());
        }
        // Held while a package manager is asked: the others wait for the same answer.
        let mut found = self.found.lock().await;
        if let Some(url) = found.get(connection) {
            return Ok(url.clone());
        }
        let tools = Tools { env: &self.env };
        let url = match connection {
            "public:npmjs" => npm::address(&tools).await,
            "public:pypi" => pip::address(&tools).await,
            "public:crates-io" => cargo::address(&tools).await,
            "public:nuget-org" => nuget::address(&tools).await,
            "public:ruby-gems-org" => gem::address(&tools).await,
            _ if connection.starts_with("public:maven-") => {
                maven::address(&tools, connection).await
            }
            _ => None,
        };
        let url = url.ok_or_else(|| {
            format!(
                "no package manager on this machine tells the address of `{connection}`; \
                 give it with `--external {connection}=URL`"
            )
        })?;
        let url = with_slash(url);
        found.insert(connection.to_string(), url.clone());
        Ok(url)
    }
}

/// Reads `NAME=URL`, as `--external` takes it.
///
/// # Errors
/// A sentence when it is not of that form, or the URL is not one of a repository.
pub fn parse_assignment(text: &str) -> Result<(String, Url), String> {
    let (name, url) = text
        .split_once('=')
        .ok_or_else(|| format!("`{text}` is not of the form NAME=URL"))?;
    let url = repository_url(url)
        .ok_or_else(|| format!("`{name}` needs the http or https address of a repository"))?;
    Ok((name.to_string(), with_slash(url)))
}

/// The text as the address of a repository, if it is one.
fn repository_url(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim()).ok()?;
    let plain = url.query().is_none() && url.fragment().is_none();
    (matches!(url.scheme(), "http" | "https") && url.has_host() && plain).then_some(url)
}

fn with_slash(mut url: Url) -> Url {
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    url
}

/// Whether the address is the endpoint of a repository: somebody has logged in to one. That needs a
/// token, and may be this very service; what is behind it is not there but in the default.
fn is_repository_endpoint(url: &Url) -> bool {
    let is_local = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    };
    let names_format = url.path_segments().is_some_and(|mut segments| {
        segments.any(|segment| {
            matches!(
                segment,
                "npm" | "pypi" | "maven" | "nuget" | "cargo" | "ruby"
            )
        })
    });
    is_local && names_format
        || url
            .host_str()
            .is_some_and(|host| host.contains(".codeartifact."))
}

/// The package managers of this machine.
struct Tools<'a> {
    env: &'a Env,
}

/// How a package manager is started, other than it is set up.
#[derive(Default)]
struct Change<'a> {
    set: &'a [(&'a str, &'a Path)],
    unset: &'a [&'a str],
    folder: Option<&'a Path>,
}

impl Tools<'_> {
    /// What a program prints, standard output and standard error; nothing when it is not there or
    /// takes too long. Whether it succeeded is not asked: some say what is wanted in an error.
    async fn ask(
        &self,
        program: &str,
        arguments: &[&str],
        change: Change<'_>,
    ) -> Option<(String, String)> {
        let program = match self.env.platform() {
            Platform::Windows => format!("{program}.cmd"),
            _ => program.to_string(),
        };
        let mut command = tokio::process::Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(
                self.env
                    .names()
                    .filter(|name| {
                        !change
                            .unset
                            .iter()
                            .any(|unset| name.eq_ignore_ascii_case(unset))
                    })
                    .filter_map(|name| Some((name, self.env.var_or_empty(name)?))),
            )
            .envs(change.set.iter().copied())
            // Not in the project: its own settings may well point here.
            .current_dir(
                change
                    .folder
                    .or(self.env.home().filter(|home| home.is_dir()))
                    .unwrap_or(Path::new("/")),
            )
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().ok()?;
        let (output, errors) = (child.stdout.take()?, child.stderr.take()?);
        let answer = async {
            let (mut said, mut complained) = (Vec::new(), Vec::new());
            let (mut output, mut errors) =
                (output.take(LONGEST_ANSWER), errors.take(LONGEST_ANSWER));
            let (one, other) = tokio::join!(
                output.read_to_end(&mut said),
                errors.read_to_end(&mut complained)
            );
            one.and(other).ok()?;
            child.wait().await.ok()?;
            Some((
                String::from_utf8_lossy(&said).into_owned(),
                String::from_utf8_lossy(&complained).into_owned(),
            ))
        };
        tokio::time::timeout(PATIENCE, answer).await.ok()?
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;

//! What to log in to: flags over `codeartifact.toml`, and the tools that the project's files
//! tell of. All that can be checked without a call is checked here.

use std::path::PathBuf;

use super::LoginArgs;
use super::settings::project_settings;
use crate::cli::Context;
use crate::config::Settings;
use crate::config::env::Env;
use crate::config::project::{AUTO, Entry, FILE_NAME, Project};
use crate::error::{Error, Result};
use crate::login::detect::{self, Found};
use crate::login::{self, ADAPTERS, Adapter, NamespaceRule, Options, RealDisk, namespace};

/// Logins that are wanted, and what holds for all of them.
#[derive(Debug)]
pub(super) struct Request {
    /// One for each tool and place.
    pub(super) wanted: Vec<Wanted>,
    /// The life of tokens, in seconds.
    pub(super) duration_seconds: Option<i64>,
    /// The kind of endpoint.
    pub(super) endpoint_type: Option<String>,
    /// What a person should hear before anything is done, a sentence each.
    pub(super) told: Vec<String>,
    project: Option<Project>,
}

/// A login as far as flags and project tell.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    pub(super) tool: &'static str,
    pub(super) domain: Option<String>,
    pub(super) owner: Option<String>,
    pub(super) repository: Option<String>,
    namespace: Option<String>,
    options: Options,
}

/// A login of which everything is known.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) adapter: &'static Adapter,
    pub(super) domain: String,
    pub(super) owner: Option<String>,
    pub(super) repository: String,
    pub(super) namespace: Option<String>,
    pub(super) options: Options,
}

impl Request {
    /// Puts flags and project together.
    pub(super) fn new(args: &LoginArgs, env: &Env) -> Result<Request> {
        let names: Vec<&str> = ADAPTERS.iter().map(|adapter| adapter.tool).collect();
        let project = Project::find(env, &names)?;
        let mut told = Vec::new();
        let wanted = Wishes {
            args,
            project: project.as_ref(),
            env,
            told: &mut told,
        }
        .wanted()?;
        let shared = project.as_ref();
        Ok(Request {
            duration_seconds: match args.duration_seconds.as_deref() {
                Some(text) => Some(duration(text)?),
                None => shared.and_then(|project| project.duration_seconds),
            },
            endpoint_type: args
                .endpoint_type
                .clone()
                .or_else(|| shared.and_then(|project| project.endpoint_type.clone())),
            wanted,
            told,
            project,
        })
    }

    /// The flags that are missing, without which there is no login.
    pub(super) fn missing(&self) -> Vec<&'static str> {
        let lacks = |test: fn(&Wanted) -> bool| self.wanted.iter().any(test);
        [
            ("--tool", self.wanted.iter().any(|one| one.tool.is_empty())),
            ("--domain", lacks(|one| one.domain.is_none())),
            ("--repository", lacks(|one| one.repository.is_none())),
        ]
        .into_iter()
        .filter_map(|(flag, missing)| missing.then_some(flag))
        .collect()
    }

    /// The logins, once nothing is missing.
    pub(super) fn targets(&self) -> Result<Vec<Target>> {
        self.wanted
            .iter()
            .map(|one| {
                let complete = (
                    login::adapter(one.tool),
                    one.domain.clone(),
                    one.repository.clone(),
                );
                let (Some(adapter), Some(domain), Some(repository)) = complete else {
                    return Err(self.incomplete());
                };
                Ok(Target {
                    adapter,
                    domain,
                    owner: one.owner.clone(),
                    repository,
                    namespace: one.namespace.clone(),
                    options: one.options.clone(),
                })
            })
            .collect()
    }

    /// The error that names what is missing.
    pub(super) fn incomplete(&self) -> Error {
        let missing = self.missing();
        let error = Error::usage(format!(
            "An error occurred (ParamValidation): the following arguments are required: {}",
            missing.join(", ")
        ));
        match missing.contains(&"--tool") {
            true => error.hint("`--tool auto` finds the tools of the project by its files"),
            false => error.hint(format!("`{FILE_NAME}` can name them for a whole project")),
        }
    }

    /// The settings of the service, with what the project says.
    pub(super) async fn settings(&self, context: &Context) -> Result<Settings> {
        project_settings(context, self.project.as_ref()).await
    }
}

/// Flags and project, on their way to logins.
struct Wishes<'a> {
    args: &'a LoginArgs,
    project: Option<&'a Project>,
    env: &'a Env,
    told: &'a mut Vec<String>,
}

impl Wishes<'_> {
    fn wanted(mut self) -> Result<Vec<Wanted>> {
        let entries = match self.args.tool.is_empty() {
            true => self.entries(),
            false => self.entries_for_tools()?,
        };
        let by_name: Vec<String> = entries
            .iter()
            .flat_map(|entry| entry.tools.iter().cloned())
            .filter(|tool| tool != AUTO)
            .collect();
        let mut wanted: Vec<Wanted> = Vec::new();
        for entry in &entries {
            for one in self.of_entry(entry, &by_name)? {
                if !wanted.contains(&one) {
                    wanted.push(one);
                }
            }
        }
        self.tell_project(&wanted);
        Ok(wanted)
    }

    /// What the project wants, with the flags over it.
    fn entries(&self) -> Vec<Entry> {
        let Some(project) = self.project else {
            return vec![self.with_flags(Entry::default())];
        };
        let shared = !project.shared.tools.is_empty() || project.further.is_empty();
        let shared = shared.then(|| project.shared.clone());
        shared
            .into_iter()
            .chain(project.further.iter().cloned())
            .map(|entry| self.with_flags(entry))
            .collect()
    }

    /// What the project wants for the tools that the flags name. For a tool that the project
    /// does not name, its general settings hold.
    fn entries_for_tools(&mut self) -> Result<Vec<Entry>> {
        let (by_name, auto): (Vec<&String>, Vec<&String>) =
            self.args.tool.iter().partition(|tool| *tool != AUTO);
        let mut tools: Vec<String> = by_name.into_iter().cloned().collect();
        if !auto.is_empty() {
            let found = self.found()?;
            tools.extend(found.iter().map(|found| found.tool.to_string()));
        }
        let mut entries: Vec<Entry> = Vec::new();
        for tool in tools {
            let only = |mut entry: Entry| {
                entry.tools = vec![tool.clone()];
                entry
            };
            let known = self.entries();
            let mut of_tool: Vec<Entry> = known
                .into_iter()
                .filter(|entry| entry.tools.contains(&tool))
                .map(only)
                .collect();
            if of_tool.is_empty() {
                let shared = self.project.map(|project| project.shared.clone());
                of_tool.push(only(self.with_flags(shared.unwrap_or_default())));
            }
            entries.extend(of_tool);
        }
        Ok(entries)
    }

    /// An entry with the flags in place of what it says. Another domain has another owner and
    /// other repositories.
    fn with_flags(&self, mut entry: Entry) -> Entry {
        let args = self.args;
        if args.domain.is_some() && args.domain != entry.domain {
            entry.domain.clone_from(&args.domain);
            entry.owner = None;
            entry.repository = None;
        }
        let over = |flag: &Option<String>, value: &mut Option<String>| {
            if flag.is_some() {
                value.clone_from(flag);
            }
        };
        over(&args.domain_owner, &mut entry.owner);
        over(&args.repository, &mut entry.repository);
        over(&args.namespace, &mut entry.namespace);
        over(&args.name, &mut entry.name);
        entry
    }

    fn found(&mut self) -> Result<Vec<Found>> {
        let found = detect::detect(self.env, &RealDisk);
        if found.is_empty() {
            let folders = detect::folders(self.env, &RealDisk);
            let folders: Vec<String> = folders
                .iter()
                .map(|folder| format!("`{}`", folder.display()))
                .collect();
            return Err(Error::other(format!(
                "no tool was found in {}: there is none of {}",
                folders.join(", "),
                detect::looked_for().join(", ")
            ))
            .hint("name the tools with `--tool`"));
        }
        let because = |found: &Found| match found.because {
            "" => String::new(),
            because => format!(" ({because})"),
        };
        for one in &found {
            let line = format!("Found {}: {}{}", one.tool, one.path.display(), because(one));
            if !self.told.contains(&line) {
                self.told.push(line);
            }
        }
        Ok(found)
    }

    /// The logins of an entry. `by_name` are the tools that entries name themselves; what is
    /// found besides is added to them.
    fn of_entry(&mut self, entry: &Entry, by_name: &[String]) -> Result<Vec<Wanted>> {
        let mut tools: Vec<(String, bool)> = Vec::new();
        for tool in &entry.tools {
            if tool != AUTO {
                tools.push((tool.clone(), true));
                continue;
            }
            let found = self.found()?.into_iter().map(|found| found.tool);
            let more = found.filter(|tool| !by_name.iter().any(|name| name == tool));
            tools.extend(more.map(|tool| (tool.to_string(), false)));
        }
        if tools.is_empty() {
            // The tool is still to be asked for.
            return Ok(vec![self.one(entry, None, None)]);
        }
        let adapters: Vec<(&Adapter, bool)> = tools
            .iter()
            .filter_map(|(tool, named)| Some((login::adapter(tool)?, *named)))
            .collect();
        let is_strict = !self.args.tool.is_empty() && !self.args.tool.iter().any(|t| t == AUTO);
        let options = self.options(entry);
        for flag in options.given() {
            let knows = |adapter: &&Adapter| adapter.flags.contains(&flag);
            let on_command_line = self.flags().given().contains(&flag);
            let foreign = adapters.iter().find(|(adapter, _)| !knows(adapter));
            let nobody = !adapters.iter().any(|(adapter, _)| knows(adapter));
            if let Some((adapter, _)) = foreign
                && (nobody || is_strict && on_command_line)
            {
                return Err(unsupported(flag.text(), adapter));
            }
        }
        let mut wanted = Vec::new();
        for (adapter, named) in adapters {
            let scoped = entry.namespace.is_some();
            if scoped && !named && adapter.namespace == NamespaceRule::None {
                self.told.push(format!(
                    "Leaving {} out: it knows no namespaces",
                    adapter.tool
                ));
                continue;
            }
            let namespace = namespace::check(adapter, entry.namespace.as_deref())?;
            wanted.push(self.one(entry, Some(adapter), namespace));
        }
        Ok(wanted)
    }

    fn one(&self, entry: &Entry, adapter: Option<&Adapter>, namespace: Option<String>) -> Wanted {
        let options = self.options(entry);
        Wanted {
            tool: adapter.map_or("", |adapter| adapter.tool),
            domain: entry.domain.clone(),
            owner: entry.owner.clone(),
            repository: entry.repository.clone(),
            namespace,
            options: adapter.map_or_else(Options::default, |adapter| options.known_to(adapter)),
        }
    }

    /// The flags of the command line alone.
    fn flags(&self) -> Options {
        self.options(&Entry {
            name: self.args.name.clone(),
            ..Entry::default()
        })
    }

    fn options(&self, entry: &Entry) -> Options {
        Options {
            project: self.args.project || entry.sets("project"),
            extra: self.args.extra || entry.sets("extra"),
            mirror: self.args.mirror || entry.sets("mirror"),
            replace_crates_io: self.args.replace_crates_io || entry.sets("replace-crates-io"),
            push: self.args.push || entry.sets("push"),
            name: entry.name.clone(),
            // Whether a keychain runs is found out when the token is there.
            keychain: false,
        }
    }

    /// A project's file comes from whoever wrote the project, so what it decides is told.
    fn tell_project(&mut self, wanted: &[Wanted]) {
        let Some(project) = self.project else { return };
        let mut places: Vec<String> = Vec::new();
        for one in wanted {
            let unknown = "?".to_string();
            let domain = one.domain.as_ref().unwrap_or(&unknown);
            let repository = one.repository.as_ref().unwrap_or(&unknown);
            let owner = one.owner.as_ref();
            let owner = owner.map_or_else(String::new, |owner| format!(" of {owner}"));
            let place = format!("repository {repository} of domain {domain}{owner}");
            if !places.contains(&place) {
                places.push(place);
            }
        }
        let path: PathBuf = project.path.clone();
        let line = format!("Using `{}`: {}", path.display(), places.join(", "));
        self.told.insert(0, line);
    }
}

fn unsupported(flag: &str, adapter: &Adapter) -> Error {
    Error::other(format!(
        "Argument {flag} is not supported for {}",
        adapter.tool
    ))
}

/// The life of the token in seconds (user guide, "Tokens created with the
/// GetAuthorizationToken API").
fn duration(text: &str) -> Result<i64> {
    let seconds: i64 = text
        .trim()
        .parse()
        .map_err(|_| Error::other(format!("`--duration-seconds {text}` is not a whole number")))?;
    if seconds == 0 || (900..=43_200).contains(&seconds) {
        Ok(seconds)
    } else {
        Err(Error::other(format!(
            "`--duration-seconds {seconds}` is neither 0 nor from 900 to 43200"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_checked_before_any_call() {
        for (text, seconds) in [("0", 0), ("900", 900), (" 43200 ", 43_200)] {
            assert_eq!(duration(text).expect("is fine"), seconds);
        }
        for text in ["abc", "899", "43201", "-1", ""] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}

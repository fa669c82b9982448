//! Domain and repository picked from a list by a person at a terminal, when neither flags nor
//! project name them. The prompt goes to standard error; a list of one is not asked about.

use std::io::{self, IsTerminal};

use dialoguer::console::Term;
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Error as PromptError, Select};
use serde_json::Value;

use super::fetch::call;
use super::request::{Request, Wanted};
use crate::cli::Context;
use crate::error::{Error, Kind, Result};
use crate::sdk::client::Service;

/// More than a person could look through.
const MOST_CHOICES: usize = 5_000;

/// Whether there is a person to ask.
pub(super) fn is_possible(context: &Context) -> bool {
    io::stdin().is_terminal() && context.streams.stderr_is_terminal()
}

/// Asks for what is missing in the request, once for logins that lack the same.
pub(super) async fn fill(
    context: &Context,
    service: &Service,
    request: &mut Request,
) -> Result<()> {
    if request.wanted.iter().any(|one| one.domain.is_none()) {
        let domains = list(service, "list-domains", "domains", &[]).await?;
        let names: Vec<String> = domains.iter().map(|domain| domain.name.clone()).collect();
        let at = choose(context, "domain", "in this account and Region", &names)?;
        for one in lacking(request, |one| one.domain.is_none()) {
            one.domain = Some(domains[at].name.clone());
            // The list has the domains of the caller's own account.
            one.owner = None;
        }
    }
    while let Some(at) = request
        .wanted
        .iter()
        .position(|one| one.repository.is_none())
    {
        let (domain, owner) = {
            let one = &request.wanted[at];
            (one.domain.clone().unwrap_or_default(), one.owner.clone())
        };
        let members = [
            ("domain", Some(Value::from(domain.as_str()))),
            ("domainOwner", owner.as_deref().map(Value::from)),
        ];
        let command = "list-repositories-in-domain";
        let repositories = list(service, command, "repositories", &members).await?;
        let names: Vec<String> = repositories
            .iter()
            .map(|repository| match &repository.description {
                Some(description) => format!("{}  {description}", repository.name),
                None => repository.name.clone(),
            })
            .collect();
        let place = format!("in domain {domain}");
        let chosen = choose(context, "repository", &place, &names)?;
        let is_same = |one: &Wanted| {
            one.repository.is_none() && one.domain.as_ref() == Some(&domain) && one.owner == owner
        };
        for one in lacking(request, is_same) {
            one.repository = Some(repositories[chosen].name.clone());
        }
    }
    Ok(())
}

fn lacking(
    request: &mut Request,
    is_meant: impl Fn(&Wanted) -> bool,
) -> impl Iterator<Item = &mut Wanted> {
    request.wanted.iter_mut().filter(move |one| is_meant(one))
}

/// Something to choose.
struct Choice {
    name: String,
    description: Option<String>,
}

/// All pages of a list.
async fn list(
    service: &Service,
    command: &str,
    member: &str,
    members: &[(&str, Option<Value>)],
) -> Result<Vec<Choice>> {
    let mut choices: Vec<Choice> = Vec::new();
    let mut next = None;
    loop {
        let mut input = members.to_vec();
        input.push(("nextToken", next));
        let answer = call(service, command, &input).await?;
        let page = answer[member].as_array().into_iter().flatten();
        choices.extend(page.filter_map(|one| {
            let text = |name: &str| {
                one[name]
                    .as_str()
                    .map(plain)
                    .filter(|text| !text.is_empty())
            };
            Some(Choice {
                name: text("name")?,
                description: text("description"),
            })
        }));
        next = answer.get("nextToken").cloned();
        if next.as_ref().is_none_or(Value::is_null) || choices.len() >= MOST_CHOICES {
            return Ok(choices);
        }
    }
}

/// A text of the service's without anything that a terminal would obey.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

fn choose(context: &Context, what: &str, place: &str, names: &[String]) -> Result<usize> {
    match names {
        [] => Err(Error::other(format!("there is no {what} {place}"))
            .hint(format!("`--{what}` names one elsewhere"))),
        [only] => {
            let line = format!("Using the only {what} {place}: {only}");
            context.streams.status(line);
            Ok(0)
        }
        names => ask(context, what, names),
    }
}

fn ask(context: &Context, what: &str, names: &[String]) -> Result<usize> {
    let term = Term::stderr();
    let theme: Box<dyn Theme> = match context.streams.stderr_colour() {
        true => Box::new(ColorfulTheme::default()),
        false => Box::new(SimpleTheme),
    };
    let chosen = Select::with_theme(theme.as_ref())
        .with_prompt(format!("Which {what}?"))
        .items(names)
        .default(0)
        .interact_on_opt(&term);
    // An interrupted prompt leaves the cursor hidden; if it cannot be shown, nothing can.
    let _ = term.show_cursor();
    match chosen {
        Ok(Some(at)) => Ok(at),
        Ok(None) => Err(Error::new(Kind::Interrupted, "Interrupted")),
        Err(PromptError::IO(error)) if error.kind() == io::ErrorKind::Interrupted => {
            Err(Error::new(Kind::Interrupted, "Interrupted").caused_by(error))
        }
        Err(PromptError::IO(error)) => Err(Error::other(format!(
            "the terminal cannot be asked: {error}"
        ))
        .hint(format!("name it with `--{what}`"))),
    }
}

//! What is wrong with the logins that there are.

use super::Finding;
use crate::config::Settings;
use crate::login::status::{LoginStatus, State};

/// Adds a finding for everything that keeps a login from working. `settings` are there when
/// the service was asked.
pub(super) fn examine(
    logins: &[LoginStatus],
    settings: Option<&Settings>,
    findings: &mut Vec<Finding>,
) {
    if logins.is_empty() {
        findings.push(Finding::warning(
            "no package manager is logged in",
            "`codeartifact login --tool TOOL` logs one in; `--tool auto` finds those of a project",
        ));
    }
    for login in logins {
        let before = findings.len();
        one(login, settings, findings);
        if findings.len() == before {
            findings.push(Finding::ok(format!(
                "{} uses {}",
                login.tool, login.endpoint
            )));
        }
    }
}

fn one(login: &LoginStatus, settings: Option<&Settings>, findings: &mut Vec<Finding>) {
    let tool = &login.tool;
    let again = format!("log in again: {}", command(login));
    if !login.is_read_here() {
        findings.push(Finding::ok(format!(
            "{tool} is logged in to {} elsewhere, not for this folder",
            login.endpoint
        )));
        return;
    }
    if login.expired {
        let found = format!("the token of {tool} for {} has expired", login.endpoint);
        findings.push(Finding::problem(found, again.as_str()));
    } else if login.accepted == Some(false) {
        let found = format!(
            "the service refuses the token of {tool} for {}, though it has not expired: the \
             permission may be gone, or the repository",
            login.endpoint
        );
        findings.push(Finding::problem(found, again.as_str()));
    }
    for file in &login.files {
        let path = file.path.display();
        let found = match file.state {
            State::AsWritten | State::Edited => None,
            State::Overwritten => Some(format!(
                "`{path}` no longer holds what the login of {tool} wrote"
            )),
            State::Gone => Some(format!(
                "`{path}`, which the login of {tool} wrote, is not there any more"
            )),
        };
        findings.extend(found.map(|found| Finding::problem(found, again.as_str())));
        if let Some(mode) = &file.mode_too_wide {
            findings.push(Finding::problem(
                format!("`{path}` holds a token, and others can read it (mode {mode})"),
                format!("`chmod 600 {path}`"),
            ));
        }
    }
    for shadow in &login.shadows {
        findings.push(Finding::problem(
            format!(
                "{tool} does not use what its login wrote: {}",
                shadow.sentence
            ),
            format!(
                "take `{}` out of the way, or let it lead to {}",
                shadow.by, login.endpoint
            ),
        ));
    }
    if !login.ours {
        findings.push(Finding::warning(
            format!(
                "{tool} is set up for {} by something else: until when its token is valid is \
                 not known",
                login.endpoint
            ),
            again.as_str(),
        ));
    }
    let calls = settings.and_then(|settings| settings.region.as_ref());
    if let (Some(region), Some(calls)) = (&login.region, calls)
        && *region != calls.value
    {
        findings.push(Finding::warning(
            format!(
                "{tool} is logged in to {region}, and calls go to {}, which comes from {}",
                calls.value, calls.origin
            ),
            format!("give `--region {region}` for the same domain"),
        ));
    }
}

/// The login that would do it again, as far as it is known.
fn command(login: &LoginStatus) -> String {
    let mut command = format!(
        "`codeartifact login --tool {} --domain {} --repository {}",
        login.tool, login.domain, login.repository
    );
    for (flag, value) in [
        ("domain-owner", &login.domain_owner),
        ("namespace", &login.namespace),
        ("region", &login.region),
        ("profile", &login.profile),
    ] {
        if let Some(value) = value {
            command.push_str(&format!(" --{flag} {value}"));
        }
    }
    match login.name.as_deref() {
        None | Some("codeartifact") => {}
        Some(name) => command.push_str(&format!(" --name {name}")),
    }
    command + "`"
}

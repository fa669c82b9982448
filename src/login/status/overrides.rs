//! The variables with which each tool can be told something else than its file says. A table:
//! the tools' own documentation on configuration is the source of each line.

use super::LoginStatus;
use crate::login::endpoint::Endpoint;

/// A variable that wins over a file.
pub(super) struct Variable {
    /// The tools that read it.
    pub(super) tools: &'static [&'static str],
    /// Its name for a login.
    pub(super) name: fn(&LoginStatus, &Endpoint) -> Option<String>,
    /// Tools of npm's kind take their variables in either case.
    pub(super) any_case: bool,
    /// What it decides.
    pub(super) decides: Decides,
}

/// What a variable decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decides {
    /// The address; one of the login's repository does no harm.
    Address,
    /// The name of the source; the login's own does no harm.
    Source,
    /// The credentials.
    Credentials,
    /// Which files are read at all.
    Files,
}

const fn fixed(
    tools: &'static [&'static str],
    name: fn(&LoginStatus, &Endpoint) -> Option<String>,
    decides: Decides,
) -> Variable {
    Variable {
        tools,
        name,
        any_case: false,
        decides,
    }
}

/// The name, for a login that is for all packages and not for a scope.
fn unscoped(login: &LoginStatus, name: &str) -> Option<String> {
    login.namespace.is_none().then(|| name.to_string())
}

/// The name when the login's repository takes the place of the tool's own index, or else the
/// one for further indexes.
fn index(login: &LoginStatus, main: &str, further: &str) -> Option<String> {
    let mut settings = login.files.iter().flat_map(|file| &file.settings);
    Some(match settings.any(|setting| setting == "extra-index-url") {
        true => further.to_string(),
        false => main.to_string(),
    })
}

/// The source's name as it is part of a variable's.
fn in_capitals(login: &LoginStatus, before: &str, after: &str) -> Option<String> {
    let capital = |c: char| match c {
        c if c.is_ascii_alphanumeric() => c.to_ascii_uppercase(),
        _ => '_',
    };
    let name: String = login.name.as_deref()?.chars().map(capital).collect();
    Some(format!("{before}{name}{after}"))
}

pub(super) const VARIABLES: &[Variable] = &[
    Variable {
        any_case: true,
        ..fixed(
            &["npm", "pnpm", "yarn1", "bun"],
            |login, _| unscoped(login, "npm_config_registry"),
            Decides::Address,
        )
    },
    Variable {
        any_case: true,
        ..fixed(
            &["npm", "pnpm"],
            |_, endpoint| {
                Some(format!(
                    "npm_config_//{}:_authToken",
                    endpoint.without_scheme()
                ))
            },
            Decides::Credentials,
        )
    },
    Variable {
        any_case: true,
        ..fixed(
            &["yarn1"],
            |login, _| unscoped(login, "yarn_registry"),
            Decides::Address,
        )
    },
    fixed(
        &["bun"],
        |login, _| unscoped(login, "BUN_CONFIG_REGISTRY"),
        Decides::Address,
    ),
    fixed(
        &["bun"],
        |login, _| unscoped(login, "BUN_CONFIG_TOKEN"),
        Decides::Credentials,
    ),
    fixed(
        &["yarn"],
        |login, _| unscoped(login, "YARN_NPM_REGISTRY_SERVER"),
        Decides::Address,
    ),
    fixed(
        &["pip"],
        |login, _| index(login, "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"),
        Decides::Address,
    ),
    fixed(&["pip"], |_, _| Some("PIP_NO_INDEX".into()), Decides::Files),
    fixed(
        &["uv"],
        |_, _| Some("UV_DEFAULT_INDEX".into()),
        Decides::Address,
    ),
    fixed(
        &["uv"],
        |_, _| Some("UV_INDEX_URL".into()),
        Decides::Address,
    ),
    fixed(
        &["uv"],
        |_, _| Some("UV_PUBLISH_URL".into()),
        Decides::Address,
    ),
    fixed(&["uv"], |_, _| Some("UV_NO_CONFIG".into()), Decides::Files),
    fixed(
        &["uv"],
        |_, _| Some("UV_CONFIG_FILE".into()),
        Decides::Files,
    ),
    fixed(
        &["uv"],
        |login, _| in_capitals(login, "UV_INDEX_", "_PASSWORD"),
        Decides::Credentials,
    ),
    fixed(
        &["poetry"],
        |login, _| in_capitals(login, "POETRY_REPOSITORIES_", "_URL"),
        Decides::Address,
    ),
    fixed(
        &["poetry"],
        |login, _| in_capitals(login, "POETRY_HTTP_BASIC_", "_PASSWORD"),
        Decides::Credentials,
    ),
    fixed(
        &["poetry"],
        |login, _| in_capitals(login, "POETRY_PYPI_TOKEN_", ""),
        Decides::Credentials,
    ),
    fixed(
        &["twine"],
        |_, _| Some("TWINE_REPOSITORY_URL".into()),
        Decides::Address,
    ),
    fixed(
        &["twine"],
        |_, _| Some("TWINE_REPOSITORY".into()),
        Decides::Source,
    ),
    fixed(
        &["twine"],
        |_, _| Some("TWINE_PASSWORD".into()),
        Decides::Credentials,
    ),
    fixed(
        &["cargo"],
        |login, _| in_capitals(login, "CARGO_REGISTRIES_", "_INDEX"),
        Decides::Address,
    ),
    fixed(
        &["cargo"],
        |login, _| in_capitals(login, "CARGO_REGISTRIES_", "_TOKEN"),
        Decides::Credentials,
    ),
    fixed(
        &["cargo"],
        |login, _| in_capitals(login, "CARGO_REGISTRIES_", "_CREDENTIAL_PROVIDER"),
        Decides::Credentials,
    ),
    fixed(
        &["gem"],
        |_, _| Some("RUBYGEMS_HOST".into()),
        Decides::Address,
    ),
    fixed(
        &["gem"],
        |_, _| Some("GEM_HOST_API_KEY".into()),
        Decides::Credentials,
    ),
    fixed(
        &["nuget", "dotnet"],
        |login, _| {
            let (domain, repository) = (&login.domain, &login.repository);
            Some(format!(
                "NuGetPackageSourceCredentials_{domain}/{repository}"
            ))
        },
        Decides::Credentials,
    ),
    fixed(
        &["gradle"],
        |login, _| {
            Some(match login.name.as_deref() {
                None | Some("codeartifact") => "ORG_GRADLE_PROJECT_codeartifactToken".to_string(),
                Some(name) => format!("ORG_GRADLE_PROJECT_codeartifactToken.{name}"),
            })
        },
        Decides::Credentials,
    ),
    fixed(
        &["sbt"],
        |_, _| Some("SBT_CREDENTIALS".into()),
        Decides::Files,
    ),
    fixed(
        &["leiningen"],
        |_, _| Some("LEIN_NO_USER_PROFILES".into()),
        Decides::Files,
    ),
];

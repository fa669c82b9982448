//! How the service is reached, with what `codeartifact.toml` says of it.

use crate::cli::Context;
use crate::config::aws::Profile;
use crate::config::env::Env;
use crate::config::project::Project;
use crate::config::{Origin, Overrides, Set, Settings};
use crate::error::Result;

/// The settings of the service, with what a project says of Region and profile.
///
/// The Region belongs to the domain, so the file's goes before that of variables and profile.
/// Whose credentials to use is the machine's matter: the file's profile counts only where
/// nothing else says it, and not in CI, where variables carry credentials.
pub(in crate::cli) async fn project_settings(
    context: &Context,
    project: Option<&Project>,
) -> Result<Settings> {
    let mut overrides = context.global.overrides()?;
    let profile = project.and_then(|project| profile(project, &overrides, &context.env));
    overrides.profile = overrides.profile.or(profile.map(str::to_string));
    let loaded = Profile::load(overrides.profile.as_deref(), &context.env).await;
    let loaded = loaded.map_err(|error| match project {
        Some(project) if profile.is_some() => error.hint(format!(
            "`{}` names the profile; `--profile` takes another one",
            project.path.display()
        )),
        _ => error,
    })?;
    let region_is_given = overrides.region.is_some();
    let mut settings = Settings::resolve(overrides, &context.env, &loaded)?;
    if let (false, Some(project)) = (region_is_given, project)
        && let Some(region) = &project.region
    {
        settings.region = Some(Set {
            value: region.clone(),
            origin: Origin::Project(project.path.clone()),
        });
    }
    Ok(settings)
}

/// The project's profile, where nothing else says whose credentials to use.
fn profile<'a>(project: &'a Project, flags: &Overrides, env: &Env) -> Option<&'a str> {
    const OTHER_CREDENTIALS: &[&str] = &[
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ];
    let is_known = flags.profile.is_some()
        || flags.no_sign_request
        || OTHER_CREDENTIALS.iter().any(|name| env.var(name).is_some());
    match is_known {
        true => None,
        false => project.profile.as_deref(),
    }
}

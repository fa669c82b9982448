//! The AWS profile files, read by aws-config; only for commands that talk to the service.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use aws_config::profile::{ProfileFileLoadError, ProfileSet};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_runtime::env_config::property::PropertiesKey;
use aws_types::os_shim_internal;

use super::env::Env;
use super::{Origin, Set, strict};
use crate::error::{Error, Result};

/// The selected profile with what the files say of it.
#[derive(Debug)]
pub struct Profile {
    files: ProfileSet,
    named: Option<Set<String>>,
}

impl Profile {
    /// Reads `~/.aws/config` and `~/.aws/credentials`, or the files that
    /// `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` name. Files that are missing count
    /// as empty; a file that cannot be parsed, or a named profile that is in neither, is an
    /// error.
    pub async fn load(flag: Option<&str>, env: &Env) -> Result<Profile> {
        let paths = paths(env);
        for path in &paths {
            // A file that is not there is empty; one that cannot be opened, the SDK reports.
            let content = std::fs::read(path).unwrap_or_default();
            if strict::is_refused(&content) {
                return Err(unparsable(path));
            }
        }
        let loaded = load(&EnvConfigFiles::default(), selected(flag, env).as_ref()).await;
        let files = loaded.map_err(|error| match paths.first() {
            Some(path) if matches!(error, ProfileFileLoadError::ParseError { .. }) => {
                unparsable(path).caused_by(error)
            }
            _ => unreadable(error),
        })?;
        Profile::new(files, selected(flag, env))
    }

    /// The profile in the text of a config file.
    #[cfg(test)]
    pub(super) fn parse(config: &str, flag: Option<&str>, env: &Env) -> Result<Profile> {
        let files = EnvConfigFiles::builder()
            .with_contents(
                aws_runtime::env_config::file::EnvConfigFileKind::Config,
                config,
            )
            .build();
        let named = selected(flag, env);
        let files = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime without drivers starts")
            .block_on(load(&files, named.as_ref()))
            .map_err(unreadable)?;
        Profile::new(files, named)
    }

    fn new(files: ProfileSet, named: Option<Set<String>>) -> Result<Profile> {
        if let Some(set) = &named
            && set.value != "default"
            && files.get_profile(&set.value).is_none()
        {
            let mut hint = String::from("Profiles there are:");
            let mut names: Vec<_> = files.profiles().collect();
            names.sort_unstable();
            for name in &names {
                // Writing to a String cannot fail.
                let _ = write!(hint, " {name}");
            }
            let error = Error::other(format!(
                "The config profile ({}) could not be found",
                set.value
            ));
            return Err(if names.is_empty() {
                error
            } else {
                error.hint(hint)
            });
        }
        Ok(Profile { files, named })
    }

    /// A key of the profile.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.files.get(key)
    }

    /// A key of another profile.
    pub fn get_from(&self, profile: &str, key: &str) -> Option<&str> {
        self.files.get_profile(profile)?.get(key)
    }

    /// Whether the files have a profile of that name.
    pub fn exists(&self, profile: &str) -> bool {
        self.files.get_profile(profile).is_some()
    }

    /// A key of an `sso-session` section; the outer `None` is a section that is not there.
    pub fn sso_session(&self, name: &str, key: &str) -> Option<Option<&str>> {
        Some(self.files.sso_session(name)?.get(key))
    }

    /// The name of the profile that counts.
    pub fn selected(&self) -> &str {
        self.files.selected_profile()
    }

    /// A key of a service in the `services` section that the profile names.
    pub fn service(&self, service: &str, key: &str) -> Option<&str> {
        let key = PropertiesKey::builder()
            .section_key("services")
            .section_name(self.get("services")?)
            .property_name(service)
            .sub_property_name(key)
            .build()
            .ok()?;
        self.files.other_sections().get(&key).map(String::as_str)
    }

    /// The profile's name, where one was named.
    pub fn named(&self) -> Option<&Set<String>> {
        self.named.as_ref()
    }

    pub(super) fn origin(&self, key: &str) -> Origin {
        Origin::Profile {
            profile: self.files.selected_profile().to_string(),
            key: key.to_string(),
        }
    }
}

fn selected(flag: Option<&str>, env: &Env) -> Option<Set<String>> {
    let from_flag = flag.map(|name| Set {
        value: name.to_string(),
        origin: Origin::Flag("--profile"),
    });
    from_flag.or_else(|| {
        ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]
            .into_iter()
            .find_map(|variable| {
                Some(Set {
                    value: env.var(variable)?.to_string(),
                    origin: Origin::Variable(variable),
                })
            })
    })
}

async fn load(
    files: &EnvConfigFiles,
    named: Option<&Set<String>>,
) -> Result<ProfileSet, ProfileFileLoadError> {
    let name = named.map(|set| Cow::Owned(set.value.clone()));
    aws_config::profile::load(
        &os_shim_internal::Fs::real(),
        &os_shim_internal::Env::real(),
        files,
        name,
    )
    .await
}

/// The config file and the credentials file.
fn paths(env: &Env) -> Vec<PathBuf> {
    [
        ("AWS_CONFIG_FILE", "config"),
        ("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
    ]
    .into_iter()
    .filter_map(|(variable, name)| match env.var(variable) {
        Some(path) => match (path.strip_prefix("~/"), env.home()) {
            (Some(path), Some(home)) => Some(home.join(path)),
            _ => Some(env.current_dir().join(path)),
        },
        None => Some(env.home()?.join(".aws").join(name)),
    })
    .collect()
}

fn unparsable(path: &Path) -> Error {
    Error::other(format!("Unable to parse config file: {}", path.display()))
}

fn unreadable(error: ProfileFileLoadError) -> Error {
    Error::other(format!("Unable to parse config file: {error}")).caused_by(error)
}

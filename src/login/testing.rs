//! What the tests of adapters share: a made-up login, a made-up disk, and removal by hand.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::adapter::{ConfigFile, Disk, Login, Options, Place, Pointer, Written};
use super::endpoint::Endpoint;
use super::text::secrets;
use crate::config::env::{Env, Platform};
use crate::secret::Secret;

/// The token of [`login`].
pub(super) const TOKEN: &str = "eyJ0b2tlbg==";

/// A login to repository `r` of domain `d`.
pub(super) fn login(format: &str) -> Login {
    let endpoint =
        format!("https://d-111122223333.d.codeartifact.us-west-2.amazonaws.com/{format}/r/");
    Login {
        endpoint: Endpoint::parse(&endpoint).expect("is fine"),
        token: Secret::new(TOKEN),
        expiry: "2026-11-22T22:00:00Z".parse().expect("a time"),
        domain: "d".to_string(),
        owner: Some("111122223333".to_string()),
        repository: "r".to_string(),
        region: Some("us-west-2".to_string()),
        profile: None,
        namespace: None,
        options: Options::default(),
    }
}

/// The text after `remove`, for a login that wrote it.
pub(super) fn without_login(
    kind: &ConfigFile,
    login: &Login,
    before: &[Pointer],
    text: &str,
) -> String {
    let ours = |value: &str| &value[secrets::bare(value, 0..value.len())] == login.token.expose();
    let written = Written {
        endpoint: &login.endpoint,
        domain: &login.domain,
        repository: &login.repository,
        namespace: login.namespace.as_deref(),
        name: login.name(),
        before,
        is_our_token: &ours,
    };
    (kind.remove)(&written, text).expect("the text is fine")
}

/// Files that exist only here.
#[derive(Default)]
pub(super) struct MadeUpDisk(HashMap<PathBuf, String>);

impl MadeUpDisk {
    pub(super) fn new(files: &[(&str, &str)]) -> MadeUpDisk {
        MadeUpDisk(
            files
                .iter()
                .map(|(path, text)| (PathBuf::from(path), (*text).to_string()))
                .collect(),
        )
    }
}

impl Disk for MadeUpDisk {
    fn is_file(&self, path: &Path) -> bool {
        self.0.contains_key(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.0
            .keys()
            .any(|file| file != path && file.starts_with(path))
    }

    fn read(&self, path: &Path) -> Option<String> {
        self.0.get(path).cloned()
    }

    fn mode(&self, _: &Path) -> Option<u32> {
        None
    }

    fn names(&self, folder: &Path) -> Vec<String> {
        let below = self.0.keys().filter_map(|path| {
            let first = path.strip_prefix(folder).ok()?.components().next()?;
            Some(first.as_os_str().to_string_lossy().into_owned())
        });
        let names: std::collections::BTreeSet<String> = below.collect();
        names.into_iter().collect()
    }
}

/// Where a file is, with these variables, flags and files; nothing when there is no place.
pub(super) fn located(
    kind: &ConfigFile,
    platform: Platform,
    variables: &[(&'static str, &'static str)],
    current_dir: &str,
    options: &Options,
    files: &[(&str, &str)],
) -> Option<PathBuf> {
    let env = Env::made_up(platform, "/home/me", current_dir, variables.iter().copied());
    let place = Place {
        env: &env,
        options,
        disk: &MadeUpDisk::new(files),
    };
    (kind.locate)(&place).ok().flatten()
}

/// No flags.
pub(super) fn plain() -> Options {
    Options::default()
}

/// `--project`.
pub(super) fn project() -> Options {
    Options {
        project: true,
        ..Options::default()
    }
}

//! Bundler.
//!
//! A project's Gemfile names its sources, so a login leaves credentials, under the address in
//! Bundler's own spelling: capitals, `.` as two underscores and `-` as three (Bundler
//! documentation, "Configuration keys"). `--mirror` makes the repository stand in for every
//! source.

use std::path::PathBuf;

use super::adapter::{
    Adapter, ConfigFile, Flag, Login, Malformed, NamespaceRule, Place, Pointer, Written,
};
use super::endpoint::{Endpoint, escaped_token};
use super::text::yaml::{self, Style, Yaml};

/// Bundler.
pub(super) const ADAPTER: Adapter = Adapter {
    tool: "bundler",
    shown_as: "bundler",
    format: "ruby",
    namespace: NamespaceRule::None,
    flags: &[Flag::Project, Flag::Mirror],
    files: &[
        ConfigFile {
            owner: "bundler-credentials",
            locate: |place| locate_user(place).map(Some),
            rewrite: rewrite_credentials,
            remove: remove_credentials,
            effective,
            secrets: yaml::secrets,
            holds_token: true,
        },
        ConfigFile {
            owner: "bundler-mirror",
            locate: locate_mirror,
            rewrite: rewrite_mirror,
            remove: remove_mirror,
            effective: effective_mirror,
            secrets: yaml::secrets,
            holds_token: false,
        },
    ],
    remark,
};

fn remark(place: &Place, login: &Login) -> Option<String> {
    (!place.options.mirror).then(|| {
        format!(
            "the Gemfile has to name the repository: `source \"{}\"`; with `--mirror` it stands in for every source",
            login.endpoint
        )
    })
}

fn locate_user(place: &Place) -> Result<PathBuf, Malformed> {
    if let Some(path) = place.path_var("BUNDLE_USER_CONFIG") {
        return Ok(path);
    }
    match place.path_var("BUNDLE_USER_HOME") {
        Some(folder) => Ok(folder.join("config")),
        None => Ok(place.home()?.join(".bundle").join("config")),
    }
}

fn locate_mirror(place: &Place) -> Result<Option<PathBuf>, Malformed> {
    if !place.options.mirror {
        return Ok(None);
    }
    if !place.options.project {
        return locate_user(place).map(Some);
    }
    let root = place
        .nearest(&["Gemfile", "gems.rb"])
        .unwrap_or_else(|| place.env.current_dir().to_path_buf());
    let folder = match place.env.var("BUNDLE_APP_CONFIG") {
        Some(folder) => root.join(folder),
        None => root.join(".bundle"),
    };
    Ok(Some(folder.join("config")))
}

/// The address as Bundler writes it in a key.
fn key(endpoint: &Endpoint) -> String {
    let address = endpoint.as_str().replace('-', "___").replace('.', "__");
    format!("BUNDLE_{}", address.to_uppercase())
}

fn rewrite_credentials(login: &Login, old: &str) -> Result<String, Malformed> {
    let credentials = format!("aws:{}", escaped_token(login.token.expose()));
    yaml::set(
        &begun(old),
        &[&key(&login.endpoint)],
        &credentials,
        Style::Quoted,
    )
}

/// Bundler begins its files with `---`.
fn begun(text: &str) -> String {
    if text.is_empty() {
        "---\n".to_string()
    } else {
        text.to_string()
    }
}

fn remove_credentials(written: &Written, old: &str) -> Result<String, Malformed> {
    let key = key(written.endpoint);
    let ours = Yaml::parse(old)?
        .get(&[&key])
        .and_then(|value| value.split_once(':').map(|(_, token)| token.to_string()))
        .is_some_and(|token| (written.is_our_token)(&token));
    match ours {
        true => yaml::remove(old, &[&key]),
        false => Ok(old.to_string()),
    }
}

/// The addresses that have credentials. Capitals were lost when they became keys.
fn effective(text: &str) -> Result<Vec<Pointer>, Malformed> {
    let yaml = Yaml::parse(text)?;
    let addresses = yaml.keys(&[]).into_iter().filter_map(|key| {
        let address = key.strip_prefix("BUNDLE_")?;
        let known = address.starts_with("HTTP://") || address.starts_with("HTTPS://");
        known.then(|| (key.to_string(), address))
    });
    Ok(addresses
        .map(|(key, address)| {
            let url = address
                .replace("___", "-")
                .replace("__", ".")
                .to_lowercase();
            Pointer::new(key, &url)
        })
        .collect())
}

const MIRROR: &str = "BUNDLE_MIRROR__ALL";

fn rewrite_mirror(login: &Login, old: &str) -> Result<String, Malformed> {
    yaml::set(
        &begun(old),
        &[MIRROR],
        login.endpoint.as_str(),
        Style::Quoted,
    )
}

fn remove_mirror(written: &Written, old: &str) -> Result<String, Malformed> {
    let mirror = Yaml::parse(old)?.get(&[MIRROR]);
    if !mirror.is_some_and(|url| written.endpoint.contains(&url)) {
        return Ok(old.to_string());
    }
    match written.before(MIRROR) {
        Some(before) => yaml::set(old, &[MIRROR], before, Style::Quoted),
        None => yaml::remove(old, &[MIRROR]),
    }
}

fn effective_mirror(text: &str) -> Result<Vec<Pointer>, Malformed> {
    let mirror = Yaml::parse(text)?.get(&[MIRROR]);
    Ok(mirror
        .into_iter()
        .map(|url| Pointer::new(MIRROR, &url))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;
    use crate::config::env::Platform;

    #[test]
    fn the_files_are_where_bundler_looks() {
        let at = |file: usize,
                  options: &super::super::Options,
                  variables: &[(&'static str, &'static str)]| {
            let files = [("/project/Gemfile", "")];
            testing::located(
                &ADAPTER.files[file],
                Platform::MacOs,
                variables,
                "/project/lib",
                options,
                &files,
            )
        };
        let path = |text: &str| Some(PathBuf::from(text));
        let plain = testing::plain();
        assert_eq!(at(0, &plain, &[]), path("/home/me/.bundle/config"));
        assert_eq!(
            at(0, &plain, &[("BUNDLE_USER_HOME", "/b")]),
            path("/b/config")
        );
        assert_eq!(
            at(0, &plain, &[("BUNDLE_USER_CONFIG", "/b/c")]),
            path("/b/c")
        );
        assert_eq!(at(1, &plain, &[]), None);
        let mut mirrored = testing::project();
        mirrored.mirror = true;
        assert_eq!(at(0, &mirrored, &[]), path("/home/me/.bundle/config"));
        assert_eq!(at(1, &mirrored, &[]), path("/project/.bundle/config"));
    }

    #[test]
    fn the_key_is_in_bundlers_spelling() {
        let login = testing::login("ruby");
        let text = rewrite_credentials(&login, "").expect("is fine");
        assert_eq!(
            text,
            format!(
                "---\nBUNDLE_HTTPS://D___111122223333__D__CODEARTIFACT__US___WEST___2__AMAZONAWS__COM/RUBY/R/: \"aws:{}\"\n",
                testing::TOKEN
            )
        );
        assert_eq!(
            effective(&text).expect("is fine")[0].url,
            login.endpoint.as_str()
        );
        assert_eq!(
            testing::without_login(&ADAPTER.files[0], &login, &[], &text),
            "---\n"
        );
    }
}

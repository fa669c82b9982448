//! RubyGems.
//!
//! The source with the token in it goes into `.gemrc`, the key for `gem push --key NAME_api_key` into
//! `.gem/credentials` (user guide, "Configure RubyGems (gem) and Bundler (bundle) with
//! CodeArtifact"). gem refuses credentials that others can read.

use std::path::PathBuf;

use super::adapter::{
    Adapter, ConfigFile, Flag, Login, Malformed, NamespaceRule, Place, Pointer, Written, no_remark,
};
use super::endpoint::Endpoint;
use super::pip::token_in;
use super::text::yaml::{self, Style, Yaml};

/// RubyGems.
pub(super) const ADAPTER: Adapter = Adapter {
    tool: "gem",
    shown_as: "gem",
    format: "ruby",
    namespace: NamespaceRule::None,
    flags: &[Flag::Extra, Flag::Push, Flag::Name],
    files: &[
        ConfigFile {
            owner: "gemrc",
            locate: locate_settings,
            rewrite: rewrite_settings,
            remove: remove_settings,
            effective,
            secrets: yaml::secrets,
            holds_token: true,
        },
        ConfigFile {
            owner: "gem-credentials",
            locate: |place| Ok(Some(place.home()?.join(".gem").join("credentials"))),
            rewrite: rewrite_credentials,
            remove: remove_credentials,
            effective: |text| Yaml::parse(text).map(|_| Vec::new()),
            secrets: yaml::secrets,
            holds_token: true,
        },
    ],
    remark: no_remark,
};

/// `.gemrc`, or the newer place where only that is there.
fn locate_settings(place: &Place) -> Result<Option<PathBuf>, Malformed> {
    let newer = place.xdg_config()?.join("gem").join("gemrc");
    let older = place.home()?.join(".gemrc");
    match place.disk.is_file(&newer) && !place.disk.is_file(&older) {
        true => Ok(Some(newer)),
        false => Ok(Some(older)),
    }
}

const SOURCES: &[&str] = &[":sources"];

fn rewrite_settings(login: &Login, old: &str) -> Result<String, Malformed> {
    let url = login.endpoint.with_token(login.token.expose(), "");
    let sources = Yaml::parse(old)?.items(SOURCES);
    if login.options.extra && sources.is_empty() {
        return Err(Malformed::new(
            "it names no sources yet, so gem's own would be lost; add that one first or leave `--extra` out",
        ));
    }
    let known = sources.iter().any(|source| login.endpoint.contains(source));
    let text = match known {
        true => yaml::edit_items(old, SOURCES, |source| {
            let outdated = login.endpoint.contains(source) && source != url;
            outdated.then(|| Some(url.clone()))
        })?,
        false => yaml::add_item(old, SOURCES, &url, Style::Literal, !login.options.extra)?,
    };
    if !login.options.push {
        return Ok(text);
    }
    let arguments = format!(
        "--key {}_api_key --host {}",
        login.name(),
        host(&login.endpoint)
    );
    yaml::set(&text, &["push"], &arguments, Style::Quoted)
}

fn remove_settings(written: &Written, old: &str) -> Result<String, Malformed> {
    let text = yaml::edit_items(old, SOURCES, |source| {
        let ours =
            written.endpoint.contains(source) && token_in(source).is_some_and(written.is_our_token);
        ours.then_some(None)
    })?;
    let push = Yaml::parse(&text)?.get(&["push"]);
    let ours = format!("--host {}", host(written.endpoint));
    match push.is_some_and(|push| push.trim_end_matches('/').ends_with(&ours)) {
        true => yaml::remove(&text, &["push"]),
        false => Ok(text),
    }
}

/// The endpoint as `--host` takes it: gem adds a slash of its own.
fn host(endpoint: &Endpoint) -> &str {
    endpoint.as_str().trim_end_matches('/')
}

fn key(name: &str) -> String {
    format!(":{name}_api_key")
}

fn rewrite_credentials(login: &Login, old: &str) -> Result<String, Malformed> {
    let token = format!("Bearer {}", login.token.expose());
    yaml::set(old, &[&key(login.name())], &token, Style::Literal)
}

fn remove_credentials(written: &Written, old: &str) -> Result<String, Malformed> {
    let key = key(written.name);
    let ours = Yaml::parse(old)?
        .get(&[&key])
        .and_then(|value| value.strip_prefix("Bearer ").map(str::to_string))
        .is_some_and(|token| (written.is_our_token)(&token));
    match ours {
        true => yaml::remove(old, &[&key]),
        false => Ok(old.to_string()),
    }
}

fn effective(text: &str) -> Result<Vec<Pointer>, Malformed> {
    let sources = Yaml::parse(text)?.items(SOURCES);
    Ok(sources
        .iter()
        .map(|source| Pointer::new(":sources", source))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;
    use crate::config::env::Platform;

    #[test]
    fn the_files_are_where_gem_looks() {
        let at = |file: usize, files: &[(&str, &str)]| {
            let kind = &ADAPTER.files[file];
            testing::located(kind, Platform::Linux, &[], "/", &testing::plain(), files)
                .expect("there is a home")
        };
        let newer = ("/home/me/.config/gem/gemrc", "");
        assert_eq!(at(0, &[]), PathBuf::from("/home/me/.gemrc"));
        assert_eq!(at(0, &[newer]), PathBuf::from(newer.0));
        assert_eq!(
            at(0, &[newer, ("/home/me/.gemrc", "")]),
            PathBuf::from("/home/me/.gemrc")
        );
        assert_eq!(at(1, &[]), PathBuf::from("/home/me/.gem/credentials"));
    }

    #[test]
    fn the_source_comes_first_and_is_renewed() {
        let mut login = testing::login("ruby");
        let url = login.endpoint.with_token(testing::TOKEN, "");
        let old = "---\n:backtrace: true\n:sources:\n- https://corp.test/\n";
        let new = rewrite_settings(&login, old).expect("is fine");
        assert_eq!(
            new,
            format!("---\n:backtrace: true\n:sources:\n- {url}\n- https://corp.test/\n")
        );
        login.token = crate::secret::Secret::new("renewed");
        let renewed = rewrite_settings(&login, &new).expect("is fine");
        assert!(
            renewed.contains("aws:renewed@") && !renewed.contains(testing::TOKEN),
            "{renewed}"
        );
        assert_eq!(
            testing::without_login(&ADAPTER.files[0], &login, &[], &renewed),
            old
        );
    }

    #[test]
    fn the_default_source_is_not_lost_by_accident() {
        let mut login = testing::login("ruby");
        login.options.extra = true;
        assert!(rewrite_settings(&login, "---\n").is_err());
        login.options.push = true;
        let text = rewrite_settings(&login, ":sources: [https://corp.test/]\n").expect("is fine");
        assert!(
            text.contains(&format!(
                "push: \"--key codeartifact_api_key --host {}\"\n",
                host(&login.endpoint)
            )),
            "{text}"
        );
    }

    #[test]
    fn the_key_is_a_bearer_token() {
        let login = testing::login("ruby");
        assert_eq!(
            rewrite_credentials(&login, "---\n:rubygems_api_key: abc\n").expect("is fine"),
            format!(
                "---\n:rubygems_api_key: abc\n:codeartifact_api_key: Bearer {}\n",
                testing::TOKEN
            )
        );
    }
}

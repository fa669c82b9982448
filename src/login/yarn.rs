//! Yarn 2 and later.
//!
//! The registry goes into `.yarnrc.yml`, the project's or the user's; the token always into the
//! user's, under `npmRegistries`, which serves any project (user guide, "Configure Yarn 2.X";
//! Yarn documentation, "Yarnrc files"). Plain http is refused by Yarn unless its host is on a
//! list.

use std::path::PathBuf;

use super::adapter::{
    Adapter, ConfigFile, Flag, Login, Malformed, NamespaceRule, Place, Pointer, Written, no_remark,
};
use super::text::yaml::{self, Style, Yaml};

/// Yarn 2 and later.
pub(super) const ADAPTER: Adapter = Adapter {
    tool: "yarn",
    shown_as: "yarn",
    format: "npm",
    namespace: NamespaceRule::Npm,
    flags: &[Flag::Project],
    files: &[
        ConfigFile {
            owner: "yarnrc",
            locate: locate_settings,
            rewrite: rewrite_settings,
            remove: remove_settings,
            effective,
            secrets: yaml::secrets,
            holds_token: false,
        },
        ConfigFile {
            owner: "yarnrc-token",
            locate: |place| Ok(Some(place.home()?.join(file_name(place)))),
            rewrite: rewrite_token,
            remove: remove_token,
            effective: |text| Yaml::parse(text).map(|_| Vec::new()),
            secrets: yaml::secrets,
            holds_token: true,
        },
    ],
    remark: no_remark,
};

fn file_name(place: &Place) -> String {
    place
        .env
        .var("YARN_RC_FILENAME")
        .unwrap_or(".yarnrc.yml")
        .to_string()
}

/// The user's file, or the one at the root of the project, which is where `yarn.lock` is.
fn locate_settings(place: &Place) -> Result<Option<PathBuf>, Malformed> {
    let folder = match place.options.project {
        false => place.home()?.to_path_buf(),
        true => place
            .nearest(&["yarn.lock"])
            .or_else(|| place.nearest(&["package.json"]))
            .unwrap_or_else(|| place.env.current_dir().to_path_buf()),
    };
    Ok(Some(folder.join(file_name(place))))
}

/// The setting that holds the registry; Yarn writes scopes without their sign.
fn server_path(namespace: Option<&str>) -> Vec<&str> {
    match namespace {
        Some(scope) => vec![
            "npmScopes",
            scope.trim_start_matches('@'),
            "npmRegistryServer",
        ],
        None => vec!["npmRegistryServer"],
    }
}

fn rewrite_settings(login: &Login, old: &str) -> Result<String, Malformed> {
    let path = server_path(login.namespace.as_deref());
    let text = yaml::set(old, &path, login.endpoint.as_str(), Style::Quoted)?;
    if !login.endpoint.is_http() {
        return Ok(text);
    }
    let host = login.endpoint.host();
    yaml::add_item(&text, &["unsafeHttpWhitelist"], &host, Style::Quoted, false)
}

fn rewrite_token(login: &Login, old: &str) -> Result<String, Malformed> {
    let name = registry_name(old, login.endpoint.as_str())?;
    let path = |setting| ["npmRegistries", name.as_str(), setting];
    let text = yaml::set(old, &path("npmAlwaysAuth"), "true", Style::Literal)?;
    yaml::set(
        &text,
        &path("npmAuthToken"),
        login.token.expose(),
        Style::Quoted,
    )
}

/// The registry's name in the list: Yarn knows it with or without scheme and last slash.
fn registry_name(text: &str, endpoint: &str) -> Result<String, Malformed> {
    let bare = |url: &str| {
        let url = url.trim_end_matches('/');
        url.split_once("//")
            .map_or(url, |(_, rest)| rest)
            .to_string()
    };
    let yaml = Yaml::parse(text)?;
    let known = yaml.keys(&["npmRegistries"]);
    let found = known.into_iter().find(|name| bare(name) == bare(endpoint));
    Ok(found.unwrap_or(endpoint).to_string())
}

fn remove_settings(written: &Written, old: &str) -> Result<String, Malformed> {
    let path = server_path(written.namespace);
    let ours = |url: &str| written.endpoint.contains(url);
    if !Yaml::parse(old)?.get(&path).is_some_and(|url| ours(&url)) {
        return Ok(old.to_string());
    }
    let text = match written.before(&path.join(".")) {
        Some(before) => yaml::set(old, &path, before, Style::Quoted)?,
        None => yaml::remove(old, &path)?,
    };
    if !written.endpoint.is_http() {
        return Ok(text);
    }
    let host = written.endpoint.host();
    let still_needed = effective(&text)?
        .iter()
        .any(|pointer| pointer.url.starts_with("http://") && pointer.url.contains(&host));
    match still_needed {
        true => Ok(text),
        false => yaml::edit_items(&text, &["unsafeHttpWhitelist"], |item| {
            (item == host).then_some(None)
        }),
    }
}

fn remove_token(written: &Written, old: &str) -> Result<String, Malformed> {
    let name = registry_name(old, written.endpoint.as_str())?;
    let path = |setting| ["npmRegistries", name.as_str(), setting];
    let token = Yaml::parse(old)?.get(&path("npmAuthToken"));
    if !token.is_some_and(|token| (written.is_our_token)(&token)) {
        return Ok(old.to_string());
    }
    let text = yaml::remove(old, &path("npmAlwaysAuth"))?;
    yaml::remove(&text, &path("npmAuthToken"))
}

fn effective(text: &str) -> Result<Vec<Pointer>, Malformed> {
    let yaml = Yaml::parse(text)?;
    let mut pointers = Vec::new();
    for scope in std::iter::once(None).chain(yaml.keys(&["npmScopes"]).into_iter().map(Some)) {
        let path = server_path(scope);
        if let Some(url) = yaml.get(&path) {
            pointers.push(Pointer::new(path.join("."), &url));
        }
    }
    Ok(pointers)
}

#[cfg(test)]
mod tests {
    use super::super::Endpoint;
    use super::super::testing;
    use super::*;
    use crate::config::env::Platform;

    #[test]
    fn the_files_are_where_yarn_looks() {
        let at = |file: usize, project: bool, variables: &[(&'static str, &'static str)]| {
            let options = if project {
                testing::project()
            } else {
                testing::plain()
            };
            testing::located(
                &ADAPTER.files[file],
                Platform::Windows,
                variables,
                "/project/packages/a",
                &options,
                &[
                    ("/project/yarn.lock", ""),
                    ("/project/packages/a/package.json", "{}"),
                ],
            )
            .expect("there is a home")
        };
        assert_eq!(at(0, false, &[]), PathBuf::from("/home/me/.yarnrc.yml"));
        assert_eq!(at(0, true, &[]), PathBuf::from("/project/.yarnrc.yml"));
        assert_eq!(at(1, true, &[]), PathBuf::from("/home/me/.yarnrc.yml"));
        assert_eq!(
            at(1, false, &[("YARN_RC_FILENAME", ".other.yml")]),
            PathBuf::from("/home/me/.other.yml")
        );
    }

    #[test]
    fn new_files_are_those_of_the_user_guide() {
        let login = testing::login("npm");
        let text = rewrite_settings(&login, "").expect("is fine");
        assert_eq!(text, format!("npmRegistryServer: \"{}\"\n", login.endpoint));
        assert_eq!(
            rewrite_token(&login, &text).expect("is fine"),
            format!(
                "{text}npmRegistries:\n  \"{}\":\n    npmAlwaysAuth: true\n    npmAuthToken: \"{}\"\n",
                login.endpoint,
                testing::TOKEN
            )
        );
    }

    #[test]
    fn plain_http_is_allowed_for_its_host_and_taken_back() {
        let mut login = testing::login("npm");
        login.endpoint = Endpoint::parse("http://127.0.0.1:8080/npm/r/").expect("is fine");
        login.namespace = Some("@mine".to_string());
        let old = "nodeLinker: pnp\nunsafeHttpWhitelist:\n- \"*.corp.test\"\n";
        let text = rewrite_settings(&login, old).expect("is fine");
        assert_eq!(
            text,
            "nodeLinker: pnp\nunsafeHttpWhitelist:\n- \"*.corp.test\"\n- \"127.0.0.1\"\nnpmScopes:\n  mine:\n    npmRegistryServer: \"http://127.0.0.1:8080/npm/r/\"\n"
        );
        assert_eq!(
            testing::without_login(&ADAPTER.files[0], &login, &[], &text),
            old
        );
    }

    #[test]
    fn a_registry_is_known_in_any_spelling() {
        let login = testing::login("npm");
        let name = login.endpoint.without_scheme().trim_end_matches('/');
        let old = format!("npmRegistries:\n  //{name}:\n    npmAuthToken: old\n");
        let text = rewrite_token(&login, &old).expect("is fine");
        assert_eq!(
            text,
            format!(
                "npmRegistries:\n  //{name}:\n    npmAuthToken: \"{}\"\n    npmAlwaysAuth: true\n",
                testing::TOKEN
            )
        );
        assert_eq!(
            testing::without_login(&ADAPTER.files[1], &login, &[], &text),
            ""
        );
    }
}

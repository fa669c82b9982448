//! npm, and the clients that read npm's file.
//!
//! The file is found as npm finds it: the user's, where `NPM_CONFIG_USERCONFIG` says, or the
//! project's, which is the workspace's when the project is a member of one. It is written here
//! rather than by `npm config set`, which fails inside of workspaces and drops comments.

use std::path::PathBuf;

use super::adapter::{
    Adapter, ConfigFile, Flag, Login, Malformed, NamespaceRule, Place, Pointer, Written, no_remark,
};
use super::endpoint::Endpoint;
use super::text::npmrc;

/// npm.
pub(super) const ADAPTER: Adapter = Adapter {
    tool: "npm",
    shown_as: "npm",
    format: "npm",
    namespace: NamespaceRule::Npm,
    flags: &[Flag::Project],
    files: &[REGISTRY, TOKEN],
    remark: no_remark,
};

/// The registry, in the user's or the project's file.
pub(super) const REGISTRY: ConfigFile = ConfigFile {
    owner: "npmrc",
    locate: locate_registry,
    rewrite: rewrite_registry,
    remove: remove_registry,
    effective,
    secrets: npmrc::secrets,
    holds_token: false,
};

/// The token, always in the user's file: a project's is kept under version control.
pub(super) const TOKEN: ConfigFile = ConfigFile {
    owner: "npmrc-token",
    locate: |place| locate_user(place).map(Some),
    rewrite: rewrite_token,
    remove: remove_token,
    effective: |_| Ok(Vec::new()),
    secrets: npmrc::secrets,
    holds_token: true,
};

fn locate_registry(place: &Place) -> Result<Option<PathBuf>, Malformed> {
    match place.options.project {
        true => Ok(Some(project_root(place).join(".npmrc"))),
        false => locate_user(place).map(Some),
    }
}

fn locate_user(place: &Place) -> Result<PathBuf, Malformed> {
    // npm takes its variables in either case, and the lower-case one is npm's own.
    for name in ["npm_config_userconfig", "NPM_CONFIG_USERCONFIG"] {
        if let Some(path) = place.path_var(name) {
            return Ok(path);
        }
    }
    Ok(place.home()?.join(".npmrc"))
}

/// The folder whose `.npmrc` npm reads: that of the nearest `package.json`, or of the
/// workspace that lists it (npm documentation, "workspaces").
fn project_root(place: &Place) -> PathBuf {
    let Some(nearest) = place.nearest(&["package.json"]) else {
        return place.env.current_dir().to_path_buf();
    };
    nearest
        .ancestors()
        .skip(1)
        .find(|folder| {
            let manifest = place.disk.read(&folder.join("package.json"));
            manifest
                .and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok())
                .is_some_and(|manifest| lists(&manifest, folder, &nearest))
        })
        .map_or_else(|| nearest.clone(), std::path::Path::to_path_buf)
}

/// Whether a manifest's `workspaces` name the member's folder.
fn lists(manifest: &serde_json::Value, folder: &std::path::Path, member: &std::path::Path) -> bool {
    let workspaces = &manifest["workspaces"];
    let patterns = workspaces
        .as_array()
        .or_else(|| workspaces["packages"].as_array());
    let Ok(relative) = member.strip_prefix(folder) else {
        return false;
    };
    let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
    patterns
        .into_iter()
        .flatten()
        .filter_map(|pattern| pattern.as_str())
        .any(|pattern| {
            let pattern: Vec<&str> = pattern
                .split('/')
                .filter(|part| !part.is_empty() && *part != ".")
                .collect();
            matches(&pattern, &parts)
        })
}

/// A pattern of folders against a path: `*` stands for a folder, `**` for any number.
fn matches(pattern: &[&str], parts: &[std::borrow::Cow<'_, str>]) -> bool {
    match (pattern.split_first(), parts.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) => {
            matches(rest, parts)
                || parts
                    .split_first()
                    .is_some_and(|(_, parts)| matches(pattern, parts))
        }
        (Some((first, pattern)), Some((part, parts))) => {
            wildcard(first, part) && matches(pattern, parts)
        }
        _ => false,
    }
}

fn wildcard(pattern: &str, part: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == part,
        Some((start, end)) => {
            part.len() >= start.len() + end.len() && part.starts_with(start) && part.ends_with(end)
        }
    }
}

/// The default registry, or the scope's.
fn rewrite_registry(login: &Login, old: &str) -> Result<String, Malformed> {
    let key = registry_key(login.namespace.as_deref());
    Ok(npmrc::set(old, &key, login.endpoint.as_str()))
}

fn rewrite_token(login: &Login, old: &str) -> Result<String, Malformed> {
    let key = token_key(&login.endpoint);
    Ok(npmrc::set(old, &key, login.token.expose()))
}

fn remove_registry(written: &Written, old: &str) -> Result<String, Malformed> {
    let key = registry_key(written.namespace);
    let ours = |value: &str| written.endpoint.contains(value);
    Ok(match written.before(&key) {
        Some(before) if npmrc::get(old, &key).is_some_and(|value| ours(&value)) => {
            npmrc::set(old, &key, before)
        }
        Some(_) => old.to_string(),
        None => npmrc::remove(old, &key, ours),
    })
}

pub(super) fn remove_token(written: &Written, old: &str) -> Result<String, Malformed> {
    let key = token_key(written.endpoint);
    Ok(npmrc::remove(old, &key, written.is_our_token))
}

/// The default registry and those of scopes.
fn effective(text: &str) -> Result<Vec<Pointer>, Malformed> {
    let mut pointers: Vec<Pointer> = Vec::new();
    for entry in npmrc::entries(text) {
        if entry.key == "registry" || entry.key.starts_with('@') && entry.key.ends_with(":registry")
        {
            pointers.retain(|pointer| pointer.setting != entry.key);
            pointers.push(Pointer::new(entry.key, &entry.value));
        }
    }
    Ok(pointers)
}

fn registry_key(namespace: Option<&str>) -> String {
    match namespace {
        Some(scope) => format!("{scope}:registry"),
        None => "registry".to_string(),
    }
}

fn token_key(endpoint: &Endpoint) -> String {
    format!("//{}:_authToken", endpoint.without_scheme())
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;
    use crate::config::env::Platform;

    fn located(
        platform: Platform,
        variables: &[(&'static str, &'static str)],
        current_dir: &str,
        project: bool,
        files: &[(&str, &str)],
    ) -> PathBuf {
        let options = if project {
            testing::project()
        } else {
            testing::plain()
        };
        testing::located(&REGISTRY, platform, variables, current_dir, &options, files)
            .expect("npm always has a file")
    }

    fn rewrite(login: &Login, old: &str) -> String {
        let text = rewrite_registry(login, old).expect("npm takes any text");
        rewrite_token(login, &text).expect("npm takes any text")
    }

    fn without_login(login: &Login, before: &[Pointer], text: &str) -> String {
        let text = testing::without_login(&REGISTRY, login, before, text);
        testing::without_login(&TOKEN, login, before, &text)
    }

    #[test]
    fn the_users_file_is_found_as_npm_finds_it() {
        for platform in [Platform::Linux, Platform::MacOs, Platform::Windows] {
            let at = |variables: &[(&'static str, &'static str)]| {
                located(platform, variables, "/project", false, &[])
            };
            assert_eq!(at(&[]), PathBuf::from("/home/me/.npmrc"));
            assert_eq!(
                at(&[("NPM_CONFIG_USERCONFIG", "/etc/mine")]),
                PathBuf::from("/etc/mine")
            );
            assert_eq!(
                at(&[("npm_config_userconfig", "mine")]),
                PathBuf::from("/project/mine")
            );
            assert_eq!(
                at(&[("NPM_CONFIG_USERCONFIG", "~/mine")]),
                PathBuf::from("/home/me/mine")
            );
        }
    }

    #[test]
    fn a_projects_token_goes_to_the_user() {
        let path = testing::located(&TOKEN, Platform::Linux, &[], "/p", &testing::project(), &[]);
        assert_eq!(path, Some(PathBuf::from("/home/me/.npmrc")));
    }

    #[test]
    fn a_workspace_member_uses_the_file_of_the_workspace() {
        let at = |manifest: &str| {
            located(
                Platform::Linux,
                &[],
                "/project/packages/one/src",
                true,
                &[
                    ("/project/package.json", manifest),
                    ("/project/packages/one/package.json", "{}"),
                ],
            )
        };
        assert_eq!(
            at(r#"{"workspaces": ["packages/*"]}"#),
            PathBuf::from("/project/.npmrc")
        );
        assert_eq!(
            at(r#"{"workspaces": {"packages": ["./packages/**/"]}}"#),
            PathBuf::from("/project/.npmrc")
        );
        assert_eq!(
            at(r#"{"workspaces": ["apps/*"]}"#),
            PathBuf::from("/project/packages/one/.npmrc")
        );
        assert_eq!(at("{"), PathBuf::from("/project/packages/one/.npmrc"));
    }

    #[test]
    fn a_new_file_has_two_lines() {
        let login = testing::login("npm");
        assert_eq!(
            rewrite(&login, ""),
            "registry=https://d-111122223333.d.codeartifact.us-west-2.amazonaws.com/npm/r/\n\
             //d-111122223333.d.codeartifact.us-west-2.amazonaws.com/npm/r/:_authToken=eyJ0b2tlbg==\n"
        );
    }

    #[test]
    fn a_scope_leaves_the_default_registry_alone() {
        let mut login = testing::login("npm");
        login.namespace = Some("@mine".to_string());
        let text = rewrite(&login, "registry=https://corp.test/\n");
        assert!(text.starts_with("registry=https://corp.test/\n@mine:registry=https://d-1111"));
    }

    #[test]
    fn the_last_of_a_setting_is_what_npm_uses() {
        let pointers = effective("registry=https://a.test/\nregistry=https://u:p@b.test/\n");
        assert_eq!(
            pointers.expect("npm takes any text"),
            [Pointer::new("registry", "https://b.test/")]
        );
    }

    #[test]
    fn removal_keeps_what_somebody_changed() {
        let text = "registry=https://other.test/\n//d-111122223333.d.codeartifact.us-west-2.amazonaws.com/npm/r/:_authToken=mine\n";
        let left = without_login(&testing::login("npm"), &[], text);
        assert_eq!(left, text);
    }

    #[test]
    fn removal_knows_what_was_there_before() {
        let login = testing::login("npm");
        let text = rewrite(&login, "")
            .replace("=https", " = https")
            .replace("n=e", "n = e");
        let before = [Pointer::new("registry", "https://corp.test/")];
        let left = without_login(&login, &before, &text);
        assert_eq!(left, "registry = https://corp.test/\n");
    }
}

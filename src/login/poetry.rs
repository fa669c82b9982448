//! Poetry.
//!
//! The repository to publish to goes into `config.toml`, the token into `auth.toml` beside it,
//! as `poetry config` writes them where no keyring runs. Where one runs the token is kept there,
//! in the entry of Poetry's own; Poetry prefers a password in the file to it. What a project installs from is part of the project: `--project` adds the
//! source to its `pyproject.toml` (Poetry documentation, "Repositories").

use std::path::PathBuf;

use toml_edit::{ArrayOfTables, Item, Table};

use super::adapter::{
    Adapter, ConfigFile, Flag, Login, Malformed, NamespaceRule, Place, Pointer, Written,
};
use super::keychain::Entry;
use super::text::toml;
use crate::config::env::Platform;

/// Poetry.
pub(super) const ADAPTER: Adapter = Adapter {
    tool: "poetry",
    shown_as: "poetry",
    format: "pypi",
    namespace: NamespaceRule::None,
    flags: &[Flag::Project, Flag::Extra, Flag::Name],
    files: &[
        ConfigFile {
            owner: "poetry-auth",
            locate: locate_auth,
            rewrite: rewrite_auth,
            remove: remove_auth,
            effective: |text| toml::parse(text).map(|_| Vec::new()),
            secrets: toml::secrets,
            holds_token: true,
        },
        ConfigFile {
            owner: "poetry-config",
            locate: |place| Ok(Some(folder(place)?.join("config.toml"))),
            rewrite: rewrite_config,
            remove: remove_config,
            effective,
            secrets: toml::secrets,
            holds_token: false,
        },
        ConfigFile {
            owner: "poetry-pyproject",
            locate: locate_project,
            rewrite: rewrite_project,
            remove: remove_project,
            effective: effective_project,
            secrets: toml::secrets,
            holds_token: false,
        },
    ],
    remark,
};

fn remark(place: &Place, login: &Login) -> Option<String> {
    (!place.options.project).then(|| {
        format!(
            "Poetry installs from the sources of the project; with `--project` the login adds `{}` to them",
            login.name()
        )
    })
}

fn folder(place: &Place) -> Result<PathBuf, Malformed> {
    if let Some(folder) = place.path_var("POETRY_CONFIG_DIR") {
        return Ok(folder);
    }
    let base = match place.env.platform() {
        Platform::Linux => place.xdg_config()?,
        Platform::MacOs => place.home()?.join("Library").join("Application Support"),
        Platform::Windows => place.app_data()?,
    };
    Ok(base.join("pypoetry"))
}

fn locate_auth(place: &Place) -> Result<Option<PathBuf>, Malformed> {
    Ok(Some(folder(place)?.join("auth.toml")))
}

/// The entry under which Poetry looks a repository's password up, through Python's keyring.
/// None when a person switched that off, or chose a keyring other than the machine's.
pub(super) fn keychain_entry(place: &Place, login: &Login) -> Option<Entry> {
    let chosen = ["PYTHON_KEYRING_BACKEND", "POETRY_KEYRING_BACKEND"];
    let off = |value: &str| !["1", "true"].contains(&value.to_lowercase().as_str());
    if chosen.iter().any(|name| place.env.var(name).is_some())
        || place.env.var("POETRY_KEYRING_ENABLED").is_some_and(off)
        || place.disk.is_file(&keyring_file(place)?)
    {
        return None;
    }
    let config = folder(place).ok()?.join("config.toml");
    let config = place.disk.read(&config).unwrap_or_default();
    let config = toml::parse(&config).ok()?;
    let enabled = toml::find(&config, &["keyring"])
        .and_then(|keyring| keyring.get("enabled"))
        .and_then(Item::as_bool);
    (enabled != Some(false)).then(|| Entry {
        service: format!("poetry-repository-{}", login.name()),
        account: "aws".to_string(),
        internet: None,
    })
}

/// Where a person chooses a keyring for Python's programs (keyring documentation,
/// "Configuring").
fn keyring_file(place: &Place) -> Option<PathBuf> {
    let base = match place.env.platform() {
        Platform::Linux => place.xdg_config().ok()?,
        Platform::MacOs => place.home().ok()?.join(".config"),
        Platform::Windows => match place.path_var("LOCALAPPDATA") {
            Some(folder) => folder,
            None => place.home().ok()?.join("AppData").join("Local"),
        },
    };
    let folder = match place.env.platform() {
        Platform::Windows => "Python Keyring",
        Platform::Linux | Platform::MacOs => "python_keyring",
    };
    Some(base.join(folder).join("keyringrc.cfg"))
}

fn locate_project(place: &Place) -> Result<Option<PathBuf>, Malformed> {
    if !place.options.project {
        return Ok(None);
    }
    match place.nearest(&["pyproject.toml"]) {
        Some(folder) => Ok(Some(folder.join("pyproject.toml"))),
        None => Err(Malformed::new("there is no `pyproject.toml` here or above")),
    }
}

fn rewrite_auth(login: &Login, old: &str) -> Result<String, Malformed> {
    toml::edit(old, |document| {
        let table = toml::table(document, &["http-basic", login.name()])?;
        toml::set(table, "username", "aws");
        if login.options.keychain {
            // Poetry would take a password here first.
            table.remove("password");
        } else {
            toml::set(table, "password", login.token.expose());
        }
        Ok(())
    })
}

fn remove_auth(written: &Written, old: &str) -> Result<String, Malformed> {
    toml::edit(old, |document| {
        let path = ["http-basic", written.name, "password"];
        if toml::get(document, &path).is_some_and(written.is_our_token) {
            toml::remove(document, &["http-basic", written.name, "username"]);
            toml::remove(document, &path);
        }
        Ok(())
    })
}

fn rewrite_config(login: &Login, old: &str) -> Result<String, Malformed> {
    toml::edit(old, |document| {
        let table = toml::table(document, &["repositories", login.name()])?;
        toml::set(table, "url", login.endpoint.as_str());
        Ok(())
    })
}

fn remove_config(written: &Written, old: &str) -> Result<String, Malformed> {
    toml::edit(old, |document| {
        let path = ["repositories", written.name, "url"];
        if toml::get(document, &path).is_some_and(|url| written.endpoint.contains(url)) {
            match written.before(written.name) {
                Some(before) => toml::set(toml::table(document, &path[..2])?, "url", before),
                None => toml::remove(document, &path),
            }
        }
        Ok(())
    })
}

fn effective(text: &str) -> Result<Vec<Pointer>, Malformed> {
    let document = toml::parse(text)?;
    let names = toml::find(&document, &["repositories"]);
    Ok(names
        .into_iter()
        .flat_map(|names| names.iter())
        .filter_map(|(name, _)| {
            let url = toml::get(&document, &["repositories", name, "url"])?;
            Some(Pointer::new(name, url))
        })
        .collect())
}

fn rewrite_project(login: &Login, old: &str) -> Result<String, Malformed> {
    toml::edit(old, |document| {
        if toml::find(document, &["tool", "poetry"]).is_none() {
            let mut poetry = Table::new();
            poetry.set_implicit(true);
            toml::table(document, &["tool"])?.insert("poetry", Item::Table(poetry));
            if let Some(tool) = document.get_mut("tool").and_then(Item::as_table_mut) {
                tool.set_implicit(true);
            }
        }
        let poetry = toml::table(document, &["tool", "poetry"])?;
        if poetry.get("source").is_none() {
            poetry.insert("source", Item::ArrayOfTables(ArrayOfTables::new()));
        }
        let sources = poetry
            .get_mut("source")
            .and_then(Item::as_array_of_tables_mut)
            .ok_or_else(|| Malformed::new("`source` is not written as `[[tool.poetry.source]]`"))?;
        let known = sources
            .iter()
            .position(|source| is_named(source, login.name()));
        let at = known.unwrap_or_else(|| {
            sources.push(Table::new());
            sources.len() - 1
        });
        if let Some(source) = sources.get_mut(at) {
            toml::set(source, "name", login.name());
            toml::set(source, "url", login.endpoint.join("simple/"));
            let priority = if login.options.extra {
                "supplemental"
            } else {
                "primary"
            };
            toml::set(source, "priority", priority);
        }
        Ok(())
    })
}

fn is_named(source: &Table, name: &str) -> bool {
    source.get("name").and_then(Item::as_str) == Some(name)
}

fn remove_project(written: &Written, old: &str) -> Result<String, Malformed> {
    toml::edit(old, |document| {
        let Some(sources) = document
            .get_mut("tool")
            .and_then(|tool| tool.get_mut("poetry"))
            .and_then(|poetry| poetry.get_mut("source"))
            .and_then(Item::as_array_of_tables_mut)
        else {
            return Ok(());
        };
        let ours = |source: &Table| {
            let url = source.get("url").and_then(Item::as_str).unwrap_or_default();
            is_named(source, written.name) && written.endpoint.contains(url)
        };
        match written.before(written.name) {
            Some(before) => {
                for source in sources.iter_mut().filter(|source| ours(source)) {
                    toml::set(source, "url", before);
                }
            }
            None => sources.retain(|source| !ours(source)),
        }
        if sources.is_empty() {
            toml::remove(document, &["tool", "poetry", "source"]);
        }
        Ok(())
    })
}

fn effective_project(text: &str) -> Result<Vec<Pointer>, Malformed> {
    let document = toml::parse(text)?;
    let sources = toml::find(&document, &["tool", "poetry"])
        .and_then(|poetry| poetry.get("source"))
        .and_then(Item::as_array_of_tables);
    Ok(sources
        .into_iter()
        .flatten()
        .filter_map(|source| {
            let text = |key: &str| source.get(key).and_then(Item::as_str);
            Some(Pointer::new(text("name")?, text("url")?))
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[test]
    fn the_files_are_where_poetry_looks() {
        let at = |platform, variables: &[(&'static str, &'static str)]| {
            testing::located(
                &ADAPTER.files[0],
                platform,
                variables,
                "/p",
                &testing::plain(),
                &[],
            )
            .expect("there is a home")
        };
        assert_eq!(
            at(Platform::Linux, &[]),
            PathBuf::from("/home/me/.config/pypoetry/auth.toml")
        );
        assert_eq!(
            at(Platform::MacOs, &[]),
            PathBuf::from("/home/me/Library/Application Support/pypoetry/auth.toml")
        );
        assert_eq!(
            at(Platform::Windows, &[]),
            PathBuf::from("/home/me/AppData/Roaming/pypoetry/auth.toml")
        );
        assert_eq!(
            at(Platform::Linux, &[("POETRY_CONFIG_DIR", "/c")]),
            PathBuf::from("/c/auth.toml")
        );
    }

    #[test]
    fn the_files_are_those_that_poetry_writes() {
        let login = testing::login("pypi");
        assert_eq!(
            rewrite_config(&login, "").expect("is fine"),
            format!(
                "[repositories.codeartifact]\nurl = \"{}\"\n",
                login.endpoint
            )
        );
        assert_eq!(
            rewrite_auth(&login, "").expect("is fine"),
            format!(
                "[http-basic.codeartifact]\nusername = \"aws\"\npassword = \"{}\"\n",
                testing::TOKEN
            )
        );
    }

    #[test]
    fn a_project_gets_a_source() {
        let login = testing::login("pypi");
        let old =
            "[tool.poetry]\nname = \"x\" # mine\n\n[tool.poetry.dependencies]\npython = \"^3\"\n";
        let new = rewrite_project(&login, old).expect("is fine");
        assert!(new.starts_with(old), "{new}");
        assert!(
            new.contains("[[tool.poetry.source]]\nname = \"codeartifact\"\n"),
            "{new}"
        );
        assert_eq!(
            testing::without_login(&ADAPTER.files[2], &login, &[], &new),
            old
        );
    }
}

//! uv.
//!
//! The index goes into uv's own settings, user or project, without credentials; the token goes
//! into uv's own credential store, the file that `uv auth login` writes, which serves both
//! installing and publishing (uv documentation, "Package indexes" and "HTTP credentials").

use std::path::PathBuf;

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table};

use super::adapter::{
    Adapter, ConfigFile, Flag, Login, Malformed, NamespaceRule, Place, Pointer, Written, no_remark,
};
use super::endpoint::Endpoint;
use super::text::toml;
use crate::config::env::Platform;

/// uv.
pub(super) const ADAPTER: Adapter = Adapter {
    tool: "uv",
    shown_as: "uv",
    format: "pypi",
    namespace: NamespaceRule::None,
    flags: &[Flag::Project, Flag::Extra, Flag::Push, Flag::Name],
    files: &[
        ConfigFile {
            owner: "uv-credentials",
            locate: locate_credentials,
            rewrite: rewrite_credentials,
            remove: remove_credentials,
            effective: |text| toml::parse(text).map(|_| Vec::new()),
            secrets: toml::secrets,
            holds_token: true,
        },
        ConfigFile {
            owner: "uv-settings",
            locate: locate_settings,
            rewrite: |login, old| rewrite_settings(login, old, &[]),
            remove: |written, old| remove_settings(written, old, &[]),
            effective: |text| effective(text, &[]),
            secrets: toml::secrets,
            holds_token: false,
        },
        ConfigFile {
            owner: "uv-pyproject",
            locate: locate_pyproject,
            rewrite: |login, old| rewrite_settings(login, old, PYPROJECT),
            remove: |written, old| remove_settings(written, old, PYPROJECT),
            effective: |text| effective(text, PYPROJECT),
            secrets: toml::secrets,
            holds_token: false,
        },
    ],
    remark: no_remark,
};

/// Where uv's settings stand in `pyproject.toml`.
const PYPROJECT: &[&str] = &["tool", "uv"];

fn locate_credentials(place: &Place) -> Result<Option<PathBuf>, Malformed> {
    let folder = match place.path_var("UV_CREDENTIALS_DIR") {
        Some(folder) => folder,
        None => match (place.env.platform(), place.path_var("XDG_DATA_HOME")) {
            (Platform::Windows, _) => place.app_data()?.join("uv").join("data"),
            (_, Some(data)) => data.join("uv"),
            (_, None) => place.home()?.join(".local").join("share").join("uv"),
        }
        .join("credentials"),
    };
    Ok(Some(folder.join("credentials.toml")))
}

/// The project's `uv.toml`, which makes uv pass over `pyproject.toml`, or the user's.
fn locate_settings(place: &Place) -> Result<Option<PathBuf>, Malformed> {
    if place.options.project {
        let project = place.nearest(&["uv.toml", "pyproject.toml"]);
        return match project.map(|folder| folder.join("uv.toml")) {
            Some(path) if place.disk.is_file(&path) => Ok(Some(path)),
            Some(_) => Ok(None),
            None => Ok(Some(place.env.current_dir().join("uv.toml"))),
        };
    }
    if let Some(path) = place.path_var("UV_CONFIG_FILE") {
        return Ok(Some(path));
    }
    let folder = match place.env.platform() {
        Platform::Windows => place.app_data()?,
        Platform::Linux | Platform::MacOs => place.xdg_config()?,
    };
    Ok(Some(folder.join("uv").join("uv.toml")))
}

fn locate_pyproject(place: &Place) -> Result<Option<PathBuf>, Malformed> {
    if !place.options.project || locate_settings(place)?.is_some() {
        return Ok(None);
    }
    Ok(place
        .nearest(&["pyproject.toml"])
        .map(|folder| folder.join("pyproject.toml")))
}

/// The tables of an array of tables, which is made when it is missing.
fn tables<'a>(
    document: &'a mut DocumentMut,
    above: &[&str],
    key: &str,
) -> Result<&'a mut ArrayOfTables, Malformed> {
    let parent = match above {
        [] => document.as_table_mut(),
        above => {
            if toml::find(document, above).is_none() {
                let mut new = Table::new();
                new.set_implicit(true);
                let (last, first) = above.split_last().unwrap_or((&"", &[]));
                toml::table(document, first)?.insert(last, Item::Table(new));
            }
            toml::table(document, above)?
        }
    };
    if parent.get(key).is_none() {
        parent.insert(key, Item::ArrayOfTables(ArrayOfTables::new()));
    }
    parent
        .get_mut(key)
        .and_then(Item::as_array_of_tables_mut)
        .ok_or_else(|| Malformed::new(format!("`{key}` is not written as `[[{key}]]`")))
}

fn rewrite_credentials(login: &Login, old: &str) -> Result<String, Malformed> {
    toml::edit(old, |document| {
        let credentials = tables(document, &[], "credential")?;
        let service = login.endpoint.as_str();
        let known = credentials
            .iter()
            .position(|table| table.get("service").and_then(Item::as_str) == Some(service));
        let at = known.unwrap_or_else(|| {
            credentials.push(Table::new());
            credentials.len() - 1
        });
        if let Some(table) = credentials.get_mut(at) {
            toml::set(table, "service", service);
            toml::set(table, "username", "aws");
            toml::set(table, "scheme", "basic");
            toml::set(table, "password", login.token.expose());
        }
        Ok(())
    })
}

fn remove_credentials(written: &Written, old: &str) -> Result<String, Malformed> {
    toml::edit(old, |document| {
        let credentials = tables(document, &[], "credential")?;
        credentials.retain(|table| {
            let text = |key: &str| table.get(key).and_then(Item::as_str).unwrap_or_default();
            text("service") != written.endpoint.as_str()
                || !(written.is_our_token)(text("password"))
        });
        if credentials.is_empty() {
            document.remove("credential");
        }
        Ok(())
    })
}

fn rewrite_settings(login: &Login, old: &str, above: &[&str]) -> Result<String, Malformed> {
    toml::edit(old, |document| {
        let indexes = tables(document, above, "index")?;
        let name = login.name();
        let known = indexes
            .iter()
            .position(|table| table.get("name").and_then(Item::as_str) == Some(name));
        let at = known.unwrap_or_else(|| {
            indexes.push(Table::new());
            indexes.len() - 1
        });
        if !login.options.extra {
            // uv takes one default only.
            for (other, table) in indexes.iter_mut().enumerate() {
                if other != at && table.get("default").and_then(Item::as_bool) == Some(true) {
                    toml::set(table, "default", false);
                }
            }
        }
        if let Some(table) = indexes.get_mut(at) {
            toml::set(table, "name", name);
            toml::set(table, "url", login.endpoint.join("simple/"));
            toml::set(table, "publish-url", login.endpoint.as_str());
            if !login.options.extra {
                toml::set(table, "default", true);
            } else if table.contains_key("default") {
                table.remove("default");
            }
        }
        if login.options.push {
            let settings = toml::table(document, above)?;
            toml::set(settings, "publish-url", login.endpoint.as_str());
        }
        Ok(())
    })
}

fn leads_to(table: &Table, key: &str, endpoint: &Endpoint) -> bool {
    let url = table.get(key).and_then(Item::as_str);
    url.is_some_and(|url| endpoint.contains(url))
}

fn remove_settings(written: &Written, old: &str, above: &[&str]) -> Result<String, Malformed> {
    toml::edit(old, |document| {
        let publish: Vec<&str> = above.iter().copied().chain(["publish-url"]).collect();
        if toml::get(document, &publish).is_some_and(|url| written.endpoint.contains(url)) {
            toml::remove(document, &publish);
        }
        let indexes = tables(document, above, "index")?;
        let ours = |table: &Table| {
            table.get("name").and_then(Item::as_str) == Some(written.name)
                && leads_to(table, "url", written.endpoint)
        };
        match written.before(written.name) {
            Some(before) => {
                for table in indexes.iter_mut().filter(|table| ours(table)) {
                    toml::set(table, "url", before);
                    table.remove("publish-url");
                }
            }
            None => indexes.retain(|table| !ours(table)),
        }
        if indexes.is_empty() {
            let path: Vec<&str> = above.iter().copied().chain(["index"]).collect();
            toml::remove(document, &path);
        }
        Ok(())
    })
}

fn effective(text: &str, above: &[&str]) -> Result<Vec<Pointer>, Malformed> {
    let document = toml::parse(text)?;
    let Some(settings) = toml::find(&document, above) else {
        return Ok(Vec::new());
    };
    let mut pointers = Vec::new();
    let indexes = settings.get("index").and_then(Item::as_array_of_tables);
    for table in indexes.into_iter().flatten() {
        let text = |key: &str| table.get(key).and_then(Item::as_str);
        if let Some(url) = text("url") {
            pointers.push(Pointer::new(text("name").unwrap_or("index"), url));
        }
    }
    for key in ["index-url", "publish-url"] {
        let url = settings.get(key).and_then(Item::as_str);
        pointers.extend(url.map(|url| Pointer::new(key, url)));
    }
    Ok(pointers)
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    fn at(
        file: usize,
        platform: Platform,
        variables: &[(&'static str, &'static str)],
        project: bool,
        files: &[(&str, &str)],
    ) -> Option<PathBuf> {
        let options = if project {
            testing::project()
        } else {
            testing::plain()
        };
        testing::located(
            &ADAPTER.files[file],
            platform,
            variables,
            "/project/src",
            &options,
            files,
        )
    }

    #[test]
    fn the_users_files_are_where_uv_looks() {
        let path = |text: &str| Some(PathBuf::from(text));
        assert_eq!(
            at(0, Platform::MacOs, &[], false, &[]),
            path("/home/me/.local/share/uv/credentials/credentials.toml")
        );
        assert_eq!(
            at(0, Platform::Windows, &[("APPDATA", "/roaming")], false, &[]),
            path("/roaming/uv/data/credentials/credentials.toml")
        );
        assert_eq!(
            at(
                0,
                Platform::Linux,
                &[("UV_CREDENTIALS_DIR", "/c")],
                false,
                &[]
            ),
            path("/c/credentials.toml")
        );
        assert_eq!(
            at(1, Platform::Linux, &[], false, &[]),
            path("/home/me/.config/uv/uv.toml")
        );
        assert_eq!(
            at(1, Platform::Windows, &[("APPDATA", "/roaming")], false, &[]),
            path("/roaming/uv/uv.toml")
        );
        assert_eq!(
            at(1, Platform::Linux, &[("UV_CONFIG_FILE", "/u")], false, &[]),
            path("/u")
        );
        assert_eq!(at(2, Platform::Linux, &[], false, &[]), None);
    }

    #[test]
    fn a_project_has_one_file_for_settings() {
        let path = |text: &str| Some(PathBuf::from(text));
        let pyproject = ("/project/pyproject.toml", "");
        let both = [pyproject, ("/project/uv.toml", "")];
        assert_eq!(at(1, Platform::Linux, &[], true, &[pyproject]), None);
        assert_eq!(
            at(2, Platform::Linux, &[], true, &[pyproject]),
            path("/project/pyproject.toml")
        );
        assert_eq!(
            at(1, Platform::Linux, &[], true, &both),
            path("/project/uv.toml")
        );
        assert_eq!(at(2, Platform::Linux, &[], true, &both), None);
        assert_eq!(
            at(1, Platform::Linux, &[], true, &[]),
            path("/project/src/uv.toml")
        );
    }

    #[test]
    fn the_index_has_no_credentials_and_the_store_has() {
        let login = testing::login("pypi");
        assert_eq!(
            rewrite_settings(&login, "", &[]).expect("is fine"),
            format!(
                "[[index]]\nname = \"codeartifact\"\nurl = \"{0}simple/\"\npublish-url = \"{0}\"\ndefault = true\n",
                login.endpoint
            )
        );
        assert_eq!(
            rewrite_credentials(&login, "").expect("is fine"),
            format!(
                "[[credential]]\nservice = \"{}\"\nusername = \"aws\"\nscheme = \"basic\"\npassword = \"{}\"\n",
                login.endpoint,
                testing::TOKEN
            )
        );
    }

    #[test]
    fn a_projects_other_indexes_stay() {
        let mut login = testing::login("pypi");
        login.options.extra = true;
        let old = "[project]\nname = \"x\" # mine\n\n[tool.uv]\ndev-dependencies = []\n\n[[tool.uv.index]]\nname = \"corp\"\nurl = \"https://corp.test/simple\"\ndefault = true\n\n[tool.ruff]\nline-length = 100\n";
        let new = rewrite_settings(&login, old, PYPROJECT).expect("is fine");
        assert_eq!(effective(&new, PYPROJECT).expect("is fine").len(), 2);
        assert!(
            new.contains("default = true\n\n[[tool.uv.index]]\nname = \"codeartifact\"\n"),
            "{new}"
        );
        assert_eq!(
            testing::without_login(&ADAPTER.files[2], &login, &[], &new),
            old
        );
    }
}

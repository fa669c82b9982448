//! Cargo.
//!
//! Two files: the registry with its sparse index goes into `config.toml`, the token into
//! `credentials.toml`, where `cargo:token` reads it (user guide, "Configure Cargo with
//! CodeArtifact"; Cargo book, "Registry authentication"). Old files without an ending are used
//! where they exist, since Cargo prefers them.

use std::path::{Path, PathBuf};

use toml_edit::DocumentMut;

use super::adapter::{
    Adapter, ConfigFile, Flag, Login, Malformed, NamespaceRule, Place, Pointer, Written, no_remark,
};
use super::text::toml;

/// Cargo.
pub(super) const ADAPTER: Adapter = Adapter {
    tool: "cargo",
    shown_as: "cargo",
    format: "cargo",
    namespace: NamespaceRule::None,
    flags: &[
        Flag::Project,
        Flag::Extra,
        Flag::ReplaceCratesIo,
        Flag::Name,
    ],
    files: &[
        ConfigFile {
            owner: "cargo-credentials",
            locate: locate_credentials,
            rewrite: rewrite_credentials,
            remove: remove_credentials,
            effective: |text| toml::parse(text).map(|_| Vec::new()),
            secrets: toml::secrets,
            holds_token: true,
        },
        ConfigFile {
            owner: "cargo-config",
            locate: locate_config,
            rewrite: rewrite_config,
            remove: remove_config,
            effective,
            secrets: toml::secrets,
            holds_token: false,
        },
    ],
    remark: no_remark,
};

fn cargo_home(place: &Place) -> Result<PathBuf, Malformed> {
    match place.path_var("CARGO_HOME") {
        Some(path) => Ok(path),
        None => Ok(place.home()?.join(".cargo")),
    }
}

/// The file without an ending, which Cargo prefers where it exists, or the one with it.
fn either(place: &Place, folder: &Path, name: &str) -> PathBuf {
    let old = folder.join(name);
    match place.disk.is_file(&old) {
        true => old,
        false => folder.join(format!("{name}.toml")),
    }
}

/// Cargo reads credentials from its home only.
fn locate_credentials(place: &Place) -> Result<Option<PathBuf>, Malformed> {
    Ok(Some(either(place, &cargo_home(place)?, "credentials")))
}

fn locate_config(place: &Place) -> Result<Option<PathBuf>, Malformed> {
    if !place.options.project {
        return Ok(Some(either(place, &cargo_home(place)?, "config")));
    }
    let project = place
        .nearest(&["Cargo.lock"])
        .or_else(|| place.nearest(&["Cargo.toml"]))
        .unwrap_or_else(|| place.env.current_dir().to_path_buf());
    Ok(Some(either(place, &project.join(".cargo"), "config")))
}

fn rewrite_credentials(login: &Login, old: &str) -> Result<String, Malformed> {
    toml::edit(old, |document| {
        let table = toml::table(document, &["registries", login.name()])?;
        toml::set(table, "token", format!("Bearer {}", login.token.expose()));
        Ok(())
    })
}

fn remove_credentials(written: &Written, old: &str) -> Result<String, Malformed> {
    toml::edit(old, |document| {
        let path = ["registries", written.name, "token"];
        let ours = toml::get(document, &path)
            .and_then(|token| token.strip_prefix("Bearer "))
            .is_some_and(written.is_our_token);
        if ours {
            toml::remove(document, &path);
        }
        Ok(())
    })
}

fn rewrite_config(login: &Login, old: &str) -> Result<String, Malformed> {
    toml::edit(old, |document| {
        let name = login.name();
        let table = toml::table(document, &["registries", name])?;
        toml::set(table, "index", format!("sparse+{}", login.endpoint));
        toml::set(table, "credential-provider", "cargo:token");
        if !login.options.extra {
            toml::set(toml::table(document, &["registry"])?, "default", name);
        }
        if login.options.replace_crates_io {
            let table = toml::table(document, &["source", "crates-io"])?;
            toml::set(table, "replace-with", name);
        }
        Ok(())
    })
}

fn remove_config(written: &Written, old: &str) -> Result<String, Malformed> {
    toml::edit(old, |document| {
        let name = written.name;
        let ours = toml::get(document, &["registries", name, "index"])
            .and_then(|index| index.strip_prefix("sparse+"))
            .is_some_and(|index| written.endpoint.contains(index));
        if !ours {
            return Ok(());
        }
        for (path, setting) in [
            (&["registry", "default"][..], "registry.default"),
            (&["source", "crates-io", "replace-with"], "source.crates-io"),
        ] {
            put_back(document, path, name, written.before(setting))?;
        }
        match written.before(name) {
            Some(before) => {
                let table = toml::table(document, &["registries", name])?;
                toml::set(table, "index", format!("sparse+{before}"));
            }
            None => {
                toml::remove(document, &["registries", name, "credential-provider"]);
                toml::remove(document, &["registries", name, "index"]);
            }
        }
        Ok(())
    })
}

/// Gives a setting that names our registry its former value, or takes it out.
fn put_back(
    document: &mut DocumentMut,
    path: &[&str],
    name: &str,
    before: Option<&str>,
) -> Result<(), Malformed> {
    if toml::get(document, path) != Some(name) {
        return Ok(());
    }
    match (before, path.split_last()) {
        (Some(before), Some((key, above))) => {
            toml::set(toml::table(document, above)?, key, before);
        }
        _ => toml::remove(document, path),
    }
    Ok(())
}

/// The registries, and by name the default one and the one that replaces the public one.
fn effective(text: &str) -> Result<Vec<Pointer>, Malformed> {
    let document = toml::parse(text)?;
    let mut pointers = Vec::new();
    if let Some(registries) = toml::find(&document, &["registries"]) {
        for (name, _) in registries.iter() {
            if let Some(index) = toml::get(&document, &["registries", name, "index"]) {
                let url = index.strip_prefix("sparse+").unwrap_or(index);
                pointers.push(Pointer::new(name, url));
            }
        }
    }
    for (path, setting) in [
        (&["registry", "default"][..], "registry.default"),
        (&["source", "crates-io", "replace-with"], "source.crates-io"),
    ] {
        pointers.extend(toml::get(&document, path).map(|name| Pointer::new(setting, name)));
    }
    Ok(pointers)
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;
    use crate::config::env::Platform;

    #[test]
    fn the_files_are_where_cargo_looks() {
        let at = |file: usize,
                  variables: &[(&'static str, &'static str)],
                  project: bool,
                  files: &[(&str, &str)]| {
            let options = if project {
                testing::project()
            } else {
                testing::plain()
            };
            testing::located(
                &ADAPTER.files[file],
                Platform::Windows,
                variables,
                "/project/src",
                &options,
                files,
            )
            .expect("there is a home")
        };
        assert_eq!(
            at(0, &[], false, &[]),
            PathBuf::from("/home/me/.cargo/credentials.toml")
        );
        assert_eq!(
            at(1, &[], false, &[]),
            PathBuf::from("/home/me/.cargo/config.toml")
        );
        assert_eq!(
            at(1, &[("CARGO_HOME", "/c")], false, &[("/c/config", "")]),
            PathBuf::from("/c/config")
        );
        assert_eq!(
            at(1, &[], true, &[("/project/Cargo.toml", "")]),
            PathBuf::from("/project/.cargo/config.toml")
        );
        assert_eq!(
            at(0, &[], true, &[]),
            PathBuf::from("/home/me/.cargo/credentials.toml")
        );
    }

    #[test]
    fn new_files_are_those_of_the_user_guide() {
        let mut login = testing::login("cargo");
        login.options.replace_crates_io = true;
        assert_eq!(
            rewrite_config(&login, "").expect("is fine"),
            format!(
                "[registries.codeartifact]\nindex = \"sparse+{}\"\ncredential-provider = \"cargo:token\"\n\n\
                 [registry]\ndefault = \"codeartifact\"\n\n[source.crates-io]\nreplace-with = \"codeartifact\"\n",
                login.endpoint
            )
        );
        assert_eq!(
            rewrite_credentials(&login, "").expect("is fine"),
            format!(
                "[registries.codeartifact]\ntoken = \"Bearer {}\"\n",
                testing::TOKEN
            )
        );
    }

    #[test]
    fn removal_puts_the_default_registry_back() {
        let login = testing::login("cargo");
        let old = "[registry]\ndefault = \"corp\" # ours\n\n[registries.corp]\nindex = \"sparse+https://corp.test/\"\n";
        let new = rewrite_config(&login, old).expect("is fine");
        let before = effective(old).expect("is fine");
        assert_eq!(
            testing::without_login(&ADAPTER.files[1], &login, &before, &new),
            old
        );
    }
}

//! pip.
//!
//! Where the file is follows pip's documentation, "Configuration": the file that
//! `PIP_CONFIG_FILE` names is read after all others, so that is the one to write when it is
//! set; AWS's client writes the user's file even then, and pip does not see it. The token is
//! part of the address, as in the user guide, "Configure pip without the login command".

use std::path::PathBuf;

use super::adapter::{
    Adapter, ConfigFile, Flag, Login, Malformed, NamespaceRule, Place, Pointer, Written, no_remark,
};
use super::text::ini::{self, Ini};
use super::text::lines::splice;
use crate::config::env::Platform;

/// pip.
pub(super) const ADAPTER: Adapter = Adapter {
    tool: "pip",
    shown_as: "pip",
    format: "pypi",
    namespace: NamespaceRule::None,
    flags: &[Flag::Project, Flag::Extra],
    files: &[ConfigFile {
        owner: "pip",
        locate,
        rewrite,
        remove,
        effective,
        secrets: ini::secrets,
        holds_token: true,
    }],
    remark: no_remark,
};

/// The file that `PIP_CONFIG_FILE` names, the user's, or the virtual environment's.
fn locate(place: &Place) -> Result<Option<PathBuf>, Malformed> {
    let platform = place.env.platform();
    let name = match platform {
        Platform::Windows => "pip.ini",
        Platform::Linux | Platform::MacOs => "pip.conf",
    };
    if place.options.project {
        return match place.path_var("VIRTUAL_ENV") {
            Some(environment) => Ok(Some(environment.join(name))),
            None => Err(Malformed::new(
                "pip has no file for a project, only for a virtual environment, and none is active",
            )),
        };
    }
    if let Some(path) = place.path_var("PIP_CONFIG_FILE") {
        return Ok(Some(path));
    }
    let folder = match platform {
        Platform::Windows => place.app_data()?.join("pip"),
        Platform::Linux => place.xdg_config()?.join("pip"),
        Platform::MacOs => {
            let support = place.home()?.join("Library").join("Application Support");
            match place.disk.is_dir(&support.join("pip")) {
                true => support.join("pip"),
                false => place.home()?.join(".config").join("pip"),
            }
        }
    };
    Ok(Some(folder.join(name)))
}

/// pip takes `-` and `_` in names alike.
fn spelling(ini: &Ini, wanted: &str) -> String {
    let dashed = |key: &str| key.trim_start_matches("--").replace('_', "-");
    ini.entries("global")
        .map(|(key, _)| key.to_string())
        .find(|key| dashed(key) == wanted)
        .unwrap_or_else(|| wanted.to_string())
}

fn rewrite(login: &Login, old: &str) -> Result<String, Malformed> {
    let url = login.endpoint.with_token(login.token.expose(), "simple/");
    let ini = Ini::parse(old)?;
    if !login.options.extra {
        return ini::set(old, "global", &spelling(&ini, "index-url"), &url);
    }
    let key = spelling(&ini, "extra-index-url");
    let words = ini.words("global", &key);
    match words.iter().find(|(word, _)| login.endpoint.contains(word)) {
        Some((_, range)) => Ok(splice(old, range.clone(), &url)),
        None => ini::append_word(old, "global", &key, &url),
    }
}

fn remove(written: &Written, old: &str) -> Result<String, Malformed> {
    let ini = Ini::parse(old)?;
    let key = spelling(&ini, "index-url");
    let ours = ini
        .get("global", &key)
        .is_some_and(|url| is_ours(written, &url));
    let text = match (ours, written.before("index-url")) {
        (false, _) => old.to_string(),
        (true, Some(before)) => ini::set(old, "global", &key, before)?,
        (true, None) => ini::remove(old, "global", &key)?,
    };
    let ini = Ini::parse(&text)?;
    let key = spelling(&ini, "extra-index-url");
    let words = ini.words("global", &key);
    let ours = words.iter().find(|(word, _)| is_ours(written, word));
    match ours {
        Some(_) if words.len() == 1 => ini::remove(&text, "global", &key),
        Some((_, range)) => Ok(ini::remove_word(&text, range.clone())),
        None => Ok(text),
    }
}

/// Whether an address leads to the repository with a token of ours in it.
fn is_ours(written: &Written, url: &str) -> bool {
    written.endpoint.contains(url) && token_in(url).is_some_and(written.is_our_token)
}

/// The password of an address.
pub(super) fn token_in(url: &str) -> Option<&str> {
    let rest = &url[url.find("://")? + 3..];
    let user = &rest[..rest.find('/').unwrap_or(rest.len())];
    let user = &user[..user.rfind('@')?];
    user.split_once(':').map(|(_, password)| password)
}

fn effective(text: &str) -> Result<Vec<Pointer>, Malformed> {
    let ini = Ini::parse(text)?;
    let mut pointers = Vec::new();
    for section in ["global", "install", "download", "wheel"] {
        for (key, value) in ini.entries(section) {
            let key = key.trim_start_matches("--").replace('_', "-");
            if key == "index-url" || key == "extra-index-url" {
                let setting = match section {
                    "global" => key,
                    section => format!("{section}.{key}"),
                };
                let urls = value.split_whitespace();
                pointers.extend(urls.map(|url| Pointer::new(setting.clone(), url)));
            }
        }
    }
    Ok(pointers)
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    fn located(
        platform: Platform,
        variables: &[(&'static str, &'static str)],
        files: &[(&str, &str)],
    ) -> PathBuf {
        testing::located(
            &ADAPTER.files[0],
            platform,
            variables,
            "/project",
            &testing::plain(),
            files,
        )
        .expect("pip always has a file")
    }

    #[test]
    fn the_file_is_where_pip_looks() {
        let at = |platform, variables: &[(&'static str, &'static str)]| {
            located(platform, variables, &[])
        };
        assert_eq!(
            at(Platform::Linux, &[]),
            PathBuf::from("/home/me/.config/pip/pip.conf")
        );
        assert_eq!(
            at(Platform::Linux, &[("XDG_CONFIG_HOME", "/xdg")]),
            PathBuf::from("/xdg/pip/pip.conf")
        );
        assert_eq!(
            at(Platform::MacOs, &[]),
            PathBuf::from("/home/me/.config/pip/pip.conf")
        );
        assert_eq!(
            at(Platform::Windows, &[("APPDATA", "/roaming")]),
            PathBuf::from("/roaming/pip/pip.ini")
        );
        assert_eq!(
            at(Platform::Linux, &[("PIP_CONFIG_FILE", "/etc/mine")]),
            PathBuf::from("/etc/mine")
        );
        let support = "/home/me/Library/Application Support/pip/pip.conf";
        assert_eq!(
            located(Platform::MacOs, &[], &[(support, "")]),
            PathBuf::from(support)
        );
    }

    #[test]
    fn the_virtual_environment_has_a_file_of_its_own() {
        let at = |variables: &[(&'static str, &'static str)]| {
            testing::located(
                &ADAPTER.files[0],
                Platform::Linux,
                variables,
                "/project",
                &testing::project(),
                &[],
            )
        };
        assert_eq!(
            at(&[("VIRTUAL_ENV", "/venv")]),
            Some(PathBuf::from("/venv/pip.conf"))
        );
        assert_eq!(at(&[]), None);
    }

    #[test]
    fn the_index_is_replaced_or_joined() {
        let mut login = testing::login("pypi");
        let url = login.endpoint.with_token(testing::TOKEN, "simple/");
        let old = "[global]\nindex_url = https://corp.test/simple\n";
        let text = rewrite(&login, old).expect("is fine");
        assert_eq!(text, format!("[global]\nindex_url = {url}\n"));
        assert_eq!(
            effective(&text).expect("is fine"),
            [Pointer::new("index-url", &login.endpoint.join("simple/"))]
        );
        login.options.extra = true;
        assert_eq!(
            rewrite(&login, old).expect("is fine"),
            format!("{old}extra-index-url = {url}\n")
        );
        let aged = format!(
            "[global]\nextra-index-url = https://aws:old@{}simple https://b.test/\n",
            login.endpoint.without_scheme()
        );
        assert_eq!(
            rewrite(&login, &aged).expect("is fine"),
            format!("[global]\nextra-index-url = {url} https://b.test/\n")
        );
    }

    #[test]
    fn removal_leaves_other_addresses() {
        let mut login = testing::login("pypi");
        login.options.extra = true;
        let old = "[global]\nextra-index-url =\n  https://a.test/\n";
        let text = rewrite(&login, old).expect("is fine");
        assert_eq!(
            testing::without_login(&ADAPTER.files[0], &login, &[], &text),
            old
        );
        let foreign = text.replace("eyJ0b2tlbg==", "mine");
        assert_eq!(
            testing::without_login(&ADAPTER.files[0], &login, &[], &foreign),
            foreign
        );
    }
}

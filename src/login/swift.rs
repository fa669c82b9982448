//! Swift Package Manager.
//!
//! Three files, as `swift package-registry set` and `login` write them: the registry in the
//! project's or the user's `registries.json`, the kind of authentication in the user's, and the
//! token in `.netrc` or on macOS in the keychain, where AWS's client puts it as well (user guide, "Configure the Swift
//! Package Manager with CodeArtifact").

use std::path::{Path, PathBuf};

use serde_json::json;

use super::adapter::{
    Adapter, ConfigFile, Flag, Login, Malformed, NamespaceRule, Place, Pointer, Written,
};
use super::keychain::{Entry, Internet};
use super::text::{json, netrc};
use crate::config::env::Platform;

/// Swift Package Manager.
pub(super) const ADAPTER: Adapter = Adapter {
    tool: "swift",
    shown_as: "swift",
    format: "swift",
    namespace: NamespaceRule::Swift,
    flags: &[Flag::Project],
    files: &[
        ConfigFile {
            owner: "swift-netrc",
            locate: locate_netrc,
            rewrite: rewrite_netrc,
            remove: remove_netrc,
            effective: |text| netrc::hosts(text).map(|_| Vec::new()),
            secrets: netrc::secrets,
            holds_token: true,
        },
        ConfigFile {
            owner: "swift-authentication",
            locate: |place| user_file(place).map(Some),
            rewrite: rewrite_authentication,
            remove: remove_authentication,
            effective: |text| json::keys(text, &[]).map(|_| Vec::new()),
            secrets: json::secrets,
            holds_token: false,
        },
        ConfigFile {
            owner: "swift-registries",
            locate: locate_registries,
            rewrite: rewrite_registries,
            remove: remove_registries,
            effective,
            secrets: json::secrets,
            holds_token: false,
        },
    ],
    remark,
};

fn remark(place: &Place, login: &Login) -> Option<String> {
    (place.env.platform() == Platform::MacOs && !place.options.keychain).then(|| {
        format!(
            "on macOS Swift looks for the token in the keychain before `.netrc`; \
             an older entry for `{}` has to be deleted there",
            login.endpoint.host()
        )
    })
}

const FILE: [&str; 3] = [".swiftpm", "configuration", "registries.json"];

/// Not when the token is in the keychain.
fn locate_netrc(place: &Place) -> Result<Option<PathBuf>, Malformed> {
    match place.options.keychain {
        true => Ok(None),
        false => Ok(Some(home(place)?.join(".netrc"))),
    }
}

/// The internet password that Swift keeps on macOS, and looks for before it opens `.netrc`;
/// AWS's client makes `swift package-registry login` write it.
pub(super) fn keychain_entry(place: &Place, login: &Login) -> Option<Entry> {
    let port = login.endpoint.host_and_port().rsplit_once(':');
    (place.env.platform() == Platform::MacOs).then(|| Entry {
        service: login.endpoint.host(),
        account: "token".to_string(),
        internet: Some(Internet {
            port: port.and_then(|(_, port)| port.parse().ok()),
            https: !login.endpoint.is_http(),
        }),
    })
}

fn user_file(place: &Place) -> Result<PathBuf, Malformed> {
    Ok(home(place)?.join(FILE.iter().collect::<PathBuf>()))
}

/// The home folder as Swift's Foundation finds it: this variable goes before all else.
fn home(place: &Place) -> Result<PathBuf, Malformed> {
    match place.path_var("CFFIXED_USER_HOME") {
        Some(home) => Ok(home),
        None => place.home().map(Path::to_path_buf),
    }
}

/// The project's file inside of a package, as AWS's client has it, and the user's elsewhere.
fn locate_registries(place: &Place) -> Result<Option<PathBuf>, Malformed> {
    match place.nearest(&["Package.swift"]) {
        Some(package) => Ok(Some(package.join(FILE.iter().collect::<PathBuf>()))),
        None if place.options.project => {
            Err(Malformed::new("there is no `Package.swift` here or above"))
        }
        None => user_file(place).map(Some),
    }
}

fn rewrite_netrc(login: &Login, old: &str) -> Result<String, Malformed> {
    netrc::set(old, &login.endpoint.host(), "token", login.token.expose())
}

fn remove_netrc(written: &Written, old: &str) -> Result<String, Malformed> {
    netrc::remove(old, &written.endpoint.host(), written.is_our_token)
}

fn rewrite_authentication(login: &Login, old: &str) -> Result<String, Malformed> {
    let host = login.endpoint.host_and_port();
    let authentication = json!({
        "loginAPIPath": format!("{}login", login.endpoint.path()),
        "type": "token",
    });
    let text = json::set(old, &["authentication", host], &authentication)?;
    complete(&text)
}

/// SwiftPM reads no file without these: it refuses every command beside one.
fn complete(text: &str) -> Result<String, Malformed> {
    let mut text = text.to_string();
    for (key, value) in [("registries", json!({})), ("version", json!(1))] {
        if !json::keys(&text, &[])?.iter().any(|known| known == key) {
            text = json::set(&text, &[key], &value)?;
        }
    }
    Ok(text)
}

fn remove_authentication(written: &Written, old: &str) -> Result<String, Malformed> {
    let path = ["authentication", written.endpoint.host_and_port()];
    let login_path = json::get(old, &[path[0], path[1], "loginAPIPath"])?;
    match login_path == Some(json!(format!("{}login", written.endpoint.path()))) {
        true => json::remove(old, &path),
        false => Ok(old.to_string()),
    }
}

fn scope(namespace: Option<&str>) -> &str {
    namespace.unwrap_or("[default]")
}

fn rewrite_registries(login: &Login, old: &str) -> Result<String, Malformed> {
    let path = ["registries", scope(login.namespace.as_deref()), "url"];
    let text = json::set(old, &path, &json!(login.endpoint.as_str()))?;
    complete(&text)
}

fn remove_registries(written: &Written, old: &str) -> Result<String, Malformed> {
    let scope = scope(written.namespace);
    let url = json::get(old, &["registries", scope, "url"])?;
    let ours = url
        .as_ref()
        .and_then(serde_json::Value::as_str)
        .is_some_and(|url| written.endpoint.contains(url));
    match (ours, written.before(scope)) {
        (false, _) => Ok(old.to_string()),
        (true, Some(before)) => json::set(old, &["registries", scope, "url"], &json!(before)),
        (true, None) => json::remove(old, &["registries", scope]),
    }
}

fn effective(text: &str) -> Result<Vec<Pointer>, Malformed> {
    let mut pointers = Vec::new();
    for scope in json::keys(text, &["registries"])? {
        let url = json::get(text, &["registries", &scope, "url"])?;
        if let Some(url) = url.as_ref().and_then(serde_json::Value::as_str) {
            pointers.push(Pointer::new(scope, url));
        }
    }
    Ok(pointers)
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[test]
    fn the_files_are_where_swift_looks() {
        let at = |file: usize, files: &[(&str, &str)]| {
            let kind = &ADAPTER.files[file];
            testing::located(
                kind,
                Platform::MacOs,
                &[],
                "/project/Sources",
                &testing::plain(),
                files,
            )
            .expect("there is a home")
        };
        assert_eq!(at(0, &[]), PathBuf::from("/home/me/.netrc"));
        let users = PathBuf::from("/home/me/.swiftpm/configuration/registries.json");
        assert_eq!((at(1, &[]), at(2, &[])), (users.clone(), users));
        assert_eq!(
            at(2, &[("/project/Package.swift", "")]),
            PathBuf::from("/project/.swiftpm/configuration/registries.json")
        );
        assert_eq!(
            testing::located(
                &ADAPTER.files[2],
                Platform::Linux,
                &[],
                "/",
                &testing::project(),
                &[]
            ),
            None
        );
        for (file, path) in [
            (0, "/fixed/.netrc"),
            (1, "/fixed/.swiftpm/configuration/registries.json"),
        ] {
            let home = [("CFFIXED_USER_HOME", "/fixed")];
            let kind = &ADAPTER.files[file];
            let found = testing::located(kind, Platform::Linux, &home, "/", &testing::plain(), &[]);
            assert_eq!(found, Some(PathBuf::from(path)));
        }
    }

    #[test]
    fn every_file_has_what_swift_asks_of_one() {
        let login = testing::login("swift");
        let text = rewrite_authentication(&login, "").expect("is fine");
        assert_eq!(
            json::keys(&text, &[]).expect("is fine"),
            ["authentication", "registries", "version"]
        );
        // What is there stays, and after the login with it.
        let old = "{\"version\": 2, \"registries\": {\"a\": {\"url\": \"https://corp.test/\"}}}";
        let text = rewrite_authentication(&login, old).expect("is fine");
        assert_eq!(effective(&text), effective(old));
        assert_eq!(json::get(&text, &["version"]), Ok(Some(json!(2))));
        let text = testing::without_login(&ADAPTER.files[1], &login, &[], &text);
        assert_eq!(
            json::keys(&text, &[]).expect("is fine"),
            ["version", "registries", "authentication"]
        );
    }

    #[test]
    fn the_project_file_is_that_of_the_user_guide() {
        let login = testing::login("swift");
        assert_eq!(
            rewrite_registries(&login, "").expect("is fine"),
            format!(
                "{{\n  \"registries\" : {{\n    \"[default]\" : {{\n      \"url\" : \"{}\"\n    }}\n  }},\n  \"version\" : 1\n}}\n",
                login.endpoint
            )
        );
    }

    #[test]
    fn a_second_login_adds_no_second_machine() {
        let mut login = testing::login("swift");
        let once = rewrite_netrc(&login, "").expect("is fine");
        assert_eq!(
            once,
            format!(
                "machine {} login token password {}\n",
                login.endpoint.host(),
                testing::TOKEN
            )
        );
        login.token = crate::secret::Secret::new("renewed");
        let twice = rewrite_netrc(&login, &once).expect("is fine");
        assert_eq!(twice, once.replace(testing::TOKEN, "renewed"));
    }

    #[test]
    fn removal_leaves_other_scopes() {
        let mut login = testing::login("swift");
        login.namespace = Some("mine".to_string());
        let old = "{\n  \"registries\" : {\n    \"[default]\" : {\n      \"url\" : \"https://corp.test/\"\n    }\n  },\n  \"version\" : 1\n}\n";
        let new = rewrite_registries(&login, old).expect("is fine");
        assert_eq!(effective(&new).expect("is fine").len(), 2);
        assert_eq!(
            testing::without_login(&ADAPTER.files[2], &login, &[], &new),
            old
        );
    }
}

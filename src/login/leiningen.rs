//! Leiningen.
//!
//! A project's `project.clj` names its repositories, so a login leaves credentials: in the profile
//! `:auth`, where Leiningen looks for credentials by address (Leiningen documentation, "Deploying
//! libraries", "Authentication"). Without one it becomes a file of its own in `profiles.d`.

use std::ops::Range;
use std::path::PathBuf;

use super::adapter::{
    Adapter, ConfigFile, Login, Malformed, NamespaceRule, Place, Pointer, Written,
};
use super::own_file;
use super::text::lines::body_start;
use super::text::{edn, secrets};

/// Leiningen.
pub(super) const ADAPTER: Adapter = Adapter {
    tool: "leiningen",
    shown_as: "leiningen",
    format: "maven",
    namespace: NamespaceRule::None,
    flags: &[],
    files: &[ConfigFile {
        owner: "leiningen-auth",
        locate,
        rewrite,
        remove,
        effective,
        secrets: find_secrets,
        holds_token: true,
    }],
    remark,
};

fn remark(_: &Place, login: &Login) -> Option<String> {
    Some(format!(
        "the project has to name the repository: `:repositories [[\"{}\" \"{}\"]]` in `project.clj`",
        login.name(),
        login.endpoint
    ))
}

/// The file that has the profile `:auth`: Leiningen lets only one have it.
fn locate(place: &Place) -> Result<Option<PathBuf>, Malformed> {
    let home = match place.path_var("LEIN_HOME") {
        Some(home) => home,
        None => place.home()?.join(".lein"),
    };
    let profiles = home.join("profiles.clj");
    let known = place.disk.read(&profiles).unwrap_or_default();
    Ok(Some(match edn::keys(&known, &[]) {
        Ok(names) if names.contains(&AUTH) => profiles,
        _ => home.join("profiles.d").join("auth.clj"),
    }))
}

const COMMENT: &str = ";;";
const AUTH: &str = ":auth";
const CREDENTIALS: &str = ":repository-auth";

/// Where credentials stand: in the profile, or in the file of all profiles.
fn credentials(text: &str) -> Result<Vec<&'static str>, Malformed> {
    Ok(match edn::keys(text, &[])?.contains(&AUTH) {
        true => vec![AUTH, CREDENTIALS],
        false => vec![CREDENTIALS],
    })
}

/// The key of a repository: a pattern that means the address to the letter, with the slash at
/// its end and without. Leiningen takes the first that is found anywhere in an address.
fn pattern(endpoint: &str) -> String {
    format!("#\"^\\Q{}\\E(/|$)\"", endpoint.trim_end_matches('/'))
}

fn rewrite(login: &Login, old: &str) -> Result<String, Malformed> {
    let key = pattern(login.endpoint.as_str());
    let token = login.token.expose();
    let value = format!("{{:username \"aws\" :password \"{token}\"}}");
    let old = match old[body_start(old)..].trim().is_empty() {
        true => &own_file::marked(COMMENT, "{:repository-auth\n {}}\n"),
        false => old,
    };
    let path = credentials(old)?;
    edn::set(old, &[&path[..], &[&key]].concat(), &value)
}

fn remove(written: &Written, old: &str) -> Result<String, Malformed> {
    let key = pattern(written.endpoint.as_str());
    let path = [&credentials(old)?[..], &[&key]].concat();
    let password = edn::get(old, &[&path[..], &[":password"]].concat())?;
    if !password.is_some_and(|password| (written.is_our_token)(password.trim_matches('"'))) {
        return Ok(old.to_string());
    }
    let text = edn::remove(old, &path)?;
    Ok(
        match own_file::is_ours(COMMENT, &text) && effective(&text)?.is_empty() {
            true => String::new(),
            false => text,
        },
    )
}

fn effective(text: &str) -> Result<Vec<Pointer>, Malformed> {
    let keys = edn::keys(text, &credentials(text)?)?;
    let addresses = keys.into_iter().filter_map(|key| {
        let literal = key.strip_prefix('"').and_then(|key| key.strip_suffix('"'));
        match key
            .strip_prefix("#\"^\\Q")
            .and_then(|key| key.split_once("\\E"))
        {
            Some((address, _)) => Some(format!("{address}/")),
            None => literal.map(str::to_string),
        }
    });
    let pointers = addresses.map(|address| Pointer::new(CREDENTIALS, &address));
    Ok(pointers.collect())
}

/// Every string behind a name that only a secret has.
fn find_secrets(text: &str) -> Vec<Range<usize>> {
    let mut found = secrets::in_addresses(text);
    for name in [":password", ":passphrase"] {
        for (at, _) in text.match_indices(name) {
            let blanks = text[at + name.len()..]
                .find('"')
                .map(|open| at + name.len() + open);
            let Some(open) = blanks.filter(|open| text[at + name.len()..*open].trim().is_empty())
            else {
                continue;
            };
            let mut escaped = false;
            let end = text[open + 1..].find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            found.push(open + 1..end.map_or(text.len(), |end| open + 1 + end));
        }
    }
    secrets::tidy(text, found)
}

#[cfg(test)]
mod tests {
    use super::super::endpoint::Endpoint;
    use super::super::testing;
    use super::*;
    use crate::config::env::Platform;

    #[test]
    fn the_file_becomes_the_profile_auth() {
        let at = |variables: &[(&'static str, &'static str)]| {
            testing::located(
                &ADAPTER.files[0],
                Platform::Linux,
                variables,
                "/",
                &testing::plain(),
                &[],
            )
        };
        assert_eq!(
            at(&[]),
            Some(PathBuf::from("/home/me/.lein/profiles.d/auth.clj"))
        );
        assert_eq!(
            at(&[("LEIN_HOME", "/l")]),
            Some(PathBuf::from("/l/profiles.d/auth.clj"))
        );
        let found = testing::located(
            &ADAPTER.files[0],
            Platform::Linux,
            &[],
            "/",
            &testing::plain(),
            &[("/home/me/.lein/profiles.clj", "{:user {} :auth {}}")],
        );
        assert_eq!(found, Some(PathBuf::from("/home/me/.lein/profiles.clj")));
    }

    #[test]
    fn a_profile_of_ones_own_is_kept() {
        let login = testing::login("maven");
        let old = "{:user {:plugins []}\n :auth {:repository-auth {#\"corp\" {:username \"me\" :password \"a\\\"b\"}}}} ; mine\n";
        let new = rewrite(&login, old).expect("is fine");
        assert!(new.contains(":repository-auth {#\"^\\Qhttps://"), "{new}");
        assert_eq!(effective(&new).expect("is fine").len(), 1);
        let hidden: Vec<&str> = find_secrets(&new)
            .into_iter()
            .map(|range| &new[range])
            .collect();
        assert_eq!(hidden, [testing::TOKEN, "a\\\"b"]);
        let kind = &ADAPTER.files[0];
        assert_eq!(testing::without_login(kind, &login, &[], &new), old);
        // One that somebody has made the file of.
        let old = "{:repository-auth\n {}}\n";
        let new = rewrite(&login, old).expect("is fine");
        assert_eq!(testing::without_login(kind, &login, &[], &new), old);
        assert!(rewrite(&login, "[:auth]").is_err());
    }

    #[test]
    fn repositories_keep_apart() {
        let first = testing::login("maven");
        let mut second = testing::login("maven");
        second.endpoint = Endpoint::parse("https://host.test/maven/other/").expect("is fine");
        let one = rewrite(&first, "").expect("is fine");
        let two = rewrite(&second, &one).expect("is fine");
        assert_eq!(effective(&two).expect("is fine").len(), 2);
        assert_eq!(
            testing::without_login(&ADAPTER.files[0], &second, &[], &two),
            one
        );
        assert_eq!(
            testing::without_login(&ADAPTER.files[0], &first, &[], &one),
            ""
        );
    }
}

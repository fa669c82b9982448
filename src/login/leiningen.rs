//! Leiningen.
//!
//! A project's `project.clj` names its repositories, so a login leaves credentials: in a profile
//! file of our own that becomes the profile `:auth`, where Leiningen looks for credentials by
//! address (Leiningen documentation, "Deploying libraries", "Authentication").

use std::path::PathBuf;

use super::adapter::{
    Adapter, ConfigFile, Login, Malformed, NamespaceRule, Place, Pointer, Written,
};
use super::endpoint::Endpoint;
use super::own_file;
use super::text::lines::{self, splice};
use super::text::secrets;

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

fn locate(place: &Place) -> Result<Option<PathBuf>, Malformed> {
    let home = match place.path_var("LEIN_HOME") {
        Some(home) => home,
        None => place.home()?.join(".lein"),
    };
    Ok(Some(home.join("profiles.d").join("auth.clj")))
}

const COMMENT: &str = ";;";
const HEAD: &str = "{:repository-auth\n {\n";
const TAIL: &str = " }}\n";

/// How the line of a repository begins: a pattern that means the address to the letter.
fn pattern(endpoint: &str) -> String {
    format!("  #\"\\Q{endpoint}\\E\" ")
}

fn line(endpoint: &Endpoint, token: &str) -> String {
    format!(
        "{}{{:username \"aws\" :password \"{token}\"}}",
        pattern(endpoint.as_str())
    )
}

fn rewrite(login: &Login, old: &str) -> Result<String, Malformed> {
    own_file::check(COMMENT, old)?;
    let new = line(&login.endpoint, login.token.expose());
    if !own_file::is_ours(COMMENT, old) {
        return Ok(own_file::marked(COMMENT, &format!("{HEAD}{new}\n{TAIL}")));
    }
    let begin = pattern(login.endpoint.as_str());
    let known = lines::lines(old)
        .into_iter()
        .find(|line| line.text.starts_with(&begin));
    if let Some(line) = known {
        return Ok(splice(old, line.start..line.text_end, &new));
    }
    match old.find(HEAD) {
        Some(at) => Ok(lines::insert(old, at + HEAD.len(), &[new])),
        None => Err(Malformed::new(
            "somebody changed it so that it cannot be edited here",
        )),
    }
}

fn remove(written: &Written, old: &str) -> Result<String, Malformed> {
    if !own_file::is_ours(COMMENT, old) {
        return Ok(old.to_string());
    }
    let begin = pattern(written.endpoint.as_str());
    let ours = lines::lines(old).into_iter().find(|line| {
        line.text.starts_with(&begin) && password(line.text).is_some_and(written.is_our_token)
    });
    let text = match ours {
        Some(line) => splice(old, line.start..line.end, ""),
        None => return Ok(old.to_string()),
    };
    Ok(if effective(&text)?.is_empty() {
        String::new()
    } else {
        text
    })
}

fn password(line: &str) -> Option<&str> {
    line.split_once(":password \"")?.1.split('"').next()
}

fn effective(text: &str) -> Result<Vec<Pointer>, Malformed> {
    Ok(text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("#\"\\Q")?.split("\\E").next())
        .map(|url| Pointer::new(":repository-auth", url))
        .collect())
}

fn find_secrets(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = secrets::in_addresses(text);
    for line in lines::lines(text) {
        if let Some(password) = password(line.text) {
            let start = line.start + line.text.len()
                - line
                    .text
                    .split_once(":password \"")
                    .map_or(0, |(_, rest)| rest.len());
            found.push(start..start + password.len());
        }
    }
    secrets::tidy(text, found)
}

#[cfg(test)]
mod tests {
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
        assert!(rewrite(&first, "{:repository-auth {}}").is_err());
    }
}

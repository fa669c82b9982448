//! sbt.
//!
//! The token goes into a credentials file of its own, a global settings file names the resolver
//! and the credentials, and with `--mirror` the launcher's `repositories` file puts the
//! repository before all others (sbt documentation, "Publishing", "Global settings" and "Proxy
//! repositories"). The realm is the one that the service names, `domain/repository`.

use std::path::PathBuf;

use super::adapter::{
    Adapter, ConfigFile, Flag, Login, Malformed, NamespaceRule, Place, Pointer, Written, no_remark,
};
use super::own_file;
use super::text::{lines, properties, secrets};

/// sbt.
pub(super) const ADAPTER: Adapter = Adapter {
    tool: "sbt",
    shown_as: "sbt",
    format: "maven",
    namespace: NamespaceRule::None,
    flags: &[Flag::Mirror, Flag::Name],
    files: &[
        ConfigFile {
            owner: "sbt-credentials",
            locate: |place| {
                Ok(Some(
                    home(place)?.join(format!("{}.credentials", name(place))),
                ))
            },
            rewrite: rewrite_credentials,
            remove: remove_credentials,
            effective: |_| Ok(Vec::new()),
            secrets: properties::secrets,
            holds_token: true,
        },
        GLOBAL,
        ConfigFile {
            owner: "sbt-2-settings",
            locate: |place| {
                let folder = home(place)?.join("2");
                let exists = place.disk.is_dir(&folder);
                Ok(exists.then(|| folder.join(format!("{}.sbt", name(place)))))
            },
            ..GLOBAL
        },
        ConfigFile {
            owner: "sbt-repositories",
            locate: |place| {
                let path = home(place)?.join("repositories");
                Ok(place.options.mirror.then_some(path))
            },
            rewrite: rewrite_repositories,
            remove: remove_repositories,
            effective: effective_repositories,
            secrets: secrets::in_addresses,
            holds_token: false,
        },
    ],
    remark: no_remark,
};

const GLOBAL: ConfigFile = ConfigFile {
    owner: "sbt-settings",
    locate: |place| {
        Ok(Some(
            home(place)?
                .join("1.0")
                .join(format!("{}.sbt", name(place))),
        ))
    },
    rewrite: rewrite_settings,
    remove: remove_settings,
    effective: effective_settings,
    secrets: secrets::in_addresses,
    holds_token: false,
};

fn home(place: &Place) -> Result<PathBuf, Malformed> {
    Ok(place.home()?.join(".sbt"))
}

fn name<'a>(place: &'a Place) -> &'a str {
    place.options.name.as_deref().unwrap_or("codeartifact")
}

fn rewrite_credentials(login: &Login, old: &str) -> Result<String, Malformed> {
    let realm = format!("{}/{}", login.domain, login.repository);
    let host = login.endpoint.host();
    let text = properties::set(old, "realm", &realm);
    let text = properties::set(&text, "host", &host);
    let text = properties::set(&text, "user", "aws");
    Ok(properties::set(&text, "password", login.token.expose()))
}

fn remove_credentials(written: &Written, old: &str) -> Result<String, Malformed> {
    let ours = properties::get(old, "password").is_some_and(|token| (written.is_our_token)(&token));
    if !ours {
        return Ok(old.to_string());
    }
    let keys = ["realm", "host", "user", "password"];
    Ok(keys.iter().fold(old.to_string(), |text, key| {
        properties::remove(&text, key, |_| true)
    }))
}

const COMMENT: &str = "//";

fn rewrite_settings(login: &Login, old: &str) -> Result<String, Malformed> {
    own_file::check(COMMENT, old)?;
    let name = login.name();
    let insecure = match login.endpoint.is_http() {
        true => ".withAllowInsecureProtocol(true)",
        false => "",
    };
    Ok(own_file::marked(
        COMMENT,
        &format!(
            "credentials += Credentials(Path.userHome / \".sbt\" / \"{name}.credentials\")\n\
             resolvers += (\"{name}\" at \"{}\"){insecure}\n",
            login.endpoint
        ),
    ))
}

fn remove_settings(written: &Written, old: &str) -> Result<String, Malformed> {
    let ours = own_file::is_ours(COMMENT, old)
        && effective_settings(old)?
            .iter()
            .any(|pointer| written.endpoint.contains(&pointer.url));
    Ok(if ours { String::new() } else { old.to_string() })
}

/// The resolvers that are written as `"name" at "address"`.
fn effective_settings(text: &str) -> Result<Vec<Pointer>, Malformed> {
    Ok(text
        .lines()
        .filter(|line| !line.trim_start().starts_with(COMMENT))
        .filter_map(|line| {
            let (before, after) = line.split_once("\" at \"")?;
            let name = before.rsplit('"').next()?;
            Some(Pointer::new(name, after.split('"').next()?))
        })
        .collect())
}

/// The `[repositories]` section, line by line: a known name, or `name: address`.
struct Repositories<'a> {
    lines: Vec<lines::Line<'a>>,
    /// Where the section's header ends, if there is one.
    start: Option<usize>,
}

impl<'a> Repositories<'a> {
    fn parse(text: &'a str) -> Repositories<'a> {
        let mut section = false;
        let mut start = None;
        let mut found = Vec::new();
        for line in lines::lines(text) {
            let trimmed = line.text.trim();
            if trimmed.starts_with('[') {
                section = trimmed == "[repositories]";
                if section {
                    start = Some(line.end);
                }
            } else if section && !trimmed.is_empty() && !trimmed.starts_with('#') {
                found.push(line);
            }
        }
        Repositories {
            lines: found,
            start,
        }
    }

    /// The line of a name and the address on it.
    fn named(&self, name: &str) -> Option<(&lines::Line<'a>, &'a str)> {
        self.lines.iter().find_map(|line| {
            let (own, url) = line.text.split_once(':')?;
            (own.trim() == name).then(|| (line, url.trim()))
        })
    }
}

fn rewrite_repositories(login: &Login, old: &str) -> Result<String, Malformed> {
    let repositories = Repositories::parse(old);
    let url = login.endpoint.as_str();
    if let Some((line, known)) = repositories.named(login.name()) {
        if known == url {
            return Ok(old.to_string());
        }
        let at = line.text_end - line.text.len() + line.text.rfind(known).unwrap_or(0);
        let range = if known.is_empty() {
            line.text_end..line.text_end
        } else {
            at..at + known.len()
        };
        return Ok(lines::splice(old, range, url));
    }
    let entry = format!("  {}: {url}", login.name());
    match repositories.start {
        Some(at) => {
            // Behind `local`, which has to stay the first.
            let local = repositories
                .lines
                .first()
                .filter(|line| line.text.trim() == "local");
            Ok(lines::insert(
                old,
                local.map_or(at, |line| line.end),
                &[entry],
            ))
        }
        None => {
            let new = ["[repositories]".to_string(), "  local".to_string(), entry];
            Ok(lines::insert(old, old.len(), &new))
        }
    }
}

fn remove_repositories(written: &Written, old: &str) -> Result<String, Malformed> {
    let repositories = Repositories::parse(old);
    match repositories.named(written.name) {
        Some((line, url)) if written.endpoint.contains(url) => {
            Ok(lines::splice(old, line.start..line.end, ""))
        }
        _ => Ok(old.to_string()),
    }
}

fn effective_repositories(text: &str) -> Result<Vec<Pointer>, Malformed> {
    Ok(Repositories::parse(text)
        .lines
        .iter()
        .filter_map(|line| {
            let (name, url) = line.text.split_once(':')?;
            Some(Pointer::new(name.trim(), url.trim().split(',').next()?))
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;
    use crate::config::env::Platform;

    #[test]
    fn the_files_are_where_sbt_looks() {
        let mut options = testing::plain();
        options.mirror = true;
        let at = |file: usize, files: &[(&str, &str)]| {
            testing::located(
                &ADAPTER.files[file],
                Platform::MacOs,
                &[],
                "/",
                &options,
                files,
            )
        };
        let path = |text: &str| Some(PathBuf::from(text));
        assert_eq!(at(0, &[]), path("/home/me/.sbt/codeartifact.credentials"));
        assert_eq!(at(1, &[]), path("/home/me/.sbt/1.0/codeartifact.sbt"));
        assert_eq!(at(2, &[]), None);
        assert_eq!(
            at(2, &[("/home/me/.sbt/2/a.sbt", "")]),
            path("/home/me/.sbt/2/codeartifact.sbt")
        );
        assert_eq!(at(3, &[]), path("/home/me/.sbt/repositories"));
    }

    #[test]
    fn credentials_name_the_realm() {
        let login = testing::login("maven");
        assert_eq!(
            rewrite_credentials(&login, "").expect("is fine"),
            format!(
                "realm=d/r\nhost={}\nuser=aws\npassword={}\n",
                login.endpoint.host(),
                testing::TOKEN
            )
        );
    }

    #[test]
    fn the_repository_comes_behind_the_local_one() {
        let login = testing::login("maven");
        let old = "[repositories]\n  local\n  corp: https://corp.test/\n";
        let new = rewrite_repositories(&login, old).expect("is fine");
        assert_eq!(
            new,
            format!(
                "[repositories]\n  local\n  codeartifact: {}\n  corp: https://corp.test/\n",
                login.endpoint
            )
        );
        assert_eq!(rewrite_repositories(&login, &new).expect("is fine"), new);
        assert_eq!(
            testing::without_login(&ADAPTER.files[3], &login, &[], &new),
            old
        );
    }

    #[test]
    fn the_settings_name_the_resolver() {
        let login = testing::login("maven");
        let text = rewrite_settings(&login, "").expect("is fine");
        assert_eq!(
            effective_settings(&text).expect("is fine"),
            [Pointer::new("codeartifact", login.endpoint.as_str())]
        );
    }
}

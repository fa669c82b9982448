//! What AWS's own client prints in a dry run: the commands that it would run and the files that
//! it would write, with the token in clear. Scripts take the commands from there, so the text
//! is the same to the letter for the logins that AWS's client knows. Nothing is run. Pure.

use super::adapter::{Login, Options, Place, Pointer};
use super::text::ini::Ini;
use crate::config::env::Platform;

/// The text for a tool and a login that AWS's client knows; for others there is none.
pub fn dry_run(tool: &str, login: &Login, place: &Place) -> Option<String> {
    if login.options != Options::default() {
        return None;
    }
    match tool {
        "npm" => Some(npm(login, place)),
        "pip" => Some(pip(login)),
        "twine" => twine(login, place),
        "nuget" | "dotnet" => Some(nuget(tool, login, place)),
        "swift" => swift(login, place),
        _ => None,
    }
}

/// Each command on a line, and an empty line after it.
fn lines(commands: &[String]) -> String {
    commands
        .iter()
        .map(|command| format!("{command}\n\n"))
        .collect()
}

fn npm(login: &Login, place: &Place) -> String {
    let program = match place.env.platform() {
        Platform::Windows => "npm.cmd",
        Platform::Linux | Platform::MacOs => "npm",
    };
    let registry = match &login.namespace {
        Some(scope) => format!("{scope}:registry"),
        None => "registry".to_string(),
    };
    let (endpoint, key) = (&login.endpoint, login.endpoint.without_scheme());
    let token = login.token.expose();
    lines(&[
        format!("{program} config set {registry} {endpoint}"),
        format!("{program} config set //{key}:always-auth true"),
        format!("{program} config set //{key}:_authToken {token}"),
    ])
}

fn pip(login: &Login) -> String {
    let endpoint = &login.endpoint;
    // AWS's client escapes nothing here, unlike what we write.
    let url = endpoint
        .as_str()
        .replacen("://", &format!("://aws:{}@", login.token.expose()), 1);
    lines(&[format!("pip config set global.index-url {url}simple/")])
}

/// The whole `.pypirc` as Python's configparser would write it: without comments. A file that
/// AWS's client refuses has no such text.
fn twine(login: &Login, place: &Place) -> Option<String> {
    let path = place.home().ok()?.join(".pypirc");
    let mut sections = match place.disk.read(&path) {
        Some(text) => sections(&text)?,
        None => vec![("distutils".to_string(), vec![index_servers(&["pypi"])])],
    };
    let listed = sections
        .iter_mut()
        .find(|(name, _)| name == "distutils")?
        .1
        .iter_mut()
        .find(|(key, _)| key == "index-servers")?;
    let servers: Vec<&str> = listed
        .1
        .split('\n')
        .map(str::trim)
        .filter(|server| !server.is_empty())
        .collect();
    if !servers.contains(&"codeartifact") {
        *listed = index_servers(&[servers.as_slice(), &["codeartifact"]].concat());
    }
    let known = sections.iter().position(|(name, _)| name == "codeartifact");
    let at = known.unwrap_or_else(|| {
        sections.push(("codeartifact".to_string(), Vec::new()));
        sections.len() - 1
    });
    for (key, value) in [
        ("repository", login.endpoint.as_str()),
        ("username", "aws"),
        ("password", login.token.expose()),
    ] {
        let settings = &mut sections[at].1;
        match settings.iter_mut().find(|(known, _)| known == key) {
            Some(setting) => setting.1 = value.to_string(),
            None => settings.push((key.to_string(), value.to_string())),
        }
    }
    let mut text = format!(
        "Dryrun mode is enabled, not writing to pypirc.\n{} would have been set to the following:\n\n",
        path.display()
    );
    for (name, settings) in sections {
        text.push_str(&format!("[{name}]\n"));
        for (key, value) in settings {
            text.push_str(&format!("{key} = {}\n", value.replace('\n', "\n\t")));
        }
        text.push('\n');
    }
    Some(text + "\n")
}

type Section = (String, Vec<(String, String)>);

fn sections(text: &str) -> Option<Vec<Section>> {
    let ini = Ini::parse(text).ok()?;
    let names: Vec<&str> = ini.sections().collect();
    Some(
        names
            .into_iter()
            .map(|name| {
                let settings = ini.entries(name);
                let settings = settings.map(|(key, value)| (key.to_string(), value));
                (name.to_string(), settings.collect())
            })
            .collect(),
    )
}

fn index_servers(servers: &[&str]) -> (String, String) {
    let list = servers.iter().map(|server| format!("\n{server}")).collect();
    ("index-servers".to_string(), list)
}

/// What AWS's client tells before its success lines; only for NuGet is there anything. To be
/// asked before the login is carried out.
pub fn announcement(tool: &str, login: &Login, place: &Place) -> Option<String> {
    if !matches!(tool, "nuget" | "dotnet") || login.options.project {
        return None;
    }
    Some(
        match source(login, &super::nuget::users_sources(tool, place)) {
            (true, name) => format!("Updated source {name} in the NuGet.Config\n"),
            (false, name) => format!("Added source {name} to the user level NuGet.Config\n"),
        },
    )
}

/// The source that has the address, else the one that has the usual name: whether there is
/// one, and its name.
fn source(login: &Login, sources: &[Pointer]) -> (bool, String) {
    let url = login.endpoint.join("v3/index.json");
    let usual = format!("{}/{}", login.domain, login.repository);
    let by_address = sources.iter().position(|source| source.url == url);
    let by_name = || sources.iter().position(|source| source.setting == usual);
    match by_address.or_else(by_name) {
        Some(at) => (true, sources[at].setting.clone()),
        None => (false, usual),
    }
}

/// The one command: a source is updated or added.
fn nuget(tool: &str, login: &Login, place: &Place) -> String {
    let url = login.endpoint.join("v3/index.json");
    let (known, name) = source(login, &super::nuget::sources(tool, place));
    let verb = if known { "update" } else { "add" };
    let token = login.token.expose();
    if tool == "nuget" {
        return format!(
            "nuget sources {verb} -name {name} -source {url} -username aws -password {token}\n"
        );
    }
    let source = match known {
        true => format!("{name} --source {url}"),
        false => format!("{url} --name {name}"),
    };
    let clear = match place.env.platform() {
        Platform::Windows => "",
        Platform::Linux | Platform::MacOs => " --store-password-in-clear-text",
    };
    format!("dotnet nuget {verb} source {source} --username aws --password {token}{clear}\n")
}

fn swift(login: &Login, place: &Place) -> Option<String> {
    let (endpoint, token) = (&login.endpoint, login.token.expose());
    let scope = match &login.namespace {
        Some(scope) => format!(" --scope {scope}"),
        None => String::new(),
    };
    let on_macos = place.env.platform() == Platform::MacOs;
    let option = match on_macos {
        true => format!(" --token {token}"),
        false => String::new(),
    };
    let commands = lines(&[
        format!("swift package-registry set {endpoint}{scope}"),
        format!("swift package-registry login {endpoint}login{option}"),
    ]);
    if on_macos {
        return Some(commands);
    }
    Some(format!(
        "Dryrun mode is enabled, not writing to netrc.\n\
         The following line would have been written to {}:\n\n\
         machine {} login token password {token}\n\n\
         And would have run the following commands:\n\n{commands}",
        place.home().ok()?.join(".netrc").display(),
        endpoint.host()
    ))
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;
    use crate::config::env::Env;

    fn shown(tool: &str, platform: Platform, files: &[(&str, &str)]) -> Option<String> {
        let format = super::super::adapter(tool).expect("is a tool").format;
        let login = testing::login(format);
        let env = Env::made_up(platform, "/home/me", "/project", []);
        let place = Place {
            env: &env,
            options: &login.options,
            disk: &testing::MadeUpDisk::new(files),
        };
        dry_run(tool, &login, &place)
    }

    #[test]
    fn platforms_differ_as_in_awss_client() {
        let text = |tool, platform| shown(tool, platform, &[]).expect("is known");
        assert!(text("npm", Platform::Windows).starts_with("npm.cmd config set registry "));
        assert!(!text("dotnet", Platform::Windows).contains("clear-text"));
        assert!(text("dotnet", Platform::MacOs).ends_with(" --store-password-in-clear-text\n"));
        let on_macos = text("swift", Platform::MacOs);
        assert!(on_macos.starts_with("swift package-registry set "));
        assert!(on_macos.ends_with(&format!("login --token {}\n\n", testing::TOKEN)));
        assert!(text("swift", Platform::Linux).starts_with("Dryrun mode is enabled"));
    }

    #[test]
    fn what_awss_client_cannot_do_has_no_text() {
        assert_eq!(shown("cargo", Platform::Linux, &[]), None);
        let invalid = [("/home/me/.pypirc", "[pypi]\nusername = me\n")];
        assert_eq!(shown("twine", Platform::Linux, &invalid), None);
    }

    #[test]
    fn a_source_is_known_by_its_address_in_any_file() {
        let config = format!(
            "<configuration><packageSources><add key=\"own\" value=\"{}v3/index.json\" /></packageSources></configuration>",
            testing::login("nuget").endpoint
        );
        let text = shown("nuget", Platform::Linux, &[("/nuget.config", &config)]);
        assert!(
            text.expect("is known")
                .starts_with("nuget sources update -name own ")
        );
    }
}

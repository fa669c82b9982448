//! Gradle.
//!
//! The token goes into `gradle.properties` under the name of the user guide, `codeartifactToken`
//! ("Run a Gradle build in IntelliJ IDEA"), where builds that name their repositories find it.
//! For builds that name none, an init script of our own brings the repository for dependencies
//! and plug-ins.

use std::path::PathBuf;

use super::adapter::{
    Adapter, ConfigFile, Flag, Login, Malformed, NamespaceRule, Place, Pointer, Written, no_remark,
};
use super::own_file;
use super::text::{properties, secrets};

/// Gradle.
pub(super) const ADAPTER: Adapter = Adapter {
    tool: "gradle",
    shown_as: "gradle",
    format: "maven",
    namespace: NamespaceRule::None,
    flags: &[Flag::Name],
    files: &[
        ConfigFile {
            owner: "gradle-properties",
            locate: |place| Ok(Some(gradle_home(place)?.join("gradle.properties"))),
            rewrite: rewrite_properties,
            remove: remove_properties,
            effective: |_| Ok(Vec::new()),
            secrets: properties::secrets,
            holds_token: true,
        },
        ConfigFile {
            owner: "gradle-init",
            locate: |place| {
                let name = place.options.name.as_deref().unwrap_or("codeartifact");
                let folder = gradle_home(place)?.join("init.d");
                Ok(Some(folder.join(format!("{name}.gradle"))))
            },
            rewrite: rewrite_script,
            remove: remove_script,
            effective,
            secrets: secrets::in_addresses,
            holds_token: false,
        },
    ],
    remark: no_remark,
};

fn gradle_home(place: &Place) -> Result<PathBuf, Malformed> {
    match place.path_var("GRADLE_USER_HOME") {
        Some(path) => Ok(path),
        None => Ok(place.home()?.join(".gradle")),
    }
}

/// The property with the token; other names than the usual one have one of their own.
fn property(name: &str) -> String {
    match name {
        "codeartifact" => "codeartifactToken".to_string(),
        name => format!("codeartifactToken.{name}"),
    }
}

fn rewrite_properties(login: &Login, old: &str) -> Result<String, Malformed> {
    Ok(properties::set(
        old,
        &property(login.name()),
        login.token.expose(),
    ))
}

fn remove_properties(written: &Written, old: &str) -> Result<String, Malformed> {
    Ok(properties::remove(
        old,
        &property(written.name),
        written.is_our_token,
    ))
}

const COMMENT: &str = "//";

/// The init script. It serves Gradle 4 to 9: what a version does not have is asked for first.
/// Where a build keeps its repositories in its settings, the repository joins them there.
const SCRIPT: &str = "\
def codeartifactProperties = new Properties()
def codeartifactFile = new File(gradle.gradleUserHomeDir, 'gradle.properties')
if (codeartifactFile.exists()) {
    codeartifactFile.withInputStream { codeartifactProperties.load(it) }
}
def codeartifactToken = codeartifactProperties.getProperty('@PROPERTY@')
def codeartifactRepository = { repositories ->
    repositories.maven { repository ->
        repository.name = '@NAME@'
        repository.url = '@URL@'
@INSECURE@        repository.credentials {
            username = 'aws'
            password = codeartifactToken
        }
    }
}
settingsEvaluated { settings ->
    def plugins = settings.pluginManagement.repositories
    def noPluginRepositories = plugins.isEmpty()
    codeartifactRepository(plugins)
    if (noPluginRepositories) {
        plugins.gradlePluginPortal()
    }
    def inSettings = settings.hasProperty('dependencyResolutionManagement') &&
        settings.dependencyResolutionManagement.repositoriesMode.get().toString() != 'PREFER_PROJECT'
    if (inSettings) {
        codeartifactRepository(settings.dependencyResolutionManagement.repositories)
    } else {
        settings.gradle.allprojects { project ->
            codeartifactRepository(project.buildscript.repositories)
            codeartifactRepository(project.repositories)
        }
    }
}
";

/// Gradle 7 and later want plain http to be allowed.
const INSECURE: &str = "        if (repository.hasProperty('allowInsecureProtocol')) {
            repository.allowInsecureProtocol = true
        }
";

fn rewrite_script(login: &Login, old: &str) -> Result<String, Malformed> {
    own_file::check(COMMENT, old)?;
    let script = SCRIPT
        .replace("@PROPERTY@", &property(login.name()))
        .replace("@NAME@", login.name())
        .replace("@URL@", login.endpoint.as_str())
        .replace(
            "@INSECURE@",
            if login.endpoint.is_http() {
                INSECURE
            } else {
                ""
            },
        );
    Ok(own_file::marked(COMMENT, &script))
}

fn remove_script(written: &Written, old: &str) -> Result<String, Malformed> {
    let ours = own_file::is_ours(COMMENT, old)
        && effective(old)?
            .iter()
            .any(|pointer| written.endpoint.contains(&pointer.url));
    Ok(if ours { String::new() } else { old.to_string() })
}

fn effective(text: &str) -> Result<Vec<Pointer>, Malformed> {
    let value = |key: &str| {
        let line = text
            .lines()
            .find_map(|line| line.trim().strip_prefix(key))?;
        line.trim().strip_prefix("= '")?.strip_suffix('\'')
    };
    let pointer = value("repository.name").zip(value("repository.url"));
    Ok(pointer
        .map(|(name, url)| Pointer::new(name, url))
        .into_iter()
        .collect())
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;
    use crate::config::env::Platform;

    #[test]
    fn the_files_are_where_gradle_looks() {
        let at = |file: usize, variables: &[(&'static str, &'static str)], name: Option<&str>| {
            let mut options = testing::plain();
            options.name = name.map(str::to_string);
            testing::located(
                &ADAPTER.files[file],
                Platform::Windows,
                variables,
                "/",
                &options,
                &[],
            )
            .expect("there is a home")
        };
        assert_eq!(
            at(0, &[], None),
            PathBuf::from("/home/me/.gradle/gradle.properties")
        );
        assert_eq!(
            at(1, &[], None),
            PathBuf::from("/home/me/.gradle/init.d/codeartifact.gradle")
        );
        assert_eq!(
            at(1, &[("GRADLE_USER_HOME", "/g")], Some("mine")),
            PathBuf::from("/g/init.d/mine.gradle")
        );
    }

    #[test]
    fn the_script_is_ours_alone() {
        let login = testing::login("maven");
        let script = rewrite_script(&login, "").expect("is fine");
        assert!(
            !script.contains(testing::TOKEN) && !script.contains('@'),
            "{script}"
        );
        assert_eq!(
            effective(&script).expect("is fine"),
            [Pointer::new("codeartifact", login.endpoint.as_str())]
        );
        assert!(rewrite_script(&login, "println 'mine'\n").is_err());
        assert_eq!(
            testing::without_login(&ADAPTER.files[1], &login, &[], &(script + "// more")),
            ""
        );
    }
}

//! What Maven and Gradle are set up with: mirrors and repositories in Maven's settings, and what is
//! built into the two.
//!
//! Settings: <https://maven.apache.org/guides/mini/guide-mirror-settings.html>.

use std::path::{Path, PathBuf};

use url::Url;

use super::{Change, LONGEST_ANSWER, Tools, is_repository_endpoint, repository_url};
use crate::local::formats::archive::{open_zip, read_from_zip};
use crate::local::formats::xml::{self, Element};

/// The largest library that is looked into.
const LARGEST_LIBRARY: u64 = 64 << 20;

/// The model from which every project inherits; it names the central repository.
const SUPER_POM: &str = "org/apache/maven/model/pom-4.0.0.xml";

/// The identifiers that settings have for what is behind a connection, and Gradle's own words for
/// it.
struct Known {
    identifiers: &'static [&'static str],
    gradle: Option<&'static str>,
}

fn known(connection: &str) -> Option<Known> {
    let (identifiers, gradle): (&[&str], _) = match connection {
        "public:maven-central" => (&["central"], Some("mavenCentral()")),
        "public:maven-clojars" => (&["clojars"], None),
        "public:maven-commonsware" => (&["commonsware"], None),
        "public:maven-googleandroid" => (&["google"], Some("google()")),
        "public:maven-gradleplugins" => (
            &["gradle-plugins", "gradlePluginPortal"],
            Some("gradlePluginPortal()"),
        ),
        _ => return None,
    };
    Some(Known {
        identifiers,
        gradle,
    })
}

/// The repository that Maven or Gradle uses for a connection.
pub(super) async fn address(tools: &Tools<'_>, connection: &str) -> Option<Url> {
    let known = known(connection)?;
    let home = installation(tools);
    for file in settings_files(tools, home.as_deref()) {
        if let Some(text) = read(&file).await
            && let Some(url) = configured(&text, known.identifiers)
        {
            return Some(url);
        }
    }
    let is_central = known.identifiers == ["central"];
    if is_central
        && let Some(home) = home
        && let Ok(Some(url)) = tokio::task::spawn_blocking(move || super_pom(&home)).await
    {
        return Some(url);
    }
    gradle(tools, known.gradle?).await
}

/// Where Maven is installed: the folder above that of its program.
fn installation(tools: &Tools<'_>) -> Option<PathBuf> {
    let named = tools.env.var("MAVEN_HOME").map(PathBuf::from);
    let found = || {
        let path = tools.env.var("PATH")?.to_string();
        let programs = path.split(':').map(|folder| Path::new(folder).join("mvn"));
        let program = programs.into_iter().find(|program| program.is_file())?;
        let program = std::fs::canonicalize(program).ok()?;
        Some(program.parent()?.parent()?.to_path_buf())
    };
    named.or_else(found)
}

/// The user's settings, then the installation's.
fn settings_files(tools: &Tools<'_>, installation: Option<&Path>) -> Vec<PathBuf> {
    let user = tools
        .env
        .home()
        .map(|home| home.join(".m2").join("settings.xml"));
    let global = installation.map(|folder| folder.join("conf").join("settings.xml"));
    user.into_iter().chain(global).collect()
}

async fn read(path: &Path) -> Option<Vec<u8>> {
    let about = tokio::fs::metadata(path).await.ok()?;
    if about.len() > LONGEST_ANSWER {
        return None;
    }
    tokio::fs::read(path).await.ok()
}

/// The address in settings: of the first mirror of one of these repositories, else of a repository
/// of that name in a profile.
fn configured(text: &[u8], identifiers: &[&str]) -> Option<Url> {
    let root = xml::parse(text).ok()?;
    let usable = |element: &Element| {
        let url = element.text_at(&["url"]).and_then(repository_url)?;
        (!is_repository_endpoint(&url)).then_some(url)
    };
    let mirrors = root.child("mirrors").into_iter();
    let mirror = mirrors
        .flat_map(|mirrors| mirrors.children("mirror"))
        .filter(|mirror| {
            let of = mirror.text_at(&["mirrorOf"]).unwrap_or_default();
            identifiers
                .iter()
                .any(|identifier| mirrors_it(of, identifier))
        })
        .find_map(usable);
    let profiles = root.child("profiles").into_iter();
    let mut repositories = profiles
        .flat_map(|profiles| profiles.children("profile"))
        .filter_map(|profile| profile.child("repositories"))
        .flat_map(|repositories| repositories.children("repository"))
        .filter(|repository| {
            let id = repository.text_at(&["id"]).unwrap_or_default();
            identifiers.contains(&id)
        });
    mirror.or_else(|| repositories.find_map(usable))
}

/// Whether a mirror stands in for a repository: by name, or by `*` without an exception. The public
/// repositories are external to every machine.
fn mirrors_it(of: &str, identifier: &str) -> bool {
    let mut entries = of.split(',').map(str::trim);
    let mut matches = false;
    entries.all(|entry| {
        matches |= entry == identifier || matches!(entry, "*" | "external:*");
        entry.strip_prefix('!') != Some(identifier)
    }) && matches
}

/// The central repository as the model built into Maven names it.
fn super_pom(installation: &Path) -> Option<Url> {
    let libraries = std::fs::read_dir(installation.join("lib")).ok()?;
    let library = libraries.filter_map(Result::ok).find(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("maven-model-builder") && name.ends_with(".jar")
    })?;
    let file = std::fs::File::open(library.path()).ok()?;
    let size = file.metadata().ok()?.len();
    if size > LARGEST_LIBRARY {
        return None;
    }
    let mut archive = open_zip(std::io::BufReader::new(file), size).ok()?;
    let text = read_from_zip(&mut archive, LONGEST_ANSWER, |path| path == SUPER_POM).ok()??;
    let root = xml::parse(&text).ok()?;
    let repositories = root.child("repositories")?.children("repository");
    let mut urls = repositories.filter_map(|repository| repository.text_at(&["url"]));
    urls.find_map(repository_url)
}

/// What Gradle has for one of its own words: it prints that of a project which has nothing else.
async fn gradle(tools: &Tools<'_>, word: &str) -> Option<Url> {
    let folder = tempfile::tempdir().ok()?;
    let script = format!("println 'address=' + repositories.{word}.url\n");
    tokio::fs::write(folder.path().join("build.gradle"), script)
        .await
        .ok()?;
    // Without it a project is looked for in the folders above.
    tokio::fs::write(folder.path().join("settings.gradle"), "")
        .await
        .ok()?;
    let change = Change {
        set: &[("GRADLE_USER_HOME", folder.path())],
        unset: &[],
        folder: Some(folder.path()),
    };
    let arguments = ["--no-daemon", "--offline", "-q", "help"];
    let (answer, _) = tools.ask("gradle", &arguments, change).await?;
    let mut addresses = answer
        .lines()
        .filter_map(|line| line.strip_prefix("address="));
    addresses.find_map(repository_url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirrors_stand_in_for_what_they_name() {
        for (of, expected) in [
            ("central", true),
            ("*", true),
            ("external:*", true),
            ("a, central", true),
            ("*,!central", false),
            ("!central,*", false),
            ("*,!clojars", true),
            ("clojars", false),
            ("", false),
        ] {
            assert_eq!(mirrors_it(of, "central"), expected, "{of}");
        }
    }

    #[test]
    fn settings_name_the_repository() {
        let settings = |inner: &str| format!("<settings>{inner}</settings>");
        let mirror = |of: &str, url: &str| {
            format!(
                "<mirrors><mirror><id>m</id><mirrorOf>{of}</mirrorOf><url>{url}</url></mirror></mirrors>"
            )
        };
        let profile = "<profiles><profile><repositories><repository><id>clojars</id><url>https://c.example.test/r</url></repository></repositories></profile></profiles>";
        for (text, identifier, url) in [
            (
                settings(&mirror("*", "https://m.example.test/all")),
                "central",
                Some("https://m.example.test/all"),
            ),
            // Somebody has logged in.
            (
                settings(&mirror("*", "http://127.0.0.1:4455/d/a/maven/b/")),
                "central",
                None,
            ),
            (
                settings(profile),
                "clojars",
                Some("https://c.example.test/r"),
            ),
            (settings(profile), "central", None),
            ("nonsense".to_string(), "central", None),
        ] {
            let found = configured(text.as_bytes(), &[identifier]);
            assert_eq!(found.as_ref().map(Url::as_str), url, "{text}");
        }
    }
}

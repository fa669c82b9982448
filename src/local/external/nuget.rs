//! What NuGet is set up with: the package sources of the user, else those that the machine or the
//! installed client itself brings.

use std::path::{Path, PathBuf};

use url::Url;

use super::{Change, LONGEST_ANSWER, Tools, is_repository_endpoint, repository_url};
use crate::local::formats::xml;

/// The name under which clients have the public gallery, letters only.
const GALLERY: &str = "nugetorg";

/// The gallery that NuGet uses: the address of its service index.
pub(super) async fn address(tools: &Tools<'_>) -> Option<Url> {
    for file in files(tools) {
        if let Some(text) = read(&file).await
            && let Some(url) = configured(&text)
        {
            return Some(url);
        }
    }
    built_in(tools).await
}

/// The user's own files: of nuget.exe under mono, of dotnet, and on Windows.
fn files(tools: &Tools<'_>) -> Vec<PathBuf> {
    let home = tools.env.home().map(Path::to_path_buf);
    let folders = [
        tools.env.var("XDG_CONFIG_HOME").map(PathBuf::from),
        home.as_ref().map(|home| home.join(".config")),
        home.as_ref().map(|home| home.join(".nuget")),
        tools.env.var("APPDATA").map(PathBuf::from),
    ];
    let files = folders.into_iter().flatten().flat_map(|folder| {
        ["NuGet.Config", "nuget.config", "NuGet.config"].map(|name| folder.join("NuGet").join(name))
    });
    files.collect()
}

async fn read(path: &Path) -> Option<Vec<u8>> {
    let about = tokio::fs::metadata(path).await.ok()?;
    if about.len() > LONGEST_ANSWER {
        return None;
    }
    tokio::fs::read(path).await.ok()
}

/// The source in a configuration file that is the public gallery or stands in for it.
fn configured(text: &[u8]) -> Option<Url> {
    let root = xml::parse(text).ok()?;
    let entries = |name: &'static str| {
        let section = root.child(name).into_iter();
        section.flat_map(|section| section.children("add"))
    };
    let is_disabled = |key: &str| {
        entries("disabledPackageSources").any(|entry| {
            entry.attribute("key") == Some(key)
                && entry
                    .attribute("value")
                    .is_some_and(|value| value.eq_ignore_ascii_case("true"))
        })
    };
    let sources: Vec<(&str, Url)> = entries("packageSources")
        .filter_map(|entry| Some((entry.attribute("key")?, gallery(entry.attribute("value")?)?)))
        .filter(|(key, _)| !is_disabled(key))
        .collect();
    let named = sources.iter().find(|(key, _)| is_gallery(key));
    named.or(sources.first()).map(|(_, url)| url.clone())
}

fn is_gallery(key: &str) -> bool {
    let letters = key.chars().filter(char::is_ascii_alphanumeric);
    letters.collect::<String>().eq_ignore_ascii_case(GALLERY)
}

/// The address of a service index that is somebody else's.
fn gallery(text: &str) -> Option<Url> {
    let url = repository_url(text)?;
    // Others speak version 2 of the protocol.
    let is_index = url.path().ends_with("/index.json");
    (is_index && !is_repository_endpoint(&url)).then_some(url)
}

/// What a client makes out of nothing, in a home that is empty: the machine's sources and the
/// gallery that is built into it.
async fn built_in(tools: &Tools<'_>) -> Option<Url> {
    let home = tempfile::tempdir().ok()?;
    let change = || Change {
        set: &[],
        unset: &["XDG_CONFIG_HOME", "DOTNET_CLI_HOME"],
        folder: Some(home.path()),
    };
    for (program, arguments) in [
        (
            "nuget",
            &["sources", "list", "-Format", "Short", "-NonInteractive"][..],
        ),
        ("dotnet", &["nuget", "list", "source", "--format", "short"]),
    ] {
        let set = [("HOME", home.path()), ("APPDATA", home.path())];
        let change = Change {
            set: &set,
            ..change()
        };
        if let Some((answer, _)) = tools.ask(program, arguments, change).await
            && let Some(url) = listed(&answer)
        {
            return Some(url);
        }
    }
    None
}

/// The first enabled source in a short list: `E` and more letters, a space, the address.
fn listed(answer: &str) -> Option<Url> {
    let sources = answer
        .lines()
        .filter_map(|line| line.trim().split_once(' '));
    sources
        .filter(|(letters, _)| letters.starts_with('E'))
        .find_map(|(_, address)| gallery(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(sources: &str) -> Option<String> {
        let text = format!("\u{feff}<?xml version='1.0'?><configuration>{sources}</configuration>");
        configured(text.as_bytes()).map(|url| url.to_string())
    }

    #[test]
    fn the_gallery_is_found_among_the_sources() {
        let own = "<add key='d/r' value='http://127.0.0.1:1/d/d-1/nuget/r/v3/index.json'/>";
        let old = "<add key='old' value='https://old.example.test/api/v2'/>";
        let mirror = "<add key='mirror' value='https://mirror.example.test/v3/index.json' protocolVersion='3'/>";
        let gallery = "<add key='NuGet-Org' value='https://gallery.example.test/v3/index.json'/>";
        let off =
            "<disabledPackageSources><add key='NuGet-Org' value='true'/></disabledPackageSources>";
        let all = format!("<packageSources>{own}{old}{mirror}{gallery}</packageSources>");
        assert_eq!(
            source(&all).as_deref(),
            Some("https://gallery.example.test/v3/index.json")
        );
        assert_eq!(
            source(&format!("{all}{off}")).as_deref(),
            Some("https://mirror.example.test/v3/index.json")
        );
        assert_eq!(
            source(&format!("<packageSources>{own}{old}</packageSources>")),
            None
        );
        assert_eq!(configured(b"nonsense"), None);
    }

    #[test]
    fn a_short_list_names_addresses() {
        let answer = "D https://off.example.test/v3/index.json\nEM https://machine.example.test/v3/index.json\nE /folder\n";
        assert_eq!(
            listed(answer).unwrap().as_str(),
            "https://machine.example.test/v3/index.json"
        );
        assert_eq!(listed("No sources found."), None);
    }
}

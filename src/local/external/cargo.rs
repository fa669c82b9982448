//! What cargo is set up with: the source that replaces `crates-io`, or its own index.

use std::path::Path;

use toml_edit::{DocumentMut, Item};
use url::Url;

use super::{Change, Tools, is_repository_endpoint, repository_url};

/// How many replacements of replacements are followed.
const LONGEST_CHAIN: usize = 8;

/// The sparse index that cargo uses, or the one built into it.
pub(super) async fn address(tools: &Tools<'_>) -> Option<Url> {
    let folder = match (tools.env.var("CARGO_HOME"), tools.env.home()) {
        (Some(folder), _) => Some(folder.into()),
        (None, home) => home.map(|home| home.join(".cargo")),
    };
    for name in ["config.toml", "config"] {
        if let Some(folder) = &folder
            && let Ok(text) = tokio::fs::read_to_string(Path::join(folder, name)).await
            && let Some(url) = replacement(&text).filter(|url| !is_repository_endpoint(url))
        {
            return Some(url);
        }
    }
    built_in(tools).await
}

/// The sparse index that stands in for `crates-io` according to a configuration file.
fn replacement(text: &str) -> Option<Url> {
    let document: DocumentMut = text.parse().ok()?;
    let text = |table: &str, name: &str, key: &str| -> Option<String> {
        Some(
            document
                .get(table)?
                .get(name)?
                .get(key)
                .and_then(Item::as_str)?
                .to_string(),
        )
    };
    let mut source = "crates-io".to_string();
    for _ in 0..LONGEST_CHAIN {
        match text("source", &source, "replace-with") {
            Some(next) => source = next,
            None => break,
        }
    }
    let index =
        text("source", &source, "registry").or_else(|| text("registries", &source, "index"))?;
    repository_url(index.strip_prefix("sparse+")?)
}

/// The index built into cargo. It has no command that tells, but it names the index when it cannot
/// be reached; so it is sent to a proxy that is not there, in a home that is empty.
async fn built_in(tools: &Tools<'_>) -> Option<Url> {
    let home = tempfile::tempdir().ok()?;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .ok()?;
    let proxy = format!("http://{nobody}");
    let change = Change {
        set: &[
            ("CARGO_HOME", home.path()),
            ("CARGO_HTTP_PROXY", Path::new(&proxy)),
            ("CARGO_NET_RETRY", Path::new("0")),
            ("CARGO_TERM_COLOR", Path::new("never")),
        ],
        unset: &["CARGO_NET_OFFLINE", "CARGO_REGISTRIES_CRATES_IO_PROTOCOL"],
        // Configuration is also looked for from the current folder upwards.
        folder: Some(home.path()),
    };
    let (_, complaint) = tools
        .ask("cargo", &["info", "a", "--registry", "crates-io"], change)
        .await?;
    let (before, _) = complaint.split_once("config.json`")?;
    repository_url(before.rsplit('`').next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacements_are_followed() {
        let text = r#"
            [source.crates-io]
            replace-with = "mirror"
            [source.mirror]
            replace-with = "company"
            [registries.company]
            index = "sparse+https://crates.example.test/index/"
        "#;
        assert_eq!(
            replacement(text).unwrap().as_str(),
            "https://crates.example.test/index/"
        );
    }

    #[test]
    fn a_source_that_is_not_sparse_or_goes_in_circles_is_none() {
        for text in [
            "",
            "[source.crates-io]\nreplace-with = \"crates-io\"",
            "[source.crates-io]\nreplace-with = \"a\"\n[source.a]\nregistry = \"https://git.example.test/index\"",
            "[source.crates-io]\nreplace-with = \"a\"\n[source.a]\ndirectory = \"/vendor\"",
            "[[",
        ] {
            assert_eq!(replacement(text), None, "{text}");
        }
    }
}

//! What pip is set up with: its `index-url` setting.

use std::path::Path;

use url::Url;

use super::{Change, Tools, is_repository_endpoint, repository_url};

/// The index that pip uses, or the one built into it.
pub(super) async fn address(tools: &Tools<'_>) -> Option<Url> {
    for (program, first) in [
        ("pip", None),
        ("pip3", None),
        ("python3", Some(["-m", "pip"])),
        ("python", Some(["-m", "pip"])),
    ] {
        let mut arguments: Vec<&str> = first.into_iter().flatten().collect();
        arguments.extend(["install", "--help"]);
        // Wide enough that no address is broken in two.
        let wide = ("COLUMNS", Path::new("4000"));
        let configured = Change {
            set: &[wide],
            ..Change::default()
        };
        let Some((answer, _)) = tools.ask(program, &arguments, configured).await else {
            continue;
        };
        let Some(url) = index_url(&answer) else {
            continue;
        };
        if !is_repository_endpoint(&url) {
            return Some(url);
        }
        let built_in = Change {
            set: &[wide, ("PIP_CONFIG_FILE", Path::new("/dev/null"))],
            unset: &["PIP_INDEX_URL", "PIP_CONFIG_FILE"],
            folder: None,
        };
        let (answer, _) = tools.ask(program, &arguments, built_in).await?;
        return index_url(&answer).filter(|url| !is_repository_endpoint(url));
    }
    None
}

/// The setting in force, which the help names as the default.
fn index_url(help: &str) -> Option<Url> {
    let (_, option) = help.split_once("--index-url <url>")?;
    let (_, default) = option.split_once("(default")?;
    repository_url(default.split([')', ';']).next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_names_the_index() {
        let help = "  -i, --index-url <url>  Base URL of the index (default https://mirror.example.test/my-index/simple). More.\n  --extra-index-url <url>  More.";
        assert_eq!(
            index_url(help).unwrap().as_str(),
            "https://mirror.example.test/my-index/simple"
        );
        assert_eq!(index_url("--index-url <url> none"), None);
    }
}

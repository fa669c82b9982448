//! What gem and Bundler are set up with: gem's sources, or what stands in for its own one.

use url::Url;

use super::{Change, Tools, is_repository_endpoint, repository_url};

/// The repository that gem uses, the mirror that Bundler uses in its place, or the one built into
/// gem.
pub(super) async fn address(tools: &Tools<'_>) -> Option<Url> {
    let configured = sources(tools, &["sources", "--list"], Change::default()).await;
    let nowhere = tempfile::tempdir().ok()?;
    let change = Change {
        // Settings are also in files that this variable names, and in the home folder.
        set: &[("HOME", nowhere.path())],
        unset: &["GEMRC"],
        folder: Some(nowhere.path()),
    };
    let built_in = sources(tools, &["sources", "--list", "--norc"], change).await;
    let built_in = built_in.into_iter().next();
    let other = configured
        .into_iter()
        .find(|url| Some(url) != built_in.as_ref());
    if other.is_some() {
        return other;
    }
    let mirror = match &built_in {
        Some(url) => mirror(tools, url).await,
        None => None,
    };
    mirror.or(built_in)
}

/// The sources that gem lists, those apart that somebody has logged in to.
async fn sources(tools: &Tools<'_>, arguments: &[&str], change: Change<'_>) -> Vec<Url> {
    let answer = tools.ask("gem", arguments, change).await;
    let (answer, _) = answer.unwrap_or_default();
    let urls = answer.lines().filter_map(repository_url);
    urls.filter(|url| !is_repository_endpoint(url)).collect()
}

/// What Bundler is told to use instead of a source, or of all.
async fn mirror(tools: &Tools<'_>, source: &Url) -> Option<Url> {
    for name in [format!("mirror.{source}"), "mirror.all".to_string()] {
        let arguments = ["config", "get", "--parseable", &name];
        let (answer, _) = tools.ask("bundle", &arguments, Change::default()).await?;
        let values = answer
            .lines()
            .filter_map(|line| line.strip_prefix(&name)?.strip_prefix('='));
        let mut urls = values.filter_map(repository_url);
        if let Some(url) = urls.find(|url| !is_repository_endpoint(url)) {
            return Some(url);
        }
    }
    None
}

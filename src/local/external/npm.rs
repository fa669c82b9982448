//! What npm is set up with: its `registry` setting.

use url::Url;

use super::{Change, Tools, is_repository_endpoint, repository_url};

/// The registry that npm uses, or the one built into it.
pub(super) async fn address(tools: &Tools<'_>) -> Option<Url> {
    let arguments = ["config", "get", "registry"];
    let (answer, _) = tools.ask("npm", &arguments, Change::default()).await?;
    let configured = repository_url(&answer).filter(|url| !is_repository_endpoint(url));
    if configured.is_some() {
        return configured;
    }
    // Two files that are not there: npm refuses one file in two places.
    let nowhere = tempfile::tempdir().ok()?;
    let change = Change {
        set: &[
            ("npm_config_userconfig", &nowhere.path().join("user")),
            ("npm_config_globalconfig", &nowhere.path().join("global")),
        ],
        unset: &[
            "npm_config_registry",
            "npm_config_userconfig",
            "npm_config_globalconfig",
        ],
        // The home folder's own file would count as a project's.
        folder: Some(nowhere.path()),
    };
    let (answer, _) = tools.ask("npm", &arguments, change).await?;
    repository_url(&answer).filter(|url| !is_repository_endpoint(url))
}

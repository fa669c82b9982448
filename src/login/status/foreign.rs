//! Files that lead to CodeArtifact though no login of this program wrote them.

use super::{FileStatus, Level, LoginStatus, State, View, located};
use crate::login::ADAPTERS;
use crate::login::adapter::{Adapter, ConfigFile, Pointer};
use crate::login::endpoint::Endpoint;

/// Adds them to the logins that are known.
pub(super) fn add(view: &View, wanted: Option<&[&'static Adapter]>, logins: &mut Vec<LoginStatus>) {
    let mut seen: Vec<(std::path::PathBuf, &str)> = Vec::new();
    for adapter in wanted.unwrap_or(ADAPTERS) {
        for kind in adapter.files {
            for (level, project) in [(Level::User, false), (Level::Project, true)] {
                let Some((path, _)) = located(view, kind, None, project) else {
                    continue;
                };
                // Tools that share a file are not told of one after the other.
                if seen.contains(&(path.clone(), kind.owner)) {
                    continue;
                }
                seen.push((path.clone(), kind.owner));
                let text = view.disk.read(&path).unwrap_or_default();
                for (endpoint, settings) in endpoints(kind, &text) {
                    let is_known = |login: &LoginStatus| {
                        endpoint.contains(&login.endpoint)
                            && login.files.iter().any(|file| file.path == path)
                    };
                    if logins.iter().any(is_known) {
                        continue;
                    }
                    let file = FileStatus {
                        path: path.clone(),
                        level,
                        state: State::AsWritten,
                        settings,
                        mode_too_wide: super::mode_too_wide(
                            view,
                            &path,
                            !(kind.secrets)(&text).is_empty(),
                        ),
                    };
                    logins.extend(login(adapter, kind.owner, &endpoint, file));
                }
            }
        }
    }
}

/// The repositories of CodeArtifact that a text leads to, with the settings that do.
fn endpoints(kind: &ConfigFile, text: &str) -> Vec<(Endpoint, Vec<String>)> {
    let mut found: Vec<(Endpoint, Vec<String>)> = Vec::new();
    let pointers: Vec<Pointer> = (kind.effective)(text).unwrap_or_default();
    for pointer in pointers {
        let Some(endpoint) = repository(&pointer.url) else {
            continue;
        };
        match found.iter_mut().find(|(known, _)| *known == endpoint) {
            Some((_, settings)) => settings.push(pointer.setting),
            None => found.push((endpoint, vec![pointer.setting])),
        }
    }
    found
}

/// The endpoint at the beginning of an address of AWS's.
fn repository(url: &str) -> Option<Endpoint> {
    let endpoint = Endpoint::parse(url).ok()?;
    let names = endpoint.names()?;
    names.region?;
    let base = format!(
        "https://{}/{}/{}/",
        endpoint.host_and_port(),
        names.format,
        names.repository
    );
    Endpoint::parse(&base).ok()
}

fn login(
    adapter: &Adapter,
    owner: &str,
    endpoint: &Endpoint,
    file: FileStatus,
) -> Option<LoginStatus> {
    let names = endpoint.names()?;
    let scope = |setting: &String| {
        let scope = setting.strip_suffix(":registry")?;
        scope.starts_with('@').then(|| scope.to_string())
    };
    Some(LoginStatus {
        tool: adapter.tool.to_string(),
        endpoint: endpoint.to_string(),
        domain: names.domain.to_string(),
        domain_owner: Some(names.owner.to_string()),
        repository: names.repository.to_string(),
        region: names.region.map(str::to_string),
        namespace: file.settings.iter().find_map(scope),
        name: None,
        profile: None,
        ours: false,
        files: vec![file],
        expiry: None,
        expired: false,
        accepted: None,
        in_keychain: false,
        shadows: Vec::new(),
        token: None,
        part_of: vec![owner.to_string()],
        leads: true,
    })
}

//! What wins over a login: variables, a project's files, and settings beside it in the same
//! file. Addresses are shown without credentials, and nothing else of a value is.

use std::path::Path;

use serde::Serialize;

use super::overrides::{Decides, VARIABLES, Variable};
use super::{Level, LoginStatus, View, located};
use crate::login::adapter;
use crate::login::adapter::{Adapter, Pointer, without_credentials};
use crate::login::endpoint::Endpoint;

/// Something that wins over a login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shadow {
    /// The variable or the file.
    pub by: String,
    /// Where it leads, without credentials, when it leads anywhere.
    pub leads_to: Option<String>,
    /// The same in words.
    pub sentence: String,
}

/// What wins over a login in the current folder.
pub(super) fn find(view: &View, login: &LoginStatus) -> Vec<Shadow> {
    let (Some(adapter), Ok(endpoint)) = (adapter(&login.tool), Endpoint::parse(&login.endpoint))
    else {
        return Vec::new();
    };
    let search = Search {
        view,
        login,
        adapter,
        endpoint,
    };
    let mut found = search.variables();
    found.extend(search.project_files());
    found.extend(search.by_tool());
    let mut once: Vec<Shadow> = Vec::new();
    for shadow in found {
        if !once.contains(&shadow) {
            once.push(shadow);
        }
    }
    once
}

/// One login's search.
pub(super) struct Search<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) login: &'a LoginStatus,
    pub(super) adapter: &'static Adapter,
    pub(super) endpoint: Endpoint,
}

/// An address as it may be shown; nothing when a value is none.
pub(super) fn address(value: &str) -> Option<String> {
    let value = value.strip_prefix("sparse+").unwrap_or(value).trim();
    let first = value.split_whitespace().next()?;
    let shown = without_credentials(first);
    (shown.contains("://") && !shown.contains('@') && !shown.chars().any(char::is_control))
        .then_some(shown)
}

impl Search<'_> {
    pub(super) fn is_ours(&self, url: &str) -> bool {
        self.endpoint.contains(url)
    }

    pub(super) fn in_file(&self, path: &Path, setting: &str, url: &str) -> Shadow {
        let (path, url) = (path.display(), without_credentials(url));
        Shadow {
            by: path.to_string(),
            sentence: format!("`{setting}` in `{path}` leads to {url}"),
            leads_to: Some(url),
        }
    }

    fn variables(&self) -> Vec<Shadow> {
        VARIABLES
            .iter()
            .filter(|variable| variable.tools.contains(&self.adapter.tool))
            .filter_map(|variable| self.variable(variable))
            .collect()
    }

    fn variable(&self, variable: &Variable) -> Option<Shadow> {
        let wanted = (variable.name)(self.login, &self.endpoint)?;
        let is_meant = |name: &&str| match variable.any_case {
            true => name.eq_ignore_ascii_case(&wanted),
            false => *name == wanted,
        };
        let name = self.view.env.names().find(is_meant)?;
        let value = self.view.env.var(name)?;
        let leads_to = match variable.decides {
            Decides::Address => address(value),
            _ => None,
        };
        let harmless = match variable.decides {
            Decides::Address => leads_to.as_deref().is_some_and(|url| self.is_ours(url)),
            Decides::Source => self.login.name.as_deref() == Some(value),
            Decides::Files => matches!(value, "0" | "false" | "no"),
            Decides::Credentials => false,
        };
        let rest = match (&leads_to, variable.decides) {
            (Some(url), _) => format!("leads to {url}"),
            (None, Decides::Address) => "holds another address".to_string(),
            (None, Decides::Source) => "names another source".to_string(),
            (None, Decides::Credentials) => "holds other credentials".to_string(),
            (None, Decides::Files) => "keeps the tool from reading its file".to_string(),
        };
        (!harmless).then(|| Shadow {
            by: name.to_string(),
            sentence: format!("the variable `{name}` {rest}"),
            leads_to,
        })
    }

    /// The settings with which the login's user file leads to the repository, where a
    /// project's file gives them another value.
    fn project_files(&self) -> Vec<Shadow> {
        let users = self.login.files.iter();
        let settings: Vec<&String> = users
            .filter(|file| file.level == Level::User)
            .flat_map(|file| &file.settings)
            .collect();
        let mut found = Vec::new();
        for kind in self.adapter.files {
            let Some((path, _)) = located(self.view, kind, self.login.name.as_deref(), true) else {
                continue;
            };
            if self.login.files.iter().any(|file| file.path == path) {
                continue;
            }
            let text = self.view.disk.read(&path).unwrap_or_default();
            let pointers: Vec<Pointer> = (kind.effective)(&text).unwrap_or_default();
            for pointer in pointers {
                if settings.contains(&&pointer.setting) && !self.is_ours(&pointer.url) {
                    found.push(self.in_file(&path, &pointer.setting, &pointer.url));
                }
            }
        }
        found
    }
}

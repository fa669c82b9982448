//! What wins over a login for one tool only: the places that its own documentation names
//! beside the file that a login edits.

use std::path::PathBuf;

use super::shadow::{Search, Shadow, address};
use super::{FileStatus, Level, located};
use crate::login::adapter::{Options, Place};
use crate::login::detect;
use crate::login::text::{npmrc, toml, xml};

impl Search<'_> {
    /// What there is for the login's tool.
    pub(super) fn by_tool(&self) -> Vec<Shadow> {
        match self.adapter.tool {
            "pip" => [self.pip_sections(), self.requirements()].concat(),
            "pnpm" | "npm" => self.token_helpers(),
            "bun" => self.bunfig(),
            "yarn1" => self.yarnrc(),
            "maven" => [self.mirrors(), self.maven_arguments()].concat(),
            "nuget" | "dotnet" => self.cleared_sources(),
            _ => Vec::new(),
        }
    }

    /// pip reads a command's own section after the general one.
    fn pip_sections(&self) -> Vec<Shadow> {
        let mut found = Vec::new();
        for file in &self.login.files {
            let text = self.view.disk.read(&file.path).unwrap_or_default();
            for kind in self.adapter.files {
                let pointers = (kind.effective)(&text).unwrap_or_default();
                let others = pointers.iter().filter(|pointer| {
                    let Some((_, setting)) = pointer.setting.split_once('.') else {
                        return false;
                    };
                    file.settings.iter().any(|ours| ours == setting) && !self.is_ours(&pointer.url)
                });
                found.extend(others.map(|other| {
                    let setting = other.setting.replace('.', "] ");
                    self.in_file(&file.path, &format!("[{setting}"), &other.url)
                }));
            }
        }
        found
    }

    /// A requirements file can name the index, and wins.
    fn requirements(&self) -> Vec<Shadow> {
        let folder = self.view.env.current_dir();
        let names = self.view.disk.names(folder).into_iter();
        names
            .filter(|name| name.starts_with("requirements") && name.ends_with(".txt"))
            .filter_map(|name| {
                let path = folder.join(name);
                let text = self.view.disk.read(&path)?;
                let url = text.lines().find_map(|line| {
                    let (option, value) = line.trim().split_once([' ', '='])?;
                    matches!(option, "-i" | "--index-url").then(|| address(value))?
                })?;
                (!self.is_ours(&url)).then(|| self.in_file(&path, "--index-url", &url))
            })
            .collect()
    }

    /// pnpm's helper and npm's token for the same registry: which of them wins depends on the
    /// client.
    fn token_helpers(&self) -> Vec<Shadow> {
        let key = format!("//{}:tokenHelper", self.endpoint.without_scheme());
        let mut paths: Vec<PathBuf> = Vec::new();
        paths.extend(self.login.files.iter().map(|file| file.path.clone()));
        let options = Options::default();
        let place = Place {
            env: self.view.env,
            options: &options,
            disk: self.view.disk,
        };
        paths.extend(place.xdg_config().ok().map(|config| config.join("pnpm/rc")));
        let has_helper = |path: &&PathBuf| {
            let text = self.view.disk.read(path).unwrap_or_default();
            npmrc::get(&text, &key).is_some()
        };
        let found = paths.iter().filter(has_helper);
        found
            .map(|path| {
                let path = path.display();
                Shadow {
                    by: path.to_string(),
                    leads_to: None,
                    sentence: format!(
                        "`tokenHelper` in `{path}` gives pnpm a token for the same registry as `_authToken`"
                    ),
                }
            })
            .collect()
    }

    fn folders(&self) -> Vec<PathBuf> {
        detect::folders(self.view.env, self.view.disk)
    }

    /// Bun reads its own file after npm's.
    fn bunfig(&self) -> Vec<Shadow> {
        let home = self.view.env.home().map(|home| home.join(".bunfig.toml"));
        let paths = self
            .folders()
            .into_iter()
            .map(|folder| folder.join("bunfig.toml"));
        let scope = self
            .login
            .namespace
            .as_deref()
            .map(|scope| scope.trim_start_matches('@'));
        let registry = |path: &PathBuf| {
            let document = toml::parse(&self.view.disk.read(path)?).ok()?;
            let install = document.get("install")?;
            let item = match scope {
                None => install.get("registry")?,
                Some(scope) => {
                    let scopes = install.get("scopes")?;
                    scopes
                        .get(scope)
                        .or_else(|| scopes.get(format!("@{scope}")))?
                }
            };
            let url = item.as_str().or_else(|| item.get("url")?.as_str())?;
            address(url)
        };
        paths
            .chain(home)
            .filter_map(|path| Some((registry(&path)?, path)))
            .filter(|(url, _)| !self.is_ours(url))
            .map(|(url, path)| self.in_file(&path, "install.registry", &url))
            .collect()
    }

    /// Yarn 1 reads its own file before npm's.
    fn yarnrc(&self) -> Vec<Shadow> {
        let setting = match &self.login.namespace {
            Some(scope) => format!("{scope}:registry"),
            None => "registry".to_string(),
        };
        let home = self.view.env.home().map(|home| home.join(".yarnrc"));
        let paths = self
            .folders()
            .into_iter()
            .map(|folder| folder.join(".yarnrc"));
        let registry = |path: &PathBuf| {
            let text = self.view.disk.read(path)?;
            text.lines().find_map(|line| {
                let (key, value) = line.trim().rsplit_once(' ')?;
                let is_it = key.trim().trim_matches('"') == setting;
                is_it.then(|| address(value.trim_matches('"')))?
            })
        };
        paths
            .chain(home)
            .filter_map(|path| Some((registry(&path)?, path)))
            .filter(|(url, _)| !self.is_ours(url))
            .map(|(url, path)| self.in_file(&path, &setting, &url))
            .collect()
    }

    /// A mirror of everything stands in front of the repository as well.
    fn mirrors(&self) -> Vec<Shadow> {
        let mut found = Vec::new();
        for file in &self.login.files {
            let text = self.view.disk.read(&file.path).unwrap_or_default();
            let Ok(document) = xml::parse(&text) else {
                continue;
            };
            let mirrors = document.child("mirrors");
            for mirror in mirrors.into_iter().flat_map(|mirrors| &mirrors.children) {
                let of = mirror.child_text("mirrorOf").unwrap_or_default();
                let url = mirror.child_text("url").unwrap_or_default();
                let name = self.login.name.as_deref().unwrap_or_default();
                let takes_all = of.split(',').any(|part| {
                    let part = part.trim();
                    part == "*" || part.starts_with("external:") || part == name
                });
                let is_left_out = of.split(',').any(|part| part.trim() == format!("!{name}"));
                if takes_all && !is_left_out && !self.is_ours(url) {
                    found.push(self.in_file(&file.path, "mirror", url));
                }
            }
        }
        found
    }

    /// Maven can be told to read another file.
    fn maven_arguments(&self) -> Vec<Shadow> {
        let names_settings = |text: &str| {
            let mut words = text.split_whitespace();
            words.any(|word| word == "-s" || word.starts_with("--settings"))
        };
        let shadow = |by: String, what: String| Shadow {
            sentence: format!("{what} makes Maven read other settings"),
            leads_to: None,
            by,
        };
        let variable = self
            .view
            .env
            .var("MAVEN_ARGS")
            .filter(|args| names_settings(args));
        let mut found: Vec<Shadow> = variable
            .map(|_| shadow("MAVEN_ARGS".into(), "the variable `MAVEN_ARGS`".into()))
            .into_iter()
            .collect();
        let paths = self
            .folders()
            .into_iter()
            .map(|folder| folder.join(".mvn/maven.config"));
        found.extend(paths.filter_map(|path| {
            let text = self.view.disk.read(&path)?;
            let shown = path.display().to_string();
            names_settings(&text).then(|| shadow(shown.clone(), format!("`{shown}`")))
        }));
        found
    }

    /// A project's NuGet.Config can clear or disable the sources of the user's.
    fn cleared_sources(&self) -> Vec<Shadow> {
        let mut found = Vec::new();
        for kind in self.adapter.files {
            let Some((path, _)) = located(self.view, kind, None, true) else {
                continue;
            };
            let is_users = |file: &FileStatus| file.level == Level::User;
            if self.login.files.iter().any(|file| file.path == path) {
                continue;
            }
            let text = self.view.disk.read(&path).unwrap_or_default();
            let Ok(document) = xml::parse(&text) else {
                continue;
            };
            let has = |section: &str, name: &str| {
                document
                    .child(section)
                    .is_some_and(|section| section.child(name).is_some())
            };
            if self.login.files.iter().any(is_users) && has("packageSources", "clear") {
                let path = path.display();
                found.push(Shadow {
                    by: path.to_string(),
                    leads_to: None,
                    sentence: format!("`{path}` clears the sources of the user's file"),
                });
            }
        }
        found
    }
}

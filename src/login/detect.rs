//! Which tools a project uses, told by its files.
//!
//! One table: for each ecosystem the files that tell, the surest first. A stage counts only
//! where the stages before it found nothing, so that a `package.json` alone means npm, and
//! beside `pnpm-lock.yaml` it does not. Everything is looked for from the current folder up to
//! the root of the project. Pure but for the [`Disk`].

use std::path::{Path, PathBuf};

use super::adapter::Disk;
use super::text::toml;
use crate::config::env::Env;
use crate::config::project::FILE_NAME;

/// A tool that the project uses, and the file that tells so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The tool.
    pub tool: &'static str,
    /// The file.
    pub path: PathBuf,
    /// What it is about the file, when its being there says nothing; may be empty.
    pub because: &'static str,
}

/// Whether a text is as a marker wants it.
type Test = fn(&str) -> bool;

/// A file that tells of a tool.
struct Marker {
    tool: &'static str,
    /// The file's name; `*` stands for anything.
    file: &'static str,
    /// What has to be in it, in words and as a test.
    holds: Option<(&'static str, Test)>,
}

const fn file(tool: &'static str, file: &'static str) -> Marker {
    Marker {
        tool,
        file,
        holds: None,
    }
}

const fn content(
    tool: &'static str,
    file: &'static str,
    because: &'static str,
    test: Test,
) -> Marker {
    Marker {
        tool,
        file,
        holds: Some((because, test)),
    }
}

/// The markers that are equally sure.
type Stage = &'static [Marker];

const ECOSYSTEMS: &[&[Stage]] = &[
    JAVASCRIPT,
    PYTHON,
    &[TWINE],
    &[&[file("cargo", "Cargo.toml")]],
    &[&[file("bundler", "Gemfile"), file("bundler", "gems.rb")]],
    &[&[file("gem", "*.gemspec")]],
    &[&[file("swift", "Package.swift")]],
    &[NUGET],
    &[&[file("maven", "pom.xml")]],
    &[&[file("deps", "deps.edn")]],
    &[&[file("leiningen", "project.clj")]],
    &[&[
        file("gradle", "build.gradle"),
        file("gradle", "build.gradle.kts"),
        file("gradle", "settings.gradle"),
        file("gradle", "settings.gradle.kts"),
    ]],
    &[&[file("sbt", "build.sbt")]],
];

const JAVASCRIPT: &[Stage] = &[
    &[
        content("npm", "package.json", MANAGER, |text| {
            manager(text, "npm", |_| true)
        }),
        content("pnpm", "package.json", MANAGER, |text| {
            manager(text, "pnpm", |_| true)
        }),
        content("bun", "package.json", MANAGER, |text| {
            manager(text, "bun", |_| true)
        }),
        content("yarn1", "package.json", MANAGER, |text| {
            manager(text, "yarn", is_one)
        }),
        content("yarn", "package.json", MANAGER, |text| {
            manager(text, "yarn", |version| !is_one(version))
        }),
    ],
    &[
        file("yarn", ".yarnrc.yml"),
        content("yarn", "yarn.lock", "written by Yarn 2 or later", |text| {
            !is_yarn1_lock(text)
        }),
        content("yarn1", "yarn.lock", "written by Yarn 1", is_yarn1_lock),
        file("yarn1", ".yarnrc"),
        file("pnpm", "pnpm-lock.yaml"),
        file("pnpm", "pnpm-workspace.yaml"),
        file("bun", "bun.lock"),
        file("bun", "bun.lockb"),
        file("bun", "bunfig.toml"),
        file("npm", "package-lock.json"),
        file("npm", "npm-shrinkwrap.json"),
    ],
    &[file("npm", "package.json")],
];

const MANAGER: &str = "its `packageManager`";

const PYTHON: &[Stage] = &[
    &[
        file("uv", "uv.lock"),
        file("uv", "uv.toml"),
        content("uv", "pyproject.toml", "its `tool.uv`", |text| {
            has_tool(text, "uv")
        }),
        file("poetry", "poetry.lock"),
        file("poetry", "poetry.toml"),
        content("poetry", "pyproject.toml", "its `tool.poetry`", |text| {
            has_tool(text, "poetry")
        }),
    ],
    &[
        file("pip", "pyproject.toml"),
        file("pip", "requirements*.txt"),
        file("pip", "requirements*.in"),
        file("pip", "setup.py"),
        file("pip", "setup.cfg"),
        file("pip", "Pipfile"),
    ],
];

/// twine has no file of its own in a project; one that publishes with it says so somewhere.
const TWINE: Stage = &[
    content("twine", "pyproject.toml", "it names twine", names_twine),
    content("twine", "requirements*.txt", "it names twine", names_twine),
    content("twine", "setup.cfg", "it names twine", names_twine),
    content("twine", "tox.ini", "it names twine", names_twine),
    content("twine", "noxfile.py", "it names twine", names_twine),
    content("twine", "Makefile", "it names twine", names_twine),
];

const NUGET: Stage = &[
    content("dotnet", "*.csproj", "its `Sdk`", names_an_sdk),
    content("dotnet", "*.fsproj", "its `Sdk`", names_an_sdk),
    content("dotnet", "*.vbproj", "its `Sdk`", names_an_sdk),
    file("dotnet", "*.sln"),
    file("dotnet", "*.slnx"),
    file("dotnet", "global.json"),
    file("dotnet", "Directory.Packages.props"),
    file("nuget", "packages.config"),
    content("nuget", "*.csproj", "it names no `Sdk`", |text| {
        !names_an_sdk(text)
    }),
];

/// The tools of the project around the current folder, each once, in the order of the table.
pub fn detect(env: &Env, disk: &dyn Disk) -> Vec<Found> {
    let folders: Vec<(PathBuf, Vec<String>)> = folders(env, disk)
        .into_iter()
        .map(|folder| {
            let names = disk.names(&folder);
            (folder, names)
        })
        .collect();
    let mut found: Vec<Found> = Vec::new();
    for ecosystem in ECOSYSTEMS {
        let here = ecosystem
            .iter()
            .map(|stage| stage_in(stage, &folders, disk))
            .find(|found| !found.is_empty());
        for one in here.unwrap_or_default() {
            if found.iter().all(|other| other.tool != one.tool) {
                found.push(one);
            }
        }
    }
    // Yarn 2 takes a lock file of Yarn 1 over, and only Yarn 2 reads `.yarnrc.yml`.
    if found.iter().any(|one| one.tool == "yarn") {
        found.retain(|one| one.tool != "yarn1");
    }
    found
}

/// The files that are looked for, as they are named in the table, each once.
pub fn looked_for() -> Vec<&'static str> {
    let mut names: Vec<&str> = Vec::new();
    for marker in ECOSYSTEMS.iter().copied().flatten().copied().flatten() {
        if !names.contains(&marker.file) {
            names.push(marker.file);
        }
    }
    names
}

/// The current folder and those above it up to the root of the project, which version control
/// or a `codeartifact.toml` shows. Without either there is only the current one: what lies in a
/// folder above may be anybody's.
pub fn folders(env: &Env, disk: &dyn Disk) -> Vec<PathBuf> {
    let ancestors: Vec<&Path> = env.current_dir().ancestors().collect();
    let is_root = |folder: &&Path| {
        [".git", ".hg", ".jj"]
            .iter()
            .any(|name| disk.is_dir(&folder.join(name)) || disk.is_file(&folder.join(name)))
            || disk.is_file(&folder.join(FILE_NAME))
    };
    let root = ancestors.iter().position(is_root).unwrap_or(0);
    ancestors[..=root]
        .iter()
        .map(|folder| folder.to_path_buf())
        .collect()
}

/// What the nearest folder with a file of the stage says.
fn stage_in(stage: Stage, folders: &[(PathBuf, Vec<String>)], disk: &dyn Disk) -> Vec<Found> {
    folders
        .iter()
        .map(|(folder, names)| {
            stage
                .iter()
                .filter_map(|marker| marker_in(marker, folder, names, disk))
                .collect::<Vec<Found>>()
        })
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

fn marker_in(marker: &Marker, folder: &Path, names: &[String], disk: &dyn Disk) -> Option<Found> {
    let mut paths = names
        .iter()
        .filter(|name| matches(marker.file, name))
        .map(|name| folder.join(name))
        .filter(|path| disk.is_file(path));
    let path = match marker.holds {
        None => paths.next(),
        Some((_, test)) => paths.find(|path| disk.read(path).is_some_and(|text| test(&text))),
    }?;
    Some(Found {
        tool: marker.tool,
        path,
        because: marker.holds.map_or("", |(because, _)| because),
    })
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, end)) => {
            name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
        }
    }
}

/// Whether a manifest names a package manager, in `packageManager` (Node.js documentation,
/// "packageManager") or in `devEngines` (npm documentation, "devEngines").
fn manager(text: &str, name: &str, version_fits: fn(&str) -> bool) -> bool {
    let Ok(manifest) = serde_json::from_str::<serde_json::Value>(text) else {
        return false;
    };
    let named = manifest["packageManager"]
        .as_str()
        .map(|text| text.split_once('@').unwrap_or((text, "")));
    let engine = &manifest["devEngines"]["packageManager"];
    let engine = engine.get(0).unwrap_or(engine);
    let version = engine["version"].as_str().unwrap_or_default();
    let engine = engine["name"].as_str().map(|name| (name, version));
    named
        .or(engine)
        .is_some_and(|(found, version)| found == name && version_fits(version))
}

/// Whether a version or a range begins at 1.
fn is_one(version: &str) -> bool {
    let digits = version.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.split(|c: char| !c.is_ascii_digit()).next() == Some("1")
}

/// Yarn 1 heads its lock files with this; later Yarns write YAML with a `__metadata` key.
fn is_yarn1_lock(text: &str) -> bool {
    text.lines()
        .take(10)
        .any(|line| line.trim() == "# yarn lockfile v1")
}

fn has_tool(text: &str, name: &str) -> bool {
    toml::parse(text).is_ok_and(|document| {
        let tools = document.get("tool").and_then(|tool| tool.as_table_like());
        tools.is_some_and(|tools| tools.contains_key(name))
    })
}

fn names_twine(text: &str) -> bool {
    let mut words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c)));
    words.any(|word| word == "twine")
}

/// Projects that dotnet builds name an SDK; older ones are for nuget.exe and MSBuild.
fn names_an_sdk(text: &str) -> bool {
    text.contains("Sdk=") || text.contains("<Sdk ")
}

#[cfg(test)]
mod tests {
    use super::super::testing::MadeUpDisk;
    use super::*;
    use crate::config::env::Platform;

    fn tools(current_dir: &str, files: &[(&str, &str)]) -> Vec<&'static str> {
        let env = Env::made_up(Platform::Linux, "/home/me", current_dir, []);
        let found = detect(&env, &MadeUpDisk::new(files));
        found.iter().map(|found| found.tool).collect()
    }

    fn in_project(name: &str, text: &str) -> Vec<&'static str> {
        tools("/p", &[(&format!("/p/{name}"), text)])
    }

    #[test]
    fn each_tool_is_told_by_its_files() {
        for (name, tool) in [
            ("package.json", "npm"),
            ("package-lock.json", "npm"),
            ("pnpm-lock.yaml", "pnpm"),
            ("bun.lock", "bun"),
            ("bun.lockb", "bun"),
            (".yarnrc.yml", "yarn"),
            ("uv.lock", "uv"),
            ("poetry.lock", "poetry"),
            ("requirements-dev.txt", "pip"),
            ("setup.py", "pip"),
            ("Cargo.toml", "cargo"),
            ("Gemfile", "bundler"),
            ("x.gemspec", "gem"),
            ("Package.swift", "swift"),
            ("App.sln", "dotnet"),
            ("packages.config", "nuget"),
            ("pom.xml", "maven"),
            ("deps.edn", "deps"),
            ("project.clj", "leiningen"),
            ("build.gradle", "gradle"),
            ("build.gradle.kts", "gradle"),
            ("build.sbt", "sbt"),
        ] {
            assert_eq!(in_project(name, ""), [tool], "{name}");
        }
        assert_eq!(in_project("README.md", ""), Vec::<&str>::new());
    }

    #[test]
    fn every_tool_can_be_found_and_is_one() {
        let found: Vec<&str> = ECOSYSTEMS
            .iter()
            .copied()
            .flatten()
            .copied()
            .flatten()
            .map(|marker| marker.tool)
            .collect();
        for adapter in crate::login::ADAPTERS {
            assert!(found.contains(&adapter.tool), "{}", adapter.tool);
        }
        for tool in found {
            assert!(crate::login::adapter(tool).is_some(), "{tool}");
        }
    }

    #[test]
    fn yarn_1_and_later_ones_are_told_apart() {
        let v1 = "# THIS IS AN AUTOGENERATED FILE.\n# yarn lockfile v1\n\n";
        let later = "# This file is generated by running \"yarn install\"\n\n__metadata:\n";
        assert_eq!(in_project("yarn.lock", v1), ["yarn1"]);
        assert_eq!(in_project("yarn.lock", later), ["yarn"]);
        for (version, tool) in [("1.22.22", "yarn1"), ("4.1.0+sha224.ab", "yarn")] {
            let manifest = format!(r#"{{"packageManager": "yarn@{version}"}}"#);
            assert_eq!(in_project("package.json", &manifest), [tool]);
        }
        let both = [("/p/yarn.lock", v1), ("/p/.yarnrc.yml", "")];
        assert_eq!(tools("/p", &both), ["yarn"]);
    }

    #[test]
    fn the_surer_sign_wins() {
        let named = [
            ("/p/package.json", r#"{"packageManager": "pnpm@9.0.0"}"#),
            ("/p/package-lock.json", ""),
        ];
        assert_eq!(tools("/p", &named), ["pnpm"]);
        let engines = r#"{"devEngines": {"packageManager": {"name": "bun", "version": "1"}}}"#;
        assert_eq!(in_project("package.json", engines), ["bun"]);
        assert_eq!(in_project("package.json", "no JSON"), ["npm"]);
        let locked = [("/p/package.json", "{}"), ("/p/bun.lock", "")];
        assert_eq!(tools("/p", &locked), ["bun"]);
        let uv = "[project]\nname = \"a\"\n[tool.uv.sources]\n";
        assert_eq!(in_project("pyproject.toml", uv), ["uv"]);
        let poetry = "[tool.poetry]\nname = \"a\"\n";
        assert_eq!(in_project("pyproject.toml", poetry), ["poetry"]);
        let plain = "[project]\nname = \"twine-like\"\n";
        assert_eq!(in_project("pyproject.toml", plain), ["pip"]);
        let twine = "[project.optional-dependencies]\ndev = [\"twine>=5\"]\n";
        assert_eq!(in_project("pyproject.toml", twine), ["pip", "twine"]);
        let sdk = r#"<Project Sdk="Microsoft.NET.Sdk"/>"#;
        assert_eq!(in_project("A.csproj", sdk), ["dotnet"]);
        assert_eq!(in_project("A.csproj", "<Project/>"), ["nuget"]);
    }

    #[test]
    fn the_project_ends_where_version_control_does() {
        let member = [
            ("/w/.git/HEAD", ""),
            ("/w/pnpm-lock.yaml", ""),
            ("/w/a/package.json", "{}"),
            ("/pom.xml", ""),
        ];
        assert_eq!(tools("/w/a", &member), ["pnpm"]);
        assert_eq!(tools("/w/a/src", &member), ["pnpm"]);
        assert_eq!(tools("/w/a", &member[1..]), ["npm"]);
        let own = [("/w/codeartifact.toml", ""), ("/w/Cargo.toml", "")];
        assert_eq!(tools("/w/src", &own), ["cargo"]);
    }
}

//! Which tools a project uses, told by its files.
//!
//! One table: for each ecosystem the files that tell, the surest first. A stage counts only
//! where the stages before it found nothing, so that a `package.json` alone means npm, and
//! beside `pnpm-lock.yaml` it does not. Everything is looked for from the current folder up to
//! the root of the project; where projects usually lie below, in those folders as well. Pure but
//! for the [`Disk`].

mod markers;

use std::path::{Path, PathBuf};

use self::markers::{ECOSYSTEMS, Ecosystem, Marker, Stage};
use super::adapter::Disk;
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

/// The most folders that are looked into below one.
const MOST_FOLDERS: usize = 200;

/// The tools of the project around the current folder, each once, in the order of the table.
pub fn detect(env: &Env, disk: &dyn Disk) -> Vec<Found> {
    let folders = with_names(folders(env, disk), disk);
    let mut found: Vec<Found> = Vec::new();
    for ecosystem in ECOSYSTEMS {
        let here = ecosystem
            .stages
            .iter()
            .map(|stage| stage_in(stage, &folders, disk))
            .find(|found| !found.is_empty())
            .unwrap_or_else(|| below(ecosystem, &folders, env, disk));
        for one in here {
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
    for marker in markers::all() {
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

/// A folder and the names of what is in it.
type Folder = (PathBuf, Vec<String>);

fn with_names(folders: Vec<PathBuf>, disk: &dyn Disk) -> Vec<Folder> {
    let listed = folders.into_iter().map(|folder| {
        let names = disk.names(&folder);
        (folder, names)
    });
    listed.collect()
}

/// What lies below the folders, where it may: not below the home folder, in which projects are
/// beside each other.
fn below(ecosystem: &Ecosystem, folders: &[Folder], env: &Env, disk: &dyn Disk) -> Vec<Found> {
    let is_project = |(folder, _): &&Folder| env.home() != Some(folder);
    let beneath = folders.iter().filter(is_project).flat_map(|folder| {
        let like = |pattern: &&str| folders_like(pattern, folder, disk);
        ecosystem.below.iter().flat_map(like).take(MOST_FOLDERS)
    });
    let beneath = with_names(beneath.collect(), disk);
    let found = ecosystem
        .stages
        .iter()
        .map(|stage| stage_in(stage, &beneath, disk))
        .find(|found| !found.is_empty());
    found.unwrap_or_default()
}

/// The folders below one whose path is like the pattern, hidden ones left out.
fn folders_like(pattern: &str, (folder, names): &Folder, disk: &dyn Disk) -> Vec<PathBuf> {
    let (first, rest) = match pattern.split_once('/') {
        Some((first, rest)) => (first, Some(rest)),
        None => (pattern, None),
    };
    let inner = names
        .iter()
        .filter(|name| matches(first, name) && !name.starts_with('.'))
        .map(|name| folder.join(name))
        .filter(|path| disk.is_dir(path))
        .take(MOST_FOLDERS);
    match rest {
        None => inner.collect(),
        Some(rest) => with_names(inner.collect(), disk)
            .iter()
            .flat_map(|folder| folders_like(rest, folder, disk))
            .collect(),
    }
}

/// What the nearest folder with a file of the stage says.
fn stage_in(stage: Stage, folders: &[Folder], disk: &dyn Disk) -> Vec<Found> {
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
        let found: Vec<&str> = markers::all().map(|marker| marker.tool).collect();
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
    fn dotnet_projects_lie_below_as_well() {
        let sdk = r#"<Project Sdk="Microsoft.NET.Sdk"/>"#;
        for path in [
            "/p/App/App.csproj",
            "/p/src/App/App.fsproj",
            "/p/tests/App.Tests/App.Tests.csproj",
        ] {
            assert_eq!(tools("/p", &[(path, sdk)]), ["dotnet"], "{path}");
        }
        assert_eq!(tools("/p", &[("/p/src/App.slnx", "")]), ["dotnet"]);
        let old = [("/p/src/App/App.csproj", "<Project/>")];
        assert_eq!(tools("/p", &old), ["nuget"]);
        // From within another part of the project.
        let docs = [
            ("/p/.git/HEAD", ""),
            ("/p/src/App/App.csproj", sdk),
            ("/p/docs/a.md", ""),
        ];
        assert_eq!(tools("/p/docs", &docs), ["dotnet"]);
        for path in [
            "/p/a/b/c/App.csproj",
            "/p/.cache/App.csproj",
            "/p/node_modules/a/App.csproj",
        ] {
            assert_eq!(tools("/p", &[(path, sdk)]), Vec::<&str>::new(), "{path}");
        }
        let home = [("/home/me/App/App.csproj", sdk)];
        assert_eq!(tools("/home/me", &home), Vec::<&str>::new());
        // What is nearer is surer.
        let solution = [("/p/App.sln", ""), ("/p/old/packages.config", "")];
        assert_eq!(tools("/p", &solution), ["dotnet"]);
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

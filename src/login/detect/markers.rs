//! The table of files that tell of tools, and what has to be in them.

use crate::login::text::toml;

/// Whether a text is as a marker wants it.
pub(super) type Test = fn(&str) -> bool;

/// A file that tells of a tool.
pub(super) struct Marker {
    /// The tool.
    pub(super) tool: &'static str,
    /// The file's name; `*` stands for anything.
    pub(super) file: &'static str,
    /// What has to be in it, in words and as a test.
    pub(super) holds: Option<(&'static str, Test)>,
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
pub(super) type Stage = &'static [Marker];

/// What tells of the tools of one ecosystem.
pub(super) struct Ecosystem {
    /// The surest stage first.
    pub(super) stages: &'static [Stage],
    /// The folders in which the same files are looked for, below one that has none of them; `*`
    /// stands for any name.
    pub(super) below: &'static [&'static str],
}

const fn at_the_root(stages: &'static [Stage]) -> Ecosystem {
    Ecosystem { stages, below: &[] }
}

/// All ecosystems.
pub(super) const ECOSYSTEMS: &[Ecosystem] = &[
    at_the_root(JAVASCRIPT),
    at_the_root(PYTHON),
    at_the_root(&[TWINE]),
    at_the_root(&[&[file("cargo", "Cargo.toml")]]),
    at_the_root(&[&[file("bundler", "Gemfile"), file("bundler", "gems.rb")]]),
    at_the_root(&[&[file("gem", "*.gemspec")]]),
    at_the_root(&[&[file("swift", "Package.swift")]]),
    // A repository of .NET projects often has neither a solution nor a project in its root.
    Ecosystem {
        stages: &[NUGET],
        below: &["*", "src/*", "test/*", "tests/*"],
    },
    at_the_root(&[&[file("maven", "pom.xml")]]),
    at_the_root(&[&[file("deps", "deps.edn")]]),
    at_the_root(&[&[file("leiningen", "project.clj")]]),
    at_the_root(&[&[
        file("gradle", "build.gradle"),
        file("gradle", "build.gradle.kts"),
        file("gradle", "settings.gradle"),
        file("gradle", "settings.gradle.kts"),
    ]]),
    at_the_root(&[&[file("sbt", "build.sbt")]]),
];

/// All markers.
pub(super) fn all() -> impl Iterator<Item = &'static Marker> {
    let stages = ECOSYSTEMS.iter().flat_map(|ecosystem| ecosystem.stages);
    stages.copied().flatten()
}

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

//! Whether the package managers are installed, and new enough.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::Finding;
use crate::cli::Context;
use crate::config::env::{Env, Platform};
use crate::login::Adapter;

/// Longer than this no program takes to tell its version, Java's start included.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a tool's program is called, and what it has to be able to do.
struct Program {
    tool: &'static str,
    /// The names under which it is installed.
    names: &'static [&'static str],
    /// How to ask for the version; nothing for those that would start a build for it.
    version: Option<&'static str>,
    /// The lowest version that works, and why.
    lowest: Option<(&'static [u64], &'static str)>,
    /// The first version that does not work any more, and why.
    below: Option<(&'static [u64], &'static str)>,
}

const fn program(tool: &'static str, names: &'static [&'static str]) -> Program {
    Program {
        tool,
        names,
        version: Some("--version"),
        lowest: None,
        below: None,
    }
}

const PROGRAMS: &[Program] = &[
    program("npm", &["npm"]),
    program("pnpm", &["pnpm"]),
    program("bun", &["bun"]),
    Program {
        lowest: Some((
            &[2],
            "Yarn 1 does not read `.yarnrc.yml`; log in with `--tool yarn1`, or let the project \
             name its Yarn in `packageManager`",
        )),
        ..program("yarn", &["yarn"])
    },
    Program {
        below: Some((
            &[2],
            "Yarn 2 and later do not read `.npmrc`; log in with `--tool yarn`",
        )),
        ..program("yarn1", &["yarn"])
    },
    program("pip", &["pip", "pip3"]),
    Program {
        lowest: Some((
            &[0, 8, 15],
            "the login uses uv's credential store, which came with it",
        )),
        ..program("uv", &["uv"])
    },
    program("poetry", &["poetry"]),
    program("twine", &["twine"]),
    Program {
        lowest: Some((&[1, 74], "CodeArtifact supports Cargo from there on")),
        ..program("cargo", &["cargo"])
    },
    Program {
        lowest: Some((&[2, 7], "CodeArtifact does not work with Ruby 2.6 or older")),
        ..program("gem", &["ruby"])
    },
    Program {
        lowest: Some((&[2, 7], "CodeArtifact does not work with Ruby 2.6 or older")),
        ..program("bundler", &["ruby"])
    },
    Program {
        lowest: Some((&[5, 8], "CodeArtifact supports Swift from there on")),
        ..program("swift", &["swift"])
    },
    Program {
        version: Some("help"),
        lowest: Some((&[4, 8], "CodeArtifact supports NuGet from there on")),
        ..program("nuget", &["nuget"])
    },
    program("dotnet", &["dotnet"]),
    program("maven", &["mvn"]),
    program("gradle", &["gradle"]),
    Program {
        version: None,
        ..program("sbt", &["sbt"])
    },
    Program {
        version: None,
        ..program("leiningen", &["lein"])
    },
    Program {
        version: None,
        ..program("deps", &["clojure", "clj"])
    },
];

/// Adds a finding for each tool's program.
pub(super) async fn examine(
    context: &Context,
    tools: &[&'static Adapter],
    findings: &mut Vec<Finding>,
) {
    for adapter in tools {
        let of_tool = |program: &&Program| program.tool == adapter.tool;
        if let Some(program) = PROGRAMS.iter().find(of_tool) {
            findings.push(look(context, program).await);
        }
    }
}

async fn look(context: &Context, program: &Program) -> Finding {
    let tool = program.tool;
    let Some(path) = find(&context.env, program.names) else {
        return Finding::warning(
            format!("`{}` is not on the `PATH`", program.names.join("` or `")),
            format!("install {tool}, if the project does not bring it"),
        );
    };
    let shown = path.display();
    let Some(argument) = program.version else {
        return Finding::ok(format!("{tool} is `{shown}`"));
    };
    let text = match ask(path.clone().into_os_string(), argument).await {
        Ok(text) => text,
        Err(why) => {
            return Finding::warning(
                format!("`{shown}` does not tell its version: {why}"),
                format!("see whether {tool} works at all"),
            );
        }
    };
    let version = version(&text);
    let told: Vec<String> = version.iter().map(u64::to_string).collect();
    let told = told.join(".");
    if let Some((lowest, why)) = program.lowest
        && !version.is_empty()
        && version.as_slice() < lowest
    {
        let lowest: Vec<String> = lowest.iter().map(u64::to_string).collect();
        return Finding::problem(
            format!(
                "`{shown}` is version {told}, and {} is needed",
                lowest.join(".")
            ),
            why,
        );
    }
    if let Some((first, why)) = program.below
        && version.as_slice() >= first
    {
        return Finding::problem(
            format!("`{shown}` is version {told}, too new for this login"),
            why,
        );
    }
    Finding::ok(format!("{tool} is `{shown}`, version {told}"))
}

/// The program in the folders of `PATH`. Folders that depend on the current one are left out:
/// what lies there is the project's, and not to be run for a look.
fn find(env: &Env, names: &[&str]) -> Option<PathBuf> {
    let path = env.var("PATH")?;
    let endings: &[&str] = match env.platform() {
        Platform::Windows => &[".exe", ".cmd", ".bat"],
        Platform::Linux | Platform::MacOs => &[""],
    };
    let folders = std::env::split_paths(path).filter(|folder| folder.is_absolute());
    folders
        .flat_map(|folder| {
            names.iter().flat_map(move |name| {
                let folder = folder.clone();
                endings
                    .iter()
                    .map(move |ending| folder.join(format!("{name}{ending}")))
            })
        })
        .find(|path| path.is_file())
}

/// What the program says of its version. It runs in an empty folder, since some clients run
/// what a project names in their place.
async fn ask(program: OsString, argument: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let child = Command::new(program)
        .arg(argument)
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PATIENCE, child)
        .await
        .map_err(|_| format!("it takes longer than {} seconds", PATIENCE.as_secs()))?
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("it ends with {}", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The first number with a dot in a text, or the first number at all.
fn version(text: &str) -> Vec<u64> {
    let words = text
        .split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .map(|word| word.trim_matches('.'));
    let numbers = |word: &str| -> Vec<u64> {
        word.split('.')
            .take(3)
            .filter_map(|part| part.parse().ok())
            .collect()
    };
    let mut dotted = words.filter(|word| word.contains('.'));
    dotted.next().map(numbers).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_programs_say() {
        for (text, expected) in [
            ("11.19.1\n", &[11, 19, 1][..]),
            (
                "pip 23.2.1 from /usr/lib/python3.11 (python 3.11)",
                &[23, 2, 1],
            ),
            ("uv 0.13.9 (x 2026-01-01)", &[0, 13, 9]),
            ("cargo 1.95.0 (abc)", &[1, 95, 0]),
            ("ruby 3.1.2p20 (2022-04-12)", &[3, 1, 2]),
            ("Poetry (version 2.5.1)", &[2, 5, 1]),
            ("\n---\nGradle 4.4.1\n---\n", &[4, 4, 1]),
            ("NuGet Version: 5.8.0.6930", &[5, 8, 0]),
            ("Apple Swift version 6.0.3 (x)", &[6, 0, 3]),
            ("nothing", &[]),
        ] {
            assert_eq!(version(text), expected, "{text}");
        }
    }

    #[test]
    fn every_tool_has_a_program() {
        for adapter in crate::login::ADAPTERS {
            let known = PROGRAMS.iter().any(|program| program.tool == adapter.tool);
            assert!(known, "{}", adapter.tool);
        }
    }
}

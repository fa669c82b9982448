//! `codeartifact local demo`: the guide's "Getting started using the AWS CLI", run for real
//! against a service of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::Args;

use super::super::Context;
use super::environment::point_at;
use super::{Doors, ServiceArgs, addresses, runtime, start, temporary_folder};
use crate::error::{Error, Result};
use crate::local::address::Address;
use crate::local::store::Durability;
use crate::output::Streams;

/// Walk through the getting-started tutorial
///
/// Starts a service with temporary data and a temporary home, and runs the tutorial of the user
/// guide: every command is shown and run, and its own output is printed. Nothing of yours is
/// read or changed.
///
/// Example: `codeartifact local demo`
#[derive(Args, Clone, Debug)]
pub(super) struct DemoArgs {
    #[command(flatten)]
    service: ServiceArgs,
}

/// How long to try to reach the public registry before the tutorial goes on without.
const REACH: Duration = Duration::from_secs(30);

const PACKAGE: &str = "--domain my-domain --repository my-repo --format npm --package lodash";
const GENERIC: &str = "--domain my-domain --repository my-repo --format generic \
                       --namespace my-namespace --package my-package";

pub(super) fn run(context: &Context, args: &DemoArgs) -> Result<()> {
    let folder = temporary_folder()?;
    let stage = Stage::set(context, folder.path())?;
    let service = stage.runtime.block_on(start(
        context,
        &args.service,
        Doors::any_port(),
        folder.path().join("data"),
        Durability::Process,
    ))?;
    let walk = Walk {
        stage: &stage,
        address: &service.address,
        streams: &context.streams,
        context,
    };
    let result = walk.tutorial(&args.service);
    let stopped = stage.runtime.block_on(service.stop());
    result.and(stopped)?;
    context.streams.print(
        "\nThat was the whole tutorial. What to type next:\n\n\
         \x20 codeartifact local serve                  run the service for yourself\n\
         \x20 eval \"$(codeartifact local env)\"          lead this shell to it\n\
         \x20 codeartifact local run -- npm test        run one command with a service of its own\n\
         \x20 codeartifact --help                       every command; on AWS, they are the same\n",
    )
}

/// Where the tutorial plays: a home and a project that are thrown away.
struct Stage {
    runtime: tokio::runtime::Runtime,
    program: PathBuf,
    home: PathBuf,
    project: PathBuf,
}

impl Stage {
    fn set(context: &Context, folder: &Path) -> Result<Stage> {
        let made = |path: PathBuf| {
            fs::create_dir_all(&path)
                .map(|()| path)
                .map_err(|error| Error::other(format!("No folder for the tutorial: {error}")))
        };
        let program = context.env.program().ok_or_else(|| {
            Error::other("The program does not know its own path, so it cannot run itself")
        })?;
        Ok(Stage {
            runtime: runtime()?,
            program: program.to_path_buf(),
            home: made(folder.join("home"))?,
            project: made(folder.join("home").join("my-project"))?,
        })
    }
}

struct Walk<'a> {
    stage: &'a Stage,
    address: &'a Address,
    streams: &'a Streams,
    context: &'a Context,
}

impl Walk<'_> {
    fn tutorial(&self, args: &ServiceArgs) -> Result<()> {
        let account = &args.account_id;
        let owner = format!("--domain my-domain --domain-owner {account}");
        self.say("Create a domain.")?;
        self.step("codeartifact create-domain --domain my-domain")?;
        self.say("Create a repository in it.")?;
        self.step(&format!(
            "codeartifact create-repository {owner} --repository my-repo"
        ))?;
        self.say("Create a second repository, to be upstream of the first.")?;
        self.step(&format!(
            "codeartifact create-repository {owner} --repository npm-store"
        ))?;
        self.say("Connect the second repository to the public npm repository.")?;
        self.step(&format!(
            "codeartifact associate-external-connection {owner} --repository npm-store \
             --external-connection public:npmjs"
        ))?;
        self.say("Make it an upstream of the first repository.")?;
        self.step(&format!(
            "codeartifact update-repository --repository my-repo {owner} \
             --upstreams repositoryName=npm-store"
        ))?;
        match self.way_to_the_public_registry(args) {
            Ok(()) => self.install_from_npm(&owner)?,
            Err(reason) => {
                self.say(&format!(
                    "{reason}, so a generic package of our own takes the place of lodash."
                ))?;
                self.publish_generic()?;
            }
        }
        self.say("Clean up: a domain can be deleted when it has no repositories.")?;
        for repository in ["my-repo", "npm-store"] {
            self.step(&format!(
                "codeartifact delete-repository {owner} --repository {repository}"
            ))?;
        }
        self.step(&format!("codeartifact delete-domain {owner}"))
    }

    fn install_from_npm(&self, owner: &str) -> Result<()> {
        self.say("Let npm use the repository. The login goes to a temporary ~/.npmrc.")?;
        self.step(&format!(
            "codeartifact login --tool npm --repository my-repo {owner}"
        ))?;
        self.say("Install a package: npm asks my-repo, which asks npm-store, which asks the public repository.")?;
        self.step("npm install lodash")?;
        self.say("The package is now in the repository.")?;
        self.step("codeartifact list-packages --domain my-domain --repository my-repo")?;
        self.step(&format!("codeartifact list-package-versions {PACKAGE}"))?;
        let version = self.installed_version()?;
        self.step(&format!(
            "codeartifact describe-package-version {PACKAGE} --package-version {version}"
        ))?;
        self.step(&format!(
            "codeartifact list-package-version-assets {PACKAGE} --package-version {version}"
        ))
    }

    fn publish_generic(&self) -> Result<()> {
        let file = self.stage.project.join("hello.txt");
        tempfile::NamedTempFile::new_in(&self.stage.project)
            .and_then(|mut temporary| {
                std::io::Write::write_all(&mut temporary, b"Hello from CodeArtifact\n")?;
                temporary.persist(&file).map_err(std::io::Error::from)
            })
            .map_err(|error| Error::other(format!("Cannot write `hello.txt`: {error}")))?;
        self.step(&format!(
            "codeartifact publish-package-version {GENERIC} --package-version 1.0.0 \
             --asset-content hello.txt --asset-name hello.txt"
        ))?;
        self.step("codeartifact list-packages --domain my-domain --repository my-repo")?;
        self.step(&format!("codeartifact list-package-versions {GENERIC}"))?;
        self.step(&format!(
            "codeartifact describe-package-version {GENERIC} --package-version 1.0.0"
        ))?;
        self.step(&format!(
            "codeartifact list-package-version-assets {GENERIC} --package-version 1.0.0"
        ))?;
        self.step(&format!(
            "codeartifact get-package-version-asset {GENERIC} --package-version 1.0.0 \
             --asset hello.txt copy.txt"
        ))
    }

    fn say(&self, sentence: &str) -> Result<()> {
        self.streams.print(&format!("\n# {sentence}\n"))
    }

    /// Shows a command, runs it, and shows what it printed.
    fn step(&self, line: &str) -> Result<()> {
        let shown = if self.streams.stdout_colour() {
            format!("\x1b[1m$ {line}\x1b[0m\n")
        } else {
            format!("$ {line}\n")
        };
        self.streams.print(&shown)?;
        self.streams.finish()?;
        let mut words = line.split_whitespace();
        let program = words.next().unwrap_or_default();
        let output = self
            .command(program)
            .args(words)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| Error::other(format!("`{program}` cannot be run: {error}")))?;
        self.streams
            .print(&String::from_utf8_lossy(&output.stdout))?;
        self.streams
            .print(&String::from_utf8_lossy(&output.stderr))?;
        if output.status.success() {
            return Ok(());
        }
        Err(Error::other(format!(
            "The tutorial stops: `{line}` ended with {}",
            output.status
        )))
    }

    /// A command on the stage: in the temporary home, with nobody's AWS or npm settings.
    fn command(&self, program: &str) -> Command {
        let mut command = if program == "codeartifact" {
            Command::new(&self.stage.program)
        } else {
            Command::new(npm_program(program))
        };
        for name in self.context.env.names() {
            let upper = name.to_ascii_uppercase();
            if upper.starts_with("AWS_") || upper.starts_with("NPM_CONFIG_") {
                command.env_remove(name);
            }
        }
        command
            .current_dir(&self.stage.project)
            .env("HOME", &self.stage.home)
            .env("USERPROFILE", &self.stage.home)
            .env("XDG_CONFIG_HOME", self.stage.home.join(".config"))
            .env("XDG_STATE_HOME", self.stage.home.join(".local/state"))
            .env("NPM_CONFIG_UPDATE_NOTIFIER", "false")
            .env("AWS_EC2_METADATA_DISABLED", "true");
        point_at(&mut command, self.address, &self.context.env);
        command
    }

    /// Whether npm is here and reaches its registry: asked with the machine's own settings,
    /// which are those of the external connection unless it was given an address.
    fn way_to_the_public_registry(&self, args: &ServiceArgs) -> std::result::Result<(), String> {
        let mut probe = Command::new(npm_program("npm"));
        if addresses(self.context, args).is_ok_and(|given| given.contains_key("public:npmjs")) {
            probe.arg("--version");
        } else {
            probe.args(["view", "lodash", "version"]);
        }
        let mut child = probe
            .current_dir(self.context.env.current_dir())
            // npm's log and cache would otherwise appear in the person's home.
            .env("NPM_CONFIG_CACHE", self.stage.home.join(".npm"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|_| "npm is not on this machine".to_string())?;
        let end = Instant::now() + REACH;
        loop {
            match child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(None) if Instant::now() < end => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                _ => {
                    // It may have ended by itself in between.
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err("The public npm registry cannot be reached".to_string());
                }
            }
        }
    }

    fn installed_version(&self) -> Result<String> {
        let manifest = self.stage.project.join("node_modules/lodash/package.json");
        let unreadable =
            |error: String| Error::other(format!("npm left no readable lodash behind: {error}"));
        let text = fs::read(&manifest).map_err(|error| unreadable(error.to_string()))?;
        let manifest: serde_json::Value =
            serde_json::from_slice(&text).map_err(|error| unreadable(error.to_string()))?;
        manifest["version"]
            .as_str()
            .map(str::to_string)
            .ok_or_else(|| unreadable("it has no version".to_string()))
    }
}

/// npm comes as a batch file on Windows.
fn npm_program(program: &str) -> String {
    if cfg!(windows) {
        format!("{program}.cmd")
    } else {
        program.to_string()
    }
}

//! A machine whose files hold who knows what: which tools a project is for, how logins stand and
//! what wins over them, and where public repositories are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use codeartifact::config::env::{Env, Platform};
use codeartifact::local::external::External;
use codeartifact::login::status::{View, collect};
use codeartifact::login::{ADAPTERS, Disk, Journal, Place, adapter, commands, detect};

use super::adapters::login;
use super::with_text;

const HOME: &str = "/home/me";
const PROJECT: &str = "/home/me/project";

/// Files that all hold the same text: those of the home, and in the project those of these names.
struct Files<'a> {
    names: Vec<&'a str>,
    text: &'a str,
}

impl Disk for Files<'_> {
    fn is_file(&self, path: &Path) -> bool {
        let name = path.file_name().and_then(|name| name.to_str());
        match path.parent() == Some(Path::new(PROJECT)) {
            true => name.is_some_and(|name| self.names.contains(&name)),
            false => path.starts_with(HOME) && name.is_some_and(|name| name.contains('.')),
        }
    }

    fn is_dir(&self, path: &Path) -> bool {
        Path::new(PROJECT).starts_with(path)
    }

    fn read(&self, path: &Path) -> Option<String> {
        self.is_file(path).then(|| self.text.to_string())
    }

    fn mode(&self, path: &Path) -> Option<u32> {
        self.is_file(path).then_some(0o644)
    }

    fn names(&self, folder: &Path) -> Vec<String> {
        match folder == Path::new(PROJECT) {
            true => self.names.iter().map(ToString::to_string).collect(),
            false => Vec::new(),
        }
    }
}

fn env() -> Env {
    Env::made_up(Platform::Linux, HOME, PROJECT, [])
}

/// The first line names the project's files, or none for all that are looked for.
pub(super) fn machine(bytes: &[u8]) {
    with_text(bytes, |text| {
        let (names, text) = text.split_once('\n').unwrap_or(("", text));
        let names: Vec<&str> = match names.is_empty() {
            true => detect::looked_for(),
            false => names.split(' ').take(16).collect(),
        };
        let (env, disk) = (env(), Files { names, text });
        for found in detect::detect(&env, &disk) {
            assert!(adapter(found.tool).is_some(), "{}", found.tool);
        }
        see(&env, &disk, &Journal::default());
        for adapter in ADAPTERS {
            let login = login(adapter, 0);
            let place = Place {
                env: &env,
                options: &login.options,
                disk: &disk,
            };
            let _ = commands::dry_run(adapter.tool, &login, &place);
            let _ = commands::announcement(adapter.tool, &login, &place);
            let _ = (adapter.remark)(&place, &login);
        }
    });
}

fn see(env: &Env, disk: &Files<'_>, journal: &Journal) {
    let now = "2026-11-22T10:00:00Z".parse().expect("a time");
    for login in collect(&View { env, disk, now }, journal, None) {
        let _ = login.problems();
    }
}

/// What logins left to be remembered, on one line, and behind it what stands in the files now.
pub(super) fn journal(bytes: &[u8]) {
    with_text(bytes, |text| {
        let (journal, text) = text.split_once('\n').unwrap_or((text, ""));
        let Ok(journal) = serde_json::from_str::<Journal>(journal) else {
            return;
        };
        let names = Vec::new();
        see(&env(), &Files { names, text }, &journal);
        let kinds = ADAPTERS.iter().flat_map(|adapter| adapter.files);
        for kind in kinds {
            for record in journal.records.iter().take(4) {
                if record.parts.iter().any(|part| part.owner == kind.owner) {
                    let _ = record.undo.apply(text, kind.secrets);
                }
            }
        }
    });
}

/// A package manager's configuration that may say where a public repository is, in all the places
/// where it is looked for.
pub(super) fn public_address(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in [
        ".m2/settings.xml",
        ".config/NuGet/NuGet.Config",
        ".cargo/config.toml",
    ] {
        let file: PathBuf = folder.path().join(name);
        std::fs::create_dir_all(file.parent().expect("has one")).expect("a folder");
        let mut file = std::fs::File::create(file).expect("a file");
        std::io::Write::write_all(&mut file, bytes).expect("room for it");
    }
    let path = [("PATH", "/nowhere")];
    let env = Env::made_up(Platform::Linux, folder.path(), folder.path(), path);
    let external = External::new(BTreeMap::new(), env);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    for connection in [
        "public:maven-central",
        "public:nuget-org",
        "public:crates-io",
    ] {
        if let Ok(url) = runtime.block_on(external.address(connection)) {
            assert!(url.path().ends_with('/'), "{url}");
        }
    }
}

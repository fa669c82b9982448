//! Walks the folders `tests/login/<tool>/<case>`: a home before a login and after it.
//!
//! `before` and `after` are the home folder, with the current folder `project` in it; a missing
//! one is empty. `flags` holds the flags of the login, a line each. After the login everything
//! is as in `after`, after a second one too; after the logout as in `logout`, or where that is
//! missing as in `before`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use codeartifact::config::env::{Env, Platform};
use codeartifact::login::{self, Adapter, Endpoint, Login, Options, Session, namespace};
use codeartifact::secret::Secret;

/// Files by their path, with what is in them.
type Tree = BTreeMap<PathBuf, Vec<u8>>;

#[test]
fn every_folder_is_as_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/login");
    let mut cases = 0;
    for tool in folders(&root) {
        for case in folders(&tool) {
            check(&name_of(&tool), &case);
            cases += 1;
        }
    }
    assert!(
        cases > 30,
        "only {cases} cases were found in {}",
        root.display()
    );
}

/// Every tool has a folder.
#[test]
fn no_tool_is_without_a_case() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/login");
    for adapter in login::ADAPTERS {
        assert!(
            root.join(adapter.tool).is_dir(),
            "{} has no case",
            adapter.tool
        );
    }
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("is a folder");
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.expect("can be read").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .expect("has a name")
        .to_string_lossy()
        .into_owned()
}

fn check(tool: &str, case: &Path) {
    let home = tempfile::tempdir().expect("a folder");
    let before = tree(&case.join("before"));
    lay_out(home.path(), &before);
    fs::create_dir_all(home.path().join("project")).expect("a folder");
    let env = Env::made_up(
        Platform::Linux,
        home.path(),
        home.path().join("project"),
        [],
    );
    let adapter = login::adapter(tool).unwrap_or_else(|| panic!("{tool} is no tool"));
    let login = login_with(adapter, &case.join("flags"));

    for time in ["the login", "a second login"] {
        let session = Session::begin(&env).expect("the home can be written");
        let plan = session
            .plan_login(&[(adapter, login.clone())])
            .unwrap_or_else(|error| panic!("{}: {error}", case.display()));
        session.apply(&plan).expect("the home can be written");
        compare(
            case,
            time,
            &home_tree(home.path()),
            &tree(&case.join("after")),
        );
    }
    let session = Session::begin(&env).expect("the home can be written");
    let plan = session.plan_logout(None);
    assert!(
        plan.problems.is_empty(),
        "{}: {:?}",
        case.display(),
        plan.problems
    );
    session.apply(&plan).expect("the home can be written");
    let expected = match case.join("logout").is_dir() {
        true => tree(&case.join("logout")),
        false => before,
    };
    compare(case, "the logout", &home_tree(home.path()), &expected);
}

fn login_with(adapter: &'static Adapter, flags: &Path) -> Login {
    let text = fs::read_to_string(flags).unwrap_or_default();
    let mut options = Options::default();
    let mut scope = None;
    for line in text.lines() {
        match line.split_once(' ').unwrap_or((line, "")) {
            ("--project", _) => options.project = true,
            ("--extra", _) => options.extra = true,
            ("--mirror", _) => options.mirror = true,
            ("--push", _) => options.push = true,
            ("--replace-crates-io", _) => options.replace_crates_io = true,
            ("--name", name) => options.name = Some(name.to_string()),
            ("--namespace", namespace) => scope = Some(namespace.to_string()),
            (flag, _) => panic!("{}: {flag} is no flag", flags.display()),
        }
    }
    assert_eq!(options, options.known_to(adapter), "{}", flags.display());
    let endpoint = format!(
        "https://my-domain-111122223333.d.codeartifact.us-west-2.amazonaws.com/{}/my-repo/",
        adapter.format
    );
    Login {
        endpoint: Endpoint::parse(&endpoint).expect("is fine"),
        token: Secret::new("eyJ2ZXIiOjF9.new"),
        expiry: "2026-11-22T22:00:00Z".parse().expect("a time"),
        domain: "my-domain".to_string(),
        owner: Some("111122223333".to_string()),
        repository: "my-repo".to_string(),
        region: Some("us-west-2".to_string()),
        profile: None,
        namespace: namespace::check(adapter, scope.as_deref()).expect("is fine"),
        options,
    }
}

/// All files below a folder; none when there is no folder.
fn tree(folder: &Path) -> Tree {
    let mut files = Tree::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten() {
            let path = entry.expect("can be read").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("is below").to_path_buf();
                files.insert(name, fs::read(&path).expect("can be read"));
            }
        }
    }
    files
}

/// The home without what the program remembers.
fn home_tree(home: &Path) -> Tree {
    let mut files = tree(home);
    files.retain(|path, _| !path.starts_with(".local/state"));
    files
}

#[expect(clippy::disallowed_methods, reason = "tests lay files out plainly")]
fn lay_out(home: &Path, files: &Tree) {
    for (name, bytes) in files {
        let path = home.join(name);
        fs::create_dir_all(path.parent().expect("is below")).expect("a folder");
        fs::write(path, bytes).expect("is written");
    }
}

fn compare(case: &Path, time: &str, found: &Tree, expected: &Tree) {
    let names = |tree: &Tree| tree.keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        names(found),
        names(expected),
        "{} after {time}",
        case.display()
    );
    for (name, bytes) in expected {
        assert_eq!(
            String::from_utf8_lossy(&found[name]),
            String::from_utf8_lossy(bytes),
            "{}: {} after {time}",
            case.display(),
            name.display()
        );
    }
}

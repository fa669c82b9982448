//! `completions/` and `man/` are what the command tree makes today. To renew them:
//! `CODEARTIFACT_RENEW=1 cargo test --test it generated`.

#![cfg(feature = "local")]

use std::collections::BTreeMap;
use std::path::Path;

use codeartifact::cli::generate;

#[test]
fn completions_are_fresh() {
    same("completions", generate::completions());
}

#[test]
fn man_pages_are_fresh() {
    same("man", generate::man_pages().unwrap());
}

#[test]
fn man_pages_are_whole() {
    for (name, text) in generate::man_pages().unwrap() {
        for section in [
            "NAME",
            "SYNOPSIS",
            "DESCRIPTION",
            "OPTIONS",
            "EXAMPLE",
            "\"EXIT STATUS\"",
            "ENVIRONMENT",
            "FILES",
        ] {
            let heading = format!("\n.SH {section}\n");
            assert!(text.contains(&heading), "{name} has no {section}");
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "renewing is asked for by a variable"
)]
fn same(folder: &str, fresh: Vec<(String, String)>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let fresh: BTreeMap<_, _> = fresh.into_iter().collect();
    if std::env::var_os("CODEARTIFACT_RENEW").is_some() {
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in &fresh {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }
    let kept: BTreeMap<_, _> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read_to_string(entry.path()).unwrap())
        })
        .collect();
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&kept), names(&fresh));
    for (name, text) in &fresh {
        assert!(kept[name] == *text, "{name} is stale");
    }
}

//! Every file of the checked-in corpora, fed to every reader of foreign bytes; and what becomes of
//! it when it is damaged, the same way each time. fuzz/ goes on from there.

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use codeartifact::login::ADAPTERS;
use codeartifact::ops::OPERATIONS;

#[allow(unreachable_pub, reason = "there it is a library")]
#[path = "../../fuzz/src/lib.rs"]
mod fuzz;

/// How many damaged copies of each file are fed. `CODEARTIFACT_DAMAGED` says otherwise,
/// `CODEARTIFACT_DAMAGED_READER` of which reader alone.
const DAMAGED: usize = 40;

/// Readers that take milliseconds, a service or a folder for each file, get this part of that.
const SLOW: (&[&str], usize) = (&["machine", "package_request", "public_address"], 8);

/// The files of an entry's corpus.
fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/seeds")
        .join(name);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut files: Vec<_> = files
        .map(|file| {
            let path = file.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            (path.display().to_string(), bytes)
        })
        .collect();
    files.sort();
    files
}

fn feed(name: &str, file: &str, bytes: &[u8]) {
    let fed = catch_unwind(|| fuzz::feed(name, bytes));
    assert!(
        fed.is_ok(),
        "{name} does not bear {file}, which reads:\n{}",
        bytes.escape_ascii()
    );
}

/// Numbers without rhyme, the same in each run (xorshift64, <https://doi.org/10.18637/jss.v008.i14>).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// What breaks readers.
const PIECES: &[&[u8]] = &[
    b"\"",
    b"'",
    b"\\",
    b"\n",
    b"\r\n",
    b"\r",
    b"\0",
    b"[",
    b"]",
    b"{",
    b"}",
    b"<",
    b">",
    b"</",
    b"&",
    b"#",
    b"=",
    b":",
    b"- ",
    b",",
    b"@",
    b"%",
    b"$",
    b"~",
    b"*",
    b"/",
    b" ",
    b"\t",
    b"\xff",
    b"0",
    b"-1",
    b"99999999999999999999",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xae",
    b"\xc3\x9f",
    b"\xf0\x9f\xa6\x80",
    b"null",
    b"<!--",
    b"]]>",
    b"\"\"\"",
    b"|\n",
    b"&a *a",
];

fn damage(numbers: &mut Numbers, bytes: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len() + 1);
        let end = (at + numbers.below(12)).min(bytes.len());
        match numbers.below(6) {
            0 => drop(bytes.drain(at..end)),
            1 => bytes.truncate(at),
            2 => drop(bytes.splice(
                at..at,
                other.iter().copied().skip(numbers.below(other.len())),
            )),
            3 => {
                let again = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, again));
            }
            4 => drop(bytes.splice(at..end, PIECES[numbers.below(PIECES.len())].iter().copied())),
            _ => drop(bytes.splice(at..at, PIECES[numbers.below(PIECES.len())].iter().copied())),
        }
    }
    bytes.truncate(64 << 10);
    bytes
}

#[test]
fn every_reader_bears_every_file() {
    for (corpus_of, _) in fuzz::ENTRIES {
        let files = corpus(corpus_of);
        assert!(files.len() > 1, "{corpus_of} has no corpus");
        for (file, bytes) in files {
            for (name, _) in fuzz::ENTRIES {
                feed(name, &file, &bytes);
            }
        }
    }
    fuzz::stop();
}

/// The names in a folder of the project, without what follows a dot.
fn names_in(folder: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    files
        .map(|file| {
            let path = file.unwrap().path();
            path.file_stem().unwrap().to_str().unwrap().to_string()
        })
        .collect()
}

#[test]
fn every_reader_has_a_corpus_and_a_target() {
    let entries = fuzz::ENTRIES.iter().map(|(name, _)| name.to_string());
    let entries: BTreeSet<String> = entries.collect();
    assert_eq!(entries, names_in("fuzz/seeds"));
    assert_eq!(entries, names_in("fuzz/fuzz_targets"));
    let manifest = include_str!("../../fuzz/Cargo.toml");
    for name in &entries {
        let target = format!("[[bin]]\nname = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"\n");
        assert!(manifest.contains(&target), "fuzz/Cargo.toml lacks {name}");
    }
}

/// The tables and folders of the program say what there is to read.
#[test]
fn every_tool_syntax_format_and_operation_is_in_a_corpus() {
    let adapters = names_in("fuzz/seeds/adapters");
    for adapter in ADAPTERS {
        let begins = |file: &String| file.starts_with(&format!("{}-", adapter.tool));
        assert!(adapters.iter().any(begins), "{}", adapter.tool);
    }
    let own = ["lines", "mod", "secrets"];
    for syntax in names_in("src/login/text") {
        let is_fed = fuzz::ENTRIES.iter().any(|(name, _)| *name == syntax);
        assert!(is_fed || own.contains(&syntax.as_str()), "{syntax}");
    }
    let requests = names_in("fuzz/seeds/package_request");
    for format in
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/local/formats")).unwrap()
    {
        let format = format.unwrap();
        let name = format.file_name().into_string().unwrap();
        let is_format = format.file_type().unwrap().is_dir();
        assert!(!is_format || requests.contains(&name), "{name}");
    }
    let calls: Vec<String> = corpus("api_request")
        .into_iter()
        .map(|(_, bytes)| String::from_utf8(bytes).unwrap())
        .collect();
    for operation in OPERATIONS {
        let is_called = |call: &str| call.split(['?', ' ']).next() == Some(operation.command);
        let is_there = calls.iter().flat_map(|file| file.lines()).any(is_called);
        assert!(is_there, "{}", operation.command);
    }
}

/// A corpus of requests that are refused at the door would feed nobody.
#[test]
fn requests_of_the_corpus_are_answered() {
    for (file, bytes) in corpus("package_request") {
        fuzz::stop();
        let statuses = fuzz::package_statuses(&bytes);
        assert!(!statuses.is_empty(), "{file}");
        let is_plain = !file.ends_with("others");
        let are_fine = statuses.iter().all(|status| *status < 400);
        assert!(are_fine || !is_plain, "{file}: {statuses:?}");
    }
    for (file, bytes) in corpus("api_request") {
        fuzz::stop();
        let refusals = fuzz::api_refusals(&bytes);
        let is_plain = !file.ends_with("others");
        assert!(refusals.is_empty() || !is_plain, "{file}: {refusals:?}");
    }
    fuzz::stop();
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "how long to go on is said to the test"
)]
fn readers_bear_damaged_files() {
    let copies = std::env::var("CODEARTIFACT_DAMAGED");
    let copies = copies.map_or(DAMAGED, |copies| copies.parse().unwrap());
    let only = std::env::var("CODEARTIFACT_DAMAGED_READER").ok();
    for (name, _) in fuzz::ENTRIES {
        if only.as_deref().is_some_and(|only| only != *name) {
            continue;
        }
        let files = corpus(name);
        let copies = match SLOW.0.contains(name) {
            true => copies / SLOW.1,
            false => copies,
        };
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        for (file, bytes) in &files {
            for _ in 0..copies {
                let other = &files[numbers.below(files.len())].1;
                feed(name, file, &damage(&mut numbers, bytes, other));
            }
        }
    }
    fuzz::stop();
}

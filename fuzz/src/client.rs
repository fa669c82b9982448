//! What the command line reads: values, documents, queries, and the files of the machine.

use std::path::Path;

use codeartifact::cli::document::{self, Language};
use codeartifact::cli::shorthand;
use codeartifact::config::aws::Profile;
use codeartifact::config::env::{Env, Platform};
use codeartifact::config::project::Project;
use codeartifact::ops;
use codeartifact::output::{Format, Printer, Query};
use codeartifact::sdk::credentials::process;
use serde_json::{Value, json};

use super::with_text;

pub(super) fn shorthand(bytes: &[u8]) {
    with_text(bytes, |text| {
        let _ = shorthand::parse(text, &|_| Ok(None));
    });
}

pub(super) fn input_document(bytes: &[u8]) {
    with_text(bytes, |text| {
        let _ = document::parse(Language::Json, text);
        let _ = document::parse(Language::Yaml, text);
    });
}

/// The expression is also applied, to an answer as the service gives them.
pub(super) fn query(bytes: &[u8]) {
    with_text(bytes, |text| {
        let Ok(query) = Query::parse(text) else {
            return;
        };
        let document: Value = json!({
            "packages": [
                {"format": "npm", "namespace": "a", "package": "b", "size": 3},
                {"format": "pypi", "package": "c", "size": 1.5, "tags": [[1, 2], [], null]},
            ],
            "nextToken": "t",
            "count": -2,
            "enabled": true,
        });
        let _ = query.search(&document);
    });
}

pub(super) fn project_file(bytes: &[u8]) {
    with_text(bytes, |text| {
        let _ = Project::parse(Path::new("codeartifact.toml"), text, &["npm", "pip"]);
    });
}

/// `~/.aws/config`, as a file: that is how the SDK reads it.
pub(super) fn aws_profile(bytes: &[u8]) {
    use std::io::Write as _;
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("room for it");
    let path = file.path().to_string_lossy().into_owned();
    let variables = [
        ("AWS_CONFIG_FILE", path.as_str()),
        ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"),
    ];
    let env = Env::made_up(Platform::Linux, "/nonexistent", "/", variables);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let _ = runtime.block_on(Profile::load(None, &env));
    let _ = runtime.block_on(Profile::load(Some("dev"), &env));
}

/// What a program prints that hands out credentials.
pub(super) fn credential_process(bytes: &[u8]) {
    let _ = process::read(bytes);
}

/// What the service answers, read as an operation's output, whose name is the first line, and
/// printed in all formats.
pub(super) fn answer(bytes: &[u8]) {
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
        return;
    };
    let name = str::from_utf8(&bytes[..end]).ok();
    let operation = name.and_then(ops::by_command);
    let operation = operation.unwrap_or(&ops::OPERATIONS[end % ops::OPERATIONS.len()]);
    let Ok(answer) = (operation.read)(&bytes[end + 1..]) else {
        return;
    };
    for format in Format::ALL {
        let printer = Printer::new(format, None, format == Format::Table, operation.name);
        let _ = printer.whole(&answer, &mut Vec::new());
        let _ = printer.page(&answer, &mut Vec::new());
    }
}

//! Programs that a machine may have or not.

use std::path::{Path, PathBuf};

/// The program of that name, or nothing when it is not installed: the test is skipped, by name.
/// In CI it may not be, except for those that cannot be had there.
pub(crate) fn installed(program: &str) -> Option<PathBuf> {
    let path = variable("PATH").unwrap_or_default();
    let found = path
        .split(':')
        .map(|folder| Path::new(folder).join(program))
        .find(|path| path.is_file());
    if found.is_none() {
        let may_be_missing = ["chromium", "dotnet", "ip", "sbt", "swift"].contains(&program);
        assert!(
            variable("CI").as_deref() != Some("true") || may_be_missing,
            "{program} is not installed"
        );
        skipped(&format!("{program} is not installed"));
    }
    found
}

/// Says why a test is skipped.
#[expect(clippy::print_stderr, reason = "what is skipped is named")]
pub(crate) fn skipped(reason: &str) {
    eprintln!("skipped: {reason}");
}

#[expect(
    clippy::disallowed_methods,
    reason = "the tests' programs are found as the tests were"
)]
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

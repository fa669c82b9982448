//! The surroundings of the process, read once: variables, home, current folder, platform.
//!
//! This is the only reader of the process environment; everything else is given an
//! [`Env`], so that tests can hand in any surroundings they like.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The operating system family, where it decides which files a tool reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Linux and the other Unixes.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

/// A snapshot of the process's surroundings.
#[derive(Clone, Debug)]
pub struct Env {
    variables: HashMap<String, String>,
    home: Option<PathBuf>,
    current_dir: PathBuf,
    program: Option<PathBuf>,
    platform: Platform,
}

impl Env {
    /// Reads the surroundings of this process. Variables that are not Unicode are left out:
    /// none that this program reads can have such a value.
    #[expect(clippy::disallowed_methods, reason = "the one home of std::env")]
    pub fn capture() -> Env {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Env {
            variables,
            home: dirs::home_dir(),
            current_dir: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            program: std::env::current_exe().ok(),
            platform: if cfg!(target_os = "macos") {
                Platform::MacOs
            } else if cfg!(windows) {
                Platform::Windows
            } else {
                Platform::Linux
            },
        }
    }

    /// Surroundings made up for a test.
    pub fn made_up<'a>(
        platform: Platform,
        home: impl Into<PathBuf>,
        current_dir: impl Into<PathBuf>,
        variables: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Env {
        Env {
            variables: variables
                .into_iter()
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .collect(),
            home: Some(home.into()),
            current_dir: current_dir.into(),
            program: None,
            platform,
        }
    }

    /// A variable that is set and not empty.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.var_or_empty(name).filter(|value| !value.is_empty())
    }

    /// A variable that is set, even to nothing, where that means something (`AWS_PAGER`).
    pub fn var_or_empty(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// The names of all variables.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }

    /// The path of this program, where the system tells.
    pub fn program(&self) -> Option<&Path> {
        self.program.as_deref()
    }

    /// The user's home folder.
    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// The folder in which the command was started.
    pub fn current_dir(&self) -> &Path {
        &self.current_dir
    }

    /// The operating system family.
    pub fn platform(&self) -> Platform {
        self.platform
    }
}

//! Sets package managers up to use a repository by editing their own files.
//!
//! The room knows no AWS, no HTTP and no command line: it is handed a [`Login`] and an
//! environment, and gives back a plan, which can be shown or carried out. Each tool has a file
//! here with pure functions; `writer` alone touches the disk.

pub mod adapter;
mod bundler;
mod cargo;
pub mod commands;
pub mod detect;
pub mod diff;
pub mod endpoint;
mod gem;
mod gradle;
pub mod journal;
pub mod keeping;
pub mod keychain;
mod leiningen;
mod maven;
pub mod namespace;
mod npm;
mod npm_clients;
mod nuget;
mod own_file;
mod pip;
pub mod plan;
mod poetry;
#[cfg(test)]
mod properties;
mod removal;
mod sbt;
pub mod session;
pub mod status;
pub mod success;
mod swift;
#[cfg(test)]
mod testing;
pub mod text;
mod twine;
pub mod undo;
mod uv;
pub mod writer;
mod yarn;

pub use adapter::{
    Adapter, ConfigFile, Disk, Flag, Login, Malformed, NamespaceRule, Options, Place, Pointer,
    Written,
};
pub use diff::Secrets;
pub use endpoint::Endpoint;
pub use journal::{Journal, Part, PastLogin, Record};
pub use plan::{Plan, PlannedFile, plan_login, snippets};
pub use removal::plan_logout;
pub use session::Session;
pub use undo::{Undo, Undone, fingerprint};
pub use writer::{Existing, RealDisk, read};

/// All tools, in the order in which help and messages list them.
pub const ADAPTERS: &[&Adapter] = &[
    &npm::ADAPTER,
    &npm_clients::PNPM,
    &yarn::ADAPTER,
    &npm_clients::YARN1,
    &npm_clients::BUN,
    &pip::ADAPTER,
    &uv::ADAPTER,
    &poetry::ADAPTER,
    &twine::ADAPTER,
    &cargo::ADAPTER,
    &gem::ADAPTER,
    &bundler::ADAPTER,
    &swift::ADAPTER,
    &nuget::NUGET,
    &nuget::DOTNET,
    &maven::MAVEN,
    &maven::DEPS,
    &leiningen::ADAPTER,
    &gradle::ADAPTER,
    &sbt::ADAPTER,
];

/// The adapter of a tool.
pub fn adapter(tool: &str) -> Option<&'static Adapter> {
    ADAPTERS
        .iter()
        .copied()
        .find(|adapter| adapter.tool == tool)
}

//! The other clients that read npm's file: Yarn 1, pnpm and Bun.
//!
//! pnpm and Bun read what npm reads, `NPM_CONFIG_USERCONFIG` included. Yarn 1 sends a token for
//! packages without a scope only when told so, by `always-auth`; npm warns of that setting, so
//! it is written for Yarn alone (user guide, "Configure Yarn 1.X").

use super::adapter::{
    Adapter, ConfigFile, Flag, Login, Malformed, NamespaceRule, Written, no_remark,
};
use super::endpoint::Endpoint;
use super::npm::{REGISTRY, TOKEN, remove_token};
use super::text::npmrc;

/// pnpm.
pub(super) const PNPM: Adapter = Adapter {
    tool: "pnpm",
    shown_as: "pnpm",
    ..super::npm::ADAPTER
};

/// Bun.
pub(super) const BUN: Adapter = Adapter {
    tool: "bun",
    shown_as: "bun",
    ..super::npm::ADAPTER
};

/// Yarn 1.
pub(super) const YARN1: Adapter = Adapter {
    tool: "yarn1",
    shown_as: "yarn1",
    format: "npm",
    namespace: NamespaceRule::Npm,
    flags: &[Flag::Project],
    files: &[
        REGISTRY,
        TOKEN,
        ConfigFile {
            owner: "npmrc-always-auth",
            rewrite: rewrite_always_auth,
            remove: remove_always_auth,
            holds_token: false,
            ..TOKEN
        },
    ],
    remark: no_remark,
};

fn key(endpoint: &Endpoint) -> String {
    format!("//{}:always-auth", endpoint.without_scheme())
}

fn rewrite_always_auth(login: &Login, old: &str) -> Result<String, Malformed> {
    Ok(npmrc::set(old, &key(&login.endpoint), "true"))
}

fn remove_always_auth(written: &Written, old: &str) -> Result<String, Malformed> {
    let text = remove_token(written, old)?;
    Ok(npmrc::remove(&text, &key(written.endpoint), |value| {
        value == "true"
    }))
}

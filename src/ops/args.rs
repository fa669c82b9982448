//! Parameters that many operations share, in the model's order.

use clap::Args;
use clap::builder::StringValueParser;
use serde::{Deserialize, Serialize};

/// Keeps a structured parameter as text when clap meets it: AWS's value syntax is read later,
/// from all values of the flag together.
pub(crate) fn raw() -> StringValueParser {
    StringValueParser::new()
}

/// A domain.
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DomainArgs {
    /// Name of the domain: 2 to 50 lower-case letters, digits and hyphens
    #[arg(long)]
    pub domain: String,
    /// 12-digit number of the account that owns the domain; the caller's own when left out
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_owner: Option<String>,
}

/// A repository of a domain.
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepositoryArgs {
    /// Name of the domain: 2 to 50 lower-case letters, digits and hyphens
    #[arg(long)]
    pub domain: String,
    /// 12-digit number of the account that owns the domain; the caller's own when left out
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_owner: Option<String>,
    /// Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores
    #[arg(long)]
    pub repository: String,
}

/// A package of a repository.
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageArgs {
    /// Name of the domain: 2 to 50 lower-case letters, digits and hyphens
    #[arg(long)]
    pub domain: String,
    /// 12-digit number of the account that owns the domain; the caller's own when left out
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_owner: Option<String>,
    /// Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores
    #[arg(long)]
    pub repository: String,
    /// Format of the package
    #[arg(long)]
    pub format: String,
    /// Namespace of the package: an npm scope without `@`, a Maven group ID, a Swift scope;
    /// formats without namespaces have none
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Name of the package: at most 255 characters, without its namespace
    #[arg(long)]
    pub package: String,
}

/// A version of a package.
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageVersionArgs {
    /// Name of the domain: 2 to 50 lower-case letters, digits and hyphens
    #[arg(long)]
    pub domain: String,
    /// 12-digit number of the account that owns the domain; the caller's own when left out
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_owner: Option<String>,
    /// Name of the repository: 2 to 100 letters, digits, dots, hyphens and underscores
    #[arg(long)]
    pub repository: String,
    /// Format of the package
    #[arg(long)]
    pub format: String,
    /// Namespace of the package: an npm scope without `@`, a Maven group ID, a Swift scope;
    /// formats without namespaces have none
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Name of the package: at most 255 characters, without its namespace
    #[arg(long)]
    pub package: String,
    /// Version of the package, such as `1.0.0`
    #[arg(long)]
    pub package_version: String,
}

/// A page of a listing, as the service cuts it.
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PageArgs {
    /// Most results in one answer of the service, 1 to 1000
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_results: Option<i64>,
    /// Token from an earlier answer, to go on after it
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

//! What package versions say of themselves: immutable rows, shared by the copies of a version.

use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

use super::{Stored, Writing};

/// A licence (shape `LicenseInfo`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct License {
    /// Its name.
    pub name: Option<String>,
    /// Where its text is.
    pub url: Option<String>,
}

/// A dependency (shape `PackageDependency`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    /// The namespace of the package that is needed.
    pub namespace: Option<String>,
    /// The name of the package that is needed.
    pub package: String,
    /// The format's word for the kind, such as `regular` or `dev`.
    pub dependency_type: Option<String>,
    /// The versions that will do, in the format's notation.
    pub version_requirement: Option<String>,
}

/// What a package version says of itself, taken from the package by its format.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionFacts {
    /// The package's name as its author writes it.
    pub display_name: Option<String>,
    /// One sentence about the package.
    pub summary: Option<String>,
    /// The package's web page.
    pub home_page: Option<String>,
    /// Where its source code is.
    pub source_code_repository: Option<String>,
    /// Its licences.
    pub licenses: Vec<License>,
    /// What it depends on.
    pub dependencies: Vec<Dependency>,
    /// Its readme, where the format has one.
    pub readme: Option<String>,
}

/// All columns of a content row.
#[derive(Clone, Debug)]
pub struct ContentRow {
    /// What the version says of itself.
    pub facts: VersionFacts,
    /// The format's own metadata of the version.
    pub document: String,
}

fn read(row: &Row<'_>) -> rusqlite::Result<ContentRow> {
    let list = |column: usize| -> rusqlite::Result<String> { row.get(column) };
    Ok(ContentRow {
        facts: VersionFacts {
            display_name: row.get(0)?,
            summary: row.get(1)?,
            home_page: row.get(2)?,
            source_code_repository: row.get(3)?,
            // Written by `insert` below.
            licenses: serde_json::from_str(&list(4)?).unwrap_or_default(),
            dependencies: serde_json::from_str(&list(5)?).unwrap_or_default(),
            readme: row.get(6)?,
        },
        document: row.get(7)?,
    })
}

/// The content with that key.
pub fn by_id(connection: &Connection, id: i64) -> Stored<ContentRow> {
    Ok(connection
        .prepare_cached(
            "SELECT display_name, summary, home_page, source_code_repository, licenses, dependencies, readme, document
             FROM content WHERE id = ?1",
        )?
        .query_row([id], read)?)
}

/// Only the format's own metadata of the content with that key.
pub fn document(connection: &Connection, id: i64) -> Stored<String> {
    Ok(connection
        .prepare_cached("SELECT document FROM content WHERE id = ?1")?
        .query_row([id], |row| row.get(0))?)
}

/// Adds a content row and gives its key.
pub fn insert(writing: &Writing<'_>, facts: &VersionFacts, document: &str) -> Stored<i64> {
    let json = |step, text: Result<String, serde_json::Error>| {
        text.map_err(|error| super::Failure::new(step, error))
    };
    writing
        .prepare_cached(
            "INSERT INTO content (display_name, summary, home_page, source_code_repository, licenses, dependencies, readme, document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute((
            &facts.display_name,
            &facts.summary,
            &facts.home_page,
            &facts.source_code_repository,
            json("licences", serde_json::to_string(&facts.licenses))?,
            json("dependencies", serde_json::to_string(&facts.dependencies))?,
            &facts.readme,
            document,
        ))?;
    Ok(writing.last_insert_rowid())
}

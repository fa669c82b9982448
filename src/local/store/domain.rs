//! Rows of domains.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{Stored, Writing};

/// A domain as it is stored.
#[derive(Clone, Debug)]
pub struct DomainRow {
    /// The key of the row.
    pub id: i64,
    /// The account that owns it.
    pub owner: String,
    /// Its name, unique in the account.
    pub name: String,
    /// The ARN of the key it is said to be encrypted with.
    pub encryption_key: String,
    /// Milliseconds since 1970.
    pub created: i64,
    /// Bytes of all assets, each counted once.
    pub asset_size: i64,
    /// The resource policy and its revision.
    pub policy: Option<PolicyRow>,
}

/// A resource policy as it is stored.
#[derive(Clone, Debug)]
pub struct PolicyRow {
    /// The document, as it was put.
    pub document: String,
    /// Changes with every put.
    pub revision: String,
}

impl PolicyRow {
    /// Reads the two columns, which are both there or both missing.
    pub(super) fn read(row: &Row<'_>, document: usize) -> rusqlite::Result<Option<PolicyRow>> {
        let text: Option<String> = row.get(document)?;
        let revision: Option<String> = row.get(document + 1)?;
        Ok(text
            .zip(revision)
            .map(|(document, revision)| PolicyRow { document, revision }))
    }
}

const COLUMNS: &str =
    "id, owner, name, encryption_key, created, asset_size, policy, policy_revision";

fn read(row: &Row<'_>) -> rusqlite::Result<DomainRow> {
    Ok(DomainRow {
        id: row.get(0)?,
        owner: row.get(1)?,
        name: row.get(2)?,
        encryption_key: row.get(3)?,
        created: row.get(4)?,
        asset_size: row.get(5)?,
        policy: PolicyRow::read(row, 6)?,
    })
}

/// The domain of that name in that account.
pub fn find(connection: &Connection, owner: &str, name: &str) -> Stored<Option<DomainRow>> {
    Ok(connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM domain WHERE owner = ?1 AND name = ?2"
        ))?
        .query_row((owner, name), read)
        .optional()?)
}

/// The domains of an account by name, from the one after `after` on.
pub fn list(
    connection: &Connection,
    owner: &str,
    after: Option<&str>,
    limit: usize,
) -> Stored<Vec<DomainRow>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM domain WHERE owner = ?1 AND name > ?2 ORDER BY name LIMIT ?3"
    ))?;
    // No domain has an empty name.
    let rows = statement.query_map((owner, after.unwrap_or(""), limit), read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// All domains, by owner and name.
pub fn all(connection: &Connection) -> Stored<Vec<DomainRow>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM domain ORDER BY owner, name"
    ))?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many domains the account owns.
pub fn count(connection: &Connection, owner: &str) -> Stored<u64> {
    Ok(connection
        .prepare_cached("SELECT count(*) FROM domain WHERE owner = ?1")?
        .query_row([owner], |row| row.get(0))?)
}

/// How many repositories the domain has.
pub fn repository_count(connection: &Connection, domain: i64) -> Stored<u64> {
    Ok(connection
        .prepare_cached("SELECT count(*) FROM repository WHERE domain_id = ?1")?
        .query_row([domain], |row| row.get(0))?)
}

/// Adds a domain and gives its key.
pub fn insert(
    writing: &Writing<'_>,
    owner: &str,
    name: &str,
    encryption_key: &str,
    created: i64,
) -> Stored<i64> {
    writing
        .prepare_cached(
            "INSERT INTO domain (owner, name, encryption_key, created) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((owner, name, encryption_key, created))?;
    Ok(writing.last_insert_rowid())
}

/// Deletes a domain with all that is in it.
pub fn delete(writing: &Writing<'_>, domain: i64) -> Stored<()> {
    writing
        .prepare_cached("DELETE FROM domain WHERE id = ?1")?
        .execute([domain])?;
    Ok(())
}

/// Sets or, with none, removes the resource policy.
pub fn set_policy(writing: &Writing<'_>, domain: i64, policy: Option<&PolicyRow>) -> Stored<()> {
    writing
        .prepare_cached("UPDATE domain SET policy = ?2, policy_revision = ?3 WHERE id = ?1")?
        .execute((
            domain,
            policy.map(|policy| &policy.document),
            policy.map(|policy| &policy.revision),
        ))?;
    Ok(())
}

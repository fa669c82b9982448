//! Rows of repositories, their upstreams and their external connections.

use rusqlite::{Connection, OptionalExtension, Row};

use super::domain::PolicyRow;
use super::{Stored, Writing, prefix_end};

/// A repository as it is stored, with the name of its domain.
#[derive(Clone, Debug)]
pub struct RepositoryRow {
    /// The key of the row.
    pub id: i64,
    /// The key of its domain.
    pub domain_id: i64,
    /// The account that owns the domain.
    pub domain_owner: String,
    /// The domain's name.
    pub domain_name: String,
    /// Its own name, unique in the domain.
    pub name: String,
    /// The account that made it.
    pub administrator: String,
    /// What its makers say about it.
    pub description: Option<String>,
    /// Milliseconds since 1970.
    pub created: i64,
    /// The resource policy and its revision.
    pub policy: Option<PolicyRow>,
}

const SELECT: &str = "SELECT repository.id, domain_id, domain.owner, domain.name, repository.name,
    administrator, description, repository.created, repository.policy, repository.policy_revision
    FROM repository JOIN domain ON domain.id = repository.domain_id";

fn read(row: &Row<'_>) -> rusqlite::Result<RepositoryRow> {
    Ok(RepositoryRow {
        id: row.get(0)?,
        domain_id: row.get(1)?,
        domain_owner: row.get(2)?,
        domain_name: row.get(3)?,
        name: row.get(4)?,
        administrator: row.get(5)?,
        description: row.get(6)?,
        created: row.get(7)?,
        policy: PolicyRow::read(row, 8)?,
    })
}

/// The repository of that name in the domain.
pub fn find(connection: &Connection, domain: i64, name: &str) -> Stored<Option<RepositoryRow>> {
    Ok(connection
        .prepare_cached(&format!(
            "{SELECT} WHERE domain_id = ?1 AND repository.name = ?2"
        ))?
        .query_row((domain, name), read)
        .optional()?)
}

/// The repository with that key.
pub fn by_id(connection: &Connection, id: i64) -> Stored<Option<RepositoryRow>> {
    Ok(connection
        .prepare_cached(&format!("{SELECT} WHERE repository.id = ?1"))?
        .query_row([id], read)
        .optional()?)
}

/// The domain's repositories by name, from the one after `after` on, whose names begin with
/// `prefix` and which `administrator` has made, where that is given.
pub fn list_in_domain(
    connection: &Connection,
    domain: i64,
    prefix: &str,
    administrator: Option<&str>,
    after: Option<&str>,
    limit: usize,
) -> Stored<Vec<RepositoryRow>> {
    let mut statement = connection.prepare_cached(&format!(
        "{SELECT} WHERE domain_id = ?1 AND repository.name > ?2 AND repository.name >= ?3
         AND (?4 IS NULL OR repository.name < ?4) AND (?5 IS NULL OR administrator = ?5)
         ORDER BY repository.name LIMIT ?6"
    ))?;
    let rows = statement.query_map(
        (
            domain,
            after.unwrap_or(""),
            prefix,
            prefix_end(prefix),
            administrator,
            limit,
        ),
        read,
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The repositories that the account has made, by domain and name, from the one after `after`
/// (domain owner, domain name, repository name) on.
pub fn list_of_account(
    connection: &Connection,
    administrator: &str,
    prefix: &str,
    after: Option<(&str, &str, &str)>,
    limit: usize,
) -> Stored<Vec<RepositoryRow>> {
    let (owner, domain, name) = after.unwrap_or_default();
    let mut statement = connection.prepare_cached(&format!(
        "{SELECT} WHERE administrator = ?1 AND (domain.name, domain.owner, repository.name) > (?2, ?3, ?4)
         AND repository.name >= ?5 AND (?6 IS NULL OR repository.name < ?6)
         ORDER BY domain.name, domain.owner, repository.name LIMIT ?7"
    ))?;
    let rows = statement.query_map(
        (
            administrator,
            domain,
            owner,
            name,
            prefix,
            prefix_end(prefix),
            limit,
        ),
        read,
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Adds a repository and gives its key.
pub fn insert(
    writing: &Writing<'_>,
    domain: i64,
    name: &str,
    administrator: &str,
    description: Option<&str>,
    created: i64,
) -> Stored<i64> {
    writing
        .prepare_cached(
            "INSERT INTO repository (domain_id, name, administrator, description, created)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((domain, name, administrator, description, created))?;
    Ok(writing.last_insert_rowid())
}

/// Replaces the description.
pub fn set_description(writing: &Writing<'_>, repository: i64, description: &str) -> Stored<()> {
    writing
        .prepare_cached("UPDATE repository SET description = ?2 WHERE id = ?1")?
        .execute((repository, description))?;
    Ok(())
}

/// Sets or, with none, removes the resource policy.
pub fn set_policy(
    writing: &Writing<'_>,
    repository: i64,
    policy: Option<&PolicyRow>,
) -> Stored<()> {
    writing
        .prepare_cached("UPDATE repository SET policy = ?2, policy_revision = ?3 WHERE id = ?1")?
        .execute((
            repository,
            policy.map(|policy| &policy.document),
            policy.map(|policy| &policy.revision),
        ))?;
    Ok(())
}

/// Deletes a repository with all that is in it; it is nobody's upstream any more.
pub fn delete(writing: &Writing<'_>, repository: i64) -> Stored<()> {
    writing
        .prepare_cached("DELETE FROM repository WHERE id = ?1")?
        .execute([repository])?;
    Ok(())
}

/// The keys of the direct upstreams, in priority order.
pub fn upstream_ids(connection: &Connection, repository: i64) -> Stored<Vec<i64>> {
    let mut statement = connection.prepare_cached(
        "SELECT upstream_id FROM upstream WHERE repository_id = ?1 ORDER BY position",
    )?;
    let rows = statement.query_map([repository], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The direct upstreams, in priority order.
pub fn upstreams(connection: &Connection, repository: i64) -> Stored<Vec<RepositoryRow>> {
    let mut rows = Vec::new();
    for id in upstream_ids(connection, repository)? {
        rows.extend(by_id(connection, id)?);
    }
    Ok(rows)
}

/// Replaces the direct upstreams by these, in priority order.
pub fn set_upstreams(writing: &Writing<'_>, repository: i64, upstreams: &[i64]) -> Stored<()> {
    writing
        .prepare_cached("DELETE FROM upstream WHERE repository_id = ?1")?
        .execute([repository])?;
    let mut insert = writing.prepare_cached(
        "INSERT INTO upstream (repository_id, position, upstream_id) VALUES (?1, ?2, ?3)",
    )?;
    for (position, upstream) in upstreams.iter().enumerate() {
        insert.execute((repository, position, upstream))?;
    }
    Ok(())
}

/// The name of the external connection.
pub fn external_connection(connection: &Connection, repository: i64) -> Stored<Option<String>> {
    Ok(connection
        .prepare_cached("SELECT name FROM external_connection WHERE repository_id = ?1")?
        .query_row([repository], |row| row.get(0))
        .optional()?)
}

/// Sets or, with none, removes the external connection.
pub fn set_external_connection(
    writing: &Writing<'_>,
    repository: i64,
    name: Option<&str>,
) -> Stored<()> {
    writing
        .prepare_cached("DELETE FROM external_connection WHERE repository_id = ?1")?
        .execute([repository])?;
    if let Some(name) = name {
        writing
            .prepare_cached(
                "INSERT INTO external_connection (repository_id, name) VALUES (?1, ?2)",
            )?
            .execute((repository, name))?;
    }
    Ok(())
}

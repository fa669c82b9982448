//! Rows of package groups, their allowed repositories, and the packages of a domain.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{Stored, Writing, prefix_end};

/// The three origin restrictions of a group, by the service's names for their modes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modes {
    /// `PUBLISH`.
    pub publish: String,
    /// `EXTERNAL_UPSTREAM`.
    pub external_upstream: String,
    /// `INTERNAL_UPSTREAM`.
    pub internal_upstream: String,
}

/// A package group as it is stored.
#[derive(Clone, Debug)]
pub struct GroupRow {
    /// The key of the row.
    pub id: i64,
    /// The pattern, which is its name.
    pub pattern: String,
    /// Whom to ask about it.
    pub contact_info: Option<String>,
    /// What its makers say about it.
    pub description: Option<String>,
    /// Milliseconds since 1970.
    pub created: i64,
    /// The origin restrictions as they were set, `INHERIT` included.
    pub modes: Modes,
}

const COLUMNS: &str = "id, pattern, contact_info, description, created, publish, external_upstream, internal_upstream";

fn read(row: &Row<'_>) -> rusqlite::Result<GroupRow> {
    Ok(GroupRow {
        id: row.get(0)?,
        pattern: row.get(1)?,
        contact_info: row.get(2)?,
        description: row.get(3)?,
        created: row.get(4)?,
        modes: Modes {
            publish: row.get(5)?,
            external_upstream: row.get(6)?,
            internal_upstream: row.get(7)?,
        },
    })
}

/// All groups of the domain, by pattern.
pub fn all(connection: &Connection, domain: i64) -> Stored<Vec<GroupRow>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM package_group WHERE domain_id = ?1 ORDER BY pattern"
    ))?;
    let rows = statement.query_map([domain], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The group with that pattern.
pub fn find(connection: &Connection, domain: i64, pattern: &str) -> Stored<Option<GroupRow>> {
    Ok(connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM package_group WHERE domain_id = ?1 AND pattern = ?2"
        ))?
        .query_row((domain, pattern), read)
        .optional()?)
}

/// What a new group row holds.
#[derive(Clone, Debug)]
pub struct NewGroup<'a> {
    /// The key of its domain.
    pub domain: i64,
    /// The pattern.
    pub pattern: &'a str,
    /// Whom to ask about it.
    pub contact_info: Option<&'a str>,
    /// What its makers say about it.
    pub description: Option<&'a str>,
    /// Milliseconds since 1970.
    pub created: i64,
    /// The mode of all three restrictions.
    pub mode: &'a str,
}

/// Adds a group.
pub fn insert(writing: &Writing<'_>, group: &NewGroup<'_>) -> Stored<()> {
    writing
        .prepare_cached(
            "INSERT INTO package_group (domain_id, pattern, contact_info, description, created,
             publish, external_upstream, internal_upstream) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?6)",
        )?
        .execute((
            group.domain,
            group.pattern,
            group.contact_info,
            group.description,
            group.created,
            group.mode,
        ))?;
    Ok(())
}

/// Replaces contact and description.
pub fn update(
    writing: &Writing<'_>,
    group: i64,
    contact_info: Option<&str>,
    description: Option<&str>,
) -> Stored<()> {
    writing
        .prepare_cached(
            "UPDATE package_group SET contact_info = ?2, description = ?3 WHERE id = ?1",
        )?
        .execute((group, contact_info, description))?;
    Ok(())
}

/// Replaces the origin restrictions.
pub fn set_modes(writing: &Writing<'_>, group: i64, modes: &Modes) -> Stored<()> {
    writing
        .prepare_cached(
            "UPDATE package_group SET publish = ?2, external_upstream = ?3, internal_upstream = ?4 WHERE id = ?1",
        )?
        .execute((group, &modes.publish, &modes.external_upstream, &modes.internal_upstream))?;
    Ok(())
}

/// Deletes a group.
pub fn delete(writing: &Writing<'_>, group: i64) -> Stored<()> {
    writing
        .prepare_cached("DELETE FROM package_group WHERE id = ?1")?
        .execute([group])?;
    Ok(())
}

/// Puts a repository on the allowed list of a restriction; false when it was there.
pub fn allow(
    writing: &Writing<'_>,
    group: i64,
    restriction: &str,
    repository: i64,
) -> Stored<bool> {
    Ok(writing
        .prepare_cached(
            "INSERT OR IGNORE INTO package_group_repository (package_group_id, restriction, repository_id)
             VALUES (?1, ?2, ?3)",
        )?
        .execute((group, restriction, repository))?
        > 0)
}

/// Takes a repository from the allowed list of a restriction; false when it was not there.
pub fn disallow(
    writing: &Writing<'_>,
    group: i64,
    restriction: &str,
    repository: i64,
) -> Stored<bool> {
    Ok(writing
        .prepare_cached(
            "DELETE FROM package_group_repository
             WHERE package_group_id = ?1 AND restriction = ?2 AND repository_id = ?3",
        )?
        .execute((group, restriction, repository))?
        > 0)
}

/// Empties the allowed list of a restriction.
pub fn disallow_all(writing: &Writing<'_>, group: i64, restriction: &str) -> Stored<()> {
    writing
        .prepare_cached(
            "DELETE FROM package_group_repository WHERE package_group_id = ?1 AND restriction = ?2",
        )?
        .execute((group, restriction))?;
    Ok(())
}

/// Whether the repository is on the allowed list of a restriction.
pub fn is_allowed(
    connection: &Connection,
    group: i64,
    restriction: &str,
    repository: i64,
) -> Stored<bool> {
    Ok(connection
        .prepare_cached(
            "SELECT 1 FROM package_group_repository
             WHERE package_group_id = ?1 AND restriction = ?2 AND repository_id = ?3",
        )?
        .exists((group, restriction, repository))?)
}

/// How many repositories are on the allowed list of a restriction.
pub fn allowed_count(connection: &Connection, group: i64, restriction: &str) -> Stored<u64> {
    Ok(connection
        .prepare_cached(
            "SELECT count(*) FROM package_group_repository WHERE package_group_id = ?1 AND restriction = ?2",
        )?
        .query_row((group, restriction), |row| row.get(0))?)
}

/// The names on the allowed list of a restriction, from the one after `after` on.
pub fn allowed(
    connection: &Connection,
    group: i64,
    restriction: &str,
    after: Option<&str>,
    limit: usize,
) -> Stored<Vec<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT repository.name FROM package_group_repository
         JOIN repository ON repository.id = repository_id
         WHERE package_group_id = ?1 AND restriction = ?2 AND repository.name > ?3
         ORDER BY repository.name LIMIT ?4",
    )?;
    let rows = statement.query_map((group, restriction, after.unwrap_or(""), limit), |row| {
        row.get(0)
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A package of the domain, in however many repositories it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainPackage {
    /// The path as package groups compare it.
    pub match_key: String,
    /// The package format's name.
    pub format: String,
    /// The namespace; empty for none.
    pub namespace: String,
    /// The name.
    pub name: String,
}

/// The domain's packages whose match key begins with `prefix`, by match key, format, namespace and
/// name, from the one after `after` on.
pub fn packages_below(
    connection: &Connection,
    domain: i64,
    prefix: &str,
    after: Option<&DomainPackage>,
    limit: usize,
) -> Stored<Vec<DomainPackage>> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT match_key, format, namespace, name FROM package
         WHERE domain_id = ?1 AND match_key >= ?2 AND (?3 IS NULL OR match_key < ?3)
         AND match_key >= ?4 AND (match_key, format, namespace, name) > (?4, ?5, ?6, ?7)
         ORDER BY match_key, format, namespace, name LIMIT ?8",
    )?;
    let (key, format, namespace, name) = after.map_or(("", "", "", ""), |after| {
        (
            after.match_key.as_str(),
            after.format.as_str(),
            after.namespace.as_str(),
            after.name.as_str(),
        )
    });
    let rows = statement.query_map(
        (
            domain,
            prefix,
            prefix_end(prefix),
            key,
            format,
            namespace,
            name,
            limit,
        ),
        |row| {
            Ok(DomainPackage {
                match_key: row.get(0)?,
                format: row.get(1)?,
                namespace: row.get(2)?,
                name: row.get(3)?,
            })
        },
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

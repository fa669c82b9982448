//! Rows of packages and of their tags.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};

use super::{Stored, Writing, prefix_end};

/// A package in a repository as it is stored.
#[derive(Clone, Debug)]
pub struct PackageRow {
    /// The key of the row.
    pub id: i64,
    /// The key of its repository.
    pub repository_id: i64,
    /// The package format's name.
    pub format: String,
    /// The namespace; empty for none.
    pub namespace: String,
    /// The normalised name.
    pub name: String,
    /// Whether its origin controls allow publishing.
    pub publish: bool,
    /// Whether its origin controls allow versions from upstream.
    pub upstream: bool,
    /// The format's own metadata of the package.
    pub document: Option<String>,
}

/// What says which package: format, namespace (empty for none) and name.
pub type Coordinates<'a> = (&'a str, &'a str, &'a str);

const COLUMNS: &str = "id, repository_id, format, namespace, name, publish, upstream, document";

fn read(row: &Row<'_>) -> rusqlite::Result<PackageRow> {
    Ok(PackageRow {
        id: row.get(0)?,
        repository_id: row.get(1)?,
        format: row.get(2)?,
        namespace: row.get(3)?,
        name: row.get(4)?,
        publish: row.get(5)?,
        upstream: row.get(6)?,
        document: row.get(7)?,
    })
}

/// The package in the repository.
pub fn find(
    connection: &Connection,
    repository: i64,
    (format, namespace, name): Coordinates<'_>,
) -> Stored<Option<PackageRow>> {
    Ok(connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM package
             WHERE repository_id = ?1 AND format = ?2 AND namespace = ?3 AND name = ?4"
        ))?
        .query_row((repository, format, namespace, name), read)
        .optional()?)
}

/// The name of the package in the repository that differs at most in its capitals.
pub fn spelling(
    connection: &Connection,
    repository: i64,
    (format, namespace, name): Coordinates<'_>,
) -> Stored<Option<String>> {
    Ok(connection
        .prepare_cached(
            "SELECT name FROM package
             WHERE repository_id = ?1 AND format = ?2 AND namespace = ?3
               AND name = ?4 COLLATE NOCASE
             ORDER BY name = ?4 DESC LIMIT 1",
        )?
        .query_row((repository, format, namespace, name), |row| row.get(0))
        .optional()?)
}

/// Which packages of a repository to list.
#[derive(Clone, Debug, Default)]
pub struct Filter<'a> {
    /// Only this format.
    pub format: Option<&'a str>,
    /// Only namespaces that begin with this, which also orders the list by namespace.
    pub namespace_prefix: Option<&'a str>,
    /// Only names that begin with this.
    pub name_prefix: Option<&'a str>,
    /// Only packages whose origin controls say so about publishing.
    pub publish: Option<bool>,
    /// Only packages whose origin controls say so about upstreams.
    pub upstream: Option<bool>,
}

/// The repository's packages, from the one after `after` on: by format, name and namespace, or by
/// format, namespace and name where a namespace prefix is asked for. Either order has its index.
pub fn list(
    connection: &Connection,
    repository: i64,
    filter: &Filter<'_>,
    after: Option<Coordinates<'_>>,
    limit: usize,
) -> Stored<Vec<PackageRow>> {
    let mut found = Vec::new();
    for format in formats(connection, repository, filter.format, after)? {
        let left = limit - found.len();
        let (sql, values) = selection(repository, &format, filter, after, left);
        let mut statement = connection.prepare_cached(&sql)?;
        for row in statement.query_map(params_from_iter(values), read)? {
            found.push(row?);
        }
        if found.len() >= limit {
            break;
        }
    }
    Ok(found)
}

/// The query for packages of one format, and its values. It goes along an index from the place where
/// the page begins.
fn selection(
    repository: i64,
    format: &str,
    filter: &Filter<'_>,
    after: Option<Coordinates<'_>>,
    limit: usize,
) -> (String, Vec<Value>) {
    let mut sql = format!("SELECT {COLUMNS} FROM package WHERE repository_id = ? AND format = ?");
    let mut values = vec![Value::from(repository), Value::from(format.to_string())];
    let mut condition = |text: &str, compared: &[&str]| {
        sql.push_str(" AND ");
        sql.push_str(text);
        values.extend(compared.iter().map(|text| Value::from(text.to_string())));
    };
    let by_namespace = filter.namespace_prefix.is_some();
    if let Some((_, namespace, name)) = after.filter(|(last, ..)| *last == format) {
        if by_namespace {
            condition("(namespace, name) > (?, ?)", &[namespace, name]);
        } else {
            condition("(name, namespace) > (?, ?)", &[name, namespace]);
        }
    }
    for (column, prefix) in [
        ("namespace", filter.namespace_prefix),
        ("name", filter.name_prefix),
    ] {
        let Some(prefix) = prefix.filter(|prefix| !prefix.is_empty()) else {
            continue;
        };
        condition(&format!("{column} >= ?"), &[prefix]);
        if let Some(end) = prefix_end(prefix) {
            condition(&format!("{column} < ?"), &[&end]);
        }
    }
    for (column, wanted) in [("publish", filter.publish), ("upstream", filter.upstream)] {
        if let Some(wanted) = wanted {
            condition(&format!("{column} = {}", i32::from(wanted)), &[]);
        }
    }
    sql.push_str(if by_namespace {
        " ORDER BY namespace, name LIMIT ?"
    } else {
        " ORDER BY name, namespace LIMIT ?"
    });
    values.push(Value::from(i64::try_from(limit).unwrap_or(i64::MAX)));
    (sql, values)
}

/// The formats to look through, in order: one index probe each instead of a scan.
fn formats(
    connection: &Connection,
    repository: i64,
    only: Option<&str>,
    after: Option<Coordinates<'_>>,
) -> Stored<Vec<String>> {
    if let Some(only) = only {
        return Ok(vec![only.to_string()]);
    }
    let mut formats = Vec::new();
    let mut statement = connection.prepare_cached(
        "SELECT min(format) FROM package WHERE repository_id = ?1 AND (format > ?2 OR (?3 AND format = ?2))",
    )?;
    let mut last = after.map_or(String::new(), |(format, ..)| format.to_string());
    let mut including = after.is_some();
    loop {
        let next: Option<String> =
            statement.query_row((repository, &last, including), |row| row.get(0))?;
        let Some(next) = next else {
            return Ok(formats);
        };
        formats.push(next.clone());
        last = next;
        including = false;
    }
}

/// What a new package row holds.
#[derive(Clone, Debug)]
pub struct NewPackage<'a> {
    /// The key of its domain.
    pub domain: i64,
    /// The key of its repository.
    pub repository: i64,
    /// Format, namespace and name.
    pub coordinates: Coordinates<'a>,
    /// The path as package groups compare it.
    pub match_key: &'a str,
    /// Whether its origin controls allow publishing.
    pub publish: bool,
    /// Whether its origin controls allow versions from upstream.
    pub upstream: bool,
}

/// Adds a package. The events of one that was there before go on in its sequence.
pub fn insert(writing: &Writing<'_>, package: &NewPackage<'_>) -> Stored<PackageRow> {
    let (format, namespace, name) = package.coordinates;
    let sequence: Option<i64> = writing
        .prepare_cached(
            "DELETE FROM package_sequence
             WHERE repository_id = ?1 AND format = ?2 AND namespace = ?3 AND name = ?4
             RETURNING sequence",
        )?
        .query_row((package.repository, format, namespace, name), |row| {
            row.get(0)
        })
        .optional()?;
    writing
        .prepare_cached(
            "INSERT INTO package (domain_id, repository_id, format, namespace, name, match_key, publish, upstream, sequence)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute((
            package.domain,
            package.repository,
            format,
            namespace,
            name,
            package.match_key,
            package.publish,
            package.upstream,
            sequence.unwrap_or(0),
        ))?;
    Ok(PackageRow {
        id: writing.last_insert_rowid(),
        repository_id: package.repository,
        format: format.to_string(),
        namespace: namespace.to_string(),
        name: name.to_string(),
        publish: package.publish,
        upstream: package.upstream,
        document: None,
    })
}

/// Replaces the origin controls.
pub fn set_origin_controls(
    writing: &Writing<'_>,
    package: i64,
    publish: bool,
    upstream: bool,
) -> Stored<()> {
    writing
        .prepare_cached("UPDATE package SET publish = ?2, upstream = ?3 WHERE id = ?1")?
        .execute((package, publish, upstream))?;
    Ok(())
}

/// Replaces the format's own metadata.
pub fn set_document(writing: &Writing<'_>, package: i64, document: &str) -> Stored<()> {
    writing
        .prepare_cached("UPDATE package SET document = ?2 WHERE id = ?1")?
        .execute((package, document))?;
    Ok(())
}

/// Deletes a package with all its versions. The number of its last event is remembered.
pub fn delete(writing: &Writing<'_>, package: i64) -> Stored<()> {
    writing
        .prepare_cached(
            "INSERT INTO package_sequence (repository_id, format, namespace, name, sequence)
             SELECT repository_id, format, namespace, name, sequence FROM package
             WHERE id = ?1 AND sequence > 0",
        )?
        .execute([package])?;
    writing
        .prepare_cached("DELETE FROM package WHERE id = ?1")?
        .execute([package])?;
    Ok(())
}

/// The next number in the package's sequence of events, from 1 on.
pub fn next_sequence(writing: &Writing<'_>, package: i64) -> Stored<i64> {
    Ok(writing
        .prepare_cached(
            "UPDATE package SET sequence = sequence + 1 WHERE id = ?1 RETURNING sequence",
        )?
        .query_row([package], |row| row.get(0))?)
}

/// The package's tags and the versions they name, by tag.
pub fn tags(connection: &Connection, package: i64) -> Stored<Vec<(String, String)>> {
    let mut statement = connection.prepare_cached(
        "SELECT tag, version FROM package_tag WHERE package_id = ?1 ORDER BY tag",
    )?;
    let rows = statement.query_map([package], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The version that one tag names.
pub fn tagged(connection: &Connection, package: i64, tag: &str) -> Stored<Option<String>> {
    Ok(connection
        .prepare_cached("SELECT version FROM package_tag WHERE package_id = ?1 AND tag = ?2")?
        .query_row((package, tag), |row| row.get(0))
        .optional()?)
}

/// Lets a tag name a version.
pub fn set_tag(writing: &Writing<'_>, package: i64, tag: &str, version: &str) -> Stored<()> {
    writing
        .prepare_cached(
            "INSERT INTO package_tag (package_id, tag, version) VALUES (?1, ?2, ?3)
             ON CONFLICT (package_id, tag) DO UPDATE SET version = excluded.version",
        )?
        .execute((package, tag, version))?;
    Ok(())
}

/// Removes a tag; false when there was none.
pub fn delete_tag(writing: &Writing<'_>, package: i64, tag: &str) -> Stored<bool> {
    Ok(writing
        .prepare_cached("DELETE FROM package_tag WHERE package_id = ?1 AND tag = ?2")?
        .execute((package, tag))?
        > 0)
}

/// Removes the tags that name a version.
pub fn delete_tags_of(writing: &Writing<'_>, package: i64, version: &str) -> Stored<()> {
    writing
        .prepare_cached("DELETE FROM package_tag WHERE package_id = ?1 AND version = ?2")?
        .execute((package, version))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::store::SCHEMAS;

    #[test]
    fn a_page_begins_where_the_last_one_ended_without_looking_at_what_was_before() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(&SCHEMAS.concat()).unwrap();
        let after = Some(("npm", "my-scope", "my-package"));
        let filters = [
            Filter::default(),
            Filter {
                namespace_prefix: Some("my"),
                ..Filter::default()
            },
            Filter {
                name_prefix: Some("my"),
                publish: Some(false),
                upstream: Some(true),
                ..Filter::default()
            },
        ];
        for filter in &filters {
            let (sql, values) = selection(1, "npm", filter, after, 1001);
            let mut statement = connection
                .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
                .unwrap();
            let steps: Vec<String> = statement
                .query_map(params_from_iter(values), |row| row.get(3))
                .unwrap()
                .map(Result::unwrap)
                .collect();
            // One step: along an index, from that place on, and nothing is sorted afterwards.
            let [step] = &steps[..] else {
                panic!("{steps:?}");
            };
            assert!(step.starts_with("SEARCH package USING INDEX"), "{step}");
            let place = if filter.namespace_prefix.is_some() {
                "(namespace,name)>(?,?)"
            } else {
                "(name,namespace)>(?,?)"
            };
            assert!(step.contains(place), "{step}");
        }
    }
}

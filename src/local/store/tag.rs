//! Rows of resource tags.

use rusqlite::Connection;

use super::{Stored, Writing, prefix_end};

/// The tags of a resource, by key.
pub fn list(connection: &Connection, arn: &str) -> Stored<Vec<(String, String)>> {
    let mut statement = connection
        .prepare_cached("SELECT key, value FROM resource_tag WHERE arn = ?1 ORDER BY key")?;
    let rows = statement.query_map([arn], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Sets a tag.
pub fn set(writing: &Writing<'_>, arn: &str, key: &str, value: &str) -> Stored<()> {
    writing
        .prepare_cached(
            "INSERT INTO resource_tag (arn, key, value) VALUES (?1, ?2, ?3)
             ON CONFLICT (arn, key) DO UPDATE SET value = excluded.value",
        )?
        .execute((arn, key, value))?;
    Ok(())
}

/// Removes a tag, if it is there.
pub fn delete(writing: &Writing<'_>, arn: &str, key: &str) -> Stored<()> {
    writing
        .prepare_cached("DELETE FROM resource_tag WHERE arn = ?1 AND key = ?2")?
        .execute((arn, key))?;
    Ok(())
}

/// Removes all tags of a resource.
pub fn delete_all(writing: &Writing<'_>, arn: &str) -> Stored<()> {
    writing
        .prepare_cached("DELETE FROM resource_tag WHERE arn = ?1")?
        .execute([arn])?;
    Ok(())
}

/// Removes all tags of the resources whose ARN begins with `prefix`.
pub fn delete_below(writing: &Writing<'_>, prefix: &str) -> Stored<()> {
    writing
        .prepare_cached("DELETE FROM resource_tag WHERE arn >= ?1 AND (?2 IS NULL OR arn < ?2)")?
        .execute((prefix, prefix_end(prefix)))?;
    Ok(())
}

//! Rows of events, in the order in which they happened, and of settings.

use rusqlite::{Connection, OptionalExtension};

use super::{Stored, Writing};

/// Adds an event.
pub fn insert(writing: &Writing<'_>, document: &str) -> Stored<()> {
    writing
        .prepare_cached("INSERT INTO event (document) VALUES (?1)")?
        .execute([document])?;
    Ok(())
}

/// The events after the one numbered `after`, with their numbers.
pub fn list(connection: &Connection, after: i64, limit: usize) -> Stored<Vec<(i64, String)>> {
    let mut statement = connection
        .prepare_cached("SELECT id, document FROM event WHERE id > ?1 ORDER BY id LIMIT ?2")?;
    let rows = statement.query_map((after, limit), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A setting of the data directory.
pub fn setting(connection: &Connection, name: &str) -> Stored<Option<Vec<u8>>> {
    Ok(connection
        .prepare_cached("SELECT value FROM setting WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?)
}

/// Keeps a setting of the data directory.
pub fn set_setting(writing: &Writing<'_>, name: &str, value: &[u8]) -> Stored<()> {
    writing
        .prepare_cached(
            "INSERT INTO setting (name, value) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )?
        .execute((name, value))?;
    Ok(())
}

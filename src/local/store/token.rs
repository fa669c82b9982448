//! Rows of authorization tokens: hashes only.

use rusqlite::{Connection, OptionalExtension};

use super::{Stored, Writing};

/// An authorization token as it is stored.
#[derive(Clone, Debug)]
pub struct TokenRow {
    /// The account that owns the token's domain.
    pub domain_owner: String,
    /// The name of the token's domain.
    pub domain_name: String,
    /// The ARN of whom it was made for.
    pub principal: String,
    /// When it ends, in milliseconds since 1970.
    pub expires: i64,
}

/// The token with that hash, whether it has ended or not.
pub fn find(connection: &Connection, hash: &[u8; 32]) -> Stored<Option<TokenRow>> {
    Ok(connection
        .prepare_cached(
            "SELECT domain.owner, domain.name, principal, expires
             FROM token JOIN domain ON domain.id = domain_id WHERE hash = ?1",
        )?
        .query_row([hash], |row| {
            Ok(TokenRow {
                domain_owner: row.get(0)?,
                domain_name: row.get(1)?,
                principal: row.get(2)?,
                expires: row.get(3)?,
            })
        })
        .optional()?)
}

/// Adds a token.
pub fn insert(
    writing: &Writing<'_>,
    hash: &[u8; 32],
    domain: i64,
    principal: &str,
    expires: i64,
) -> Stored<()> {
    writing
        .prepare_cached(
            "INSERT INTO token (hash, domain_id, principal, expires) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((hash, domain, principal, expires))?;
    Ok(())
}

/// Forgets the tokens that ended before `time`, in milliseconds since 1970.
pub fn delete_expired(writing: &Writing<'_>, time: i64) -> Stored<()> {
    writing
        .prepare_cached("DELETE FROM token WHERE expires < ?1")?
        .execute([time])?;
    Ok(())
}

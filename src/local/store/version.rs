//! Rows of package versions and of their assets.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row};

use super::blob::Hashes;
use super::{Stored, Writing};

/// The state of a package version (guide, "Package version status").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Listed and available.
    Published,
    /// Begun, not yet complete.
    Unfinished,
    /// Available, but in no list that package managers see.
    Unlisted,
    /// Kept, but not available.
    Archived,
    /// Its assets are gone for good.
    Disposed,
}

impl Status {
    /// All of them.
    pub const ALL: [Status; 5] = [
        Status::Published,
        Status::Unfinished,
        Status::Unlisted,
        Status::Archived,
        Status::Disposed,
    ];

    /// The service's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Published => "Published",
            Status::Unfinished => "Unfinished",
            Status::Unlisted => "Unlisted",
            Status::Archived => "Archived",
            Status::Disposed => "Disposed",
        }
    }

    /// The status of that name.
    pub fn from_name(name: &str) -> Option<Status> {
        Status::ALL
            .into_iter()
            .find(|status| status.as_str() == name)
    }

    /// Whether its assets can be downloaded.
    pub fn is_available(self) -> bool {
        matches!(
            self,
            Status::Published | Status::Unfinished | Status::Unlisted
        )
    }
}

impl FromSql for Status {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Status> {
        Status::from_name(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

impl ToSql for Status {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

/// Where a package version entered its domain (shape `PackageVersionOrigin`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was published to this repository.
    Internal {
        /// The repository's name.
        repository: String,
    },
    /// It was ingested through this external connection.
    External {
        /// The connection's name.
        connection: String,
    },
}

impl Origin {
    /// The service's word for the kind.
    pub fn type_name(&self) -> &'static str {
        match self {
            Origin::Internal { .. } => "INTERNAL",
            Origin::External { .. } => "EXTERNAL",
        }
    }

    fn read(row: &Row<'_>, column: usize) -> rusqlite::Result<Origin> {
        let connection: Option<String> = row.get(column + 2)?;
        Ok(match connection {
            Some(connection) => Origin::External { connection },
            None => Origin::Internal {
                repository: row.get(column + 1)?,
            },
        })
    }

    fn columns(&self) -> (&'static str, Option<&str>, Option<&str>) {
        match self {
            Origin::Internal { repository } => (self.type_name(), Some(repository), None),
            Origin::External { connection } => (self.type_name(), None, Some(connection)),
        }
    }
}

/// A package version as it is stored.
#[derive(Clone, Debug)]
pub struct VersionRow {
    /// The key of the row.
    pub id: i64,
    /// The key of its package.
    pub package_id: i64,
    /// The key of its content.
    pub content_id: i64,
    /// The version.
    pub version: String,
    /// Names exactly these assets and this metadata.
    pub revision: String,
    /// Its state.
    pub status: Status,
    /// Milliseconds since 1970.
    pub published: i64,
    /// Where it entered the domain.
    pub origin: Origin,
}

/// An asset as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetRow {
    /// Its name, unique in the version.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its hashes.
    pub hashes: Hashes,
}

const SELECT: &str = "SELECT id, package_id, content_id, version, revision, status, published,
    origin, entry_repository, entry_connection FROM version";

fn read(row: &Row<'_>) -> rusqlite::Result<VersionRow> {
    Ok(VersionRow {
        id: row.get(0)?,
        package_id: row.get(1)?,
        content_id: row.get(2)?,
        version: row.get(3)?,
        revision: row.get(4)?,
        status: row.get(5)?,
        published: row.get(6)?,
        origin: Origin::read(row, 7)?,
    })
}

/// The version of the package.
pub fn find(connection: &Connection, package: i64, version: &str) -> Stored<Option<VersionRow>> {
    Ok(connection
        .prepare_cached(&format!("{SELECT} WHERE package_id = ?1 AND version = ?2"))?
        .query_row((package, version), read)
        .optional()?)
}

/// All versions of the package, by version text.
pub fn all(connection: &Connection, package: i64) -> Stored<Vec<VersionRow>> {
    let mut statement =
        connection.prepare_cached(&format!("{SELECT} WHERE package_id = ?1 ORDER BY version"))?;
    let rows = statement.query_map([package], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether the package has any version.
pub fn any(connection: &Connection, package: i64) -> Stored<bool> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM version WHERE package_id = ?1 LIMIT 1")?
        .exists([package])?)
}

/// Which versions to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// Only this status.
    pub status: Option<Status>,
    /// Only this kind of origin.
    pub origin: Option<&'a str>,
}

/// The package's versions by version text, from the one after `after` on.
pub fn list(
    connection: &Connection,
    package: i64,
    filter: Filter<'_>,
    after: Option<&str>,
    limit: usize,
) -> Stored<Vec<VersionRow>> {
    let mut statement = connection.prepare_cached(&format!(
        "{SELECT} WHERE package_id = ?1 AND version > ?2
         AND (?3 IS NULL OR status = ?3) AND (?4 IS NULL OR origin = ?4) ORDER BY version LIMIT ?5"
    ))?;
    // No version is empty.
    let rows = statement.query_map(
        (
            package,
            after.unwrap_or(""),
            filter.status,
            filter.origin,
            limit,
        ),
        read,
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The package's versions, newest first, from the one after `after` (time, version) on.
pub fn list_by_published(
    connection: &Connection,
    package: i64,
    filter: Filter<'_>,
    after: Option<(i64, &str)>,
    limit: usize,
) -> Stored<Vec<VersionRow>> {
    let mut statement = connection.prepare_cached(&format!(
        "{SELECT} WHERE package_id = ?1 AND (?2 IS NULL OR (published, version) < (?2, ?3))
         AND (?4 IS NULL OR status = ?4) AND (?5 IS NULL OR origin = ?5)
         ORDER BY published DESC, version DESC LIMIT ?6"
    ))?;
    let rows = statement.query_map(
        (
            package,
            after.map(|(published, _)| published),
            after.map(|(_, version)| version),
            filter.status,
            filter.origin,
            limit,
        ),
        read,
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What a new version row holds.
#[derive(Clone, Debug)]
pub struct NewVersion<'a> {
    /// The key of its package.
    pub package: i64,
    /// The key of its content.
    pub content: i64,
    /// The version.
    pub version: &'a str,
    /// Names these assets and this metadata.
    pub revision: &'a str,
    /// Its state.
    pub status: Status,
    /// Milliseconds since 1970.
    pub published: i64,
    /// Where it entered the domain.
    pub origin: &'a Origin,
}

/// Adds a version and gives its key.
pub fn insert(writing: &Writing<'_>, new: &NewVersion<'_>) -> Stored<i64> {
    let (origin, repository, connection) = new.origin.columns();
    writing
        .prepare_cached(
            "INSERT INTO version (package_id, content_id, version, revision, status, published,
             origin, entry_repository, entry_connection) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute((
            new.package,
            new.content,
            new.version,
            new.revision,
            new.status,
            new.published,
            origin,
            repository,
            connection,
        ))?;
    Ok(writing.last_insert_rowid())
}

/// Replaces content, revision and status.
pub fn update(
    writing: &Writing<'_>,
    version: i64,
    content: i64,
    revision: &str,
    status: Status,
) -> Stored<()> {
    writing
        .prepare_cached(
            "UPDATE version SET content_id = ?2, revision = ?3, status = ?4 WHERE id = ?1",
        )?
        .execute((version, content, revision, status))?;
    Ok(())
}

/// Replaces the status.
pub fn set_status(writing: &Writing<'_>, version: i64, status: Status) -> Stored<()> {
    writing
        .prepare_cached("UPDATE version SET status = ?2 WHERE id = ?1")?
        .execute((version, status))?;
    Ok(())
}

/// Deletes a version with its assets.
pub fn delete(writing: &Writing<'_>, version: i64) -> Stored<()> {
    writing
        .prepare_cached("DELETE FROM version WHERE id = ?1")?
        .execute([version])?;
    Ok(())
}

const ASSETS: &str = "SELECT name, size, md5, sha1, asset.sha256, sha512
    FROM asset JOIN blob ON blob.sha256 = asset.sha256 WHERE version_id = ?1";

fn read_asset(row: &Row<'_>) -> rusqlite::Result<AssetRow> {
    Ok(AssetRow {
        name: row.get(0)?,
        size: row.get(1)?,
        hashes: Hashes {
            md5: row.get(2)?,
            sha1: row.get(3)?,
            sha256: row.get(4)?,
            sha512: row.get(5)?,
        },
    })
}

/// The version's assets by name.
pub fn assets(connection: &Connection, version: i64) -> Stored<Vec<AssetRow>> {
    list_assets(connection, version, None, usize::MAX >> 1)
}

/// The version's assets by name, from the one after `after` on.
pub fn list_assets(
    connection: &Connection,
    version: i64,
    after: Option<&str>,
    limit: usize,
) -> Stored<Vec<AssetRow>> {
    let mut statement =
        connection.prepare_cached(&format!("{ASSETS} AND name > ?2 ORDER BY name LIMIT ?3"))?;
    // No asset has an empty name.
    let rows = statement.query_map((version, after.unwrap_or(""), limit), read_asset)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One asset of the version.
pub fn asset(connection: &Connection, version: i64, name: &str) -> Stored<Option<AssetRow>> {
    Ok(connection
        .prepare_cached(&format!("{ASSETS} AND name = ?2"))?
        .query_row((version, name), read_asset)
        .optional()?)
}

/// Adds assets whose blobs the tables know.
pub fn insert_assets(
    writing: &Writing<'_>,
    domain: i64,
    version: i64,
    assets: &[AssetRow],
) -> Stored<()> {
    assets.iter().try_for_each(|asset| {
        insert_asset(writing, domain, version, &asset.name, &asset.hashes.sha256)
    })
}

/// Adds an asset whose blob the tables know.
pub fn insert_asset(
    writing: &Writing<'_>,
    domain: i64,
    version: i64,
    name: &str,
    sha256: &[u8; 32],
) -> Stored<()> {
    writing
        .prepare_cached(
            "INSERT INTO asset (version_id, name, domain_id, sha256) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((version, name, domain, sha256))?;
    Ok(())
}

/// Removes one asset from the version; false when it has none of that name.
pub fn delete_asset(writing: &Writing<'_>, version: i64, name: &str) -> Stored<bool> {
    Ok(writing
        .prepare_cached("DELETE FROM asset WHERE version_id = ?1 AND name = ?2")?
        .execute((version, name))?
        > 0)
}

/// Removes all assets of the version, and says how many there were.
pub fn delete_assets(writing: &Writing<'_>, version: i64) -> Stored<usize> {
    Ok(writing
        .prepare_cached("DELETE FROM asset WHERE version_id = ?1")?
        .execute([version])?)
}

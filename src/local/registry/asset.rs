//! Assets: received, looked up, fetched (guide, "Requesting a package version with upstream
//! repositories").

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::page::{Page, PageRequest};
use super::publish::{self, StagedAsset};
use super::refusal::{Answer, Resource, not_found, quota};
use super::version::{self, Version};
use super::{
    Caller, Context, PackageId, Registry, RepositoryId, Status, lookup, origin, package, upstream,
};
use crate::local::file;
use crate::local::store::blob::Staging;
use crate::local::store::repository::RepositoryRow;
use crate::local::store::version::{self as rows, AssetRow, VersionRow};

pub use crate::local::store::blob::{Hashes, StagedBlob};

/// The page size of asset lists without one asked for.
const DEFAULT_PAGE: usize = 100;

/// An asset that can be sent.
#[derive(Clone, Debug)]
pub struct FoundAsset {
    /// Name, size and hashes.
    pub asset: AssetRow,
    /// Where its bytes are. A version that is deleted meanwhile takes them away.
    pub path: PathBuf,
    /// The version it belongs to.
    pub version: String,
    /// The revision of that version.
    pub revision: String,
    /// The status of that version.
    pub status: Status,
}

/// Takes the bytes of an asset, up to the quota.
pub struct AssetWriter {
    staging: Staging,
    limit: u64,
}

impl AssetWriter {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// `ServiceQuotaExceededException` for more bytes than an asset may have.
    pub async fn write(&mut self, bytes: &[u8]) -> Answer<()> {
        check_size(self.staging.size() + bytes.len() as u64, self.limit)?;
        Ok(self.staging.write(bytes).await?)
    }

    /// The number of bytes taken so far.
    pub fn size(&self) -> u64 {
        self.staging.size()
    }

    /// Where the bytes can be read that were taken before the last [`AssetWriter::flush`].
    pub fn path(&self) -> &Path {
        self.staging.path()
    }

    /// Lets the bytes that were taken be read by others.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn flush(&mut self) -> Answer<()> {
        Ok(self.staging.flush().await?)
    }

    /// Ends the asset, under a name. The bytes are on the disk when this returns.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn finish(self, name: impl Into<String>) -> Answer<StagedAsset> {
        Ok(StagedAsset {
            name: name.into(),
            blob: self.staging.finish().await?,
        })
    }
}

impl Registry {
    /// Begins to receive an asset. Dropping the writer, or what comes out of it, forgets the bytes.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn stage(&self) -> Answer<AssetWriter> {
        Ok(AssetWriter {
            staging: self.store().blobs().stage().await?,
            limit: self.quotas().asset_size,
        })
    }

    /// Takes an asset in that is there whole, under a name. Waits for the disk. Dropping what comes
    /// out of it forgets the bytes.
    ///
    /// # Errors
    /// `ServiceQuotaExceededException` for more bytes than an asset may have; when the disk refuses.
    pub fn stage_whole(&self, name: impl Into<String>, bytes: &[u8]) -> Answer<StagedAsset> {
        check_size(bytes.len() as u64, self.quotas().asset_size)?;
        Ok(StagedAsset {
            name: name.into(),
            blob: self.store().blobs().stage_whole(bytes)?,
        })
    }

    /// The asset of a version for a package manager, from the repository or from upstream of it.
    /// What came from upstream is retained in the repository (guide, "Package retention from
    /// upstream repositories").
    ///
    /// # Errors
    /// `ResourceNotFoundException` when no repository that may be searched has it, or its status
    /// does not let it be downloaded.
    pub async fn fetch_asset(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
        version: &str,
        asset: &str,
    ) -> Answer<FoundAsset> {
        let (found, retain) = {
            let (caller, id, package) = (caller.clone(), id.clone(), package.clone());
            let (version, asset) = (version.to_string(), asset.to_string());
            self.read(move |reading, context| {
                let repository = lookup::readable(reading, context, &caller, &id)?;
                search(reading, context, &repository, &package, &version, &asset)
            })
            .await?
        };
        if retain.is_some() {
            let (id, package, version) = (id.clone(), package.clone(), version.to_string());
            self.write(move |writing, context| {
                publish::retain(writing, context, &id, &package, &version)
            })
            .await?;
        }
        Ok(self.located(found))
    }

    /// The asset of a version in the repository itself, for the API.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, also when the revision is another one.
    pub async fn asset(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
        version: &str,
        asset: &str,
        revision: Option<String>,
    ) -> Answer<FoundAsset> {
        let (caller, id, package) = (caller.clone(), id.clone(), package.clone());
        let (version, asset) = (version.to_string(), asset.to_string());
        let found = self
            .read(move |reading, context| {
                let action = "GetPackageVersionAsset";
                let place = package::authorized(reading, context, &caller, &id, &package, action)?;
                let (_, row) = version::require(reading, &place.repository, &package, &version)?;
                if revision.is_some_and(|revision| revision != row.revision) {
                    return Err(version::missing(&place.repository, &package, &version));
                }
                if !row.status.is_available() {
                    return Err(not_found(
                        Resource::Asset,
                        &asset,
                        format!("Asset {asset} of version {version} of package {package} cannot be downloaded. Status: {}", row.status.as_str()),
                    ));
                }
                let found = rows::asset(reading, row.id, &asset)?
                    .ok_or_else(|| missing(&place.repository, &package, &version, &asset))?;
                Ok((found, row))
            })
            .await?;
        Ok(self.located(found))
    }

    /// A page of the assets of a version, and the version.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, `ValidationException` for a token of another request.
    pub async fn list_assets(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
        version: &str,
        page: PageRequest,
    ) -> Answer<(Version, Page<AssetRow>)> {
        let (caller, id, package, version) = (
            caller.clone(),
            id.clone(),
            package.clone(),
            version.to_string(),
        );
        self.read(move |reading, context| {
            let action = "ListPackageVersionAssets";
            let place = package::authorized(reading, context, &caller, &id, &package, action)?;
            let (_, row) = version::require(reading, &place.repository, &package, &version)?;
            let cursor = context.tokens.cursor::<String>(
                &(action, place.repository.id, package.path(), &row.version),
                &page,
                DEFAULT_PAGE,
            )?;
            let found =
                rows::list_assets(reading, row.id, cursor.after.as_deref(), cursor.fetch())?;
            let page = cursor.page(found, |asset| asset.name.clone());
            Ok((Version::from(row), page))
        })
        .await
    }

    /// Where the bytes of a stored asset are. A version that is deleted meanwhile takes them away.
    pub fn asset_path(&self, asset: &AssetRow) -> PathBuf {
        self.store().blobs().path(&asset.hashes.sha256)
    }

    /// Opens the bytes of an asset.
    ///
    /// # Errors
    /// `ResourceNotFoundException` when its last version has been deleted meanwhile.
    pub async fn open_asset(&self, path: &Path, name: &str) -> Answer<std::fs::File> {
        file::open(path).await.map_err(|_| {
            not_found(
                Resource::Asset,
                name,
                format!("Asset {name} is not there any more."),
            )
        })
    }

    fn located(&self, (asset, version): (AssetRow, VersionRow)) -> FoundAsset {
        FoundAsset {
            path: self.store().blobs().path(&asset.hashes.sha256),
            version: version.version,
            revision: version.revision,
            status: version.status,
            asset,
        }
    }
}

fn check_size(size: u64, limit: u64) -> Answer<()> {
    if size > limit {
        return Err(quota(
            Resource::Asset,
            "",
            format!("An asset cannot have more than {limit} bytes."),
        ));
    }
    Ok(())
}

type Found = (AssetRow, VersionRow);

/// Looks for an asset in search order; says whether it has to be retained in the repository.
fn search(
    connection: &Connection,
    context: &Context,
    repository: &RepositoryRow,
    package: &PackageId,
    version: &str,
    asset: &str,
) -> Answer<(Found, Option<()>)> {
    for (position, step) in upstream::search_order(connection, context, repository, package)?
        .into_iter()
        .enumerate()
    {
        let Some(row) = version::find(connection, &step.repository, package, version)? else {
            continue;
        };
        if !row.status.is_available() {
            break;
        }
        if let Some(found) = rows::asset(connection, row.id, asset)? {
            return Ok(((found, row), (position > 0).then_some(())));
        }
        if !origin::follows_upstream(package.format, &row, &step.repository) {
            break;
        }
    }
    Err(missing(repository, package, version, asset))
}

/// There is no such asset.
pub(super) fn missing(
    repository: &RepositoryRow,
    package: &PackageId,
    version: &str,
    asset: &str,
) -> crate::api::fault::Fault {
    not_found(
        Resource::Asset,
        asset,
        format!(
            "Asset not found. Repository: {}, format: {}, package: {package}, version: {version}, asset: {asset}",
            repository.name, package.format
        ),
    )
}

//! What is said of a package beside its versions: tags, and the format's own metadata.

use super::package::{self, FirstVersion};
use super::refusal::{Answer, Resource, not_found};
use super::{Caller, PackageId, Registry, RepositoryId};
use crate::local::store::Writing;
use crate::local::store::package as rows;
use crate::local::store::repository::RepositoryRow;

impl Registry {
    /// Lets a tag of the package name a version that the repository can reach, as npm's dist-tags do.
    ///
    /// # Errors
    /// `ResourceNotFoundException` when the package is not in the repository itself.
    pub async fn set_package_tag(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
        tag: &str,
        version: &str,
    ) -> Answer<()> {
        let (tag, version) = (tag.to_string(), version.to_string());
        self.write_metadata(caller, id, package, move |writing, repository, package| {
            let row = package::require(writing, repository, package)?;
            Ok(rows::set_tag(writing, row.id, &tag, &version)?)
        })
        .await
    }

    /// Removes a tag of the package.
    ///
    /// # Errors
    /// `ResourceNotFoundException` when there is no such tag in the repository itself.
    pub async fn delete_package_tag(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
        tag: &str,
    ) -> Answer<()> {
        let tag = tag.to_string();
        self.write_metadata(caller, id, package, move |writing, repository, package| {
            let row = package::require(writing, repository, package)?;
            if rows::delete_tag(writing, row.id, &tag)? {
                return Ok(());
            }
            Err(not_found(
                Resource::Package,
                package.to_string(),
                format!("Package {package} has no tag {tag}."),
            ))
        })
        .await
    }

    /// Replaces the format's own metadata of a package, which need not be there yet.
    ///
    /// # Errors
    /// `AccessDeniedException`.
    pub async fn put_package_document(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
        document: String,
    ) -> Answer<()> {
        self.write_metadata(caller, id, package, move |writing, repository, package| {
            let first = FirstVersion::Published;
            let row = package::find_or_create(writing, repository, package, first)?;
            Ok(rows::set_document(writing, row.id, &document)?)
        })
        .await
    }

    /// Runs a rule on the package's repository, for a caller who may write metadata of the package.
    async fn write_metadata(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        package: &PackageId,
        rule: impl FnOnce(&Writing<'_>, &RepositoryRow, &PackageId) -> Answer<()> + Send + 'static,
    ) -> Answer<()> {
        let (caller, id, package) = (caller.clone(), id.clone(), package.clone());
        self.write(move |writing, context| {
            let action = "PutPackageMetadata";
            let place = package::authorized(writing, context, &caller, &id, &package, action)?;
            rule(writing, &place.repository, &package)
        })
        .await
    }
}

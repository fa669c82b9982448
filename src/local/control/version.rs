//! Package versions: listing, describing, readme, dependencies, assets.

use super::{Control, Handle, PackageMember, RepositoryMember, page, shape};
use crate::api::answers::{
    DescribePackageVersionOutput, GetPackageVersionReadmeOutput, ListPackageVersionAssetsOutput,
    ListPackageVersionDependenciesOutput, ListPackageVersionsOutput,
};
use crate::local::registry::version::VersionFilter;
use crate::local::registry::{Answer, Caller, Status};
use crate::ops::describe_package_version::DescribePackageVersion;
use crate::ops::get_package_version_readme::GetPackageVersionReadme;
use crate::ops::list_package_version_assets::ListPackageVersionAssets;
use crate::ops::list_package_version_dependencies::ListPackageVersionDependencies;
use crate::ops::list_package_versions::ListPackageVersions;

impl Handle for ListPackageVersions {
    async fn handle(self, control: &Control, caller: &Caller) -> Answer<ListPackageVersionsOutput> {
        // No version is stored as Deleted, so a list of those is empty.
        let status = self.status.as_deref().map(Status::from_name);
        let package = self.package.package()?;
        let filter = VersionFilter {
            status: status.flatten(),
            origin_type: self.origin_type,
            by_published_time: self.sort_by.is_some(),
        };
        let mut found = control
            .registry
            .list_versions(
                caller,
                &self.package.id(caller),
                &package,
                filter,
                page(self.page),
            )
            .await?;
        if status == Some(None) {
            found.page.items.clear();
            found.page.next_token = None;
        }
        Ok(ListPackageVersionsOutput {
            default_display_version: found.default_display_version,
            format: Some(package.format.to_string()),
            namespace: package.namespace,
            package: Some(package.name),
            versions: Some(
                found
                    .page
                    .items
                    .iter()
                    .map(shape::version_summary)
                    .collect(),
            ),
            next_token: found.page.next_token,
        })
    }
}

impl Handle for DescribePackageVersion {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<DescribePackageVersionOutput> {
        let package = self.version.package()?;
        let (version, facts) = control
            .registry
            .describe_version(
                caller,
                &self.version.id(caller),
                &package,
                &self.version.package_version,
            )
            .await?;
        Ok(DescribePackageVersionOutput {
            package_version: Some(shape::version(&package, &version, facts)),
        })
    }
}

impl Handle for GetPackageVersionReadme {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<GetPackageVersionReadmeOutput> {
        let package = self.version.package()?;
        let (version, readme) = control
            .registry
            .readme(
                caller,
                &self.version.id(caller),
                &package,
                &self.version.package_version,
            )
            .await?;
        Ok(GetPackageVersionReadmeOutput {
            format: Some(package.format.to_string()),
            namespace: package.namespace,
            package: Some(package.name),
            version: Some(version.version),
            version_revision: Some(version.revision),
            readme: Some(readme),
        })
    }
}

impl Handle for ListPackageVersionDependencies {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<ListPackageVersionDependenciesOutput> {
        let package = self.version.package()?;
        let id = self.version.id(caller);
        let (version, page) = control
            .registry
            .list_dependencies(
                caller,
                &id,
                &package,
                &self.version.package_version,
                self.next_token,
            )
            .await?;
        Ok(ListPackageVersionDependenciesOutput {
            format: Some(package.format.to_string()),
            namespace: package.namespace,
            package: Some(package.name),
            version: Some(version.version),
            version_revision: Some(version.revision),
            next_token: page.next_token,
            dependencies: Some(page.items.into_iter().map(shape::dependency).collect()),
        })
    }
}

impl Handle for ListPackageVersionAssets {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<ListPackageVersionAssetsOutput> {
        let package = self.version.package()?;
        let id = self.version.id(caller);
        let page_request = page(self.page);
        let (version, page) = control
            .registry
            .list_assets(
                caller,
                &id,
                &package,
                &self.version.package_version,
                page_request,
            )
            .await?;
        Ok(ListPackageVersionAssetsOutput {
            format: Some(package.format.to_string()),
            namespace: package.namespace,
            package: Some(package.name),
            version: Some(version.version),
            version_revision: Some(version.revision),
            next_token: page.next_token,
            assets: Some(page.items.iter().map(shape::asset).collect()),
        })
    }
}

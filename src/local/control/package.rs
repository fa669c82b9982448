//! Packages and their origin controls.

use super::{Control, Handle, PackageMember, RepositoryMember, package_format, page, shape};
use crate::api::answers::{
    DeletePackageOutput, DescribePackageOutput, ListPackagesOutput,
    PutPackageOriginConfigurationOutput,
};
use crate::local::registry::package::{OriginControls, PackageFilter};
use crate::local::registry::{Answer, Caller};
use crate::ops::delete_package::DeletePackage;
use crate::ops::describe_package::DescribePackage;
use crate::ops::list_packages::ListPackages;
use crate::ops::put_package_origin_configuration::PutPackageOriginConfiguration;

impl Handle for ListPackages {
    async fn handle(self, control: &Control, caller: &Caller) -> Answer<ListPackagesOutput> {
        let allows = |word: Option<String>| word.map(|word| word == "ALLOW");
        let filter = PackageFilter {
            format: self.format.as_deref().map(package_format).transpose()?,
            namespace_prefix: self.namespace,
            name_prefix: self.package_prefix,
            publish: allows(self.publish),
            upstream: allows(self.upstream),
        };
        let id = self.repository.id(caller);
        let page = control
            .registry
            .list_packages(caller, &id, filter, page(self.page))
            .await?;
        Ok(ListPackagesOutput {
            packages: Some(page.items.iter().map(shape::package_summary).collect()),
            next_token: page.next_token,
        })
    }
}

impl Handle for DescribePackage {
    async fn handle(self, control: &Control, caller: &Caller) -> Answer<DescribePackageOutput> {
        let package = control
            .registry
            .describe_package(caller, &self.package.id(caller), &self.package.package()?)
            .await?;
        Ok(DescribePackageOutput {
            package: Some(shape::package(&package)),
        })
    }
}

impl Handle for DeletePackage {
    async fn handle(self, control: &Control, caller: &Caller) -> Answer<DeletePackageOutput> {
        let package = control
            .registry
            .delete_package(caller, &self.package.id(caller), &self.package.package()?)
            .await?;
        Ok(DeletePackageOutput {
            deleted_package: Some(shape::package_summary(&package)),
        })
    }
}

impl Handle for PutPackageOriginConfiguration {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<PutPackageOriginConfigurationOutput> {
        let controls = OriginControls {
            publish: self.restrictions.publish.as_deref() == Some("ALLOW"),
            upstream: self.restrictions.upstream.as_deref() == Some("ALLOW"),
        };
        let package = control
            .registry
            .put_origin_controls(
                caller,
                &self.package.id(caller),
                &self.package.package()?,
                controls,
            )
            .await?;
        Ok(PutPackageOriginConfigurationOutput {
            origin_configuration: Some(shape::origin_configuration(package.origin_controls)),
        })
    }
}

//! What happens to several versions at once: copy, status, disposal, deletion.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::{Control, DomainMember, Handle, PackageMember, RepositoryMember, package_id};
use crate::api::answers::{
    CopyPackageVersionsOutput, DeletePackageVersionsOutput, DisposePackageVersionsOutput,
    UpdatePackageVersionsStatusOutput,
};
use crate::api::shapes::{PackageVersionError, SuccessfulPackageVersionInfo};
use crate::local::registry::batch::{Outcome, Selection};
use crate::local::registry::copy::CopyRequest;
use crate::local::registry::{Answer, Caller, RepositoryId};
use crate::ops::copy_package_versions::CopyPackageVersions;
use crate::ops::delete_package_versions::DeletePackageVersions;
use crate::ops::dispose_package_versions::DisposePackageVersions;
use crate::ops::update_package_versions_status::UpdatePackageVersionsStatus;

fn selection(
    versions: Vec<String>,
    revisions: Option<BTreeMap<String, String>>,
    expected_status: Option<String>,
) -> Selection {
    Selection {
        versions,
        revisions,
        expected_status,
    }
}

type Successful = Option<IndexMap<String, SuccessfulPackageVersionInfo>>;
type Failed = Option<IndexMap<String, PackageVersionError>>;

fn maps(outcome: Outcome) -> (Successful, Failed) {
    let successful = outcome
        .successful
        .into_iter()
        .map(|(version, (revision, status))| {
            let info = SuccessfulPackageVersionInfo {
                revision: Some(revision),
                status: Some(status.to_string()),
            };
            (version, info)
        });
    let failed = outcome.failed.into_iter().map(|(version, (why, message))| {
        let error = PackageVersionError {
            error_code: Some(why.as_str().to_string()),
            error_message: Some(message),
        };
        (version, error)
    });
    (Some(successful.collect()), Some(failed.collect()))
}

impl Handle for CopyPackageVersions {
    async fn handle(self, control: &Control, caller: &Caller) -> Answer<CopyPackageVersionsOutput> {
        let package = package_id(&self.format, self.namespace.as_deref(), &self.package)?;
        let source = RepositoryId {
            domain: self.domain.id(caller),
            name: self.source_repository,
        };
        let request = CopyRequest {
            versions: self.versions,
            revisions: self.version_revisions,
            allow_overwrite: self.allow_overwrite == Some(true),
            include_from_upstream: self.include_from_upstream == Some(true),
        };
        let outcome = control
            .registry
            .copy_versions(
                caller,
                &source,
                &self.destination_repository,
                &package,
                request,
            )
            .await?;
        let (successful_versions, failed_versions) = maps(outcome);
        Ok(CopyPackageVersionsOutput {
            successful_versions,
            failed_versions,
        })
    }
}

impl Handle for UpdatePackageVersionsStatus {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<UpdatePackageVersionsStatusOutput> {
        let selection = selection(self.versions, self.version_revisions, self.expected_status);
        let (id, package) = (self.package.id(caller), self.package.package()?);
        let outcome = control
            .registry
            .set_versions_status(caller, &id, &package, selection, &self.target_status)
            .await?;
        let (successful_versions, failed_versions) = maps(outcome);
        Ok(UpdatePackageVersionsStatusOutput {
            successful_versions,
            failed_versions,
        })
    }
}

impl Handle for DisposePackageVersions {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<DisposePackageVersionsOutput> {
        let selection = selection(self.versions, self.version_revisions, self.expected_status);
        let (id, package) = (self.package.id(caller), self.package.package()?);
        let outcome = control
            .registry
            .dispose_versions(caller, &id, &package, selection)
            .await?;
        let (successful_versions, failed_versions) = maps(outcome);
        Ok(DisposePackageVersionsOutput {
            successful_versions,
            failed_versions,
        })
    }
}

impl Handle for DeletePackageVersions {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<DeletePackageVersionsOutput> {
        let selection = selection(self.versions, None, self.expected_status);
        let (id, package) = (self.package.id(caller), self.package.package()?);
        let outcome = control
            .registry
            .delete_versions(caller, &id, &package, selection)
            .await?;
        let (successful_versions, failed_versions) = maps(outcome);
        Ok(DeletePackageVersionsOutput {
            successful_versions,
            failed_versions,
        })
    }
}

//! Package groups.

use indexmap::IndexMap;

use super::{Control, DomainMember, Handle, package_id, page, shape};
use crate::api::answers::{
    CreatePackageGroupOutput, DeletePackageGroupOutput, DescribePackageGroupOutput,
    GetAssociatedPackageGroupOutput, ListAllowedRepositoriesForGroupOutput,
    ListAssociatedPackagesOutput, ListPackageGroupsOutput, ListSubPackageGroupsOutput,
    UpdatePackageGroupOriginConfigurationOutput, UpdatePackageGroupOutput,
};
use crate::api::shapes::{
    AssociatedPackage, PackageGroupAllowedRepository, PackageGroupDescription,
    PackageGroupOriginConfiguration, PackageGroupOriginRestriction, PackageGroupReference,
    PackageGroupSummary,
};
use crate::api::timestamp::Timestamp;
use crate::local::registry::group::Restriction;
use crate::local::registry::group::describe::PackageGroup;
use crate::local::registry::group::manage::NewPackageGroup;
use crate::local::registry::group::origin::{ListUpdates, OriginChange};
use crate::local::registry::group::pattern::Strength;
use crate::local::registry::refusal::invalid;
use crate::local::registry::{Answer, Caller};
use crate::ops::create_package_group::CreatePackageGroup;
use crate::ops::delete_package_group::DeletePackageGroup;
use crate::ops::describe_package_group::DescribePackageGroup;
use crate::ops::get_associated_package_group::GetAssociatedPackageGroup;
use crate::ops::list_allowed_repositories_for_group::ListAllowedRepositoriesForGroup;
use crate::ops::list_associated_packages::ListAssociatedPackages;
use crate::ops::list_package_groups::ListPackageGroups;
use crate::ops::list_sub_package_groups::ListSubPackageGroups;
use crate::ops::update_package_group::UpdatePackageGroup;
use crate::ops::update_package_group_origin_configuration::UpdatePackageGroupOriginConfiguration;

fn reference((arn, pattern): (String, String)) -> PackageGroupReference {
    PackageGroupReference {
        arn: Some(arn),
        pattern: Some(pattern),
    }
}

fn description(group: PackageGroup) -> PackageGroupDescription {
    let restrictions = group.restrictions.into_iter().map(|(restriction, origin)| {
        let origin = PackageGroupOriginRestriction {
            mode: Some(origin.mode),
            effective_mode: Some(origin.effective_mode),
            inherited_from: origin.inherited_from.map(reference),
            repositories_count: i64::try_from(origin.repositories).ok(),
        };
        (restriction.as_str().to_string(), origin)
    });
    PackageGroupDescription {
        arn: Some(group.arn),
        pattern: Some(group.row.pattern),
        domain_name: Some(group.domain.name),
        domain_owner: Some(group.domain.owner),
        created_time: Some(Timestamp::from_millis(group.row.created)),
        contact_info: group.row.contact_info,
        description: group.row.description,
        origin_configuration: Some(PackageGroupOriginConfiguration {
            restrictions: Some(restrictions.collect()),
        }),
        parent: group.parent.map(reference),
    }
}

fn summary(group: PackageGroup) -> PackageGroupSummary {
    let group = description(group);
    PackageGroupSummary {
        arn: group.arn,
        pattern: group.pattern,
        domain_name: group.domain_name,
        domain_owner: group.domain_owner,
        created_time: group.created_time,
        contact_info: group.contact_info,
        description: group.description,
        origin_configuration: group.origin_configuration,
        parent: group.parent,
    }
}

fn strength(strength: Strength) -> Option<String> {
    let word = match strength {
        Strength::Strong => "STRONG",
        Strength::Weak => "WEAK",
    };
    Some(word.to_string())
}

fn restriction(name: &str) -> Answer<Restriction> {
    Restriction::from_name(name)
        .ok_or_else(|| invalid(format!("There is no origin restriction `{name}`.")))
}

impl Handle for CreatePackageGroup {
    async fn handle(self, control: &Control, caller: &Caller) -> Answer<CreatePackageGroupOutput> {
        let new = NewPackageGroup {
            contact_info: self.contact_info,
            description: self.description,
            tags: shape::tags(self.tags),
        };
        let id = self.domain.id(caller);
        let group = control
            .registry
            .create_package_group(caller, &id, &self.package_group, new)
            .await?;
        Ok(CreatePackageGroupOutput {
            package_group: Some(description(group)),
        })
    }
}

impl Handle for DescribePackageGroup {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<DescribePackageGroupOutput> {
        let group = control
            .registry
            .describe_package_group(caller, &self.domain.id(caller), &self.package_group)
            .await?;
        Ok(DescribePackageGroupOutput {
            package_group: Some(description(group)),
        })
    }
}

impl Handle for UpdatePackageGroup {
    async fn handle(self, control: &Control, caller: &Caller) -> Answer<UpdatePackageGroupOutput> {
        let id = self.domain.id(caller);
        let group = control
            .registry
            .update_package_group(
                caller,
                &id,
                &self.package_group,
                self.contact_info,
                self.description,
            )
            .await?;
        Ok(UpdatePackageGroupOutput {
            package_group: Some(description(group)),
        })
    }
}

impl Handle for DeletePackageGroup {
    async fn handle(self, control: &Control, caller: &Caller) -> Answer<DeletePackageGroupOutput> {
        let group = control
            .registry
            .delete_package_group(caller, &self.domain.id(caller), &self.package_group)
            .await?;
        Ok(DeletePackageGroupOutput {
            package_group: Some(description(group)),
        })
    }
}

impl Handle for UpdatePackageGroupOriginConfiguration {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<UpdatePackageGroupOriginConfigurationOutput> {
        let restrictions = self
            .restrictions
            .into_iter()
            .flatten()
            .map(|(name, mode)| Ok((restriction(&name)?, mode)))
            .collect::<Answer<_>>()?;
        let change = OriginChange {
            restrictions,
            add: allowed(self.add_allowed_repositories)?,
            remove: allowed(self.remove_allowed_repositories)?,
        };
        let id = self.domain.id(caller);
        let (group, updates) = control
            .registry
            .update_package_group_origins(caller, &id, &self.package_group, change)
            .await?;
        Ok(UpdatePackageGroupOriginConfigurationOutput {
            package_group: Some(description(group)),
            allowed_repository_updates: Some(list_updates(updates)),
        })
    }
}

fn allowed(list: Option<Vec<PackageGroupAllowedRepository>>) -> Answer<Vec<(Restriction, String)>> {
    list.into_iter()
        .flatten()
        .map(
            |entry| match (entry.origin_restriction_type, entry.repository_name) {
                (Some(kind), Some(name)) => Ok((restriction(&kind)?, name)),
                _ => Err(invalid(
                    "An allowed repository has an originRestrictionType and a repositoryName.",
                )),
            },
        )
        .collect()
}

fn list_updates(updates: ListUpdates) -> IndexMap<String, IndexMap<String, Vec<String>>> {
    updates
        .into_iter()
        .map(|(restriction, (added, removed))| {
            let lists = [("ADDED", added), ("REMOVED", removed)]
                .into_iter()
                .filter(|(_, names)| !names.is_empty())
                .map(|(word, names)| (word.to_string(), names));
            (restriction.to_string(), lists.collect())
        })
        .collect()
}

impl Handle for ListPackageGroups {
    async fn handle(self, control: &Control, caller: &Caller) -> Answer<ListPackageGroupsOutput> {
        let id = self.domain.id(caller);
        let page = control
            .registry
            .list_package_groups(caller, &id, self.prefix, page(self.page))
            .await?;
        Ok(ListPackageGroupsOutput {
            package_groups: Some(page.items.into_iter().map(summary).collect()),
            next_token: page.next_token,
        })
    }
}

impl Handle for ListSubPackageGroups {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<ListSubPackageGroupsOutput> {
        let id = self.domain.id(caller);
        let page = control
            .registry
            .list_sub_package_groups(caller, &id, &self.package_group, page(self.page))
            .await?;
        Ok(ListSubPackageGroupsOutput {
            package_groups: Some(page.items.into_iter().map(summary).collect()),
            next_token: page.next_token,
        })
    }
}

impl Handle for ListAllowedRepositoriesForGroup {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<ListAllowedRepositoriesForGroupOutput> {
        let id = self.domain.id(caller);
        let restriction = restriction(&self.origin_restriction_type)?;
        let page = control
            .registry
            .list_allowed_repositories(
                caller,
                &id,
                &self.package_group,
                restriction,
                page(self.page),
            )
            .await?;
        Ok(ListAllowedRepositoriesForGroupOutput {
            allowed_repositories: Some(page.items),
            next_token: page.next_token,
        })
    }
}

impl Handle for ListAssociatedPackages {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<ListAssociatedPackagesOutput> {
        let id = self.domain.id(caller);
        let preview = self.preview == Some(true);
        let page = control
            .registry
            .list_associated_packages(caller, &id, &self.package_group, preview, page(self.page))
            .await?;
        let packages = page
            .items
            .into_iter()
            .map(|(package, fit)| AssociatedPackage {
                format: Some(package.format.to_string()),
                namespace: package.namespace,
                package: Some(package.name),
                association_type: strength(fit),
            });
        Ok(ListAssociatedPackagesOutput {
            packages: Some(packages.collect()),
            next_token: page.next_token,
        })
    }
}

impl Handle for GetAssociatedPackageGroup {
    async fn handle(
        self,
        control: &Control,
        caller: &Caller,
    ) -> Answer<GetAssociatedPackageGroupOutput> {
        let package = package_id(&self.format, self.namespace.as_deref(), &self.package)?;
        let (group, fit) = control
            .registry
            .associated_package_group(caller, &self.domain.id(caller), &package)
            .await?;
        Ok(GetAssociatedPackageGroupOutput {
            package_group: Some(description(group)),
            association_type: strength(fit),
        })
    }
}

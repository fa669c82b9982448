//! A package group as it is described: with its ARN, the group above it, and its origin controls.

use rusqlite::Connection;

use super::{Group, Groups, Restriction};
use crate::local::registry::access::{self, Keys, Target};
use crate::local::registry::refusal::{Answer, Resource, not_found};
use crate::local::registry::{Caller, Context, DomainId, Fault, Registry, arn, domain};
use crate::local::store::domain::DomainRow;
use crate::local::store::group::{self as rows, GroupRow};
use crate::local::store::{Reading, Writing};

/// A package group with what follows from its place among the others.
#[derive(Clone, Debug)]
pub struct PackageGroup {
    /// The stored row.
    pub row: GroupRow,
    /// Its ARN.
    pub arn: String,
    /// The domain it is in.
    pub domain: DomainId,
    /// The group above it: ARN and pattern. The root group has none.
    pub parent: Option<(String, String)>,
    /// Its origin controls, in the model's order.
    pub restrictions: Vec<(Restriction, OriginRestriction)>,
}

/// One of the origin controls of a group (shape `PackageGroupOriginRestriction`).
#[derive(Clone, Debug)]
pub struct OriginRestriction {
    /// As it was set.
    pub mode: String,
    /// As it works.
    pub effective_mode: String,
    /// The group it is inherited from: ARN and pattern.
    pub inherited_from: Option<(String, String)>,
    /// How many repositories are on its list.
    pub repositories: u64,
}

/// What a request about a group names, for a caller who may make it.
pub(super) struct Asked<'a> {
    pub(super) context: &'a Context,
    pub(super) action: &'static str,
    pub(super) domain: DomainRow,
    pub(super) pattern: String,
}

impl Registry {
    /// Describes a group.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub async fn describe_package_group(
        &self,
        caller: &Caller,
        id: &DomainId,
        pattern: &str,
    ) -> Answer<PackageGroup> {
        let action = "DescribePackageGroup";
        self.read_group(caller, id, pattern, action, |reading, asked| {
            asked.described(reading)
        })
        .await
    }

    /// Runs a rule that reads, once the caller may do that with the group, which need not be there.
    pub(super) async fn read_group<T: Send + 'static>(
        &self,
        caller: &Caller,
        id: &DomainId,
        pattern: &str,
        action: &'static str,
        rule: impl FnOnce(&Reading<'_>, &Asked<'_>) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let (caller, id, pattern) = (caller.clone(), id.clone(), pattern.to_string());
        self.read(move |reading, context| {
            let asked = Asked::authorized(reading, context, &caller, &id, pattern, action)?;
            rule(reading, &asked)
        })
        .await
    }

    /// The same for a rule that writes.
    pub(super) async fn write_group<T: Send + 'static>(
        &self,
        caller: &Caller,
        id: &DomainId,
        pattern: &str,
        action: &'static str,
        rule: impl FnOnce(&Writing<'_>, &Asked<'_>) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let (caller, id, pattern) = (caller.clone(), id.clone(), pattern.to_string());
        self.write(move |writing, context| {
            let asked = Asked::authorized(writing, context, &caller, &id, pattern, action)?;
            rule(writing, &asked)
        })
        .await
    }
}

impl<'a> Asked<'a> {
    fn authorized(
        connection: &Connection,
        context: &'a Context,
        caller: &Caller,
        id: &DomainId,
        pattern: String,
        action: &'static str,
    ) -> Answer<Asked<'a>> {
        let domain = domain::require(connection, id)?;
        access::check(
            connection,
            &context.region,
            caller,
            action,
            Target::PackageGroup(&domain, &pattern),
            Keys::new(),
        )?;
        Ok(Asked {
            context,
            action,
            domain,
            pattern,
        })
    }

    /// The group's row.
    pub(super) fn row(&self, connection: &Connection) -> Answer<GroupRow> {
        rows::find(connection, self.domain.id, &self.pattern)?
            .ok_or_else(|| missing(&self.pattern, &self.domain))
    }

    /// The group as it is now.
    pub(super) fn described(&self, connection: &Connection) -> Answer<PackageGroup> {
        require_described(connection, self.context, &self.domain, &self.pattern)
    }
}

/// There is no such group.
pub(super) fn missing(pattern: &str, domain: &DomainRow) -> Fault {
    let message = format!(
        "Package group not found. Package group: {pattern}, domain: {}",
        domain.name
    );
    let mut fault = not_found(Resource::Domain, pattern, message);
    // The model has no resource type for groups.
    fault.resource = None;
    fault
}

/// The group of that pattern.
pub(super) fn require_described(
    connection: &Connection,
    context: &Context,
    domain: &DomainRow,
    pattern: &str,
) -> Answer<PackageGroup> {
    let groups = Groups::of(connection, domain.id)?;
    let group = groups
        .0
        .iter()
        .find(|group| group.row.pattern == pattern)
        .ok_or_else(|| missing(pattern, domain))?;
    described(connection, context, domain, &groups, group)
}

/// The group among the others of its domain.
pub(super) fn described(
    connection: &Connection,
    context: &Context,
    domain: &DomainRow,
    groups: &Groups,
    group: &Group,
) -> Answer<PackageGroup> {
    let arn =
        |pattern: &str| arn::package_group(&context.region, &domain.owner, &domain.name, pattern);
    let reference = |group: &Group| (arn(&group.row.pattern), group.row.pattern.clone());
    let mut restrictions = Vec::new();
    for restriction in Restriction::ALL {
        let (effective_mode, setting) = groups.effective_mode(group, restriction);
        let origin = OriginRestriction {
            mode: restriction.mode_of(&group.row).to_string(),
            effective_mode: effective_mode.to_string(),
            inherited_from: (setting.row.id != group.row.id).then(|| reference(setting)),
            repositories: rows::allowed_count(connection, group.row.id, restriction.as_str())?,
        };
        restrictions.push((restriction, origin));
    }
    Ok(PackageGroup {
        arn: arn(&group.row.pattern),
        domain: DomainId {
            owner: domain.owner.clone(),
            name: domain.name.clone(),
        },
        parent: groups.parent(group).map(reference),
        restrictions,
        row: group.row.clone(),
    })
}

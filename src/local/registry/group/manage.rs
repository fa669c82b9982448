//! Creating, changing and deleting package groups.

use super::describe::{PackageGroup, require_described};
use super::pattern::ROOT;
use super::read_pattern;
use crate::local::registry::access::Target;
use crate::local::registry::refusal::{Answer, Resource, conflict, invalid};
use crate::local::registry::{Caller, Context, DomainId, Registry, domain, tag};
use crate::local::store::group as rows;
use crate::local::store::{self, Writing};

/// What a new package group is like.
#[derive(Clone, Debug, Default)]
pub struct NewPackageGroup {
    /// Whom to ask about it.
    pub contact_info: Option<String>,
    /// What to say about it.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

impl Registry {
    /// Creates a group, which inherits everything.
    ///
    /// # Errors
    /// `ConflictException` when there is one with that pattern, `ValidationException` for what is
    /// no pattern.
    pub async fn create_package_group(
        &self,
        caller: &Caller,
        id: &DomainId,
        pattern: &str,
        new: NewPackageGroup,
    ) -> Answer<PackageGroup> {
        let (caller, id, pattern) = (caller.clone(), id.clone(), pattern.to_string());
        self.write(move |writing, context| create(writing, context, &caller, &id, &pattern, &new))
            .await
    }

    /// Changes contact and description, where given.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub async fn update_package_group(
        &self,
        caller: &Caller,
        id: &DomainId,
        pattern: &str,
        contact_info: Option<String>,
        description: Option<String>,
    ) -> Answer<PackageGroup> {
        let action = "UpdatePackageGroup";
        self.write_group(caller, id, pattern, action, move |writing, asked| {
            let row = asked.row(writing)?;
            let contact_info = contact_info.or(row.contact_info);
            let description = description.or(row.description);
            rows::update(
                writing,
                row.id,
                contact_info.as_deref(),
                description.as_deref(),
            )?;
            asked.described(writing)
        })
        .await
    }

    /// Deletes a group; its packages belong to the group above it then.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, `ValidationException` for the root group.
    pub async fn delete_package_group(
        &self,
        caller: &Caller,
        id: &DomainId,
        pattern: &str,
    ) -> Answer<PackageGroup> {
        let action = "DeletePackageGroup";
        self.write_group(caller, id, pattern, action, |writing, asked| {
            let group = asked.described(writing)?;
            if asked.pattern == ROOT {
                return Err(invalid("The root package group, /*, cannot be deleted."));
            }
            store::tag::delete_all(writing, &group.arn)?;
            rows::delete(writing, group.row.id)?;
            Ok(group)
        })
        .await
    }
}

fn create(
    writing: &Writing<'_>,
    context: &Context,
    caller: &Caller,
    id: &DomainId,
    pattern: &str,
    new: &NewPackageGroup,
) -> Answer<PackageGroup> {
    let domain = domain::require(writing, id)?;
    let (action, target) = ("CreatePackageGroup", Target::PackageGroup(&domain, pattern));
    tag::check_creation(writing, context, caller, action, target, &new.tags)?;
    read_pattern(pattern)?;
    if rows::find(writing, domain.id, pattern)?.is_some() {
        let message = format!(
            "Package group already exists. Package group: {pattern}, domain: {}",
            id.name
        );
        return Err(conflict(Resource::Domain, &id.name, message));
    }
    rows::insert(
        writing,
        &rows::NewGroup {
            domain: domain.id,
            pattern,
            contact_info: new.contact_info.as_deref(),
            description: new.description.as_deref(),
            created: context.clock.now(),
            mode: "INHERIT",
        },
    )?;
    let group = require_described(writing, context, &domain, pattern)?;
    tag::set_all(writing, context, &group.arn, &new.tags)?;
    Ok(group)
}

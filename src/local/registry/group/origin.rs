//! The origin controls of package groups and their lists of allowed repositories (guide, "Package
//! group origin controls").

use std::collections::BTreeMap;

use super::Restriction;
use super::describe::PackageGroup;
use super::pattern::ROOT;
use crate::local::registry::page::{Page, PageRequest};
use crate::local::registry::refusal::{Answer, Resource, invalid, not_found};
use crate::local::registry::{Caller, DomainId, Registry};
use crate::local::store::Writing;
use crate::local::store::domain::DomainRow;
use crate::local::store::group::{self as rows, GroupRow};
use crate::local::store::repository::{self, RepositoryRow};

/// The page size without one asked for.
const DEFAULT_PAGE: usize = 100;

/// The mode that has a list of repositories (guide, "Allowed repository lists").
const LISTED: &str = "ALLOW_SPECIFIC_REPOSITORIES";

/// A change of the origin controls of a group.
#[derive(Clone, Debug, Default)]
pub struct OriginChange {
    /// The modes to set, by restriction.
    pub restrictions: Vec<(Restriction, String)>,
    /// The repositories to put on lists.
    pub add: Vec<(Restriction, String)>,
    /// The repositories to take from lists.
    pub remove: Vec<(Restriction, String)>,
}

/// What changed on the allowed lists: the names added and removed, by restriction.
pub type ListUpdates = BTreeMap<&'static str, (Vec<String>, Vec<String>)>;

impl Registry {
    /// Changes the origin controls of a group and their lists of allowed repositories.
    ///
    /// # Errors
    /// `ResourceNotFoundException` for the group or a repository; `ValidationException` when the
    /// root group shall inherit, or a list belongs to a restriction that has none.
    pub async fn update_package_group_origins(
        &self,
        caller: &Caller,
        id: &DomainId,
        pattern: &str,
        change: OriginChange,
    ) -> Answer<(PackageGroup, ListUpdates)> {
        let action = "UpdatePackageGroupOriginConfiguration";
        self.write_group(caller, id, pattern, action, move |writing, asked| {
            let updates = change_origins(writing, &asked.domain, asked.row(writing)?, &change)?;
            Ok((asked.described(writing)?, updates))
        })
        .await
    }

    /// A page of the repositories on the list of a restriction, by name.
    ///
    /// # Errors
    /// As [`Registry::list_package_groups`].
    pub async fn list_allowed_repositories(
        &self,
        caller: &Caller,
        id: &DomainId,
        pattern: &str,
        restriction: Restriction,
        page: PageRequest,
    ) -> Answer<Page<String>> {
        let action = "ListAllowedRepositoriesForGroup";
        self.read_group(caller, id, pattern, action, move |reading, asked| {
            let row = asked.row(reading)?;
            let restriction = restriction.as_str();
            let request = (action, asked.domain.id, &asked.pattern, restriction);
            let cursor = asked
                .context
                .tokens
                .cursor::<String>(&request, &page, DEFAULT_PAGE)?;
            let after = cursor.after.as_deref();
            let found = rows::allowed(reading, row.id, restriction, after, cursor.fetch())?;
            Ok(cursor.page(found, String::clone))
        })
        .await
    }
}

fn change_origins(
    writing: &Writing<'_>,
    domain: &DomainRow,
    mut row: GroupRow,
    change: &OriginChange,
) -> Answer<ListUpdates> {
    set_modes(writing, &mut row, &change.restrictions)?;
    let mut updates = ListUpdates::new();
    for (restriction, name) in &change.add {
        let repository = listable(writing, domain, &row, *restriction, name)?;
        if rows::allow(writing, row.id, restriction.as_str(), repository.id)? {
            let (added, _) = updates.entry(restriction.as_str()).or_default();
            added.push(name.clone());
        }
    }
    for (restriction, name) in &change.remove {
        let repository = listable(writing, domain, &row, *restriction, name)?;
        if rows::disallow(writing, row.id, restriction.as_str(), repository.id)? {
            let (_, removed) = updates.entry(restriction.as_str()).or_default();
            removed.push(name.clone());
        }
    }
    Ok(updates)
}

fn set_modes(
    writing: &Writing<'_>,
    row: &mut GroupRow,
    modes: &[(Restriction, String)],
) -> Answer<()> {
    for (restriction, mode) in modes {
        if mode == "INHERIT" && row.pattern == ROOT {
            return Err(invalid(
                "The root package group, /*, has nothing to inherit from.",
            ));
        }
        let place = match restriction {
            Restriction::ExternalUpstream => &mut row.modes.external_upstream,
            Restriction::InternalUpstream => &mut row.modes.internal_upstream,
            Restriction::Publish => &mut row.modes.publish,
        };
        place.clone_from(mode);
    }
    rows::set_modes(writing, row.id, &row.modes)?;
    for restriction in Restriction::ALL {
        if restriction.mode_of(row) != LISTED {
            rows::disallow_all(writing, row.id, restriction.as_str())?;
        }
    }
    Ok(())
}

/// The repository of that name, for the list of a restriction that has one.
fn listable(
    writing: &Writing<'_>,
    domain: &DomainRow,
    row: &GroupRow,
    restriction: Restriction,
    name: &str,
) -> Answer<RepositoryRow> {
    let mode = restriction.mode_of(row);
    if mode != LISTED {
        return Err(invalid(format!(
            "The restriction {} has no list of allowed repositories: its mode is {mode}.",
            restriction.as_str(),
        )));
    }
    repository::find(writing, domain.id, name)?.ok_or_else(|| {
        let message = format!(
            "Repository not found. Repository: {name}, domain: {}",
            domain.name
        );
        not_found(Resource::Repository, name, message)
    })
}

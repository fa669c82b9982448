//! The package groups of a domain, and those right below one of them.

use rusqlite::Connection;

use super::describe::{PackageGroup, described};
use super::{Group, Groups};
use crate::local::registry::page::{Page, PageRequest};
use crate::local::registry::refusal::Answer;
use crate::local::registry::{Caller, Context, DomainId, Registry, domain};
use crate::local::store::domain::DomainRow;

/// The page size without one asked for.
const DEFAULT_PAGE: usize = 100;

impl Registry {
    /// A page of the domain's groups whose patterns begin with `prefix`, by pattern.
    ///
    /// # Errors
    /// `ResourceNotFoundException` for the domain, `ValidationException` for a token of another request.
    pub async fn list_package_groups(
        &self,
        caller: &Caller,
        id: &DomainId,
        prefix: Option<String>,
        page: PageRequest,
    ) -> Answer<Page<PackageGroup>> {
        let (caller, id) = (caller.clone(), id.clone());
        self.read(move |reading, context| {
            let domain = domain::authorized(reading, context, &caller, &id, "ListPackageGroups")?;
            let groups = Groups::of(reading, domain.id)?;
            let begins = |group: &Group| {
                let prefix = prefix.as_deref().unwrap_or("");
                group.row.pattern.starts_with(prefix)
            };
            let request = ("ListPackageGroups", domain.id, &prefix);
            paged(reading, context, &domain, &groups, &request, &page, begins)
        })
        .await
    }

    /// A page of the groups right below a group, by pattern.
    ///
    /// # Errors
    /// As [`Registry::list_package_groups`].
    pub async fn list_sub_package_groups(
        &self,
        caller: &Caller,
        id: &DomainId,
        pattern: &str,
        page: PageRequest,
    ) -> Answer<Page<PackageGroup>> {
        let action = "ListSubPackageGroups";
        self.read_group(caller, id, pattern, action, move |reading, asked| {
            asked.row(reading)?;
            let groups = Groups::of(reading, asked.domain.id)?;
            let is_child = |group: &Group| {
                groups
                    .parent(group)
                    .is_some_and(|parent| parent.row.pattern == asked.pattern)
            };
            let request = (action, asked.domain.id, &asked.pattern);
            let (context, domain) = (asked.context, &asked.domain);
            paged(reading, context, domain, &groups, &request, &page, is_child)
        })
        .await
    }
}

/// A page of the groups that are wanted. A domain's groups are all read anyway, for their hierarchy.
fn paged(
    connection: &Connection,
    context: &Context,
    domain: &DomainRow,
    groups: &Groups,
    request: &impl serde::Serialize,
    page: &PageRequest,
    wanted: impl Fn(&Group) -> bool,
) -> Answer<Page<PackageGroup>> {
    let cursor = context
        .tokens
        .cursor::<String>(request, page, DEFAULT_PAGE)?;
    let after = cursor.after.as_deref().unwrap_or("");
    let found: Vec<&Group> = groups
        .0
        .iter()
        .filter(|group| group.row.pattern.as_str() > after && wanted(group))
        .take(cursor.fetch())
        .collect();
    let page = cursor.page(found, |group| group.row.pattern.clone());
    Ok(Page {
        items: page
            .items
            .into_iter()
            .map(|group| described(connection, context, domain, groups, group))
            .collect::<Answer<_>>()?,
        next_token: page.next_token,
    })
}

//! Creating, describing, changing and deleting package groups, and what belongs to them.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::pattern::{Pattern, ROOT, Strength, match_key};
use super::{Group, Groups, Restriction};
use crate::local::registry::access::{self, Keys, Target};
use crate::local::registry::page::{Page, PageRequest};
use crate::local::registry::refusal::{Answer, Resource, conflict, invalid, not_found};
use crate::local::registry::{
    Caller, Context, DomainId, Fault, Format, PackageId, Registry, arn, domain, tag,
};
use crate::local::store::domain::DomainRow;
use crate::local::store::group::{self as rows, DomainPackage, GroupRow, Modes};
use crate::local::store::{self, Writing};

/// The page size without one asked for.
const DEFAULT_PAGE: usize = 100;

/// How many packages are looked at together when a page of associated packages is made.
const SCAN: usize = 500;

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
        let (caller, id, pattern) = (caller.clone(), id.clone(), pattern.to_string());
        self.read(move |reading, context| {
            let domain = authorized(
                reading,
                context,
                &caller,
                &id,
                &pattern,
                "DescribePackageGroup",
            )?;
            require_described(reading, context, &domain, &pattern)
        })
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
        let (caller, id, pattern) = (caller.clone(), id.clone(), pattern.to_string());
        self.write(move |writing, context| {
            let domain = authorized(
                writing,
                context,
                &caller,
                &id,
                &pattern,
                "UpdatePackageGroup",
            )?;
            let row = require(writing, &domain, &pattern)?;
            let contact_info = contact_info.or(row.contact_info);
            let description = description.or(row.description);
            rows::update(
                writing,
                row.id,
                contact_info.as_deref(),
                description.as_deref(),
            )?;
            require_described(writing, context, &domain, &pattern)
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
        let (caller, id, pattern) = (caller.clone(), id.clone(), pattern.to_string());
        self.write(move |writing, context| {
            let domain = authorized(
                writing,
                context,
                &caller,
                &id,
                &pattern,
                "DeletePackageGroup",
            )?;
            let group = require_described(writing, context, &domain, &pattern)?;
            if pattern == ROOT {
                return Err(invalid("The root package group, /*, cannot be deleted."));
            }
            store::tag::delete_all(writing, &group.arn)?;
            rows::delete(writing, group.row.id)?;
            Ok(group)
        })
        .await
    }

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
        let (caller, id, pattern) = (caller.clone(), id.clone(), pattern.to_string());
        self.write(move |writing, context| {
            let action = "UpdatePackageGroupOriginConfiguration";
            let domain = authorized(writing, context, &caller, &id, &pattern, action)?;
            let row = require(writing, &domain, &pattern)?;
            let updates = change_origins(writing, &domain, row, &change)?;
            Ok((
                require_described(writing, context, &domain, &pattern)?,
                updates,
            ))
        })
        .await
    }

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
        let (caller, id, pattern) = (caller.clone(), id.clone(), pattern.to_string());
        self.read(move |reading, context| {
            let action = "ListSubPackageGroups";
            let domain = authorized(reading, context, &caller, &id, &pattern, action)?;
            require(reading, &domain, &pattern)?;
            let groups = Groups::of(reading, domain.id)?;
            let is_child = |group: &Group| {
                groups
                    .parent(group)
                    .is_some_and(|parent| parent.row.pattern == pattern)
            };
            let request = (action, domain.id, &pattern);
            paged(
                reading, context, &domain, &groups, &request, &page, is_child,
            )
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
        let (caller, id, pattern) = (caller.clone(), id.clone(), pattern.to_string());
        self.read(move |reading, context| {
            let action = "ListAllowedRepositoriesForGroup";
            let domain = authorized(reading, context, &caller, &id, &pattern, action)?;
            let row = require(reading, &domain, &pattern)?;
            let restriction = restriction.as_str();
            let request = (action, domain.id, &pattern, restriction);
            let cursor = context
                .tokens
                .cursor::<String>(&request, &page, DEFAULT_PAGE)?;
            let after = cursor.after.as_deref();
            let found = rows::allowed(reading, row.id, restriction, after, cursor.fetch())?;
            Ok(cursor.page(found, String::clone))
        })
        .await
    }

    /// The group of a package, which need not be there, and how well it fits.
    ///
    /// # Errors
    /// `ResourceNotFoundException` for the domain.
    pub async fn associated_package_group(
        &self,
        caller: &Caller,
        id: &DomainId,
        package: &PackageId,
    ) -> Answer<(PackageGroup, Strength)> {
        let (caller, id, package) = (caller.clone(), id.clone(), package.clone());
        self.read(move |reading, context| {
            package.check_namespace()?;
            let domain =
                domain::authorized(reading, context, &caller, &id, "GetAssociatedPackageGroup")?;
            let groups = Groups::of(reading, domain.id)?;
            let (group, strength) = groups
                .associated(&package)
                .ok_or_else(|| missing(ROOT, &domain))?;
            Ok((
                described(reading, context, &domain, &groups, group)?,
                strength,
            ))
        })
        .await
    }

    /// A page of the packages that belong to a group, in whatever repository they are. With
    /// `preview`, those that would, if there were a group with that pattern.
    ///
    /// # Errors
    /// As [`Registry::list_package_groups`]; `ValidationException` for what is no pattern.
    pub async fn list_associated_packages(
        &self,
        caller: &Caller,
        id: &DomainId,
        pattern: &str,
        preview: bool,
        page: PageRequest,
    ) -> Answer<Page<(PackageId, Strength)>> {
        let (caller, id, pattern) = (caller.clone(), id.clone(), pattern.to_string());
        self.read(move |reading, context| {
            let action = "ListAssociatedPackages";
            let domain = authorized(reading, context, &caller, &id, &pattern, action)?;
            let mut groups = Groups::of(reading, domain.id)?;
            if rows::find(reading, domain.id, &pattern)?.is_none() {
                if !preview {
                    return Err(missing(&pattern, &domain));
                }
                groups.0.push(imagined(&pattern)?);
            }
            associated(reading, context, &domain, &groups, &pattern, &page)
        })
        .await
    }
}

/// There is no such group.
fn missing(pattern: &str, domain: &DomainRow) -> Fault {
    let message = format!(
        "Package group not found. Package group: {pattern}, domain: {}",
        domain.name
    );
    let mut fault = not_found(Resource::Domain, pattern, message);
    // The model has no resource type for groups.
    fault.resource = None;
    fault
}

fn require(connection: &Connection, domain: &DomainRow, pattern: &str) -> Answer<GroupRow> {
    rows::find(connection, domain.id, pattern)?.ok_or_else(|| missing(pattern, domain))
}

fn authorized(
    connection: &Connection,
    context: &Context,
    caller: &Caller,
    id: &DomainId,
    pattern: &str,
    action: &str,
) -> Answer<DomainRow> {
    let domain = domain::require(connection, id)?;
    let target = Target::PackageGroup(&domain, pattern);
    access::check(
        connection,
        &context.region,
        caller,
        action,
        target,
        Keys::new(),
    )?;
    Ok(domain)
}

fn read_pattern(pattern: &str) -> Answer<Pattern> {
    Pattern::parse(pattern).map_err(|error| {
        invalid(format!(
            "`{pattern}` is not a package group pattern: {error}."
        ))
    })
}

fn imagined(pattern: &str) -> Answer<Group> {
    let inherit = || "INHERIT".to_string();
    Ok(Group {
        pattern: read_pattern(pattern)?,
        row: GroupRow {
            id: 0,
            pattern: pattern.to_string(),
            contact_info: None,
            description: None,
            created: 0,
            modes: Modes {
                publish: inherit(),
                external_upstream: inherit(),
                internal_upstream: inherit(),
            },
        },
    })
}

fn require_described(
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

fn described(
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

fn create(
    writing: &Writing<'_>,
    context: &Context,
    caller: &Caller,
    id: &DomainId,
    pattern: &str,
    new: &NewPackageGroup,
) -> Answer<PackageGroup> {
    let domain = domain::require(writing, id)?;
    let keys = access::request_tag_keys(tag::pairs(&new.tags));
    let target = Target::PackageGroup(&domain, pattern);
    access::check(
        writing,
        &context.region,
        caller,
        "CreatePackageGroup",
        target,
        keys.clone(),
    )?;
    if !new.tags.is_empty() {
        access::check(
            writing,
            &context.region,
            caller,
            "TagResource",
            target,
            keys,
        )?;
    }
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

fn change_origins(
    writing: &Writing<'_>,
    domain: &DomainRow,
    mut row: GroupRow,
    change: &OriginChange,
) -> Answer<ListUpdates> {
    for (restriction, mode) in &change.restrictions {
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
    let mut updates = ListUpdates::new();
    for restriction in Restriction::ALL {
        // Only a restriction to specific repositories has a list (guide, "Allowed repository lists").
        if restriction.mode_of(&row) != "ALLOW_SPECIFIC_REPOSITORIES" {
            rows::disallow_all(writing, row.id, restriction.as_str())?;
        }
    }
    let listed = |restriction: Restriction| {
        if restriction.mode_of(&row) == "ALLOW_SPECIFIC_REPOSITORIES" {
            Ok(())
        } else {
            Err(invalid(format!(
                "The restriction {} has no list of allowed repositories: its mode is {}.",
                restriction.as_str(),
                restriction.mode_of(&row)
            )))
        }
    };
    let repository = |name: &str| {
        store::repository::find(writing, domain.id, name)?.ok_or_else(|| {
            let message = format!(
                "Repository not found. Repository: {name}, domain: {}",
                domain.name
            );
            not_found(Resource::Repository, name, message)
        })
    };
    for (restriction, name) in &change.add {
        listed(*restriction)?;
        if rows::allow(writing, row.id, restriction.as_str(), repository(name)?.id)? {
            updates
                .entry(restriction.as_str())
                .or_default()
                .0
                .push(name.clone());
        }
    }
    for (restriction, name) in &change.remove {
        listed(*restriction)?;
        if rows::disallow(writing, row.id, restriction.as_str(), repository(name)?.id)? {
            updates
                .entry(restriction.as_str())
                .or_default()
                .1
                .push(name.clone());
        }
    }
    Ok(updates)
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

/// A page of the packages whose group is the one with that pattern: a scan of those that begin as it
/// does, some hundred at a time.
fn associated(
    connection: &Connection,
    context: &Context,
    domain: &DomainRow,
    groups: &Groups,
    pattern: &str,
    page: &PageRequest,
) -> Answer<Page<(PackageId, Strength)>> {
    let prefix = read_pattern(pattern)?.match_key_prefix();
    let request = ("ListAssociatedPackages", domain.id, pattern);
    let cursor = context
        .tokens
        .cursor::<(String, String, String)>(&request, page, DEFAULT_PAGE)?;
    let mut after = cursor.after.as_ref().and_then(|(format, namespace, name)| {
        let package = package_of(format, namespace, name)?;
        Some(DomainPackage {
            match_key: match_key(&package),
            format: format.clone(),
            namespace: namespace.clone(),
            name: name.clone(),
        })
    });
    let mut found = Vec::new();
    loop {
        let scanned = rows::packages_below(connection, domain.id, &prefix, after.as_ref(), SCAN)?;
        let is_last = scanned.len() < SCAN;
        for row in &scanned {
            let Some(package) = package_of(&row.format, &row.namespace, &row.name) else {
                continue;
            };
            if let Some((group, strength)) = groups.associated(&package)
                && group.row.pattern == pattern
            {
                found.push((package, strength));
            }
        }
        if is_last || found.len() >= cursor.fetch() {
            break;
        }
        after = scanned.into_iter().next_back();
    }
    Ok(cursor.page(found, |(package, _)| {
        let (format, namespace, name) = package.coordinates();
        (format.to_string(), namespace.to_string(), name.to_string())
    }))
}

fn package_of(format: &str, namespace: &str, name: &str) -> Option<PackageId> {
    Some(PackageId {
        format: Format::from_name(format)?,
        namespace: Some(namespace.to_string()).filter(|namespace| !namespace.is_empty()),
        name: name.to_string(),
    })
}

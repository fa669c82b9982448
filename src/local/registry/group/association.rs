//! Which packages belong to a package group.

use rusqlite::Connection;

use super::describe::{Asked, PackageGroup, described, missing};
use super::pattern::{ROOT, Strength, match_key};
use super::{Group, Groups, read_pattern};
use crate::local::registry::page::{Page, PageRequest};
use crate::local::registry::refusal::Answer;
use crate::local::registry::{Caller, DomainId, Format, PackageId, Registry, domain};
use crate::local::store::group::{self as rows, DomainPackage, GroupRow, Modes};

/// The page size without one asked for.
const DEFAULT_PAGE: usize = 100;

/// How many packages are looked at together when a page of associated packages is made.
const SCAN: usize = 500;

impl Registry {
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
        let action = "ListAssociatedPackages";
        self.read_group(caller, id, pattern, action, move |reading, asked| {
            let mut groups = Groups::of(reading, asked.domain.id)?;
            if rows::find(reading, asked.domain.id, &asked.pattern)?.is_none() {
                if !preview {
                    return Err(missing(&asked.pattern, &asked.domain));
                }
                groups.0.push(imagined(&asked.pattern)?);
            }
            associated(reading, asked, &groups, &page)
        })
        .await
    }
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

/// A page of the packages whose group is the one with that pattern: a scan of those that begin as it
/// does, some hundred at a time.
fn associated(
    connection: &Connection,
    asked: &Asked<'_>,
    groups: &Groups,
    page: &PageRequest,
) -> Answer<Page<(PackageId, Strength)>> {
    let (domain, pattern) = (&asked.domain, asked.pattern.as_str());
    let prefix = read_pattern(pattern)?.match_key_prefix();
    let request = (asked.action, domain.id, pattern);
    let cursor =
        asked
            .context
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

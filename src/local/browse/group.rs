//! Package groups: how they hang together, what each says about its packages and where it has that
//! from, and which packages these are.

use std::collections::{BTreeMap, BTreeSet};

use super::address::{PATH, to_domain, to_group, to_groups, to_repository, with};
use super::html::{self, Html, Piece, link, time};
use crate::local::registry::group::Restriction;
use crate::local::registry::group::describe::{OriginRestriction, PackageGroup};
use crate::local::registry::group::pattern::Strength;
use crate::local::registry::page::PageRequest;
use crate::local::registry::refusal::Answer;
use crate::local::registry::{Caller, DomainId, Registry};

/// Most groups of one tree.
const MOST_GROUPS: i64 = 1000;
/// Most repositories of an allowed list that are named.
const MOST_NAMES: i64 = 20;

/// The groups of a domain as a tree, each below the one that contains it. A group whose parent is on
/// another page stands at the left.
pub(super) async fn tree(
    registry: &Registry,
    caller: &Caller,
    id: &DomainId,
    next: PageRequest,
) -> Answer<Html> {
    let request = PageRequest {
        max_results: Some(MOST_GROUPS),
        ..next
    };
    let found = registry
        .list_package_groups(caller, id, None, request)
        .await?;
    let mut page = Html::new(&format!("Package groups of {}", id.name));
    page.crumbs(&crumbs(id));
    page.piece(&nested(id, &found.items));
    if let Some(token) = found.next_token {
        page.next(&with(&to_groups(id), &[("next", &token)]));
    }
    Ok(page)
}

/// One group.
pub(super) async fn page(
    registry: &Registry,
    caller: &Caller,
    id: &DomainId,
    pattern: &str,
    next: PageRequest,
) -> Answer<Html> {
    let group = registry.describe_package_group(caller, id, pattern).await?;
    let mut page = Html::new(&format!("Package group {pattern}"));
    let mut way = crumbs(id);
    way.push((to_groups(id), "Package groups".to_string()));
    page.crumbs(&way);
    let facts = [
        ("Contact", group.row.contact_info.clone()),
        ("Description", group.row.description.clone()),
        ("Created", Some(time(group.row.created))),
    ];
    for (name, fact) in facts {
        if let Some(fact) = fact.filter(|fact| !fact.is_empty()) {
            page.paragraph(&format!("{name}: {fact}"));
        }
    }
    if let Some((_, parent)) = &group.parent {
        let words = [html::text("Below"), link(&to_group(id, parent), parent)];
        page.piece(&html::paragraph(&words));
    }
    page.heading("Origin controls");
    let mut rows = Vec::new();
    for (restriction, origin) in &group.restrictions {
        rows.push(controls(registry, caller, &group, *restriction, origin).await?);
    }
    let heads = [
        "Restriction",
        "Mode",
        "Effective mode",
        "Inherited from",
        "Allowed repositories",
    ];
    page.table(&heads, &rows);
    page.heading("Groups below");
    let request = PageRequest {
        max_results: Some(MOST_GROUPS),
        next_token: None,
    };
    let below = registry
        .list_sub_package_groups(caller, id, pattern, request)
        .await?;
    page.piece(&nested(id, &below.items));
    if below.next_token.is_some() {
        page.paragraph("There are more.");
    }
    page.heading("Packages");
    packages(registry, caller, id, pattern, next, &mut page).await?;
    Ok(page)
}

/// Which group a package belongs to, and how well.
pub(super) fn membership(group: &PackageGroup, strength: Strength) -> Piece {
    let pattern = &group.row.pattern;
    html::paragraph(&[
        html::text("Package group:"),
        link(&to_group(&group.domain, pattern), pattern),
        html::text(match strength {
            Strength::Strong => "",
            Strength::Weak => "(a variation of its pattern, which is blocked)",
        }),
    ])
}

fn crumbs(id: &DomainId) -> Vec<(String, String)> {
    vec![
        (PATH.to_string(), "Domains".to_string()),
        (to_domain(id), id.name.clone()),
    ]
}

/// One line of the origin controls.
async fn controls(
    registry: &Registry,
    caller: &Caller,
    group: &PackageGroup,
    restriction: Restriction,
    origin: &OriginRestriction,
) -> Answer<Vec<Piece>> {
    let id = &group.domain;
    let inherited = origin.inherited_from.as_ref().map(|(_, pattern)| pattern);
    let request = PageRequest {
        max_results: Some(MOST_NAMES),
        next_token: None,
    };
    let setting = inherited.unwrap_or(&group.row.pattern);
    let allowed = registry
        .list_allowed_repositories(caller, id, setting, restriction, request)
        .await?;
    let mut names: Vec<_> = allowed
        .items
        .iter()
        .map(|name| link(&to_repository(id, name), name))
        .collect();
    names.extend(allowed.next_token.map(|_| html::text("and more")));
    Ok(vec![
        html::text(restriction.as_str()),
        html::text(&origin.mode),
        html::text(&origin.effective_mode),
        inherited.map_or(html::text(""), |pattern| {
            link(&to_group(id, pattern), pattern)
        }),
        html::joined(&names, ", "),
    ])
}

/// A page of the packages that belong to the group.
async fn packages(
    registry: &Registry,
    caller: &Caller,
    id: &DomainId,
    pattern: &str,
    next: PageRequest,
    page: &mut Html,
) -> Answer<()> {
    let found = registry
        .list_associated_packages(caller, id, pattern, false, next)
        .await?;
    let rows: Vec<_> = found
        .items
        .iter()
        .map(|(package, strength)| {
            vec![
                html::text(package.format.as_str()),
                html::text(&package.to_string()),
                html::text(match strength {
                    Strength::Strong => "exact",
                    Strength::Weak => "a variation, blocked",
                }),
            ]
        })
        .collect();
    page.table(&["Format", "Package", "Match"], &rows);
    if let Some(token) = found.next_token {
        page.next(&with(&to_group(id, pattern), &[("next", &token)]));
    }
    Ok(())
}

/// The groups as lists within lists.
fn nested(id: &DomainId, groups: &[PackageGroup]) -> Piece {
    let here: BTreeSet<&str> = groups.iter().map(|group| &*group.row.pattern).collect();
    let mut below: BTreeMap<Option<&str>, Vec<&PackageGroup>> = BTreeMap::new();
    for group in groups {
        let parent = group.parent.as_ref().map(|(_, pattern)| pattern.as_str());
        let parent = parent.filter(|parent| here.contains(parent));
        below.entry(parent).or_default().push(group);
    }
    branch(id, &below, None)
}

fn branch(
    id: &DomainId,
    below: &BTreeMap<Option<&str>, Vec<&PackageGroup>>,
    parent: Option<&str>,
) -> Piece {
    let groups = below.get(&parent).map_or(&[][..], Vec::as_slice);
    let items: Vec<_> = groups
        .iter()
        .map(|group| {
            let pattern = group.row.pattern.as_str();
            let item = [
                link(&to_group(id, pattern), pattern),
                html::text(&summary(group)),
                branch(id, below, Some(pattern)),
            ];
            html::joined(&item, " ")
        })
        .collect();
    html::list(&items)
}

/// What a group sets itself, in words.
fn summary(group: &PackageGroup) -> String {
    let set: Vec<_> = group
        .restrictions
        .iter()
        .filter(|(_, origin)| origin.mode != "INHERIT")
        .map(|(restriction, origin)| format!("{} {}", restriction.as_str(), origin.mode))
        .collect();
    set.join(", ")
}

//! Package groups: which packages belong to which, and what they may do (guide, "Working with
//! package groups").

mod association;
pub mod describe;
mod listing;
pub mod manage;
pub mod origin;
pub mod pattern;

use rusqlite::Connection;

use super::refusal::{Answer, invalid};
use super::{Context, PackageId};
use crate::local::store::Writing;
use crate::local::store::group::{self as rows, GroupRow};
use pattern::{Pattern, ROOT, Strength};

/// A way for package versions to come into a repository (shape `PackageGroupOriginRestrictionType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restriction {
    /// From a public repository.
    ExternalUpstream,
    /// From another repository of the domain.
    InternalUpstream,
    /// From a package manager.
    Publish,
}

impl Restriction {
    /// All of them, in the model's order.
    pub const ALL: [Restriction; 3] = [
        Restriction::ExternalUpstream,
        Restriction::InternalUpstream,
        Restriction::Publish,
    ];

    /// The service's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Restriction::ExternalUpstream => "EXTERNAL_UPSTREAM",
            Restriction::InternalUpstream => "INTERNAL_UPSTREAM",
            Restriction::Publish => "PUBLISH",
        }
    }

    /// The restriction of that name.
    pub fn from_name(name: &str) -> Option<Restriction> {
        Restriction::ALL
            .into_iter()
            .find(|restriction| restriction.as_str() == name)
    }

    fn mode_of(self, group: &GroupRow) -> &str {
        match self {
            Restriction::ExternalUpstream => &group.modes.external_upstream,
            Restriction::InternalUpstream => &group.modes.internal_upstream,
            Restriction::Publish => &group.modes.publish,
        }
    }
}

/// What a package's group says about it, inheritance resolved.
#[derive(Clone, Debug)]
pub(super) struct Effective {
    strength: Strength,
    /// For each restriction of [`Restriction::ALL`]: the mode, and the group that set it.
    modes: [(String, i64); 3],
}

impl Effective {
    /// Whether new packages get their origin controls from how they came in: only where the group
    /// allows everything (guide, "Default package origin control settings").
    pub(super) fn allows_everything(&self) -> bool {
        self.modes.iter().all(|(mode, _)| mode == "ALLOW")
    }
}

/// A group with its pattern read.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) row: GroupRow,
    pub(super) pattern: Pattern,
}

/// All groups of a domain.
pub(super) struct Groups(pub(super) Vec<Group>);

impl Groups {
    /// The groups of the domain.
    pub(super) fn of(connection: &Connection, domain: i64) -> Answer<Groups> {
        let rows = rows::all(connection, domain)?;
        Ok(Groups(
            rows.into_iter()
                .filter_map(|row| {
                    // No pattern is stored that was not read before.
                    let pattern = Pattern::parse(&row.pattern).ok()?;
                    Some(Group { row, pattern })
                })
                .collect(),
        ))
    }

    /// The group that the package is associated with: the most specific one that fits, and of
    /// equally specific ones the one that fits strongly.
    pub(super) fn associated(&self, package: &PackageId) -> Option<(&Group, Strength)> {
        self.0
            .iter()
            .filter_map(|group| Some((group, group.pattern.matches(package)?)))
            .max_by(|(one, one_strength), (other, other_strength)| {
                one.pattern
                    .compare_specificity(&other.pattern)
                    .then(one_strength.cmp(other_strength))
                    .then(other.row.pattern.cmp(&one.row.pattern))
            })
    }

    /// The most specific group that contains this one; none for the root group.
    pub(super) fn parent(&self, group: &Group) -> Option<&Group> {
        self.0
            .iter()
            .filter(|other| other.pattern.contains(&group.pattern))
            .max_by(|one, other| one.pattern.compare_specificity(&other.pattern))
    }

    /// The mode of a restriction, and the group that sets it: this one, or the next above that
    /// does not inherit itself.
    pub(super) fn effective_mode<'a>(
        &'a self,
        group: &'a Group,
        restriction: Restriction,
    ) -> (&'a str, &'a Group) {
        let mut setting = group;
        loop {
            let mode = restriction.mode_of(&setting.row);
            if mode != "INHERIT" {
                return (mode, setting);
            }
            match self.parent(setting) {
                Some(parent) => setting = parent,
                // The root group does not inherit; were it missing, nothing would be restricted.
                None => return ("ALLOW", setting),
            }
        }
    }
}

/// The pattern, or why it is none.
fn read_pattern(pattern: &str) -> Answer<Pattern> {
    Pattern::parse(pattern).map_err(|error| {
        invalid(format!(
            "`{pattern}` is not a package group pattern: {error}."
        ))
    })
}

/// Adds the group that every domain has, which allows everything.
pub(super) fn create_root(writing: &Writing<'_>, context: &Context, domain: i64) -> Answer<()> {
    Ok(rows::insert(
        writing,
        &rows::NewGroup {
            domain,
            pattern: ROOT,
            contact_info: None,
            description: None,
            created: context.clock.now(),
            mode: "ALLOW",
        },
    )?)
}

/// What the package's group says about it.
pub(super) fn effective(
    connection: &Connection,
    domain: i64,
    package: &PackageId,
) -> Answer<Effective> {
    let groups = Groups::of(connection, domain)?;
    Ok(match groups.associated(package) {
        Some((group, strength)) => Effective {
            strength,
            modes: Restriction::ALL.map(|restriction| {
                let (mode, setting) = groups.effective_mode(group, restriction);
                (mode.to_string(), setting.row.id)
            }),
        },
        None => Effective {
            strength: Strength::Strong,
            modes: Restriction::ALL.map(|_| ("ALLOW".to_string(), 0)),
        },
    })
}

/// Whether the group lets versions into the repository that way. A weak match is blocked.
pub(super) fn allows(
    connection: &Connection,
    effective: &Effective,
    restriction: Restriction,
    repository: i64,
) -> Answer<bool> {
    let position = Restriction::ALL
        .iter()
        .position(|known| *known == restriction)
        .unwrap_or_default();
    let (mode, group) = &effective.modes[position];
    Ok(match (effective.strength, mode.as_str()) {
        (Strength::Weak, _) => false,
        (Strength::Strong, "ALLOW") => true,
        (Strength::Strong, "ALLOW_SPECIFIC_REPOSITORIES") => {
            rows::is_allowed(connection, *group, restriction.as_str(), repository)?
        }
        _ => false,
    })
}

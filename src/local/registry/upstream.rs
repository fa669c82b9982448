//! The order in which repositories are searched (guide, "Upstream repository priority order").

use std::collections::HashSet;

use rusqlite::Connection;

use super::group::{Effective, Restriction};
use super::refusal::Answer;
use super::{Context, Format, PackageId, external_connection, group};
use crate::local::store::package;
use crate::local::store::repository::{self as rows, RepositoryRow};

/// One repository on the way, and whether its external connection may be asked.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// The repository.
    pub(super) repository: RepositoryRow,
    /// Its external connection, where it serves the format and origin controls let new versions in.
    pub(super) connection: Option<String>,
}

/// Whether `target` is `from` or one of the repositories upstream of it.
pub(super) fn reaches(connection: &Connection, from: i64, target: i64) -> Answer<bool> {
    let mut seen = HashSet::new();
    let mut waiting = vec![from];
    while let Some(repository) = waiting.pop() {
        if repository == target {
            return Ok(true);
        }
        if seen.insert(repository) {
            waiting.extend(rows::upstream_ids(connection, repository)?);
        }
    }
    Ok(false)
}

/// The repositories in which the package is looked for: the repository itself, then its upstreams
/// depth first in their order, as far as origin controls allow, and no more than the quota.
///
/// A package that is blocked for upstream in a repository is not looked for behind that
/// repository. Generic packages come from nowhere else (guide, "Generic package constraints").
pub(super) fn search_order(
    connection: &Connection,
    context: &Context,
    repository: &RepositoryRow,
    package: &PackageId,
) -> Answer<Vec<Step>> {
    let effective = group::effective(connection, repository.domain_id, package)?;
    let mut search = Search {
        connection,
        limit: context.quotas.repositories_searched,
        package,
        effective: &effective,
        seen: HashSet::new(),
        steps: Vec::new(),
    };
    search.visit(repository.clone())?;
    Ok(search.steps)
}

struct Search<'a> {
    connection: &'a Connection,
    limit: usize,
    package: &'a PackageId,
    effective: &'a Effective,
    seen: HashSet<i64>,
    steps: Vec<Step>,
}

impl Search<'_> {
    /// Depth is bounded by the limit: each level is one more step.
    fn visit(&mut self, repository: RepositoryRow) -> Answer<()> {
        if self.steps.len() >= self.limit || !self.seen.insert(repository.id) {
            return Ok(());
        }
        let id = repository.id;
        let open = self.package.format.has_upstreams()
            && package::find(self.connection, id, self.package.coordinates())?
                .is_none_or(|package| package.upstream);
        let external = open
            && group::allows(
                self.connection,
                self.effective,
                Restriction::ExternalUpstream,
                id,
            )?;
        let connection = if external {
            rows::external_connection(self.connection, id)?
                .filter(|name| serves(name, self.package.format))
        } else {
            None
        };
        self.steps.push(Step {
            repository,
            connection,
        });
        if open
            && group::allows(
                self.connection,
                self.effective,
                Restriction::InternalUpstream,
                id,
            )?
        {
            for upstream in rows::upstreams(self.connection, id)? {
                self.visit(upstream)?;
            }
        }
        Ok(())
    }
}

fn serves(connection: &str, format: Format) -> bool {
    external_connection::format_of(connection) == Some(format)
}

//! All packages of a format that can be seen from a repository, for the formats whose indexes list
//! them.

use std::collections::{BTreeSet, HashSet};

use rusqlite::Connection;

use super::lookup::{self, PackageView};
use super::refusal::Answer;
use super::{Caller, Context, Format, PackageId, Registry, RepositoryId, external_connection};
use crate::local::store::package::{self as package_rows, Filter};
use crate::local::store::repository::{self as rows, RepositoryRow};

/// How many packages are read at a time.
const PAGE: usize = 1000;

/// What can be seen from a repository.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// The packages of the repository and its upstreams, by name.
    pub packages: Vec<(PackageId, PackageView)>,
    /// Whether these are all: no public repository of the format can be reached.
    pub is_complete: bool,
}

impl Registry {
    /// All packages of a format in the repository and its upstreams; without them, when there may
    /// be more behind an external connection.
    ///
    /// # Errors
    /// As [`Registry::view`].
    pub async fn catalogue(
        &self,
        caller: &Caller,
        id: &RepositoryId,
        format: Format,
    ) -> Answer<Catalogue> {
        let (caller, id) = (caller.clone(), id.clone());
        self.read(move |reading, context| {
            let repository = lookup::readable(reading, context, &caller, &id)?;
            let reached = reached(reading, context, &repository)?;
            for id in &reached {
                let name = rows::external_connection(reading, *id)?;
                if name.is_some_and(|name| external_connection::format_of(&name) == Some(format)) {
                    return Ok(Catalogue {
                        packages: Vec::new(),
                        is_complete: false,
                    });
                }
            }
            let mut names = BTreeSet::new();
            for id in reached {
                collect(reading, id, format, &mut names)?;
            }
            let packages = names
                .into_iter()
                .map(|(name, namespace)| PackageId {
                    format,
                    namespace: Some(namespace).filter(|namespace| !namespace.is_empty()),
                    name,
                })
                .map(|package| {
                    let view = lookup::view(reading, context, &repository, &package)?;
                    Ok((package, view))
                });
            Ok(Catalogue {
                packages: packages.collect::<Answer<_>>()?,
                is_complete: true,
            })
        })
        .await
    }
}

/// The repository and those upstream of it, as many as are searched for a package.
fn reached(
    connection: &Connection,
    context: &Context,
    repository: &RepositoryRow,
) -> Answer<Vec<i64>> {
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    let mut waiting = vec![repository.id];
    while let Some(id) = waiting.pop() {
        if found.len() < context.quotas.repositories_searched && seen.insert(id) {
            found.push(id);
            // The first upstream is looked at first.
            waiting.extend(rows::upstream_ids(connection, id)?.into_iter().rev());
        }
    }
    Ok(found)
}

fn collect(
    connection: &Connection,
    repository: i64,
    format: Format,
    names: &mut BTreeSet<(String, String)>,
) -> Answer<()> {
    let filter = Filter {
        format: Some(format.as_str()),
        ..Filter::default()
    };
    let mut after: Option<(String, String)> = None;
    loop {
        let place = after
            .as_ref()
            .map(|(name, namespace)| (format.as_str(), namespace.as_str(), name.as_str()));
        let page = package_rows::list(connection, repository, &filter, place, PAGE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = Some((last.name.clone(), last.namespace.clone()));
        names.extend(page.into_iter().map(|row| (row.name, row.namespace)));
    }
}

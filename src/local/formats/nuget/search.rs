//! Searches of the repository's own packages: what a public gallery has is found there.
//!
//! <https://learn.microsoft.com/nuget/api/search-query-service-resource>.

use url::form_urlencoded;

use super::index::{self, Hive, Wants};
use super::view::Package;
use crate::local::endpoint::Endpoint;
use crate::local::formats::Service;
use crate::local::formats::problem::Handled;
use crate::local::registry::Format;

/// How many packages an answer has when the client does not say.
const DEFAULT: usize = 20;

/// How many it may have at most.
const MOST: usize = 1000;

/// How many names are read at a time.
const NAMES: usize = 1000;

/// What a client looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    /// Each of these, in lower case, is in the id.
    terms: Vec<String>,
    /// The versions of this package are asked for, not packages.
    versions_of: Option<String>,
    skip: usize,
    take: usize,
    wants: Wants,
}

impl Query {
    /// Reads the query of an address. What cannot be read is as if it were not there.
    pub(super) fn parse(query: &str) -> Query {
        let mut parsed = Query {
            terms: Vec::new(),
            versions_of: None,
            skip: 0,
            take: DEFAULT,
            wants: Wants {
                pre_releases: false,
                second: false,
            },
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.to_ascii_lowercase().as_str() {
                "q" => {
                    let terms = value.split_whitespace().take(16).map(str::to_lowercase);
                    parsed.terms = terms.map(|term| without_field(&term)).collect();
                }
                "id" => parsed.versions_of = Some(value.to_lowercase()),
                "skip" => parsed.skip = value.parse().unwrap_or(0),
                "take" => parsed.take = value.parse().unwrap_or(DEFAULT).min(MOST),
                "prerelease" => parsed.wants.pre_releases = value.eq_ignore_ascii_case("true"),
                "semverlevel" => parsed.wants.second = value.starts_with('2'),
                _ => {}
            }
        }
        parsed
    }

    fn finds(&self, id: &str) -> bool {
        self.terms.iter().all(|term| id.contains(term.as_str()))
    }
}

/// Clients may name the field to look in; ids are the only one there is.
fn without_field(term: &str) -> String {
    let fields = ["packageid:", "id:"];
    let bare = fields.iter().find_map(|field| term.strip_prefix(field));
    bare.unwrap_or(term).trim_matches(['"', '*']).to_string()
}

/// Answers a search.
pub(super) async fn search(
    service: &Service,
    endpoint: &Endpoint,
    query: &Query,
) -> Handled<String> {
    let (total, found) = find(service, endpoint, query).await?;
    let packages: Vec<serde_json::Value> = found
        .iter()
        .filter_map(|package| {
            let listed = package.listed(Hive::Second);
            index::found(&endpoint.base, &package.id, &listed, query.wants)
        })
        .collect();
    Ok(index::search(total, &packages))
}

/// Answers an autocompletion: ids that match, or the versions of one package.
pub(super) async fn autocomplete(
    service: &Service,
    endpoint: &Endpoint,
    query: &Query,
) -> Handled<String> {
    if let Some(id) = &query.versions_of {
        let package = Package::find_stored(service, endpoint, id).await?;
        let listed = package.listed(Hive::Second);
        let versions: Vec<String> = listed
            .iter()
            .filter(|listed| query.wants.takes(listed))
            .map(|listed| listed.version.clone())
            .collect();
        return Ok(index::autocomplete(versions.len(), &versions));
    }
    let (total, found) = find(service, endpoint, query).await?;
    let ids: Vec<String> = found
        .iter()
        .filter_map(|package| {
            let mut listed = package.listed(Hive::Second);
            listed.retain(|listed| query.wants.takes(listed));
            Some(listed.last()?.entry.id.clone())
        })
        .collect();
    Ok(index::autocomplete(total, &ids))
}

/// The number of packages whose ids match, and the asked for part of them.
async fn find(
    service: &Service,
    endpoint: &Endpoint,
    query: &Query,
) -> Handled<(usize, Vec<Package>)> {
    let (mut total, mut found, mut after) = (0, Vec::new(), None);
    loop {
        let names = service
            .registry
            .package_names(
                &endpoint.caller,
                &endpoint.repository,
                Format::Nuget,
                after,
                NAMES,
            )
            .await?;
        for id in names.iter().filter(|id| query.finds(&id.name)) {
            if total >= query.skip && found.len() < query.take {
                found.push(Package::find_stored(service, endpoint, &id.name).await?);
            }
            total += 1;
        }
        after = match names.into_iter().last() {
            Some(last) => Some(last),
            None => return Ok((total, found)),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_read() {
        let query = Query::parse(
            "q=PackageId%3AMy.%20own*&skip=2&take=9999&prerelease=True&semVerLevel=2.0.0&x=y",
        );
        assert_eq!(query.terms, ["my.", "own"]);
        assert_eq!((query.skip, query.take), (2, MOST));
        assert!(query.wants.pre_releases && query.wants.second);
        assert!(query.finds("my.thing.own") && !query.finds("own"));
        let none = Query::parse("take=-1&skip=x");
        assert_eq!((none.skip, none.take), (0, DEFAULT));
        assert!(none.finds("anything"));
    }
}

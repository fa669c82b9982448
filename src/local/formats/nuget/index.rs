//! The documents that clients read.
//!
//! <https://learn.microsoft.com/nuget/api/service-index> and its neighbours.

use serde_json::{Map, Value, json};

use super::entry::Entry;
use super::name::asset;
use super::version::{self, Version};
use crate::local::registry::Format;

/// How many versions a page of a registration has.
const PAGE: usize = 64;

/// With up to so many versions, the pages stand in the index itself.
const INLINED: usize = 128;

/// The two hives of registrations: clients before Semantic Versioning 2.0.0 must not be shown what
/// they cannot read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hive {
    /// For old clients.
    First,
    /// For all others.
    Second,
}

impl Hive {
    /// The name of its folder.
    pub fn folder(self) -> &'static str {
        match self {
            Hive::First => "registration",
            Hive::Second => "registration-semver2",
        }
    }

    /// The hive in the folder of that name.
    pub fn of_folder(name: &str) -> Option<Hive> {
        [Hive::First, Hive::Second]
            .into_iter()
            .find(|hive| hive.folder() == name)
    }
}

/// A version that clients are told of.
#[derive(Clone, Debug)]
pub struct Listed<'a> {
    /// The version, normalised.
    pub version: String,
    /// What is known of it.
    pub entry: std::borrow::Cow<'a, Entry>,
    /// Whether it may be chosen; one that is not can still be asked for by its number.
    pub is_listed: bool,
    /// When it was published, in ISO 8601.
    pub published: Option<String>,
}

/// The service index (guide: only version 3 of the protocol).
pub fn service(base: &str) -> String {
    let resource = |path: &str, kind: &str, comment: &str| json!({"@id": format!("{base}{path}"), "@type": kind, "comment": comment});
    let mut resources = vec![
        resource(
            "v3/flatcontainer/",
            "PackageBaseAddress/3.0.0",
            "Packages and their nuspecs",
        ),
        resource("v2/package", "PackagePublish/2.0.0", "Push and delete"),
    ];
    for (hive, kinds) in [
        (Hive::Second, &["/3.6.0", "/Versioned"][..]),
        (Hive::First, &["", "/3.0.0-beta", "/3.0.0-rc"]),
    ] {
        for kind in kinds {
            resources.push(resource(
                &format!("v3/{}/", hive.folder()),
                &format!("RegistrationsBaseUrl{kind}"),
                "What packages say of themselves",
            ));
        }
    }
    for kind in ["", "/3.0.0-beta", "/3.0.0-rc", "/3.5.0"] {
        resources.push(resource(
            "v3/search",
            &format!("SearchQueryService{kind}"),
            "Packages of the repository",
        ));
        resources.push(resource(
            "v3/autocomplete",
            &format!("SearchAutocompleteService{kind}"),
            "Ids and versions of packages of the repository",
        ));
    }
    json!({"version": "3.0.0", "resources": resources}).to_string()
}

/// The list of versions in the flat container, where all is in lower case.
pub fn versions(versions: &[String]) -> String {
    json!({ "versions": versions }).to_string()
}

/// Where a package's registration is, and whose versions they are.
#[derive(Clone, Copy, Debug)]
pub struct Registration<'a> {
    /// The endpoint, with a slash at its end.
    pub base: &'a str,
    /// The hive.
    pub hive: Hive,
    /// The package's id in lower case.
    pub id: &'a str,
}

impl Registration<'_> {
    /// The index of the registration; `listed` is in ascending order and not empty.
    pub fn index(&self, listed: &[Listed<'_>]) -> String {
        let inline = listed.len() <= INLINED;
        let pages: Vec<Value> = listed
            .chunks(PAGE)
            .map(|page| self.render_page(page, inline))
            .collect();
        json!({
            "@id": self.at("index.json"),
            "@type": ["catalog:CatalogRoot", "PackageRegistration", "catalog:Permalink"],
            "count": pages.len(),
            "items": pages,
        })
        .to_string()
    }

    /// The page from one version to another, if there is such a page.
    pub fn page(&self, listed: &[Listed<'_>], lower: &str, upper: &str) -> Option<String> {
        let is = |listed: Option<&Listed<'_>>, version: &str| {
            listed.is_some_and(|listed| listed.version.eq_ignore_ascii_case(version))
        };
        let page = listed
            .chunks(PAGE)
            .find(|page| is(page.first(), lower) && is(page.last(), upper))?;
        Some(self.render_page(page, true).to_string())
    }

    /// The leaf of one version.
    pub fn leaf(&self, listed: &Listed<'_>) -> String {
        let mut leaf = self.render_leaf(listed);
        leaf["listed"] = json!(listed.is_listed);
        leaf["published"] = json!(listed.published);
        // A leaf by itself names its entry only; ours has it at the same address.
        leaf.to_string()
    }

    fn at(&self, rest: &str) -> String {
        format!("{}v3/{}/{}/{rest}", self.base, self.hive.folder(), self.id)
    }

    fn render_page(&self, page: &[Listed<'_>], inline: bool) -> Value {
        let end = |listed: Option<&Listed<'_>>| {
            listed.map_or(String::new(), |listed| listed.version.to_lowercase())
        };
        let (lower, upper) = (end(page.first()), end(page.last()));
        let index = self.at("index.json");
        let place = if inline {
            format!("{index}#page/{lower}/{upper}")
        } else {
            self.at(&format!("page/{lower}/{upper}.json"))
        };
        let mut rendered = json!({
            "@id": place, "@type": "catalog:CatalogPage",
            "count": page.len(), "lower": lower, "upper": upper, "parent": index,
        });
        if inline {
            let leaves = page.iter().map(|listed| self.render_leaf(listed));
            rendered["items"] = leaves.collect();
        }
        rendered
    }

    fn render_leaf(&self, listed: &Listed<'_>) -> Value {
        let lower = listed.version.to_lowercase();
        let place = self.at(&format!("{lower}.json"));
        let content = content(self.base, self.id, &lower);
        let mut entry = Map::new();
        entry.insert("@id".to_string(), json!(place));
        entry.insert("@type".to_string(), json!("PackageDetails"));
        entry.extend(listed.entry.render());
        entry.insert("listed".to_string(), json!(listed.is_listed));
        entry.insert("packageContent".to_string(), json!(content));
        if let Some(published) = &listed.published {
            entry.insert("published".to_string(), json!(published));
        }
        for group in entry
            .get_mut("dependencyGroups")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            self.link(group);
        }
        json!({
            "@id": place, "@type": "Package", "catalogEntry": entry,
            "packageContent": content, "registration": self.at("index.json"),
        })
    }

    /// Says of each dependency where its own registration is.
    fn link(&self, group: &mut Value) {
        let dependencies = group.get_mut("dependencies").and_then(Value::as_array_mut);
        for dependency in dependencies.into_iter().flatten() {
            let Some(id) = dependency["id"].as_str().map(str::to_lowercase) else {
                continue;
            };
            let other = Registration { id: &id, ..*self };
            dependency["registration"] = json!(other.at("index.json"));
        }
    }
}

/// Where a package is in the flat container.
fn content(base: &str, id: &str, version: &str) -> String {
    format!(
        "{base}v3/flatcontainer/{id}/{version}/{}",
        asset(id, version)
    )
}

/// A package in the answer to a search; none when it has no version that may be chosen.
pub fn found(base: &str, id: &str, listed: &[Listed<'_>], wants: Wants) -> Option<Value> {
    let chosen: Vec<&Listed<'_>> = listed.iter().filter(|listed| wants.takes(listed)).collect();
    let newest = chosen.last()?;
    let registration = Registration {
        base,
        hive: Hive::Second,
        id,
    };
    let versions = chosen.iter().map(|listed| {
        json!({
            "version": listed.entry.version, "downloads": 0,
            "@id": registration.at(&format!("{}.json", listed.version.to_lowercase())),
        })
    });
    let mut package = json!({
        "@id": registration.at("index.json"), "@type": "Package",
        "registration": registration.at("index.json"),
        "id": newest.entry.id, "version": newest.entry.version,
        "totalDownloads": 0, "verified": false,
        "authors": newest.entry.authors.split(", ").filter(|author| !author.is_empty()).collect::<Vec<_>>(),
        "tags": newest.entry.tags,
        "versions": versions.collect::<Vec<Value>>(),
    });
    for name in [
        "description",
        "summary",
        "title",
        "iconUrl",
        "licenseUrl",
        "projectUrl",
    ] {
        package[name] = json!(newest.entry.text(name).unwrap_or_default());
    }
    let kinds = &newest.entry.package_types;
    package["packageTypes"] = if kinds.is_empty() {
        json!([{"name": "Dependency"}])
    } else {
        kinds.iter().map(|name| json!({"name": name})).collect()
    };
    Some(package)
}

/// The answer to a search.
pub fn search(total: usize, packages: &[Value]) -> String {
    json!({"totalHits": total, "data": packages}).to_string()
}

/// The answer to an autocompletion.
pub fn autocomplete(total: usize, texts: &[String]) -> String {
    json!({"totalHits": total, "data": texts}).to_string()
}

/// Which versions a search may show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wants {
    /// Also pre-releases.
    pub pre_releases: bool,
    /// Also what needs Semantic Versioning 2.0.0.
    pub second: bool,
}

impl Wants {
    /// Whether it may show this one.
    pub fn takes(self, listed: &Listed<'_>) -> bool {
        let pre_release =
            Version::parse(&listed.version).is_some_and(|version| version.is_pre_release());
        listed.is_listed
            && (self.pre_releases || !pre_release)
            && (self.second || !listed.entry.is_second())
    }
}

/// Sorts versions as clients expect them: ascending.
pub fn sort(listed: &mut [Listed<'_>]) {
    listed.sort_by(|one, other| version::compare(&one.version, &other.version));
}

/// Whether two texts stand for one version.
pub fn is_same(one: &str, other: &str) -> bool {
    let normalized = |text: &str| Format::Nuget.normalize_version(text);
    normalized(one).eq_ignore_ascii_case(&normalized(other))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::local::formats::nuget::entry::Group;

    const BASE: &str = "http://127.0.0.1:1/nuget/r/";

    fn listed(version: &str) -> Listed<'static> {
        let entry = Entry {
            id: "My.Own".to_string(),
            version: version.to_string(),
            groups: vec![Group {
                framework: Some("net45".to_string()),
                dependencies: vec![("Leaf".to_string(), "[1.0, )".to_string())],
            }],
            ..Entry::default()
        };
        Listed {
            version: version.to_string(),
            entry: Cow::Owned(entry),
            is_listed: true,
            published: Some("2026-01-02T03:04:05Z".to_string()),
        }
    }

    fn registration() -> Registration<'static> {
        Registration {
            base: BASE,
            hive: Hive::Second,
            id: "my.own",
        }
    }

    #[test]
    fn small_registrations_are_one_document() {
        let index: Value =
            serde_json::from_str(&registration().index(&[listed("1.0.0-Beta"), listed("1.0.0")]))
                .unwrap();
        let page = &index["items"][0];
        assert_eq!(
            (&page["lower"], &page["upper"]),
            (&json!("1.0.0-beta"), &json!("1.0.0"))
        );
        let leaf = &page["items"][0];
        assert_eq!(
            leaf["packageContent"],
            format!("{BASE}v3/flatcontainer/my.own/1.0.0-beta/my.own.1.0.0-beta.nupkg")
        );
        let entry = &leaf["catalogEntry"];
        assert_eq!(
            (&entry["id"], &entry["version"]),
            (&json!("My.Own"), &json!("1.0.0-Beta"))
        );
        assert_eq!(entry["listed"], true);
        assert_eq!(
            entry["dependencyGroups"][0]["dependencies"][0]["registration"],
            format!("{BASE}v3/registration-semver2/leaf/index.json")
        );
    }

    #[test]
    fn large_registrations_come_in_pages() {
        let all: Vec<Listed<'_>> = (0..130)
            .map(|number| listed(&format!("1.0.{number}")))
            .collect();
        let index: Value = serde_json::from_str(&registration().index(&all)).unwrap();
        assert_eq!(index["count"], 3);
        let page = &index["items"][1];
        assert_eq!(page["items"], Value::Null);
        assert_eq!(
            page["@id"],
            format!("{BASE}v3/registration-semver2/my.own/page/1.0.64/1.0.127.json")
        );
        let page: Value =
            serde_json::from_str(&registration().page(&all, "1.0.64", "1.0.127").unwrap()).unwrap();
        assert_eq!(page["items"].as_array().unwrap().len(), 64);
        assert_eq!(registration().page(&all, "1.0.64", "1.0.126"), None);
    }

    #[test]
    fn a_search_shows_what_may_be_chosen() {
        let mut hidden = listed("2.0.0");
        hidden.is_listed = false;
        let all = [
            listed("1.0.0"),
            listed("1.1.0-a"),
            listed("1.1.0-b.1"),
            hidden,
        ];
        let newest = |pre_releases, second| {
            let wants = Wants {
                pre_releases,
                second,
            };
            found(BASE, "my.own", &all, wants).unwrap()["version"].clone()
        };
        assert_eq!(newest(false, true), "1.0.0");
        assert_eq!(newest(true, false), "1.1.0-a");
        assert_eq!(newest(true, true), "1.1.0-b.1");
        assert!(is_same("1.0-BETA", "1.0.0.0-beta") && !is_same("1.0", "1.0.1"));
    }

    #[test]
    fn the_service_index_names_what_clients_look_for() {
        let index: Value = serde_json::from_str(&service(BASE)).unwrap();
        for kind in [
            "PackageBaseAddress/3.0.0",
            "PackagePublish/2.0.0",
            "RegistrationsBaseUrl/3.6.0",
            "SearchQueryService",
        ] {
            let resources = index["resources"].as_array().unwrap();
            assert!(
                resources.iter().any(|resource| resource["@type"] == kind),
                "{kind}"
            );
        }
        // Version 2 of the protocol is not there (guide, "nuget.exe command support").
        assert!(!service(BASE).contains("LegacyGallery"));
    }
}

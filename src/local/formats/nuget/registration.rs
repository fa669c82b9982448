//! Upstream's documents, read: where its resources are, which versions a package has, what they
//! say of themselves.
//!
//! <https://learn.microsoft.com/nuget/api/overview>.

use serde_json::Value;
use url::Url;

use super::entry::Entry;
use super::version::Version;
use crate::local::formats::Invalid;

/// The most versions of a package that are read.
const MOST_VERSIONS: usize = 100_000;

/// The most pages of a registration that are read.
const MOST_PAGES: usize = 2_000;

/// Where upstream keeps what is needed of it. Both end with a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resources {
    /// The flat container.
    pub flat: Url,
    /// The registrations, with versions of all kinds.
    pub registrations: Url,
}

/// A page of a registration.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    /// Its versions are here.
    Here(Vec<Entry>),
    /// It is a document of its own.
    There(Url),
}

/// Reads a service index that was found at `place`.
///
/// # Errors
/// A sentence when it is none, or does not name both resources.
pub fn resources(bytes: &[u8], place: &Url) -> Result<Resources, Invalid> {
    let index: Value = json(bytes, "service index")?;
    let listed: Vec<(&str, &str)> = index["resources"]
        .as_array()
        .map_or(&[][..], Vec::as_slice)
        .iter()
        .filter_map(|resource| Some((resource["@type"].as_str()?, resource["@id"].as_str()?)))
        .collect();
    // The first type that is there; without any of them, whatever version of the resource.
    let find = |kinds: &[&str], name: &str| {
        let known = kinds
            .iter()
            .find_map(|kind| listed.iter().find(|(found, _)| found == kind));
        let any = || {
            listed
                .iter()
                .find(|(found, _)| found.split('/').next() == Some(name))
        };
        let (_, address) = known.or_else(any)?;
        let address = place.join(address).ok()?;
        folder(address)
    };
    let flat = find(&["PackageBaseAddress/3.0.0"], "PackageBaseAddress");
    let registrations = find(
        &[
            "RegistrationsBaseUrl/3.6.0",
            "RegistrationsBaseUrl/Versioned",
            "RegistrationsBaseUrl/3.4.0",
        ],
        "RegistrationsBaseUrl",
    );
    match (flat, registrations) {
        (Some(flat), Some(registrations)) => Ok(Resources {
            flat,
            registrations,
        }),
        _ => Err(Invalid::new(
            "the upstream's service index names no package contents and registrations",
        )),
    }
}

fn folder(mut address: Url) -> Option<Url> {
    if address.cannot_be_a_base() {
        return None;
    }
    if !address.path().ends_with('/') {
        address.set_path(&format!("{}/", address.path()));
    }
    Some(address)
}

/// Reads the versions of a package in a flat container, as they are written there.
///
/// # Errors
/// A sentence when it is no such list.
pub fn versions(bytes: &[u8]) -> Result<Vec<String>, Invalid> {
    let index: Value = json(bytes, "list of versions")?;
    let listed = index["versions"]
        .as_array()
        .ok_or_else(|| Invalid::new("the upstream's list of versions is none"))?;
    Ok(listed
        .iter()
        .filter_map(Value::as_str)
        .filter(|version| Version::parse(version).is_some())
        .take(MOST_VERSIONS)
        .map(str::to_string)
        .collect())
}

/// Reads the index of a registration that was found at `place`.
///
/// # Errors
/// A sentence when it is none.
pub fn pages(bytes: &[u8], place: &Url, package: &str) -> Result<Vec<Page>, Invalid> {
    let index: Value = json(bytes, "registration")?;
    let pages = index["items"]
        .as_array()
        .ok_or_else(|| Invalid::new("the upstream's registration has no pages"))?;
    if pages.len() > MOST_PAGES {
        return Err(Invalid::new(
            "the upstream's registration has too many pages",
        ));
    }
    Ok(pages
        .iter()
        .filter_map(|page| match page["items"].as_array() {
            Some(leaves) => Some(Page::Here(entries(leaves, package))),
            None => place.join(page["@id"].as_str()?).ok().map(Page::There),
        })
        .collect())
}

/// Reads a page of a registration.
///
/// # Errors
/// A sentence when it is none.
pub fn page(bytes: &[u8], package: &str) -> Result<Vec<Entry>, Invalid> {
    let page: Value = json(bytes, "registration page")?;
    let leaves = page["items"]
        .as_array()
        .ok_or_else(|| Invalid::new("the upstream's registration page has no versions"))?;
    Ok(entries(leaves, package))
}

/// The versions of that package: entries of another one are left out.
fn entries(leaves: &[Value], package: &str) -> Vec<Entry> {
    leaves
        .iter()
        .take(MOST_VERSIONS)
        .filter_map(|leaf| Entry::read(&leaf["catalogEntry"]))
        .filter(|entry| entry.id.eq_ignore_ascii_case(package))
        .collect()
}

fn json(bytes: &[u8], what: &str) -> Result<Value, Invalid> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes)
        .map_err(|error| Invalid::new(format!("the upstream's {what} cannot be read: {error}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn place() -> Url {
        Url::parse("https://gallery.example.test/v3/index.json").unwrap()
    }

    #[test]
    fn resources_are_found_by_their_types() {
        let index = json!({"version": "3.0.0", "resources": [
            {"@id": "https://gallery.example.test/old/", "@type": "RegistrationsBaseUrl"},
            {"@id": "semver2", "@type": "RegistrationsBaseUrl/3.6.0"},
            {"@id": "https://files.example.test/flat", "@type": "PackageBaseAddress/3.0.0"},
            {"@type": "SearchQueryService"}, 7,
        ]});
        let found = resources(index.to_string().as_bytes(), &place()).unwrap();
        assert_eq!(found.flat.as_str(), "https://files.example.test/flat/");
        assert_eq!(
            found.registrations.as_str(),
            "https://gallery.example.test/v3/semver2/"
        );
        for text in [
            "",
            "{}",
            "[]",
            r#"{"resources": [{"@type": "PackageBaseAddress/3.0.0", "@id": "mailto:x"}]}"#,
        ] {
            assert!(resources(text.as_bytes(), &place()).is_err(), "{text}");
        }
    }

    #[test]
    fn registrations_come_whole_or_in_pages() {
        let leaf =
            |id: &str, version: &str| json!({"catalogEntry": {"id": id, "version": version}});
        let index = json!({"items": [
            {"@id": "page/1.json"},
            {"items": [leaf("A", "1.0"), leaf("b", "1.0"), leaf("a", "?"), {}]},
            {},
        ]});
        let found = pages(index.to_string().as_bytes(), &place(), "a").unwrap();
        let [Page::There(there), Page::Here(here)] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!(
            there.as_str(),
            "https://gallery.example.test/v3/page/1.json"
        );
        assert_eq!(here.len(), 1);
        let document = json!({"items": [leaf("a", "2.0")]}).to_string();
        assert_eq!(page(document.as_bytes(), "A").unwrap()[0].version, "2.0");
        for text in ["", "{}", r#"{"items": 7}"#] {
            assert!(pages(text.as_bytes(), &place(), "a").is_err());
            assert!(page(text.as_bytes(), "a").is_err());
        }
    }

    #[test]
    fn versions_that_are_none_are_left_out() {
        let found = versions(br#"{"versions": ["1.0.0", "../x", 7, "2.0.0-rc"]}"#).unwrap();
        assert_eq!(found, ["1.0.0", "2.0.0-rc"]);
        assert!(versions(b"{}").is_err());
    }
}

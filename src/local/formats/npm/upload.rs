//! A publish request, taken apart and checked: bytes in, what to store out.
//!
//! The same request carries publications and changes of a package's metadata
//! (`npm deprecate`, and what `npm unpublish` and `npm owner` send).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::integrity::Integrity;
use super::manifest;
use super::name::PackageName;
use super::tarball::Contents;
use crate::local::formats::{Invalid, shortened};
use crate::local::store::blob::Hashes;
use crate::local::store::content::VersionFacts;

/// The longest tag, as long as a version may be.
const LONGEST_TAG: usize = 255;

/// The parts of a publish document that matter, its attachment taken out.
#[derive(Debug, Deserialize)]
pub struct Document {
    name: Option<String>,
    #[serde(default, rename = "dist-tags")]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    versions: Map<String, Value>,
}

/// A new version, ready to be stored beside its tarball.
#[derive(Debug, PartialEq)]
pub struct Publication {
    /// The version.
    pub version: String,
    /// The tags that shall name it.
    pub tags: Vec<String>,
    /// What it says of itself.
    pub facts: VersionFacts,
    /// Its manifest as it is stored (see [`manifest::stored`]).
    pub document: String,
}

impl Document {
    /// Reads a document for the package that the request's path names.
    ///
    /// # Errors
    /// A sentence when it is no such document, or speaks of another package.
    pub fn parse(text: &[u8], package: &PackageName) -> Result<Document, Invalid> {
        let document: Document = serde_json::from_slice(text).map_err(|error| {
            Invalid::new(format!("the request's document cannot be read: {error}"))
        })?;
        match &document.name {
            Some(name) if name == package.as_str() => Ok(document),
            Some(name) => Err(Invalid::new(format!(
                "the document is for the package `{}`, the request for `{package}`",
                shortened(name)
            ))),
            None => Err(Invalid::new("the document has no name")),
        }
    }

    /// The deprecation of each version in the document; an empty one takes it back.
    pub fn deprecations(&self) -> BTreeMap<String, String> {
        self.versions
            .iter()
            .map(|(version, manifest)| {
                let message = manifest.get("deprecated").and_then(Value::as_str);
                (version.clone(), message.unwrap_or_default().to_string())
            })
            .collect()
    }

    /// The version that the document publishes, before its tarball was looked at.
    ///
    /// # Errors
    /// A sentence when there is not exactly one, or when it is not a semantic version.
    pub fn version(&self) -> Result<&str, Invalid> {
        let mut versions = self.versions.keys();
        let (Some(version), None) = (versions.next(), versions.next()) else {
            return Err(Invalid::new("a publication holds exactly one version"));
        };
        semver::Version::parse(version).map_err(|error| {
            Invalid::new(format!("invalid version `{}`: {error}", shortened(version)))
        })?;
        if version.len() > 255 {
            return Err(Invalid::new("the version is longer than 255 characters"));
        }
        Ok(version)
    }

    /// Checks the publication against its tarball and turns it into what is stored.
    ///
    /// # Errors
    /// A sentence when name, version or hash of the document and of the tarball differ.
    pub fn publication(
        mut self,
        package: &PackageName,
        hashes: &Hashes,
        contents: Contents,
    ) -> Result<Publication, Invalid> {
        let version = self.version()?.to_string();
        let Some(Value::Object(published)) = self.versions.shift_remove(&version) else {
            return Err(Invalid::new("the version's manifest is not an object"));
        };
        check(&published, package, &version, "document")?;
        check(
            &contents.manifest,
            package,
            &version,
            "tarball's package.json",
        )?;
        let dist = published.get("dist");
        let promise = |member: &str| dist?.get(member)?.as_str();
        if !Integrity::parse(promise("integrity"), promise("shasum")).matches(hashes) {
            return Err(Invalid::new(
                "the tarball's hash is not the one that the document gives",
            ));
        }
        for tag in self.tags.keys() {
            check_tag(tag)?;
        }
        if let Some((_, other)) = self.tags.iter().find(|(_, tagged)| **tagged != version) {
            return Err(Invalid::new(format!(
                "a tag names version `{}`, which is not the one that is published",
                shortened(other)
            )));
        }
        // The readme in the document is for the website and cut short; the tarball has it whole.
        let readme = contents
            .readme
            .or_else(|| Some(published.get("readme")?.as_str()?.to_string()));
        Ok(Publication {
            facts: manifest::facts(
                &published,
                package.bare(),
                readme.filter(|readme| !readme.is_empty()),
            ),
            tags: self.tags.into_keys().collect(),
            document: manifest::stored(published, package.as_str(), &version, hashes),
            version,
        })
    }
}

fn check(
    manifest: &Map<String, Value>,
    package: &PackageName,
    version: &str,
    place: &str,
) -> Result<(), Invalid> {
    for (member, expected) in [("name", package.as_str()), ("version", version)] {
        let found = manifest
            .get(member)
            .and_then(Value::as_str)
            .unwrap_or_default();
        // Packed by hand, the file may say `v1.0.0`, which the client cleans before it publishes.
        let cleaned = if member == "version" {
            found.trim().trim_start_matches(['v', '='])
        } else {
            found
        };
        let same = cleaned == expected
            || member == "version" && cleaned.split('+').next() == Some(expected);
        if !same {
            return Err(Invalid::new(format!(
                "the {place} gives the {member} `{}`, not `{expected}`",
                shortened(found)
            )));
        }
    }
    Ok(())
}

/// Refuses what cannot be a tag: npm would take it for a range of versions, or it is no path segment.
///
/// # Errors
/// A sentence that says so.
pub fn check_tag(tag: &str) -> Result<(), Invalid> {
    let plain = !tag.is_empty()
        && tag.len() <= LONGEST_TAG
        && tag
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"/\\%?#".contains(&byte));
    let range = semver::VersionReq::parse(tag).is_ok()
        || semver::Version::parse(tag.trim_start_matches('v')).is_ok();
    if plain && !range {
        Ok(())
    } else {
        Err(Invalid::new(format!("invalid tag `{}`", shortened(tag))))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::local::formats::npm::integrity;

    fn hashes() -> Hashes {
        Hashes {
            md5: [1; 16],
            sha1: [2; 20],
            sha256: [3; 32],
            sha512: [4; 64],
        }
    }

    fn package() -> PackageName {
        PackageName::parse("@scope/a").unwrap()
    }

    /// What npm sends, as far as it matters.
    fn document() -> Value {
        json!({
            "_id": "@scope/a", "name": "@scope/a", "dist-tags": {"latest": "1.0.0"}, "access": null,
            "versions": {"1.0.0": {
                "name": "@scope/a", "version": "1.0.0", "description": "An a", "readme": "short",
                "dependencies": {"b": "^1"}, "_id": "@scope/a@1.0.0",
                "dist": {"integrity": integrity::render(&hashes()), "shasum": hex::encode([2; 20]), "tarball": "http://x/"}
            }},
            "_attachments": {"@scope/a-1.0.0.tgz": {"content_type": "application/octet-stream", "data": "", "length": 3}}
        })
    }

    fn contents(name: &str, version: &str) -> Contents {
        let Value::Object(manifest) = json!({"name": name, "version": version}) else {
            unreachable!()
        };
        Contents {
            manifest,
            readme: Some("# long".to_string()),
            has_shrinkwrap: false,
        }
    }

    fn publish(document: &Value, contents: Contents) -> Result<Publication, Invalid> {
        Document::parse(document.to_string().as_bytes(), &package())?.publication(
            &package(),
            &hashes(),
            contents,
        )
    }

    #[test]
    fn a_publication_is_understood() {
        let publication = publish(&document(), contents("@scope/a", "v1.0.0")).unwrap();
        assert_eq!(publication.version, "1.0.0");
        assert_eq!(publication.tags, ["latest"]);
        assert_eq!(publication.facts.summary.as_deref(), Some("An a"));
        assert_eq!(publication.facts.readme.as_deref(), Some("# long"));
        assert_eq!(publication.facts.dependencies.len(), 1);
        assert!(!publication.document.contains("http://x/"));
        assert!(publication.document.ends_with("}}"));
    }

    #[test]
    fn document_path_and_tarball_must_agree() {
        let mut refusals = Vec::new();
        let mut refuse = |change: &dyn Fn(&mut Value), contents: Contents| {
            let mut document = document();
            change(&mut document);
            refusals.push(publish(&document, contents).unwrap_err().to_string());
        };
        let right = || contents("@scope/a", "1.0.0");
        refuse(&|document| document["name"] = json!("a"), right());
        refuse(
            &|document| document["versions"]["1.0.0"]["name"] = json!("b"),
            right(),
        );
        refuse(
            &|document| document["versions"]["1.0.0"]["version"] = json!("1.0.1"),
            right(),
        );
        refuse(
            &|document| {
                document["versions"]["1.0.0"]["dist"]["integrity"] =
                    json!(format!("sha512-{}==", "A".repeat(86)));
            },
            right(),
        );
        refuse(
            &|document| document["versions"]["2.0.0"] = json!({}),
            right(),
        );
        refuse(
            &|document| document["versions"] = json!({"../x": {}}),
            right(),
        );
        refuse(
            &|document| document["versions"]["1.0.0"] = json!(7),
            right(),
        );
        refuse(
            &|document| document["dist-tags"] = json!({"latest": "0.9.0"}),
            right(),
        );
        refuse(
            &|document| document["dist-tags"] = json!({"^1": "1.0.0"}),
            right(),
        );
        refuse(&|_| {}, contents("@scope/b", "1.0.0"));
        refuse(&|_| {}, contents("@scope/a", "1.0.1"));
        let expected = [
            "the document is for the package `a`, the request for `@scope/a`",
            "the document gives the name `b`, not `@scope/a`",
            "the document gives the version `1.0.1`, not `1.0.0`",
            "the tarball's hash is not the one that the document gives",
            "a publication holds exactly one version",
            "invalid version `../x`: unexpected character '.' while parsing major version number",
            "the version's manifest is not an object",
            "a tag names version `0.9.0`, which is not the one that is published",
            "invalid tag `^1`",
            "the tarball's package.json gives the name `@scope/b`, not `@scope/a`",
            "the tarball's package.json gives the version `1.0.1`, not `1.0.0`",
        ];
        assert_eq!(refusals, expected);
    }

    #[test]
    fn tags_are_not_ranges() {
        for tag in ["latest", "next-7", "beta", "v", "release"] {
            assert!(check_tag(tag).is_ok(), "{tag}");
        }
        for tag in [
            "", "1.0.0", "v1.0.0", "^1", "1.x", "*", "a/b", "a b", "a%2fb", ">=2",
        ] {
            assert!(check_tag(tag).is_err(), "{tag}");
        }
    }

    #[test]
    fn deprecations_are_listed_and_taken_back() {
        let document = json!({"name": "@scope/a", "versions": {"1.0.0": {"deprecated": "old"}, "1.0.1": {"deprecated": ""}, "1.0.2": {}}});
        let document = Document::parse(document.to_string().as_bytes(), &package()).unwrap();
        let own = |version: &str, message: &str| (version.to_string(), message.to_string());
        assert_eq!(
            document.deprecations(),
            BTreeMap::from([own("1.0.0", "old"), own("1.0.1", ""), own("1.0.2", "")])
        );
    }
}

//! A publish request, taken apart and checked: its description and its crate file in, what to
//! store out.
//!
//! <https://doc.rust-lang.org/cargo/reference/registry-web-api.html#publish>: two lengths, four
//! bytes each with the lowest first, each in front of its part.

use std::io::Read;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use toml_edit::{DocumentMut, Item};

use super::name::{is_crate, is_version};
use crate::local::formats::archive::{Walk, read_at_most, walk_tar_gz};
use crate::local::formats::{Invalid, shortened};
use crate::local::registry::{Dependency, License, VersionFacts};

/// The largest manifest that is read.
const LARGEST_MANIFEST: u64 = 4 << 20;

/// The largest readme that is read.
const LARGEST_README: u64 = 256 << 10;

/// What cargo says about the crate that it sends.
#[derive(Debug, Deserialize)]
pub struct Description {
    name: String,
    vers: String,
    #[serde(default)]
    deps: Vec<Value>,
    #[serde(default)]
    features: Map<String, Value>,
    #[serde(default)]
    links: Value,
    #[serde(default)]
    rust_version: Value,
    #[serde(default)]
    readme: Option<String>,
}

/// The part of a crate file that the registry has to know.
#[derive(Debug, Default)]
pub struct Contents {
    /// The name and the version in its manifest.
    pub identity: Option<(String, String)>,
    /// What the manifest says, dependencies apart.
    pub facts: VersionFacts,
}

impl Description {
    /// Reads the first part of the request.
    ///
    /// # Errors
    /// A sentence when it cannot be read, or names no crate and version.
    pub fn parse(text: &[u8]) -> Result<Description, Invalid> {
        let description: Description = serde_json::from_slice(text).map_err(|error| {
            Invalid::new(format!("the request's description cannot be read: {error}"))
        })?;
        if !is_crate(&description.name) {
            return Err(Invalid::new(
                "invalid crate name: up to 64 letters, digits, `-` and `_`, a letter first",
            ));
        }
        if !is_version(&description.vers) {
            return Err(Invalid::new("invalid version: it is not a semantic one"));
        }
        Ok(description)
    }

    /// The crate's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version.
    pub fn version(&self) -> &str {
        &self.vers
    }

    /// Checks the crate file against the description; gives what it says of itself and its line
    /// in the index.
    ///
    /// # Errors
    /// A sentence when name or version differ, or a dependency cannot be read.
    pub fn publication(
        &self,
        contents: Contents,
        sha256: &[u8; 32],
    ) -> Result<(VersionFacts, String), Invalid> {
        match &contents.identity {
            Some((name, version)) if *name == self.name && *version == self.vers => {}
            Some((name, version)) => {
                return Err(Invalid::new(format!(
                    "the crate file is of {} {}, the request of {} {}",
                    shortened(name),
                    shortened(version),
                    self.name,
                    self.vers
                )));
            }
            None => {
                return Err(Invalid::new(
                    "the crate file has no Cargo.toml with a name and a version",
                ));
            }
        }
        let dependencies = self
            .deps
            .iter()
            .map(index_dependency)
            .collect::<Result<Vec<Value>, Invalid>>()?;
        let line = self.line(&dependencies, sha256);
        let mut facts = contents.facts;
        facts.dependencies = self::dependencies(&dependencies);
        facts.readme = facts.readme.or_else(|| self.readme.clone());
        Ok((facts, line))
    }

    fn line(&self, dependencies: &[Value], sha256: &[u8; 32]) -> String {
        // Old clients fail on the newer syntax, so it stands apart.
        let is_new = |value: &Value| {
            let enabled = value
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            enabled
                .into_iter()
                .any(|name| name.starts_with("dep:") || name.contains("?/"))
        };
        let (new, old): (Map<String, Value>, Map<String, Value>) = self
            .features
            .clone()
            .into_iter()
            .partition(|(_, value)| is_new(value));
        let mut line = json!({
            "name": self.name, "vers": self.vers, "deps": dependencies,
            "cksum": hex::encode(sha256), "features": old, "yanked": false, "links": self.links,
        });
        if !new.is_empty() {
            line["features2"] = Value::Object(new);
            line["v"] = json!(2);
        }
        if !self.rust_version.is_null() {
            line["rust_version"] = self.rust_version.clone();
        }
        line.to_string()
    }
}

/// A dependency as the index has it: the name in the manifest first.
fn index_dependency(dependency: &Value) -> Result<Value, Invalid> {
    let text = |member: &str| dependency.get(member).and_then(Value::as_str);
    let (Some(name), Some(requirement)) = (text("name"), text("version_req")) else {
        return Err(Invalid::new(
            "a dependency has no name or no version requirement",
        ));
    };
    if !is_crate(name) {
        return Err(Invalid::new("a dependency has an invalid name"));
    }
    semver::VersionReq::parse(requirement).map_err(|error| {
        Invalid::new(format!(
            "the requirement of dependency `{name}` cannot be read: {error}"
        ))
    })?;
    let renamed = text("explicit_name_in_toml").filter(|renamed| is_crate(renamed));
    let mut entry = json!({
        "name": renamed.unwrap_or(name),
        "req": requirement,
        "features": dependency.get("features").cloned().unwrap_or_else(|| json!([])),
        "optional": dependency.get("optional").and_then(Value::as_bool).unwrap_or(false),
        "default_features": dependency.get("default_features").and_then(Value::as_bool).unwrap_or(true),
        "target": dependency.get("target").cloned().unwrap_or_default(),
        "kind": text("kind").unwrap_or("normal"),
        "registry": dependency.get("registry").cloned().unwrap_or_default(),
    });
    if renamed.is_some() {
        entry["package"] = json!(name);
    }
    Ok(entry)
}

/// The dependencies of an index line in the API's words.
pub fn dependencies(entries: &[Value]) -> Vec<Dependency> {
    let read = entries.iter().filter_map(|entry| {
        let text = |member: &str| entry.get(member).and_then(Value::as_str);
        Some(Dependency {
            namespace: None,
            package: text("package").or(text("name"))?.to_string(),
            dependency_type: Some(match text("kind") {
                Some(kind @ ("dev" | "build")) => kind.to_string(),
                _ => "regular".to_string(),
            }),
            version_requirement: text("req").map(str::to_string),
        })
    });
    read.collect()
}

/// Reads a crate file of `size` bytes through to its end.
///
/// # Errors
/// A sentence when it is no archive, is a bomb, or holds paths outside of its own folder.
pub fn look_into(
    file: impl Read,
    size: u64,
    name: &str,
    version: &str,
) -> Result<Contents, Invalid> {
    let folder = format!("{name}-{version}/");
    let (mut manifest, mut readmes) = (None, Vec::new());
    walk_tar_gz(file, size, |path, entry| {
        let Some(inner) = path.strip_prefix(&folder) else {
            return Err(Invalid::new(format!(
                "the crate file holds a path outside of `{folder}`"
            )));
        };
        if inner == "Cargo.toml" && manifest.is_none() {
            manifest = Some(read_at_most(entry, LARGEST_MANIFEST)?);
        } else if inner.to_ascii_lowercase().starts_with("readme") && readmes.len() < 4 {
            let mut text = Vec::new();
            entry
                .take(LARGEST_README)
                .read_to_end(&mut text)
                .map_err(|error| Invalid::new(format!("the archive cannot be read: {error}")))?;
            readmes.push((
                inner.to_string(),
                String::from_utf8_lossy(&text).into_owned(),
            ));
        }
        Ok(Walk::On)
    })?;
    let manifest = manifest.ok_or_else(|| Invalid::new("the crate file has no Cargo.toml"))?;
    let manifest: DocumentMut = std::str::from_utf8(&manifest)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Invalid::new("the crate file's Cargo.toml cannot be read"))?;
    let package = |key: &str| {
        Some(
            manifest
                .get("package")?
                .get(key)
                .and_then(Item::as_str)?
                .to_string(),
        )
    };
    let readme =
        package("readme").and_then(|wanted| readmes.iter().position(|(path, _)| *path == wanted));
    let license = package("license").or_else(|| package("license-file"));
    Ok(Contents {
        identity: package("name").zip(package("version")),
        facts: VersionFacts {
            display_name: package("name"),
            summary: package("description"),
            home_page: package("homepage"),
            source_code_repository: package("repository"),
            licenses: license
                .into_iter()
                .map(|name| License {
                    name: Some(name),
                    url: None,
                })
                .collect(),
            dependencies: Vec::new(),
            readme: match readme {
                Some(position) => Some(readmes.swap_remove(position).1),
                None => readmes.into_iter().next().map(|(_, text)| text),
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::formats::archive::tests::tar_gz;

    const MANIFEST: &[u8] = b"[package]\nname = \"a\"\nversion = \"1.0.0\"\ndescription = \"An a\"\nlicense = \"MIT\"\nreadme = \"README.md\"\n";

    fn description(more: &Value) -> Description {
        let mut text = json!({"name": "a", "vers": "1.0.0"});
        text.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        Description::parse(text.to_string().as_bytes()).unwrap()
    }

    fn contents(files: &[(&str, &[u8])]) -> Result<Contents, Invalid> {
        let archive = tar_gz(files);
        look_into(archive.as_slice(), archive.len() as u64, "a", "1.0.0")
    }

    #[test]
    fn a_publication_is_understood() {
        let contents = contents(&[
            ("a-1.0.0/Cargo.toml", MANIFEST),
            ("a-1.0.0/README.md", b"# A"),
        ])
        .unwrap();
        let description = description(&json!({
            "features": {"default": ["std"], "std": ["dep:b"]}, "rust_version": "1.70",
            "deps": [{"name": "b", "version_req": "^1", "explicit_name_in_toml": "c", "kind": "normal", "optional": true}],
        }));
        let (facts, line) = description.publication(contents, &[1; 32]).unwrap();
        assert_eq!(
            (facts.summary.as_deref(), facts.readme.as_deref()),
            (Some("An a"), Some("# A"))
        );
        assert_eq!(
            (
                facts.dependencies[0].package.as_str(),
                facts.dependencies[0].dependency_type.as_deref()
            ),
            ("b", Some("regular"))
        );
        let expected = json!({
            "name": "a", "vers": "1.0.0",
            "deps": [{"name": "c", "req": "^1", "features": [], "optional": true, "default_features": true,
                "target": null, "kind": "normal", "registry": null, "package": "b"}],
            "cksum": hex::encode([1; 32]), "features": {"default": ["std"]}, "yanked": false, "links": null,
            "features2": {"std": ["dep:b"]}, "v": 2, "rust_version": "1.70",
        });
        assert_eq!(line, expected.to_string());
    }

    #[test]
    fn bad_requests_are_refused() {
        for text in [
            "",
            "{}",
            r#"{"name":"../a","vers":"1.0.0"}"#,
            r#"{"name":"a","vers":"1"}"#,
        ] {
            assert!(Description::parse(text.as_bytes()).is_err(), "{text}");
        }
        for dependency in [
            json!({}),
            json!({"name": "b"}),
            json!({"name": "b", "version_req": "nonsense"}),
            json!({"name": "/", "version_req": "1"}),
        ] {
            let contents = contents(&[("a-1.0.0/Cargo.toml", MANIFEST)]).unwrap();
            assert!(
                description(&json!({"deps": [dependency]}))
                    .publication(contents, &[1; 32])
                    .is_err()
            );
        }
        for files in [
            vec![("b-1.0.0/Cargo.toml", MANIFEST)],
            vec![("a-1.0.0/Cargo.toml", MANIFEST), ("b/x", b"")],
            vec![("a-1.0.0/src/lib.rs", b"")],
            vec![("a-1.0.0/Cargo.toml", b"[")],
        ] {
            assert!(contents(&files).is_err(), "{files:?}");
        }
        let other = contents(&[(
            "a-1.0.0/Cargo.toml",
            b"[package]\nname = \"b\"\nversion = \"1.0.0\"\n",
        )])
        .unwrap();
        assert!(
            description(&json!({}))
                .publication(other, &[1; 32])
                .is_err()
        );
    }
}

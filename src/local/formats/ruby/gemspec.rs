//! A gem's specification: YAML in, what to store out.
//!
//! RubyGems guides, "Specification Reference".

use std::collections::BTreeMap;

use serde::Deserialize;

use super::index::About;
use super::name::{self, is_gem, is_platform, is_requirement, is_version};
use crate::local::formats::{Invalid, shortened};
use crate::local::registry::{Dependency, License, VersionFacts};

/// The most conditions of one requirement, and the most dependencies.
const MOST: usize = 1000;

/// What a gem says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gem {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What indexes say of its file.
    pub about: About,
    /// What it says to people.
    pub facts: VersionFacts,
}

impl Gem {
    /// The name of its file.
    pub fn file(&self) -> String {
        name::file(&self.name, &self.version, &self.about.platform)
    }
}

/// Reads a gem's specification.
///
/// # Errors
/// A sentence when it cannot be read, or names no gem, version, platform or dependency.
pub fn parse(text: &[u8]) -> Result<Gem, Invalid> {
    let read: Specification = yaml(text, "specification")?;
    let (name, version) = (read.name, read.version.version);
    let platform = read.platform.unwrap_or_else(|| name::RUBY.to_string());
    if !is_gem(&name) {
        return Err(Invalid::new(format!(
            "`{}` cannot be the name of a gem",
            shortened(&name)
        )));
    }
    if !is_version(&version) {
        return Err(Invalid::new(format!(
            "`{}` cannot be a version of a gem",
            shortened(&version)
        )));
    }
    if !is_platform(&platform) {
        return Err(Invalid::new(format!(
            "`{}` cannot be a platform",
            shortened(&platform)
        )));
    }
    let mut about = About {
        platform,
        ruby: conditions(read.required_ruby_version)?,
        rubygems: conditions(read.required_rubygems_version)?,
        ..About::default()
    };
    let mut facts = VersionFacts {
        display_name: Some(name.clone()),
        summary: read.summary.or(read.description),
        home_page: read.homepage,
        source_code_repository: read
            .metadata
            .unwrap_or_default()
            .remove("source_code_uri")
            .flatten(),
        ..VersionFacts::default()
    };
    facts.licenses = read
        .licenses
        .unwrap_or_default()
        .into_iter()
        .map(|name| License {
            name: Some(name),
            url: None,
        })
        .collect();
    let needed = read.dependencies.unwrap_or_default();
    if needed.len() > MOST {
        return Err(Invalid::new("the gem has too many dependencies"));
    }
    for dependency in needed {
        if !is_gem(&dependency.name) {
            return Err(Invalid::new(format!(
                "it depends on `{}`, which cannot be the name of a gem",
                shortened(&dependency.name)
            )));
        }
        let kind = dependency
            .kind
            .as_deref()
            .unwrap_or(":runtime")
            .trim_start_matches(':')
            .to_string();
        let conditions = conditions(dependency.requirement.or(dependency.version_requirements))?;
        facts.dependencies.push(Dependency {
            namespace: None,
            package: dependency.name.clone(),
            dependency_type: Some(kind.clone()),
            version_requirement: Some(match conditions.is_empty() {
                true => ">= 0".to_string(),
                false => conditions.join(", "),
            }),
        });
        if kind == "runtime" {
            about.dependencies.push((dependency.name, conditions));
        }
    }
    Ok(Gem {
        name,
        version,
        about,
        facts,
    })
}

/// The members of a specification that are used. Ruby's tags, such as `!ruby/object:Gem::Version`,
/// are passed over: nothing is made of them.
#[derive(Deserialize)]
struct Specification {
    name: String,
    version: Version,
    platform: Option<String>,
    summary: Option<String>,
    description: Option<String>,
    homepage: Option<String>,
    licenses: Option<Vec<String>>,
    metadata: Option<BTreeMap<String, Option<String>>>,
    dependencies: Option<Vec<Needed>>,
    required_ruby_version: Option<Requirement>,
    required_rubygems_version: Option<Requirement>,
}

#[derive(Deserialize)]
struct Version {
    version: String,
}

#[derive(Deserialize)]
struct Needed {
    name: String,
    requirement: Option<Requirement>,
    version_requirements: Option<Requirement>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Requirement {
    requirements: Vec<(String, Version)>,
}

/// The conditions of a requirement; none where every version will do.
fn conditions(requirement: Option<Requirement>) -> Result<Vec<String>, Invalid> {
    let pairs = requirement.map_or(Vec::new(), |requirement| requirement.requirements);
    if pairs.len() > MOST {
        return Err(Invalid::new(
            "the gem has a requirement of too many conditions",
        ));
    }
    let conditions: Vec<String> = pairs
        .into_iter()
        .map(|(operator, version)| format!("{operator} {}", version.version))
        .collect();
    if let Some(bad) = conditions.iter().find(|one| !is_requirement(one)) {
        return Err(Invalid::new(format!(
            "`{}` cannot be a requirement",
            shortened(bad)
        )));
    }
    Ok(match conditions.as_slice() {
        [any] if any == ">= 0" => Vec::new(),
        _ => conditions,
    })
}

/// Reads YAML. Anchors may be used, but not to grow a small text into a large value.
pub(super) fn yaml<T: serde::de::DeserializeOwned>(text: &[u8], what: &str) -> Result<T, Invalid> {
    let text = std::str::from_utf8(text)
        .map_err(|_| Invalid::new(format!("the gem's {what} are not text in UTF-8")))?;
    serde_saphyr::from_str(text).map_err(|error| {
        let error = error.to_string();
        let line = error.lines().next().unwrap_or_default();
        Invalid::new(format!(
            "the gem's {what} cannot be read: {}",
            shortened(line)
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endless_lists_are_refused() {
        let needed = "- name: b\n  type: :runtime\n".repeat(MOST + 1);
        let text = format!("name: a\nversion:\n  version: '1'\ndependencies:\n{needed}");
        let refusal = parse(text.as_bytes()).unwrap_err().to_string();
        assert!(refusal.contains("too many"), "{refusal}");
    }
}

//! What a package says of itself, in its nuspec.
//!
//! <https://learn.microsoft.com/nuget/reference/nuspec>.

use serde_json::{Map, Value, json};

use super::entry::{Entry, Group};
use super::name::is_id;
use super::version::{self, Version};
use crate::local::formats::Invalid;
use crate::local::formats::xml::{self, Element};
use crate::local::registry::{Dependency, License, VersionFacts};

/// A nuspec.
#[derive(Clone, Debug)]
pub struct Nuspec {
    /// What registrations say of the package.
    pub entry: Entry,
    /// The path of its readme in the package.
    pub readme: Option<String>,
    repository: Option<String>,
    licenses: Vec<License>,
}

/// Reads a nuspec.
///
/// # Errors
/// A sentence when it is none, or names no valid id and version.
pub fn parse(bytes: &[u8]) -> Result<Nuspec, Invalid> {
    let root = xml::parse(bytes)?;
    let metadata = root
        .child("metadata")
        .filter(|_| root.name == "package")
        .ok_or_else(|| Invalid::new("the nuspec has no metadata"))?;
    let text = |name: &str| metadata.text_at(&[name]).map(str::to_string);
    let id = text("id").filter(|id| is_id(id));
    let id = id.ok_or_else(|| Invalid::new("the nuspec has no valid id"))?;
    let version = text("version").filter(|version| Version::parse(version).is_some());
    let version = version.ok_or_else(|| Invalid::new("the nuspec has no valid version"))?;
    let kinds = |element: &Element| element.attribute("name").map(str::to_string);
    let license = metadata.child("license");
    let expression = license
        .filter(|license| license.attribute("type") == Some("expression"))
        .map(|license| license.text.clone());
    Ok(Nuspec {
        entry: Entry {
            id,
            version,
            authors: text("authors").unwrap_or_default(),
            texts: texts(metadata, expression.as_deref()),
            tags: text("tags")
                .unwrap_or_default()
                .split([' ', ',', ';', '\n', '\r', '\t'])
                .filter(|tag| !tag.is_empty())
                .map(str::to_string)
                .collect(),
            groups: groups(metadata.child("dependencies")),
            package_types: metadata
                .child("packageTypes")
                .into_iter()
                .flat_map(|types| types.children("packageType"))
                .filter_map(kinds)
                .collect(),
            require_license_acceptance: text("requireLicenseAcceptance").as_deref() == Some("true"),
            unlisted: false,
            notices: Map::new(),
        },
        readme: text("readme").map(|path| path.replace('\\', "/")),
        repository: metadata
            .child("repository")
            .and_then(|repository| repository.attribute("url"))
            .filter(|url| !url.is_empty())
            .map(str::to_string),
        licenses: licenses(license, text("licenseUrl")),
    })
}

/// The texts that registrations repeat.
fn texts(metadata: &Element, expression: Option<&str>) -> Map<String, Value> {
    let same = [
        "description",
        "summary",
        "title",
        "language",
        "projectUrl",
        "licenseUrl",
        "iconUrl",
    ];
    let mut texts: Map<String, Value> = same
        .into_iter()
        .filter_map(|name| Some((name.to_string(), json!(metadata.text_at(&[name])?))))
        .collect();
    for (name, value) in [
        ("licenseExpression", expression),
        ("minClientVersion", metadata.attribute("minClientVersion")),
    ] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            texts.insert(name.to_string(), json!(value));
        }
    }
    texts
}

/// Dependencies stand in groups, in old packages directly beneath.
fn groups(dependencies: Option<&Element>) -> Vec<Group> {
    let Some(dependencies) = dependencies else {
        return Vec::new();
    };
    let group = |element: &Element| Group {
        framework: element
            .attribute("targetFramework")
            .filter(|framework| !framework.is_empty())
            .map(str::to_string),
        dependencies: element
            .children("dependency")
            .filter_map(|dependency| {
                let id = dependency.attribute("id").filter(|id| is_id(id))?;
                let range = dependency.attribute("version").unwrap_or_default();
                Some((id.to_string(), version::range(range)))
            })
            .collect(),
    };
    let grouped: Vec<Group> = dependencies.children("group").map(group).collect();
    let direct = group(dependencies);
    if grouped.is_empty() && !direct.dependencies.is_empty() {
        return vec![direct];
    }
    grouped
}

/// A licence is an expression, a file in the package, or in old ones an address.
fn licenses(license: Option<&Element>, url: Option<String>) -> Vec<License> {
    // What is put into the place of the address for clients that know no other.
    let placeholder = |url: &String| license.is_some() && url.ends_with("/deprecateLicenseUrl");
    let name = license
        .map(|license| license.text.clone())
        .filter(|name| !name.is_empty());
    let url = url.filter(|url| !placeholder(url));
    match (name, url) {
        (None, None) => Vec::new(),
        (name, url) => vec![License { name, url }],
    }
}

impl Nuspec {
    /// What the registry is told.
    pub fn facts(&self, readme: Option<String>) -> VersionFacts {
        let text = |name: &str| self.entry.text(name).map(str::to_string);
        let mut dependencies: Vec<Dependency> = Vec::new();
        for (id, range) in self
            .entry
            .groups
            .iter()
            .flat_map(|group| &group.dependencies)
        {
            let dependency = Dependency {
                namespace: None,
                package: id.clone(),
                // The model's words on it: never set for NuGet.
                dependency_type: None,
                version_requirement: Some(range.clone()),
            };
            // Several frameworks mostly need the same.
            if !dependencies.contains(&dependency) {
                dependencies.push(dependency);
            }
        }
        VersionFacts {
            display_name: Some(self.entry.id.clone()),
            summary: text("summary").or_else(|| text("description")),
            home_page: text("projectUrl"),
            source_code_repository: self.repository.clone(),
            licenses: self.licenses.clone(),
            dependencies,
            readme,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUSPEC: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
  <metadata minClientVersion="2.12">
    <id>My.Own</id><version>1.2.0-Beta+7</version><authors>One, Two</authors>
    <license type="expression">MIT</license><licenseUrl>https://licenses.example.test/deprecateLicenseUrl</licenseUrl>
    <projectUrl>https://example.test/</projectUrl><readme>docs\README.md</readme>
    <description>An &lt;own&gt; thing</description><tags>a  b</tags>
    <repository type="git" url="https://git.example.test/own" commit="x" />
    <packageTypes><packageType name="Dependency" /></packageTypes>
    <dependencies>
      <group targetFramework=".NETStandard2.0"><dependency id="Leaf" version="1.0" exclude="Build" /></group>
      <group targetFramework="net45"><dependency id="Leaf" version="1.0" /><dependency id="Other" version="[1,2)" /></group>
    </dependencies>
  </metadata>
</package>"#;

    #[test]
    fn a_nuspec_is_understood() {
        let nuspec = parse(NUSPEC.as_bytes()).unwrap();
        assert_eq!(
            (nuspec.entry.id.as_str(), nuspec.entry.version.as_str()),
            ("My.Own", "1.2.0-Beta+7")
        );
        assert_eq!(nuspec.readme.as_deref(), Some("docs/README.md"));
        assert_eq!(nuspec.entry.text("minClientVersion"), Some("2.12"));
        assert_eq!(nuspec.entry.groups.len(), 2);
        assert_eq!(nuspec.entry.package_types, ["Dependency"]);
        let facts = nuspec.facts(Some("# Own".to_string()));
        assert_eq!(facts.summary.as_deref(), Some("An <own> thing"));
        assert_eq!(
            facts.source_code_repository.as_deref(),
            Some("https://git.example.test/own")
        );
        assert_eq!(
            facts.licenses,
            [License {
                name: Some("MIT".to_string()),
                url: None
            }]
        );
        let needs: Vec<(&str, Option<&str>)> = facts
            .dependencies
            .iter()
            .map(|need| (need.package.as_str(), need.version_requirement.as_deref()))
            .collect();
        assert_eq!(needs, [("Leaf", Some("[1.0, )")), ("Other", Some("[1,2)"))]);
    }

    #[test]
    fn an_old_nuspec_is_understood() {
        let text = "<package><metadata><id>a</id><version>1.0</version><licenseUrl>https://x.test/l</licenseUrl>\
                    <dependencies><dependency id='b'/></dependencies></metadata></package>";
        let nuspec = parse(text.as_bytes()).unwrap();
        assert_eq!(
            nuspec.entry.groups,
            [Group {
                framework: None,
                dependencies: vec![("b".to_string(), "(, )".to_string())]
            }]
        );
        assert_eq!(nuspec.licenses[0].url.as_deref(), Some("https://x.test/l"));
    }

    #[test]
    fn bad_nuspecs_are_refused() {
        for text in [
            "",
            "<package/>",
            "<other><metadata><id>a</id><version>1.0</version></metadata></other>",
            "<package><metadata><version>1.0</version></metadata></package>",
            "<package><metadata><id>a</id></metadata></package>",
            "<package><metadata><id>../a</id><version>1.0</version></metadata></package>",
            "<package><metadata><id>a</id><version>latest</version></metadata></package>",
            "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><package><metadata><id>&e;</id><version>1</version></metadata></package>",
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}

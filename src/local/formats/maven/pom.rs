//! What a POM says about its version. Parents are not followed (guide, "View Maven package version
//! details").

use super::path::Module;
use crate::local::formats::xml::{self, Element};
use crate::local::formats::{Invalid, shortened};
use crate::local::registry::{Dependency, License, VersionFacts};

/// Reads a POM.
///
/// # Errors
/// A sentence when it is none.
pub fn parse(bytes: &[u8]) -> Result<Element, Invalid> {
    let root = xml::parse(bytes)?;
    if root.name == "project" {
        Ok(root)
    } else {
        Err(Invalid::new("the document is no POM"))
    }
}

/// Refuses a POM of another module or version than its path says. What comes from a property
/// cannot be judged.
///
/// # Errors
/// A sentence that says so.
pub fn check(pom: &Element, module: &Module, version: &str) -> Result<(), Invalid> {
    for (name, expected) in [
        ("groupId", module.group.as_str()),
        ("artifactId", &module.artifact),
        ("version", version),
    ] {
        let own = pom.text_at(&[name]);
        // Only group and version are inherited.
        let inherited = || {
            pom.text_at(&["parent", name])
                .filter(|_| name != "artifactId")
        };
        if let Some(found) = own.or_else(inherited)
            && found != expected
            && !found.contains("${")
        {
            let shown = shortened(found);
            return Err(Invalid::new(format!(
                "the POM gives the {name} `{shown}`, its path `{expected}`"
            )));
        }
    }
    Ok(())
}

/// What the POM says, in the API's words.
pub fn facts(pom: &Element) -> VersionFacts {
    let own = |path: &[&str]| pom.text_at(path).map(str::to_string);
    let licenses = pom
        .child("licenses")
        .into_iter()
        .flat_map(|licenses| licenses.children("license"));
    VersionFacts {
        display_name: own(&["name"]).or_else(|| own(&["artifactId"])),
        summary: own(&["description"]),
        home_page: own(&["url"]),
        source_code_repository: own(&["scm", "url"]),
        licenses: licenses
            .map(|license| License {
                name: license.text_at(&["name"]).map(str::to_string),
                url: license.text_at(&["url"]).map(str::to_string),
            })
            .collect(),
        dependencies: dependencies(pom),
        readme: None,
    }
}

/// Scopes are the types; an optional dependency is `optional`, and the parent is one as well.
fn dependencies(pom: &Element) -> Vec<Dependency> {
    let entry = |element: &Element, kind: Option<&str>| {
        let own = |name: &str| element.text_at(&[name]).map(str::to_string);
        let optional = (own("optional").as_deref() == Some("true")).then_some("optional");
        let kind = kind
            .or(optional)
            .map(str::to_string)
            .or_else(|| own("scope"));
        Some(Dependency {
            namespace: own("groupId"),
            package: own("artifactId")?,
            dependency_type: Some(kind.unwrap_or_else(|| "compile".to_string())),
            version_requirement: own("version"),
        })
    };
    let parent = pom
        .child("parent")
        .and_then(|parent| entry(parent, Some("parent")));
    let listed = pom
        .child("dependencies")
        .into_iter()
        .flat_map(|listed| listed.children("dependency"));
    parent
        .into_iter()
        .chain(listed.filter_map(|element| entry(element, None)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const POM: &str = r#"<?xml version="1.0"?><project xmlns="http://maven.apache.org/POM/4.0.0">
        <parent><groupId>com.mycompany</groupId><artifactId>parent</artifactId><version>7</version></parent>
        <artifactId>app</artifactId><version>1.0</version><name>My App</name><description>Does</description>
        <url>https://example.test</url><scm><url>https://example.test/git</url></scm>
        <licenses><license><name>Apache-2.0</name><url>https://example.test/l</url></license></licenses>
        <dependencies>
          <dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4</version><scope>test</scope></dependency>
          <dependency><groupId>a</groupId><artifactId>b</artifactId><optional>true</optional></dependency>
          <dependency><groupId>a</groupId><artifactId>c</artifactId></dependency>
        </dependencies></project>"#;

    fn module(group: &str, artifact: &str) -> Module {
        Module {
            group: group.to_string(),
            artifact: artifact.to_string(),
        }
    }

    #[test]
    fn facts_are_read() {
        let facts = facts(&parse(POM.as_bytes()).unwrap());
        assert_eq!(facts.display_name.as_deref(), Some("My App"));
        assert_eq!(
            facts.source_code_repository.as_deref(),
            Some("https://example.test/git")
        );
        assert_eq!(facts.licenses[0].name.as_deref(), Some("Apache-2.0"));
        let dependencies: Vec<_> = facts
            .dependencies
            .iter()
            .map(|dependency| {
                (
                    dependency.package.as_str(),
                    dependency.dependency_type.as_deref().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            dependencies,
            [
                ("parent", "parent"),
                ("junit", "test"),
                ("b", "optional"),
                ("c", "compile")
            ]
        );
    }

    #[test]
    fn a_pom_stands_at_its_path() {
        let pom = parse(POM.as_bytes()).unwrap();
        assert!(check(&pom, &module("com.mycompany", "app"), "1.0").is_ok());
        assert!(check(&pom, &module("com.other", "app"), "1.0").is_err());
        assert!(check(&pom, &module("com.mycompany", "other"), "1.0").is_err());
        assert!(check(&pom, &module("com.mycompany", "app"), "1.1").is_err());
        let property =
            parse(b"<project><groupId>${group}</groupId><artifactId>a</artifactId></project>")
                .unwrap();
        assert!(check(&property, &module("any", "a"), "1").is_ok());
        assert!(parse(b"<metadata/>").is_err());
    }
}

//! Core metadata: what a distribution says about itself.
//!
//! <https://packaging.python.org/specifications/core-metadata/>: mail headers, and the readme as
//! the body or as a header.

use std::io::{Read, Seek};

use super::filename::{self, Kind};
use crate::local::formats::archive::{Walk, open_zip, read_at_most, read_from_zip, walk_tar_gz};
use crate::local::formats::{Invalid, shortened};
use crate::local::registry::{Dependency, License, VersionFacts};

/// The largest metadata that is read: the readme is in it.
const LARGEST: u64 = 8 << 20;

/// How much of a readme is kept.
const LONGEST_README: usize = 256 << 10;

/// The headers of a metadata document, in their order, and its body.
#[derive(Debug, Default, PartialEq)]
pub struct Metadata {
    headers: Vec<(String, String)>,
    body: String,
}

impl Metadata {
    /// Reads a metadata document. Lines that are no headers are passed over.
    pub fn parse(bytes: &[u8]) -> Metadata {
        let text = String::from_utf8_lossy(bytes);
        let mut metadata = Metadata::default();
        let mut lines = text.split_inclusive('\n');
        for line in lines.by_ref() {
            let bare = line.trim_end_matches(['\r', '\n']);
            if bare.is_empty() {
                break;
            }
            match (bare.starts_with([' ', '\t']), metadata.headers.last_mut()) {
                (true, Some((_, value))) => {
                    // A folded line. Old writers mark those of the readme with a bar.
                    value.push('\n');
                    value.push_str(bare.trim_start().trim_start_matches('|'));
                }
                _ => {
                    if let Some((name, value)) = bare.split_once(':') {
                        metadata
                            .headers
                            .push((name.trim().to_ascii_lowercase(), value.trim().to_string()));
                    }
                }
            }
        }
        metadata.body = lines.collect();
        metadata
    }

    /// The first header of that name, given in lower case, that says something.
    pub fn get<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self
            .headers
            .iter()
            .filter(move |(header, _)| header == name);
        named
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty() && *value != "UNKNOWN")
    }

    /// The same in the API's words.
    pub fn facts(&self) -> VersionFacts {
        let own = |text: &str| text.to_string();
        VersionFacts {
            display_name: self.get("name").map(own),
            summary: self.get("summary").map(own),
            home_page: self
                .get("home-page")
                .or_else(|| self.project_url(&["homepage", "home", "home page"]))
                .map(own),
            source_code_repository: self
                .project_url(&[
                    "source",
                    "source code",
                    "repository",
                    "code",
                    "sources",
                    "github",
                    "gitlab",
                ])
                .map(own),
            licenses: self.licenses(),
            dependencies: self.all("requires-dist").map(dependency).collect(),
            readme: self.readme(),
        }
    }

    fn project_url(&self, labels: &[&str]) -> Option<&str> {
        self.all("project-url").find_map(|entry| {
            let (label, url) = entry.split_once(',')?;
            labels
                .contains(&label.trim().to_ascii_lowercase().as_str())
                .then_some(url.trim())
        })
    }

    /// The expression, or the name; a whole licence text is none, but a classifier may name it.
    fn licenses(&self) -> Vec<License> {
        let named = |name: &str| License {
            name: Some(name.to_string()),
            url: None,
        };
        if let Some(expression) = self.get("license-expression") {
            return vec![named(expression)];
        }
        if let Some(license) = self
            .get("license")
            .filter(|license| !license.contains('\n') && license.len() <= 100)
        {
            return vec![named(license)];
        }
        let classified = self
            .all("classifier")
            .filter_map(|classifier| classifier.strip_prefix("License :: "));
        classified
            .filter_map(|path| path.rsplit(" :: ").next())
            .map(named)
            .collect()
    }

    fn readme(&self) -> Option<String> {
        let body = self.body.trim();
        let readme = if body.is_empty() {
            self.get("description")?
        } else {
            body
        };
        let mut end = readme.len().min(LONGEST_README);
        while !readme.is_char_boundary(end) {
            end -= 1;
        }
        Some(readme[..end].to_string())
    }
}

/// `requests[security] (>=2.8.1) ; python_version < "2.7"`: the name, and all that follows it.
fn dependency(requirement: &str) -> Dependency {
    let is_name = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    let end = requirement
        .find(|character| !is_name(character))
        .unwrap_or(requirement.len());
    let rest = requirement[end..].trim();
    Dependency {
        namespace: None,
        package: requirement[..end].to_string(),
        dependency_type: Some("Requires-Dist".to_string()),
        version_requirement: (!rest.is_empty()).then(|| rest.to_string()),
    }
}

/// The metadata document inside a distribution of `size` bytes; none in old source distributions
/// and in those that are not looked into.
///
/// # Errors
/// A sentence when the archive is broken, is a bomb, or holds a path that leads out of it; and
/// when a wheel has no metadata.
pub fn read(kind: Kind, file: impl Read + Seek, size: u64) -> Result<Option<Vec<u8>>, Invalid> {
    Ok(match kind {
        Kind::OtherSource => None,
        Kind::Wheel => {
            let mut archive = open_zip(file, size)?;
            let metadata = read_from_zip(
                &mut archive,
                LARGEST,
                |path| matches!(path.split_once('/'), Some((folder, "METADATA")) if folder.ends_with(".dist-info")),
            )?;
            Some(metadata.ok_or_else(|| Invalid::new("the wheel has no METADATA"))?)
        }
        Kind::Zip => read_from_zip(&mut open_zip(file, size)?, LARGEST, is_package_info)?,
        Kind::TarGz => {
            let mut found = None;
            walk_tar_gz(file, size, |path, entry| {
                if found.is_none() && is_package_info(path.trim_start_matches("./")) {
                    found = Some(read_at_most(entry, LARGEST)?);
                }
                Ok(Walk::On)
            })?;
            found
        }
    })
}

fn is_package_info(path: &str) -> bool {
    matches!(path.split_once('/'), Some((_, "PKG-INFO")))
}

/// Refuses metadata that speaks of another project or version.
///
/// # Errors
/// A sentence that says so.
pub fn check(metadata: &Metadata, project: &str, version: &str) -> Result<(), Invalid> {
    let name = metadata.get("name").unwrap_or_default();
    let stated = metadata.get("version").unwrap_or_default();
    if filename::normalized(name) != filename::normalized(project)
        || filename::version(stated).as_deref() != Some(version)
    {
        return Err(Invalid::new(format!(
            "the archive's metadata is of {} {}, not of {project} {version}",
            shortened(name),
            shortened(stated)
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::local::formats::archive::tests::{tar_gz, zip};

    const METADATA: &str = "Metadata-Version: 2.1\r\nName: Flatten_JSON\r\nVersion: 0.1.7\r\nSummary: Flattens\r\n\
        Home-page: UNKNOWN\r\nLicense: UNKNOWN\r\nClassifier: License :: OSI Approved :: MIT License\r\n\
        Project-URL: Homepage, https://example.test\r\nProject-URL: Source Code, https://example.test/git\r\n\
        Requires-Dist: six\r\nRequires-Dist: requests[security] (>=2.8.1) ; extra == 'http'\r\n\r\n# Readme\r\n\r\nText: more\r\n";

    #[test]
    fn facts_are_read() {
        let facts = Metadata::parse(METADATA.as_bytes()).facts();
        assert_eq!(facts.display_name.as_deref(), Some("Flatten_JSON"));
        assert_eq!(facts.summary.as_deref(), Some("Flattens"));
        assert_eq!(facts.home_page.as_deref(), Some("https://example.test"));
        assert_eq!(
            facts.source_code_repository.as_deref(),
            Some("https://example.test/git")
        );
        assert_eq!(facts.licenses[0].name.as_deref(), Some("MIT License"));
        assert_eq!(facts.readme.as_deref(), Some("# Readme\r\n\r\nText: more"));
        let dependencies: Vec<_> = facts
            .dependencies
            .iter()
            .map(|dependency| {
                (
                    dependency.package.as_str(),
                    dependency.version_requirement.as_deref(),
                )
            })
            .collect();
        assert_eq!(
            dependencies,
            [
                ("six", None),
                ("requests", Some("[security] (>=2.8.1) ; extra == 'http'"))
            ]
        );
    }

    #[test]
    fn an_old_description_is_unfolded() {
        let metadata = Metadata::parse(b"Description: One\n        |two\n        three\nName: a\n");
        assert_eq!(metadata.facts().readme.as_deref(), Some("One\ntwo\nthree"));
        assert_eq!(metadata.get("name"), Some("a"));
    }

    #[test]
    fn metadata_is_found_in_each_kind() {
        let text = METADATA.as_bytes();
        let find = |kind, bytes: Vec<u8>| read(kind, Cursor::new(&bytes), bytes.len() as u64);
        let wheel = zip(&[
            ("flatten_json/x.dist-info/METADATA", b"no"),
            ("flatten_json-0.1.7.dist-info/METADATA", text),
        ]);
        assert_eq!(find(Kind::Wheel, wheel).unwrap().as_deref(), Some(text));
        let source = tar_gz(&[
            ("flatten_json-0.1.7/setup.py", b""),
            ("flatten_json-0.1.7/PKG-INFO", text),
        ]);
        assert_eq!(find(Kind::TarGz, source).unwrap().as_deref(), Some(text));
        assert_eq!(
            find(Kind::Zip, zip(&[("a/PKG-INFO", text)]))
                .unwrap()
                .as_deref(),
            Some(text)
        );
        assert_eq!(find(Kind::Zip, zip(&[("a/setup.py", b"")])).unwrap(), None);
        assert!(find(Kind::Wheel, zip(&[("a/PKG-INFO", text)])).is_err());
        assert!(find(Kind::Wheel, tar_gz(&[("a/PKG-INFO", text)])).is_err());
    }

    #[test]
    fn other_projects_and_versions_are_refused() {
        let metadata = Metadata::parse(METADATA.as_bytes());
        assert!(check(&metadata, "flatten-json", "0.1.7").is_ok());
        assert!(check(&metadata, "flatten", "0.1.7").is_err());
        assert!(check(&metadata, "flatten-json", "0.1.8").is_err());
        assert!(check(&Metadata::default(), "flatten-json", "0.1.7").is_err());
    }
}

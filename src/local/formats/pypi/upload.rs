//! An upload form, checked: its fields and its file in, what to store out.
//!
//! the Upload API of PyPI's documentation. The form repeats what the file says of itself; the file
//! is believed, and the form must not differ from it where both are used.

use std::collections::HashMap;

use super::filename::{self, Kind};
use super::index::{About, Files};
use super::metadata::{self, Metadata};
use crate::local::formats::Invalid;
use crate::local::registry::VersionFacts;
use crate::local::registry::asset::Hashes;

/// The fields of a form that are texts. Of those that may be repeated, the first.
#[derive(Debug, Default)]
pub struct Fields(HashMap<String, String>);

impl Fields {
    /// Adds a field.
    pub fn add(&mut self, name: String, value: String) {
        self.0.entry(name).or_insert(value);
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

/// A file, ready to be stored.
#[derive(Debug, PartialEq)]
pub struct Distribution {
    /// The project's normalised name.
    pub project: String,
    /// The version.
    pub version: String,
    /// What it says of itself.
    pub facts: Option<VersionFacts>,
    /// The stored form of what is known of the file.
    pub document: String,
}

/// Which file a form brings, before it was looked into: project, version and kind.
///
/// # Errors
/// A sentence when the form is no upload, or when its name, version and file name do not agree.
pub fn announced(fields: &Fields, file: &str) -> Result<(String, String, Kind), Invalid> {
    if fields.get(":action") != Some("file_upload") {
        return Err(Invalid::new("the form's action is not `file_upload`"));
    }
    let project = fields.get("name").filter(|name| filename::is_project(name));
    let project = project.ok_or_else(|| Invalid::new("the form has no valid project name"))?;
    let version = fields.get("version").and_then(filename::version);
    let version = version.ok_or_else(|| Invalid::new("the form has no valid version"))?;
    match filename::parse(file, project) {
        Some((named, kind)) if named == version => {
            Ok((filename::normalized(project), version, kind))
        }
        Some((named, _)) => Err(Invalid::new(format!(
            "the file's name is of version {named}, the form of {version}"
        ))),
        None => Err(Invalid::new(
            "the file's name is not one of a distribution of the project",
        )),
    }
}

/// Checks a file against its form and turns both into what is stored.
///
/// # Errors
/// A sentence when hashes, names or versions differ.
pub fn distribution(
    fields: &Fields,
    file: &str,
    hashes: &Hashes,
    inner: Option<&[u8]>,
) -> Result<Distribution, Invalid> {
    let (project, version, kind) = announced(fields, file)?;
    for (field, found) in [
        ("sha256_digest", hex::encode(hashes.sha256)),
        ("md5_digest", hex::encode(hashes.md5)),
    ] {
        if fields
            .get(field)
            .is_some_and(|promised| !promised.eq_ignore_ascii_case(&found))
        {
            return Err(Invalid::new(format!(
                "the file's hash is not the form's `{field}`"
            )));
        }
    }
    let metadata = inner.map(Metadata::parse);
    if let Some(metadata) = &metadata {
        metadata::check(metadata, &project, &version)?;
    }
    let about = About {
        requires_python: metadata
            .as_ref()
            .map_or_else(
                || fields.get("requires_python"),
                |metadata| metadata.get("requires-python"),
            )
            .map(str::to_string),
        metadata_sha256: match (inner, kind) {
            (Some(inner), Kind::Wheel) => super::offers::metadata_sha256(file, inner),
            _ => None,
        },
        ..About::default()
    };
    Ok(Distribution {
        project,
        version,
        facts: metadata.map(|metadata| metadata.facts()),
        document: Files {
            files: [(file.to_string(), about)].into(),
        }
        .render(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(more: &[(&str, &str)]) -> Fields {
        let mut fields = Fields::default();
        let own = [
            (":action", "file_upload"),
            ("name", "My.Project"),
            ("version", "1.0.0"),
        ];
        for (name, value) in more.iter().chain(&own) {
            fields.add(name.to_string(), value.to_string());
        }
        fields
    }

    fn hashes() -> Hashes {
        Hashes {
            md5: [1; 16],
            sha1: [2; 20],
            sha256: [3; 32],
            sha512: [4; 64],
        }
    }

    const WHEEL: &str = "my_project-1.0.0-py3-none-any.whl";

    fn metadata(name: &str, version: &str) -> Option<Vec<u8>> {
        Some(format!("Name: {name}\nVersion: {version}\nRequires-Python: >=3.8\n\n").into_bytes())
    }

    #[test]
    fn a_wheel_is_understood() {
        let sha256 = hex::encode([3; 32]);
        let form = fields(&[("sha256_digest", &sha256), ("requires_python", ">=2")]);
        let wheel = distribution(
            &form,
            WHEEL,
            &hashes(),
            metadata("my-project", "1.0.0").as_deref(),
        )
        .unwrap();
        assert_eq!(
            (wheel.project.as_str(), wheel.version.as_str()),
            ("my-project", "1.0.0")
        );
        let files = Files::parse(&wheel.document).files;
        assert_eq!(files[WHEEL].requires_python.as_deref(), Some(">=3.8"));
        assert_eq!(
            files[WHEEL].metadata_sha256.as_ref().map(String::len),
            Some(64)
        );
    }

    #[test]
    fn what_does_not_agree_is_refused() {
        for (more, file, inner) in [
            (
                vec![(":action", "doc_upload")],
                WHEEL,
                metadata("my-project", "1.0.0"),
            ),
            (
                vec![("name", "other")],
                WHEEL,
                metadata("my-project", "1.0.0"),
            ),
            (vec![("name", "../x")], WHEEL, None),
            (
                vec![("version", "1.0.1")],
                WHEEL,
                metadata("my-project", "1.0.1"),
            ),
            (vec![("version", "../x")], WHEEL, None),
            (
                vec![("md5_digest", "00")],
                WHEEL,
                metadata("my-project", "1.0.0"),
            ),
            (vec![], "my_project-1.0.0.exe", None),
            (vec![], "../my_project-1.0.0.tar.gz", None),
            (vec![], WHEEL, metadata("other", "1.0.0")),
            (vec![], WHEEL, metadata("my-project", "1.0.1")),
        ] {
            let form = fields(&more);
            assert!(
                distribution(&form, file, &hashes(), inner.as_deref()).is_err(),
                "{more:?} {file}"
            );
        }
    }
}

//! A release that is to be published, checked: the parts of a form in, what to store out.
//!
//! The specification, "4.6. Create a package release".

use std::io::{Read, Seek};

use serde_json::{Map, Value};

use super::index::{Document, Manifest};
use super::manifest::{self, MANIFEST};
use crate::local::formats::Invalid;
use crate::local::formats::archive::{names_in_zip, open_zip, read_from_zip};
use crate::local::registry::{License, VersionFacts};

/// The largest manifest that is read.
const LARGEST_MANIFEST: u64 = 1 << 20;

/// The most manifests for certain versions of Swift.
const MOST_MANIFESTS: usize = 64;

/// The largest readme that is read.
const LARGEST_README: u64 = 256 << 10;

/// What is in a source archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// The manifests by their file names, `Package.swift` first.
    pub manifests: Vec<(String, String)>,
    /// The readme.
    pub readme: Option<String>,
}

/// Looks into a source archive of `size` bytes. What counts is at its top, or in the only folder
/// that is there, as `swift package archive-source` makes it.
///
/// # Errors
/// A sentence when it is no archive, is a bomb, holds a path that leads out of it, or has no
/// manifest.
pub fn look_into(file: impl Read + Seek, size: u64) -> Result<Contents, Invalid> {
    let mut archive = open_zip(file, size)?;
    let names = names_in_zip(&mut archive)?;
    let folder = folder(&names)
        .ok_or_else(|| Invalid::new("the source archive has no Package.swift"))?
        .to_string();
    let mut contents = Contents::default();
    let mut files: Vec<&str> = names
        .iter()
        .filter_map(|path| path.strip_prefix(&folder))
        .filter(|file| manifest::swift_version(file).is_some())
        .collect();
    files.sort_unstable();
    files.dedup();
    if files.len() > MOST_MANIFESTS {
        return Err(Invalid::new("the source archive has too many manifests"));
    }
    for file in [MANIFEST].into_iter().chain(files) {
        let wanted = format!("{folder}{file}");
        let found = read_from_zip(&mut archive, LARGEST_MANIFEST, |path| path == wanted)?;
        let text = String::from_utf8(found.unwrap_or_default())
            .map_err(|_| Invalid::new(format!("{file} is not text in UTF-8")))?;
        contents.manifests.push((file.to_string(), text));
    }
    let is_readme = |path: &str| {
        path.strip_prefix(&folder).is_some_and(|file| {
            !file.contains('/') && file.to_ascii_lowercase().starts_with("readme")
        })
    };
    // One that is too large is none.
    let readme = read_from_zip(&mut archive, LARGEST_README, is_readme).unwrap_or_default();
    contents.readme = readme.map(|text| String::from_utf8_lossy(&text).into_owned());
    Ok(contents)
}

/// The folder with the manifest, with a slash at its end: the top, or one in it.
fn folder(names: &[String]) -> Option<&str> {
    let mut folders = names
        .iter()
        .filter_map(|path| path.strip_suffix(MANIFEST))
        .filter(|folder| folder.is_empty() || folder.find('/') == Some(folder.len() - 1));
    let first = folders.next()?;
    Some(if folders.any(str::is_empty) {
        ""
    } else {
        first
    })
}

/// Reads what a publisher says of a release, and checks what clients rely on.
///
/// # Errors
/// A sentence when it is no JSON object, or a member is not what the specification's schema says.
pub fn metadata(text: &[u8]) -> Result<Map<String, Value>, Invalid> {
    let metadata: Map<String, Value> = serde_json::from_slice(text).map_err(|error| {
        Invalid::new(format!(
            "invalid JSON provided for release metadata: {error}"
        ))
    })?;
    let wrong = |member: &str, what: &str| {
        Err(Invalid::new(format!(
            "the release metadata's `{member}` is not {what}"
        )))
    };
    for member in [
        "description",
        "licenseURL",
        "readmeURL",
        "originalPublicationTime",
    ] {
        if metadata.get(member).is_some_and(|value| !value.is_string()) {
            return wrong(member, "a text");
        }
    }
    let time = metadata
        .get("originalPublicationTime")
        .and_then(Value::as_str);
    if time.is_some_and(|time| time.parse::<jiff::Timestamp>().is_err()) {
        return wrong("originalPublicationTime", "a time in ISO 8601");
    }
    if let Some(urls) = metadata.get("repositoryURLs") {
        let are_texts = |urls: &Vec<Value>| urls.iter().all(Value::is_string);
        if !urls.as_array().is_some_and(are_texts) {
            return wrong("repositoryURLs", "a list of texts");
        }
    }
    if let Some(author) = metadata.get("author") {
        let organization = author.get("organization");
        for (member, someone) in [
            ("author", Some(author)),
            ("author.organization", organization),
        ] {
            if someone.is_some_and(|someone| !someone.get("name").is_some_and(Value::is_string)) {
                return wrong(member, "somebody with a name");
            }
        }
    }
    Ok(metadata)
}

/// What is stored of a release, its signature apart.
pub fn document(
    scope: &str,
    name: &str,
    metadata: Map<String, Value>,
    contents: &Contents,
) -> Document {
    let others = contents.manifests.iter().skip(1);
    Document {
        scope: scope.to_string(),
        name: name.to_string(),
        metadata,
        signature: None,
        manifests: others
            .map(|(file, text)| Manifest {
                file: file.clone(),
                tools_version: manifest::tools_version(text),
            })
            .collect(),
    }
}

/// The same in the API's words.
pub fn facts(document: &Document, contents: &Contents) -> VersionFacts {
    let text = |member: &str| {
        document
            .metadata
            .get(member)
            .and_then(Value::as_str)
            .map(str::to_string)
    };
    VersionFacts {
        display_name: Some(document.name.clone()),
        summary: text("description"),
        home_page: None,
        source_code_repository: document.repositories().next().map(str::to_string),
        licenses: text("licenseURL")
            .map(|url| License {
                name: None,
                url: Some(url),
            })
            .into_iter()
            .collect(),
        dependencies: contents
            .manifests
            .first()
            .map(|(_, text)| manifest::dependencies(text))
            .unwrap_or_default(),
        readme: contents.readme.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::local::formats::archive::tests::zip;

    const PLAIN: &[u8] = b"// swift-tools-version:5.3\n.package(id: \"b.c\", from: \"1.0.0\")\n";

    fn look(files: &[(&str, &[u8])]) -> Result<Contents, Invalid> {
        let archive = zip(files);
        look_into(Cursor::new(&archive), archive.len() as u64)
    }

    #[test]
    fn manifests_are_found_at_the_top_or_in_its_folder() {
        for folder in ["", "List/"] {
            let path = |file: &str| format!("{folder}{file}");
            let contents = look(&[
                (&path("Sources/Package.swift"), b"no"),
                (
                    &path("Package@swift-5.9.swift"),
                    b"// swift-tools-version:5.9\n",
                ),
                (&path("Package.swift"), PLAIN),
                (&path("README.md"), b"# List"),
                (&path("Package@swift-next.swift"), b"no"),
            ])
            .unwrap();
            let files: Vec<&str> = contents
                .manifests
                .iter()
                .map(|(file, _)| file.as_str())
                .collect();
            assert_eq!(files, ["Package.swift", "Package@swift-5.9.swift"]);
            let metadata = metadata(br#"{"description": "A list", "licenseURL": "https://l.test", "repositoryURLs": ["https://r.test"], "more": 1}"#).unwrap();
            let document = document("Mona", "List", metadata, &contents);
            assert_eq!(document.manifests[0].tools_version, "5.9");
            let facts = facts(&document, &contents);
            assert_eq!(facts.summary.as_deref(), Some("A list"));
            assert_eq!(
                facts.source_code_repository.as_deref(),
                Some("https://r.test")
            );
            assert_eq!(facts.licenses[0].url.as_deref(), Some("https://l.test"));
            assert_eq!(facts.readme.as_deref(), Some("# List"));
            assert_eq!(facts.dependencies[0].package, "c");
        }
    }

    #[test]
    fn bad_archives_are_refused() {
        for files in [
            &[("a/b/Package.swift", PLAIN)][..],
            &[("README.md", b"x")],
            &[("Package.swift", PLAIN), ("../x", b"x")],
            &[("Package.swift", b"\xff")],
            &[("Package.swift", &[b' '; 2 << 20])],
        ] {
            assert!(look(files).is_err(), "{}", files[0].0);
        }
        assert!(look_into(Cursor::new(b"nonsense"), 8).is_err());
    }

    #[test]
    fn metadata_that_clients_cannot_read_is_refused() {
        for text in [
            "",
            "[]",
            r#"{"description": 1}"#,
            r#"{"originalPublicationTime": "yesterday"}"#,
            r#"{"repositoryURLs": "x"}"#,
            r#"{"repositoryURLs": [1]}"#,
            r#"{"author": "me"}"#,
            r#"{"author": {"name": "me", "organization": {}}}"#,
        ] {
            assert!(metadata(text.as_bytes()).is_err(), "{text}");
        }
        let fine = r#"{"author": {"name": "me", "organization": {"name": "we"}}, "originalPublicationTime": "2024-01-01T00:00:00Z"}"#;
        assert!(metadata(fine.as_bytes()).is_ok());
    }
}

//! A version's manifest: the facts in it, and the form in which it is stored.
//!
//! <https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md>

use serde_json::{Map, Value, json};

use super::integrity;
use crate::local::formats::Invalid;
use crate::local::store::blob::Hashes;
use crate::local::store::content::{Dependency, License, VersionFacts};

/// The kinds of dependencies: the manifest's member and the API's `dependencyType`.
const DEPENDENCIES: [(&str, &str); 4] = [
    ("dependencies", "regular"),
    ("optionalDependencies", "optional"),
    ("peerDependencies", "peer"),
    ("devDependencies", "dev"),
];

/// What the manifest says about its version, in the API's words.
pub fn facts(
    manifest: &Map<String, Value>,
    bare_name: &str,
    readme: Option<String>,
) -> VersionFacts {
    let text = |member: &str| non_empty(manifest.get(member)?.as_str()?);
    VersionFacts {
        display_name: Some(bare_name.to_string()),
        summary: text("description"),
        home_page: text("homepage"),
        source_code_repository: source_code_repository(manifest),
        licenses: licenses(manifest),
        dependencies: dependencies(manifest),
        readme,
    }
}

fn non_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_string())
}

fn source_code_repository(manifest: &Map<String, Value>) -> Option<String> {
    let repository = manifest.get("repository")?;
    let text = repository
        .as_str()
        .or_else(|| repository.get("url")?.as_str())?;
    let text = text.strip_prefix("git+").unwrap_or(text);
    if let Some(rest) = text.strip_prefix("git://") {
        return Some(format!("https://{rest}"));
    }
    let (host, path) = match text.split_once(':') {
        None => ("github.com", text),
        Some(("github", path)) => ("github.com", path),
        Some(("gitlab", path)) => ("gitlab.com", path),
        Some(("bitbucket", path)) => ("bitbucket.org", path),
        Some(_) => return non_empty(text),
    };
    // The short form: owner and name.
    let is_short = path.split('/').count() == 2 && path.split('/').all(|part| !part.is_empty());
    if is_short {
        Some(format!("https://{host}/{path}.git"))
    } else {
        non_empty(text)
    }
}

/// `license` as text or object, `licenses` as a list of them: all three forms exist.
fn licenses(manifest: &Map<String, Value>) -> Vec<License> {
    let one = |value: &Value| {
        let member = |name: &str| non_empty(value.get(name)?.as_str()?);
        let license = License {
            name: value
                .as_str()
                .and_then(non_empty)
                .or_else(|| member("type"))
                .or_else(|| member("name")),
            url: member("url"),
        };
        (license != License::default()).then_some(license)
    };
    match (manifest.get("license"), manifest.get("licenses")) {
        (Some(Value::Array(several)), _) | (None, Some(Value::Array(several))) => {
            several.iter().filter_map(one).collect()
        }
        (Some(single), _) | (None, Some(single)) => one(single).into_iter().collect(),
        (None, None) => Vec::new(),
    }
}

fn dependencies(manifest: &Map<String, Value>) -> Vec<Dependency> {
    let optional = manifest
        .get("optionalDependencies")
        .and_then(Value::as_object);
    let mut found = Vec::new();
    for (member, kind) in DEPENDENCIES {
        for (name, requirement) in manifest
            .get(member)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            // The client repeats optional dependencies among the regular ones.
            if kind == "regular" && optional.is_some_and(|optional| optional.contains_key(name)) {
                continue;
            }
            let (namespace, package) = match name
                .strip_prefix('@')
                .and_then(|scoped| scoped.split_once('/'))
            {
                Some((scope, bare)) => (Some(scope.to_string()), bare),
                None => (None, name.as_str()),
            };
            found.push(Dependency {
                namespace,
                package: package.to_string(),
                dependency_type: Some(kind.to_string()),
                version_requirement: requirement.as_str().map(str::to_string),
            });
        }
    }
    found
}

/// The manifest as it is stored: `dist` comes last and lacks only the tarball's address, so that
/// a packument is put together by appending one (see [`super::index`]).
pub fn stored(
    mut manifest: Map<String, Value>,
    name: &str,
    version: &str,
    hashes: &Hashes,
) -> String {
    let dist = manifest.shift_remove("dist");
    for member in [
        "readme",
        "_rev",
        "_attachments",
        "_resolved",
        "_from",
        "_where",
    ] {
        manifest.shift_remove(member);
    }
    if has_install_script(&manifest) {
        manifest.insert("hasInstallScript".to_string(), Value::Bool(true));
    }
    manifest.insert("name".to_string(), json!(name));
    manifest.insert("version".to_string(), json!(version));
    manifest.insert("_id".to_string(), json!(format!("{name}@{version}")));
    let mut kept = match dist {
        Some(Value::Object(dist)) => dist,
        _ => Map::new(),
    };
    kept.retain(|member, _| {
        matches!(
            member.as_str(),
            "fileCount" | "unpackedSize" | "signatures" | "attestations"
        )
    });
    kept.insert("integrity".to_string(), json!(integrity::render(hashes)));
    kept.insert("shasum".to_string(), json!(hex::encode(hashes.sha1)));
    manifest.insert("dist".to_string(), Value::Object(kept));
    Value::Object(manifest).to_string()
}

/// The stored form with another deprecation: a message, or none.
///
/// # Errors
/// A sentence when the document is not in the stored form.
pub fn deprecate(document: &str, message: &str) -> Result<String, Invalid> {
    let unreadable = |_| Invalid::new("the stored manifest cannot be read");
    let mut manifest: Map<String, Value> = serde_json::from_str(document).map_err(unreadable)?;
    let dist = manifest.shift_remove("dist").unwrap_or_default();
    manifest.shift_remove("deprecated");
    if !message.is_empty() {
        manifest.insert("deprecated".to_string(), json!(message));
    }
    manifest.insert("dist".to_string(), dist);
    Ok(Value::Object(manifest).to_string())
}

fn has_install_script(manifest: &Map<String, Value>) -> bool {
    let scripts = manifest.get("scripts").and_then(Value::as_object);
    scripts.is_some_and(|scripts| {
        ["preinstall", "install", "postinstall"]
            .iter()
            .any(|name| scripts.contains_key(*name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(object) => object,
            _ => panic!("not an object"),
        }
    }

    #[test]
    fn repositories_come_in_many_spellings() {
        for (written, meant) in [
            (
                json!("git+https://example.test/a/b.git"),
                Some("https://example.test/a/b.git"),
            ),
            (
                json!({"type": "git", "url": "git://example.test/a/b.git"}),
                Some("https://example.test/a/b.git"),
            ),
            (json!("a/b"), Some("https://github.com/a/b.git")),
            (
                json!({"url": "gitlab:a/b"}),
                Some("https://gitlab.com/a/b.git"),
            ),
            (
                json!("git@example.test:a/b.git"),
                Some("git@example.test:a/b.git"),
            ),
            (json!({"type": "git"}), None),
            (json!(7), None),
        ] {
            let manifest = object(json!({"repository": written}));
            assert_eq!(
                source_code_repository(&manifest).as_deref(),
                meant,
                "{written}"
            );
        }
    }

    #[test]
    fn licences_come_in_three_forms() {
        let names = |manifest: Value| -> Vec<_> {
            licenses(&object(manifest))
                .into_iter()
                .map(|license| (license.name, license.url))
                .collect()
        };
        let mit = vec![(Some("MIT".to_string()), None)];
        assert_eq!(names(json!({"license": "MIT"})), mit);
        assert_eq!(names(json!({"licenses": [{"type": "MIT"}, 7]})), mit);
        assert_eq!(
            names(json!({"license": {"type": "MIT", "url": "https://example.test"}})),
            vec![(
                Some("MIT".to_string()),
                Some("https://example.test".to_string())
            )]
        );
        assert_eq!(names(json!({"license": null})), vec![]);
    }

    #[test]
    fn each_dependency_has_one_kind() {
        let manifest = object(json!({
            "dependencies": {"@babel/core": "^7.7.2", "fsevents": "1"},
            "optionalDependencies": {"fsevents": "1"},
            "peerDependencies": {"react": "*"},
            "devDependencies": {"jest": 7}
        }));
        let found: Vec<_> = dependencies(&manifest)
            .into_iter()
            .map(|found| {
                (
                    found.namespace,
                    found.package,
                    found.dependency_type.unwrap(),
                    found.version_requirement,
                )
            })
            .collect();
        let own = |text: &str| Some(text.to_string());
        assert_eq!(
            found,
            [
                (
                    own("babel"),
                    "core".to_string(),
                    "regular".to_string(),
                    own("^7.7.2")
                ),
                (
                    None,
                    "fsevents".to_string(),
                    "optional".to_string(),
                    own("1")
                ),
                (None, "react".to_string(), "peer".to_string(), own("*")),
                (None, "jest".to_string(), "dev".to_string(), None),
            ]
        );
    }

    #[test]
    fn the_stored_form_ends_where_the_address_goes() {
        let hashes = Hashes {
            md5: [0; 16],
            sha1: [1; 20],
            sha256: [2; 32],
            sha512: [3; 64],
        };
        let manifest = object(json!({
            "dist": {"tarball": "x", "shasum": "forged", "fileCount": 2}, "name": "b", "readme": "long",
            "scripts": {"postinstall": "node x"}
        }));
        let text = stored(manifest, "a", "1.0.0", &hashes);
        let expected = format!(
            r#"{{"name":"a","scripts":{{"postinstall":"node x"}},"hasInstallScript":true,"version":"1.0.0","_id":"a@1.0.0","dist":{{"fileCount":2,"integrity":"{}","shasum":"{}"}}}}"#,
            integrity::render(&hashes),
            hex::encode([1; 20])
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn a_deprecation_comes_and_goes() {
        let document = r#"{"name":"a","dist":{"shasum":"b"}}"#;
        let deprecated = deprecate(document, "old").unwrap();
        assert_eq!(
            deprecated,
            r#"{"name":"a","deprecated":"old","dist":{"shasum":"b"}}"#
        );
        assert_eq!(deprecate(&deprecated, "").unwrap(), document);
    }
}

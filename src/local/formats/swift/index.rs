//! Documents and links: rows in, JSON and header values out; and what is stored of a release.
//!
//! The specification, 4.1 (releases), 4.2 (a release), 4.3 (links to manifests), 4.5
//! (identifiers).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::name;

/// What is known of a release besides its assets: the stored form, in a version's document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Document {
    /// The scope as its publisher writes it.
    pub scope: String,
    /// The name as its publisher writes it.
    pub name: String,
    /// What the publisher says of the release.
    pub metadata: Map<String, Value>,
    /// The signature of the archive, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
    /// The manifests for certain versions of Swift.
    pub manifests: Vec<Manifest>,
}

/// A signature. It is handed on, not judged: SwiftPM does that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Its format, such as `cms-1.0.0`.
    pub format: String,
    /// Its bytes in base64.
    pub base64: String,
}

/// A manifest for a version of Swift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Its file and asset.
    pub file: String,
    /// The version of Swift's tools that it is written for.
    pub tools_version: String,
}

impl Document {
    /// Reads the stored form; what cannot be read says nothing.
    pub fn parse(document: &str) -> Document {
        serde_json::from_str(document).unwrap_or_default()
    }

    /// Writes the stored form.
    pub fn render(&self) -> String {
        // Texts, and JSON that was read.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Where the publisher says that the sources are kept.
    pub fn repositories(&self) -> impl Iterator<Item = &str> {
        let urls = self
            .metadata
            .get("repositoryURLs")
            .and_then(Value::as_array);
        urls.into_iter().flatten().filter_map(Value::as_str)
    }
}

/// A release.
#[derive(Clone, Debug)]
pub struct Release {
    /// The version.
    pub version: String,
    /// When it was published, in milliseconds since 1970.
    pub published: i64,
    /// The SHA-256 of its archive, in hex digits.
    pub checksum: String,
    /// The rest.
    pub document: Document,
}

/// Puts releases in the order of their precedence, the highest first.
pub fn sort(releases: &mut [Release]) {
    releases.sort_by_cached_key(|release| std::cmp::Reverse(name::version(&release.version)));
}

/// The list of releases, for a package at that address without a slash at its end.
pub fn releases(package: &str, releases: &[Release]) -> Value {
    let entries = releases.iter().map(|release| {
        let version = &release.version;
        (
            version.clone(),
            json!({"url": format!("{package}/{version}")}),
        )
    });
    json!({"releases": entries.collect::<Map<String, Value>>()})
}

/// The links that go with that list.
pub fn releases_links(package: &str, releases: &[Release]) -> Option<String> {
    let latest = latest(releases)?;
    let mut links = vec![link(
        &format!("{package}/{}", latest.version),
        "latest-version",
    )];
    for (position, url) in latest.document.repositories().enumerate() {
        let relation = if position == 0 {
            "canonical"
        } else {
            "alternate"
        };
        links.extend(is_linkable(url).then(|| link(url, relation)));
    }
    Some(links.join(", "))
}

/// The newest release, or the newest pre-release where there is nothing else.
fn latest(releases: &[Release]) -> Option<&Release> {
    let is_stable = |release: &&Release| {
        name::version(&release.version).is_some_and(|version| version.pre.is_empty())
    };
    releases.iter().find(is_stable).or_else(|| releases.first())
}

/// A release by itself.
pub fn release(release: &Release) -> Value {
    let document = &release.document;
    let mut archive = json!({
        "name": "source-archive", "type": "application/zip", "checksum": release.checksum,
    });
    if let Some(signature) = &document.signature {
        archive["signing"] = json!({
            "signatureBase64Encoded": signature.base64, "signatureFormat": signature.format,
        });
    }
    // In whole seconds: SwiftPM reads no release whose time has a fraction.
    let published = jiff::Timestamp::from_millisecond(release.published).unwrap_or_default();
    json!({
        "id": format!("{}.{}", document.scope, document.name),
        "version": release.version,
        "resources": [archive],
        "metadata": document.metadata,
        "publishedAt": published.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    })
}

/// The links that go with a release, among all in their order.
pub fn release_links(package: &str, version: &str, releases: &[Release]) -> Option<String> {
    let position = releases
        .iter()
        .position(|release| release.version == version);
    let neighbour = |position: Option<usize>| releases.get(position?);
    let related = [
        ("latest-version", latest(releases)),
        (
            "successor-version",
            neighbour(position.and_then(|position| position.checked_sub(1))),
        ),
        (
            "predecessor-version",
            neighbour(position.map(|position| position + 1)),
        ),
    ];
    let links: Vec<String> = related
        .into_iter()
        .filter_map(|(relation, release)| {
            Some(link(&format!("{package}/{}", release?.version), relation))
        })
        .collect();
    (!links.is_empty()).then(|| links.join(", "))
}

/// The links to the manifests for certain versions of Swift, for a manifest at that address.
pub fn manifest_links(manifest: &str, document: &Document) -> Option<String> {
    let links = document.manifests.iter().filter_map(|other| {
        let version = super::manifest::swift_version(&other.file)?;
        Some(format!(
            "<{manifest}?swift-version={version}>; rel=\"alternate\"; filename=\"{}\"; swift-tools-version=\"{}\"",
            other.file, other.tools_version
        ))
    });
    let links: Vec<String> = links.collect();
    (!links.is_empty()).then(|| links.join(", "))
}

fn link(url: &str, relation: &str) -> String {
    format!("<{url}>; rel=\"{relation}\"")
}

/// Whether an address can stand in a link: SwiftPM takes the header apart at commas and
/// semicolons.
fn is_linkable(url: &str) -> bool {
    !url.is_empty()
        && url
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"<>\",;".contains(&byte))
}

/// The address of a source repository in the form in which addresses are compared: neither scheme
/// nor user, nor `.git` at its end; `git@host:path` is `host/path`.
pub fn comparable(url: &str) -> String {
    let url = url.trim().to_lowercase();
    let rest = match url.split_once("://") {
        Some((_, rest)) => rest.to_string(),
        None => url.replacen(':', "/", 1),
    };
    let (host, path) = rest.split_once('/').unwrap_or((&rest, ""));
    let host = host.rsplit('@').next().unwrap_or_default();
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    format!("{host}/{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Vec<Release> {
        let mut releases: Vec<Release> = ["1.0.0", "1.10.0", "2.0.0-rc.1", "1.2.0"]
            .into_iter()
            .map(|version| Release {
                version: version.to_string(),
                published: 1_700_000_000_123,
                checksum: "ab".to_string(),
                document: Document {
                    scope: "Mona".to_string(),
                    name: "List".to_string(),
                    metadata:
                        json!({"repositoryURLs": ["https://e.test/l", "git@e.test:l", "x>, <y"]})
                            .as_object()
                            .unwrap()
                            .clone(),
                    ..Document::default()
                },
            })
            .collect();
        sort(&mut releases);
        releases
    }

    #[test]
    fn releases_are_listed_by_precedence() {
        let list = releases("http://h/mona/list", &some()).to_string();
        assert_eq!(
            list,
            r#"{"releases":{"2.0.0-rc.1":{"url":"http://h/mona/list/2.0.0-rc.1"},"1.10.0":{"url":"http://h/mona/list/1.10.0"},"1.2.0":{"url":"http://h/mona/list/1.2.0"},"1.0.0":{"url":"http://h/mona/list/1.0.0"}}}"#
        );
        assert_eq!(
            releases_links("http://h/mona/list", &some()).unwrap(),
            "<http://h/mona/list/1.10.0>; rel=\"latest-version\", <https://e.test/l>; rel=\"canonical\", <git@e.test:l>; rel=\"alternate\""
        );
        assert_eq!(releases_links("x", &[]), None);
    }

    #[test]
    fn a_release_is_described() {
        let mut one = some().remove(1);
        one.document.signature = Some(Signature {
            format: "cms-1.0.0".to_string(),
            base64: "AQ==".to_string(),
        });
        let text = release(&one);
        assert_eq!(
            (&text["id"], &text["version"], &text["publishedAt"]),
            (
                &json!("Mona.List"),
                &json!("1.10.0"),
                &json!("2023-11-14T22:13:20Z")
            )
        );
        assert_eq!(
            text["resources"],
            json!([{"name": "source-archive", "type": "application/zip", "checksum": "ab",
                "signing": {"signatureBase64Encoded": "AQ==", "signatureFormat": "cms-1.0.0"}}])
        );
        assert_eq!(
            release_links("p", "1.10.0", &some()).unwrap(),
            "<p/1.10.0>; rel=\"latest-version\", <p/2.0.0-rc.1>; rel=\"successor-version\", <p/1.2.0>; rel=\"predecessor-version\""
        );
    }

    #[test]
    fn manifests_are_linked() {
        let document = Document {
            manifests: vec![Manifest {
                file: "Package@swift-5.9.swift".to_string(),
                tools_version: "5.9".to_string(),
            }],
            ..Document::default()
        };
        assert_eq!(
            manifest_links("p/Package.swift", &document).unwrap(),
            "<p/Package.swift?swift-version=5.9>; rel=\"alternate\"; filename=\"Package@swift-5.9.swift\"; swift-tools-version=\"5.9\""
        );
        assert_eq!(manifest_links("p", &Document::default()), None);
        assert_eq!(Document::parse(&document.render()), document);
    }

    #[test]
    fn addresses_are_compared_by_what_they_name() {
        for url in [
            "https://github.example.test/Mona/List",
            "https://github.example.test/mona/list.git",
            "ssh://git@github.example.test/mona/list/",
            "git@github.example.test:mona/list.git",
        ] {
            assert_eq!(comparable(url), "github.example.test/mona/list", "{url}");
        }
        assert_ne!(
            comparable("https://a.test/b"),
            comparable("https://b.test/b")
        );
    }
}

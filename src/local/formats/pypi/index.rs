//! The simple index of a project, read from upstream and written for clients, in HTML and JSON.
//!
//! <https://packaging.python.org/specifications/simple-repository-api/>.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::filename;
use super::html::{self, escaped};
use crate::local::formats::Invalid;

/// The media type of the JSON form.
pub const JSON: &str = "application/vnd.pypi.simple.v1+json";

/// The media type of the HTML form.
pub const HTML: &str = "text/html; charset=utf-8";

/// Whether a client that sends this `Accept` header wants JSON.
pub fn wants_json(accept: Option<&str>) -> bool {
    let accept = accept.unwrap_or_default();
    let latest = "application/vnd.pypi.simple.latest+json";
    accept.split(',').any(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        let refused = entry.split(';').any(|part| part.trim() == "q=0");
        parts
            .next()
            .is_some_and(|kind| kind == JSON || kind == latest)
            && !refused
    })
}

/// What is known of a file besides its bytes: also the stored form, in a version's document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct About {
    /// The versions of Python that it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requires_python: Option<String>,
    /// Why it was yanked; empty without a reason (PEP 592).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub yanked: Option<String>,
    /// The SHA-256 of its metadata, which can be had by itself (PEP 658).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata_sha256: Option<String>,
    /// When it was uploaded, in ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uploaded: Option<String>,
}

/// A version's files and what is known of them: the stored form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    /// By file name.
    #[serde(default)]
    pub files: BTreeMap<String, About>,
}

impl Files {
    /// Reads the stored form; what cannot be read says nothing.
    pub fn parse(document: &str) -> Files {
        serde_json::from_str(document).unwrap_or_default()
    }

    /// Writes the stored form.
    pub fn render(&self) -> String {
        // Texts and maps of texts always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Joins what is stored with what is uploaded.
pub fn join(stored: &str, uploaded: &str) -> String {
    let mut files = Files::parse(stored);
    files.files.extend(Files::parse(uploaded).files);
    files.render()
}

/// A file in an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// The version it belongs to.
    pub version: String,
    /// Where it is: at the upstream that was read, or beneath the endpoint.
    pub url: String,
    /// Its SHA-256.
    pub sha256: Option<String>,
    /// Its size.
    pub size: Option<u64>,
    /// The rest.
    pub about: About,
}

/// Reads a project's index, in either form. Files of other projects and kinds are left out.
///
/// # Errors
/// A sentence when it is neither.
pub fn parse(text: &[u8], page: &Url, project: &str) -> Result<Vec<File>, Invalid> {
    let text =
        std::str::from_utf8(text).map_err(|_| Invalid::new("the upstream's index is not text"))?;
    let is_json = text.trim_start().starts_with('{');
    let found = if is_json {
        parse_json(text)?
    } else {
        parse_html(text)
    };
    let files = found.into_iter().filter_map(|mut file| {
        let base = page.clone();
        file.url = base.join(&file.url).ok()?.into();
        (file.version, _) = filename::parse(&file.name, project)?;
        Some(file)
    });
    Ok(files.collect())
}

fn parse_json(text: &str) -> Result<Vec<File>, Invalid> {
    #[derive(Deserialize)]
    struct Index {
        files: Vec<Entry>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct Entry {
        filename: String,
        url: String,
        #[serde(default)]
        hashes: BTreeMap<String, String>,
        requires_python: Option<String>,
        #[serde(default)]
        yanked: Value,
        #[serde(default)]
        core_metadata: Value,
        #[serde(default)]
        dist_info_metadata: Value,
        size: Option<u64>,
        upload_time: Option<String>,
    }
    let index: Index = serde_json::from_str(text)
        .map_err(|error| Invalid::new(format!("the upstream's index cannot be read: {error}")))?;
    let files = index.files.into_iter().map(|entry| {
        let metadata = [&entry.core_metadata, &entry.dist_info_metadata];
        File {
            name: entry.filename,
            version: String::new(),
            url: entry.url,
            sha256: entry.hashes.get("sha256").cloned(),
            size: entry.size,
            about: About {
                requires_python: entry.requires_python,
                yanked: match entry.yanked {
                    Value::String(reason) => Some(reason),
                    Value::Bool(true) => Some(String::new()),
                    _ => None,
                },
                metadata_sha256: metadata
                    .iter()
                    .find_map(|metadata| Some(metadata.get("sha256")?.as_str()?.to_string())),
                uploaded: entry.upload_time,
            },
        }
    });
    Ok(files.collect())
}

fn parse_html(text: &str) -> Vec<File> {
    let files = html::anchors(text).into_iter().filter_map(|anchor| {
        let href = anchor.get("href")?;
        let (address, fragment) = href.split_once('#').unwrap_or((href, ""));
        let digest = |text: &str| text.strip_prefix("sha256=").map(str::to_ascii_lowercase);
        let name = address.split('?').next()?.rsplit('/').next()?;
        let name = percent_encoding::percent_decode_str(name)
            .decode_utf8()
            .ok()?
            .into_owned();
        let metadata = anchor
            .get("data-core-metadata")
            .or_else(|| anchor.get("data-dist-info-metadata"));
        Some(File {
            name,
            version: String::new(),
            url: address.to_string(),
            sha256: fragment.split('&').find_map(digest),
            size: None,
            about: About {
                requires_python: anchor.get("data-requires-python").map(str::to_string),
                yanked: anchor.get("data-yanked").map(str::to_string),
                metadata_sha256: metadata.and_then(digest),
                uploaded: None,
            },
        })
    });
    files.collect()
}

/// Writes the index in JSON.
pub fn render_json(project: &str, files: &[File]) -> String {
    let mut versions: Vec<&str> = files.iter().map(|file| file.version.as_str()).collect();
    versions.sort_unstable();
    versions.dedup();
    let files: Vec<Value> = files
        .iter()
        .map(|file| {
            let mut entry = json!({"filename": file.name, "url": file.url, "hashes": {}});
            if let Some(sha256) = &file.sha256 {
                entry["hashes"]["sha256"] = json!(sha256);
            }
            if let Some(python) = &file.about.requires_python {
                entry["requires-python"] = json!(python);
            }
            if let Some(size) = file.size {
                entry["size"] = json!(size);
            }
            if let Some(uploaded) = &file.about.uploaded {
                entry["upload-time"] = json!(uploaded);
            }
            entry["yanked"] = match file.about.yanked.as_deref() {
                None => json!(false),
                Some("") => json!(true),
                Some(reason) => json!(reason),
            };
            if let Some(sha256) = &file.about.metadata_sha256 {
                entry["core-metadata"] = json!({ "sha256": sha256 });
                entry["dist-info-metadata"] = json!({ "sha256": sha256 });
            }
            entry
        })
        .collect();
    json!({"meta": {"api-version": "1.1"}, "name": project, "versions": versions, "files": files})
        .to_string()
}

/// Writes the index in HTML.
pub fn render_html(project: &str, files: &[File]) -> String {
    let mut out = format!(
        "<!DOCTYPE html>\n<html>\n<head>\n<meta name=\"pypi:repository-version\" content=\"1.1\">\n\
         <title>Links for {0}</title>\n</head>\n<body>\n<h1>Links for {0}</h1>\n",
        escaped(project)
    );
    for file in files {
        out.push_str("<a href=\"");
        out.push_str(&escaped(&file.url));
        if let Some(sha256) = &file.sha256 {
            out.push_str("#sha256=");
            out.push_str(&escaped(sha256));
        }
        out.push('"');
        let metadata = file
            .about
            .metadata_sha256
            .as_ref()
            .map(|sha256| format!("sha256={sha256}"));
        for (name, value) in [
            ("data-requires-python", &file.about.requires_python),
            ("data-yanked", &file.about.yanked),
            ("data-core-metadata", &metadata),
            ("data-dist-info-metadata", &metadata),
        ] {
            if let Some(value) = value {
                out.push_str(&format!(" {name}=\"{}\"", escaped(value)));
            }
        }
        out.push_str(&format!(">{}</a><br>\n", escaped(&file.name)));
    }
    out.push_str("</body>\n</html>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Url {
        Url::parse("https://index.example.test/simple/a/").unwrap()
    }

    fn files() -> Vec<File> {
        vec![
            File {
                name: "a-1.0-py3-none-any.whl".to_string(),
                version: "1.0".to_string(),
                url: "https://files.example.test/a-1.0-py3-none-any.whl".to_string(),
                sha256: Some("ab".to_string()),
                size: None,
                about: About {
                    requires_python: Some(">=3.8,<4".to_string()),
                    yanked: Some("bad \"one\"".to_string()),
                    metadata_sha256: Some("cd".to_string()),
                    uploaded: None,
                },
            },
            File {
                name: "a-1.1.tar.gz".to_string(),
                version: "1.1".to_string(),
                url: "https://index.example.test/f/a-1.1.tar.gz".to_string(),
                sha256: None,
                size: None,
                about: About::default(),
            },
        ]
    }

    #[test]
    fn both_forms_say_the_same() {
        let json = render_json("a", &files());
        assert_eq!(parse(json.as_bytes(), &page(), "a").unwrap(), files());
        let html = render_html("a", &files());
        assert_eq!(parse(html.as_bytes(), &page(), "a").unwrap(), files());
    }

    #[test]
    fn links_are_resolved_and_strangers_left_out() {
        let html = r##"<a href="../../f/a-1.1.tar.gz#md5=00">a</a> <a href="/x/b-1.0.tar.gz">b</a> <a href="a-1.0.exe">x</a> <a>y</a>"##;
        let found = parse(html.as_bytes(), &page(), "a").unwrap();
        assert_eq!(found, files()[1..]);
        assert_eq!(parse(b"", &page(), "a").unwrap(), []);
        for text in [&b"{\"files\":7}"[..], b"{", b"\xff"] {
            assert!(parse(text, &page(), "a").is_err());
        }
    }

    #[test]
    fn documents_of_a_version_are_joined() {
        let one = r#"{"files":{"a":{"yanked":""},"b":{}}}"#;
        let other = r#"{"files":{"b":{"requiresPython":">=3"},"c":{}}}"#;
        assert_eq!(
            join(one, other),
            r#"{"files":{"a":{"yanked":""},"b":{"requiresPython":">=3"},"c":{}}}"#
        );
        assert_eq!(join("nonsense", other), join("", other));
    }

    #[test]
    fn the_accept_header_decides_the_form() {
        let pip = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01";
        assert!(wants_json(Some(pip)));
        for accept in [
            None,
            Some("text/html"),
            Some("*/*"),
            Some("application/vnd.pypi.simple.v1+json;q=0, text/html"),
        ] {
            assert!(!wants_json(accept), "{accept:?}");
        }
    }
}

//! A packument as upstream sends it, read into what is merged with what is stored.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use serde_json::value::RawValue;

use super::integrity::Integrity;
use super::members::{Members, quoted};
use super::name::{PackageName, is_version};
use crate::local::formats::Invalid;

/// A packument from upstream, made ready to be merged with what is stored.
#[derive(Debug, Default)]
pub struct Upstream {
    /// The tags.
    pub tags: BTreeMap<String, String>,
    /// The versions in the order in which they came.
    pub versions: Vec<UpstreamVersion>,
    /// The readme, in the full form.
    pub readme: Option<String>,
    by_version: HashMap<String, usize>,
}

/// A version that upstream offers.
#[derive(Debug)]
pub struct UpstreamVersion {
    /// The version.
    pub version: String,
    /// Its manifest in the stored form.
    pub document: String,
    /// When it was published, where upstream says so.
    pub published: Option<String>,
    /// Where its tarball is.
    pub tarball: String,
    /// What the tarball must hash to.
    pub integrity: Integrity,
}

impl Upstream {
    /// Reads what upstream answered.
    ///
    /// # Errors
    /// A sentence when it is no packument of the package. Single versions that cannot be read
    /// are left out.
    pub fn parse(text: &[u8], package: &PackageName) -> Result<Upstream, Invalid> {
        #[derive(serde::Deserialize)]
        struct Incoming<'a> {
            name: String,
            #[serde(default, rename = "dist-tags")]
            tags: BTreeMap<String, String>,
            #[serde(borrow, default)]
            versions: Members<'a>,
            #[serde(default)]
            time: HashMap<String, serde_json::Value>,
            #[serde(default)]
            readme: Option<serde_json::Value>,
        }
        let incoming: Incoming<'_> = serde_json::from_slice(text).map_err(|error| {
            Invalid::new(format!("the upstream's packument cannot be read: {error}"))
        })?;
        if incoming.name != package.as_str() {
            return Err(Invalid::new("the upstream answered with another package"));
        }
        let mut upstream = Upstream {
            tags: incoming.tags,
            readme: incoming
                .readme
                .and_then(|readme| Some(readme.as_str()?.to_string())),
            ..Upstream::default()
        };
        for (version, manifest) in incoming.versions.0 {
            if !is_version(&version) || upstream.by_version.contains_key(version.as_ref()) {
                continue;
            }
            let published = incoming
                .time
                .get(version.as_ref())
                .and_then(|time| Some(time.as_str()?.to_string()));
            if let Some(read) = UpstreamVersion::read(&version, manifest, published) {
                upstream
                    .by_version
                    .insert(read.version.clone(), upstream.versions.len());
                upstream.versions.push(read);
            }
        }
        Ok(upstream)
    }

    /// The version of that name.
    pub fn version(&self, version: &str) -> Option<&UpstreamVersion> {
        self.versions.get(*self.by_version.get(version)?)
    }
}

impl UpstreamVersion {
    fn read(
        version: &str,
        manifest: &RawValue,
        published: Option<String>,
    ) -> Option<UpstreamVersion> {
        let members: Members<'_> = serde_json::from_str(manifest.get()).ok()?;
        let mut document = String::with_capacity(manifest.get().len());
        let mut dist = None;
        document.push('{');
        for (name, value) in &members.0 {
            match name.as_ref() {
                "dist" => dist = Some(*value),
                // For the website only, and repeated in every version.
                "readme" => {}
                _ => {
                    let _ = write!(document, "{}:{},", quoted(name), value.get());
                }
            }
        }
        let dist: Members<'_> = serde_json::from_str(dist?.get()).ok()?;
        let text = |wanted: &str| -> Option<String> {
            let (_, value) = dist.0.iter().find(|(name, _)| name == wanted)?;
            serde_json::from_str(value.get()).ok()
        };
        let tarball = text("tarball")?;
        let integrity = Integrity::parse(text("integrity").as_deref(), text("shasum").as_deref());
        document.push_str("\"dist\":{");
        for (name, value) in &dist.0 {
            if name != "tarball" {
                let _ = write!(document, "{}:{},", quoted(name), value.get());
            }
        }
        if document.ends_with('{') {
            // The address is appended after a comma.
            document.push_str("\"shasum\":\"\",");
        }
        document.pop();
        document.push_str("}}");
        Some(UpstreamVersion {
            version: version.to_string(),
            document,
            published,
            tarball,
            integrity,
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    pub(in crate::local::formats::npm) fn package() -> PackageName {
        PackageName::parse("@scope/a").unwrap()
    }

    pub(in crate::local::formats::npm) fn upstream() -> Upstream {
        let packument = json!({
            "name": "@scope/a", "dist-tags": {"latest": "1.0.0", "next": "2.0.0-rc"},
            "versions": {
                "1.0.0": {"dist": {"tarball": "http://up/a.tgz", "shasum": "aa", "signatures": []}, "name": "@scope/a",
                    "bin": {"a": "b\"c"}, "description": "An \"a\"", "readme": "long", "scripts": {}},
                "2.0.0-rc": {"name": "@scope/a", "deprecated": "early", "dist": {"tarball": "http://up/b.tgz"}},
                "../3": {"dist": {"tarball": "x"}}, "4.0.0": {"dist": 7}, "5.0.0": {}, "6.0.0": 7
            },
            "time": {"created": "2020", "1.0.0": "2021-01-01T00:00:00.000Z"}
        });
        Upstream::parse(packument.to_string().as_bytes(), &package()).unwrap()
    }

    #[test]
    fn an_upstream_packument_is_made_ready() {
        let upstream = upstream();
        let versions: Vec<&str> = upstream
            .versions
            .iter()
            .map(|version| version.version.as_str())
            .collect();
        assert_eq!(versions, ["1.0.0", "2.0.0-rc"]);
        let first = upstream.version("1.0.0").unwrap();
        assert_eq!(first.tarball, "http://up/a.tgz");
        assert!(
            first
                .document
                .ends_with(r#""scripts":{},"dist":{"shasum":"aa","signatures":[]}}"#),
            "{}",
            first.document
        );
        assert_eq!(first.published.as_deref(), Some("2021-01-01T00:00:00.000Z"));
    }

    #[test]
    fn what_is_no_packument_is_refused() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"name":"b"}"#,
            r#"{"name":"@scope/a","versions":[]}"#,
            "{\"name\":\"@scope/a\",\"versions\":{\"1",
        ] {
            assert!(
                Upstream::parse(text.as_bytes(), &package()).is_err(),
                "{text}"
            );
        }
    }
}

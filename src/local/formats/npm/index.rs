//! The packument: the document that lists a package's versions, in full and abbreviated.
//!
//! <https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md>. Every version
//! is kept as text that lacks only its tarball's address at the end, so that a packument of
//! thousands of versions is put together without reading a single manifest.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;

use super::members::{Members, quoted};
use super::name::PackageName;

/// The members of a version that the abbreviated form has.
const ABBREVIATED: [&str; 21] = [
    "name",
    "version",
    "deprecated",
    "dependencies",
    "optionalDependencies",
    "devDependencies",
    "bundleDependencies",
    "bundledDependencies",
    "peerDependencies",
    "peerDependenciesMeta",
    "acceptDependencies",
    "bin",
    "directories",
    "dist",
    "engines",
    "cpu",
    "os",
    "libc",
    "funding",
    "_hasShrinkwrap",
    "hasInstallScript",
];

/// The members which a packument repeats from its latest version.
const REPEATED: [&str; 8] = [
    "description",
    "homepage",
    "keywords",
    "repository",
    "author",
    "contributors",
    "bugs",
    "license",
];

/// Which of the two forms of a packument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Everything.
    Full,
    /// What an installation needs.
    Abbreviated,
}

impl Form {
    /// The media type of the form.
    pub fn media_type(self) -> &'static str {
        match self {
            Form::Full => "application/json",
            Form::Abbreviated => "application/vnd.npm.install-v1+json",
        }
    }

    /// What a client that sends this `Accept` header wants.
    pub fn wanted(accept: Option<&str>) -> Form {
        // The client lists the abbreviated form first, and the full one for registries without it.
        match accept {
            Some(accept) if accept.contains(Form::Abbreviated.media_type()) => Form::Abbreviated,
            _ => Form::Full,
        }
    }
}

/// One version in a packument.
#[derive(Clone, Debug)]
pub struct Listed<'a> {
    /// The version.
    pub version: &'a str,
    /// Its manifest as it is stored: `dist` last, without the tarball's address.
    pub document: &'a str,
    /// When it was published, in ISO 8601.
    pub published: Option<Cow<'a, str>>,
}

/// Puts a packument together. `endpoint` is the repository's, with a slash at its end.
pub fn render(
    endpoint: &str,
    package: &PackageName,
    form: Form,
    tags: &BTreeMap<String, String>,
    versions: &[Listed<'_>],
    readme: Option<&str>,
) -> String {
    let size = versions
        .iter()
        .map(|listed| listed.document.len() + 192)
        .sum::<usize>();
    let mut out = String::with_capacity(size + 512);
    let name = quoted(package.as_str());
    let _ = write!(
        out,
        r#"{{"_id":{name},"name":{name},"dist-tags":{}"#,
        object(tags)
    );
    let modified = versions
        .iter()
        .filter_map(|listed| listed.published.as_deref())
        .max();
    if form == Form::Abbreviated {
        if let Some(modified) = modified {
            let _ = write!(out, r#","modified":{}"#, quoted(modified));
        }
    } else {
        let latest = tags.get("latest");
        if let Some(latest) = versions
            .iter()
            .find(|listed| Some(listed.version) == latest.map(String::as_str))
        {
            repeat(&mut out, latest.document);
        }
        if let Some(readme) = readme {
            let _ = write!(out, r#","readme":{}"#, quoted(readme));
        }
        time(&mut out, versions, modified);
    }
    out.push_str(r#","versions":{"#);
    for (position, listed) in versions.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        let _ = write!(out, "{}:", quoted(listed.version));
        append(
            &mut out,
            endpoint,
            package,
            listed.version,
            &shaped(listed.document, form),
        );
    }
    out.push_str("}}");
    out
}

/// A single version's manifest.
pub fn render_version(
    endpoint: &str,
    package: &PackageName,
    version: &str,
    document: &str,
) -> String {
    let mut out = String::with_capacity(document.len() + 192);
    append(&mut out, endpoint, package, version, document);
    out
}

/// Writes a version, adding the address of its tarball.
fn append(out: &mut String, endpoint: &str, package: &PackageName, version: &str, document: &str) {
    let address = format!("{endpoint}{package}/-/{}", package.file_name(version));
    // The stored form ends with the braces of `dist` and of the version.
    out.push_str(document.strip_suffix("}}").unwrap_or(document));
    let _ = write!(out, r#","tarball":{}}}}}"#, quoted(&address));
}

/// The version's text in the form that is wanted.
fn shaped(document: &str, form: Form) -> Cow<'_, str> {
    if form == Form::Full {
        return Cow::Borrowed(document);
    }
    let Ok(members) = serde_json::from_str::<Members<'_>>(document) else {
        return Cow::Borrowed(document);
    };
    let mut out = String::with_capacity(document.len());
    out.push('{');
    for (name, value) in &members.0 {
        if ABBREVIATED.contains(&name.as_ref()) {
            let _ = write!(out, "{}:{},", quoted(name), value.get());
        }
    }
    out.pop();
    out.push('}');
    Cow::Owned(out)
}

fn repeat(out: &mut String, document: &str) {
    let Ok(members) = serde_json::from_str::<Members<'_>>(document) else {
        return;
    };
    for (name, value) in &members.0 {
        if REPEATED.contains(&name.as_ref()) {
            let _ = write!(out, ",{}:{}", quoted(name), value.get());
        }
    }
}

fn time(out: &mut String, versions: &[Listed<'_>], modified: Option<&str>) {
    let created = versions
        .iter()
        .filter_map(|listed| listed.published.as_deref())
        .min();
    let (Some(created), Some(modified)) = (created, modified) else {
        return;
    };
    let _ = write!(
        out,
        r#","time":{{"created":{},"modified":{}"#,
        quoted(created),
        quoted(modified)
    );
    for listed in versions {
        if let Some(published) = &listed.published {
            let _ = write!(out, ",{}:{}", quoted(listed.version), quoted(published));
        }
    }
    out.push('}');
}

/// The tags that a client sees: of each tag the one from furthest upstream (guide, "npm tags and
/// upstream repositories"), none that names an invisible version, and always a `latest`.
///
/// `tags` come in search order, the repository's own first; `newest` is the fallback.
pub fn merge_tags<'a>(
    tags: impl IntoIterator<Item = &'a BTreeMap<String, String>>,
    visible: &HashSet<&str>,
    newest: Option<&str>,
) -> BTreeMap<String, String> {
    let mut merged = BTreeMap::new();
    for one in tags {
        for (tag, version) in one {
            if visible.contains(version.as_str()) {
                merged.insert(tag.clone(), version.clone());
            }
        }
    }
    if let Some(newest) = newest {
        merged
            .entry("latest".to_string())
            .or_insert_with(|| newest.to_string());
    }
    merged
}

/// A map of texts as JSON.
pub fn object(map: &BTreeMap<String, String>) -> String {
    let members: Vec<String> = map
        .iter()
        .map(|(name, value)| format!("{}:{}", quoted(name), quoted(value)))
        .collect();
    format!("{{{}}}", members.join(","))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::local::formats::npm::packument::tests::{package, upstream};

    const ENDPOINT: &str = "http://127.0.0.1:1/npm/my_domain/my_repo/";

    fn tags(tags: &[(&str, &str)]) -> BTreeMap<String, String> {
        tags.iter()
            .map(|(tag, version)| (tag.to_string(), version.to_string()))
            .collect()
    }

    fn rendered(form: Form) -> Value {
        let upstream = upstream();
        let listed: Vec<Listed<'_>> = upstream
            .versions
            .iter()
            .map(|version| Listed {
                version: &version.version,
                document: &version.document,
                published: version.published.as_deref().map(Cow::Borrowed),
            })
            .collect();
        let text = render(
            ENDPOINT,
            &package(),
            form,
            &upstream.tags,
            &listed,
            Some("# a"),
        );
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    #[test]
    fn the_full_form_has_everything_and_our_addresses() {
        let packument = rendered(Form::Full);
        assert_eq!(
            packument["versions"]["1.0.0"]["dist"],
            json!({
                "shasum": "aa", "signatures": [], "tarball": format!("{ENDPOINT}@scope/a/-/a-1.0.0.tgz")
            })
        );
        assert_eq!(packument["versions"]["1.0.0"]["scripts"], json!({}));
        assert_eq!(packument["description"], "An \"a\"");
        assert_eq!(packument["readme"], "# a");
        assert_eq!(packument["time"]["modified"], "2021-01-01T00:00:00.000Z");
        assert_eq!(packument["dist-tags"]["next"], "2.0.0-rc");
    }

    #[test]
    fn the_abbreviated_form_has_what_an_installation_needs() {
        let packument = rendered(Form::Abbreviated);
        assert_eq!(
            packument["versions"]["1.0.0"],
            json!({
                "name": "@scope/a", "bin": {"a": "b\"c"},
                "dist": {"shasum": "aa", "signatures": [], "tarball": format!("{ENDPOINT}@scope/a/-/a-1.0.0.tgz")}
            })
        );
        assert_eq!(packument["versions"]["2.0.0-rc"]["deprecated"], "early");
        assert!(packument.get("readme").is_none() && packument.get("time").is_none());
        assert_eq!(packument["modified"], "2021-01-01T00:00:00.000Z");
    }

    #[test]
    fn tags_from_upstream_win() {
        let own = tags(&[("latest", "1.0.0"), ("mine", "1.0.0"), ("gone", "0.1.0")]);
        let upper = tags(&[("latest", "1.0.1"), ("alpha", "1.0.1")]);
        let visible = HashSet::from(["1.0.0", "1.0.1"]);
        assert_eq!(
            merge_tags([&own, &upper], &visible, Some("1.0.1")),
            tags(&[("latest", "1.0.1"), ("mine", "1.0.0"), ("alpha", "1.0.1")])
        );
        let gone = tags(&[("latest", "0.1.0")]);
        assert_eq!(
            merge_tags([&gone], &visible, Some("1.0.0")),
            tags(&[("latest", "1.0.0")])
        );
    }

    #[test]
    fn the_accept_header_decides_the_form() {
        let npm = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*";
        assert_eq!(Form::wanted(Some(npm)), Form::Abbreviated);
        assert_eq!(Form::wanted(Some("application/json")), Form::Full);
        assert_eq!(Form::wanted(None), Form::Full);
    }
}

//! The addresses that npm clients ask for, beneath the repository's endpoint.

use percent_encoding::percent_decode_str;

use super::name::PackageName;

/// What a path asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// `/-/ping`
    Ping,
    /// `/-/whoami`
    Whoami,
    /// `/-/v1/search` and the old `/-/all`
    Search,
    /// `/-/npm/v1/security/…`
    Audit,
    /// `/-/package/<name>/dist-tags`
    Tags(PackageName),
    /// `/-/package/<name>/dist-tags/<tag>`
    Tag(PackageName, String),
    /// `/<name>`: the packument
    Package(PackageName),
    /// `/<name>/-rev/…`: only for changes that the service does not make
    PackageRevision(PackageName),
    /// `/<name>/<version or tag>`
    Version(PackageName, String),
    /// `/<name>/-/<file>`
    Tarball(PackageName, String),
    /// `/<name>/-/<file>/-rev/…`: the end of `npm unpublish`
    TarballRevision(PackageName),
    /// Something else of the registry's own, such as accounts, tokens and teams.
    Other,
}

impl Place {
    /// Reads a path. Nothing when it cannot be a place of the protocol.
    pub fn parse(path: &str) -> Option<Place> {
        let mut parts = Vec::new();
        for part in path.strip_prefix('/')?.split('/') {
            parts.push(percent_decode_str(part).decode_utf8().ok()?.into_owned());
        }
        if parts.last().is_some_and(String::is_empty) {
            parts.pop();
        }
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match parts.as_slice() {
            [] => None,
            ["-", rest @ ..] => registry(rest),
            _ => {
                let (package, rest) = package(&parts)?;
                match rest {
                    [] => Some(Place::Package(package)),
                    ["-rev", ..] => Some(Place::PackageRevision(package)),
                    ["-", file] => Some(Place::Tarball(package, (*file).to_string())),
                    // Some clients repeat the scope: /@scope/name/-/@scope/name-1.0.0.tgz
                    ["-", scope, file] if scope.starts_with('@') => {
                        Some(Place::Tarball(package, (*file).to_string()))
                    }
                    ["-", _, "-rev", ..] => Some(Place::TarballRevision(package)),
                    [version] => Some(Place::Version(package, (*version).to_string())),
                    _ => None,
                }
            }
        }
    }
}

fn registry(parts: &[&str]) -> Option<Place> {
    match parts {
        ["ping"] => Some(Place::Ping),
        ["whoami"] => Some(Place::Whoami),
        ["v1", "search"] | ["all", ..] => Some(Place::Search),
        ["npm", "v1", "security", ..] => Some(Place::Audit),
        ["package", rest @ ..] => match package(rest)? {
            (package, ["dist-tags"]) => Some(Place::Tags(package)),
            (package, ["dist-tags", tag]) => Some(Place::Tag(package, (*tag).to_string())),
            _ => Some(Place::Other),
        },
        _ => Some(Place::Other),
    }
}

/// The package's name at the beginning, with its slash encoded or not, and what follows.
fn package<'a>(parts: &'a [&'a str]) -> Option<(PackageName, &'a [&'a str])> {
    let (first, rest) = parts.split_first()?;
    if first.starts_with('@') && !first.contains('/') {
        let (second, rest) = rest.split_first()?;
        Some((PackageName::parse(&format!("{first}/{second}")).ok()?, rest))
    } else {
        Some((PackageName::parse(first).ok()?, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> PackageName {
        PackageName::parse(text).unwrap()
    }

    #[test]
    fn places_are_told_apart() {
        for (path, place) in [
            ("/lodash", Place::Package(name("lodash"))),
            ("/@types%2fnode", Place::Package(name("@types/node"))),
            ("/@types%2Fnode", Place::Package(name("@types/node"))),
            ("/%40types/node/", Place::Package(name("@types/node"))),
            (
                "/lodash/latest",
                Place::Version(name("lodash"), "latest".to_string()),
            ),
            (
                "/@types/node/1.0.0%2bb",
                Place::Version(name("@types/node"), "1.0.0+b".to_string()),
            ),
            (
                "/lodash/-/lodash-1.0.0.tgz",
                Place::Tarball(name("lodash"), "lodash-1.0.0.tgz".to_string()),
            ),
            (
                "/@a/b/-/b-1.0.0.tgz",
                Place::Tarball(name("@a/b"), "b-1.0.0.tgz".to_string()),
            ),
            (
                "/@a/b/-/@a/b-1.0.0.tgz",
                Place::Tarball(name("@a/b"), "b-1.0.0.tgz".to_string()),
            ),
            ("/lodash/-rev/1", Place::PackageRevision(name("lodash"))),
            (
                "/lodash/-/lodash-1.0.0.tgz/-rev/1",
                Place::TarballRevision(name("lodash")),
            ),
            ("/-/package/@a%2fb/dist-tags", Place::Tags(name("@a/b"))),
            (
                "/-/package/lodash/dist-tags/next",
                Place::Tag(name("lodash"), "next".to_string()),
            ),
            ("/-/package/lodash/collaborators", Place::Other),
            ("/-/ping", Place::Ping),
            ("/-/whoami", Place::Whoami),
            ("/-/v1/search", Place::Search),
            ("/-/npm/v1/security/advisories/bulk", Place::Audit),
            ("/-/user/org.couchdb.user:a", Place::Other),
        ] {
            assert_eq!(Place::parse(path), Some(place), "{path}");
        }
    }

    #[test]
    fn what_is_no_place_is_none() {
        for path in [
            "",
            "/",
            "lodash",
            "/@types",
            "/.hidden",
            "/a/b/c",
            "/..%2f..%2fetc",
            "/%ff",
            "/@a%2f..%2fb",
            "/a/-/b/c",
        ] {
            assert_eq!(Place::parse(path), None, "{path}");
        }
    }
}

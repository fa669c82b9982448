//! What a tarball says about itself: its package.json, its readme, its install script.

use std::io::Read;

use serde_json::{Map, Value};

use crate::local::formats::Invalid;
use crate::local::formats::archive::{Walk, read_at_most, walk_tar_gz};

/// The largest package.json that is read.
const LARGEST_MANIFEST: u64 = 4 << 20;

/// How much of a readme is kept.
const LONGEST_README: u64 = 256 << 10;

/// The part of a tarball that the registry has to know.
#[derive(Debug, Default)]
pub struct Contents {
    /// The package.json.
    pub manifest: Map<String, Value>,
    /// The readme, cut at 256 KiB.
    pub readme: Option<String>,
    /// Whether the tarball brings its own lock file.
    pub has_shrinkwrap: bool,
}

/// Reads a tarball of `size` bytes through to its end.
///
/// # Errors
/// A sentence when it is no archive, is a bomb, holds a path that leads out of it, or has no
/// package.json.
pub fn read(tarball: impl Read, size: u64) -> Result<Contents, Invalid> {
    let mut manifest = None;
    let mut contents = Contents::default();
    walk_tar_gz(tarball, size, |path, entry| {
        // The first folder's name is the packer's choice; clients strip it.
        match path.trim_start_matches("./").split_once('/') {
            Some((_, "package.json")) if manifest.is_none() => {
                manifest = Some(read_at_most(entry, LARGEST_MANIFEST)?);
            }
            Some((_, "npm-shrinkwrap.json")) => contents.has_shrinkwrap = true,
            Some((_, name)) if contents.readme.is_none() && is_readme(name) => {
                let mut text = Vec::new();
                entry
                    .take(LONGEST_README)
                    .read_to_end(&mut text)
                    .map_err(|error| {
                        Invalid::new(format!("the archive cannot be read: {error}"))
                    })?;
                contents.readme = Some(String::from_utf8_lossy(&text).into_owned());
            }
            _ => {}
        }
        Ok(Walk::On)
    })?;
    let manifest = manifest.ok_or_else(|| Invalid::new("the tarball has no package.json"))?;
    let text = manifest.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&manifest);
    contents.manifest = serde_json::from_slice(text).map_err(|error| {
        Invalid::new(format!(
            "the tarball's package.json cannot be read: {error}"
        ))
    })?;
    Ok(contents)
}

fn is_readme(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(
        name.as_str(),
        "readme" | "readme.md" | "readme.markdown" | "readme.txt" | "readme.mkd"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::formats::archive::tests::tar_gz;

    fn contents(files: &[(&str, &[u8])]) -> Result<Contents, Invalid> {
        let tarball = tar_gz(files);
        read(tarball.as_slice(), tarball.len() as u64)
    }

    #[test]
    fn manifest_and_readme_are_found_in_any_first_folder() {
        for folder in ["package", "./package", "lodash"] {
            let read = contents(&[
                (
                    &format!("{folder}/lib/package.json"),
                    b"{\"name\":\"inner\"}",
                ),
                (&format!("{folder}/README.md"), b"# a"),
                (
                    &format!("{folder}/package.json"),
                    b"\xef\xbb\xbf{\"name\":\"a\"}",
                ),
            ])
            .unwrap();
            assert_eq!(read.manifest["name"], "a");
            assert_eq!(read.readme.as_deref(), Some("# a"));
            assert!(!read.has_shrinkwrap);
        }
    }

    #[test]
    fn a_tarball_without_a_manifest_is_refused() {
        assert!(contents(&[("package/index.js", b"")]).is_err());
        assert!(contents(&[("package.json", b"{}")]).is_err());
        assert!(contents(&[("package/package.json", b"[]")]).is_err());
        assert!(contents(&[("package/package.json", b"{\"a\"")]).is_err());
    }
}

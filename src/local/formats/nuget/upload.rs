//! A package, taken apart and checked: its bytes in, what to store out.
//!
//! <https://learn.microsoft.com/nuget/create-packages/creating-a-package>: a zip archive with one
//! nuspec at its top.

use std::io::{Read, Seek};

use super::nuspec::{self, Nuspec};
use crate::local::formats::Invalid;
use crate::local::formats::archive::{open_zip, read_from_zip};
use crate::local::registry::{Format, VersionFacts};

/// The largest nuspec that is read.
const LARGEST_NUSPEC: u64 = 4 << 20;

/// The largest readme that is read; one that is larger is left out.
const LARGEST_README: u64 = 1 << 20;

/// The kind of packages that only hold symbols.
const SYMBOLS: &str = "SymbolsPackage";

/// A package.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its id as its author writes it.
    pub id: String,
    /// Its version, normalised.
    pub version: String,
    /// What it says of itself.
    pub facts: VersionFacts,
    /// The stored form of what registrations say of it.
    pub document: String,
}

/// Reads a package of `size` bytes.
///
/// # Errors
/// A sentence when it is no archive, is a bomb, holds paths that lead out of it, has not exactly
/// one nuspec, or holds symbols only.
pub fn look_into<R: Read + Seek>(file: R, size: u64) -> Result<Package, Invalid> {
    let mut archive = open_zip(file, size)?;
    let at_the_top = |path: &str| {
        let extension = path.len().checked_sub(".nuspec".len());
        let is_nuspec = extension
            .and_then(|start| path.get(start..))
            .is_some_and(|extension| extension.eq_ignore_ascii_case(".nuspec"));
        is_nuspec && !path.contains(['/', '\\'])
    };
    let nuspecs = archive.file_names().flatten();
    if nuspecs.filter(|path| at_the_top(path)).count() > 1 {
        return Err(Invalid::new("the package has more than one nuspec"));
    }
    let bytes = read_from_zip(&mut archive, LARGEST_NUSPEC, at_the_top)?
        .ok_or_else(|| Invalid::new("the package has no nuspec"))?;
    let nuspec = nuspec::parse(&bytes)?;
    if nuspec
        .entry
        .package_types
        .iter()
        .any(|kind| kind == SYMBOLS)
    {
        return Err(Invalid::new("symbol packages are not supported"));
    }
    let readme = match &nuspec.readme {
        Some(wanted) => read_from_zip(&mut archive, LARGEST_README, |path| path == wanted)
            .ok()
            .flatten(),
        None => None,
    };
    Ok(package(&nuspec, readme.as_deref()))
}

fn package(nuspec: &Nuspec, readme: Option<&[u8]>) -> Package {
    let readme = readme
        .map(|readme| readme.strip_prefix(b"\xef\xbb\xbf").unwrap_or(readme))
        .map(|readme| String::from_utf8_lossy(readme).into_owned());
    Package {
        id: nuspec.entry.id.clone(),
        version: Format::Nuget.normalize_version(&nuspec.entry.version),
        facts: nuspec.facts(readme),
        document: serde_json::Value::Object(nuspec.entry.render()).to_string(),
    }
}

/// The nuspec in a package of `size` bytes.
///
/// # Errors
/// As for [`look_into`].
pub fn nuspec<R: Read + Seek>(file: R, size: u64) -> Result<Vec<u8>, Invalid> {
    let mut archive = open_zip(file, size)?;
    let bytes = read_from_zip(&mut archive, LARGEST_NUSPEC, |path| {
        !path.contains('/') && path.to_ascii_lowercase().ends_with(".nuspec")
    })?;
    bytes.ok_or_else(|| Invalid::new("the package has no nuspec"))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::local::formats::archive::tests::zip;

    const NUSPEC: &[u8] = b"<package><metadata><id>Own</id><version>1.0.0.0</version><readme>README.md</readme></metadata></package>";

    fn read(files: &[(&str, &[u8])]) -> Result<Package, String> {
        let archive = zip(files);
        let size = archive.len() as u64;
        look_into(Cursor::new(archive), size).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn a_package_is_understood() {
        let package = read(&[
            ("_rels/.rels", b""),
            ("Own.NUSPEC", NUSPEC),
            ("README.md", b"\xef\xbb\xbf# Own"),
            ("content/other.nuspec", b"<"),
        ])
        .unwrap();
        assert_eq!(
            (package.id.as_str(), package.version.as_str()),
            ("Own", "1.0.0")
        );
        assert_eq!(package.facts.readme.as_deref(), Some("# Own"));
        assert!(package.document.contains("1.0.0.0"));
    }

    #[test]
    fn bad_packages_are_refused() {
        let symbols = b"<package><metadata><id>Own</id><version>1.0</version><packageTypes><packageType name='SymbolsPackage'/></packageTypes></metadata></package>";
        for (files, expected) in [
            (
                vec![("a.nuspec", NUSPEC), ("b.nuspec", NUSPEC)],
                "more than one",
            ),
            (vec![("lib/a.nuspec", NUSPEC)], "no nuspec"),
            (vec![("a.nuspec", NUSPEC), ("../x", b"")], "leads out"),
            (vec![("a.nuspec", b"<package>")], "cut short"),
            (vec![("a.nuspec", symbols)], "symbol"),
        ] {
            let refusal = read(&files).unwrap_err();
            assert!(refusal.contains(expected), "{refusal}");
        }
        assert!(look_into(Cursor::new(b"nonsense"), 8).is_err());
        let large = vec![b' '; (LARGEST_NUSPEC + 1) as usize];
        assert!(
            read(&[("a.nuspec", &large)])
                .unwrap_err()
                .contains("too large")
        );
    }
}

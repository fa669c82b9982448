//! The layout of a Maven repository: coordinates in a path.
//!
//! <https://maven.apache.org/repositories/layout.html>.

use percent_encoding::percent_decode_str;

use crate::local::registry::{Format, PackageId};

/// The checksums that stand beside each file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// `.md5`
    Md5,
    /// `.sha1`
    Sha1,
    /// `.sha256`
    Sha256,
    /// `.sha512`
    Sha512,
}

impl Checksum {
    /// All of them.
    pub const ALL: [Checksum; 4] = [
        Checksum::Md5,
        Checksum::Sha1,
        Checksum::Sha256,
        Checksum::Sha512,
    ];

    /// The extension.
    pub fn extension(self) -> &'static str {
        match self {
            Checksum::Md5 => "md5",
            Checksum::Sha1 => "sha1",
            Checksum::Sha256 => "sha256",
            Checksum::Sha512 => "sha512",
        }
    }
}

/// The name of all metadata files.
pub const METADATA: &str = "maven-metadata.xml";

/// Group and artifact.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Module {
    /// The group, with dots.
    pub group: String,
    /// The artifact.
    pub artifact: String,
}

impl Module {
    /// The registry's name for it.
    pub fn id(&self) -> PackageId {
        PackageId::new(Format::Maven, Some(&self.group), &self.artifact)
    }

    /// Its folder, with a slash at its end.
    pub fn folder(&self) -> String {
        format!("{}/{}/", self.group.replace('.', "/"), self.artifact)
    }
}

/// What a path asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file of a version.
    File {
        /// Whose.
        module: Module,
        /// The folder's version: of a snapshot's builds the snapshot.
        version: String,
        /// The file's name.
        file: String,
    },
    /// The list of a module's versions. It may as well be that of a group's plug-ins.
    Versions(Module),
    /// The list of a snapshot's files.
    Snapshot(Module, String),
}

/// Reads a path: the place, and the checksum of it if that is what is asked for. Nothing when it
/// is no path of the layout.
pub fn parse(path: &str) -> Option<(Place, Option<Checksum>)> {
    let path = percent_decode_str(path.strip_prefix('/')?)
        .decode_utf8()
        .ok()?;
    let parts: Vec<&str> = path.split('/').collect();
    if parts.iter().any(|part| !is_plain(part)) {
        return None;
    }
    let (file, folders) = parts.split_last()?;
    let (file, checksum) = without_checksum(file);
    let module = |parts: &[&str]| {
        let (artifact, group) = parts.split_last()?;
        (!group.is_empty()).then(|| Module {
            group: group.join("."),
            artifact: (*artifact).to_string(),
        })
    };
    let place = if file == METADATA {
        match folders.split_last()? {
            (version, rest) if is_snapshot(version) => {
                Place::Snapshot(module(rest)?, (*version).to_string())
            }
            _ => Place::Versions(module(folders)?),
        }
    } else {
        let (version, rest) = folders.split_last()?;
        let module = module(rest)?;
        // A file's name repeats artifact and version; a build's has a time in place of `SNAPSHOT`.
        let base = version.strip_suffix("SNAPSHOT").unwrap_or(version);
        file.strip_prefix(&module.artifact)?
            .strip_prefix('-')?
            .strip_prefix(base)?;
        Place::File {
            module,
            version: (*version).to_string(),
            file: file.to_string(),
        }
    };
    Some((place, checksum))
}

fn is_plain(part: &str) -> bool {
    (1..=255).contains(&part.len())
        && part
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\\#%?\"'<>".contains(&byte))
        && part != "."
        && part != ".."
}

fn without_checksum(file: &str) -> (&str, Option<Checksum>) {
    for checksum in Checksum::ALL {
        let stem = file
            .strip_suffix(checksum.extension())
            .and_then(|stem| stem.strip_suffix('.'));
        if let Some(stem) = stem {
            return (stem, Some(checksum));
        }
    }
    (file, None)
}

/// Whether the version is a snapshot.
pub fn is_snapshot(version: &str) -> bool {
    version.ends_with("-SNAPSHOT")
}

/// The build that a snapshot's file belongs to: `1.0-20210728.194552-1` of
/// `pkg-1.0-20210728.194552-1-sources.jar`. None for a file without a time (Maven 2's).
pub fn build_of<'a>(module: &Module, snapshot: &str, file: &'a str) -> Option<&'a str> {
    let base = snapshot.strip_suffix("SNAPSHOT")?;
    let rest = file.strip_prefix(&module.artifact)?.strip_prefix('-')?;
    let build = rest.strip_prefix(base)?;
    let (time, after) = build.split_once('-')?;
    let number = after.bytes().take_while(u8::is_ascii_digit).count();
    let (date, clock) = time.split_once('.')?;
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_build = digits(date, 8)
        && digits(clock, 6)
        && number > 0
        && after[number..].starts_with(['.', '-']);
    is_build.then(|| &rest[..base.len() + time.len() + 1 + number])
}

/// The version under which a file of that folder is stored.
pub fn stored_version(module: &Module, version: &str, file: &str) -> Option<String> {
    if is_snapshot(version) {
        build_of(module, version, file).map(str::to_string)
    } else {
        Some(version.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module() -> Module {
        Module {
            group: "com.mycompany".to_string(),
            artifact: "pkg-1".to_string(),
        }
    }

    fn file(version: &str, file: &str) -> Place {
        Place::File {
            module: module(),
            version: version.to_string(),
            file: file.to_string(),
        }
    }

    #[test]
    fn paths_are_read() {
        for (path, expected) in [
            (
                "/com/mycompany/pkg-1/1.0/pkg-1-1.0.jar",
                (file("1.0", "pkg-1-1.0.jar"), None),
            ),
            (
                "/com/mycompany/pkg-1/1.0/pkg-1-1.0-sources.jar.asc.sha1",
                (
                    file("1.0", "pkg-1-1.0-sources.jar.asc"),
                    Some(Checksum::Sha1),
                ),
            ),
            (
                "/com/mycompany/pkg-1/maven-metadata.xml.md5",
                (Place::Versions(module()), Some(Checksum::Md5)),
            ),
            (
                "/com/mycompany/pkg-1/1.0-SNAPSHOT/maven-metadata.xml",
                (Place::Snapshot(module(), "1.0-SNAPSHOT".to_string()), None),
            ),
            (
                "/com/mycompany/pkg-1/1.0-SNAPSHOT/pkg-1-1.0-20210728.194552-1.pom",
                (
                    file("1.0-SNAPSHOT", "pkg-1-1.0-20210728.194552-1.pom"),
                    None,
                ),
            ),
        ] {
            assert_eq!(parse(path), Some(expected), "{path}");
        }
        for path in [
            "",
            "/",
            "/a",
            "/a/maven-metadata.xml",
            "/com/mycompany/pkg-1/1.0/other-1.0.jar",
            "/com/mycompany/pkg-1/1.0/pkg-1-2.0.jar",
            "/com/../pkg-1/1.0/pkg-1-1.0.jar",
            "/com/%2e%2e/pkg-1/1.0/pkg-1-1.0.jar",
            "/com//pkg-1/1.0/pkg-1-1.0.jar",
            "/com/my company/a/1/a-1.jar",
        ] {
            assert_eq!(parse(path), None, "{path}");
        }
    }

    #[test]
    fn a_build_is_found_in_a_name() {
        for (file, build) in [
            (
                "pkg-1-1.0-20210728.194552-1.jar",
                Some("1.0-20210728.194552-1"),
            ),
            (
                "pkg-1-1.0-20210728.194552-12-sources.jar",
                Some("1.0-20210728.194552-12"),
            ),
            ("pkg-1-1.0-SNAPSHOT.jar", None),
            ("pkg-1-1.0-20210728.194552.jar", None),
            ("pkg-1-1.0-20210728.194552-x.jar", None),
        ] {
            assert_eq!(build_of(&module(), "1.0-SNAPSHOT", file), build, "{file}");
        }
    }
}

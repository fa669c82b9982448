//! A gem, taken apart and checked: its bytes in, what to store out.
//!
//! RubyGems guides, "Specification Reference". A gem is a tar archive of three packed
//! files: `metadata.gz`, its specification in YAML; `data.tar.gz`, its contents; and
//! `checksums.yaml.gz`, the hashes of the other two.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use sha1::{Digest, Sha1};
use sha2::{Sha256, Sha512};

use super::gemspec::{self, Gem, yaml};
use crate::local::formats::archive::{Walk, read_at_most, walk_tar, walk_tar_gz};
use crate::local::formats::{Invalid, shortened};

/// The largest specification that is read, unpacked: the names of all files are in it.
const LARGEST_SPECIFICATION: u64 = 8 << 20;

/// The largest readme that is read.
const LARGEST_README: u64 = 256 << 10;

/// Reads a gem of `size` bytes through to its end.
///
/// # Errors
/// A sentence when it is no gem, is a bomb, holds a path that leads out of it, has other hashes
/// than it says, or says nothing sensible of itself.
pub fn look_into(file: impl Read, size: u64) -> Result<Gem, Invalid> {
    let (mut specification, mut checksums, mut readme) = (None, None, None);
    let mut found = HashMap::new();
    walk_tar(file, |path, entry| {
        let mut entry = Hashed::new(entry);
        match path {
            "metadata.gz" => specification = Some(unpacked(&mut entry)?),
            "checksums.yaml.gz" => checksums = Some(unpacked(&mut entry)?),
            "data.tar.gz" => readme = contents(&mut entry, size)?,
            _ => {}
        }
        if found.insert(path.to_string(), entry.finish()?).is_some() {
            return Err(Invalid::new("the gem holds a file twice"));
        }
        Ok(Walk::On)
    })?;
    if !found.contains_key("data.tar.gz") {
        return Err(Invalid::new("the gem has no data.tar.gz"));
    }
    if let Some(checksums) = checksums {
        verify(&checksums, &found)?;
    }
    let specification = specification
        .ok_or_else(|| Invalid::new("the file is not a gem: it has no metadata.gz"))?;
    let mut gem = gemspec::parse(&specification)?;
    gem.facts.readme = readme;
    Ok(gem)
}

fn unpacked(entry: &mut dyn Read) -> Result<Vec<u8>, Invalid> {
    read_at_most(&mut MultiGzDecoder::new(entry), LARGEST_SPECIFICATION)
}

/// Looks through the contents; gives the readme.
fn contents(entry: &mut dyn Read, size: u64) -> Result<Option<String>, Invalid> {
    let mut readme = None;
    walk_tar_gz(entry, size, |path, entry| {
        let name = path.trim_start_matches("./");
        let is_readme = !name.contains('/') && name.to_ascii_lowercase().starts_with("readme");
        if is_readme && readme.is_none() {
            let mut text = Vec::new();
            entry
                .take(LARGEST_README)
                .read_to_end(&mut text)
                .map_err(|error| unreadable(&error))?;
            readme = Some(String::from_utf8_lossy(&text).into_owned());
        }
        Ok(Walk::On)
    })?;
    Ok(readme)
}

fn unreadable(error: &io::Error) -> Invalid {
    Invalid::new(format!("the archive cannot be read: {error}"))
}

/// Compares the hashes of a gem's files with those that it states.
fn verify(checksums: &[u8], found: &HashMap<String, Hashes>) -> Result<(), Invalid> {
    let stated: BTreeMap<String, BTreeMap<String, String>> = yaml(checksums, "checksums")?;
    for (algorithm, files) in &stated {
        for (file, stated) in files {
            let matches = found.get(file).is_some_and(|hashes| {
                let hash = match algorithm.as_str() {
                    "SHA1" => &hashes.sha1,
                    "SHA256" => &hashes.sha256,
                    "SHA512" => &hashes.sha512,
                    // One that is not known is no reason to refuse.
                    _ => return true,
                };
                hash.eq_ignore_ascii_case(stated)
            });
            if !matches {
                return Err(Invalid::new(format!(
                    "the gem's {} has not the {} that its checksums state",
                    shortened(file),
                    shortened(algorithm)
                )));
            }
        }
    }
    Ok(())
}

/// The hashes of a file, in hex digits.
struct Hashes {
    sha1: String,
    sha256: String,
    sha512: String,
}

/// A reader that hashes what is read.
struct Hashed<'a> {
    inner: &'a mut dyn Read,
    sha1: Sha1,
    sha256: Sha256,
    sha512: Sha512,
}

impl<'a> Hashed<'a> {
    fn new(inner: &'a mut dyn Read) -> Hashed<'a> {
        Hashed {
            inner,
            sha1: Sha1::new(),
            sha256: Sha256::new(),
            sha512: Sha512::new(),
        }
    }

    /// Reads what is left, and gives the hashes of all.
    fn finish(mut self) -> Result<Hashes, Invalid> {
        io::copy(&mut self, &mut io::sink()).map_err(|error| unreadable(&error))?;
        Ok(Hashes {
            sha1: hex::encode(self.sha1.finalize()),
            sha256: hex::encode(self.sha256.finalize()),
            sha512: hex::encode(self.sha512.finalize()),
        })
    }
}

impl Read for Hashed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let read = &buffer[..count];
        self.sha1.update(read);
        self.sha256.update(read);
        self.sha512.update(read);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::local::formats::archive::tests::tar_gz;
    use crate::local::formats::ruby::index::About;

    const SPECIFICATION: &str = "--- !ruby/object:Gem::Specification
name: a-b
version: !ruby/object:Gem::Version
  version: '1.10'
platform: x86_64-linux
authors:
- Me
date: 2024-01-01 00:00:00.000000000 Z
dependencies:
- !ruby/object:Gem::Dependency
  name: b
  requirement: &1 !ruby/object:Gem::Requirement
    requirements:
    - - \">=\"
      - !ruby/object:Gem::Version
        version: '1'
    - - \"<\"
      - !ruby/object:Gem::Version
        version: '2'
  type: :runtime
  prerelease: false
  version_requirements: *1
- !ruby/object:Gem::Dependency
  name: c
  requirement: !ruby/object:Gem::Requirement
    requirements:
    - - \">=\"
      - !ruby/object:Gem::Version
        version: '0'
  type: :development
description:
homepage: https://e.test
licenses:
- MIT
metadata:
  source_code_uri: https://s.test
required_ruby_version: !ruby/object:Gem::Requirement
  requirements:
  - - \">=\"
    - !ruby/object:Gem::Version
      version: '2.7'
required_rubygems_version: !ruby/object:Gem::Requirement
  requirements:
  - - \">=\"
    - !ruby/object:Gem::Version
      version: '0'
summary: Sum
";

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, path, *bytes).unwrap();
        }
        builder.into_inner().unwrap()
    }

    /// A gem with this specification and these contents, and the right checksums.
    fn gem(specification: &str, data: &[u8]) -> Vec<u8> {
        let specification = gz(specification.as_bytes());
        let checksums = format!(
            "---\nSHA256:\n  metadata.gz: {}\n  data.tar.gz: {}\nSHA512:\n  data.tar.gz: {}\n",
            hex::encode(Sha256::digest(&specification)),
            hex::encode(Sha256::digest(data)),
            hex::encode(Sha512::digest(data)),
        );
        tar(&[
            ("metadata.gz", &specification),
            ("data.tar.gz", data),
            ("checksums.yaml.gz", &gz(checksums.as_bytes())),
        ])
    }

    fn look(bytes: &[u8]) -> Result<Gem, Invalid> {
        look_into(bytes, bytes.len() as u64)
    }

    #[test]
    fn a_gem_is_understood() {
        let data = tar_gz(&[("lib/a.rb", b""), ("README.md", b"# A")]);
        let gem = look(&gem(SPECIFICATION, &data)).unwrap();
        assert_eq!(gem.file(), "a-b-1.10-x86_64-linux.gem");
        assert_eq!(
            gem.about,
            About {
                platform: "x86_64-linux".to_string(),
                dependencies: vec![("b".to_string(), vec![">= 1".to_string(), "< 2".to_string()])],
                ruby: vec![">= 2.7".to_string()],
                ..About::default()
            }
        );
        let facts = gem.facts;
        assert_eq!(facts.summary.as_deref(), Some("Sum"));
        assert_eq!(facts.home_page.as_deref(), Some("https://e.test"));
        assert_eq!(
            facts.source_code_repository.as_deref(),
            Some("https://s.test")
        );
        assert_eq!(facts.licenses[0].name.as_deref(), Some("MIT"));
        assert_eq!(facts.readme.as_deref(), Some("# A"));
        let dependencies: Vec<_> = facts
            .dependencies
            .iter()
            .map(|one| {
                (
                    one.package.as_str(),
                    one.dependency_type.as_deref(),
                    one.version_requirement.as_deref(),
                )
            })
            .collect();
        assert_eq!(
            dependencies,
            [
                ("b", Some("runtime"), Some(">= 1, < 2")),
                ("c", Some("development"), Some(">= 0")),
            ]
        );
    }

    #[test]
    fn what_is_no_gem_is_refused() {
        let data = tar_gz(&[("lib/a.rb", b"x")]);
        let whole = gem(SPECIFICATION, &data);
        let packed = gz(SPECIFICATION.as_bytes());
        for (bytes, reason) in [
            (b"nonsense".to_vec(), "cannot be read"),
            (Vec::new(), "no data.tar.gz"),
            (whole[..whole.len() / 4].to_vec(), ""),
            (tar(&[("data.tar.gz", &data)]), "no metadata.gz"),
            (tar(&[("metadata.gz", &packed)]), "no data.tar.gz"),
            (
                tar(&[("metadata.gz", &packed), ("metadata.gz", &packed)]),
                "twice",
            ),
            (
                tar(&[("metadata.gz", b"nonsense"), ("data.tar.gz", &data)]),
                "cannot be read",
            ),
            (
                tar(&[("metadata.gz", &packed), ("data.tar.gz", b"nonsense")]),
                "cannot be read",
            ),
            (gem(SPECIFICATION, &tar_gz(&[("../x", b"x")])), "leads out"),
            (gem("{", &data), "cannot be read"),
            (gem("- a", &data), "cannot be read"),
            (
                gem(&SPECIFICATION.replace("a-b", "../x"), &data),
                "name of a gem",
            ),
            (
                gem(&SPECIFICATION.replace("1.10", "1/../x"), &data),
                "version of a gem",
            ),
            (
                gem(&SPECIFICATION.replace("x86_64-linux", "/x"), &data),
                "platform",
            ),
            (
                gem(&SPECIFICATION.replace("name: b", "name: b/c"), &data),
                "name of a gem",
            ),
            (
                gem(&SPECIFICATION.replace("'2.7'", "2|7"), &data),
                "requirement",
            ),
        ] {
            let refusal = look(&bytes).unwrap_err().to_string();
            assert!(refusal.contains(reason), "{reason}: {refusal}");
        }
    }

    #[test]
    fn other_hashes_than_stated_are_refused() {
        let checksums = format!("---\nSHA256:\n  data.tar.gz: {}\n", "0".repeat(64));
        let files = [
            ("metadata.gz", gz(SPECIFICATION.as_bytes())),
            ("data.tar.gz", tar_gz(&[])),
            ("checksums.yaml.gz", gz(checksums.as_bytes())),
        ];
        let files: Vec<_> = files
            .iter()
            .map(|(path, bytes)| (*path, bytes.as_slice()))
            .collect();
        let refusal = look(&tar(&files)).unwrap_err().to_string();
        assert!(
            refusal.contains("data.tar.gz has not the SHA256"),
            "{refusal}"
        );
    }

    #[test]
    fn bombs_are_refused() {
        let specification = format!("{SPECIFICATION}description: {}", "x".repeat(9 << 20));
        let refusal = look(&gem(&specification, &tar_gz(&[])))
            .unwrap_err()
            .to_string();
        assert!(refusal.contains("too large"), "{refusal}");
        let mut zeros = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        let mut header = tar::Header::new_gnu();
        header.set_size(1 << 30);
        header.set_path("zeros").unwrap();
        header.set_cksum();
        zeros.write_all(header.as_bytes()).unwrap();
        for _ in 0..400 {
            zeros.write_all(&vec![0; 1 << 20]).unwrap();
        }
        let refusal = look(&gem(SPECIFICATION, &zeros.finish().unwrap()));
        assert!(refusal.unwrap_err().to_string().contains("far more"));
    }
}

//! Gems made for tests.

use std::io::Write as _;

use sha2::{Digest, Sha256, Sha512};

use super::fixture::Fixture;

/// Name, version, platform and dependencies of a gem, each a name and a requirement.
pub(crate) type Offered<'a> = (&'a str, &'a str, &'a str, &'a [(&'a str, &'a str)]);

/// A gem with these dependencies, as `gem build` puts it together.
pub(crate) fn gem((name, version, platform, dependencies): Offered<'_>) -> Vec<u8> {
    let requirement = |text: &str| {
        let (operator, version) = text.split_once(' ').unwrap();
        format!(
            "!ruby/object:Gem::Requirement\n    requirements:\n    - - \"{operator}\"\n      - !ruby/object:Gem::Version\n        version: '{version}'\n"
        )
    };
    let mut specification = format!(
        "--- !ruby/object:Gem::Specification\nname: {name}\nversion: !ruby/object:Gem::Version\n  version: '{version}'\nplatform: {platform}\nauthors:\n- Me\nautorequire:\nbindir: bin\ncert_chain: []\ndate: 2024-01-01 00:00:00.000000000 Z\ndependencies:{}\n",
        if dependencies.is_empty() { " []" } else { "" }
    );
    for (dependency, text) in dependencies {
        let requirement = requirement(text);
        specification.push_str(&format!(
            "- !ruby/object:Gem::Dependency\n  name: {dependency}\n  requirement: {requirement}  type: :runtime\n  prerelease: false\n  version_requirements: {requirement}"
        ));
    }
    specification.push_str(&format!(
        "description: A test\nemail:\nexecutables: []\nextensions: []\nextra_rdoc_files: []\nfiles:\n- lib/{name}.rb\nhomepage: https://example.test\nlicenses:\n- MIT\nmetadata: {{}}\npost_install_message:\nrdoc_options: []\nrequire_paths:\n- lib\nrequired_ruby_version: {0}required_rubygems_version: {0}requirements: []\nrubygems_version: 3.3.15\nsigning_key:\nspecification_version: 4\nsummary: A test\ntest_files: []\n",
        requirement(">= 0")
    ));
    let specification = gz(specification.as_bytes());
    let plain = name.replace(['.', '/'], "_");
    let constant = format!("VERSION_OF_{}", plain.to_uppercase());
    let library = format!("{constant} = '{version} {platform}'\n");
    let path = format!("lib/{plain}.rb");
    let data = gz(&tar(&[
        (&path, library.as_bytes()),
        ("README.md", b"# A readme\n"),
    ]));
    let sums = |digest: fn(&[u8]) -> String| {
        format!(
            "  metadata.gz: {}\n  data.tar.gz: {}\n",
            digest(&specification),
            digest(&data)
        )
    };
    let checksums = format!(
        "---\nSHA256:\n{}SHA512:\n{}",
        sums(|bytes| hex::encode(Sha256::digest(bytes))),
        sums(|bytes| hex::encode(Sha512::digest(bytes)))
    );
    tar(&[
        ("metadata.gz", &specification),
        ("data.tar.gz", &data),
        ("checksums.yaml.gz", &gz(checksums.as_bytes())),
    ])
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, path, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

/// The name of a gem's file.
pub(crate) fn file((name, version, platform, _): Offered<'_>) -> String {
    match platform {
        "ruby" => format!("{name}-{version}.gem"),
        platform => format!("{name}-{version}-{platform}.gem"),
    }
}

impl Fixture {
    /// Offers gems in a compact index.
    pub(crate) fn offer_gems(&self, gems: &[Offered<'_>]) {
        for offered in gems {
            let (name, ..) = *offered;
            let mut info = "---\n".to_string();
            for other in gems.iter().filter(|other| other.0 == name) {
                let bytes = gem(*other);
                let (_, version, platform, dependencies) = *other;
                let number = match platform {
                    "ruby" => version.to_string(),
                    platform => format!("{version}-{platform}"),
                };
                let dependencies: Vec<String> = dependencies
                    .iter()
                    .map(|(name, requirement)| format!("{name}:{requirement}"))
                    .collect();
                let sum = hex::encode(Sha256::digest(&bytes));
                info.push_str(&format!(
                    "{number} {}|checksum:{sum},ruby:>= 2.0\n",
                    dependencies.join(",")
                ));
                self.put(&format!("gems/{}", file(*other)), bytes);
            }
            self.put(&format!("info/{name}"), info);
        }
    }
}

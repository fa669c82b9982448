//! Crates made for tests.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::fixture::Fixture;

/// The crate file of a library with these dependencies, each a name and a requirement.
pub(crate) fn crate_file(name: &str, version: &str, dependencies: &[(&str, &str)]) -> Vec<u8> {
    let mut manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2021\"\ndescription = \"A test\"\nlicense = \"MIT\"\n\n[dependencies]\n"
    );
    for (dependency, requirement) in dependencies {
        manifest.push_str(&format!("{dependency} = \"{requirement}\"\n"));
    }
    let library = format!("pub const VERSION: &str = \"{version}\";\n");
    let encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut builder = tar::Builder::new(encoder);
    for (path, text) in [
        ("Cargo.toml", manifest),
        ("src/lib.rs", library),
        ("README.md", "# A readme\n".to_string()),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        builder
            .append_data(
                &mut header,
                format!("{name}-{version}/{path}"),
                text.as_bytes(),
            )
            .unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

/// What cargo sends to publish a crate.
pub(crate) fn publish_request(description: &Value, crate_file: &[u8]) -> Vec<u8> {
    let description = description.to_string();
    let mut request = Vec::new();
    for part in [description.as_bytes(), crate_file] {
        request.extend(u32::try_from(part.len()).unwrap().to_le_bytes());
        request.extend(part);
    }
    request
}

/// Name, version and dependencies of a crate.
pub(crate) type Offered<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

impl Fixture {
    /// Offers crates in a sparse index.
    pub(crate) fn offer_crates(&self, crates: &[Offered<'_>]) {
        let url = &self.url;
        self.put(
            "config.json",
            json!({"dl": format!("{url}files/{{crate}}-{{version}}.crate")}).to_string(),
        );
        for (name, version, dependencies) in crates {
            let bytes = crate_file(name, version, dependencies);
            let deps: Vec<Value> = dependencies
                .iter()
                .map(|(name, requirement)| {
                    json!({"name": name, "req": requirement, "features": [], "optional": false, "default_features": true, "target": null, "kind": "normal"})
                })
                .collect();
            let line = json!({"name": name, "vers": version, "deps": deps, "cksum": hex::encode(Sha256::digest(&bytes)), "features": {}, "yanked": false});
            let lower = name.to_lowercase();
            self.put(
                &format!("{}/{}/{lower}", &lower[..2], &lower[2..4]),
                format!("{line}\n"),
            );
            self.put(&format!("files/{name}-{version}.crate"), bytes);
        }
    }
}

//! npm packages made for tests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha512};

use super::fixture::Fixture;

/// A package with a package.json, an index.js and what else is given.
pub(crate) fn tarball(manifest: &Value, files: &[(&str, &[u8])]) -> Vec<u8> {
    let encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut builder = tar::Builder::new(encoder);
    let manifest_text = manifest.to_string();
    let main = format!("module.exports = {};\n", manifest["version"]);
    let own = [
        ("package.json", manifest_text.as_bytes()),
        ("index.js", main.as_bytes()),
    ];
    for (path, bytes) in own.iter().chain(files) {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder
            .append_data(&mut header, format!("package/{path}"), *bytes)
            .unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

/// A version's manifest with the hashes of its tarball and the address that is given.
pub(crate) fn published(manifest: &Value, tarball: &[u8], address: &str) -> Value {
    let mut published = manifest.clone();
    published["dist"] = json!({
        "integrity": format!("sha512-{}", STANDARD.encode(Sha512::digest(tarball))),
        "shasum": hex::encode(Sha1::digest(tarball)),
        "tarball": address,
    });
    published
}

/// What npm sends to publish a version.
pub(crate) fn publish_document(manifest: &Value, tarball: &[u8], tag: &str) -> Value {
    let (name, version) = (
        manifest["name"].as_str().unwrap(),
        manifest["version"].as_str().unwrap(),
    );
    json!({
        "_id": name, "name": name, "description": manifest["description"], "dist-tags": {tag: version},
        "versions": {version: published(manifest, tarball, "http://ignored.example.test/")},
        "access": null,
        "_attachments": {format!("{name}-{version}.tgz"): {
            "content_type": "application/octet-stream", "data": STANDARD.encode(tarball), "length": tarball.len(),
        }},
    })
}

impl Fixture {
    /// Offers versions of an npm package, the last of them as the latest.
    pub(crate) fn offer_npm(&self, name: &str, versions: &[(Value, Vec<u8>)]) {
        let bare = name.rsplit('/').next().unwrap();
        let mut packument = json!({"name": name, "dist-tags": {}, "versions": {}, "time": {}});
        for (manifest, tarball) in versions {
            let version = manifest["version"].as_str().unwrap();
            let path = format!("{name}/-/{bare}-{version}.tgz");
            let address = format!("{}{path}", self.url);
            packument["versions"][version] = published(manifest, tarball, &address);
            packument["time"][version] = json!("2020-10-14T11:06:10.370Z");
            packument["dist-tags"]["latest"] = json!(version);
            self.put(&path, tarball.clone());
        }
        self.put(&name.replace('/', "%2f"), packument.to_string());
    }
}

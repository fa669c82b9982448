//! NuGet packages made for tests.

use std::io::Write as _;

use serde_json::{Value, json};

use super::fixture::Fixture;

/// A package with these dependencies, each an id and a range.
pub(crate) fn package(id: &str, version: &str, dependencies: &[(&str, &str)]) -> Vec<u8> {
    let needs: String = dependencies
        .iter()
        .map(|(id, range)| format!("<dependency id=\"{id}\" version=\"{range}\" />"))
        .collect();
    let nuspec = format!(
        "<?xml version=\"1.0\"?><package xmlns=\"http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd\"><metadata>\
         <id>{id}</id><version>{version}</version><authors>Tester</authors><description>A test</description>\
         <license type=\"expression\">MIT</license><projectUrl>https://example.test/</projectUrl><readme>README.md</readme>\
         <dependencies><group targetFramework=\".NETStandard2.0\">{needs}</group></dependencies></metadata></package>"
    );
    archive(&[
        (&format!("{id}.nuspec"), nuspec.as_bytes()),
        ("README.md", b"# A readme\n"),
        ("lib/netstandard2.0/_._", b""),
    ])
}

/// A zip archive with these files; `.bin` files are not packed.
pub(crate) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, bytes) in files {
        let options = zip::write::SimpleFileOptions::default();
        let options = match path.rsplit_once('.') {
            Some((_, "bin")) => options.compression_method(zip::CompressionMethod::Stored),
            _ => options,
        };
        writer.start_file(*path, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Id, version and dependencies of a package.
pub(crate) type Offered<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

impl Fixture {
    /// Offers packages as a gallery does. Registrations come in pages of their own.
    pub(crate) fn offer_nuget(&self, packages: &[Offered<'_>]) {
        let url = &self.url;
        let resources = json!({"version": "3.0.0", "resources": [
            {"@id": format!("{url}flat/"), "@type": "PackageBaseAddress/3.0.0"},
            {"@id": format!("{url}registration/"), "@type": "RegistrationsBaseUrl/3.6.0"},
        ]});
        self.put("v3/index.json", resources.to_string());
        for (id, ..) in packages {
            let lower = id.to_lowercase();
            let same = || packages.iter().filter(|(other, ..)| other == id);
            let versions: Vec<String> = same()
                .map(|(_, version, _)| version.to_lowercase())
                .collect();
            self.put(
                &format!("flat/{lower}/index.json"),
                json!({ "versions": versions }).to_string(),
            );
            let leaves: Vec<Value> = same()
                .map(|(id, version, dependencies)| {
                    let needs: Vec<Value> = dependencies
                        .iter()
                        .map(|(id, range)| json!({"id": id, "range": range}))
                        .collect();
                    json!({"catalogEntry": {
                        "id": id, "version": version, "listed": true, "published": "2020-01-02T03:04:05Z",
                        "dependencyGroups": [{"targetFramework": ".NETStandard2.0", "dependencies": needs}],
                    }})
                })
                .collect();
            let page = format!("registration/{lower}/page.json");
            self.put(
                &format!("registration/{lower}/index.json"),
                json!({"count": 1, "items": [{"@id": format!("{url}{page}")}]}).to_string(),
            );
            self.put(&page, json!({ "items": leaves }).to_string());
        }
        for (id, version, dependencies) in packages {
            let (lower, version_lower) = (id.to_lowercase(), version.to_lowercase());
            self.put(
                &format!("flat/{lower}/{version_lower}/{lower}.{version_lower}.nupkg"),
                package(id, version, dependencies),
            );
        }
    }
}

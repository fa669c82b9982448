//! Python distributions made for tests.

use std::io::Write as _;

use sha2::{Digest, Sha256};

use super::fixture::Fixture;

/// A wheel of a project that has one module, named like it, and these dependencies.
pub(crate) fn wheel(project: &str, version: &str, dependencies: &[&str]) -> (String, Vec<u8>) {
    let module = project.replace('-', "_");
    let folder = format!("{module}-{version}.dist-info");
    let requires: String = dependencies
        .iter()
        .map(|name| format!("Requires-Dist: {name}\n"))
        .collect();
    let files = [
        (format!("{module}.py"), format!("VERSION = \"{version}\"\n")),
        (
            format!("{folder}/METADATA"),
            format!(
                "Metadata-Version: 2.1\nName: {project}\nVersion: {version}\nSummary: A test\n{requires}\n# Readme\n"
            ),
        ),
        (
            format!("{folder}/WHEEL"),
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
                .to_string(),
        ),
    ];
    let mut record: String = files
        .iter()
        .map(|(path, _)| format!("{path},,\n"))
        .collect();
    record.push_str(&format!("{folder}/RECORD,,\n"));
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, text) in files
        .into_iter()
        .chain([(format!("{folder}/RECORD"), record)])
    {
        writer
            .start_file(path, zip::write::SimpleFileOptions::default())
            .unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    (
        format!("{module}-{version}-py3-none-any.whl"),
        writer.finish().unwrap().into_inner(),
    )
}

/// The anchor of a file in a public index.
pub(crate) fn anchor(url: &str, name: &str, bytes: &[u8], more: &str) -> String {
    let sha256 = hex::encode(Sha256::digest(bytes));
    format!("<a href=\"{url}files/{name}#sha256={sha256}\" {more}>{name}</a>\n")
}

impl Fixture {
    /// Offers the files of a Python project, each with attributes of its anchor.
    pub(crate) fn offer_pypi(&self, project: &str, files: &[(&str, &[u8], &str)]) {
        let mut page = String::from("<!DOCTYPE html><html><body>\n");
        for (name, bytes, more) in files {
            self.put(&format!("files/{name}"), *bytes);
            page.push_str(&anchor(&self.url, name, bytes, more));
        }
        self.put(&format!("simple/{project}/"), page);
    }
}

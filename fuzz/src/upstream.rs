//! What public repositories answer.

use codeartifact::local::formats::{cargo, npm, nuget, pypi, ruby};
use url::Url;

fn page() -> Url {
    Url::parse("http://127.0.0.1:1/simple/name/").expect("is an address")
}

pub(super) fn packument(bytes: &[u8]) {
    let package = npm::name::PackageName::parse("name").expect("is a name");
    let _ = npm::packument::Upstream::parse(bytes, &package);
}

/// What is read can be rendered.
pub(super) fn simple_index(bytes: &[u8]) {
    let Ok(files) = pypi::index::parse(bytes, &page(), "name") else {
        return;
    };
    let _ = pypi::index::render_json("name", &files);
    let _ = pypi::index::render_html("name", &files);
}

pub(super) fn sparse_index(bytes: &[u8]) {
    if let Ok(lines) = cargo::index::parse(bytes, "name") {
        for line in &lines {
            let _ = cargo::index::download_address("http://127.0.0.1:1/{crate}/{prefix}", line);
        }
    }
    let _ = cargo::index::download_template(bytes);
}

/// What is read can be rendered, and is the same when it is read and rendered again.
pub(super) fn compact_index(bytes: &[u8]) {
    let Ok(mut entries) = ruby::index::parse(bytes) else {
        return;
    };
    ruby::index::sort(&mut entries);
    let rendered = ruby::index::render(&entries);
    let again = ruby::index::parse(rendered.as_bytes()).expect("is its own");
    assert_eq!(again.len(), entries.len(), "{rendered}");
    assert_eq!(ruby::index::render(&again), rendered);
}

pub(super) fn nuget_documents(bytes: &[u8]) {
    let _ = nuget::registration::resources(bytes, &page());
    let _ = nuget::registration::versions(bytes);
    let _ = nuget::registration::pages(bytes, &page(), "name");
    if let Ok(entries) = nuget::registration::page(bytes, "name") {
        for entry in &entries {
            let _ = (entry.render(), entry.is_second());
        }
    }
}

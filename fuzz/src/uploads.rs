//! What package managers upload: documents, and archives with what is inside of them.

use std::io::{Cursor, Write as _};

use codeartifact::local::formats::pypi::{filename::Kind, metadata};
use codeartifact::local::formats::{cargo, maven, npm, nuget, ruby, swift};

pub(super) fn npm_document(bytes: &[u8]) {
    let package = npm::name::PackageName::parse("@scope/name").expect("is a name");
    if let Ok(document) = npm::upload::Document::parse(bytes, &package) {
        let _ = document.deprecations();
    }
    let size = 1 + bytes.iter().map(|byte| usize::from(*byte)).sum::<usize>() % 13;
    assert_eq!(
        taken_apart(bytes.chunks(size)),
        taken_apart([bytes].into_iter()),
        "in pieces of {size}"
    );
}

/// A document as it comes in, in pieces: the rest of it, and its attachment.
fn taken_apart<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Option<(Vec<u8>, bool, Vec<u8>)> {
    let mut splitter = npm::document::Splitter::new(1 << 20);
    let mut data = Vec::new();
    for piece in pieces {
        splitter.push(piece, &mut data).ok()?;
    }
    let (kept, has_attachment) = splitter.finish().ok()?;
    Some((kept, has_attachment, data))
}

/// A manifest or a release's metadata; the first line is also taken for the header that says what
/// a client takes.
pub(super) fn swift_documents(bytes: &[u8]) {
    let metadata = swift::upload::metadata(bytes);
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().next().unwrap_or_default();
    for kind in [
        swift::accept::Kind::Json,
        swift::accept::Kind::Zip,
        swift::accept::Kind::Swift,
    ] {
        let _ = swift::accept::check(Some(line), kind);
    }
    let _ = swift::manifest::swift_version(line);
    let _ = swift::manifest::tools_version(&text);
    let _ = swift::manifest::wanted([line].into_iter(), "5.9");
    for dependency in swift::manifest::dependencies(&text) {
        assert!(swift::name::is_package(&dependency.package));
    }
    let contents = swift::upload::Contents {
        manifests: vec![("Package.swift".to_string(), text.to_string())],
        readme: None,
    };
    if let Ok(metadata) = metadata {
        let document = swift::upload::document("mona", "list", metadata, &contents);
        let _ = swift::upload::facts(&document, &contents);
        assert_eq!(swift::index::Document::parse(&document.render()), document);
    }
}

pub(super) fn crate_description(bytes: &[u8]) {
    if let Ok(description) = cargo::upload::Description::parse(bytes) {
        assert!(cargo::name::is_crate(description.name()));
        let _ = cargo::name::index_path(description.name());
    }
}

pub(super) fn python_metadata(bytes: &[u8]) {
    let read = metadata::Metadata::parse(bytes);
    let _ = read.facts();
    let _ = metadata::check(&read, "name", "1.0");
}

pub(super) fn gemspec(bytes: &[u8]) {
    if let Ok(gem) = ruby::gemspec::parse(bytes) {
        let _ = gem.file();
    }
}

/// The XML that comes in: POMs, Maven's metadata, nuspecs.
pub(super) fn xml_documents(bytes: &[u8]) {
    if let Ok(pom) = maven::pom::parse(bytes) {
        let _ = maven::pom::facts(&pom);
    }
    let _ = maven::metadata::parse(bytes);
    if let Ok(nuspec) = nuget::nuspec::parse(bytes) {
        let _ = nuspec.facts(None);
    }
}

/// The inside of an archive, and the archive as it comes.
pub(super) fn tar(bytes: &[u8]) {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    packed.write_all(bytes).expect("memory");
    let packed = packed.finish().expect("memory");
    for archive in [packed.as_slice(), bytes] {
        let size = archive.len() as u64;
        let _ = npm::tarball::read(archive, size);
        let _ = cargo::upload::look_into(archive, size, "a", "1.0.0");
        let _ = metadata::read(Kind::TarGz, Cursor::new(archive), size);
        let _ = ruby::upload::look_into(archive, size);
    }
}

pub(super) fn zip(bytes: &[u8]) {
    let size = bytes.len() as u64;
    for kind in [Kind::Wheel, Kind::Zip] {
        let _ = metadata::read(kind, Cursor::new(bytes), size);
    }
    let _ = nuget::upload::look_into(Cursor::new(bytes), size);
    let _ = nuget::upload::nuspec(Cursor::new(bytes), size);
    let _ = swift::upload::look_into(Cursor::new(bytes), size);
}

//! Everything that fuzzing feeds, by name: one function for each reader of foreign bytes.
//!
//! The functions know nothing of the fuzzer, so that the ordinary tests feed them the checked-in
//! corpora as well (tests/it/corpora.rs includes this file). They panic when a promise is broken.

mod adapters;
mod client;
mod machine;
mod running;
mod service;
mod text;
mod uploads;
mod upstream;

pub use running::{api_refusals, package_statuses, stop};

/// Reads bytes, and panics when that breaks a promise.
pub type Reader = fn(&[u8]);

/// What can be fed, by the name of its corpus.
pub const ENTRIES: &[(&str, Reader)] = &[
    ("adapters", adapters::adapters),
    ("answer", client::answer),
    ("api_request", running::api_request),
    ("aws_profile", client::aws_profile),
    ("compact_index", upstream::compact_index),
    ("crate_description", uploads::crate_description),
    ("credential_process", client::credential_process),
    ("edn", text::edn),
    ("gemspec", uploads::gemspec),
    ("group_pattern", service::group_pattern),
    ("ini", text::ini),
    ("injection", service::injection),
    ("input_document", client::input_document),
    ("journal", machine::journal),
    ("json", text::json),
    ("machine", machine::machine),
    ("names", service::names),
    ("netrc", text::netrc),
    ("npm_document", uploads::npm_document),
    ("npmrc", text::npmrc),
    ("nuget_documents", upstream::nuget_documents),
    ("package_request", running::package_request),
    ("packument", upstream::packument),
    ("policy", service::policy),
    ("project_file", client::project_file),
    ("properties", text::properties),
    ("public_address", machine::public_address),
    ("python_metadata", uploads::python_metadata),
    ("query", client::query),
    ("request", service::request),
    ("seed", service::seed),
    ("shorthand", client::shorthand),
    ("signature", service::signature),
    ("simple_index", upstream::simple_index),
    ("sparse_index", upstream::sparse_index),
    ("swift_documents", uploads::swift_documents),
    ("tar", uploads::tar),
    ("toml", text::toml),
    ("xml", text::xml),
    ("xml_documents", uploads::xml_documents),
    ("yaml", text::yaml),
    ("zip", uploads::zip),
];

/// The bytes as a text; those that are none count as read.
fn with_text(bytes: &[u8], read: impl FnOnce(&str)) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        read(text);
    }
}

/// Feeds the bytes to the entry of that name.
pub fn feed(name: &str, bytes: &[u8]) {
    let entry = ENTRIES.iter().find(|(known, _)| *known == name);
    let (_, read) = entry.expect("a name of the table");
    read(bytes);
}

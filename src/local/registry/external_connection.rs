//! External connections: the public repositories that a repository can fetch from (guide,
//! "Connect a CodeArtifact repository to a public repository").

use super::Format;

/// The names of all external connections and their formats (guide, "Supported external
/// connection repositories"). npm's appears there once as `public:npms`, a slip of its writers.
pub const EXTERNAL_CONNECTIONS: &[(&str, Format)] = &[
    ("public:npmjs", Format::Npm),
    ("public:nuget-org", Format::Nuget),
    ("public:pypi", Format::Pypi),
    ("public:maven-central", Format::Maven),
    ("public:maven-clojars", Format::Maven),
    ("public:maven-commonsware", Format::Maven),
    ("public:maven-googleandroid", Format::Maven),
    ("public:maven-gradleplugins", Format::Maven),
    ("public:ruby-gems-org", Format::Ruby),
    ("public:crates-io", Format::Cargo),
];

/// The format of an external connection; nothing for a name that is none.
pub fn format_of(name: &str) -> Option<Format> {
    EXTERNAL_CONNECTIONS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, format)| *format)
}

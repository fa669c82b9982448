//! What gem and older Bundlers read as Marshal: dependencies, lists of versions, specifications.
//!
//! RubyGems guides, "API". All of it is made out of index entries: no
//! Marshal of anybody else's is read or handed on. A client takes the full specification out of
//! the gem itself.

use serde_json::json;

use super::index::Entry;
use super::marshal::{Value, dump};
use super::name;

/// What a list of versions is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Releases.
    Released,
    /// The newest release for each platform.
    Latest,
    /// Pre-releases.
    Prerelease,
}

/// The answer to `api/v1/dependencies`.
pub fn dependencies(gems: &[(String, Vec<Entry>)]) -> Vec<u8> {
    let entries = gems.iter().flat_map(|(gem, entries)| {
        entries.iter().map(move |entry| {
            let needed = entry.about.dependencies.iter().map(|(gem, conditions)| {
                Value::List(vec![Value::text(gem), Value::Text(requirement(conditions))])
            });
            Value::Map(vec![
                (Value::Symbol("name"), Value::text(gem)),
                (Value::Symbol("number"), Value::text(&entry.version)),
                (
                    Value::Symbol("platform"),
                    Value::text(&entry.about.platform),
                ),
                (Value::Symbol("dependencies"), Value::List(needed.collect())),
            ])
        })
    });
    dump(&Value::List(entries.collect()))
}

/// The same in JSON.
pub fn dependencies_json(gems: &[(String, Vec<Entry>)]) -> String {
    let entries = gems.iter().flat_map(|(gem, entries)| {
        entries.iter().map(move |entry| {
            let needed: Vec<_> = entry
                .about
                .dependencies
                .iter()
                .map(|(gem, conditions)| json!([gem, requirement(conditions)]))
                .collect();
            json!({
                "name": gem, "number": entry.version, "platform": entry.about.platform,
                "dependencies": needed,
            })
        })
    });
    serde_json::Value::Array(entries.collect()).to_string()
}

fn requirement(conditions: &[String]) -> String {
    match conditions.is_empty() {
        true => ">= 0".to_string(),
        false => conditions.join(", "),
    }
}

/// A list of versions, before it is packed. The entries stand in the order of their versions.
pub fn list(kind: Kind, gems: &[(String, Vec<Entry>)]) -> Vec<u8> {
    let tuples = wanted(kind, gems).into_iter().map(|(gem, entry)| {
        Value::List(vec![
            Value::text(gem),
            version(&entry.version),
            Value::text(&entry.about.platform),
        ])
    });
    dump(&Value::List(tuples.collect()))
}

fn wanted(kind: Kind, gems: &[(String, Vec<Entry>)]) -> Vec<(&str, &Entry)> {
    let mut found = Vec::new();
    for (gem, entries) in gems {
        for (position, entry) in entries.iter().enumerate() {
            let is_release = !name::is_prerelease(&entry.version);
            let is_superseded = || {
                entries[position + 1..].iter().any(|later| {
                    later.about.platform == entry.about.platform
                        && !name::is_prerelease(&later.version)
                })
            };
            let is_wanted = match kind {
                Kind::Released => is_release,
                Kind::Latest => is_release && !is_superseded(),
                Kind::Prerelease => !is_release,
            };
            if is_wanted {
                found.push((gem.as_str(), entry));
            }
        }
    }
    found
}

/// The specification of a gem, before it is packed: what an index knows of it.
pub fn specification(gem: &str, entry: &Entry) -> Vec<u8> {
    let about = &entry.about;
    let dependencies = about.dependencies.iter().map(|(gem, conditions)| {
        let conditions = requirements(conditions);
        Value::Object(
            "Gem::Dependency",
            vec![
                ("@name", Value::text(gem)),
                ("@requirement", conditions.clone()),
                ("@type", Value::Symbol("runtime")),
                ("@prerelease", Value::Bool(false)),
                ("@version_requirements", conditions),
            ],
        )
    });
    // The order of Gem::Specification's own `_dump`.
    let fields = vec![
        Value::text("3.0.0"),
        Value::Number(4),
        Value::text(gem),
        version(&entry.version),
        Value::Nil,
        Value::text(""),
        requirements(&about.ruby),
        requirements(&about.rubygems),
        Value::text(&about.platform),
        Value::List(dependencies.collect()),
        Value::text(""),
        Value::Nil,
        Value::List(Vec::new()),
        Value::Nil,
        Value::Nil,
        Value::Bool(true),
        Value::text(&about.platform),
        Value::List(Vec::new()),
        Value::Map(Vec::new()),
    ];
    dump(&Value::Dumped(
        "Gem::Specification",
        dump(&Value::List(fields)),
    ))
}

fn version(version: &str) -> Value {
    Value::Marshaled(
        "Gem::Version",
        Box::new(Value::List(vec![Value::text(version)])),
    )
}

fn requirements(conditions: &[String]) -> Value {
    let pair = |condition: &str| {
        let number = condition.trim_start_matches(['=', '!', '>', '<', '~']);
        let operator = condition[..condition.len() - number.len()].trim();
        let operator = if operator.is_empty() { "=" } else { operator };
        Value::List(vec![Value::text(operator), version(number.trim())])
    };
    let pairs = match conditions.is_empty() {
        true => vec![pair(">= 0")],
        false => conditions.iter().map(|condition| pair(condition)).collect(),
    };
    Value::Marshaled(
        "Gem::Requirement",
        Box::new(Value::List(vec![Value::List(pairs)])),
    )
}

#[cfg(test)]
mod tests {
    use super::super::index;
    use super::*;

    fn gems() -> Vec<(String, Vec<Entry>)> {
        let text = "1.0 |\n1.0-java |\n1.1 b:< 2&>= 1|\n2.0.pre |\n";
        vec![("a".to_string(), index::parse(text.as_bytes()).unwrap())]
    }

    #[test]
    fn lists_hold_what_they_are_about() {
        for (kind, numbers) in [
            (Kind::Released, &["1.0", "1.0-java", "1.1"][..]),
            (Kind::Latest, &["1.0-java", "1.1"]),
            (Kind::Prerelease, &["2.0.pre"]),
        ] {
            let gems = gems();
            let found = wanted(kind, &gems).into_iter();
            assert_eq!(
                found.map(|(_, entry)| entry.number()).collect::<Vec<_>>(),
                numbers
            );
        }
        assert!(
            list(Kind::Prerelease, &gems())
                .ends_with(b"U:\x11Gem::Version[\x06I\"\x0c2.0.pre\x06;\x00TI\"\x09ruby\x06;\x00T")
        );
    }

    #[test]
    fn dependencies_are_listed() {
        let text = dependencies_json(&gems());
        assert!(text.contains(r#"{"name":"a","number":"1.1","platform":"ruby","dependencies":[["b","< 2, >= 1"]]}"#), "{text}");
        assert!(
            dependencies(&gems()).starts_with(
                b"\x04\x08[\x09{\x09:\x09nameI\"\x06a\x06:\x06ET:\x0bnumberI\"\x081.0"
            )
        );
        assert_eq!(dependencies(&[]), b"\x04\x08[\x00");
    }
}

//! What is known of a version besides its bytes: read from upstream's registrations and from the
//! stored form, written into both (catalog entries,
//! <https://learn.microsoft.com/nuget/api/registration-base-url-resource#catalog-entry>).

use serde_json::{Map, Value, json};

use super::name::is_id;
use super::version::{self, Version};

/// The most groups, and dependencies in a group, that are read.
const MOST: usize = 4096;

/// Texts that are handed on as they are, by their names in a registration.
const TEXTS: [&str; 10] = [
    "description",
    "summary",
    "title",
    "language",
    "projectUrl",
    "licenseUrl",
    "licenseExpression",
    "iconUrl",
    "minClientVersion",
    "published",
];

/// Members that are handed on as they are when upstream has them.
const NOTICES: [&str; 2] = ["deprecation", "vulnerabilities"];

/// A version.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// The id as its author writes it.
    pub id: String,
    /// The version as its author writes it.
    pub version: String,
    /// Its authors, separated by commas.
    pub authors: String,
    /// The members of [`TEXTS`] that it has.
    pub texts: Map<String, Value>,
    /// Its tags.
    pub tags: Vec<String>,
    /// What it depends on, by target framework.
    pub groups: Vec<Group>,
    /// The kinds of packages that it is; none for an ordinary one.
    pub package_types: Vec<String>,
    /// Whether a user has to accept the licence.
    pub require_license_acceptance: bool,
    /// Whether upstream hides it.
    pub unlisted: bool,
    /// Deprecation and vulnerabilities, as upstream words them.
    pub notices: Map<String, Value>,
}

/// Dependencies for one target framework.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// The target framework; none for all.
    pub framework: Option<String>,
    /// Ids and ranges of versions.
    pub dependencies: Vec<(String, String)>,
}

impl Entry {
    /// Reads a catalog entry, or the stored form; none when it names no package and version.
    pub fn read(value: &Value) -> Option<Entry> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let (id, version) = (text("id")?, text("version")?);
        if !is_id(id) || Version::parse(version).is_none() {
            return None;
        }
        let copied = |names: &[&str]| {
            let members = names.iter().filter_map(|name| {
                let member = value.get(*name).filter(|member| !is_empty(member))?;
                Some(((*name).to_string(), member.clone()))
            });
            members.collect::<Map<String, Value>>()
        };
        let mut texts = copied(&TEXTS);
        texts.retain(|_, text| text.is_string());
        Some(Entry {
            id: id.to_string(),
            version: version.to_string(),
            authors: words(value.get("authors"), &[',']).join(", "),
            texts,
            tags: words(value.get("tags"), &[' ', ',', ';']),
            groups: list(value.get("dependencyGroups"))
                .map(Group::read)
                .collect(),
            package_types: list(value.get("packageTypes"))
                .filter_map(|kind| kind.get("name")?.as_str().map(str::to_string))
                .collect(),
            require_license_acceptance: value
                .get("requireLicenseAcceptance")
                .and_then(Value::as_bool)
                .unwrap_or(false),
            unlisted: value.get("listed").and_then(Value::as_bool) == Some(false),
            notices: copied(&NOTICES),
        })
    }

    /// Reads the stored form; what cannot be read says nothing but who it is.
    pub fn stored(document: &str, id: &str, version: &str) -> Entry {
        let value: Value = serde_json::from_str(document).unwrap_or_default();
        Entry::read(&value).unwrap_or_else(|| Entry {
            id: id.to_string(),
            version: version.to_string(),
            ..Entry::default()
        })
    }

    /// Writes the stored form, which is what a registration says less its links.
    pub fn render(&self) -> Map<String, Value> {
        let mut members = Map::new();
        members.insert("id".to_string(), json!(self.id));
        members.insert("version".to_string(), json!(self.version));
        members.insert("authors".to_string(), json!(self.authors));
        members.extend(self.texts.clone());
        members.insert("tags".to_string(), json!(self.tags));
        let groups: Vec<Value> = self.groups.iter().map(Group::render).collect();
        if !groups.is_empty() {
            members.insert("dependencyGroups".to_string(), Value::Array(groups));
        }
        if !self.package_types.is_empty() {
            let types = self.package_types.iter().map(|name| json!({"name": name}));
            members.insert("packageTypes".to_string(), types.collect());
        }
        members.insert(
            "requireLicenseAcceptance".to_string(),
            json!(self.require_license_acceptance),
        );
        members.insert("listed".to_string(), json!(!self.unlisted));
        members.extend(self.notices.clone());
        members
    }

    /// A text of the entry.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).and_then(Value::as_str)
    }

    /// Whether only clients of Semantic Versioning 2.0.0 understand it, for its own version or for
    /// one that it depends on.
    pub fn is_second(&self) -> bool {
        Version::parse(&self.version).is_some_and(|version| version.is_second())
            || self
                .groups
                .iter()
                .flat_map(|group| &group.dependencies)
                .any(|(_, range)| version::is_second_range(range))
    }
}

impl Group {
    fn read(value: &Value) -> Group {
        let text = |value: &Value, name: &str| value.get(name)?.as_str().map(str::to_string);
        let dependencies = list(value.get("dependencies")).filter_map(|dependency| {
            let id = text(dependency, "id").filter(|id| is_id(id))?;
            let range = text(dependency, "range").unwrap_or_default();
            Some((id, version::range(&range)))
        });
        Group {
            framework: text(value, "targetFramework").filter(|text| !text.is_empty()),
            dependencies: dependencies.collect(),
        }
    }

    fn render(&self) -> Value {
        let mut group = Map::new();
        if let Some(framework) = &self.framework {
            group.insert("targetFramework".to_string(), json!(framework));
        }
        if !self.dependencies.is_empty() {
            let dependencies = self.dependencies.iter();
            let dependencies = dependencies.map(|(id, range)| json!({"id": id, "range": range}));
            group.insert("dependencies".to_string(), dependencies.collect());
        }
        Value::Object(group)
    }
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let items = value.and_then(Value::as_array);
    items.into_iter().flatten().take(MOST)
}

/// A list of texts, which some upstreams write as one.
fn words(value: Option<&Value>, separators: &[char]) -> Vec<String> {
    let split = |text: &str| -> Vec<String> {
        let words = text.split(separators).map(str::trim);
        words
            .filter(|word| !word.is_empty())
            .map(str::to_string)
            .collect()
    };
    match value {
        Some(Value::String(text)) => split(text),
        Some(Value::Array(texts)) => {
            let texts = texts.iter().filter_map(Value::as_str).map(str::trim);
            texts
                .filter(|text| !text.is_empty())
                .take(MOST)
                .map(str::to_string)
                .collect()
        }
        _ => Vec::new(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let value = json!({
            "@id": "https://x/", "id": "A.B", "version": "1.0.0-beta.1", "authors": ["One", "Two"],
            "tags": "json  parser", "description": "An A", "title": "", "summary": null, "iconUrl": 7,
            "requireLicenseAcceptance": true, "listed": false, "packageTypes": [{"name": "DotnetTool"}],
            "dependencyGroups": [
                {"targetFramework": "net45"},
                {"dependencies": [{"id": "C", "range": "[1.0, )", "registration": "https://x/c"}, {"id": "../d"}]},
            ],
            "vulnerabilities": [{"severity": "2"}], "deprecation": {},
        });
        let entry = Entry::read(&value).unwrap();
        assert_eq!(
            (entry.authors.as_str(), entry.tags.as_slice()),
            (
                "One, Two",
                ["json".to_string(), "parser".to_string()].as_slice()
            )
        );
        assert_eq!(entry.text("description"), Some("An A"));
        assert_eq!((entry.text("title"), entry.text("iconUrl")), (None, None));
        assert_eq!(
            entry.groups[1].dependencies,
            [("C".to_string(), "[1.0, )".to_string())]
        );
        assert!(entry.is_second() && entry.unlisted);
        let again = Value::Object(entry.render());
        assert_eq!(Entry::read(&again).unwrap(), entry);
        assert!(!again.to_string().contains("https://x/"));
    }

    #[test]
    fn an_entry_has_an_id_and_a_version() {
        for value in [
            json!({}),
            json!({"id": "a"}),
            json!({"id": "a", "version": "x"}),
            json!({"id": "a/b", "version": "1.0"}),
            json!({"id": 1, "version": 1}),
        ] {
            assert_eq!(Entry::read(&value), None, "{value}");
        }
        assert_eq!(Entry::stored("nonsense", "a", "1.0.0").id, "a");
    }
}

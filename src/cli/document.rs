//! `--cli-input-json` and `--cli-input-yaml`: a whole input in one document, which the flags
//! override. Pure; what `file://` names has been read already.

use serde_json::{Map, Value};

use super::check::type_of;
use super::param::BadValue;

/// The language of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// JSON
    Json,
    /// YAML 1.2
    Yaml,
}

impl Language {
    /// The flag that takes a document in the language, without its dashes.
    pub fn flag(self) -> &'static str {
        match self {
            Language::Json => "cli-input-json",
            Language::Yaml => "cli-input-yaml",
        }
    }
}

/// Reads a document, which must be an object.
pub fn parse(language: Language, text: &str) -> Result<Map<String, Value>, BadValue> {
    let read = match language {
        Language::Json => serde_json::from_str(text).map_err(|error| ("JSON", error.to_string())),
        Language::Yaml => yaml(text).map_err(|error| ("YAML", error)),
    };
    match read {
        Ok(Value::Object(members)) => Ok(members),
        Ok(other) => Err(BadValue {
            flag: format!("--{}", language.flag()),
            reason: format!("Invalid type: expecting map, received {}", type_of(&other)),
        }),
        // The reference leaves out the place, and its flag the dashes.
        Err((name, error)) => Err(BadValue {
            flag: language.flag().to_string(),
            reason: format!("Invalid {name} received. ({error})"),
        }),
    }
}

/// Reads YAML. Anchors may be used, but not to grow a small text into a large value.
fn yaml(text: &str) -> Result<Value, String> {
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
}

/// Adds the members of the document that no flag has given.
pub fn merge(members: &mut Map<String, Value>, document: Map<String, Value>) {
    for (name, value) in document {
        members.entry(name).or_insert(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_languages_give_the_same() {
        let meant = json!({"domain": "d", "durationSeconds": 900, "preview": true,
            "tags": [{"key": "k", "value": ""}], "namespace": null});
        let json = parse(Language::Json, &meant.to_string()).unwrap();
        let yaml = parse(
            Language::Yaml,
            "domain: d # the domain\ndurationSeconds: 900\npreview: true\n\
             tags:\n- key: 'k'\n  value: ''\nnamespace:\n",
        )
        .unwrap();
        assert_eq!(Value::Object(json), meant);
        assert_eq!(Value::Object(yaml), meant);
    }

    #[test]
    fn yaml_reads_as_version_1_2() {
        let read = parse(Language::Yaml, "a: yes\nb: 1.0\nc: '1'\nd: 012\n").unwrap();
        assert_eq!(read["a"], json!("yes"));
        assert_eq!(read["c"], json!("1"));
    }

    #[test]
    fn faults() {
        let fault = |language, text: &str| parse(language, text).unwrap_err().to_string();
        assert!(
            fault(Language::Json, "{")
                .starts_with("Error parsing parameter 'cli-input-json': Invalid JSON received.")
        );
        assert!(
            fault(Language::Yaml, "a: [")
                .starts_with("Error parsing parameter 'cli-input-yaml': Invalid YAML received.")
        );
        assert_eq!(
            fault(Language::Json, "[]"),
            "Error parsing parameter '--cli-input-json': Invalid type: expecting map, received <class 'list'>"
        );
    }

    #[test]
    fn an_alias_bomb_is_refused() {
        let mut text = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for level in 1..12 {
            let before = level - 1;
            let items = vec![format!("*a{before}"); 10].join(",");
            text.push_str(&format!("a{level}: &a{level} [{items}]\n"));
        }
        assert!(parse(Language::Yaml, &text).is_err());
    }

    #[test]
    fn flags_win() {
        let mut members = Map::from_iter([("domain".to_string(), json!("flag"))]);
        let Value::Object(document) = json!({"domain": "document", "tags": []}) else {
            unreachable!()
        };
        merge(&mut members, document);
        assert_eq!(
            Value::Object(members),
            json!({"domain": "flag", "tags": []})
        );
    }
}

//! Index files: one JSON object a line, a line for each version.
//!
//! <https://doc.rust-lang.org/cargo/reference/registry-index.html>.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::name::{self, is_crate, is_version};
use crate::local::formats::Invalid;

/// One version in an index file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The crate's name, as it is written.
    pub name: String,
    /// The version.
    pub version: String,
    /// The SHA-256 of the crate file.
    pub checksum: String,
    /// The whole line: also the stored form, in a version's document.
    pub text: String,
}

/// Reads an index file. Lines that cannot be read, or are of another crate, are left out.
///
/// # Errors
/// A sentence when it is not text.
pub fn parse(bytes: &[u8], wanted: &str) -> Result<Vec<Line>, Invalid> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Invalid::new("the upstream's index file is not text"))?;
    Ok(text
        .lines()
        .filter_map(line)
        .filter(|line| line.name.eq_ignore_ascii_case(wanted))
        .collect())
}

fn line(text: &str) -> Option<Line> {
    #[derive(Deserialize)]
    struct Read {
        name: String,
        vers: String,
        cksum: String,
    }
    let read: Read = serde_json::from_str(text).ok()?;
    (is_crate(&read.name) && is_version(&read.vers)).then(|| Line {
        name: read.name,
        version: read.vers,
        checksum: read.cksum.to_ascii_lowercase(),
        text: text.trim().to_string(),
    })
}

/// The stored line with another word on whether it is yanked.
///
/// # Errors
/// A sentence when the line cannot be read.
pub fn yank(line: &str, yanked: bool) -> Result<String, Invalid> {
    let mut line: Map<String, Value> = serde_json::from_str(line)
        .map_err(|_| Invalid::new("the stored index line cannot be read"))?;
    line.insert("yanked".to_string(), json!(yanked));
    Ok(Value::Object(line).to_string())
}

/// What clients read first: where crates are, and that everything takes a token.
///
/// <https://doc.rust-lang.org/cargo/reference/registry-index.html#index-configuration>
pub fn configuration(endpoint: &str) -> String {
    let endpoint = endpoint.trim_end_matches('/');
    json!({"dl": format!("{endpoint}/api/v1/crates"), "api": endpoint, "auth-required": true})
        .to_string()
}

/// The `dl` of an upstream's configuration.
///
/// # Errors
/// A sentence when there is none.
pub fn download_template(configuration: &[u8]) -> Result<String, Invalid> {
    #[derive(Deserialize)]
    struct Configuration {
        dl: String,
    }
    let read: Result<Configuration, _> = serde_json::from_slice(configuration);
    Ok(read
        .map_err(|error| {
            Invalid::new(format!(
                "the upstream's config.json cannot be read: {error}"
            ))
        })?
        .dl)
}

/// Where a crate file is, according to such a template.
pub fn download_address(template: &str, line: &Line) -> String {
    let markers = [
        ("{crate}", line.name.clone()),
        ("{version}", line.version.clone()),
        ("{prefix}", name::prefix(&line.name)),
        (
            "{lowerprefix}",
            name::prefix(&line.name.to_ascii_lowercase()),
        ),
        ("{sha256-checksum}", line.checksum.clone()),
    ];
    if !markers.iter().any(|(marker, _)| template.contains(marker)) {
        return format!(
            "{}/{}/{}/download",
            template.trim_end_matches('/'),
            line.name,
            line.version
        );
    }
    markers
        .iter()
        .fold(template.to_string(), |address, (marker, value)| {
            address.replace(marker, value)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serde() -> Line {
        parse(
            br#"{"name":"Serde","vers":"1.0.0+b","cksum":"AB","yanked":false,"deps":[]}"#,
            "serde",
        )
        .unwrap()
        .remove(0)
    }

    #[test]
    fn lines_are_read_and_strangers_left_out() {
        let text = "{\"name\":\"Serde\",\"vers\":\"1.0.0\",\"cksum\":\"ab\"}\nnonsense\n\n{\"name\":\"other\",\"vers\":\"1.0.0\",\"cksum\":\"ab\"}\n{\"name\":\"serde\",\"vers\":\"../x\",\"cksum\":\"ab\"}\n";
        let found = parse(text.as_bytes(), "serde").unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].name.as_str(), found[0].version.as_str()),
            ("Serde", "1.0.0")
        );
        assert!(parse(b"\xff", "serde").is_err());
    }

    #[test]
    fn addresses_follow_the_template() {
        for (template, address) in [
            (
                "https://c.example.test/api/",
                "https://c.example.test/api/Serde/1.0.0+b/download",
            ),
            (
                "https://c.example.test/{crate}-{version}.crate",
                "https://c.example.test/Serde-1.0.0+b.crate",
            ),
            (
                "https://c.example.test/{prefix}/{lowerprefix}/{sha256-checksum}",
                "https://c.example.test/Se/rd/se/rd/ab",
            ),
        ] {
            assert_eq!(download_address(template, &serde()), address);
        }
    }

    #[test]
    fn a_version_is_yanked_and_unyanked() {
        let yanked = yank(&serde().text, true).unwrap();
        assert_eq!(
            yanked,
            r#"{"name":"Serde","vers":"1.0.0+b","cksum":"AB","yanked":true,"deps":[]}"#
        );
        assert_eq!(yank(&yanked, false).unwrap(), serde().text);
        assert!(yank("nonsense", true).is_err());
    }
}

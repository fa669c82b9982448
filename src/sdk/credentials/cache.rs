//! AWS CLI's folder of temporary credentials, `~/.aws/cli/cache`: a JSON file for each role,
//! named by the SHA-1 of what was asked for. Both programs find each other's.

use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use serde_json::Value;
use sha1::{Digest, Sha1};

use crate::error::{Error, Result};

/// Credentials that last no longer than this are not used any more, as in AWS CLI.
const MARGIN: Duration = Duration::from_secs(15 * 60);

/// A file of the cache is small; what is larger is none.
const LARGEST: u64 = 1 << 20;

/// The folder, where there is a home.
pub(super) struct Cache(Option<PathBuf>);

impl Cache {
    pub(super) fn new(folder: Option<PathBuf>) -> Cache {
        Cache(folder)
    }

    fn file(&self, key: &str) -> Option<PathBuf> {
        Some(self.0.as_ref()?.join(format!("{key}.json")))
    }

    /// Credentials that were kept and are still good for a while.
    pub(super) fn get(&self, key: &str) -> Option<Credentials> {
        let file = self.file(key)?;
        if std::fs::metadata(&file).ok()?.len() > LARGEST {
            return None;
        }
        let content: Value = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
        good(&content, SystemTime::now())
    }

    /// Keeps an answer of the form `{"Credentials": {…}}` and gives what it holds.
    pub(super) fn keep(&self, key: &str, answer: &Value) -> Result<Credentials> {
        let credentials = read(answer)
            .ok_or_else(|| Error::other("The answer with credentials cannot be read"))?;
        if let Some(file) = self.file(key) {
            // A cache that cannot be written costs another request, no more.
            let _ = write(&file, answer);
        }
        Ok(credentials)
    }
}

/// Name of a file: the hash of this text.
pub(super) fn key(text: &str) -> String {
    hex::encode(Sha1::digest(text))
}

/// A JSON text as Python writes it: what is not ASCII is escaped.
pub(super) fn python_text(text: &str) -> String {
    let mut written = String::new();
    for character in Value::from(text).to_string().chars() {
        if character.is_ascii() {
            written.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(written, "\\u{unit:04x}");
            }
        }
    }
    written
}

fn good(content: &Value, now: SystemTime) -> Option<Credentials> {
    let credentials = read(content)?;
    let left = credentials.expiry()?.duration_since(now).ok()?;
    (left >= MARGIN).then_some(credentials)
}

fn read(content: &Value) -> Option<Credentials> {
    let members = content.get("Credentials")?;
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    // Python writes the zone by its name.
    let expiration = text("Expiration")?.replace("UTC", "Z");
    let expiration: jiff::Timestamp = expiration.parse().ok()?;
    Some(Credentials::new(
        text("AccessKeyId")?,
        text("SecretAccessKey")?,
        text("SessionToken").map(str::to_string),
        Some(expiration.into()),
        "Cache",
    ))
}

/// Writes the file in one step, for its owner's eyes only.
fn write(file: &Path, content: &Value) -> std::io::Result<()> {
    let folder = file.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    std::fs::create_dir_all(&folder)?;
    // Temporary files have the mode 0600.
    let mut temporary = tempfile::NamedTempFile::new_in(&folder)?;
    temporary.write_all(content.to_string().as_bytes())?;
    temporary.as_file().sync_all()?;
    temporary.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(text: &str) -> SystemTime {
        text.parse::<jiff::Timestamp>().unwrap().into()
    }

    #[test]
    fn what_is_kept_is_found_while_it_lasts() {
        let content = json!({"Credentials": {"AccessKeyId": "AKID", "SecretAccessKey": "s",
            "SessionToken": "t", "Expiration": "2030-01-01T00:00:00UTC"}});
        let found = good(&content, at("2029-12-31T23:45:00Z")).unwrap();
        assert_eq!(found.access_key_id(), "AKID");
        assert_eq!(found.session_token(), Some("t"));
        assert!(good(&content, at("2029-12-31T23:45:01Z")).is_none());
        assert!(good(&content, at("2031-01-01T00:00:00Z")).is_none());
    }

    #[test]
    fn the_file_is_its_owners() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(Some(folder.path().join("a/b")));
        let content = json!({"Credentials": {"AccessKeyId": "AKID", "SecretAccessKey": "s",
            "SessionToken": "t", "Expiration": "2999-01-01T00:00:00Z"}});
        cache.keep("k", &content).unwrap();
        assert_eq!(cache.get("k").unwrap().access_key_id(), "AKID");
        assert!(cache.get("other").is_none());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let file = folder.path().join("a/b/k.json");
            assert_eq!(
                std::fs::metadata(file).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
    }

    #[test]
    fn what_is_no_cache_file_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(Some(folder.path().to_path_buf()));
        for (name, content) in [
            ("empty", ""),
            ("list", "[]"),
            ("part", "{\"Credentials\": {\"AccessKeyId\": 1}}"),
            (
                "time",
                "{\"Credentials\": {\"AccessKeyId\": \"a\", \"SecretAccessKey\": \"b\", \"Expiration\": \"x\"}}",
            ),
        ] {
            #[expect(clippy::disallowed_methods, reason = "tests lay files out plainly")]
            std::fs::write(folder.path().join(format!("{name}.json")), content).unwrap();
            assert!(cache.get(name).is_none(), "{name}");
        }
        assert!(cache.keep("bad", &json!({})).is_err());
    }

    #[test]
    fn text_is_escaped_as_python_does() {
        assert_eq!(python_text("a\"ü😀\n"), r#""a\"\u00fc\ud83d\ude00\n""#);
    }
}

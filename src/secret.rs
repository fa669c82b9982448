//! Values that must not be seen: a token, a secret key, a URL with a password in it.

use std::fmt;

use zeroize::Zeroize;

/// Text that no `Debug` or `Display` shows and that is wiped when it is dropped.
///
/// The only way to the text is [`Secret::expose`], so that every place which uses it
/// can be found by searching for that word.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the text into custody.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(******)")
    }
}

/// The URL with its password hidden, fit for a message or a log.
pub fn redacted_url(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut parsed) if parsed.password().is_some() => {
            // Only a URL that cannot have a password refuses one, and this one has one.
            let _ = parsed.set_password(Some("******"));
            parsed.to_string()
        }
        _ => url.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_the_text() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(******)");
    }

    #[test]
    fn a_url_loses_its_password_only() {
        assert_eq!(
            redacted_url("https://aws:hunter2@example.test/pypi/"),
            "https://aws:******@example.test/pypi/"
        );
        assert_eq!(
            redacted_url("https://example.test/pypi/"),
            "https://example.test/pypi/"
        );
    }
}

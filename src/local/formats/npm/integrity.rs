//! What a tarball's bytes are promised to hash to: subresource integrity and the old `shasum`.
//!
//! <https://www.w3.org/TR/SRI/>: several hashes may stand side by side; those of the strongest
//! algorithm count, and one of them has to match.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::local::store::blob::Hashes;

/// The hashes that a tarball was promised to have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Integrity {
    sha512: Vec<[u8; 64]>,
    sha256: Vec<[u8; 32]>,
    sha1: Vec<[u8; 20]>,
}

impl Integrity {
    /// Reads `dist.integrity` and `dist.shasum`. What cannot be read promises nothing.
    pub fn parse(integrity: Option<&str>, shasum: Option<&str>) -> Integrity {
        let mut promised = Integrity::default();
        for entry in integrity.unwrap_or_default().split_ascii_whitespace() {
            let Some((algorithm, rest)) = entry.split_once('-') else {
                continue;
            };
            let digest = rest.split('?').next().unwrap_or_default();
            let Ok(digest) = STANDARD.decode(digest) else {
                continue;
            };
            match algorithm {
                "sha512" => promised.sha512.extend(<[u8; 64]>::try_from(digest)),
                "sha256" => promised.sha256.extend(<[u8; 32]>::try_from(digest)),
                "sha1" => promised.sha1.extend(<[u8; 20]>::try_from(digest)),
                _ => {}
            }
        }
        if let Some(shasum) = shasum {
            let mut digest = [0; 20];
            if hex::decode_to_slice(shasum, &mut digest).is_ok() {
                promised.sha1.push(digest);
            }
        }
        promised
    }

    /// Whether anything was promised at all.
    pub fn is_empty(&self) -> bool {
        self.sha512.is_empty() && self.sha256.is_empty() && self.sha1.is_empty()
    }

    /// Whether the bytes keep the promise; without one they do.
    pub fn matches(&self, hashes: &Hashes) -> bool {
        if !self.sha512.is_empty() {
            self.sha512.contains(&hashes.sha512)
        } else if !self.sha256.is_empty() {
            self.sha256.contains(&hashes.sha256)
        } else {
            self.sha1.is_empty() || self.sha1.contains(&hashes.sha1)
        }
    }
}

/// The `dist.integrity` of bytes with these hashes.
pub fn render(hashes: &Hashes) -> String {
    format!("sha512-{}", STANDARD.encode(hashes.sha512))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes() -> Hashes {
        Hashes {
            md5: [1; 16],
            sha1: [2; 20],
            sha256: [3; 32],
            sha512: [4; 64],
        }
    }

    #[test]
    fn the_strongest_algorithm_decides() {
        let right = render(&hashes());
        let wrong = format!("sha512-{}", STANDARD.encode([9; 64]));
        let sha1 = hex::encode([2; 20]);
        assert!(Integrity::parse(Some(&right), None).matches(&hashes()));
        assert!(Integrity::parse(Some(&format!("{wrong} {right}?opt")), None).matches(&hashes()));
        assert!(!Integrity::parse(Some(&wrong), Some(&sha1)).matches(&hashes()));
        assert!(Integrity::parse(None, Some(&sha1)).matches(&hashes()));
        assert!(!Integrity::parse(None, Some(&hex::encode([7; 20]))).matches(&hashes()));
    }

    #[test]
    fn what_cannot_be_read_promises_nothing() {
        for text in [
            "",
            "sha512",
            "sha512-",
            "sha512-AAAA",
            "md5-AAAA",
            "sha512-!",
        ] {
            assert!(
                Integrity::parse(Some(text), Some("zz")).is_empty(),
                "{text}"
            );
        }
    }
}

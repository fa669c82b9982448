//! What `--namespace` may be, checked before any call, with the sentences of AWS's client.

use super::adapter::{Adapter, NamespaceRule};
use crate::error::{Error, Result};

/// The namespace in the spelling that the tool's files need.
///
/// AWS's client looks at the beginning of an npm scope only; here the rest has to be free of
/// characters that could break a file, too.
pub fn check(adapter: &Adapter, namespace: Option<&str>) -> Result<Option<String>> {
    let Some(namespace) = namespace else {
        return Ok(None);
    };
    match adapter.namespace {
        NamespaceRule::None => Err(Error::other(format!(
            "Argument --namespace is not supported for {}",
            adapter.tool
        ))),
        NamespaceRule::Npm => npm(namespace).map(Some),
        NamespaceRule::Swift => swift(namespace).map(Some),
    }
}

const INVALID: &str =
    "Invalid scope name, scope must contain URL-safe characters, no leading dots or underscores";

fn npm(namespace: &str) -> Result<String> {
    let name = namespace.strip_prefix('@').unwrap_or(namespace);
    let first = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-~".contains(c);
    let rest = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    if name.starts_with(first) && name.chars().all(rest) && name.len() <= 214 {
        Ok(format!("@{name}"))
    } else {
        Err(Error::other(INVALID))
    }
}

fn swift(namespace: &str) -> Result<String> {
    let hyphens_are_single_and_inner =
        !namespace.starts_with('-') && !namespace.ends_with('-') && !namespace.contains("--");
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if (1..=39).contains(&namespace.len())
        && hyphens_are_single_and_inner
        && namespace.chars().all(allowed)
    {
        Ok(namespace.to_string())
    } else {
        Err(Error::other(format!(
            "{INVALID} and no more than 39 characters"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn npm_scopes_get_their_sign() {
        assert_eq!(npm("scope").expect("is fine"), "@scope");
        assert_eq!(npm("@s.c_o~pe-1").expect("is fine"), "@s.c_o~pe-1");
        for bad in [
            "", "@", "Scope", ".scope", "_scope", "sco pe", "a=b", "a\nb", "@@a",
        ] {
            assert_eq!(npm(bad).expect_err(bad).message, INVALID);
        }
    }

    #[test]
    fn swift_scopes_are_short() {
        for good in ["a", "A-b-1", &"a".repeat(39)] {
            assert_eq!(swift(good).expect("is fine"), good);
        }
        for bad in ["", "-a", "a-", "a--b", "a_b", "a.b", &"a".repeat(40)] {
            let message = swift(bad).expect_err(bad).message;
            assert!(message.ends_with("and no more than 39 characters"));
        }
    }
}

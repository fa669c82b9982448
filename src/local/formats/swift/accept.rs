//! What a client says it takes: `application/vnd.swift.registry.v1+json`.
//!
//! The specification, "3.5. API versioning".

/// The kinds of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Documents.
    Json,
    /// Source archives.
    Zip,
    /// Manifests.
    Swift,
}

/// Why a client cannot be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objection {
    /// There is no such version of the interface.
    Invalid,
    /// It is one that is not spoken here, or this address answers with another kind of content.
    Unsupported,
}

const PREFIX: &str = "application/vnd.swift.registry";

/// Judges an `Accept` header. One that does not speak of Swift's registry is not judged: curl and
/// browsers get what there is.
///
/// # Errors
/// The objection, when there is one to everything that the client takes.
pub fn check(accept: Option<&str>, kind: Kind) -> Result<(), Objection> {
    let mut objection = None;
    for entry in accept.unwrap_or_default().split(',') {
        let wanted = entry.split(';').next().unwrap_or_default().trim();
        if wanted.is_empty() {
            continue;
        }
        let Some(rest) = wanted
            .to_ascii_lowercase()
            .strip_prefix(PREFIX)
            .map(str::to_string)
        else {
            return Ok(());
        };
        match judge(&rest, kind) {
            Ok(()) => return Ok(()),
            Err(found) => objection = objection.or(Some(found)),
        }
    }
    objection.map_or(Ok(()), Err)
}

/// Judges what follows the prefix: `.v1`, `+json`, both or nothing.
fn judge(rest: &str, kind: Kind) -> Result<(), Objection> {
    let (version, content) = match rest.split_once('+') {
        Some((version, content)) => (version, Some(content)),
        None => (rest, None),
    };
    match version.strip_prefix(".v") {
        None if version.is_empty() => {}
        Some("1") => {}
        Some(number) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => {
            return Err(Objection::Unsupported);
        }
        _ => return Err(Objection::Invalid),
    }
    let offered = match kind {
        Kind::Json => "json",
        Kind::Zip => "zip",
        Kind::Swift => "swift",
    };
    match content {
        None => Ok(()),
        Some(content) if content == offered => Ok(()),
        Some(_) => Err(Objection::Unsupported),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_judged() {
        for (accept, kind) in [
            (None, Kind::Json),
            (Some("*/*"), Kind::Zip),
            (Some("application/json"), Kind::Json),
            (Some("application/vnd.swift.registry"), Kind::Swift),
            (Some("application/vnd.swift.registry.v1"), Kind::Zip),
            (Some("application/vnd.swift.registry+json"), Kind::Json),
            (
                Some("application/vnd.swift.registry.v1+Zip; q=1"),
                Kind::Zip,
            ),
            (
                Some(
                    "application/vnd.swift.registry.v2+json, application/vnd.swift.registry.v1+json",
                ),
                Kind::Json,
            ),
        ] {
            assert_eq!(check(accept, kind), Ok(()), "{accept:?}");
        }
        for (accept, objection) in [
            (
                "application/vnd.swift.registry.v2+json",
                Objection::Unsupported,
            ),
            (
                "application/vnd.swift.registry.v1+zip",
                Objection::Unsupported,
            ),
            ("application/vnd.swift.registry.vx+json", Objection::Invalid),
            ("application/vnd.swift.registry.1+json", Objection::Invalid),
            ("application/vnd.swift.registryx", Objection::Invalid),
        ] {
            assert_eq!(check(Some(accept), Kind::Json), Err(objection), "{accept}");
        }
    }
}

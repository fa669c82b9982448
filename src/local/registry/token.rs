//! Authorization tokens (guide, "AWS CodeArtifact authentication and tokens").
//!
//! A token is random; the store keeps its SHA-256 only. It belongs to a domain and to the principal
//! that asked for it, whose permissions it has for as long as it lives.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::refusal::{Answer, denied, invalid};
use super::{Caller, DomainId, Registry, access, domain, random};
use crate::local::store::token as rows;
use crate::secret::Secret;

/// The life of a token without one asked for, in seconds: 12 hours.
const DEFAULT_SECONDS: u64 = 43_200;
/// The shortest life that can be asked for, in seconds: 15 minutes.
const SHORTEST_SECONDS: u64 = 900;

/// A token that has just been made.
pub struct Token {
    /// The token.
    pub secret: Secret,
    /// When it ends, in milliseconds since 1970.
    pub expires: i64,
}

/// Whom a valid token was made for, and where.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// The domain that the token opens.
    pub domain: DomainId,
    /// The ARN of the principal.
    pub principal: String,
}

impl Registry {
    /// Makes a token for the caller, for so many seconds: 900 to 43200, or 0 for the rest of the
    /// caller's session, which for a caller without one is the longest life.
    ///
    /// # Errors
    /// `ValidationException` for another number, `AccessDeniedException`,
    /// `ResourceNotFoundException` for the domain.
    pub async fn issue_token(
        &self,
        caller: &Caller,
        id: &DomainId,
        duration_seconds: Option<u64>,
    ) -> Answer<Token> {
        let asked = duration_seconds.unwrap_or(DEFAULT_SECONDS);
        if asked != 0 && !(SHORTEST_SECONDS..=DEFAULT_SECONDS).contains(&asked) {
            return Err(invalid(format!(
                "The value {asked} for durationSeconds is not valid: it must be 0 or between {SHORTEST_SECONDS} and {DEFAULT_SECONDS}."
            )));
        }
        // Guide: "Root users cannot call GetAuthorizationToken."
        if caller.arn.ends_with(":root") {
            return Err(denied("The root user cannot call GetAuthorizationToken."));
        }
        access::check_bearer_token(caller, self.region(), asked)?;
        let bytes = random::<48>()?;
        let secret = Secret::new(URL_SAFE_NO_PAD.encode(bytes));
        let hash = hash(secret.expose());
        let (caller, id) = (caller.clone(), id.clone());
        let expires = self
            .write(move |writing, context| {
                let domain =
                    domain::authorized(writing, context, &caller, &id, "GetAuthorizationToken")?;
                let now = context.clock.now();
                let longest = now + millis(DEFAULT_SECONDS);
                let expires = match (asked, caller.session_ends) {
                    (0, Some(end)) => end.min(longest),
                    (0, None) => longest,
                    (seconds, _) => now + millis(seconds),
                };
                rows::delete_expired(writing, now)?;
                rows::insert(writing, &hash, domain.id, &caller.arn, expires)?;
                Ok(expires)
            })
            .await?;
        Ok(Token { secret, expires })
    }

    /// Whom the token was made for; nothing for a token that is unknown or has ended.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn bearer(&self, token: &str) -> Answer<Option<Bearer>> {
        let hash = hash(token);
        self.read(move |reading, context| {
            let row = rows::find(reading, &hash)?.filter(|row| row.expires > context.clock.now());
            Ok(row.map(|row| Bearer {
                domain: DomainId {
                    owner: row.domain_owner,
                    name: row.domain_name,
                },
                principal: row.principal,
            }))
        })
        .await
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

fn millis(seconds: u64) -> i64 {
    i64::try_from(seconds)
        .unwrap_or(i64::MAX)
        .saturating_mul(1000)
}

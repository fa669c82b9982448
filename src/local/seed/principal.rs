//! Somebody with an access key, as a seed file has it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_spanned::Spanned;

use super::super::auth::Principal;
use super::super::registry::caller::Identity;
use super::super::registry::policy::{Attachment, Policy};
use crate::secret::Secret;

/// Somebody with an access key.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedPrincipal {
    /// The ARN, which names the account.
    arn: Spanned<String>,
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    /// The end of the session, as ISO 8601.
    session_ends: Option<jiff::Timestamp>,
    /// Identity-based policies, as JSON. Without any it may do everything in its account.
    policies: Option<Vec<String>>,
    /// Condition keys, such as `aws:PrincipalOrgID`.
    #[serde(default)]
    attributes: BTreeMap<String, String>,
}

impl std::fmt::Debug for SeedPrincipal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SeedPrincipal")
            .field("arn", &self.arn)
            .finish_non_exhaustive()
    }
}

impl SeedPrincipal {
    /// The ARN, and where it stands.
    pub(super) fn place(&self) -> &Spanned<String> {
        &self.arn
    }

    pub(super) fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    pub(super) fn read(&self) -> Result<Principal, String> {
        let arn = self.arn.get_ref();
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", "aws", "iam" | "sts", "", account, name] = parts[..] else {
            return Err("this is not the ARN of a user, a role or a session".to_string());
        };
        if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("the ARN's account is not a number of 12 digits".to_string());
        }
        if name.is_empty()
            || arn.contains(['*', '?'])
            || !arn.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err("this is not the ARN of a user, a role or a session".to_string());
        }
        let id = &self.access_key_id;
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err("the access key's ID is made of letters and digits".to_string());
        }
        if self.secret_access_key.is_empty() {
            return Err("the secret access key is empty".to_string());
        }
        let policies = self.policies.as_ref().map(|policies| {
            let read = |document: &String| Policy::parse(document, Attachment::Identity);
            policies.iter().map(read).collect::<Result<Vec<_>, _>>()
        });
        let policies = policies
            .transpose()
            .map_err(|error| format!("a policy is not valid: {error}"))?;
        Ok(Principal {
            access_key_id: id.clone(),
            secret_access_key: Secret::new(&self.secret_access_key),
            session_token: self.session_token.as_deref().map(Secret::new),
            identity: Identity {
                arn: arn.clone(),
                account: account.to_string(),
                user_id: id.replacen("AKIA", "AIDA", 1),
                policies,
                attributes: self.attributes.clone().into_iter().collect(),
                session_ends: self.session_ends.map(jiff::Timestamp::as_millisecond),
            },
        })
    }
}

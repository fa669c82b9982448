//! Who asks.

use std::sync::Arc;

/// A principal that has been identified, by its signature or by its token.
#[derive(Clone, Debug)]
pub struct Caller(Arc<Identity>);

/// What is known of a principal.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Its ARN, such as `arn:aws:iam::111122223333:user/alice`.
    pub arn: String,
    /// Its account.
    pub account: String,
    /// The unique name that STS gives for it.
    pub user_id: String,
    /// Its identity-based policies; a principal without any may do everything in its account.
    pub policies: Option<Vec<super::policy::Policy>>,
    /// Its tags and other condition keys, such as `aws:PrincipalOrgID`.
    pub attributes: Vec<(String, String)>,
    /// When its session ends, in milliseconds since 1970.
    pub session_ends: Option<i64>,
}

impl Caller {
    /// The caller with that identity.
    pub fn new(identity: Identity) -> Caller {
        Caller(Arc::new(identity))
    }
}

impl std::ops::Deref for Caller {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.0
    }
}

//! Who asks.

use std::sync::Arc;

/// A principal that has been identified, by its signature or by its token.
#[derive(Clone, Debug)]
pub struct Caller {
    identity: Arc<Identity>,
    is_operator: bool,
}

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
        Caller {
            identity: Arc::new(identity),
            is_operator: false,
        }
    }

    /// Whoever runs the service: no policy binds him in this account, or keeps him from reading.
    pub(in crate::local) fn operator(account: &str) -> Caller {
        Caller {
            identity: Arc::new(Identity {
                arn: format!("arn:aws:iam::{account}:user/operator"),
                account: account.to_string(),
                user_id: "AIDAOPERATOR00000000".to_string(),
                policies: None,
                attributes: Vec::new(),
                session_ends: None,
            }),
            is_operator: true,
        }
    }

    /// Whether this is whoever runs the service.
    pub(super) fn is_operator(&self) -> bool {
        self.is_operator
    }
}

impl std::ops::Deref for Caller {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.identity
    }
}

//! Who asks.

use std::net::IpAddr;
use std::sync::Arc;

/// A principal that has been identified, by its signature or by its token.
#[derive(Clone, Debug)]
pub struct Caller {
    identity: Arc<Identity>,
    is_operator: bool,
    way: Option<Way>,
}

/// How a request came in, for conditions of policies.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// The address that it came from.
    pub address: IpAddr,
    /// Whether it came within TLS.
    pub is_secure: bool,
    /// When it came, in milliseconds since 1970.
    pub time: i64,
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
            way: None,
        }
    }

    /// The same, with a request that came in that way.
    #[must_use]
    pub fn by(self, way: Way) -> Caller {
        Caller {
            way: Some(way),
            ..self
        }
    }

    /// The condition keys that tell of the caller and of the way of the request ("AWS global condition
    /// context keys", without those that the guide says are not supported).
    pub(super) fn keys(&self, region: &str) -> Vec<(String, String)> {
        let mut keys = self.identity.attributes.clone();
        let mut push = |name: &str, value: String| keys.push((name.to_string(), value));
        push("aws:PrincipalArn", self.arn.clone());
        push("aws:PrincipalAccount", self.account.clone());
        push("aws:userid", self.user_id.clone());
        push("aws:RequestedRegion", region.to_string());
        if let Some((_, name)) = self.arn.rsplit_once(":user/") {
            let name = name.rsplit('/').next().unwrap_or(name);
            push("aws:username", name.to_string());
        }
        if let Some(way) = self.way {
            push("aws:SourceIp", way.address.to_canonical().to_string());
            push("aws:SecureTransport", way.is_secure.to_string());
            push("aws:EpochTime", way.time.div_euclid(1000).to_string());
            if let Ok(time) = jiff::Timestamp::from_millisecond(way.time) {
                push("aws:CurrentTime", time.to_string());
            }
        }
        keys
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
            way: None,
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

//! Who sent a request: signatures (Signature Version 4) and tokens.
//!
//! A signature is verified by signing the received request again, with the signer that clients
//! use, and comparing. A token is looked up by the registry; here it is only found in a request.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::clock::Clock;
use super::registry::Caller;
use super::registry::caller::Identity;
use crate::secret::Secret;

/// How far a request's time may be from ours, as AWS allows.
const TOLERATED_SKEW: Duration = Duration::from_secs(15 * 60);

/// Somebody with an access key.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The access key's name.
    pub access_key_id: String,
    /// The access key.
    pub secret_access_key: Secret,
    /// The session token that goes with temporary credentials.
    pub session_token: Option<Secret>,
    /// What else is known of it.
    pub identity: Identity,
}

/// Everybody who may call.
#[derive(Clone)]
pub struct Principals {
    by_key: HashMap<String, Arc<Known>>,
    by_arn: HashMap<String, Caller>,
    /// The ARN of the first.
    administrator: Option<String>,
    region: String,
    clock: Clock,
}

struct Known {
    secret: Secret,
    session_token: Option<Secret>,
    caller: Caller,
}

/// Why a request is not taken for anybody's: the errors that all services of AWS share.
#[derive(Debug, PartialEq, Eq)]
pub struct Unauthenticated {
    /// The error's name.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong.
    pub message: String,
}

impl Unauthenticated {
    /// The session of temporary credentials has ended.
    pub(super) fn expired() -> Unauthenticated {
        refused(
            "ExpiredTokenException",
            "The security token included in the request is expired",
        )
    }
}

/// What is known of a request's body when its signature is looked at.
#[derive(Clone, Copy)]
pub enum Payload<'a> {
    /// The whole body.
    Whole(&'a [u8]),
    /// It is still to come; its SHA-256 is in `x-amz-content-sha256` and must be compared by
    /// whoever reads it.
    Streamed,
}

impl Principals {
    /// These principals, in that region; the first one administers the service. Sessions end by the
    /// clock.
    pub fn new(region: &str, clock: Clock, principals: Vec<Principal>) -> Principals {
        let mut known = Principals {
            by_key: HashMap::new(),
            by_arn: HashMap::new(),
            administrator: principals.first().map(|first| first.identity.arn.clone()),
            region: region.to_string(),
            clock,
        };
        for principal in principals {
            let caller = Caller::new(principal.identity);
            known.by_arn.insert(caller.arn.clone(), caller.clone());
            known.by_key.insert(
                principal.access_key_id,
                Arc::new(Known {
                    secret: principal.secret_access_key,
                    session_token: principal.session_token,
                    caller,
                }),
            );
        }
        known
    }

    /// The principal with that ARN. Whoever is no longer configured has no valid tokens (guide,
    /// "Revoking CodeArtifact authorization tokens").
    pub fn by_arn(&self, arn: &str) -> Option<&Caller> {
        self.by_arn.get(arn)
    }

    /// Whether this is who administers the service.
    pub fn is_administrator(&self, caller: &Caller) -> bool {
        self.administrator.as_deref() == Some(&caller.arn)
    }

    /// Who signed the request for the service of that name.
    ///
    /// # Errors
    /// The error that AWS answers: no signature, a broken or wrong one, an unknown key, a request
    /// that is too old.
    pub fn verify(
        &self,
        parts: &Parts,
        payload: Payload<'_>,
        service: &str,
    ) -> Result<Caller, Unauthenticated> {
        let authorization =
            header(&parts.headers, header::AUTHORIZATION.as_str()).ok_or_else(|| {
                refused(
                    "MissingAuthenticationTokenException",
                    "Missing Authentication Token",
                )
            })?;
        let signature = Signature::parse(authorization)?;
        let known = self
            .by_key
            .get(signature.access_key_id)
            .ok_or_else(unknown_key)?;
        let session_token = header(&parts.headers, "x-amz-security-token").unwrap_or("");
        let expected_token = known.session_token.as_ref().map_or("", Secret::expose);
        if !bool::from(session_token.as_bytes().ct_eq(expected_token.as_bytes())) {
            return Err(unknown_key());
        }
        let end = known.caller.session_ends;
        if end.is_some_and(|end| self.clock.now() > end) {
            return Err(Unauthenticated::expired());
        }
        // STS is one service for all regions.
        if service != "sts" && signature.region != self.region {
            return Err(wrong(format!(
                "Credential should be scoped to a valid Region, not '{}'.",
                signature.region
            )));
        }
        if signature.service != service {
            return Err(wrong(format!(
                "Credential should be scoped to correct service: '{service}'."
            )));
        }
        let time = signing_time(&parts.headers, &signature)?;
        let body = signable_body(&parts.headers, payload)?;
        let expected = signature.expected(parts, &known.secret, time, body)?;
        if !bool::from(expected.as_bytes().ct_eq(signature.signature.as_bytes())) {
            return Err(wrong(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
            ));
        }
        Ok(known.caller.clone())
    }
}

/// The parts of an `Authorization` header.
struct Signature<'a> {
    access_key_id: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
    signed_headers: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Signature<'a> {
    fn parse(authorization: &'a str) -> Result<Signature<'a>, Unauthenticated> {
        let incomplete = || {
            Unauthenticated {
            code: "IncompleteSignatureException",
            status: 400,
            message: "Authorization header requires 'Credential' parameter, 'SignedHeaders' parameter and 'Signature' parameter.".to_string(),
        }
        };
        let fields = authorization
            .strip_prefix("AWS4-HMAC-SHA256")
            .ok_or_else(incomplete)?;
        let field = |name: &str| {
            fields
                .split(',')
                .find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
                .ok_or_else(incomplete)
        };
        let scope: Vec<&str> = field("Credential")?.split('/').collect();
        let [access_key_id, date, region, service, "aws4_request"] = scope[..] else {
            return Err(incomplete());
        };
        Ok(Signature {
            access_key_id,
            date,
            region,
            service,
            signed_headers: field("SignedHeaders")?.split(';').collect(),
            signature: field("Signature")?,
        })
    }

    /// The signature that the holder of the secret gives this request.
    fn expected(
        &self,
        parts: &Parts,
        secret: &Secret,
        time: SystemTime,
        body: SignableBody<'_>,
    ) -> Result<String, Unauthenticated> {
        let mut signed = Vec::new();
        for name in &self.signed_headers {
            for value in parts.headers.get_all(*name) {
                signed.push((
                    *name,
                    value.to_str().map_err(|error| wrong(error.to_string()))?,
                ));
            }
        }
        // The signer takes the host from the address where there is no header; here is none either.
        if !signed.iter().any(|(name, _)| *name == "host") {
            return Err(wrong(
                "'Host' must be a 'SignedHeader' in the AWS Authorization.",
            ));
        }
        let identity = Credentials::new(
            self.access_key_id,
            secret.expose(),
            None,
            None,
            "configured",
        )
        .into();
        let mut settings = SigningSettings::default();
        // Exactly what the client says it has signed, whatever that is.
        settings.excluded_headers = None;
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name(self.service)
            .time(time)
            .settings(settings)
            .build()
            .map_err(|error| wrong(error.to_string()))?
            .into();
        let uri = parts.uri.path_and_query().map_or("/", |uri| uri.as_str());
        let request = SignableRequest::new(parts.method.as_str(), uri, signed.into_iter(), body)
            .map_err(|error| wrong(error.to_string()))?;
        let (_, signature) = sign(request, &parameters)
            .map_err(|error| wrong(error.to_string()))?
            .into_parts();
        Ok(signature)
    }
}

fn signing_time(
    headers: &HeaderMap,
    signature: &Signature<'_>,
) -> Result<SystemTime, Unauthenticated> {
    let text = header(headers, "x-amz-date").unwrap_or_default();
    let time = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text)
        .and_then(|time| time.to_zoned(jiff::tz::TimeZone::UTC))
        .map_err(|_| Unauthenticated {
            code: "IncompleteSignatureException",
            status: 400,
            message: "Authorization header requires existence of an 'X-Amz-Date' header."
                .to_string(),
        })?;
    if !text.starts_with(signature.date) {
        return Err(wrong(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.",
        ));
    }
    let time: SystemTime = time.timestamp().into();
    let now = SystemTime::now();
    let skew = now
        .duration_since(time)
        .or_else(|_| time.duration_since(now));
    if skew.unwrap_or_default() > TOLERATED_SKEW {
        return Err(wrong(format!(
            "Signature expired: {text} is not within 15 minutes of the service's clock."
        )));
    }
    Ok(time)
}

fn signable_body<'a>(
    headers: &'a HeaderMap,
    payload: Payload<'a>,
) -> Result<SignableBody<'a>, Unauthenticated> {
    let declared = header(headers, "x-amz-content-sha256");
    match (payload, declared) {
        (_, Some("UNSIGNED-PAYLOAD")) => Ok(SignableBody::UnsignedPayload),
        (Payload::Whole(body), None) => Ok(SignableBody::Bytes(body)),
        (Payload::Whole(body), Some(declared)) => {
            if hex::encode(Sha256::digest(body)) == declared {
                Ok(SignableBody::Bytes(body))
            } else {
                Err(wrong(
                    "The provided 'x-amz-content-sha256' header does not match what was computed.",
                ))
            }
        }
        (Payload::Streamed, Some(declared)) => Ok(SignableBody::Precomputed(declared.to_string())),
        (Payload::Streamed, None) => Err(wrong(
            "The SHA-256 of the asset is required in the header 'x-amz-content-sha256'.",
        )),
    }
}

/// The authorization token in a package manager's request: a bearer, the password of the users `aws`
/// (guide) and `token` (which Swift's `.netrc` has), or the token itself, as Cargo and NuGet send it.
pub fn token(headers: &HeaderMap) -> Option<Secret> {
    // An API key that NuGet insists on is any text where credentials go with it.
    let Some(authorization) = header(headers, header::AUTHORIZATION.as_str()) else {
        let key = header(headers, "x-nuget-apikey").filter(|key| !key.is_empty());
        return key.map(Secret::new);
    };
    let authorization = authorization.trim();
    match authorization.split_once(' ') {
        None => Some(Secret::new(authorization)),
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            Some(Secret::new(token.trim()))
        }
        Some((scheme, pair)) if scheme.eq_ignore_ascii_case("basic") => {
            let pair = STANDARD.decode(pair.trim()).ok()?;
            let pair = String::from_utf8(pair).ok()?;
            let (user, password) = pair.split_once(':')?;
            matches!(user, "aws" | "token").then(|| Secret::new(password))
        }
        Some(_) => None,
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn unknown_key() -> Unauthenticated {
    refused(
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    )
}

fn wrong(message: impl Into<String>) -> Unauthenticated {
    refused("InvalidSignatureException", message)
}

fn refused(code: &'static str, message: impl Into<String>) -> Unauthenticated {
    Unauthenticated {
        code,
        status: 403,
        message: message.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::address;
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        headers
    }

    fn found(pairs: &[(&'static str, &str)]) -> Option<String> {
        token(&headers(pairs)).map(|token| token.expose().to_string())
    }

    #[test]
    fn a_token_comes_in_several_ways() {
        let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
        for value in [
            "Bearer abc",
            "bearer abc",
            "abc",
            &basic("aws:abc"),
            &basic("token:abc"),
        ] {
            assert_eq!(
                found(&[("authorization", value)]).as_deref(),
                Some("abc"),
                "{value}"
            );
        }
        assert_eq!(found(&[("x-nuget-apikey", "abc")]).as_deref(), Some("abc"));
        let both = [("x-nuget-apikey", "any"), ("authorization", "Bearer abc")];
        assert_eq!(found(&both).as_deref(), Some("abc"));
        for value in ["Digest abc", "Basic !!", &basic("root:abc"), &basic("aws")] {
            assert_eq!(found(&[("authorization", value)]), None, "{value}");
        }
        assert_eq!(found(&[]), None);
    }

    #[test]
    fn a_broken_authorization_is_incomplete() {
        for text in [
            "AWS4-HMAC-SHA256",
            "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host",
            "AWS4-HMAC-SHA256 Credential=a/b/c/d/other, SignedHeaders=host, Signature=0",
            "Bearer abc",
        ] {
            let error = Signature::parse(text).err().map(|error| error.code);
            assert_eq!(error, Some("IncompleteSignatureException"), "{text}");
        }
    }

    #[test]
    fn a_signed_host_has_to_be_there() {
        let key = address::Key {
            id: "AKIAEXAMPLE".to_string(),
            secret: Secret::new("secret"),
        };
        let administrator = address::administrator(&key, "111122223333");
        let principals = Principals::new("us-west-2", Clock::default(), vec![administrator]);
        let now = jiff::Timestamp::now()
            .strftime("%Y%m%dT%H%M%SZ")
            .to_string();
        let scope = format!("{}/us-west-2/codeartifact/aws4_request", &now[..8]);
        let request = axum::http::Request::get("/v1/domains")
            .header("x-amz-date", &now)
            .header(
                "authorization",
                format!("AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/{scope}, SignedHeaders=host, Signature=0"),
            );
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let verified = principals.verify(&parts, Payload::Whole(b""), "codeartifact");
        assert_eq!(verified.err().unwrap().code, "InvalidSignatureException");
    }
}

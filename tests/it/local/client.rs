//! Verbs to talk to a service, signed or not.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use codeartifact::api::members::member;
use codeartifact::ops::by_command;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::world::REGION;

/// Somebody who talks to a service.
pub(super) struct Client {
    base: String,
    key: Key,
    http: reqwest::Client,
}

/// Somebody who signs requests.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) id: String,
    pub(super) secret: String,
}

/// What the service answered instead.
#[derive(Debug, PartialEq)]
pub(super) struct Refused {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) body: Value,
}

impl Refused {
    pub(super) fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }
}

/// An answer as it came.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: reqwest::header::HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub(super) fn outcome(self) -> Result<Value, Refused> {
        if self.status == 200 {
            return Ok(self.json());
        }
        Err(Refused {
            status: self.status,
            code: self.header("x-amzn-errortype").to_string(),
            body: self.json(),
        })
    }
}

pub(super) fn key_of(name: &str) -> Key {
    Key {
        id: format!("AKIAEXAMPLE{}", name.to_uppercase()),
        secret: format!("the-secret-key-of-{name}"),
    }
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

impl Client {
    /// One with that key, for the service at that address.
    pub(super) fn new(base: &str, key: Key) -> Client {
        Client {
            base: base.to_string(),
            key,
            http: http(),
        }
    }

    /// Calls an operation .
    pub(super) async fn call(&self, command: &str, members: Value) -> Result<Value, Refused> {
        self.call_as(&self.key, command, members).await
    }

    /// Calls an operation that must succeed, .
    pub(super) async fn does(&self, command: &str, members: Value) -> Value {
        match self.call(command, members).await {
            Ok(answer) => answer,
            Err(refused) => panic!("{command}: {refused:?}"),
        }
    }

    /// Calls an operation that must be refused, .
    pub(super) async fn refuses(&self, command: &str, members: Value) -> Refused {
        match self.call(command, members).await {
            Ok(answer) => panic!("{command} is done: {answer}"),
            Err(refused) => refused,
        }
    }

    /// The address of the service.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Whose requests these are.
    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    /// Calls an operation.
    pub(super) async fn call_as(
        &self,
        key: &Key,
        command: &str,
        members: Value,
    ) -> Result<Value, Refused> {
        let (method, target, body) = encode(command, members);
        self.send(key, &method, &target, body, None).await.outcome()
    }

    /// Sends a signed request as it is.
    pub(super) async fn send(
        &self,
        key: &Key,
        method: &str,
        target: &str,
        body: Vec<u8>,
        content_sha256: Option<&str>,
    ) -> Answer {
        let url = format!("{}{target}", self.base);
        let headers = signed(
            key,
            method,
            &url,
            &body,
            content_sha256,
            "codeartifact",
            REGION,
        );
        self.request(method, &url, headers, body).await
    }

    /// Sends a request as it is.
    pub(super) async fn request(
        &self,
        method: &str,
        url: &str,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    ) -> Answer {
        let answer = self.try_request(method, url, headers, body).await;
        answer.expect("an answer")
    }

    /// Sends a request to a service that may be gone any moment.
    pub(super) async fn try_request(
        &self,
        method: &str,
        url: &str,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    ) -> reqwest::Result<Answer> {
        let mut request = self
            .http
            .request(method.parse().expect("a method"), url)
            .body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = request.send().await?;
        Ok(Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.bytes().await?.to_vec(),
        })
    }

    /// Publishes an asset of a generic package `my-ns/my-package` as the guide does.
    pub(super) async fn publishes(
        &self,
        repository: &str,
        version: &str,
        asset: &str,
        content: &[u8],
        unfinished: bool,
    ) -> Result<Value, Refused> {
        let package = json!({
            "domain": "my-domain", "repository": repository, "format": "generic",
            "namespace": "my-ns", "package": "my-package",
            "packageVersion": version, "assetName": asset, "unfinished": unfinished,
        });
        let (method, target, _) = encode("publish-package-version", package);
        let hash = sha256(content);
        self.send(&self.key, &method, &target, content.to_vec(), Some(&hash))
            .await
            .outcome()
    }

    /// Downloads an asset of that package.
    pub(super) async fn downloads(&self, repository: &str, version: &str, asset: &str) -> Answer {
        let members = generic(
            repository,
            json!({"packageVersion": version, "asset": asset}),
        );
        let (method, target, body) = encode("get-package-version-asset", members);
        self.send(&self.key, &method, &target, body, None).await
    }
}

/// A client without proxy, cookies or certificates: everything is on this machine.
fn http() -> reqwest::Client {
    // The second test finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()
        .expect("a client")
}

/// The members of that generic package, and more.
pub(super) fn generic(repository: &str, more: Value) -> Value {
    let mut members = json!({
        "domain": "my-domain", "repository": repository, "format": "generic",
        "namespace": "my-ns", "package": "my-package",
    });
    merge(&mut members, more);
    members
}

/// The members of a repository of `my-domain`, and more.
pub(super) fn repository(name: &str, more: Value) -> Value {
    let mut members = json!({"domain": "my-domain", "repository": name});
    merge(&mut members, more);
    members
}

/// Adds members.
pub(super) fn merge(members: &mut Value, more: Value) {
    if let (Value::Object(members), Value::Object(more)) = (members, more) {
        members.extend(more);
    }
}

/// Method, target and body of an operation, by its route and the member table.
pub(super) fn encode(command: &str, members: Value) -> (String, String, Vec<u8>) {
    let operation = by_command(command).expect("a command");
    let Value::Object(members) = members else {
        panic!("members are an object");
    };
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let mut body = Map::new();
    for (name, value) in members {
        let spelling = member(operation.name, &name)
            .filter(|_| operation.query.contains(&name.as_str()))
            .and_then(|member| member.query);
        match (spelling, &value) {
            (Some(spelling), Value::String(text)) => {
                query.append_pair(spelling, text);
            }
            (Some(spelling), value) => {
                query.append_pair(spelling, &value.to_string());
            }
            (None, _) => {
                body.insert(name, value);
            }
        }
    }
    let query = query.finish();
    let target = if query.is_empty() {
        operation.route.path.to_string()
    } else {
        format!("{}?{query}", operation.route.path)
    };
    let body = if body.is_empty() {
        Vec::new()
    } else {
        Value::Object(body).to_string().into_bytes()
    };
    (operation.route.method.as_str().to_string(), target, body)
}

/// The headers that a client signs a request with.
pub(super) fn signed(
    key: &Key,
    method: &str,
    url: &str,
    body: &[u8],
    content_sha256: Option<&str>,
    service: &str,
    region: &str,
) -> Vec<(String, String)> {
    let identity = Credentials::new(&key.id, &key.secret, None, None, "test").into();
    let mut settings = SigningSettings::default();
    if content_sha256.is_some() {
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(service)
        .time(SystemTime::now())
        .settings(settings)
        .build()
        .expect("parameters")
        .into();
    let signable = match content_sha256 {
        Some(hash) => SignableBody::Precomputed(hash.to_string()),
        None => SignableBody::Bytes(body),
    };
    let request =
        SignableRequest::new(method, url, std::iter::empty(), signable).expect("a request");
    let (instructions, _) = sign(request, &parameters)
        .expect("a signature")
        .into_parts();
    instructions
        .headers()
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect()
}

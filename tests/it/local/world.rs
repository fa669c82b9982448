//! A service of one's own, and verbs to talk to it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use codeartifact::api::members::member;
use codeartifact::config::env::{Env, Platform};
use codeartifact::local::auth::Principal;
use codeartifact::local::clock::Clock;
use codeartifact::local::control::EndpointStyle;
use codeartifact::local::external::External;
use codeartifact::local::registry::caller::Identity;
use codeartifact::local::registry::quota::Quotas;
use codeartifact::local::upstream::Patience;
use codeartifact::local::{Config, Service, serve};
use codeartifact::ops::by_command;
use codeartifact::secret::Secret;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const REGION: &str = "us-west-2";

/// A running service with its own data directory and clock.
pub(super) struct World {
    pub(super) service: Service,
    pub(super) clock: Clock,
    pub(super) directory: tempfile::TempDir,
    client: reqwest::Client,
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

    fn outcome(self) -> Result<Value, Refused> {
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

/// A principal of an account, without policies of its own.
pub(super) fn principal(name: &str, account: &str) -> Principal {
    Principal {
        access_key_id: format!("AKIAEXAMPLE{}", name.to_uppercase()),
        secret_access_key: Secret::new(format!("the-secret-key-of-{name}")),
        session_token: None,
        identity: Identity {
            arn: format!("arn:aws:iam::{account}:user/{name}"),
            account: account.to_string(),
            user_id: format!("AIDAEXAMPLE{}", name.to_uppercase()),
            policies: None,
            attributes: Vec::new(),
            session_ends: None,
        },
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

impl World {
    /// A service with one administrator, alice.
    pub(super) async fn start() -> World {
        World::with(vec![principal("alice", ACCOUNT)], Quotas::default()).await
    }

    /// A service with these principals and quotas.
    pub(super) async fn with(principals: Vec<Principal>, quotas: Quotas) -> World {
        let directory = tempfile::tempdir().expect("a temporary folder");
        let clock = Clock::default();
        let service = serve(config(&directory, &clock, principals, quotas))
            .await
            .expect("the service starts");
        World {
            service,
            clock,
            directory,
            client: client(),
        }
    }

    /// The same data directory under a new service.
    pub(super) async fn restart(self) -> World {
        self.service.stop().await.expect("it stops");
        let principals = vec![principal("alice", ACCOUNT)];
        let service = serve(config(
            &self.directory,
            &self.clock,
            principals,
            Quotas::default(),
        ))
        .await
        .expect("the service starts again");
        World {
            service,
            clock: self.clock,
            directory: self.directory,
            client: self.client,
        }
    }

    /// Lets time pass.
    pub(super) fn wait(&self, time: Duration) {
        self.clock
            .advance(i64::try_from(time.as_millis()).expect("not that long"));
    }

    /// Calls an operation as alice.
    pub(super) async fn call(&self, command: &str, members: Value) -> Result<Value, Refused> {
        self.call_as(&key_of("alice"), command, members).await
    }

    /// Calls an operation that must succeed, as alice.
    pub(super) async fn does(&self, command: &str, members: Value) -> Value {
        match self.call(command, members).await {
            Ok(answer) => answer,
            Err(refused) => panic!("{command}: {refused:?}"),
        }
    }

    /// Calls an operation that must be refused, as alice.
    pub(super) async fn refuses(&self, command: &str, members: Value) -> Refused {
        match self.call(command, members).await {
            Ok(answer) => panic!("{command} is done: {answer}"),
            Err(refused) => refused,
        }
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
        let url = format!("{}{target}", self.service.base_url);
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
        let mut request = self
            .client
            .request(method.parse().expect("a method"), url)
            .body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = request.send().await.expect("an answer");
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.bytes().await.expect("the whole body").to_vec(),
        }
    }

    /// A domain with repositories, as `my-domain`.
    pub(super) async fn with_repositories(self, names: &[&str]) -> World {
        self.does("create-domain", json!({"domain": "my-domain"}))
            .await;
        for name in names {
            self.does(
                "create-repository",
                json!({"domain": "my-domain", "repository": name}),
            )
            .await;
        }
        self
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
        self.send(
            &key_of("alice"),
            &method,
            &target,
            content.to_vec(),
            Some(&hash),
        )
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
        self.send(&key_of("alice"), &method, &target, body, None)
            .await
    }
}

/// A client without proxy, cookies or certificates: everything is on this machine.
fn client() -> reqwest::Client {
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

fn config(
    directory: &tempfile::TempDir,
    clock: &Clock,
    principals: Vec<Principal>,
    quotas: Quotas,
) -> Config {
    // Nothing of the machine is asked.
    let env = Env::made_up(Platform::Linux, "/", "/", [("PATH", "/nowhere")]);
    Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        accept_plain_text_from_anywhere: false,
        data_dir: directory.path().join("data"),
        region: REGION.to_string(),
        principals,
        endpoint_style: EndpointStyle::Path,
        quotas,
        clock: clock.clone(),
        external: External::new(BTreeMap::new(), env),
        patience: Patience::default(),
        log: Arc::new(|_| {}),
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

//! A service of one's own. It takes the verbs of its client.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use codeartifact::config::env::{Env, Platform};
use codeartifact::local::auth::Principal;
use codeartifact::local::clock::Clock;
use codeartifact::local::control::EndpointStyle;
use codeartifact::local::external::External;
use codeartifact::local::registry::caller::Identity;
use codeartifact::local::registry::quota::Quotas;
use codeartifact::local::store::Durability;
use codeartifact::local::upstream::Patience;
use codeartifact::local::{Config, Double, Service, serve};
use codeartifact::secret::Secret;
use serde_json::json;

use super::client::Client;
pub(super) use super::client::{
    Answer, Key, encode, generic, key_of, merge, repository, sha256, signed,
};

pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const REGION: &str = "us-west-2";

/// A running service with its own data directory and clock.
pub(super) struct World {
    pub(super) service: Service,
    pub(super) clock: Clock,
    pub(super) directory: tempfile::TempDir,
    client: Client,
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

impl std::ops::Deref for World {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl World {
    /// A service with one administrator, alice.
    pub(super) async fn start() -> World {
        World::with(vec![principal("alice", ACCOUNT)], Quotas::default()).await
    }

    /// A service with these principals and quotas.
    pub(super) async fn with(principals: Vec<Principal>, quotas: Quotas) -> World {
        World::set_up(principals, quotas, Double::default()).await
    }

    /// A service with one administrator, alice, as a test double.
    pub(super) async fn double(double: Double) -> World {
        World::set_up(vec![principal("alice", ACCOUNT)], Quotas::default(), double).await
    }

    async fn set_up(principals: Vec<Principal>, quotas: Quotas, double: Double) -> World {
        let directory = tempfile::tempdir().expect("a temporary folder");
        let clock = Clock::default();
        let config = config(&directory, &clock, principals, quotas);
        let service = serve(Config { double, ..config })
            .await
            .expect("the service starts");
        World {
            client: Client::new(&service.base_url, key_of("alice")),
            service,
            clock,
            directory,
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
            client: Client::new(&service.base_url, key_of("alice")),
            service,
            clock: self.clock,
            directory: self.directory,
        }
    }

    /// Lets time pass.
    pub(super) fn wait(&self, time: Duration) {
        self.clock
            .advance(i64::try_from(time.as_millis()).expect("not that long"));
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
        tls: None,
        host_name: None,
        durability: Durability::Process,
        data_dir: directory.path().join("data"),
        region: REGION.to_string(),
        principals,
        endpoint_style: EndpointStyle::Path,
        quotas,
        clock: clock.clone(),
        external: External::new(BTreeMap::new(), env),
        patience: Patience::default(),
        log: Arc::new(|_| {}),
        double: Double::default(),
    }
}

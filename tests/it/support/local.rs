//! A service in this process, on a port of its own, with one domain.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codeartifact::config::env::{Env, Platform};
use codeartifact::local::auth::Principal;
use codeartifact::local::clock::Clock;
use codeartifact::local::control::EndpointStyle;
use codeartifact::local::external::{External, parse_assignment};
use codeartifact::local::listener::Tls;
use codeartifact::local::registry::batch::Selection;
use codeartifact::local::registry::caller::{Caller, Identity};
use codeartifact::local::registry::page::PageRequest;
use codeartifact::local::registry::quota::Quotas;
use codeartifact::local::registry::repository::NewRepository;
use codeartifact::local::registry::version::VersionFilter;
use codeartifact::local::registry::{DomainId, Format, PackageId, Registry, RepositoryId, Status};
use codeartifact::local::store::Durability;
use codeartifact::local::upstream::Patience;
use codeartifact::local::{Config, Double, Service, serve};
use codeartifact::secret::Secret;

const ACCOUNT: &str = "111122223333";

/// A running service.
pub(crate) struct Local {
    /// The registry below.
    pub(crate) registry: Registry,
    /// Its clock.
    pub(crate) clock: Clock,
    /// Who may do everything.
    pub(crate) caller: Caller,
    /// A valid token.
    pub(crate) token: String,
    log: Arc<Mutex<Vec<String>>>,
    service: Service,
    _folder: tempfile::TempDir,
}

/// How to start one.
pub(crate) struct Setup {
    external: BTreeMap<String, url::Url>,
    patience: Patience,
    quotas: Quotas,
    tls: Option<Tls>,
}

impl Setup {
    /// Without external connections.
    pub(crate) fn new() -> Setup {
        Setup {
            external: BTreeMap::new(),
            patience: Patience::default(),
            quotas: Quotas::default(),
            tls: None,
        }
    }

    /// With a certificate for `localhost`.
    pub(crate) fn tls(mut self, tls: Tls) -> Setup {
        self.tls = Some(tls);
        self
    }

    /// With an address behind a connection.
    pub(crate) fn external(mut self, connection: &str, url: &str) -> Setup {
        self.external
            .extend([parse_assignment(&format!("{connection}={url}")).unwrap()]);
        self
    }

    /// With so much patience with an upstream that sends nothing.
    pub(crate) fn patience(mut self, read: Duration) -> Setup {
        self.patience.read = read;
        self.patience.connect = read;
        self
    }

    /// With so much time for a client's request.
    pub(crate) fn client_patience(mut self, client: Duration) -> Setup {
        self.patience.client = client;
        self
    }

    /// With other quotas.
    pub(crate) fn quotas(mut self, quotas: Quotas) -> Setup {
        self.quotas = quotas;
        self
    }

    /// Starts it.
    pub(crate) async fn start(self) -> Local {
        let folder = tempfile::tempdir().unwrap();
        let (clock, log) = (Clock::default(), Arc::new(Mutex::new(Vec::new())));
        let lines = Arc::clone(&log);
        // Nothing of the machine is asked.
        let env = Env::made_up(
            Platform::Linux,
            folder.path(),
            folder.path(),
            [("PATH", "/nowhere")],
        );
        let principal = Principal {
            access_key_id: "AKIAEXAMPLETESTER".to_string(),
            secret_access_key: Secret::new("the-secret-key-of-tester"),
            session_token: None,
            identity: Identity {
                arn: format!("arn:aws:iam::{ACCOUNT}:user/tester"),
                account: ACCOUNT.to_string(),
                user_id: "AIDAEXAMPLETESTER".to_string(),
                policies: None,
                attributes: Vec::new(),
                session_ends: None,
            },
        };
        let caller = Caller::new(principal.identity.clone());
        let config = Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            accept_plain_text_from_anywhere: false,
            host_name: self.tls.as_ref().map(|_| "localhost".to_string()),
            tls: self.tls,
            durability: Durability::Process,
            data_dir: folder.path().join("data"),
            region: "us-west-2".to_string(),
            principals: vec![principal],
            endpoint_style: EndpointStyle::Path,
            quotas: self.quotas,
            clock: clock.clone(),
            external: External::new(self.external, env),
            patience: self.patience,
            log: Arc::new(move |line: &str| lines.lock().unwrap().push(line.to_string())),
            double: Double::default(),
        };
        let service = serve(config).await.unwrap();
        let registry = service.registry.clone();
        registry
            .create_domain(&caller, "my-domain", None, Vec::new())
            .await
            .unwrap();
        let token = registry
            .issue_token(&caller, &domain(), None)
            .await
            .unwrap();
        Local {
            registry,
            clock,
            caller,
            token: token.secret.expose().to_string(),
            log,
            service,
            _folder: folder,
        }
    }
}

impl Local {
    /// Creates a repository.
    pub(crate) async fn repository(
        &self,
        name: &str,
        upstreams: &[&str],
        connection: Option<&str>,
    ) {
        let new = NewRepository {
            upstreams: upstreams.iter().map(ToString::to_string).collect(),
            ..NewRepository::default()
        };
        self.registry
            .create_repository(&self.caller, &repository(name), new)
            .await
            .unwrap();
        if let Some(connection) = connection {
            self.registry
                .associate_external_connection(&self.caller, &repository(name), connection)
                .await
                .unwrap();
        }
    }

    /// The address of a repository's endpoint, with a slash at its end.
    pub(crate) fn endpoint(&self, format: Format, repository: &str) -> String {
        format!(
            "{}/d/my-domain-{ACCOUNT}/{format}/{repository}/",
            self.service.base_url
        )
    }

    /// The address of the service.
    pub(crate) fn base_url(&self) -> &str {
        &self.service.base_url
    }

    /// Gives a version another status.
    pub(crate) async fn set_status(
        &self,
        name: &str,
        package: &PackageId,
        version: &str,
        status: Status,
    ) {
        let selection = Selection {
            versions: vec![version.to_string()],
            ..Selection::default()
        };
        let changed = self
            .registry
            .set_versions_status(
                &self.caller,
                &repository(name),
                package,
                selection,
                status.as_str(),
            )
            .await
            .unwrap();
        assert!(changed.failed.is_empty(), "{changed:?}");
    }

    /// Waits until the repository itself has these versions of a package, which are on their way.
    pub(crate) async fn wait_for(&self, name: &str, package: &PackageId, versions: &[&str]) {
        for _ in 0..1000 {
            if self.versions(name, package).await == versions {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!(
            "{name} has {:?} of {package}; {}",
            self.versions(name, package).await,
            self.log()
        );
    }

    /// Forbids everybody an action on a repository.
    pub(crate) async fn forbid(&self, name: &str, action: &str) {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Principal":"*","Action":"{action}","Resource":"*"}}]}}"#
        );
        self.registry
            .put_repository_policy(&self.caller, &repository(name), None, policy)
            .await
            .unwrap();
    }

    /// Asks for a document until it is there, however long upstream takes.
    pub(crate) async fn warm(&self, format: Format, repository: &str, path: &str) {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = self.endpoint(format, repository) + path;
        for _ in 0..1000 {
            let request = client.get(&url).bearer_auth(&self.token);
            if request.send().await.unwrap().status() == 200 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{path} does not come; {}", self.log());
    }

    /// The files of assets that are being received.
    pub(crate) fn staged(&self) -> Vec<std::path::PathBuf> {
        let folder = self._folder.path().join("data/staging");
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    /// The lines of the service's log.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    /// The versions that a repository itself has of a package.
    pub(crate) async fn versions(&self, name: &str, package: &PackageId) -> Vec<String> {
        let page = PageRequest::default();
        let filter = VersionFilter::default();
        let found = self
            .registry
            .list_versions(&self.caller, &repository(name), package, filter, page)
            .await;
        found.map_or(Vec::new(), |found| {
            found
                .page
                .items
                .into_iter()
                .map(|version| version.version)
                .collect()
        })
    }
}

/// The only domain.
pub(crate) fn domain() -> DomainId {
    DomainId {
        owner: ACCOUNT.to_string(),
        name: "my-domain".to_string(),
    }
}

/// A repository of it.
pub(crate) fn repository(name: &str) -> RepositoryId {
    RepositoryId {
        domain: domain(),
        name: name.to_string(),
    }
}

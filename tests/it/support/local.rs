//! The package endpoints of a service in this process, on a port of its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use codeartifact::config::env::{Env, Platform};
use codeartifact::local::clock::Clock;
use codeartifact::local::endpoint::Endpoint;
use codeartifact::local::external::{External, parse_assignment};
use codeartifact::local::formats::{self, Service};
use codeartifact::local::registry::caller::{Caller, Identity};
use codeartifact::local::registry::quota::Quotas;
use codeartifact::local::registry::repository::NewRepository;
use codeartifact::local::registry::{DomainId, Format, Registry, RepositoryId};
use codeartifact::local::store::Store;
use codeartifact::local::upstream::{Patience, Upstream};

const ACCOUNT: &str = "111122223333";

/// A running service with one domain.
pub(crate) struct Local {
    /// The registry below.
    pub(crate) registry: Registry,
    /// Its clock.
    pub(crate) clock: Clock,
    /// Who may do everything.
    pub(crate) caller: Caller,
    /// A valid token.
    pub(crate) token: String,
    origin: String,
    log: Arc<Mutex<Vec<String>>>,
    _folder: tempfile::TempDir,
}

/// How to start one.
pub(crate) struct Setup {
    external: BTreeMap<String, url::Url>,
    patience: Patience,
}

impl Setup {
    /// Without external connections.
    pub(crate) fn new() -> Setup {
        Setup {
            external: BTreeMap::new(),
            patience: Patience::default(),
        }
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

    /// Starts it.
    pub(crate) async fn start(self) -> Local {
        let folder = tempfile::tempdir().unwrap();
        let (clock, log) = (Clock::default(), Arc::new(Mutex::new(Vec::new())));
        let store = Store::open(&folder.path().join("data")).unwrap();
        let registry = Registry::open(store, "us-west-2", clock.clone(), Quotas::default())
            .await
            .unwrap();
        let lines = Arc::clone(&log);
        let upstream = Upstream::new(
            folder.path().join("data/upstream"),
            self.patience,
            clock.clone(),
            Arc::new(move |line: &str| lines.lock().unwrap().push(line.to_string())),
        );
        // Nothing of the machine is asked.
        let env = Env::made_up(
            Platform::Linux,
            folder.path(),
            folder.path(),
            [("PATH", "/nowhere")],
        );
        let service = Service::new(
            registry.clone(),
            upstream,
            External::new(self.external, env),
        );
        let caller = Caller::new(Identity {
            arn: format!("arn:aws:iam::{ACCOUNT}:user/tester"),
            account: ACCOUNT.to_string(),
            policies: None,
            attributes: Vec::new(),
            session_ends: None,
        });
        registry
            .create_domain(&caller, "my-domain", None, Vec::new())
            .await
            .unwrap();
        let token = registry
            .issue_token(&caller, &domain(), None)
            .await
            .unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let gate = Gate {
            registry: registry.clone(),
            caller: caller.clone(),
            origin: origin.clone(),
        };
        let mut router = Router::new();
        for format in Format::ALL {
            if let Some(routes) = formats::router(format, &service) {
                router = router.nest(&format!("/{format}/{{repository}}"), routes);
            }
        }
        let router = router.layer(from_fn_with_state(gate, enter));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Local {
            registry,
            clock,
            caller,
            token: token.secret.expose().to_string(),
            origin,
            log,
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
            upstreams: upstreams.iter().map(|name| name.to_string()).collect(),
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
        format!("{}/{format}/{repository}/", self.origin)
    }

    /// The lines of the service's log.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    /// The versions that a repository itself has of a package.
    pub(crate) async fn versions(
        &self,
        name: &str,
        package: &codeartifact::local::registry::PackageId,
    ) -> Vec<String> {
        let page = codeartifact::local::registry::page::PageRequest::default();
        let filter = codeartifact::local::registry::version::VersionFilter::default();
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

#[derive(Clone)]
struct Gate {
    registry: Registry,
    caller: Caller,
    origin: String,
}

/// What the server does before a format sees a request: token and repository.
async fn enter(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    let given = request
        .headers()
        .get("authorization")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let token = match given.split_once(' ') {
        Some(("Bearer", token)) => token.to_string(),
        Some(("Basic", encoded)) => {
            let decoded = base64::engine::general_purpose::STANDARD
                .decode(encoded)
                .unwrap_or_default();
            String::from_utf8_lossy(&decoded)
                .split_once(':')
                .map(|(_, token)| token.to_string())
                .unwrap_or_default()
        }
        _ => given.to_string(),
    };
    if gate.registry.bearer(&token).await.unwrap().is_none() {
        let challenge = [("www-authenticate", "Basic realm=\"CodeArtifact\"")];
        return (
            StatusCode::UNAUTHORIZED,
            challenge,
            r#"{"error":"The token is not valid."}"#,
        )
            .into_response();
    }
    let path = request.uri().path().to_string();
    let parts: Vec<&str> = path.splitn(4, '/').collect();
    let [_, format, name, _] = parts.as_slice() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    request.extensions_mut().insert(Endpoint {
        caller: gate.caller.clone(),
        repository: repository(name),
        base: format!("{}/{format}/{name}/", gate.origin),
    });
    next.run(request).await
}

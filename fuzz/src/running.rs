//! The running service, in this process and without a port: whole requests go in.
//!
//! What is promised: an answer to everything, and never that of a service that has failed.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use bytes::Bytes;
use codeartifact::api::fault::{Fault, FaultKind};
use codeartifact::config::env::{Env, Platform};
use codeartifact::local::auth::{Principal, Principals};
use codeartifact::local::clock::Clock;
use codeartifact::local::control::{self, Control, EndpointStyle, Endpoints};
use codeartifact::local::external::External;
use codeartifact::local::formats;
use codeartifact::local::listener::Peer;
use codeartifact::local::registry::caller::{Caller, Identity};
use codeartifact::local::registry::quota::Quotas;
use codeartifact::local::registry::repository::NewRepository;
use codeartifact::local::registry::{DomainId, Format, Registry, RepositoryId};
use codeartifact::local::server::Server;
use codeartifact::local::store::{Durability, Store};
use codeartifact::local::upstream::{Patience, Upstream};
use codeartifact::ops::{self, Transport};
use codeartifact::secret::Secret;
use futures_util::stream;
use sha2::{Digest, Sha256};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

const ACCOUNT: &str = "111122223333";
const REGION: &str = "us-west-2";

/// After so many inputs the service begins anew, so that what they leave does not pile up.
const MOST_INPUTS: usize = 128;

/// The most requests of one input.
const MOST_REQUESTS: usize = 16;

/// The largest answer that is looked at.
const LARGEST_ANSWER: usize = 64 << 20;

/// What stands between two requests of an input.
const BETWEEN: &[u8] = b"\n====\n";

struct Running {
    runtime: Runtime,
    router: Router,
    control: Control,
    caller: Caller,
    token: String,
    inputs: usize,
    _folder: tempfile::TempDir,
}

thread_local! {
    static RUNNING: RefCell<Option<Running>> = const { RefCell::new(None) };
}

/// Stops the service and deletes its folder.
pub fn stop() {
    RUNNING.take();
}

fn with_running(feed: impl FnOnce(&Running)) {
    RUNNING.with_borrow_mut(|slot| {
        if slot
            .as_ref()
            .is_some_and(|running| running.inputs >= MOST_INPUTS)
        {
            *slot = None;
        }
        let running = slot.get_or_insert_with(start);
        running.inputs += 1;
        feed(running);
    });
}

/// Somebody who may do everything in the account.
pub(super) fn principal() -> Principal {
    Principal {
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
    }
}

/// A service with the domain `dom` and the repositories `rep` and, behind it, `up`; with nothing
/// behind external connections.
fn start() -> Running {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let caller = Caller::new(principal().identity);
    let (registry, token) = runtime.block_on(async {
        let store = Store::open(&folder.path().join("data"), Durability::Process);
        let store = store.map_err(|error| error.to_string()).expect("a store");
        let registry = Registry::open(store, REGION, Clock::default(), Quotas::default()).await;
        let registry = registry
            .map_err(|error| error.to_string())
            .expect("a registry");
        let domain = DomainId {
            owner: ACCOUNT.to_string(),
            name: "dom".to_string(),
        };
        let made = registry
            .create_domain(&caller, "dom", None, Vec::new())
            .await;
        made.expect("a domain");
        for (name, upstreams) in [("up", vec![]), ("rep", vec!["up".to_string()])] {
            let id = RepositoryId {
                domain: domain.clone(),
                name: name.to_string(),
            };
            let new = NewRepository {
                upstreams,
                ..NewRepository::default()
            };
            let made = registry.create_repository(&caller, &id, new).await;
            made.expect("a repository");
        }
        let token = registry.issue_token(&caller, &domain, None).await;
        (
            registry,
            token.expect("a token").secret.expose().to_string(),
        )
    });
    let control = Control {
        registry: registry.clone(),
        endpoints: Endpoints {
            scheme: "http",
            authority: "127.0.0.1:1".to_string(),
            port: 1,
            region: REGION.to_string(),
            style: EndpointStyle::Path,
        },
    };
    let upstream = Upstream::new(
        folder.path().join("upstream"),
        Patience::default(),
        Clock::default(),
        Arc::new(|_: &str| {}),
    );
    let env = Env::made_up(
        Platform::Linux,
        folder.path(),
        folder.path(),
        [("PATH", "/nowhere")],
    );
    let entered = runtime.enter();
    let service = formats::Service::new(registry, upstream, External::new([].into(), env));
    let routers: HashMap<Format, Router> = Format::ALL
        .into_iter()
        .filter_map(|format| Some((format, formats::router(format, &service)?)))
        .collect();
    let principals = Principals::new(REGION, Clock::default(), vec![principal()]);
    let router = Server::new(control.clone(), principals, routers).router();
    drop(entered);
    Running {
        router,
        runtime,
        control,
        caller,
        token,
        inputs: 0,
        _folder: folder,
    }
}

/// Requests of package managers, each as it goes over the wire: the method and the path beneath
/// the domain's endpoint or, with a slash in front, beneath the service; headers; the body. Its
/// bytes come in pieces whose size follows from them.
pub(super) fn package_request(bytes: &[u8]) {
    let _ = package_statuses(bytes);
}

/// The statuses of the answers to the same.
pub fn package_statuses(bytes: &[u8]) -> Vec<u16> {
    let mut statuses = Vec::new();
    let requests: Vec<&[u8]> = split(bytes, BETWEEN);
    if !requests.iter().any(|request| is_request(request)) {
        return statuses;
    }
    with_running(|running| {
        for bytes in requests.into_iter().take(MOST_REQUESTS) {
            let Some(request) = request(bytes, &running.token) else {
                continue;
            };
            let (status, answer) = running.runtime.block_on(async {
                let answer = running.router.clone().oneshot(request).await;
                let (parts, body) = answer.unwrap_or_else(|never| match never {}).into_parts();
                let body = to_bytes(body, LARGEST_ANSWER).await;
                (
                    parts.status.as_u16(),
                    body.expect("comes from a disk that works"),
                )
            });
            check(bytes, status, &answer);
            statuses.push(status);
        }
    });
    statuses
}

/// Whether the bytes begin as a request does; what does not is not worth a service.
fn is_request(bytes: &[u8]) -> bool {
    let line = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let end = line.iter().position(|byte| *byte == b' ').unwrap_or(0);
    (1..10).contains(&end) && line[..end].iter().all(u8::is_ascii_uppercase)
}

/// A reader on a thread of its own that panics is told as a failure or in a sentence.
fn check(request: &[u8], status: u16, answer: &[u8]) {
    let shown = String::from_utf8_lossy(&answer[..answer.len().min(1000)]);
    assert!(status != 500, "the service failed: {shown}");
    let told = "panicked with";
    let is_asked = String::from_utf8_lossy(request).contains(told);
    assert!(
        status < 400 || is_asked || !shown.contains(told),
        "the service failed: {shown}"
    );
}

fn split<'a>(mut bytes: &'a [u8], by: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    while let Some(at) = bytes.windows(by.len()).position(|window| window == by) {
        parts.push(&bytes[..at]);
        bytes = &bytes[at + by.len()..];
    }
    parts.push(bytes);
    parts
}

fn request(bytes: &[u8], token: &str) -> Option<Request<Body>> {
    let end = bytes.windows(2).position(|window| window == b"\n\n");
    let (head, body) = match end {
        Some(end) => (&bytes[..end], &bytes[end + 2..]),
        None => (bytes, &[][..]),
    };
    let head = str::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let (method, path) = lines.next()?.split_once(' ')?;
    let path = match path.starts_with('/') {
        true => path.to_string(),
        false => format!("/d/dom-{ACCOUNT}/{path}"),
    };
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in lines.take(32).filter_map(|line| line.split_once(": ")) {
        request = request.header(name, value);
    }
    let headers = request.headers_ref()?;
    let has = |name| headers.contains_key(name);
    let (has_host, has_token) = (has(header::HOST), has(header::AUTHORIZATION));
    if !has_host {
        request = request.header(header::HOST, "127.0.0.1:1");
    }
    if !has_token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let size = 1 + body.len() / 16 + body.iter().map(|byte| usize::from(*byte)).sum::<usize>() % 61;
    let pieces: Vec<std::io::Result<Bytes>> = body
        .chunks(size)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    let mut request = request.body(Body::from_stream(stream::iter(pieces))).ok()?;
    request.extensions_mut().insert(ConnectInfo(Peer {
        address: SocketAddr::from(([127, 0, 0, 1], 2)),
        is_secure: false,
        is_here: true,
    }));
    Some(request)
}

/// Calls of the API by somebody who may do everything, one a line: the operation's name on the
/// command line, the query behind a question mark, and the body behind a space.
pub(super) fn api_request(bytes: &[u8]) {
    let _ = api_refusals(bytes);
}

/// What the same calls are answered with, where that is a fault.
pub fn api_refusals(bytes: &[u8]) -> Vec<String> {
    let mut refusals = Vec::new();
    let calls: Vec<_> = bytes
        .split(|byte| *byte == b'\n')
        .take(MOST_REQUESTS)
        .filter_map(call)
        .collect();
    if calls.is_empty() {
        return refusals;
    }
    with_running(|running| {
        for (operation, query, body) in calls {
            let outcome = running
                .runtime
                .block_on(answer(running, operation, query, body));
            if let Err(fault) = outcome {
                let failed = fault.kind == FaultKind::InternalServer;
                assert!(!failed, "{}: {}", operation.name, fault.message);
                refusals.push(format!("{}: {}", operation.name, fault.message));
            }
        }
    });
    refusals
}

async fn answer(
    running: &Running,
    operation: &'static ops::Descriptor,
    query: &str,
    body: Bytes,
) -> Result<(), Fault> {
    let (control, caller) = (&running.control, &running.caller);
    match operation.transport {
        Transport::Upload => {
            let sha256 = hex::encode(Sha256::digest(&body));
            let body = Body::from(body);
            control::publish(control, caller, query, &sha256, body)
                .await
                .map(drop)
        }
        Transport::Download => control::download(control, caller, query).await.map(drop),
        Transport::Json(_) => {
            let answer = control::answer(control, caller, operation, query, &body);
            answer.await.map(drop)
        }
    }
}

fn call(line: &[u8]) -> Option<(&'static ops::Descriptor, &str, Bytes)> {
    let end = line.iter().position(|byte| *byte == b' ');
    let (head, body) = line.split_at(end.unwrap_or(line.len()));
    let head = str::from_utf8(head).ok()?;
    let (command, query) = head.split_once('?').unwrap_or((head, ""));
    let body = body.get(1..).unwrap_or_default();
    Some((
        ops::by_command(command)?,
        query,
        Bytes::copy_from_slice(body),
    ))
}

//! The fetcher against a server on loopback that behaves as badly as it is told to.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::IntoResponse;
use reqwest::header::{ETAG, IF_NONE_MATCH};

use super::*;
use crate::local::formats::Invalid;

const LIFETIME: Duration = Duration::from_secs(1800);

/// What the server does next, and what it was asked.
#[derive(Default)]
struct Script {
    status: u16,
    etag: Option<&'static str>,
    location: Option<String>,
    body: String,
    hangs: bool,
    requests: Vec<Option<String>>,
}

struct Server {
    url: Url,
    script: Arc<Mutex<Script>>,
}

impl Server {
    async fn start() -> Server {
        let script = Arc::new(Mutex::new(Script {
            status: 200,
            body: "first".to_string(),
            ..Script::default()
        }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&script));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Server { url, script }
    }

    fn script(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.script.lock().unwrap());
    }

    fn requests(&self) -> usize {
        self.script.lock().unwrap().requests.len()
    }
}

async fn answer(
    State(script): State<Arc<Mutex<Script>>>,
    request: Request,
) -> axum::response::Response {
    let (mut response, hangs) = {
        let mut script = script.lock().unwrap();
        let asked = request
            .headers()
            .get(IF_NONE_MATCH)
            .map(|tag| tag.to_str().unwrap().to_string());
        let unchanged = asked.is_some() && asked.as_deref() == script.etag;
        script.requests.push(asked);
        let status = if unchanged { 304 } else { script.status };
        let mut response = (
            axum::http::StatusCode::from_u16(status).unwrap(),
            Body::from(script.body.clone()),
        )
            .into_response();
        if let Some(etag) = script.etag {
            response.headers_mut().insert(ETAG, etag.parse().unwrap());
        }
        if let Some(location) = &script.location {
            response
                .headers_mut()
                .insert("location", location.parse().unwrap());
        }
        (response, script.hangs)
    };
    if hangs {
        std::future::pending::<()>().await;
    }
    // Lets the other requests of a test come in while this one is answered.
    tokio::task::yield_now().await;
    response
        .headers_mut()
        .insert("cache-control", "no-store".parse().unwrap());
    response
}

struct Fetcher {
    upstream: Upstream,
    clock: Clock,
    lines: Arc<Mutex<Vec<String>>>,
    _folder: Option<tempfile::TempDir>,
}

impl Fetcher {
    fn new(server: &Server) -> Fetcher {
        let folder = tempfile::tempdir().unwrap();
        let mut fetcher = Fetcher::on(server, folder.path());
        fetcher._folder = Some(folder);
        fetcher
    }

    fn on(server: &Server, folder: &std::path::Path) -> Fetcher {
        Fetcher::with(server, folder, Patience::default())
    }

    fn with(server: &Server, folder: &std::path::Path, patience: Patience) -> Fetcher {
        let (clock, lines) = (Clock::default(), Arc::new(Mutex::new(Vec::new())));
        let log = Arc::clone(&lines);
        let log: Log = Arc::new(move |line: &str| log.lock().unwrap().push(line.to_string()));
        let upstream = Upstream::new(folder.join("cache"), patience, clock.clone(), log);
        upstream.allow(&server.url);
        Fetcher {
            upstream,
            clock,
            lines,
            _folder: None,
        }
    }

    async fn get(&self, server: &Server) -> Result<Option<Arc<String>>, Unavailable> {
        self.get_parsed(server, |text| Ok(text.to_string())).await
    }

    async fn get_parsed(
        &self,
        server: &Server,
        parse: impl FnOnce(&str) -> Result<String, Invalid> + Send + 'static,
    ) -> Result<Option<Arc<String>>, Unavailable> {
        let wanted = Wanted {
            url: server.url.join("a").unwrap(),
            accept: "text/plain",
            lifetime: LIFETIME,
            limit: 100,
        };
        self.upstream
            .document(wanted, |bytes| parse(std::str::from_utf8(bytes).unwrap()))
            .await
    }

    fn later(&self, duration: Duration) {
        self.clock
            .advance(i64::try_from(duration.as_millis()).unwrap());
    }
}

fn text(answer: Result<Option<Arc<String>>, Unavailable>) -> String {
    answer.unwrap().unwrap().to_string()
}

#[tokio::test]
async fn a_document_is_current_for_its_lifetime_and_then_revalidated() {
    let server = Server::start().await;
    server.script(|script| script.etag = Some("\"1\""));
    let fetcher = Fetcher::new(&server);
    for _ in 0..3 {
        assert_eq!(text(fetcher.get(&server).await), "first");
    }
    assert_eq!(server.requests(), 1);
    fetcher.later(LIFETIME);
    assert_eq!(text(fetcher.get(&server).await), "first");
    assert_eq!(
        server.script.lock().unwrap().requests,
        [None, Some("\"1\"".to_string())]
    );
    server.script(|script| (script.body, script.etag) = ("second".to_string(), Some("\"2\"")));
    assert_eq!(text(fetcher.get(&server).await), "first");
    fetcher.later(LIFETIME);
    assert_eq!(text(fetcher.get(&server).await), "second");
}

#[tokio::test]
async fn a_restarted_service_knows_what_was_fetched() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        text(Fetcher::on(&server, folder.path()).get(&server).await),
        "first"
    );
    let fetcher = Fetcher::on(&server, folder.path());
    assert_eq!(text(fetcher.get(&server).await), "first");
    assert_eq!(server.requests(), 1);
    server.script(|script| script.status = 500);
    fetcher.later(LIFETIME);
    assert_eq!(text(fetcher.get(&server).await), "first");
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn many_askers_make_one_request() {
    let server = Server::start().await;
    let fetcher = Fetcher::new(&server);
    let parsed = Arc::new(AtomicUsize::new(0));
    let all = futures_util::future::join_all((0..20).map(|_| {
        let parsed = Arc::clone(&parsed);
        fetcher.get_parsed(&server, move |text| {
            parsed.fetch_add(1, Ordering::Relaxed);
            Ok(text.to_string())
        })
    }));
    for answer in all.await {
        assert_eq!(text(answer), "first");
    }
    assert_eq!((server.requests(), parsed.load(Ordering::Relaxed)), (1, 1));
}

#[tokio::test]
async fn a_missing_document_is_remembered_briefly() {
    let server = Server::start().await;
    server.script(|script| script.status = 404);
    let fetcher = Fetcher::new(&server);
    for _ in 0..3 {
        assert_eq!(fetcher.get(&server).await.unwrap(), None);
    }
    assert_eq!(server.requests(), 1);
    server.script(|script| script.status = 200);
    fetcher.later(Duration::from_secs(60));
    assert_eq!(text(fetcher.get(&server).await), "first");
}

#[tokio::test]
async fn an_upstream_that_is_down_serves_what_is_kept_and_says_so() {
    let server = Server::start().await;
    let fetcher = Fetcher::new(&server);
    assert_eq!(text(fetcher.get(&server).await), "first");
    server.script(|script| (script.status, script.body) = (500, "second".to_string()));
    fetcher.later(LIFETIME);
    for _ in 0..3 {
        assert_eq!(text(fetcher.get(&server).await), "first");
    }
    // It is left alone for a while.
    assert_eq!(server.requests(), 2);
    let line = fetcher.lines.lock().unwrap().join("\n");
    assert!(
        line.contains("answered 500") && line.contains("serving what was fetched before"),
        "{line}"
    );
    server.script(|script| script.status = 200);
    fetcher.later(Duration::from_secs(5));
    assert_eq!(text(fetcher.get(&server).await), "second");
}

#[tokio::test]
async fn an_upstream_that_fails_is_an_error_of_one_sentence() {
    let server = Server::start().await;
    server.script(|script| script.status = 503);
    let fetcher = Fetcher::new(&server);
    let expected = format!(
        "the upstream {}a answered 503 Service Unavailable",
        server.url
    );
    for _ in 0..2 {
        assert_eq!(
            fetcher.get(&server).await,
            Err(Unavailable::Failed(expected.clone()))
        );
    }
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn an_upstream_that_hangs_is_given_up_and_its_client_let_go_before() {
    let server = Server::start().await;
    server.script(|script| script.hangs = true);
    let folder = tempfile::tempdir().unwrap();
    let short = Duration::from_millis(100);
    let fetcher = Fetcher::with(
        &server,
        folder.path(),
        Patience {
            read: short,
            ..Patience::default()
        },
    );
    let refusal = fetcher.get(&server).await.unwrap_err().to_string();
    assert!(refusal.ends_with("timed out"), "{refusal}");
    let fetcher = Fetcher::with(
        &server,
        folder.path(),
        Patience {
            client: short,
            ..Patience::default()
        },
    );
    assert_eq!(fetcher.get(&server).await, Err(Unavailable::InProgress));
}

#[tokio::test]
async fn too_much_and_nonsense_are_refused() {
    let server = Server::start().await;
    server.script(|script| script.body = "x".repeat(101));
    let fetcher = Fetcher::new(&server);
    let refusal = fetcher.get(&server).await.unwrap_err().to_string();
    assert!(refusal.contains("sends more than 100 bytes"), "{refusal}");
    server.script(|script| script.body = "nonsense".to_string());
    fetcher.later(Duration::from_secs(5));
    let refusal = fetcher
        .get_parsed(&server, |_| Err(Invalid::new("nonsense")))
        .await;
    assert_eq!(refusal, Err(Unavailable::Failed("nonsense".to_string())));
}

#[tokio::test]
async fn redirects_lead_nowhere_but_out_or_home() {
    let (server, other) = (Server::start().await, Server::start().await);
    let fetcher = Fetcher::new(&server);
    server.script(|script| (script.status, script.location) = (302, Some(other.url.to_string())));
    let refusal = fetcher.get(&server).await.unwrap_err().to_string();
    assert!(refusal.contains("leads to this machine"), "{refusal}");
    let refusal = fetcher
        .upstream
        .asset(&other.url)
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(refusal.contains("leads to this machine"), "{refusal}");
    assert_eq!(other.requests(), 0);
    fetcher.upstream.allow(&other.url);
    fetcher.later(Duration::from_secs(5));
    assert_eq!(text(fetcher.get(&server).await), "first");
}

#[tokio::test]
async fn a_name_for_this_machine_is_caught_when_it_is_resolved() {
    let guard = Guard::default();
    let addresses = reqwest::dns::Resolve::resolve(&guard, "localhost".parse().unwrap())
        .await
        .unwrap();
    assert!(addresses.count() > 0);
    // Every machine's own name leads inward or is unknown; both are refused.
    assert!(
        reqwest::dns::Resolve::resolve(&guard, "ip6-localhost".parse().unwrap())
            .await
            .is_err()
    );
}

/// Repositories close connections that were idle for a while, which the next request may not know.
#[tokio::test]
async fn a_connection_that_ends_when_it_is_used_again_is_no_failure() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&requests);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let counted = Arc::clone(&counted);
            tokio::spawn(async move {
                let mut head = Vec::new();
                while let Ok(byte) = stream.read_u8().await {
                    head.push(byte);
                    if !head.ends_with(b"\r\n\r\n") {
                        continue;
                    }
                    if counted.fetch_add(1, Ordering::Relaxed) == 1 {
                        return;
                    }
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfirst";
                    stream.write_all(answer).await.unwrap();
                }
            });
        }
    });
    let server = Server {
        url,
        script: Arc::default(),
    };
    let fetcher = Fetcher::new(&server);
    for _ in 0..2 {
        let incoming = fetcher.upstream.asset(&server.url).await.unwrap().unwrap();
        assert_eq!(incoming.whole().await.unwrap(), "first");
    }
    assert_eq!(requests.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn an_asset_arrives_as_it_is() {
    let server = Server::start().await;
    let fetcher = Fetcher::new(&server);
    let mut incoming = fetcher.upstream.asset(&server.url).await.unwrap().unwrap();
    assert_eq!(incoming.declared(), Some(5));
    let mut bytes = Vec::new();
    while let Some(chunk) = incoming.chunk().await.unwrap() {
        bytes.extend_from_slice(&chunk);
    }
    assert_eq!(bytes, b"first");
    server.script(|script| script.status = 404);
    assert!(fetcher.upstream.asset(&server.url).await.unwrap().is_none());
}

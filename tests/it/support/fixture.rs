//! A public repository on loopback: files that a test puts there, and faults on demand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// The running repository.
#[derive(Clone)]
pub(crate) struct Fixture {
    /// Its address, with a slash at its end.
    pub(crate) url: String,
    script: Arc<Mutex<Script>>,
}

#[derive(Default)]
struct Script {
    files: HashMap<String, Vec<u8>>,
    requests: Vec<String>,
    status: Option<u16>,
    hangs: bool,
}

impl Fixture {
    /// An empty one.
    pub(crate) async fn start() -> Fixture {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let script = Arc::default();
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&script));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Fixture { url, script }
    }

    /// Puts a file at a path, without a slash at its beginning, percent-encoded.
    pub(crate) fn put(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.script
            .lock()
            .unwrap()
            .files
            .insert(format!("/{path}"), bytes.into());
    }

    /// From now on it answers everything with this status; with none it works again.
    pub(crate) fn fail(&self, status: Option<u16>) {
        self.script.lock().unwrap().status = status;
    }

    /// From now on it answers nothing at all.
    pub(crate) fn hang(&self) {
        self.script.lock().unwrap().hangs = true;
    }

    /// How often the path was asked for.
    pub(crate) fn requests(&self, path: &str) -> usize {
        let script = self.script.lock().unwrap();
        script
            .requests
            .iter()
            .filter(|asked| **asked == format!("/{path}"))
            .count()
    }
}

async fn answer(State(script): State<Arc<Mutex<Script>>>, request: Request) -> Response {
    let (response, hangs) = {
        let mut script = script.lock().unwrap();
        let path = request.uri().path().to_string();
        let found = script.files.get(&path).cloned();
        script.requests.push(path);
        let response = match (script.status, found) {
            (Some(status), _) => StatusCode::from_u16(status).unwrap().into_response(),
            (None, Some(bytes)) => Body::from(bytes).into_response(),
            (None, None) => StatusCode::NOT_FOUND.into_response(),
        };
        (response, script.hangs)
    };
    if hangs {
        std::future::pending::<()>().await;
    }
    response
}

//! A public repository on loopback: files that a test puts there, and faults on demand.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use tokio::sync::Semaphore;

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
    held: HashMap<String, Arc<Semaphore>>,
    cut: HashSet<String>,
}

/// Keeps the second half of a file back.
pub(crate) struct Hold(Arc<Semaphore>);

impl Hold {
    /// Lets it go.
    pub(crate) fn release(self) {
        self.0.add_permits(Semaphore::MAX_PERMITS);
    }
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

    /// Takes a file away.
    pub(crate) fn remove(&self, path: &str) {
        self.script
            .lock()
            .unwrap()
            .files
            .remove(&format!("/{path}"));
    }

    /// Sends only the first half of a file until the hold is released.
    pub(crate) fn hold(&self, path: &str) -> Hold {
        let held = Arc::new(Semaphore::new(0));
        let mut script = self.script.lock().unwrap();
        script.held.insert(format!("/{path}"), Arc::clone(&held));
        Hold(held)
    }

    /// From now on the connection breaks in the middle of that file, or does so no more.
    pub(crate) fn cut(&self, path: &str, breaks: bool) {
        let (mut script, path) = (self.script.lock().unwrap(), format!("/{path}"));
        if breaks {
            script.cut.insert(path);
        } else {
            script.cut.remove(&path);
        }
    }

    /// Waits until a path is asked for.
    pub(crate) async fn wait_for(&self, path: &str) {
        for _ in 0..1000 {
            if self.requests(path) > 0 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("{path} was not asked for");
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
        let (held, cut) = (script.held.get(&path).cloned(), script.cut.contains(&path));
        script.requests.push(path);
        let response = match (script.status, found) {
            (None, Some(bytes)) if cut => halves(bytes, None),
            (None, Some(bytes)) if held.is_some() => halves(bytes, held),
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

/// A file in two halves: the second one comes when the hold is released, or never.
fn halves(bytes: Vec<u8>, held: Option<Arc<Semaphore>>) -> Response {
    let length = bytes.len();
    let mut first = Bytes::from(bytes);
    let second = first.split_off(length / 2);
    let rest = async move {
        match held {
            Some(held) => {
                let _released = held.acquire().await;
                Ok(second)
            }
            None => Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
        }
    };
    let begun = stream::once(async { Ok(first) });
    let body = Body::from_stream(stream::StreamExt::chain(begun, stream::once(rest)));
    ([("content-length", length.to_string())], body).into_response()
}

//! A service that writes down what it is asked, and answers as the test says.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Pairs in the order of the request line, decoded.
    pub(crate) query: Vec<(String, String)>,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let pair = self.query.iter().find(|(spelling, _)| spelling == name);
        pair.map(|(_, value)| value.as_str())
    }
}

/// What to answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// Close the connection after so many bytes of the body.
    pub(crate) cut_at: Option<usize>,
}

impl Reply {
    pub(crate) fn json(body: &(impl ToString + ?Sized)) -> Reply {
        Reply {
            status: 200,
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
            cut_at: None,
        }
    }

    pub(crate) fn fault(status: u16, kind: &str, body: &(impl ToString + ?Sized)) -> Reply {
        Reply {
            status,
            headers: vec![("x-amzn-ErrorType", kind.to_string())],
            ..Reply::json(body)
        }
    }
}

type Answer = dyn Fn(&Request) -> Reply + Send + Sync;

/// Listens on a free port for as long as the test runs.
pub(crate) struct Recorder {
    pub(crate) url: String,
    log: Arc<Mutex<Vec<Request>>>,
}

impl Recorder {
    pub(crate) fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Recorder {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("is bound"));
        let log = Arc::new(Mutex::new(Vec::new()));
        let (sink, answer): (_, Arc<Answer>) = (Arc::clone(&log), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (sink, answer) = (Arc::clone(&sink), Arc::clone(&answer));
                thread::spawn(move || serve(&stream, &sink, answer.as_ref()));
            }
        });
        Recorder { url, log }
    }

    /// The requests since the last time.
    pub(crate) fn take(&self) -> Vec<Request> {
        std::mem::take(&mut *self.log.lock().expect("no panic"))
    }
}

fn serve(stream: &TcpStream, log: &Mutex<Vec<Request>>, answer: &Answer) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let request = read(&mut reader, stream)?;
        let reply = answer(&request);
        log.lock().expect("no panic").push(request);
        let mut head = format!("HTTP/1.1 {} X\r\n", reply.status);
        for (name, value) in &reply.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", reply.body.len()));
        let mut out = stream;
        out.write_all(head.as_bytes()).ok()?;
        let body = &reply.body[..reply.cut_at.unwrap_or(reply.body.len())];
        out.write_all(body).ok()?;
        if reply.cut_at.is_some() {
            return None;
        }
    }
}

fn read(reader: &mut BufReader<&TcpStream>, mut stream: &TcpStream) -> Option<Request> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_string(), words.next()?.to_string());
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        match header.trim_end().split_once(':') {
            Some((name, value)) => {
                headers.insert(name.to_ascii_lowercase(), value.trim().to_string());
            }
            None => break,
        }
    }
    if headers
        .get("expect")
        .is_some_and(|value| value == "100-continue")
    {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
    }
    let length = headers
        .get("content-length")
        .map_or(Some(0), |length| length.parse().ok())?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    // Whatever stands in front, only path and query count.
    let url = url::Url::parse("http://recorder")
        .ok()?
        .join(&target)
        .ok()?;
    Some(Request {
        method,
        path: url.path().to_string(),
        query: url.query_pairs().into_owned().collect(),
        headers,
        body,
    })
}

//! Where requests come in: API, STS or package endpoint; who sends them; who answers.

mod respond;
mod steer;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Response, Uri, header};
use bytes::Bytes;
use futures_util::StreamExt as _;
use serde_json::json;
use tower::ServiceExt;

use self::respond::{
    download_response, failure, fault_response, json_response, respond, throttled, troubled,
    unauthenticated, unauthorized,
};
use super::auth::{self, Payload, Principals};
use super::control::{self, Address, Control};
use super::endpoint::Endpoint;
use super::injection::{self, Injection, Trouble};
use super::listener::Peer;
use super::rate::Rates;
use super::registry::caller::Way;
use super::registry::{Caller, Fault, FaultKind, Format};
use super::seed::Seed;
use super::{browse, formats, remote, sts};
use crate::ops::{self, Transport};

/// The largest body of an operation that is JSON: far more than any input can be.
const LARGEST_BODY: usize = 1 << 20;

/// The most bytes that are taken in from somebody without a valid token.
const LARGEST_READ_PAST: usize = 1 << 30;

/// All that requests are answered with.
pub struct Server {
    control: Control,
    principals: Principals,
    formats: HashMap<Format, Router>,
    injections: Vec<Injection>,
    rates: Option<Rates>,
    seed: Option<Seed>,
    requests: AtomicU64,
}

impl Server {
    /// One that answers for this registry with these formats; nothing goes wrong on purpose.
    pub fn new(
        control: Control,
        principals: Principals,
        formats: HashMap<Format, Router>,
    ) -> Server {
        Server {
            control,
            principals,
            formats,
            injections: Vec::new(),
            rates: None,
            seed: None,
            requests: AtomicU64::new(0),
        }
    }

    /// With trouble on purpose, with rates to keep to, with a state to go back to.
    #[must_use]
    pub fn as_double(
        self,
        injections: Vec<Injection>,
        rates: Option<Rates>,
        seed: Option<Seed>,
    ) -> Server {
        Server {
            injections,
            rates,
            seed,
            ..self
        }
    }

    /// The service as one router.
    pub fn router(self) -> Router {
        Router::new().fallback(answer).with_state(Arc::new(self))
    }
}

async fn answer(State(server): State<Arc<Server>>, request: Request) -> Response<Body> {
    let number = server.requests.fetch_add(1, Ordering::Relaxed);
    let request_id = format!("00000000-0000-4000-8000-{number:012x}");
    let host = host(&request);
    let mut response = server.route(request, &host, &request_id).await;
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-amzn-requestid"), value);
    }
    response
}

impl Server {
    async fn route(&self, request: Request, host: &str, request_id: &str) -> Response<Body> {
        let (method, path) = (request.method().as_str(), request.uri().path());
        if let Some(address) = self.control.endpoints.read(host, path) {
            return match self.trouble(address.format.as_str()).await {
                Some(Trouble::ExpiredToken) => {
                    unauthorized(address.format, "The authorization token has expired.")
                }
                Some(trouble) => troubled(trouble),
                None => self.package(request, host, address).await,
            };
        }
        if let Some(operation) = ops::by_route(method, path) {
            return match self.trouble(operation.name).await {
                Some(trouble) => troubled(trouble),
                None => self.operation(request, operation).await,
            };
        }
        let is_here = peer(request.extensions()).is_some_and(|peer| peer.is_here);
        if method == "POST" && is_here && matches!(path, remote::CLOCK | remote::RESET) {
            return self.steer(request).await;
        }
        if method == "POST" && path == "/" {
            return self.caller_identity(request, request_id).await;
        }
        if is_here && browse::is_mine(method, path, host) {
            let query = request.uri().query().unwrap_or_default();
            return browse::answer(&self.control.registry, query).await;
        }
        let message = json!({"message": "There is nothing at this address."});
        failure(404, "UnknownOperationException", &message)
    }

    /// The caller, with what policies may want to know of the way of the request.
    fn with_way(&self, caller: Caller, extensions: &Extensions) -> Caller {
        match peer(extensions) {
            None => caller,
            Some(peer) => caller.by(Way {
                address: peer.address.ip(),
                is_secure: peer.is_secure,
                time: self.control.registry.clock().now(),
            }),
        }
    }

    /// The trouble that was asked for with the operation; a slow one has been waited for.
    async fn trouble(&self, operation: &str) -> Option<Trouble> {
        match injection::strike(&self.injections, operation)? {
            Trouble::Slow(time) => {
                tokio::time::sleep(time).await;
                None
            }
            trouble => Some(trouble),
        }
    }

    /// Counts a call; the fault when it is one too many.
    fn check_rate(&self, account: &str, operation: &str) -> Result<(), Fault> {
        let allowed = self
            .rates
            .as_ref()
            .is_none_or(|rates| rates.allow_operation(account, operation));
        if allowed { Ok(()) } else { Err(throttled(1)) }
    }

    /// One of the API's operations.
    async fn operation(
        &self,
        request: Request,
        operation: &'static ops::Descriptor,
    ) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let (body, payload) = match operation.transport {
            Transport::Upload => (Bytes::new(), Some(body)),
            _ => match whole(body).await {
                Ok(body) => (body, None),
                Err(fault) => return fault_response(&fault),
            },
        };
        let signed = match payload {
            Some(_) => Payload::Streamed,
            None => Payload::Whole(&body),
        };
        let caller = match self.principals.verify(&parts, signed, "codeartifact") {
            Ok(caller) => caller,
            Err(error) => return unauthenticated(&error),
        };
        let caller = self.with_way(caller, &parts.extensions);
        if let Err(fault) = self.check_rate(&caller.account, operation.name) {
            return fault_response(&fault);
        }
        let query = parts.uri.query().unwrap_or_default();
        let outcome = match (operation.transport, payload) {
            (Transport::Upload, Some(payload)) => {
                let sha256 = header_text(&parts.headers, "x-amz-content-sha256");
                control::publish(&self.control, &caller, query, sha256, payload)
                    .await
                    .map(|output| json_response(&json!(output)))
            }
            (Transport::Download, _) => control::download(&self.control, &caller, query)
                .await
                .map(download_response),
            _ => control::answer(&self.control, &caller, operation, query, &body)
                .await
                .map(|output| json_response(&output)),
        };
        outcome.unwrap_or_else(|fault| fault_response(&fault))
    }

    /// STS's GetCallerIdentity.
    async fn caller_identity(&self, request: Request, request_id: &str) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let body = match whole(body).await {
            Ok(body) => body,
            Err(fault) => return fault_response(&fault),
        };
        let (status, text) = match self.principals.verify(&parts, Payload::Whole(&body), "sts") {
            Err(error) => (
                error.status,
                sts::error(error.code, &error.message, request_id),
            ),
            Ok(caller) => match sts::answer(&caller, &body, request_id) {
                Some(text) => (200, text),
                None => (
                    400,
                    sts::error(
                        "InvalidAction",
                        "Only GetCallerIdentity is answered here.",
                        request_id,
                    ),
                ),
            },
        };
        respond(status, "text/xml", text)
    }

    /// The answer to somebody without a valid token.
    async fn stranger(&self, request: Request, format: Format, message: &str) -> Response<Body> {
        let address = peer(request.extensions()).map(|peer| peer.address.ip().to_string());
        let (parts, body) = request.into_parts();
        read_past(&parts.headers, body).await;
        if let (Some(rates), Some(address)) = (&self.rates, address)
            && !rates.allow_stranger(&address)
        {
            return fault_response(&throttled(1));
        }
        unauthorized(format, message)
    }

    /// A package manager's request.
    async fn package(&self, request: Request, host: &str, address: Address) -> Response<Body> {
        let Some(token) = auth::token(request.headers()) else {
            let message = "An authorization token is required.";
            return self.stranger(request, address.format, message).await;
        };
        let bearer = match self.control.registry.bearer(token.expose()).await {
            Ok(bearer) => bearer,
            Err(fault) => return fault_response(&fault),
        };
        let caller = bearer
            .filter(|bearer| bearer.domain == address.repository.domain)
            .and_then(|bearer| self.principals.by_arn(&bearer.principal).cloned());
        let Some(caller) = caller else {
            let message = "The authorization token is not valid for this domain, or has expired.";
            return self.stranger(request, address.format, message).await;
        };
        let reading = matches!(request.method().as_str(), "GET" | "HEAD");
        let requests = formats::requests(address.format, &address.rest, request.uri().query());
        if let Some(rates) = &self.rates
            && !rates.allow_package(&caller.account, token.expose(), reading, requests)
        {
            return fault_response(&throttled(1));
        }
        let Some(format) = self.formats.get(&address.format) else {
            return failure(
                404,
                "ResourceNotFoundException",
                &json!({"message": format!("There is no endpoint for packages of format {}.", address.format)}),
            );
        };
        let (mut parts, body) = request.into_parts();
        let caller = self.with_way(caller, &parts.extensions);
        let rest = match parts.uri.query() {
            Some(query) => format!("{}?{query}", address.rest),
            None => address.rest,
        };
        let Ok(uri) = rest.parse::<Uri>() else {
            return failure(
                400,
                "ValidationException",
                &json!({"message": "The address cannot be read."}),
            );
        };
        parts.uri = uri;
        parts.extensions.insert(Endpoint {
            caller,
            repository: address.repository,
            base: format!("{}://{host}{}", self.control.endpoints.scheme, address.base),
        });
        match format
            .clone()
            .oneshot(Request::from_parts(parts, body))
            .await
        {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// Who has sent the request.
fn peer(extensions: &Extensions) -> Option<Peer> {
    let info = extensions.get::<ConnectInfo<Peer>>();
    info.map(|ConnectInfo(peer)| *peer)
}

/// Takes in what is of no use. Clients that first send a package without their token, as NuGet's do,
/// read the answer when they have sent all of it; one that comes before they take for a fault.
async fn read_past(headers: &HeaderMap, body: Body) {
    if headers.contains_key(header::EXPECT) {
        return;
    }
    let mut left = LARGEST_READ_PAST;
    let mut pieces = body.into_data_stream();
    while let Some(Ok(piece)) = pieces.next().await {
        match left.checked_sub(piece.len()) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

/// The host that the client wrote, with its port.
fn host(request: &Request) -> String {
    request
        .headers()
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .or_else(|| {
            request
                .uri()
                .authority()
                .map(axum::http::uri::Authority::as_str)
        })
        .unwrap_or_default()
        .to_string()
}

async fn whole(body: Body) -> Result<Bytes, Fault> {
    axum::body::to_bytes(body, LARGEST_BODY)
        .await
        .map_err(|error| {
            Fault::new(
                FaultKind::Validation,
                format!("The request body cannot be read: {error}"),
            )
            .because("CANNOT_PARSE")
        })
}

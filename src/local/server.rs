//! Where requests come in: API, STS or package endpoint; who sends them; who answers.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{
    Extensions, HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Uri, header,
};
use axum::response::IntoResponse;
use bytes::Bytes;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::auth::{self, Payload, Principals, Unauthenticated};
use super::control::{self, Address, Control};
use super::endpoint::Endpoint;
use super::injection::{self, Injection, Trouble};
use super::listener::Peer;
use super::rate::Rates;
use super::registry::caller::Way;
use super::registry::{Caller, Fault, FaultKind, Format};
use super::seed::Seed;
use super::{browse, remote, sts};
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
                Some(Trouble::ExpiredToken) => unauthorized("The authorization token has expired."),
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
        let is_here = peer(request.extensions()).is_some_and(Peer::is_here);
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

    /// What the command line asks for besides the API: for the administrator of the service, the
    /// first principal, on this machine.
    async fn steer(&self, request: Request) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let body = match whole(body).await {
            Ok(body) => body,
            Err(fault) => return fault_response(&fault),
        };
        let signed = Payload::Whole(&body);
        let caller = match self.principals.verify(&parts, signed, "codeartifact") {
            Ok(caller) => caller,
            Err(error) => return unauthenticated(&error),
        };
        if !self.principals.is_administrator(&caller) {
            let message = "Only the administrator of the service may do this.";
            return fault_response(&Fault::new(FaultKind::AccessDenied, message));
        }
        let outcome = match parts.uri.path() {
            remote::CLOCK => self.move_clock(parts.uri.query().unwrap_or_default()),
            _ => self.reset(&caller.account).await,
        };
        match outcome {
            Ok(text) => respond(200, "text/plain", text),
            Err(fault) => fault_response(&fault),
        }
    }

    /// Moves the clock, and says how late it is then.
    fn move_clock(&self, query: &str) -> Result<String, Fault> {
        let seconds = url::form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == "advance")
            .and_then(|(_, value)| value.parse::<i64>().ok())
            .ok_or_else(|| {
                Fault::new(FaultKind::Validation, "`advance` is a number of seconds.")
            })?;
        let clock = self.control.registry.clock();
        let moved = clock.now().saturating_add(seconds.saturating_mul(1000));
        let time = jiff::Timestamp::from_millisecond(moved)
            .map_err(|_| Fault::new(FaultKind::Validation, "The clock cannot be moved so far."))?;
        clock.advance(seconds.saturating_mul(1000));
        Ok(time.to_string())
    }

    /// Deletes everything, and begins again with the seed.
    async fn reset(&self, account: &str) -> Result<String, Fault> {
        self.control.registry.reset().await?;
        if let Some(seed) = &self.seed {
            let failed = |error| Fault::new(FaultKind::InternalServer, error);
            seed.apply(&self.control.registry, account)
                .await
                .map_err(failed)?;
        }
        Ok(String::new())
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
    async fn stranger(&self, request: Request, message: &str) -> Response<Body> {
        let address = peer(request.extensions()).map(|peer| peer.address.ip().to_string());
        let (parts, body) = request.into_parts();
        read_past(&parts.headers, body).await;
        if let (Some(rates), Some(address)) = (&self.rates, address)
            && !rates.allow_stranger(&address)
        {
            return fault_response(&throttled(1));
        }
        unauthorized(message)
    }

    /// A package manager's request.
    async fn package(&self, request: Request, host: &str, address: Address) -> Response<Body> {
        let Some(token) = auth::token(request.headers()) else {
            let message = "An authorization token is required.";
            return self.stranger(request, message).await;
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
            return self.stranger(request, message).await;
        };
        let reading = matches!(request.method().as_str(), "GET" | "HEAD");
        if let Some(rates) = &self.rates
            && !rates.allow_package(&caller.account, token.expose(), reading)
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

/// The answer that is the trouble that was asked for.
fn troubled(trouble: Trouble) -> Response<Body> {
    match trouble {
        Trouble::Throttle(seconds) => fault_response(&throttled(seconds)),
        Trouble::ExpiredToken => unauthenticated(&Unauthenticated::expired()),
        Trouble::Reset => {
            // More is announced than comes: the server ends the connection where the body breaks.
            let broken = futures_util::stream::once(async {
                Err::<Bytes, _>(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
            });
            let mut response = Response::new(Body::from_stream(broken));
            response
                .headers_mut()
                .insert(header::CONTENT_LENGTH, HeaderValue::from_static("2"));
            response
        }
        Trouble::Error | Trouble::Slow(_) => fault_response(&Fault::new(
            FaultKind::InternalServer,
            "An internal error has been asked for.",
        )),
    }
}

fn throttled(seconds: u32) -> Fault {
    let mut fault = Fault::new(FaultKind::Throttling, "Rate exceeded");
    fault.retry_after = Some(seconds);
    fault
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

fn json_response(output: &Value) -> Response<Body> {
    respond(200, "application/json", output.to_string())
}

fn download_response(download: control::Download) -> Response<Body> {
    let mut response = Response::new(download.body);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(download.size));
    for (name, value) in download.headers {
        // An asset's name may have any letters; a header's value takes their bytes.
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}

fn fault_response(fault: &Fault) -> Response<Body> {
    let mut response = failure(fault.kind.status(), fault.kind.name(), &fault.body());
    if let Some(seconds) = fault.retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn unauthenticated(error: &Unauthenticated) -> Response<Body> {
    failure(error.status, error.code, &json!({"message": error.message}))
}

/// The answer to a package manager without a valid token.
fn unauthorized(message: &str) -> Response<Body> {
    let mut response = failure(
        401,
        "UnauthorizedException",
        &json!({"message": message, "error": message}),
    );
    response.headers_mut().insert(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_static("Basic realm=\"CodeArtifact\""),
    );
    response
}

fn failure(status: u16, code: &'static str, body: &Value) -> Response<Body> {
    let mut response = respond(status, "application/json", body.to_string());
    response.headers_mut().insert(
        HeaderName::from_static("x-amzn-errortype"),
        HeaderValue::from_static(code),
    );
    response
}

fn respond(status: u16, content_type: &'static str, body: String) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
}

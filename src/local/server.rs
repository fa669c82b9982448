//! Where requests come in: API, STS or package endpoint; who sends them; who answers.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, Uri, header};
use axum::response::IntoResponse;
use bytes::Bytes;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::auth::{self, Payload, Principals, Unauthenticated};
use super::control::{self, Address, Control};
use super::endpoint::Endpoint;
use super::registry::{Fault, FaultKind, Format};
use super::sts;
use crate::ops::{self, Transport};

/// The largest body of an operation that is JSON: far more than any input can be.
const LARGEST_BODY: usize = 1 << 20;

/// All that requests are answered with.
pub struct Server {
    control: Control,
    principals: Principals,
    formats: HashMap<Format, Router>,
    requests: AtomicU64,
}

/// The service as one router.
pub fn router(
    control: Control,
    principals: Principals,
    formats: HashMap<Format, Router>,
) -> Router {
    Router::new().fallback(answer).with_state(Arc::new(Server {
        control,
        principals,
        formats,
        requests: AtomicU64::new(0),
    }))
}

async fn answer(State(server): State<Arc<Server>>, request: Request) -> Response<Body> {
    let number = server.requests.fetch_add(1, Ordering::Relaxed);
    let request_id = format!("00000000-0000-4000-8000-{number:012x}");
    let host = host(&request);
    let address = server.control.endpoints.read(&host, request.uri().path());
    let operation = ops::by_route(request.method().as_str(), request.uri().path());
    let mut response = match (address, operation) {
        (Some(address), _) => server.package(request, &host, address).await,
        (None, Some(operation)) => server.operation(request, operation).await,
        (None, None) if request.method() == "POST" && request.uri().path() == "/" => {
            server.caller_identity(request, &request_id).await
        }
        (None, None) => failure(
            404,
            "UnknownOperationException",
            &json!({"message": "There is nothing at this address."}),
        ),
    };
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-amzn-requestid"), value);
    }
    response
}

impl Server {
    /// One of the API's operations.
    async fn operation(
        &self,
        request: Request,
        operation: &'static ops::Descriptor,
    ) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let query = parts.uri.query().unwrap_or_default().to_string();
        if let Transport::Upload = operation.transport {
            let sha256 = parts
                .headers
                .get("x-amz-content-sha256")
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default();
            return match self
                .principals
                .verify(&parts, Payload::Streamed, "codeartifact")
            {
                Err(error) => unauthenticated(&error),
                Ok(caller) => {
                    match control::publish(&self.control, &caller, &query, sha256, body).await {
                        Ok(output) => json_response(&json!(output)),
                        Err(fault) => fault_response(&fault),
                    }
                }
            };
        }
        let body = match whole(body).await {
            Ok(body) => body,
            Err(fault) => return fault_response(&fault),
        };
        let caller = match self
            .principals
            .verify(&parts, Payload::Whole(&body), "codeartifact")
        {
            Ok(caller) => caller,
            Err(error) => return unauthenticated(&error),
        };
        if let Transport::Download = operation.transport {
            return match control::download(&self.control, &caller, &query).await {
                Ok(download) => download_response(download),
                Err(fault) => fault_response(&fault),
            };
        }
        match control::answer(&self.control, &caller, operation, &query, &body).await {
            Ok(output) => json_response(&output),
            Err(fault) => fault_response(&fault),
        }
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

    /// A package manager's request.
    async fn package(&self, request: Request, host: &str, address: Address) -> Response<Body> {
        let Some(token) = auth::token(request.headers()) else {
            return unauthorized("An authorization token is required.");
        };
        let bearer = match self.control.registry.bearer(token.expose()).await {
            Ok(bearer) => bearer,
            Err(fault) => return fault_response(&fault),
        };
        let caller = bearer
            .filter(|bearer| bearer.domain == address.repository.domain)
            .and_then(|bearer| self.principals.by_arn(&bearer.principal).cloned());
        let Some(caller) = caller else {
            return unauthorized(
                "The authorization token is not valid for this domain, or has expired.",
            );
        };
        let Some(format) = self.formats.get(&address.format) else {
            return failure(
                404,
                "ResourceNotFoundException",
                &json!({"message": format!("There is no endpoint for packages of format {}.", address.format)}),
            );
        };
        let (mut parts, body) = request.into_parts();
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

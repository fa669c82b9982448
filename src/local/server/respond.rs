//! Answers as they go out: documents, downloads, faults in the form that each kind of client reads.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::local::auth::Unauthenticated;
use crate::local::injection::Trouble;
use crate::local::registry::{Fault, FaultKind, Format};
use crate::local::{control, formats};

/// The answer that is the trouble that was asked for.
pub(super) fn troubled(trouble: Trouble) -> Response<Body> {
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

/// Too many requests; the caller may come again after so many seconds.
pub(super) fn throttled(seconds: u32) -> Fault {
    let mut fault = Fault::new(FaultKind::Throttling, "Rate exceeded");
    fault.retry_after = Some(seconds);
    fault
}

/// An operation's output.
pub(super) fn json_response(output: &Value) -> Response<Body> {
    respond(200, "application/json", output.to_string())
}

/// The bytes of an asset.
pub(super) fn download_response(download: control::Download) -> Response<Body> {
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

/// A fault, as the API tells it.
pub(super) fn fault_response(fault: &Fault) -> Response<Body> {
    let mut response = failure(fault.kind.status(), fault.kind.name(), &fault.body());
    if let Some(seconds) = fault.retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// A signature that is not believed.
pub(super) fn unauthenticated(error: &Unauthenticated) -> Response<Body> {
    failure(error.status, error.code, &json!({"message": error.message}))
}

/// The answer to a package manager without a valid token.
pub(super) fn unauthorized(format: Format, message: &str) -> Response<Body> {
    let mut response = failure(
        401,
        "UnauthorizedException",
        &json!({"message": message, "error": message}),
    );
    response.headers_mut().insert(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_static(formats::challenge(format)),
    );
    response
}

/// An error with its code in the header by which clients know it.
pub(super) fn failure(status: u16, code: &'static str, body: &Value) -> Response<Body> {
    let mut response = respond(status, "application/json", body.to_string());
    response.headers_mut().insert(
        HeaderName::from_static("x-amzn-errortype"),
        HeaderValue::from_static(code),
    );
    response
}

/// Any text.
pub(super) fn respond(status: u16, content_type: &'static str, body: String) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
}

//! Answers that all formats give alike: assets, whole or in part, and documents with entity tags.

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RANGE, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use sha1::{Digest, Sha1};

use crate::local::file;
use crate::local::ingestion::Arriving;
use crate::local::registry::asset::FoundAsset;
use crate::local::registry::{Answer, Registry};

/// The media type of bytes of no particular kind.
pub const BYTES: &str = "application/octet-stream";

/// Sends an asset, or the range of it that is asked for.
///
/// # Errors
/// `ResourceNotFoundException` when it was deleted meanwhile.
pub async fn asset(
    registry: &Registry,
    found: &FoundAsset,
    media_type: &str,
    headers: &HeaderMap,
) -> Answer<Response> {
    let etag = format!("\"{}\"", hex::encode(found.asset.hashes.sha256));
    if is_known(headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, etag)]).into_response());
    }
    let file = registry.open_asset(&found.path, &found.asset.name).await?;
    let size = found.asset.size;
    let range = headers
        .get(RANGE)
        .and_then(|range| wanted_range(range.to_str().ok()?, size));
    let mut response = match range {
        Some(Err(())) => {
            let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            set(&mut response, CONTENT_RANGE, &format!("bytes */{size}"));
            return Ok(response);
        }
        Some(Ok((first, last))) => {
            let length = last - first + 1;
            let Ok(body) = file::body(file, first, length).await else {
                return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response());
            };
            let mut response = (StatusCode::PARTIAL_CONTENT, body).into_response();
            set(
                &mut response,
                CONTENT_RANGE,
                &format!("bytes {first}-{last}/{size}"),
            );
            set(&mut response, CONTENT_LENGTH, &length.to_string());
            response
        }
        None => {
            let Ok(body) = file::body(file, 0, size).await else {
                return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response());
            };
            let mut response = body.into_response();
            set(&mut response, CONTENT_LENGTH, &size.to_string());
            response
        }
    };
    set(&mut response, CONTENT_TYPE, media_type);
    set(&mut response, ETAG, &etag);
    set(&mut response, ACCEPT_RANGES, "bytes");
    Ok(response)
}

/// Sends an asset while it arrives from upstream.
pub fn arriving(arriving: Arriving, media_type: &str) -> Response {
    let length = arriving.length().to_string();
    let mut response = Body::from_stream(arriving.into_stream()).into_response();
    set(&mut response, CONTENT_LENGTH, &length);
    set(&mut response, CONTENT_TYPE, media_type);
    response
}

/// Sends a document, or says that the client has it already.
pub fn document(body: String, media_type: &str, headers: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", hex::encode(Sha1::digest(&body)));
    let mut response = if is_known(headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        body.into_response()
    };
    set(&mut response, CONTENT_TYPE, media_type);
    set(&mut response, ETAG, &etag);
    // The same address serves several forms.
    set(&mut response, VARY, "accept");
    response
}

/// Sends bytes under an entity tag of the format's own, or the range of them that is asked for; or
/// says that the client has them already.
pub fn bytes(
    body: impl Into<Bytes>,
    media_type: &str,
    etag: &str,
    headers: &HeaderMap,
) -> Response {
    let body = body.into();
    let size = body.len() as u64;
    let range = headers
        .get(RANGE)
        .and_then(|range| wanted_range(range.to_str().ok()?, size));
    let mut response = match range {
        _ if is_known(headers, etag) => StatusCode::NOT_MODIFIED.into_response(),
        Some(Err(())) => {
            let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            set(&mut response, CONTENT_RANGE, &format!("bytes */{size}"));
            response
        }
        Some(Ok((first, last))) => {
            // Within the size, which is one of memory.
            let (from, to) = (first as usize, last as usize + 1);
            let mut response = (StatusCode::PARTIAL_CONTENT, body.slice(from..to)).into_response();
            let range = format!("bytes {first}-{last}/{size}");
            set(&mut response, CONTENT_RANGE, &range);
            response
        }
        None => body.into_response(),
    };
    set(&mut response, CONTENT_TYPE, media_type);
    set(&mut response, ETAG, etag);
    set(&mut response, ACCEPT_RANGES, "bytes");
    response
}

/// Sends a piece of text under a status.
pub fn text(status: StatusCode, body: String, media_type: &str) -> Response {
    let mut response = (status, body).into_response();
    set(&mut response, CONTENT_TYPE, media_type);
    response
}

fn set(response: &mut Response, name: axum::http::HeaderName, value: &str) {
    // Media types are ours, the rest are numbers and hex digits.
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let known = headers
        .get(IF_NONE_MATCH)
        .and_then(|known| known.to_str().ok());
    known.is_some_and(|known| {
        known
            .split(',')
            .any(|known| known.trim().trim_start_matches("W/") == etag)
    })
}

/// The first and last byte of a range; an error when the asset has no such bytes. Several ranges,
/// and what cannot be read, are answered with the whole (RFC 9110, 14.2).
fn wanted_range(range: &str, size: u64) -> Option<Result<(u64, u64), ()>> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let range = match (first, last) {
        ("", suffix) => {
            let suffix: u64 = suffix.parse().ok()?;
            (size.saturating_sub(suffix), size.checked_sub(1))
        }
        (first, "") => (first.parse().ok()?, size.checked_sub(1)),
        (first, last) => (
            first.parse().ok()?,
            Some(last.parse::<u64>().ok()?).map(|last| last.min(size.saturating_sub(1))),
        ),
    };
    match range {
        (first, Some(last)) if first <= last && first < size => Some(Ok((first, last))),
        _ => Some(Err(())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        assert_eq!(wanted_range("bytes=0-4", 10), Some(Ok((0, 4))));
        assert_eq!(wanted_range("bytes=5-", 10), Some(Ok((5, 9))));
        assert_eq!(wanted_range("bytes=-3", 10), Some(Ok((7, 9))));
        assert_eq!(wanted_range("bytes=-30", 10), Some(Ok((0, 9))));
        assert_eq!(wanted_range("bytes=5-99", 10), Some(Ok((5, 9))));
        for range in ["bytes=10-", "bytes=4-3", "bytes=10-12", "bytes=-0"] {
            assert_eq!(wanted_range(range, 10), Some(Err(())), "{range}");
        }
        assert_eq!(wanted_range("bytes=0-", 0), Some(Err(())));
        for range in ["bytes=0-1,4-5", "items=0-1", "bytes=a-b", "bytes=5", ""] {
            assert_eq!(wanted_range(range, 10), None, "{range}");
        }
    }
}

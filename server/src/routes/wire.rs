//! The form in which values leave: postcard's bytes for our page, JSON for everybody else.

use api::{Event, path};
use axum::{
    Json,
    body::{Body, Bytes},
    http::{HeaderMap, Response, header},
    response::IntoResponse as _,
};
use serde::Serialize;

use crate::error::Error;

/// Whether a request asks for this media type.
pub(super) fn takes(headers: &HeaderMap, media_type: &str) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    accepted.split([',', ';']).any(|one| one.trim() == media_type)
}

/// One value.
pub(super) fn value<T: Serialize>(headers: &HeaderMap, value: &T) -> Result<Response<Body>, Error> {
    let no_store = (header::CACHE_CONTROL, "no-store");
    if !takes(headers, path::VALUE) {
        return Ok(([no_store], Json(value)).into_response());
    }
    let bytes = postcard::to_allocvec(value).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(([no_store, (header::CONTENT_TYPE, path::VALUE)], bytes).into_response())
}

/// An event of a stream, in postcard's bytes, as a line of JSON.
pub(super) fn line(event: &Bytes) -> Bytes {
    let json = postcard::from_bytes::<Event>(event).map_err(|error| error.to_string());
    let json = json.and_then(|event| serde_json::to_vec(&event).map_err(|error| error.to_string()));
    // Our own plain types can be written and read; should they not, the reader sees a line that it cannot read.
    let mut line = json.unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}").into_bytes());
    line.push(b'\n');
    line.into()
}

/// An event of a stream, in postcard's bytes, after their number in four bytes, the least first.
pub(super) fn frame(event: &Bytes) -> Bytes {
    let mut frame = Vec::with_capacity(event.len() + 4);
    frame.extend((event.len() as u32).to_le_bytes());
    frame.extend_from_slice(event);
    frame.into()
}

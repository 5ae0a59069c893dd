//! The page: files that the build left in `target/site`, embedded in the binary.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use rust_embed::{Embed, EmbeddedFile};

#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/../target/site/"]
struct Site;

/// The hash of the sources that the embedded page was made from; `None` without a page.
pub(crate) fn source_hash() -> Option<String> {
    let manifest: serde_json::Value = serde_json::from_slice(&Site::get("site.json")?.data).ok()?;
    Some(manifest["source_hash"].as_str()?.to_owned())
}

/// The version with the hash of the page's sources, for `roentgen --version`.
pub(crate) fn long_version() -> String {
    let app = source_hash().unwrap_or_else(|| "none".to_owned());
    format!("{}\napp: {app}", env!("CARGO_PKG_VERSION"))
}

/// What is served when the page was not built.
const NO_PAGE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Roentgen</title>\
    <h1>The page is not built yet</h1><p>This server was built without it. <code>cargo xtask serve</code> builds both.</p></html>";

/// A file of the page for a path. Paths that are no file are places inside the page, unless they look like a file's.
pub(crate) fn answer(path: &str, request: &HeaderMap) -> Response<Body> {
    let name = path.trim_start_matches('/');
    if name.starts_with("assets/") {
        return asset(name, request);
    }
    let page = Site::get("index.html").map_or_else(|| Body::from(NO_PAGE), |file| Body::from(file.data.into_owned()));
    let mut response = Response::new(page);
    // The page names its files by their hashes; it must never be older than they are.
    set(&mut response, header::CACHE_CONTROL, "no-cache");
    set(&mut response, header::CONTENT_TYPE, "text/html; charset=utf-8");
    response
}

fn asset(name: &str, request: &HeaderMap) -> Response<Body> {
    let Some((file, encoding)) = best(name, request) else {
        let mut response = Response::new(Body::from("there is no such file; reload the page\n"));
        *response.status_mut() = StatusCode::NOT_FOUND;
        set(&mut response, header::CONTENT_TYPE, "text/plain; charset=utf-8");
        return response;
    };
    let mut response = Response::new(Body::from(file.data.into_owned()));
    set(&mut response, header::CACHE_CONTROL, "public, max-age=31536000, immutable");
    set(&mut response, header::VARY, "accept-encoding");
    set(&mut response, header::CONTENT_TYPE, content_type(name));
    if let Some(encoding) = encoding {
        set(&mut response, header::CONTENT_ENCODING, encoding);
    }
    response
}

/// The smallest form of a file that the browser takes.
fn best(name: &str, request: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    let accepted = request.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    let accepts = |encoding: &str| {
        accepted.split(',').any(|part| part.split(';').next().is_some_and(|name| name.trim() == encoding))
    };
    for (encoding, suffix) in [("br", "br"), ("gzip", "gz")] {
        if accepts(encoding)
            && let Some(file) = Site::get(&format!("{name}.{suffix}"))
        {
            return Some((file, Some(encoding)));
        }
    }
    Site::get(name).map(|file| (file, None))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("wasm") => "application/wasm",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

fn set(response: &mut Response<Body>, name: header::HeaderName, value: &'static str) {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
}

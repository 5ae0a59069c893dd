//! The server's routes, a file a resource.

mod about;
mod call;
mod data_sources;
mod file;
mod groups;
mod health;
pub(crate) mod login;
mod query;
mod span;
mod trace;
mod wire;

use std::sync::Arc;

pub(crate) use self::trace::Kept;
use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderMap, Method, Response, header},
    middleware::{from_fn, from_fn_with_state},
    response::IntoResponse as _,
    routing::{get, post},
};
use local_xray::guard::{self, Guard};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, Predicate as _,
        predicate::{DefaultPredicate, NotForContentType},
    },
};

use crate::{
    app_state::AppState,
    error::{Error, Reply},
    security, site,
};

/// The largest question.
const BODY_BYTES: usize = 1 << 20;

/// Everything that the server answers. Every request passes the guard first.
pub fn router(state: AppState, guard: Guard) -> Router {
    std::sync::LazyLock::force(&health::STARTED);
    // Rows go out as they come: compression would hold them back until it has enough.
    let compress = DefaultPredicate::new()
        .and(NotForContentType::const_new(api::path::JSON_LINES))
        .and(NotForContentType::const_new(api::path::EVENTS));
    Router::new()
        .route(api::path::HEALTH, get(health::health))
        .route(api::path::ABOUT, get(about::about))
        .route(api::path::QUERY, post(query::query))
        .route(api::path::GROUPS, get(groups::list).post(groups::change))
        .route(api::path::CALL, get(call::call))
        .route(api::path::DATA_SOURCES, get(data_sources::list).post(data_sources::create))
        .route(api::path::DATA_SOURCE, axum::routing::put(data_sources::change).delete(data_sources::delete))
        .route(api::path::TEST_DATA_SOURCE, post(data_sources::test))
        .route(api::path::TRACE, get(trace::trace))
        .route(api::path::FILE, get(file::file))
        .route(api::path::SPAN, get(span::span))
        .route(api::path::DOCUMENTS, get(span::documents))
        .route(login::PATH, get(login::show).post(login::enter))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(page)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn_with_state(state.clone(), security::only_with_token))
        .layer(CompressionLayer::new().compress_when(compress))
        .layer(CatchPanicLayer::custom(|_panic| {
            Reply { error: Error::Internal("a request panicked".to_owned()), request_id: None }.into_response()
        }))
        .layer(from_fn_with_state(Arc::new(guard), guard::layer))
        .layer(from_fn(security::headers))
        .layer(from_fn(with_request_id))
        .with_state(state)
}

/// The id of a request: made here, never taken from outside, told in the answer and in the log.
#[derive(Clone)]
pub(crate) struct RequestId(pub(crate) String);

async fn with_request_id(mut request: Request, next: axum::middleware::Next) -> Response<Body> {
    let id = uuid::Uuid::new_v4().to_string();
    request.extensions_mut().insert(RequestId(id.clone()));
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let begun = std::time::Instant::now();
    let mut response = next.run(request).await;
    let elapsed_ms = begun.elapsed().as_millis() as u64;
    tracing::info!(request_id = id, %method, path, status = response.status().as_u16(), elapsed_ms, "answered");
    if let Ok(value) = id.parse() {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

async fn method_not_allowed(method: Method, request: Request) -> Reply {
    let error = Error::MethodNotAllowed(format!("{method} {:.200} is not how this is asked", request.uri().path()));
    Reply { error, request_id: None }
}

/// What is no route is a place inside the page, except under `/api`.
async fn page(method: Method, headers: HeaderMap, request: Request) -> Response<Body> {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        let error = Error::NotFound(format!("there is no {path:.200}"));
        return Reply { error, request_id: None }.into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return method_not_allowed(method, request).await.into_response();
    }
    let mut response = site::answer(path, &headers);
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(header::HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests;

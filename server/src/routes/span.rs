//! `GET /api/traces/{id}/spans/{span}`: the document of one span.

use api::SpanDocument;
use axum::{
    Extension,
    body::Body,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderMap, Response},
};
use model::SpanId;

use super::{
    RequestId,
    trace::{Place, fetch, key, named},
    wire,
};
use crate::{
    app_state::AppState,
    error::{Error, Reply},
};

pub(super) async fn span(
    State(state): State<AppState>,
    Extension(RequestId(request_id)): Extension<RequestId>,
    Path((id, span)): Path<(String, String)>,
    place: Result<Query<Place>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response<Body>, Reply> {
    let answer = answer(&state, &id, &span, place).await.and_then(|document| wire::value(&headers, &document));
    answer.map_err(|error| Reply { error, request_id: Some(request_id) })
}

async fn answer(
    state: &AppState,
    id: &str,
    span: &str,
    place: Result<Query<Place>, QueryRejection>,
) -> Result<SpanDocument, Error> {
    let (xray, id) = named(state, id, place).await?;
    let span: SpanId = span.parse().map_err(|error: model::id::IdError| Error::BadRequest(error.to_string()))?;
    let trace = match state.traces().get(&key(&xray, id)).filter(|kept| kept.trace.find(span).is_some()) {
        Some(kept) => kept.trace,
        None => fetch(state, &xray, id).await?.trace,
    };
    let found = trace.find(span).and_then(|index| trace.span(index));
    let found = found.ok_or_else(|| Error::NotFound(format!("the trace {id} has no span {span}")))?;
    SpanDocument::of(&trace, found)
        .ok_or_else(|| Error::NotFound(format!("the document of {span} has not come; it is known only as a parent")))
}

//! `GET /api/traces/{id}/spans/{span}`: the document of one span. `GET /api/traces/{id}/documents`: those of several.

use api::SpanDocument;
use axum::{
    Extension,
    body::Body,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderMap, Response},
};
use model::SpanId;
use serde::Deserialize;

use super::{
    RequestId,
    trace::{Place, fetch, key, named},
    wire,
};
use crate::{
    app_state::AppState,
    error::{Error, Reply},
};

/// Documents that are given together have so many bytes at most: whoever wants a large one asks for it alone.
const MOST_BYTES: usize = 500_000;

/// Which spans' documents are wanted.
#[derive(Deserialize)]
pub(super) struct Wanted {
    spans: String,
}

pub(super) async fn documents(
    State(state): State<AppState>,
    Extension(RequestId(request_id)): Extension<RequestId>,
    Path(id): Path<String>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    place: Result<Query<Place>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response<Body>, Reply> {
    let answer = held(&state, &id, wanted, place).await.and_then(|documents| wire::value(&headers, &documents));
    answer.map_err(|error| Reply { error, request_id: Some(request_id) })
}

/// What is at hand of the wanted documents.
async fn held(
    state: &AppState,
    id: &str,
    wanted: Result<Query<Wanted>, QueryRejection>,
    place: Result<Query<Place>, QueryRejection>,
) -> Result<Vec<(SpanId, SpanDocument)>, Error> {
    let Query(wanted) = wanted.map_err(|error| Error::BadRequest(error.body_text()))?;
    let spans: Vec<&str> = wanted.spans.split(',').collect();
    if spans.len() > api::path::MOST_SPANS {
        let most = api::path::MOST_SPANS;
        return Err(Error::BadRequest(format!("`spans` names {} spans; {most} can be asked for at once", spans.len())));
    }
    let spans = spans.into_iter().map(str::parse).collect::<Result<Vec<SpanId>, _>>();
    let spans = spans.map_err(|error: model::id::IdError| Error::BadRequest(error.to_string()))?;
    let (xray, id) = named(state, id, place).await?;
    let Some(kept) = state.traces().get(&key(&xray, id)) else { return Ok(Vec::new()) };
    let mut left = MOST_BYTES;
    let document = |span: SpanId| {
        let document = SpanDocument::of(&kept.trace, kept.trace.span(kept.trace.find(span)?)?)?;
        left = left.checked_sub(document.document.len())?;
        Some((span, document))
    };
    Ok(spans.into_iter().filter_map(document).collect())
}

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

//! `GET /api/traces/{id}`: one trace, as columns for the page or as JSON for others.

use std::sync::Arc;

use api::{TraceColumns, trace::Header};
use axum::{
    Extension,
    body::Body,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderMap, Response},
};
use model::{Trace, TraceId};
use serde::Deserialize;

use super::{RequestId, wire};
use crate::{
    error::{Error, Reply},
    query::row,
    source::{FoundTrace, XRay},
    state::AppState,
};

/// Which X-Ray to ask; the default one where nothing is said.
#[derive(Deserialize)]
pub(super) struct Place {
    source: Option<String>,
    region: Option<String>,
}

impl Place {
    /// The X-Ray that a request names.
    pub(super) fn xray(&self, state: &AppState) -> Result<XRay, Error> {
        state.sources().client(self.source.as_deref(), self.region.as_deref())
    }
}

/// The X-Ray and the trace that a request names.
pub(super) fn named(
    state: &AppState,
    id: &str,
    place: Result<Query<Place>, QueryRejection>,
) -> Result<(XRay, TraceId), Error> {
    let Query(place) = place.map_err(|error| Error::BadRequest(error.body_text()))?;
    let id = TraceId::find(id).ok_or_else(|| {
        let shown: String = id.chars().take(80).collect();
        Error::BadRequest(format!(
            "a trace id is 1-, 8 hex digits, -, 24 hex digits (or 32 hex digits); this is not one: {shown}"
        ))
    })?;
    Ok((place.xray(state)?, id))
}

/// Asks X-Ray for a trace, and keeps it for the questions about its spans that follow.
pub(super) async fn fetch(state: &AppState, xray: &XRay, id: TraceId) -> Result<(Arc<Trace>, bool), Error> {
    let Some(FoundTrace { trace, limit_exceeded }) = xray.trace(id).await? else {
        let (source, region) = (&xray.source, &xray.region);
        return Err(Error::NotFound(if xray.is_local() {
            format!(
                "The local X-Ray has no trace {id}. It forgets the oldest traces when its memory is full, and all of them when it ends"
            )
        } else {
            format!(
                "{source} in {region} has no trace {id}. X-Ray shows a new trace after up to 30 seconds and keeps it for 30 days; is it the right region?"
            )
        }));
    };
    let trace = Arc::new(trace);
    state.traces().insert((xray.source.to_string(), xray.region.to_string(), id), trace.clone());
    Ok((trace, limit_exceeded))
}

pub(super) async fn trace(
    State(state): State<AppState>,
    Extension(RequestId(request_id)): Extension<RequestId>,
    Path(id): Path<String>,
    place: Result<Query<Place>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response<Body>, Reply> {
    answer(&state, &id, place, &headers).await.map_err(|error| Reply { error, request_id: Some(request_id) })
}

async fn answer(
    state: &AppState,
    id: &str,
    place: Result<Query<Place>, QueryRejection>,
    headers: &HeaderMap,
) -> Result<Response<Body>, Error> {
    let (xray, id) = named(state, id, place)?;
    let (trace, limit_exceeded) = fetch(state, &xray, id).await?;
    let headers = headers.clone();
    let work = tokio::task::spawn_blocking(move || {
        let summary = row(analysis::summary::summarize(&trace, 0));
        let (source, region) = (xray.source.to_string(), xray.region.to_string());
        let columns = TraceColumns::new(&trace, Header { source, region, summary, limit_exceeded });
        wire::value(&headers, &columns)
    });
    work.await.map_err(|error| Error::Internal(error.to_string()))?
}

//! `GET /api/traces/{id}`: one trace, as columns for the page or as JSON for others.

use std::sync::Arc;

use api::{TraceColumns, trace::Header};
use axum::{
    Extension,
    body::Body,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderMap, Response},
};
use model::{Moment, Nanos, Trace, TraceId};
use serde::Deserialize;

use super::{RequestId, wire};
use crate::{
    app_state::{AppState, TraceKey},
    error::{Error, Reply},
    query,
    source::{FoundTrace, Job, Retrieved, XRay},
};

/// Which X-Ray to ask; the default one where nothing is said.
#[derive(Deserialize)]
pub(super) struct Place {
    source: Option<String>,
    region: Option<String>,
    /// Past what is kept.
    #[serde(default)]
    fresh: bool,
}

impl Place {
    /// The X-Ray that a request names.
    pub(super) async fn xray(&self, state: &AppState) -> Result<XRay, Error> {
        state.sources().client(self.source.as_deref(), self.region.as_deref()).await
    }
}

/// The X-Ray and the trace that a request names.
pub(super) async fn named(
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
    Ok((place.xray(state).await?, id))
}

/// A trace, and what else is to be told of it.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) trace: Arc<Trace>,
    limit_exceeded: bool,
    retrieved: bool,
    /// When X-Ray gave it.
    fetched: Moment,
}

/// A trace whose last segment ended so long ago will hardly change.
const OVER: Nanos = Nanos::seconds(300);

impl Kept {
    /// Whether X-Ray would hardly say anything else now.
    fn is_over(&self) -> bool {
        let last = self.trace.spans.iter().map(|span| span.end.unwrap_or(Moment(i64::MAX))).max().unwrap_or_default();
        last.0.saturating_add(OVER.0) < self.fetched.0
    }
}

/// What a trace of this X-Ray is kept under.
pub(super) fn key(xray: &XRay, id: TraceId) -> TraceKey {
    (xray.revision, xray.region.clone(), id)
}

/// Asks X-Ray for a trace, and keeps it for the questions about its spans that follow.
pub(super) async fn fetch(state: &AppState, xray: &XRay, id: TraceId) -> Result<Kept, Error> {
    let budgets = state.sources().scan_budgets(&xray.source);
    let budget = state.spending().budget(&xray.source, budgets).await;
    let job = Job::new(state.conversations().clone(), budget.clone());
    let found = xray.trace(&job, id).await;
    if !xray.is_local() {
        state.spending().ended(&xray.source, &budget);
    }
    let (source, region) = (&xray.source, &xray.region);
    let FoundTrace { trace, limit_exceeded, retrieved } = match found? {
        Retrieved::Found(found) => found,
        _ if xray.is_local() => {
            return Err(Error::NotFound(format!(
                "The local X-Ray has no trace {id}. It keeps traces for some days, and lets the oldest go when its disk space is full"
            )));
        }
        Retrieved::Absent => {
            return Err(Error::NotFound(format!(
                "{source} in {region} has no trace {id}, and neither has Transaction Search. X-Ray shows a new trace after up to 30 seconds and keeps it for 30 days; is it the right region?"
            )));
        }
        Retrieved::Unknown(why) => {
            return Err(Error::NotFound(format!(
                "{source} in {region} has no trace {id}. Whether Transaction Search has it is not known: {why}. X-Ray shows a new trace after up to 30 seconds and keeps it for 30 days; is it the right region?"
            )));
        }
    };
    let kept = Kept { trace: Arc::new(trace), limit_exceeded, retrieved, fetched: query::now() };
    state.traces().insert(key(xray, id), kept.clone());
    Ok(kept)
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
    let fresh = place.as_ref().is_ok_and(|place| place.fresh);
    let (xray, id) = named(state, id, place).await?;
    let known = state.traces().get(&key(&xray, id)).filter(|known| !fresh && !xray.is_local() && known.is_over());
    let cached = known.as_ref().map(|known| known.fetched);
    let kept = match known {
        Some(known) => known,
        None => fetch(state, &xray, id).await?,
    };
    let headers = headers.clone();
    let work = tokio::task::spawn_blocking(move || {
        let Kept { trace, limit_exceeded, retrieved, .. } = kept;
        let summary = analysis::summary::summarize(&trace, 0).into();
        let (source, region) = (xray.source.to_string(), xray.region.to_string());
        let columns = TraceColumns::new(&trace, Header { source, region, summary, limit_exceeded, retrieved, cached });
        wire::value(&headers, &columns)
    });
    work.await.map_err(|error| Error::Internal(error.to_string()))?
}

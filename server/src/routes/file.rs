//! `GET /api/traces/{id}/file?format=…`: a trace as a file to keep.

use axum::{
    Extension,
    body::Body,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{Response, header},
    response::IntoResponse as _,
};
use import::export;
use model::Trace;
use serde::Deserialize;

use super::{
    RequestId,
    trace::{Place, fetch, key, named},
};
use crate::{
    app_state::AppState,
    error::{Error, Reply},
};

/// What is wanted.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    format: Format,
    /// To be looked at rather than kept.
    #[serde(default)]
    show: bool,
}

/// The forms of a file.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    /// X-Ray's segment documents as they came, in a list.
    #[default]
    Documents,
    /// OpenTelemetry's JSON.
    Otlp,
    /// A line a span; times in UTC, durations in milliseconds.
    Csv,
}

pub(super) async fn file(
    State(state): State<AppState>,
    Extension(RequestId(request_id)): Extension<RequestId>,
    Path(id): Path<String>,
    place: Result<Query<Place>, QueryRejection>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response<Body>, Reply> {
    let answer = answer(&state, &id, place, wanted).await;
    answer.map_err(|error| Reply { error, request_id: Some(request_id) })
}

async fn answer(
    state: &AppState,
    id: &str,
    place: Result<Query<Place>, QueryRejection>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response<Body>, Error> {
    let Query(wanted) = wanted.map_err(|error| Error::BadRequest(error.body_text()))?;
    let (xray, id) = named(state, id, place).await?;
    let trace = match state.traces().get(&key(&xray, id)) {
        Some(kept) => kept.trace,
        None => fetch(state, &xray, id).await?.trace,
    };
    let work = tokio::task::spawn_blocking(move || text(&trace, wanted.format));
    let text = work.await.map_err(|error| Error::Internal(error.to_string()))?;
    let (media_type, ending) = match wanted.format {
        Format::Documents => ("application/json", "json"),
        Format::Otlp => ("application/json", "otlp.json"),
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
    };
    let disposition = if wanted.show { "inline" } else { "attachment" };
    let headers = [
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("{disposition}; filename=\"{id}.{ending}\"")),
    ];
    Ok((headers, text).into_response())
}

fn text(trace: &Trace, format: Format) -> String {
    match format {
        Format::Documents => export::documents(trace),
        Format::Otlp => export::otlp(trace),
        Format::Csv => export::csv(trace),
    }
}

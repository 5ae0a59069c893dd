//! `GET /api/traces/{id}/file?format=…`: a trace as a file to keep.

use axum::{
    Extension,
    body::Body,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{Response, header},
    response::IntoResponse as _,
};
use model::{Trace, trace::SpanKind};
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
    let text = work.await.map_err(|error| Error::Internal(error.to_string()))?.map_err(Error::Internal)?;
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

fn text(trace: &Trace, format: Format) -> Result<String, String> {
    match format {
        Format::Documents => Ok(["[", &trace.documents.join(",\n"), "]\n"].concat()),
        Format::Otlp => serde_json::to_string(&otlp::export(trace)).map_err(|error| error.to_string()),
        Format::Csv => lines(trace).map_err(|error| error.to_string()),
    }
}

fn lines(trace: &Trace) -> Result<String, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record([
        "id",
        "parent",
        "depth",
        "kind",
        "service",
        "name",
        "start",
        "duration_ms",
        "outcome",
        "status",
        "method",
        "url",
    ])?;
    for span in &trace.spans {
        let id = |index: u32| trace.span(index).map(|span| span.id.to_string()).unwrap_or_default();
        let kind = match span.kind {
            SpanKind::Segment => "segment",
            SpanKind::Subsegment => "subsegment",
            SpanKind::Inferred => "inferred",
            SpanKind::Placeholder => "missing",
        };
        let http = span.http();
        let ms = |nanos: model::Nanos| format!("{}.{:06}", nanos.0 / 1_000_000, nanos.0 % 1_000_000);
        out.write_record([
            &span.id.to_string(),
            &span.parent.map(id).unwrap_or_default(),
            &span.depth.to_string(),
            kind,
            harmless(trace.span(span.segment).map_or("", |segment| trace.name(segment))).as_str(),
            harmless(trace.name(span)).as_str(),
            &format::moment::rfc3339(span.start.0, 0),
            &span.duration().map(ms).unwrap_or_default(),
            span.outcome.as_str(),
            &http.and_then(|http| http.status).map(|status| status.to_string()).unwrap_or_default(),
            harmless(http.and_then(|http| http.method.as_deref()).unwrap_or("")).as_str(),
            harmless(http.and_then(|http| http.url.as_deref()).unwrap_or("")).as_str(),
        ])?;
    }
    let bytes = out.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A text that no spreadsheet takes for a formula.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t']) { ["'", text].concat() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_in_each_form() {
        let trace = fixture::trace("front 0..90 GET https://shop/a,b 200\n  =cmd 10..20 fault\n");
        let csv = text(&trace, Format::Csv).unwrap();
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines.len(), 3, "{csv}");
        assert!(lines[1].contains("\"https://shop/a,b\"") && lines[1].contains(",90.000000,ok,200,"), "{csv}");
        assert!(lines[2].contains("'=cmd") && lines[2].contains(",10.000000,fault,"), "{csv}");
        let documents: serde_json::Value = serde_json::from_str(&text(&trace, Format::Documents).unwrap()).unwrap();
        assert_eq!(documents[0]["name"], "front");
        let otlp: serde_json::Value = serde_json::from_str(&text(&trace, Format::Otlp).unwrap()).unwrap();
        assert!(otlp["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["name"] == "front", "{otlp}");
    }
}

//! The HTTP half: one path an operation, all `POST`.

use std::{io::Read as _, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, State, rejection::BytesRejection},
    http::{HeaderMap, Method, Response, StatusCode, Uri, header},
    middleware,
    routing::post,
};
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Engine, batch_get, control, graphs, groups,
    guard::{self, Guard},
    insights, otlp,
    protocol::{Failure, json, read},
    put, retrieval, rules, sampling, summaries, time_series,
};

/// The largest request, compressed or not: far more than any SDK sends.
const BODY_BYTES: usize = 10 << 20;

/// The service's HTTP half. Every request passes the guard first.
pub fn router(engine: &Engine) -> Router {
    guarded(engine, engine.config().listen, Router::new().route(otlp::PATH, post(export)).fallback(answer))
}

/// What listens for OpenTelemetry's exporters alone.
pub(crate) fn otlp_router(engine: &Engine, listen: SocketAddr) -> Router {
    guarded(engine, listen, Router::new().route(otlp::PATH, post(export)))
}

fn guarded(engine: &Engine, listen: SocketAddr, router: Router<Engine>) -> Router {
    let guard = Guard {
        allowed_hosts: engine.config().allowed_hosts.clone(),
        any_address: !listen.ip().is_loopback(),
        own_page: false,
    };
    router
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(middleware::from_fn_with_state(Arc::new(guard), guard::layer))
        .with_state(engine.clone())
}

async fn export(
    State(engine): State<Engine>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response<Body> {
    otlp::export(engine, headers, body.map_err(|error| (StatusCode::PAYLOAD_TOO_LARGE, too_large(&error)))).await
}

/// Why a body cannot be taken.
pub(crate) type Refused = (StatusCode, String);

fn too_large(error: &BytesRejection) -> String {
    format!("{}; the largest request has {} MB", error.body_text(), BODY_BYTES >> 20)
}

/// A body as it was before it was compressed. One that grows beyond the largest request is refused.
pub(crate) fn plain(headers: &HeaderMap, body: Bytes) -> Result<Bytes, Refused> {
    let encoding = headers.get(header::CONTENT_ENCODING).map_or("identity", |value| value.to_str().unwrap_or("?"));
    match encoding.trim() {
        "identity" | "" => Ok(body),
        "gzip" => {
            let mut plain = Vec::new();
            let mut reader = MultiGzDecoder::new(&body[..]).take(BODY_BYTES as u64 + 1);
            let read = reader.read_to_end(&mut plain);
            read.map_err(|error| (StatusCode::BAD_REQUEST, format!("its gzip cannot be read: {error}")))?;
            if plain.len() > BODY_BYTES {
                let reason = format!("it unpacks to more than {} MB, the largest request", BODY_BYTES >> 20);
                return Err((StatusCode::PAYLOAD_TOO_LARGE, reason));
            }
            Ok(plain.into())
        }
        other => Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("the encoding {other:.40} is not known; gzip is"))),
    }
}

async fn answer(
    State(engine): State<Engine>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response<Body> {
    let result = match body {
        _ if method != Method::POST => Err(unknown(&method, uri.path())),
        Ok(body) => match plain(&headers, body) {
            Ok(body) => answer_aside(engine, uri.path().to_owned(), body).await,
            Err((_, reason)) => Err(Failure::serialization(reason)),
        },
        Err(error) => Err(Failure::of("RequestEntityTooLargeException", too_large(&error))),
    };
    match result {
        Ok(body) => json(StatusCode::OK, body),
        Err(failure) => {
            tracing::info!(path = uri.path(), code = failure.code, message = failure.message, "refused a call");
            failure.response()
        }
    }
}

/// Operations that read many traces. Few of them work at once, the others wait: so memory has a bound.
const READS: [&str; 11] = [
    "/Traces",
    "/TraceSummaries",
    "/ServiceGraph",
    "/TraceGraph",
    "/TimeSeriesServiceStatistics",
    "/Insight",
    "/InsightEvents",
    "/InsightImpactGraph",
    "/InsightSummaries",
    "/ListRetrievedTraces",
    "/GetRetrievedTracesGraph",
];

/// Large traces take their time; meanwhile the threads that serve sockets go on.
async fn answer_aside(engine: Engine, path: String, body: Bytes) -> Result<String, Failure> {
    let _turn = if READS.contains(&path.as_str()) { engine.turn().await } else { None };
    let work = tokio::task::spawn_blocking(move || dispatch(&engine, &path, &body));
    work.await.unwrap_or_else(|error| Err(Failure::internal(&error)))
}

fn dispatch(engine: &Engine, path: &str, body: &[u8]) -> Result<String, Failure> {
    match path {
        "/TraceSegments" => put::put_trace_segments(engine, body),
        "/TelemetryRecords" => put_telemetry_records(body),
        "/Traces" => batch_get::batch_get_traces(engine, body),
        "/TraceSummaries" => summaries::get_trace_summaries(engine, body),
        "/ServiceGraph" => graphs::get_service_graph(engine, body),
        "/TraceGraph" => graphs::get_trace_graph(engine, body),
        "/TimeSeriesServiceStatistics" => time_series::get_time_series_service_statistics(engine, body),
        "/Groups" => groups::get_groups(engine, body),
        "/GetGroup" => groups::get_group(engine, body),
        "/CreateGroup" => groups::create_group(engine, body),
        "/UpdateGroup" => groups::update_group(engine, body),
        "/DeleteGroup" => groups::delete_group(engine, body),
        "/Insight" => insights::get_insight(engine, body),
        "/InsightEvents" => insights::get_insight_events(engine, body),
        "/InsightImpactGraph" => insights::get_insight_impact_graph(engine, body),
        "/InsightSummaries" => insights::get_insight_summaries(engine, body),
        "/GetSamplingRules" => rules::get_sampling_rules(engine, body),
        "/CreateSamplingRule" => rules::create_sampling_rule(engine, body),
        "/UpdateSamplingRule" => rules::update_sampling_rule(engine, body),
        "/DeleteSamplingRule" => rules::delete_sampling_rule(engine, body),
        "/SamplingStatisticSummaries" => sampling::get_sampling_statistic_summaries(engine, body),
        "/StartTraceRetrieval" => retrieval::start_trace_retrieval(engine, body),
        "/ListRetrievedTraces" => retrieval::list_retrieved_traces(engine, body),
        "/GetRetrievedTracesGraph" => retrieval::get_retrieved_traces_graph(engine, body),
        "/CancelTraceRetrieval" => retrieval::cancel_trace_retrieval(engine, body),
        "/EncryptionConfig" => Ok(control::get_encryption_config(engine)),
        "/PutEncryptionConfig" => control::put_encryption_config(engine, body),
        "/ListTagsForResource" => control::list_tags_for_resource(engine, body),
        "/TagResource" => control::tag_resource(engine, body),
        "/UntagResource" => control::untag_resource(engine, body),
        "/SamplingTargets" => sampling::get_sampling_targets(engine, body),
        path => match LATER.iter().find(|(other, _)| *other == path) {
            Some((_, operation)) => {
                Err(Failure::invalid(format!("{operation} is not supported by the local X-Ray yet")))
            }
            None => Err(unknown(&Method::POST, path)),
        },
    }
}

fn unknown(method: &Method, path: &str) -> Failure {
    let message =
        format!("{method} {path:.80} is no operation of X-Ray; this is Roentgen's local X-Ray, which answers AWS SDKs");
    Failure { status: StatusCode::NOT_FOUND, ..Failure::of("UnknownOperationException", message) }
}

/// The operations of X-Ray that are not answered yet, by path.
const LATER: [(&str, &str); 7] = [
    ("/DeleteResourcePolicy", "DeleteResourcePolicy"),
    ("/GetIndexingRules", "GetIndexingRules"),
    ("/GetTraceSegmentDestination", "GetTraceSegmentDestination"),
    ("/ListResourcePolicies", "ListResourcePolicies"),
    ("/PutResourcePolicy", "PutResourcePolicy"),
    ("/UpdateIndexingRule", "UpdateIndexingRule"),
    ("/UpdateTraceSegmentDestination", "UpdateTraceSegmentDestination"),
];

#[derive(Deserialize)]
struct PutTelemetryRecords {
    #[serde(rename = "TelemetryRecords")]
    records: Option<Vec<Value>>,
}

/// The daemon's statistics about itself: taken and dropped.
fn put_telemetry_records(body: &[u8]) -> Result<String, Failure> {
    let request: PutTelemetryRecords = read(body)?;
    request.records.map(|_| "{}".to_owned()).ok_or_else(|| Failure::missing("telemetryRecords"))
}

//! What holds of any bytes that come to the service's port. The fuzz targets look for bytes of which it does not; the
//! tests replay what they found on the way.
//!
//! The fuzz targets include this file, so that it names nothing but what the crate has at its root.

use std::sync::LazyLock;

use axum::{body::Body, http::Request};
use tower::ServiceExt as _;

use crate::{Config, Engine, router};

static ENGINES: LazyLock<[Engine; 2]> = LazyLock::new(|| {
    [false, true].map(|strict| Engine::new(Config { strict, ..Config::default() }).expect("an engine"))
});

/// The operations, and what is none.
const PATHS: [&str; 38] = [
    "/TraceSegments",
    "/Traces",
    "/TraceSummaries",
    "/ServiceGraph",
    "/TraceGraph",
    "/TimeSeriesServiceStatistics",
    "/Groups",
    "/GetGroup",
    "/CreateGroup",
    "/UpdateGroup",
    "/DeleteGroup",
    "/Insight",
    "/InsightEvents",
    "/InsightImpactGraph",
    "/InsightSummaries",
    "/GetSamplingRules",
    "/CreateSamplingRule",
    "/UpdateSamplingRule",
    "/DeleteSamplingRule",
    "/SamplingTargets",
    "/SamplingStatisticSummaries",
    "/EncryptionConfig",
    "/PutEncryptionConfig",
    "/ListTagsForResource",
    "/TagResource",
    "/UntagResource",
    "/StartTraceRetrieval",
    "/ListRetrievedTraces",
    "/GetRetrievedTracesGraph",
    "/CancelTraceRetrieval",
    "/TelemetryRecords",
    "/PutResourcePolicy",
    "/UpdateIndexingRule",
    "/v1/traces",
    "/",
    "/Nobody",
    "/%00",
    "/TraceSegments/",
];

/// Any body is answered, and never with a failure of ours. The first byte chooses the operation.
pub(crate) fn http(bytes: &[u8]) {
    let Some((choice, body)) = bytes.split_first() else { return };
    let (path, engine) = (PATHS[*choice as usize % PATHS.len()], &ENGINES[usize::from(*choice >= 128)]);
    let kind = if body.first() == Some(&b'{') { "application/json" } else { "application/x-protobuf" };
    let request = Request::post(path).header("host", "localhost").header("content-type", kind);
    let request = request.body(Body::from(body.to_vec())).expect("a request");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let answer = runtime.block_on(router(engine).oneshot(request)).expect("an answer");
    assert!(!answer.status().is_server_error(), "{path}: {}", answer.status());
}

/// Any datagram is taken or refused.
pub(crate) fn datagram(bytes: &[u8]) {
    let header = b"{\"format\":\"json\",\"version\":1}\n";
    for engine in &*ENGINES {
        engine.take_datagram(bytes);
        engine.take_datagram(&[header, bytes].concat());
    }
}

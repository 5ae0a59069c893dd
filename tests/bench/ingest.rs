//! `PutTraceSegments` of the local X-Ray beside `serde_json` reading the same documents into `Value`s, on one thread.

use std::time::Instant;

use axum::{body::Body, http::Request};
use tower::ServiceExt as _;

use crate::{Limit, Measure, median};

const ROUNDS: usize = 9;

pub(crate) fn measure() -> Vec<Measure> {
    let documents: Vec<String> = (0..40).flat_map(|seed| fixture::realistic(seed, 250)).collect();
    let bytes: usize = documents.iter().map(String::len).sum();
    let bodies: Vec<String> =
        documents.chunks(50).map(|batch| serde_json::json!({ "TraceSegmentDocuments": batch }).to_string()).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        for document in &documents {
            let value: serde_json::Value = serde_json::from_slice(document.as_bytes()).expect("it is JSON");
            std::hint::black_box(&value);
        }
        theirs.push(begun.elapsed().as_secs_f64());
        // A fresh store each round: the second copy of a document would only be compared.
        let router = local_xray::router(&local_xray::Engine::new(local_xray::Config::default()).expect("a store"));
        let requests: Vec<_> = bodies
            .iter()
            .map(|body| {
                let request = Request::post("/TraceSegments").header("host", "127.0.0.1");
                request.body(Body::from(body.clone())).expect("a request")
            })
            .collect();
        let begun = Instant::now();
        runtime.block_on(async {
            for request in requests {
                let response = router.clone().oneshot(request).await.expect("an answer");
                assert!(response.status().is_success());
            }
        });
        ours.push(begun.elapsed().as_secs_f64());
    }
    let megabytes = bytes as f64 / 1e6;
    let (ours, theirs) = (median(ours), median(theirs));
    vec![
        Measure::new(
            "PutTraceSegments, as a share of serde_json's Value",
            theirs / ours,
            "×",
            Limit::AtLeast(1.0 / 3.0),
        ),
        Measure::new("  PutTraceSegments", megabytes / ours, "MB/s", Limit::None),
        Measure::new("  serde_json::from_slice::<Value>", megabytes / theirs, "MB/s", Limit::None),
        Measure::new("  a document", bytes as f64 / documents.len() as f64, "bytes", Limit::None),
    ]
}

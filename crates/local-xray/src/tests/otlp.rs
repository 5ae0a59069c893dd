//! OpenTelemetry's exporters at the service's door.

use std::io::Write as _;

use axum::http::{HeaderMap, HeaderValue};
use flate2::{Compression, write::GzEncoder};
use prost::Message as _;

use super::*;

const TRACE_ID: &str = "5b8efff798038103d269b633813fc60c";

fn body(spans: &str) -> String {
    format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"shop"}}}}]}},"scopeSpans":[{{"spans":[{spans}]}}]}}]}}"#
    )
}

fn span(id: &str) -> String {
    format!(
        r#"{{"traceId":"{TRACE_ID}","spanId":"{id}","name":"GET /","kind":2,"startTimeUnixNano":"1800000000000000000","endTimeUnixNano":"1800000000500000000"}}"#
    )
}

async fn send(service: &Service, kind: &str, encoding: Option<&str>, body: Vec<u8>) -> (u16, HeaderMap, Vec<u8>) {
    let mut request = Request::post("/v1/traces").header("host", "127.0.0.1:2000").header("content-type", kind);
    if let Some(encoding) = encoding {
        request = request.header("content-encoding", encoding);
    }
    let response = router(&service.engine).oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, headers, response.into_body().collect().await.unwrap().to_bytes().to_vec())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn spans_are_taken_in_every_encoding() {
    let json = body(&span("00000000000000a1"));
    let protobuf = ::otlp::Request::from_json(json.as_bytes()).unwrap().encode_to_vec();
    for (kind, encoding, body) in [
        ("application/json", None, json.clone().into_bytes()),
        ("application/json; charset=utf-8", Some("gzip"), gzip(json.as_bytes())),
        ("application/x-protobuf", None, protobuf.clone()),
        ("application/x-protobuf", Some("gzip"), gzip(&protobuf)),
    ] {
        let service = Service::lenient();
        let (status, headers, answer) = send(&service, kind, encoding, body).await;
        assert_eq!(status, 200, "{kind}");
        assert_eq!(headers["content-type"], HeaderValue::from_str(kind.split(';').next().unwrap()).unwrap());
        assert_eq!(answer, if kind.contains("json") { b"{}".to_vec() } else { Vec::new() });
        let documents = service.documents("1-5b8efff7-98038103d269b633813fc60c").await;
        assert_eq!((documents.len(), &documents[0]["name"]), (1, &json!("shop")));
    }
}

#[tokio::test]
async fn good_spans_are_kept_beside_bad_ones() {
    let service = Service::lenient();
    let bad = span("00000000000000a2").replace("1800000000000000000", "0");
    let text = body(&[span("00000000000000a1"), bad.clone(), bad].join(","));
    let (status, _, answer) = send(&service, "application/json", None, text.into_bytes()).await;
    assert_eq!(status, 200);
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer["partialSuccess"]["rejectedSpans"], "2");
    assert_eq!(answer["partialSuccess"]["errorMessage"], "span GET /: it has no startTimeUnixNano (and 1 more)");
    assert_eq!(service.documents("1-5b8efff7-98038103d269b633813fc60c").await.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_stores_nothing() {
    let service = Service::lenient();
    let bomb = gzip(&vec![b' '; 40 << 20]);
    assert!(bomb.len() < 100_000);
    let huge = vec![b' '; 11 << 20];
    for (kind, encoding, body, expected, said) in [
        ("application/json", None, b"{".to_vec(), 400, "JSON"),
        ("application/x-protobuf", None, b"\xff\xff".to_vec(), 400, "protobuf"),
        ("text/plain", None, b"{}".to_vec(), 415, "text/plain is not known"),
        ("application/json", Some("gzip"), b"no gzip".to_vec(), 400, "its gzip cannot be read"),
        ("application/json", Some("br"), b"{}".to_vec(), 415, "the encoding br is not known"),
        ("application/json", Some("gzip"), bomb.clone(), 413, "unpacks to more than 10 MB"),
        ("application/json", None, huge, 413, "the largest request has 10 MB"),
    ] {
        let (status, _, answer) = send(&service, kind, encoding, body).await;
        let text = String::from_utf8_lossy(&answer).into_owned();
        assert_eq!(status, expected, "{text}");
        assert!(text.contains(said), "{text}");
    }
    assert_eq!(service.engine.store().counts().traces, 0);
    // The same holds for X-Ray's own operations.
    let request = Request::post("/TraceSegments").header("host", "127.0.0.1:2000").header("content-encoding", "gzip");
    let response = router(&service.engine).oneshot(request.body(Body::from(bomb)).unwrap()).await.unwrap();
    assert_eq!(response.status(), 400);
}

#[tokio::test]
async fn the_port_of_exporters_is_taken_or_given_up() {
    let config = Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        otlp_listen: Some("127.0.0.1:0".parse().unwrap()),
        ..Config::default()
    };
    let first = bind(config.clone()).await.unwrap();
    let taken = first.otlp_address().unwrap();
    let second = bind(Config { otlp_listen: Some(taken), ..config }).await.unwrap();
    assert_eq!(second.otlp_address(), None);
    assert!(second.otlp_error().unwrap().is_address_in_use());
}

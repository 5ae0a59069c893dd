//! OpenTelemetry's protocol over HTTP: `POST /v1/traces`, protobuf or JSON.
//! <https://opentelemetry.io/docs/specs/otlp/#otlphttp>

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use otlp::Request;
use prost::Message;
use serde_json::json;

use crate::{
    Engine,
    http::{Refused, plain},
    put,
};

/// The path that exporters use.
pub(crate) const PATH: &str = "/v1/traces";
const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

/// `ExportTraceServiceResponse`
#[derive(Clone, PartialEq, Message)]
struct Answer {
    #[prost(message, optional, tag = "1")]
    partial_success: Option<PartialSuccess>,
}

/// `ExportTracePartialSuccess`
#[derive(Clone, PartialEq, Eq, Message)]
struct PartialSuccess {
    #[prost(int64, tag = "1")]
    rejected_spans: i64,
    #[prost(string, tag = "2")]
    error_message: String,
}

/// `google.rpc.Status`
#[derive(Clone, PartialEq, Eq, Message)]
struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

/// How a request is encoded, and its answer.
#[derive(Clone, Copy)]
enum Encoding {
    Protobuf,
    Json,
}

/// Answers a request.
pub(crate) async fn export(engine: Engine, headers: HeaderMap, body: Result<Bytes, Refused>) -> Response<Body> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let encoding = match content_type.split(';').next().unwrap_or_default().trim() {
        PROTOBUF => Encoding::Protobuf,
        JSON => Encoding::Json,
        other => {
            let message = format!("the content type {other:.60} is not known; {PROTOBUF} and {JSON} are");
            return failed(Encoding::Json, StatusCode::UNSUPPORTED_MEDIA_TYPE, message);
        }
    };
    let body = match body.and_then(|body| plain(&headers, body)) {
        Ok(body) => body,
        Err((status, message)) => return failed(encoding, status, message),
    };
    let work = tokio::task::spawn_blocking(move || take(&engine, encoding, &body));
    match work.await {
        Ok(Ok(partial)) => answered(encoding, partial),
        Ok(Err((status, message))) => failed(encoding, status, message),
        Err(error) => failed(encoding, StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

/// Stores the spans; gives those that were refused.
fn take(engine: &Engine, encoding: Encoding, body: &[u8]) -> Result<Option<PartialSuccess>, (StatusCode, String)> {
    let request = match encoding {
        Encoding::Protobuf => Request::from_protobuf(body),
        Encoding::Json => Request::from_json(body),
    };
    let request = request.map_err(|error| {
        engine.refuse(format!("OTLP request of {} bytes: {error}", body.len()));
        (StatusCode::BAD_REQUEST, error.to_string())
    })?;
    let (mut batch, mut rejected, mut first) = (Vec::new(), 0, None);
    for mapped in request.documents() {
        let documents =
            mapped.map_err(|rejected| format!("span {}: {}", rejected.name, rejected.reason)).and_then(|it| {
                let check = |text: String| {
                    put::check(&text, engine.strict()).map_err(|rejection| put::describe(&text, &rejection))
                };
                it.documents.into_iter().map(check).collect::<Result<Vec<_>, _>>()
            });
        match documents {
            Ok(documents) => batch.extend(documents),
            Err(reason) => {
                rejected += 1;
                engine.refuse(format!("OTLP: {reason}"));
                first.get_or_insert(reason);
            }
        }
    }
    engine.take(batch, 0).map_err(|failure| (StatusCode::SERVICE_UNAVAILABLE, failure.message))?;
    Ok(first.map(|first| PartialSuccess {
        rejected_spans: rejected,
        error_message: if rejected == 1 { first } else { format!("{first} (and {} more)", rejected - 1) },
    }))
}

fn answered(encoding: Encoding, partial: Option<PartialSuccess>) -> Response<Body> {
    match encoding {
        Encoding::Protobuf => respond(StatusCode::OK, PROTOBUF, Answer { partial_success: partial }.encode_to_vec()),
        Encoding::Json => {
            let body = partial.map_or(json!({}), |partial| {
                let rejected = partial.rejected_spans.to_string();
                json!({ "partialSuccess": { "rejectedSpans": rejected, "errorMessage": partial.error_message } })
            });
            respond(StatusCode::OK, JSON, body.to_string().into_bytes())
        }
    }
}

fn failed(encoding: Encoding, status: StatusCode, message: String) -> Response<Body> {
    // The codes of gRPC: invalid argument, unavailable.
    let code = if status == StatusCode::SERVICE_UNAVAILABLE { 14 } else { 3 };
    let mut response = match encoding {
        Encoding::Protobuf => respond(status, PROTOBUF, Status { code, message }.encode_to_vec()),
        Encoding::Json => respond(status, JSON, json!({ "code": code, "message": message }).to_string().into_bytes()),
    };
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

fn respond(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

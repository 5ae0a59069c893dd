//! A trace as OpenTelemetry's spans.

use std::collections::BTreeMap;

use model::{
    AnnotationValue, Span as TraceSpan, SpanId, Trace,
    document::detail::{Cause, Detail},
    trace::{Namespace, SpanKind},
};

use crate::message::{
    AnyValue, Event, KeyValue, Link, Request, Resource, ResourceSpans, ScopeSpans, Span, Status, Value,
};

const INTERNAL: i32 = 1;
const SERVER: i32 = 2;
const CLIENT: i32 = 3;

/// The spans of a trace by the service that reported them. What was inferred is left out: whoever reads the spans infers
/// it again. Members that OpenTelemetry has no name for are attributes that begin with `aws.xray.`.
pub fn export(trace: &Trace) -> Request {
    let mut services: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    for span in &trace.spans {
        if !matches!(span.kind, SpanKind::Segment | SpanKind::Subsegment) {
            continue;
        }
        let segment = trace.span(span.segment).filter(|segment| segment.kind == SpanKind::Segment);
        let service = trace.name(segment.unwrap_or(span)).to_owned();
        services.entry(service).or_default().push(exported(trace, span));
    }
    let resource_spans = services.into_iter().map(|(service, spans)| ResourceSpans {
        resource: Some(Resource { attributes: vec![pair("service.name", Value::String(service))] }),
        scope_spans: vec![ScopeSpans { scope: None, spans }],
    });
    Request { resource_spans: resource_spans.collect() }
}

fn pair(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }) }
}

fn bytes(id: SpanId) -> Vec<u8> {
    u64::from_str_radix(&id.to_string(), 16).unwrap_or(0).to_be_bytes().to_vec()
}

fn trace_bytes(id: model::TraceId) -> Vec<u8> {
    u128::from_str_radix(id.w3c(), 16).unwrap_or(0).to_be_bytes().to_vec()
}

fn exported(trace: &Trace, span: &TraceSpan) -> Span {
    let parent = span.parent.and_then(|parent| trace.span(parent));
    let kind = match (span.kind, span.namespace) {
        (SpanKind::Segment, _) => SERVER,
        (_, Namespace::Aws | Namespace::Remote) => CLIENT,
        _ => INTERNAL,
    };
    let nanos = |at: model::Moment| u64::try_from(at.0).unwrap_or(0);
    let failed = span.outcome == model::Outcome::Fault;
    let detail = span.detail.as_deref();
    Span {
        trace_id: trace_bytes(trace.id),
        span_id: bytes(span.id),
        parent_span_id: parent.map(|parent| bytes(parent.id)).unwrap_or_default(),
        name: trace.name(span).to_owned(),
        kind,
        start_time_unix_nano: nanos(span.start),
        end_time_unix_nano: span.end.map_or(0, nanos),
        attributes: detail.map(attributes).unwrap_or_default(),
        events: detail.map(|detail| exceptions(span, detail)).unwrap_or_default(),
        links: detail.map(links).unwrap_or_default(),
        status: failed.then(|| Status { message: String::new(), code: 2 }),
    }
}

fn attributes(detail: &Detail) -> Vec<KeyValue> {
    let mut all = Vec::new();
    let mut text = |key: &str, value: Option<&str>| {
        all.extend(value.map(|value| pair(key, Value::String(value.to_owned()))));
    };
    if let Some(http) = &detail.http {
        text("http.request.method", http.method.as_deref());
        text("url.full", http.url.as_deref());
        text("user_agent.original", http.user_agent.as_deref());
        text("client.address", http.client_ip.as_deref());
    }
    text("enduser.id", detail.user.as_deref());
    if let Some(sql) = &detail.sql {
        text("db.system.name", sql.database_type.as_deref());
        text("db.query.text", sql.sanitized_query.as_deref());
    }
    text("aws.xray.origin", detail.origin.as_deref());
    let status = detail.http.as_ref().and_then(|http| http.status);
    all.extend(status.map(|status| pair("http.response.status_code", Value::Int(status))));
    all.extend(detail.annotations.iter().map(|(key, value)| {
        let value = match value {
            AnnotationValue::String(text) => Value::String(text.clone()),
            AnnotationValue::Number(number) => Value::Double(*number),
            AnnotationValue::Boolean(is) => Value::Bool(*is),
        };
        pair(key, value)
    }));
    all
}

fn exceptions(span: &TraceSpan, detail: &Detail) -> Vec<Event> {
    let Some(Cause::Exceptions { exceptions, .. }) = &detail.cause else { return Vec::new() };
    let at = u64::try_from(span.end.unwrap_or(span.start).0).unwrap_or(0);
    let exceptions = exceptions.iter().map(|exception| {
        let texts = [("exception.type", &exception.kind), ("exception.message", &exception.message)];
        let attributes =
            texts.into_iter().filter_map(|(key, text)| Some(pair(key, Value::String(text.as_ref()?.clone()))));
        Event { time_unix_nano: at, name: "exception".to_owned(), attributes: attributes.collect() }
    });
    exceptions.collect()
}

fn links(detail: &Detail) -> Vec<Link> {
    let link = |link: &model::document::detail::Link| {
        Some(Link { trace_id: trace_bytes(link.trace_id), span_id: bytes(link.id?), attributes: Vec::new() })
    };
    detail.links.iter().filter_map(link).collect()
}

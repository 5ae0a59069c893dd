//! A trace as OpenTelemetry's spans.

use model::{
    AnnotationValue, Span as TraceSpan, SpanId, Trace,
    document::{
        self, Member,
        detail::{Cause, Detail, Exception},
        read,
    },
    index::Texts,
    trace::{Namespace, SpanKind},
};

use crate::{
    kept,
    message::{
        AnyValue, ArrayValue, Event, KeyValue, Link, Request, Resource, ResourceSpans, ScopeSpans, Span, Status, Value,
    },
};

const INTERNAL: i32 = 1;
const SERVER: i32 = 2;
const CLIENT: i32 = 3;

/// The spans of a trace by the service that reported them. What was inferred is left out: whoever reads the spans infers
/// it again.
///
/// Attributes say what OpenTelemetry has words for, and attributes that begin with `aws.xray.` hold the members as they
/// stood in the document, so that [`Request::documents`] makes the same documents again. What is lost on the way:
/// - that subsegments were embedded: each comes back as a document of its own, under the same parent;
/// - inferred segments and what is below them, and stand-ins for parents that have not come;
/// - a subsegment that names no parent, which comes back as a segment, and a parent that led in a circle;
/// - members that X-Ray's documentation does not name, and `metadata` that is no object;
/// - annotations that are no text, number or boolean, and how numbers were written (`5` comes back as `5.0`);
/// - the case of the digits of ids, and starts before 1970.
pub fn export(trace: &Trace) -> Request {
    let mut services = Texts::default();
    let mut by_service: Vec<Vec<Span>> = Vec::new();
    for span in &trace.spans {
        let segment = trace.span(span.segment);
        let is_inferred = segment.is_some_and(|segment| segment.kind == SpanKind::Inferred);
        if is_inferred || !matches!(span.kind, SpanKind::Segment | SpanKind::Subsegment) {
            continue;
        }
        let segment = segment.filter(|segment| segment.kind == SpanKind::Segment);
        let service = services.number(trace.name(segment.unwrap_or(span)));
        by_service.resize_with(services.len(), Vec::new);
        by_service[service as usize].push(exported(trace, span));
    }
    let resource_spans = services.in_order().map(|(service, place)| ResourceSpans {
        resource: Some(Resource { attributes: vec![pair("service.name", Value::String(service.to_owned()))] }),
        scope_spans: vec![ScopeSpans { scope: None, spans: std::mem::take(&mut by_service[place as usize]) }],
    });
    Request { resource_spans: resource_spans.collect() }
}

fn pair(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }) }
}

fn bytes(id: SpanId) -> Vec<u8> {
    id.0.to_be_bytes().to_vec()
}

fn trace_bytes(id: model::TraceId) -> Vec<u8> {
    crate::json::bytes(id.w3c()).unwrap_or_default()
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
    let mut attributes = Vec::new();
    if let Some(detail) = detail {
        told(detail, &mut attributes);
    }
    if span.kind == SpanKind::Subsegment && kind == CLIENT {
        call(trace.name(span), span, &mut attributes);
    }
    kept(trace, span, &mut attributes);
    Span {
        trace_id: trace_bytes(trace.id),
        span_id: bytes(span.id),
        parent_span_id: parent.map(|parent| bytes(parent.id)).unwrap_or_default(),
        name: trace.name(span).to_owned(),
        kind,
        start_time_unix_nano: nanos(span.start),
        end_time_unix_nano: span.end.map_or(0, nanos),
        attributes,
        events: detail.map(|detail| exceptions(span, detail)).unwrap_or_default(),
        links: detail.map(links).unwrap_or_default(),
        status: failed.then(|| Status { message: String::new(), code: 2 }),
    }
}

/// Texts as attributes, where there are any.
fn texts(pairs: &[(&str, &Option<String>)], all: &mut Vec<KeyValue>) {
    all.extend(pairs.iter().filter_map(|(key, text)| Some(pair(key, Value::String((*text).clone()?)))));
}

/// What OpenTelemetry has words for.
fn told(detail: &Detail, all: &mut Vec<KeyValue>) {
    if let Some(http) = &detail.http {
        let pairs = [
            ("http.request.method", &http.method),
            ("url.full", &http.url),
            ("user_agent.original", &http.user_agent),
            ("client.address", &http.client_ip),
        ];
        texts(&pairs, all);
        for (key, number) in
            [("http.response.status_code", http.status), ("http.response.body.size", http.content_length)]
        {
            all.extend(number.map(|number| pair(key, Value::Int(number))));
        }
    }
    texts(&[("enduser.id", &detail.user)], all);
    if let Some(sql) = &detail.sql {
        texts(&[("db.system.name", &sql.database_type), ("db.query.text", &sql.sanitized_query)], all);
    }
    if let Some(aws) = &detail.aws {
        let pairs = [
            ("rpc.method", &aws.operation),
            ("aws.region", &aws.region),
            ("aws.request_id", &aws.request_id),
            ("aws.table.name", &aws.table_name),
            ("aws.queue.url", &aws.queue_url),
            ("aws.sns.topic.arn", &aws.topic_arn),
            ("aws.s3.bucket", &aws.bucket_name),
            ("faas.invoked_name", &aws.function_name),
        ];
        texts(&pairs, all);
    }
}

/// Whom a subsegment calls.
fn call(name: &str, span: &TraceSpan, all: &mut Vec<KeyValue>) {
    if span.namespace == Namespace::Aws {
        all.push(pair("rpc.system", Value::String("aws-api".to_owned())));
        all.push(pair("rpc.service", Value::String(name.to_owned())));
    } else {
        all.push(pair("peer.service", Value::String(name.to_owned())));
    }
}

/// What the document says, as it says it.
fn kept(trace: &Trace, span: &TraceSpan, all: &mut Vec<KeyValue>) {
    let kind = if span.kind == SpanKind::Segment { "segment" } else { "subsegment" };
    all.push(pair(kept::TYPE, Value::String(kind.to_owned())));
    let entity = document::parse_top(trace.document(span)).unwrap_or_default();
    for (member, key) in kept::TEXTS {
        let text = entity.member(member).and_then(read::text);
        all.extend(text.map(|text| pair(key, Value::String(text.into_owned()))));
    }
    for (member, key) in kept::MEMBERS {
        all.extend(entity.member(member).map(|raw| pair(key, Value::String(raw.get().to_owned()))));
    }
    for (namespace, raw) in entity.get(Member::Metadata).and_then(read::members).unwrap_or_default() {
        all.push(pair(&[kept::METADATA, &namespace].concat(), Value::String(raw.get().to_owned())));
    }
    let annotations = span.detail.as_deref().map_or(&[][..], |detail| &detail.annotations);
    if annotations.is_empty() {
        return;
    }
    let text = |text: &String| Value::String(text.clone());
    let names = annotations.iter().map(|(key, _)| AnyValue { value: Some(text(key)) }).collect();
    all.push(pair(kept::ANNOTATIONS, Value::Array(ArrayValue { values: names })));
    // An annotation that has the name of an attribute stands for it.
    let is_other = |pair: &KeyValue| annotations.iter().all(|(key, _)| *key != pair.key);
    all.retain(|pair| pair.key.starts_with(kept::PREFIX) || is_other(pair));
    all.extend(annotations.iter().map(|(key, value)| {
        let value = match value {
            AnnotationValue::String(value) => text(value),
            AnnotationValue::Number(number) => Value::Double(*number),
            AnnotationValue::Boolean(is) => Value::Bool(*is),
        };
        pair(key, value)
    }));
}

fn exceptions(span: &TraceSpan, detail: &Detail) -> Vec<Event> {
    let Some(Cause::Exceptions { exceptions, .. }) = &detail.cause else { return Vec::new() };
    let at = u64::try_from(span.end.unwrap_or(span.start).0).unwrap_or(0);
    let exceptions = exceptions.iter().map(|exception| {
        let mut attributes = Vec::new();
        let stack = Some(stack(exception)).filter(|_| !exception.stack.is_empty());
        let pairs = [
            ("exception.type", &exception.kind),
            ("exception.message", &exception.message),
            ("exception.stacktrace", &stack),
        ];
        texts(&pairs, &mut attributes);
        Event { time_unix_nano: at, name: "exception".to_owned(), attributes }
    });
    exceptions.collect()
}

/// A stack as Java and JavaScript write it.
fn stack(exception: &Exception) -> String {
    let mut stack = exception.kind.clone().unwrap_or_default();
    for frame in &exception.stack {
        let (label, path) = (frame.label.as_deref().unwrap_or("?"), frame.path.as_deref().unwrap_or("?"));
        let line = frame.line.map(|line| format!(":{line}")).unwrap_or_default();
        stack.push_str(&["\n    at ", label, " (", path, &line, ")"].concat());
    }
    stack
}

fn links(detail: &Detail) -> Vec<Link> {
    let link = |link: &model::document::detail::Link| {
        Some(Link { trace_id: trace_bytes(link.trace_id), span_id: bytes(link.id?), attributes: Vec::new() })
    };
    detail.links.iter().filter_map(link).collect()
}

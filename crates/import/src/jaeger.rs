//! Jaeger's JSON, as its API and its page write it, as spans of OpenTelemetry.
//! <https://www.jaegertracing.io/docs/latest/architecture/apis/>

use model::{
    Moment,
    document::read::{self, Bad, Object, Raw},
    index::Texts,
};
use otlp::{AnyValue, ArrayValue, Event, KeyValue, Link, Request, Resource, ResourceSpans, ScopeSpans, Span, Value};
use serde_json::value::RawValue;

const SERVER: i32 = 2;
const FAILED: i32 = 2;

/// Places by text.
#[derive(Default)]
struct Places {
    texts: Texts,
    places: Vec<usize>,
}

impl Places {
    fn set(&mut self, text: &str, place: usize) {
        let number = self.texts.number(text) as usize;
        self.places.resize(self.texts.len(), place);
        self.places[number] = place;
    }

    fn get(&self, text: &str) -> Option<usize> {
        self.places.get(self.texts.get(text)? as usize).copied()
    }
}

/// The spans of a trace, by process; and a sentence for each thing that cannot be used and was left out.
pub(crate) fn read(raw: &RawValue) -> (Request, Vec<String>) {
    let mut bad = Bad::default();
    let mut trace = bad.object("a trace", Some(raw));
    let trace_id = trace.take("traceID");
    // Spans whose process is not told stand first.
    let mut processes = vec![process(None, &mut bad)];
    let mut places = Places::default();
    for (key, raw) in bad.object("processes", trace.take("processes")).0 {
        places.set(&key, processes.len());
        processes.push(process(Some(raw), &mut bad));
    }
    let mut spans = Vec::new();
    for raw in bad.array("spans", trace.take("spans")) {
        let before = bad.sentences.len();
        let Some(members) = read::members(raw) else {
            bad.say("spans[]", "an object", raw);
            continue;
        };
        let mut members = Object(members);
        let name = bad.text("operationName", members.take("operationName")).unwrap_or_default();
        if let Some(span) = span(&name, &mut members, trace_id, &mut bad) {
            spans.push((place(&mut members, &places, &mut processes, &mut bad), span));
        }
        for sentence in &mut bad.sentences[before..] {
            *sentence = format!("span {name:.80}: {sentence}");
        }
    }
    mark_entries(&mut spans, &processes);
    for (place, span) in spans {
        if let Some(scope) = processes[place].scope_spans.first_mut() {
            scope.spans.push(span);
        }
    }
    (Request { resource_spans: processes }, bad.sentences)
}

/// Jaeger does not know segments. What is neither said to serve nor to call, and has a parent in another service, is where
/// that service was entered.
fn mark_entries(spans: &mut [(usize, Span)], processes: &[ResourceSpans]) {
    let service = |place: usize| match processes[place].resource.as_ref()?.attributes.first()?.value.as_ref()?.value {
        Some(Value::String(ref name)) => Some(name),
        _ => None,
    };
    let key = |id: &[u8]| id.iter().map(|byte| char::from(*byte)).collect::<String>();
    let mut by_id = Places::default();
    for (place, span) in spans.iter() {
        by_id.set(&key(&span.span_id), *place);
    }
    for (place, span) in spans {
        let parent = by_id.get(&key(&span.parent_span_id));
        if span.kind <= 1 && parent.is_some_and(|parent| service(parent) != service(*place)) {
            span.kind = SERVER;
        }
    }
}

/// A process; its service is the first attribute.
fn process(raw: Raw<'_>, bad: &mut Bad) -> ResourceSpans {
    let mut process = bad.object("a process", raw);
    let mut attributes = Vec::new();
    if let Some(service) = bad.text("serviceName", process.take("serviceName")) {
        attributes.push(pair("service.name", Value::String(service)));
    }
    attributes.extend(tags("tags", process.take("tags"), bad));
    ResourceSpans {
        resource: Some(Resource { attributes }),
        scope_spans: vec![ScopeSpans { scope: None, spans: Vec::new() }],
    }
}

/// Where the span's process stands; one that it brings along is added.
fn place(span: &mut Object<'_>, places: &Places, processes: &mut Vec<ResourceSpans>, bad: &mut Bad) -> usize {
    if let Some(own) = span.take("process").filter(|raw| raw.get() != "null") {
        processes.push(process(Some(own), bad));
        return processes.len() - 1;
    }
    let id = bad.text("processID", span.take("processID"));
    let known = id.as_ref().and_then(|id| places.get(id));
    if known.is_none() {
        bad.sentences.push(format!("its process {:.40} is not there", id.unwrap_or_default()));
    }
    known.unwrap_or(0)
}

/// Without its ids and its start a span is left out; anything else can be missing.
fn span(name: &str, members: &mut Object<'_>, of_trace: Raw<'_>, bad: &mut Bad) -> Option<Span> {
    let trace_id = trace_bytes("traceID", members.take("traceID").or(of_trace), bad)?;
    let span_id = span_bytes("spanID", members.take("spanID"), bad)?;
    let start = members.take("startTime").filter(|raw| !matches!(raw.get(), "0" | "null"));
    if start.is_none() {
        bad.sentences.push("it has no startTime".to_owned());
    }
    let start = nanos("startTime", start, bad)?;
    let duration = nanos("duration", members.take("duration"), bad);
    let mut span = Span {
        name: name.to_owned(),
        start_time_unix_nano: start,
        end_time_unix_nano: duration.map_or(0, |duration| start.saturating_add(duration)),
        ..Span::default()
    };
    for pair in tags("tags", members.take("tags"), bad) {
        tag(pair, &mut span);
    }
    for raw in bad.array("logs", members.take("logs")) {
        span.events.push(event(raw, bad));
    }
    let parent = members.take("parentSpanID");
    references(members.take("references"), &trace_id, &mut span, bad);
    if let Some(parent) = parent.filter(|raw| span.parent_span_id.is_empty() && !is_empty(raw)) {
        span.parent_span_id = span_bytes("parentSpanID", Some(parent), bad).unwrap_or_default();
    }
    let warnings: Vec<AnyValue> = bad
        .array("warnings", members.take("warnings"))
        .into_iter()
        .filter_map(|raw| Some(AnyValue { value: Some(Value::String(bad.text("warnings[]", Some(raw))?)) }))
        .collect();
    if !warnings.is_empty() {
        span.attributes.push(pair("jaeger.warnings", Value::Array(ArrayValue { values: warnings })));
    }
    (span.trace_id, span.span_id) = (trace_id, span_id);
    Some(span)
}

/// A tag of a span: an attribute, or what OpenTelemetry has a member for.
fn tag(pair: KeyValue, span: &mut Span) {
    const KINDS: [&str; 6] = ["unspecified", "internal", "server", "client", "producer", "consumer"];
    let value = pair.value.as_ref().and_then(|value| value.value.as_ref());
    match (pair.key.as_str(), value) {
        ("span.kind", Some(Value::String(kind))) => {
            let place = KINDS.iter().position(|known| kind.eq_ignore_ascii_case(known));
            span.kind = place.unwrap_or(0) as i32;
        }
        ("error", Some(Value::Bool(is))) => fail(span, *is),
        ("error", Some(Value::String(text))) if text == "true" || text == "false" => fail(span, text == "true"),
        ("otel.status_code", Some(Value::String(code))) => fail(span, code == "ERROR"),
        ("otel.status_description", Some(Value::String(message))) => {
            span.status.get_or_insert_default().message.clone_from(message);
        }
        _ => span.attributes.push(pair),
    }
}

fn fail(span: &mut Span, has_failed: bool) {
    if has_failed {
        span.status.get_or_insert_default().code = FAILED;
    }
}

/// The parent is the first span of the same trace that this one is a child of, else the first that it follows from; all
/// others, and those that it follows from, are links.
fn references(raw: Raw<'_>, trace_id: &[u8], span: &mut Span, bad: &mut Bad) {
    let mut followed = Vec::new();
    for raw in bad.array("references", raw) {
        let mut reference = bad.object("references[]", Some(raw));
        let is_child = reference.take("refType").and_then(read::text).is_none_or(|kind| kind != "FOLLOWS_FROM");
        let own = reference.take("traceID");
        let trace = match own {
            None => Some(trace_id.to_vec()),
            own => trace_bytes("references[].traceID", own, bad),
        };
        let of = span_bytes("references[].spanID", reference.take("spanID"), bad);
        let (Some(trace), Some(of)) = (trace, of) else { continue };
        let is_near = trace == trace_id;
        if is_child && is_near && span.parent_span_id.is_empty() {
            span.parent_span_id = of;
            continue;
        }
        if !is_child && is_near {
            followed.push(of.clone());
        }
        let kind = if is_child { "child_of" } else { "follows_from" };
        let attributes = vec![pair("opentracing.ref_type", Value::String(kind.to_owned()))];
        span.links.push(Link { trace_id: trace, span_id: of, attributes });
    }
    if span.parent_span_id.is_empty() {
        span.parent_span_id = followed.into_iter().next().unwrap_or_default();
    }
}

/// An entry of a log. One that tells of an error becomes an exception, by whichever of the two conventions it is written.
fn event(raw: &RawValue, bad: &mut Bad) -> Event {
    const WORDS: [(&str, &str); 5] = [
        ("error.kind", "exception.type"),
        ("error.object", "exception.message"),
        ("message", "exception.message"),
        ("stack", "exception.stacktrace"),
        ("error.message", "exception.message"),
    ];
    let mut log = bad.object("logs[]", Some(raw));
    let at = nanos("logs[].timestamp", log.take("timestamp"), bad).unwrap_or(0);
    let mut event = Event { time_unix_nano: at, name: "log".to_owned(), attributes: Vec::new() };
    for pair in tags("logs[].fields", log.take("fields"), bad) {
        match pair.value.as_ref().and_then(|value| value.value.as_ref()) {
            Some(Value::String(name)) if pair.key == "event" => event.name.clone_from(name),
            _ => event.attributes.push(pair),
        }
    }
    if event.name == "error" || event.name == "exception" {
        "exception".clone_into(&mut event.name);
        for (word, key) in WORDS {
            if event.attributes.iter().any(|pair| pair.key == key) {
                continue;
            }
            if let Some(pair) = event.attributes.iter_mut().find(|pair| pair.key == word) {
                key.clone_into(&mut pair.key);
            }
        }
    }
    event
}

fn tags(name: &str, raw: Raw<'_>, bad: &mut Bad) -> Vec<KeyValue> {
    let mut all = Vec::new();
    for raw in bad.array(name, raw) {
        let mut tag = bad.object(name, Some(raw));
        let key = bad.text("a tag's key", tag.take("key")).unwrap_or_default();
        let kind = tag.take("type").and_then(read::text).unwrap_or_default();
        let value = tag.take("value").filter(|raw| raw.get() != "null").map(|raw| tag_value(raw, &kind));
        all.push(KeyValue { key, value: Some(AnyValue { value }) });
    }
    all
}

/// A value of the type that is told beside it, as far as it is one.
fn tag_value(raw: &RawValue, kind: &str) -> Value {
    let text = read::text(raw);
    let written = text.as_deref().unwrap_or(raw.get());
    let typed = match kind {
        "bool" => written.parse().ok().map(Value::Bool),
        "int64" => read::integer(raw).map(Value::Int),
        "float64" => read::float(written).map(Value::Double),
        // Without a type the notation tells.
        _ if text.is_none() => match read::boolean(raw) {
            Some(is) => Some(Value::Bool(is)),
            None => read::integer(raw).map(Value::Int).or_else(|| read::number(raw).map(Value::Double)),
        },
        _ => None,
    };
    typed.unwrap_or_else(|| Value::String(written.to_owned()))
}

fn pair(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }) }
}

fn trace_bytes(name: &str, raw: Raw<'_>, bad: &mut Bad) -> Option<Vec<u8>> {
    id(name, raw, 16, bad).map(|bits| bits.to_be_bytes().to_vec())
}

fn span_bytes(name: &str, raw: Raw<'_>, bad: &mut Bad) -> Option<Vec<u8>> {
    id(name, raw, 8, bad).map(|bits| (bits as u64).to_be_bytes().to_vec())
}

fn is_empty(raw: &RawValue) -> bool {
    matches!(raw.get(), "\"\"" | "null")
}

/// An id of so many bytes in hex; leading zeros may be missing.
fn id(name: &str, raw: Raw<'_>, bytes: usize, bad: &mut Bad) -> Option<u128> {
    let text = match raw.filter(|raw| !is_empty(raw)) {
        None => {
            bad.sentences.push(format!("it has no {name}"));
            return None;
        }
        Some(raw) => bad.text(name, Some(raw))?,
    };
    let is_fit = |text: &&str| text.len() <= 2 * bytes && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let bits = Some(text.as_str()).filter(is_fit).and_then(|text| u128::from_str_radix(text, 16).ok());
    let bits = bits.filter(|bits| *bits != 0);
    if bits.is_none() {
        bad.sentences.push(format!("{name} should be up to {} hex digits, not all 0; it is {text:.40}", 2 * bytes));
    }
    bits
}

/// Microseconds as nanoseconds, digit by digit.
fn nanos(name: &str, raw: Raw<'_>, bad: &mut Bad) -> Option<u64> {
    let read = |raw| {
        let text = match read::number_text(raw) {
            Some(number) => number.into(),
            None => read::text(raw)?,
        };
        let nanos = match text.split_once(['e', 'E']) {
            None => Moment::from_seconds_text(&[&text, "e-6"].concat()).ok()?.0,
            Some(_) => (read::float(&text)? * 1_000.0) as i64,
        };
        u64::try_from(nanos).ok()
    };
    bad.typed(name, "a number of microseconds", raw, read)
}

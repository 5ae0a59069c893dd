//! A request in JSON, read one level at a time; what cannot be used is told, and the rest is kept. Not by serde's derived
//! readers, which weigh twice as much in the page.

use model::document::read::{self, Bad, Object, Raw};
use serde_json::value::RawValue;

use crate::{
    json,
    message::{
        AnyValue, ArrayValue, Event, InstrumentationScope, KeyValue, KeyValueList, Link, Request, Resource,
        ResourceSpans, ScopeSpans, Span, Status, Value,
    },
    write,
};

impl Request {
    /// Reads a request in JSON, with a sentence for each thing of it that cannot be used and was left out. Members that
    /// are not known are passed over, as the protocol demands.
    pub fn read(raw: &RawValue) -> (Self, Vec<String>) {
        let bad = &mut Bad::default();
        let mut request = bad.object("the request", Some(raw));
        let resource_spans = list("resourceSpans", request.take("resourceSpans"), bad, of_resource);
        (Self { resource_spans }, std::mem::take(&mut bad.sentences))
    }
}

/// The elements of an array that can be read.
fn list<'a, T>(name: &str, raw: Raw<'a>, bad: &mut Bad, read: fn(&'a RawValue, &mut Bad) -> Option<T>) -> Vec<T> {
    let mut all = Vec::new();
    for raw in bad.array(name, raw) {
        all.extend(read(raw, bad));
    }
    all
}

/// An element that has to be an object.
fn object<'a>(name: &str, raw: &'a RawValue, bad: &mut Bad) -> Option<Object<'a>> {
    bad.typed(name, "an object", Some(raw), read::members).map(Object)
}

fn of_resource(raw: &RawValue, bad: &mut Bad) -> Option<ResourceSpans> {
    let mut members = object("resourceSpans[]", raw, bad)?;
    let mut resource = bad.object("resource", members.take("resource"));
    Some(ResourceSpans {
        resource: Some(Resource { attributes: attributes(resource.take("attributes"), bad) }),
        scope_spans: list("scopeSpans", members.take("scopeSpans"), bad, of_scope),
    })
}

fn of_scope(raw: &RawValue, bad: &mut Bad) -> Option<ScopeSpans> {
    let mut members = object("scopeSpans[]", raw, bad)?;
    let mut scope = bad.object("scope", members.take("scope"));
    let name = bad.text("scope.name", scope.take("name")).unwrap_or_default();
    let version = bad.text("scope.version", scope.take("version")).unwrap_or_default();
    let is_known = !name.is_empty() || !version.is_empty();
    Some(ScopeSpans {
        scope: is_known.then_some(InstrumentationScope { name, version }),
        spans: list("spans", members.take("spans"), bad, span),
    })
}

/// Without its ids and its start a span is left out; anything else can be missing.
fn span(raw: &RawValue, bad: &mut Bad) -> Option<Span> {
    const KINDS: [&str; 6] = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
    const CODES: [&str; 3] = ["UNSET", "OK", "ERROR"];
    let before = bad.sentences.len();
    let mut members = object("spans[]", raw, bad)?;
    let name = bad.text("name", members.take("name")).unwrap_or_default();
    let trace_id = id("traceId", members.take("traceId"), bad);
    let span_id = id("spanId", members.take("spanId"), bad);
    let parent_span_id = id("parentSpanId", members.take("parentSpanId"), bad);
    let start = nanos("startTimeUnixNano", members.take("startTimeUnixNano"), bad);
    let mut status = bad.object("status", members.take("status"));
    let message = bad.text("status.message", status.take("message")).unwrap_or_default();
    let code = listed("status.code", status.take("code"), bad, "STATUS_CODE_", &CODES);
    let rest = Span {
        kind: listed("kind", members.take("kind"), bad, "SPAN_KIND_", &KINDS),
        end_time_unix_nano: nanos("endTimeUnixNano", members.take("endTimeUnixNano"), bad).unwrap_or(0),
        attributes: attributes(members.take("attributes"), bad),
        events: list("events", members.take("events"), bad, event),
        links: list("links", members.take("links"), bad, link),
        status: (code != 0 || !message.is_empty()).then_some(Status { message, code }),
        ..Span::default()
    };
    for sentence in &mut bad.sentences[before..] {
        *sentence = format!("span {name:.80}: {sentence}");
    }
    Some(Span {
        trace_id: trace_id?,
        span_id: span_id?,
        parent_span_id: parent_span_id?,
        start_time_unix_nano: start?,
        name,
        ..rest
    })
}

fn event(raw: &RawValue, bad: &mut Bad) -> Option<Event> {
    let mut event = object("events[]", raw, bad)?;
    Some(Event {
        time_unix_nano: nanos("events[].timeUnixNano", event.take("timeUnixNano"), bad).unwrap_or(0),
        name: bad.text("events[].name", event.take("name")).unwrap_or_default(),
        attributes: attributes(event.take("attributes"), bad),
    })
}

fn link(raw: &RawValue, bad: &mut Bad) -> Option<Link> {
    let mut link = object("links[]", raw, bad)?;
    Some(Link {
        trace_id: id("links[].traceId", link.take("traceId"), bad)?,
        span_id: id("links[].spanId", link.take("spanId"), bad)?,
        attributes: attributes(link.take("attributes"), bad),
    })
}

fn attributes(raw: Raw<'_>, bad: &mut Bad) -> Vec<KeyValue> {
    pairs(raw, bad, write::LEVELS)
}

fn pairs(raw: Raw<'_>, bad: &mut Bad, levels: u32) -> Vec<KeyValue> {
    let mut all = Vec::new();
    for raw in bad.array("attributes", raw) {
        let mut pair = bad.object("attributes[]", Some(raw));
        let key = bad.text("attributes[].key", pair.take("key")).unwrap_or_default();
        let raw = pair.take("value").filter(|raw| raw.get() != "null");
        all.push(KeyValue { key, value: raw.map(|raw| value(raw, bad, levels)) });
    }
    all
}

/// Lists and maps in values are looked into as deep as they are written into documents.
fn value(raw: &RawValue, bad: &mut Bad, levels: u32) -> AnyValue {
    let mut found = None;
    for (kind, raw) in bad.object("a value", Some(raw)).0 {
        let raw = Some(raw);
        let read = match kind.as_ref() {
            "stringValue" => bad.text("stringValue", raw).map(Value::String),
            "boolValue" => bad.boolean("boolValue", raw).map(Value::Bool),
            "intValue" => bad.integer("intValue", raw).map(Value::Int),
            "doubleValue" => bad.typed("doubleValue", "a number", raw, double).map(Value::Double),
            "bytesValue" => bad.typed("bytesValue", "bytes in base 64", raw, bytes).map(Value::Bytes),
            "arrayValue" => {
                let mut array = ArrayValue::default();
                if levels > 0 {
                    for raw in bad.object("arrayValue", raw).take("values").and_then(read::elements).unwrap_or_default()
                    {
                        array.values.push(value(raw, bad, levels - 1));
                    }
                }
                Some(Value::Array(array))
            }
            "kvlistValue" => {
                let mut map = KeyValueList::default();
                if levels > 0 {
                    let values = bad.object("kvlistValue", raw).take("values");
                    map.values = pairs(values, bad, levels - 1);
                }
                Some(Value::Map(map))
            }
            _ => None,
        };
        found = found.or(read);
    }
    AnyValue { value: found }
}

fn double(raw: &RawValue) -> Option<f64> {
    match read::text(raw).as_deref() {
        Some("NaN") => Some(f64::NAN),
        Some("Infinity") => Some(f64::INFINITY),
        Some("-Infinity") => Some(f64::NEG_INFINITY),
        Some(text) => read::float(text),
        None => read::number(raw),
    }
}

fn bytes(raw: &RawValue) -> Option<Vec<u8>> {
    json::from_base64(&read::text(raw)?)
}

/// An id in hex; empty where there is none, and nothing where it is none.
fn id(name: &str, raw: Raw<'_>, bad: &mut Bad) -> Option<Vec<u8>> {
    match raw.filter(|raw| raw.get() != "null") {
        None => Some(Vec::new()),
        raw => bad.typed(name, "hexadecimal digits", raw, |raw| json::bytes(&read::text(raw)?)),
    }
}

/// A number of nanoseconds, as text for JavaScript could not hold it; 0 where there is none, and nothing where it is none.
fn nanos(name: &str, raw: Raw<'_>, bad: &mut Bad) -> Option<u64> {
    let read = |raw| {
        let text = match read::number_text(raw) {
            Some(number) => number.into(),
            None => read::text(raw)?,
        };
        // Some exporters write large numbers as 1.7e18.
        let float = || read::float(&text).filter(|float| (0.0..1.8e19).contains(float)).map(|float| float as u64);
        if text.is_empty() { Some(0) } else { text.parse().ok().or_else(float) }
    };
    match raw.filter(|raw| raw.get() != "null") {
        None => Some(0),
        raw => bad.typed(name, "a number of nanoseconds since 1970", raw, read),
    }
}

/// A number of a list, or the name that stands for it.
fn listed(name: &str, raw: Raw<'_>, bad: &mut Bad, prefix: &str, names: &[&str]) -> i32 {
    let place = |raw: &RawValue| match read::text(raw) {
        Some(text) => {
            let word = text.strip_prefix(prefix).unwrap_or(&text);
            names.iter().position(|name| *name == word).map(|place| place as i32)
        }
        None => read::number_text(raw)?.parse().ok(),
    };
    let Some(raw) = raw.filter(|raw| raw.get() != "null") else { return 0 };
    let found = place(raw);
    if found.is_none() {
        bad.say(name, "a number of a list or its name", raw);
    }
    found.unwrap_or(0)
}

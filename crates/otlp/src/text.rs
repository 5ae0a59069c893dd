//! Messages as the protocol's JSON, written as text: serde's derived writers would weigh twice as much in the page.
//! <https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>
//!
//! What is empty is left out, as the protocol allows.

use crate::{
    json::{base64, digits},
    message::{AnyValue, Event, KeyValue, Link, Request, ResourceSpans, ScopeSpans, Span, Value},
    write::{self, number, quoted},
};

impl Request {
    /// The request in JSON.
    pub fn json(&self) -> String {
        object(&[("resourceSpans", list(&self.resource_spans, of_resource))])
    }
}

impl Span {
    /// The span in JSON.
    pub fn json(&self) -> String {
        let status = self
            .status
            .as_ref()
            .map(|status| object(&[("message", unless_empty(&status.message)), ("code", status.code.to_string())]));
        object(&[
            ("traceId", quoted(&digits(&self.trace_id))),
            ("spanId", quoted(&digits(&self.span_id))),
            ("parentSpanId", unless_empty(&digits(&self.parent_span_id))),
            ("name", quoted(&self.name)),
            ("kind", self.kind.to_string()),
            ("startTimeUnixNano", quoted(&self.start_time_unix_nano.to_string())),
            ("endTimeUnixNano", quoted(&self.end_time_unix_nano.to_string())),
            ("attributes", attributes(&self.attributes)),
            ("events", list(&self.events, event)),
            ("links", list(&self.links, link)),
            ("status", status.unwrap_or_default()),
        ])
    }
}

/// A resource with these attributes, in JSON.
pub fn resource(all: &[KeyValue]) -> String {
    object(&[("attributes", attributes(all))])
}

fn attributes(all: &[KeyValue]) -> String {
    pairs(all, write::LEVELS)
}

/// An object of the members whose JSON is not empty.
fn object(members: &[(&str, String)]) -> String {
    write::object(members.iter().filter(|(_, json)| !json.is_empty()).map(|(key, json)| (*key, json.as_str())))
}

fn unless_empty(text: &str) -> String {
    if text.is_empty() { String::new() } else { quoted(text) }
}

fn list<T>(all: &[T], json: fn(&T) -> String) -> String {
    let all: Vec<String> = all.iter().map(json).collect();
    write::unless_empty(&all).unwrap_or_default()
}

fn of_resource(spans: &ResourceSpans) -> String {
    let resource = spans.resource.as_ref().map(|it| resource(&it.attributes));
    object(&[("resource", resource.unwrap_or_default()), ("scopeSpans", list(&spans.scope_spans, of_scope))])
}

fn of_scope(spans: &ScopeSpans) -> String {
    let scope = spans
        .scope
        .as_ref()
        .map(|scope| object(&[("name", unless_empty(&scope.name)), ("version", unless_empty(&scope.version))]));
    object(&[("scope", scope.unwrap_or_default()), ("spans", list(&spans.spans, Span::json))])
}

fn event(event: &Event) -> String {
    object(&[
        ("timeUnixNano", quoted(&event.time_unix_nano.to_string())),
        ("name", quoted(&event.name)),
        ("attributes", attributes(&event.attributes)),
    ])
}

fn link(link: &Link) -> String {
    object(&[
        ("traceId", quoted(&digits(&link.trace_id))),
        ("spanId", quoted(&digits(&link.span_id))),
        ("attributes", attributes(&link.attributes)),
    ])
}

fn pairs(all: &[KeyValue], levels: u32) -> String {
    let pair = |pair: &KeyValue| object(&[("key", quoted(&pair.key)), ("value", value(pair.value.as_ref(), levels))]);
    let all: Vec<String> = all.iter().map(pair).collect();
    write::unless_empty(&all).unwrap_or_default()
}

/// A value; an empty text where there is none. Lists and maps that lie deeper than they are read are left out.
fn value(any: Option<&AnyValue>, levels: u32) -> String {
    let Some(any) = any else { return String::new() };
    let Some(found) = &any.value else { return object(&[]) };
    let (kind, json) = match found {
        Value::String(text) => ("stringValue", quoted(text)),
        Value::Bool(is) => ("boolValue", is.to_string()),
        Value::Int(number) => ("intValue", quoted(&number.to_string())),
        Value::Double(double) => ("doubleValue", number(*double).unwrap_or_else(quoted)),
        Value::Bytes(bytes) => ("bytesValue", quoted(&base64(bytes))),
        Value::Array(_) | Value::Map(_) if levels == 0 => return object(&[]),
        Value::Array(array) => {
            let all: Vec<String> = array.values.iter().map(|it| value(Some(it), levels - 1)).collect();
            ("arrayValue", object(&[("values", write::array(&all))]))
        }
        Value::Map(map) => ("kvlistValue", object(&[("values", pairs(&map.values, levels - 1))])),
    };
    object(&[(kind, json)])
}

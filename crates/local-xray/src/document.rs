//! Documents on their way out: streamed subsegments folded into their parents, inferred segments added, a few members
//! rewritten, as AWS does it.
//!
//! The texts of members pass through as they came. Folding goes through the spans backwards, children before parents, so
//! that nothing recurses.

use analysis::inferred::{self, Inferred};
use model::{
    Span, SpanId, Trace,
    document::{Member, detail::Aws, parse_top},
    trace::{Namespace, SpanKind},
};
use serde::Serialize;
use serde_json::{Map, Value, json, value::RawValue};

/// Levels of subsegments in one document on its way out. Each costs a JSON reader two levels of its own, and readers
/// give up at 128 (serde's) or more; what is deeper stays a document of its own.
const FOLDED_LEVELS: u32 = 48;

/// A document with its id.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Segment {
    pub(crate) id: String,
    pub(crate) document: String,
}

/// The documents of a trace: its segments in the tree's order, subsegments whose segment has not come, and the inferred
/// segments.
pub(crate) fn segments(trace: &Trace) -> Vec<Segment> {
    let levels = folded_levels(trace);
    // The finished subsegments of each span, last child first.
    let mut folded: Vec<Vec<String>> = vec![Vec::new(); trace.spans.len()];
    let mut segments = Vec::new();
    for index in (0..trace.spans.len()).rev() {
        let span = &trace.spans[index];
        let mut children = std::mem::take(&mut folded[index]);
        children.reverse();
        match (span.kind, levels[index]) {
            (SpanKind::Placeholder, _) => {}
            (SpanKind::Subsegment, level) if level > 0 => {
                let parent = span.parent.expect("only a child has a level above 0") as usize;
                folded[parent].push(rewritten(trace, span, &children, Role::Embedded));
            }
            _ => {
                let parent = span.parent.map(|parent| trace.spans[parent as usize].id);
                let document = rewritten(trace, span, &children, Role::Own { parent });
                segments.push(Segment { id: span.id.to_string(), document });
            }
        }
    }
    segments.reverse();
    segments.extend(inferred::inferred(trace).map(|inferred| inferred_segment(trace, &inferred)));
    segments
}

/// How deep each span is folded into the document that holds it; 0 for those that are documents of their own.
fn folded_levels(trace: &Trace) -> Vec<u32> {
    let mut levels = Vec::with_capacity(trace.spans.len());
    for span in &trace.spans {
        let level = match (span.kind, span.parent) {
            (SpanKind::Subsegment, Some(parent)) if trace.spans[parent as usize].kind != SpanKind::Placeholder => {
                let level: u32 = levels[parent as usize] + 1;
                if level > FOLDED_LEVELS { 0 } else { level }
            }
            _ => 0,
        };
        levels.push(level);
    }
    levels
}

/// Where a span's JSON stands.
#[derive(Clone, Copy)]
enum Role {
    /// Among the subsegments of its parent.
    Embedded,
    /// As a document of its own, which names its parent.
    Own { parent: Option<SpanId> },
}

/// A span's own members and its subsegments.
fn rewritten(trace: &Trace, span: &Span, subsegments: &[String], role: Role) -> String {
    let mut out = Object::new();
    let text = trace.document(span);
    let Ok(entity) = parse_top(text) else {
        return text.to_owned();
    };
    let raw = |member| entity.get(member).map(RawValue::get);
    out.text("id", &span.id.to_string());
    out.raw("name", raw(Member::Name));
    out.raw("start_time", raw(Member::StartTime));
    if let Role::Own { parent } = role {
        out.text("trace_id", &trace.id.to_string());
        out.raw("end_time", raw(Member::EndTime));
        if let Some(parent) = parent {
            out.text("parent_id", &parent.to_string());
        }
        if span.kind == SpanKind::Subsegment {
            out.text("type", "subsegment");
        }
    } else {
        out.raw("end_time", raw(Member::EndTime));
    }
    let in_progress = span.is_in_progress().then_some("true");
    out.raw("in_progress", in_progress);
    for (member, name) in [
        (Member::Inferred, "inferred"),
        (Member::Fault, "fault"),
        (Member::Error, "error"),
        (Member::Throttle, "throttle"),
    ] {
        out.raw(name, raw(member));
    }
    out.raw("http", raw(Member::Http).map(without_traced).as_deref());
    let aws = span.detail.as_deref().and_then(|detail| detail.aws.as_ref());
    out.raw("aws", raw(Member::Aws).map(|text| with_resource_names(text, aws)).as_deref());
    for (member, name) in [(Member::Annotations, "annotations"), (Member::Metadata, "metadata")] {
        out.raw(name, raw(member));
    }
    out.raw("cause", raw(Member::Cause).map(without_empty_stacks).as_deref());
    for (member, name) in [
        (Member::Namespace, "namespace"),
        (Member::Sql, "sql"),
        (Member::Origin, "origin"),
        (Member::User, "user"),
        (Member::Service, "service"),
        (Member::ResourceArn, "resource_arn"),
        (Member::Links, "links"),
        (Member::PrecursorIds, "precursor_ids"),
    ] {
        out.raw(name, raw(member));
    }
    for (key, value) in &entity.unknown {
        out.raw(key, Some(value.get()));
    }
    if !subsegments.is_empty() {
        out.raw("subsegments", Some(&format!("[{}]", subsegments.join(","))));
    }
    out.finish()
}

/// The document that stands for a callee which reports nothing. Its id follows from the caller's, so that it is the same
/// in every answer.
fn inferred_segment(trace: &Trace, inferred: &Inferred) -> Segment {
    let span = &trace.spans[inferred.span as usize];
    let id = derived_id(trace, span.id, 1).to_string();
    let text = trace.document(span);
    let entity = parse_top(text).unwrap_or_default();
    let raw = |member| entity.get(member).map(RawValue::get);
    let (start, end) = (span.start.seconds_text(), span.end.map(model::Moment::seconds_text));
    let mut out = Object::new();
    out.text("id", &id);
    out.raw("name", raw(Member::Name));
    out.raw("start_time", Some(&start));
    out.text("trace_id", &trace.id.to_string());
    out.raw("end_time", end.as_deref());
    out.text("parent_id", &span.id.to_string());
    out.raw("inferred", Some("true"));
    for (member, name) in [(Member::Fault, "fault"), (Member::Error, "error"), (Member::Throttle, "throttle")] {
        out.raw(name, raw(member));
    }
    out.raw("http", raw(Member::Http).map(without_traced).as_deref());
    if span.namespace == Namespace::Aws {
        let aws = span.detail.as_deref().and_then(|detail| detail.aws.as_ref());
        out.raw("aws", raw(Member::Aws).map(|text| with_resource_names(text, aws)).as_deref());
    }
    if let Some(origin) = &inferred.origin {
        out.text("origin", origin);
    }
    if inferred.is_queue {
        let mut waiting = Object::new();
        waiting.text("id", &derived_id(trace, span.id, 2).to_string());
        waiting.text("name", "QueueTime");
        waiting.raw("start_time", Some(&start));
        waiting.raw("end_time", end.as_deref());
        out.raw("subsegments", Some(&format!("[{}]", waiting.finish())));
    }
    Segment { id, document: out.finish() }
}

/// An id made from a trace, a span and a number (FNV-1a): the same in every run.
fn derived_id(trace: &Trace, span: SpanId, number: u8) -> SpanId {
    let bytes = trace.id.w3c().bytes().chain(span.0.to_be_bytes()).chain([number]);
    SpanId(bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
}

/// `http` without `request.traced`, which AWS removes.
fn without_traced(http: &str) -> String {
    changed(http, http.contains("\"traced\""), |http| {
        http.get_mut("request").and_then(Value::as_object_mut).map(|request| request.remove("traced"));
    })
}

/// `cause` without empty `stack` arrays, which AWS removes.
fn without_empty_stacks(cause: &str) -> String {
    changed(cause, cause.contains("\"stack\""), |cause| {
        let exceptions = cause.get_mut("exceptions").and_then(Value::as_array_mut);
        for exception in exceptions.into_iter().flatten().filter_map(Value::as_object_mut) {
            if exception.get("stack").and_then(Value::as_array).is_some_and(Vec::is_empty) {
                exception.remove("stack");
            }
        }
    })
}

/// `aws` with `resource_names`, which AWS adds where an operation was called on a resource it knows.
fn with_resource_names(text: &str, aws: Option<&Aws>) -> String {
    let name = aws.filter(|aws| aws.operation.is_some()).and_then(|aws| {
        [&aws.table_name, &aws.bucket_name, &aws.queue_url, &aws.topic_arn, &aws.function_name]
            .into_iter()
            .find_map(Clone::clone)
    });
    changed(text, name.is_some() && !text.contains("\"resource_names\""), |aws| {
        aws.insert("resource_names".to_owned(), json!([name]));
    })
}

/// An object's text after a change; as it came when no change is wanted or it is too deep to be read as a value.
fn changed(text: &str, wanted: bool, change: impl FnOnce(&mut Map<String, Value>)) -> String {
    if wanted && let Ok(mut object) = serde_json::from_str::<Map<String, Value>>(text) {
        change(&mut object);
        return Value::Object(object).to_string();
    }
    text.to_owned()
}

/// A JSON object in the making.
struct Object(String);

impl Object {
    fn new() -> Self {
        Self("{".to_owned())
    }

    /// A member whose value is JSON text; nothing when there is none.
    fn raw(&mut self, name: &str, value: Option<&str>) {
        let Some(value) = value else { return };
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push_str(&Value::from(name).to_string());
        self.0.push(':');
        self.0.push_str(value);
    }

    fn text(&mut self, name: &str, value: &str) {
        self.raw(name, Some(&Value::from(value).to_string()));
    }

    fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

//! One JSON value of a file: what it is shows in the names of its members.

use std::ops::ControlFlow;

use model::{TraceId, document::read};
use serde_json::value::RawValue;

use crate::{Document, Inferred, Item, Take, Wrong, jaeger, lines::Lines};

/// Levels around a document that are looked into. An answer of `BatchGetTraces` has five.
const LEVELS: u32 = 8;

/// Hands out what a JSON value holds, in its order; `line` is the number of its first line.
pub fn value(raw: &RawValue, line: u64, inferred: Inferred, take: Take<'_>) -> ControlFlow<()> {
    let mut lines = Lines::new(raw.get(), line);
    let mut waiting = vec![(raw, 0)];
    while let Some((raw, level)) = waiting.pop() {
        if let Some(elements) = read::elements(raw).filter(|_| level < LEVELS) {
            waiting.extend(elements.into_iter().rev().map(|raw| (raw, level + 1)));
            continue;
        }
        let line = lines.of(raw.get());
        // A document as text within JSON.
        if let Some(text) = read::text(raw) {
            let inner = serde_json::from_str::<&RawValue>(&text).ok();
            let members = inner.and_then(read::members).unwrap_or_default();
            match shape(&members) {
                Shape::Document { trace, is_inferred } => document(&text, trace, is_inferred, line, inferred, take)?,
                _ => take(Err(unknown(&text, line)))?,
            }
            continue;
        }
        let members = read::members(raw).unwrap_or_default();
        match shape(&members) {
            Shape::Document { trace, is_inferred } => document(raw.get(), trace, is_inferred, line, inferred, take)?,
            Shape::Spans => {
                let (request, wrong) = otlp::Request::read(raw);
                spans(&request, wrong, line, take)?;
            }
            Shape::Jaeger => {
                let (request, wrong) = jaeger::read(raw);
                spans(&request, wrong, line, take)?;
            }
            Shape::Around(inner) if level < LEVELS => {
                waiting.extend(inner.into_iter().rev().map(|raw| (raw, level + 1)));
            }
            Shape::Around(_) | Shape::Unknown => take(Err(unknown(raw.get(), line)))?,
        }
    }
    ControlFlow::Continue(())
}

/// What an object is.
enum Shape<'a> {
    Document {
        trace: Result<TraceId, String>,
        is_inferred: bool,
    },
    /// A request of OTLP.
    Spans,
    /// A trace as Jaeger writes it.
    Jaeger,
    /// Something around documents or traces.
    Around(Vec<&'a RawValue>),
    Unknown,
}

fn shape<'a>(members: &[(std::borrow::Cow<'a, str>, &'a RawValue)]) -> Shape<'a> {
    let of = |name: &str| members.iter().rfind(|(key, _)| key == name).map(|(_, raw)| *raw);
    if of("resourceSpans").is_some() {
        return Shape::Spans;
    }
    if let Some(raw) = of("trace_id") {
        let trace = match read::text(raw) {
            Some(text) => text.parse().map_err(|error: model::id::IdError| error.to_string()),
            None => Err(format!("trace_id should be a string; it is {}", read::type_name(raw))),
        };
        return Shape::Document { trace, is_inferred: of("inferred").and_then(read::boolean) == Some(true) };
    }
    if of("spans").is_some() {
        return Shape::Jaeger;
    }
    let around = ["Traces", "Segments", "Document", "TraceSegmentDocuments", "data", "result"];
    let inner: Vec<&RawValue> = around.into_iter().filter_map(of).filter(|raw| raw.get() != "null").collect();
    if inner.is_empty() { Shape::Unknown } else { Shape::Around(inner) }
}

fn document(
    text: &str,
    trace: Result<TraceId, String>,
    is_inferred: bool,
    line: u64,
    inferred: Inferred,
    take: Take<'_>,
) -> ControlFlow<()> {
    match trace {
        Ok(_) if is_inferred && inferred == Inferred::Dropped => ControlFlow::Continue(()),
        Ok(trace) => take(Ok(Document { trace, text: text.to_owned() })),
        Err(reason) => take(Err(Wrong { line, reason })),
    }
}

/// Hands out the documents of spans, after what could not be read of them.
fn spans(request: &otlp::Request, wrong: Vec<String>, line: u64, take: Take<'_>) -> ControlFlow<()> {
    for reason in wrong {
        take(Err(Wrong { line, reason }))?;
    }
    for mapped in request.documents() {
        match mapped {
            Ok(mapped) => {
                for text in mapped.documents {
                    take(Item::Ok(Document { trace: mapped.trace, text }))?;
                }
            }
            Err(span) => take(Err(Wrong { line, reason: format!("span {}: {}", span.name, span.reason) }))?,
        }
    }
    ControlFlow::Continue(())
}

fn unknown(text: &str, line: u64) -> Wrong {
    let begin: String = text.chars().take(60).collect();
    let known =
        "a segment document, an answer of BatchGetTraces, an OTLP request (resourceSpans) or a trace of Jaeger's";
    Wrong { line, reason: format!("it is neither of {known}; it begins {begin}") }
}

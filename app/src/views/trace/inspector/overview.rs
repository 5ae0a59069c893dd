//! What the trace itself says of a span: kind, place, times.

use api::{TraceColumns, trace::bit};
use filter::assist::narrow;
use format::moment::Precision;
use layout::waterfall::SpanIx;
use model::Nanos;

use super::{
    super::waterfall::{label, marks},
    facts::{self, Fact},
};
use crate::{platform::sketch::Sketch, state::Zone};

/// Kind, place and times of a span.
pub(super) fn draw(place: Sketch<'_>, trace: &TraceColumns, span: SpanIx, zone: Zone) {
    let index = span as usize;
    let bits = trace.bits.get(index).copied().unwrap_or(0);
    let parent = parent(trace, span);
    if let Some((parent, id)) = parent.and_then(|parent| Some((parent, trace.span_id(parent as usize)?))) {
        let line = place.says("p", "inspector__parent", "Part of ");
        facts::go(line, id, &label::name(trace, parent));
    }
    for note in notes(bits) {
        place.says("p", "inspector__note", note);
    }
    let mut facts = vec![Fact::text("Kind", marks::kind(bits).name)];
    if let Some(known) = trace.service.get(index).and_then(|service| trace.services.get(*service as usize)) {
        let (name, origin) = (trace.text(known.name), trace.text(known.origin));
        let text = if origin.is_empty() { name.to_owned() } else { [name, " (", origin, ")"].concat() };
        facts.push(Fact::text("Service", text).filtered(has_service_of(trace, index)));
    }
    facts.extend(trace.span_id(index).map(|id| Fact::code("Id", id.to_string())));
    times(&mut facts, trace, span, parent, zone);
    facts::facts_section(place, "Span", &facts);
}

fn times(facts: &mut Vec<Fact>, trace: &TraceColumns, span: SpanIx, parent: Option<SpanIx>, zone: Zone) {
    let bits = trace.bits.get(span as usize).copied().unwrap_or(0);
    let (start, end) = label::times(trace, span, bits);
    let absolute = |offset: i64| {
        let moment = trace.start + Nanos(offset);
        let minutes = zone.offset_minutes(moment);
        let time = format::moment::date_time(moment.0, minutes, Precision::Micros);
        [&time, " ", &format::moment::offset(minutes)].concat()
    };
    facts.push(Fact::text("Start", absolute(start)));
    facts.push(Fact::text("After the trace's start", format::duration::exact(start)));
    if bits & bit::IN_PROGRESS != 0 {
        facts.push(Fact::text("End", "in progress: no end has come"));
        return;
    }
    facts.push(Fact::text("End", absolute(end)));
    facts.push(Fact::text("Duration", format::duration::exact(end.saturating_sub(start))));
    facts.push(Fact::text("Share of the trace", format::number::percent(end - start, trace.length.0)));
    if let Some(parent) = parent {
        let parent_bits = trace.bits.get(parent as usize).copied().unwrap_or(0);
        let (from, to) = label::times(trace, parent, parent_bits);
        if parent_bits & bit::IN_PROGRESS == 0 {
            facts
                .push(Fact::text("Share of its parent", format::number::percent(end - start, to.saturating_sub(from))));
        }
    }
}

/// What a filter must select to speak of this span's request: its service, the call that it made, or the empty text
/// where the trace's own keywords speak of it, as they do of the root segment (xray-api.md, filter keywords). No filter
/// speaks of the requests of other subsegments.
pub(super) fn scope(trace: &TraceColumns, span: SpanIx) -> Option<String> {
    let index = span as usize;
    let is_segment = |index: usize| trace.bits.get(index).is_some_and(|bits| bits & bit::KIND != 1);
    if is_segment(index) {
        let is_root = parent(trace, span).is_none();
        return Some(if is_root { String::new() } else { has_service_of(trace, index) });
    }
    let depth = *trace.depth.get(index)?;
    let below = trace.depth.get(index + 1..)?.iter().take_while(|other| **other > depth);
    let answer = below.enumerate().find(|(step, other)| **other == depth + 1 && is_segment(index + 1 + step))?;
    Some(narrow::has_call(service(trace, index), service(trace, index + 1 + answer.0)))
}

fn has_service_of(trace: &TraceColumns, index: usize) -> String {
    let (name, kind) = service(trace, index);
    narrow::has_service(name, kind)
}

/// Name and type by which the service of a span is known in filters, as far as they are needed. The node of an AWS
/// resource has the resource's name, not that of the inferred segment; its type tells it.
fn service(trace: &TraceColumns, index: usize) -> (&str, &str) {
    let service = trace.service.get(index).and_then(|service| trace.services.get(*service as usize));
    let (name, origin) = service.map_or(("", ""), |service| (trace.text(service.name), trace.text(service.origin)));
    let is_inferred = trace.bits.get(index).is_some_and(|bits| bits & bit::KIND == 2);
    if is_inferred && !origin.is_empty() { ("", origin) } else { (name, "") }
}

/// The span under which this one hangs: the nearest one before it that is less deep.
fn parent(trace: &TraceColumns, span: SpanIx) -> Option<SpanIx> {
    let depth = *trace.depth.get(span as usize)?;
    let before = trace.depth.get(..span as usize)?;
    before.iter().rposition(|other| *other < depth).map(|parent| parent as SpanIx)
}

/// What is odd about the span, in sentences.
fn notes(bits: u32) -> Vec<&'static str> {
    let mut notes = Vec::new();
    match bits & bit::KIND {
        2 => notes.push("X-Ray made this segment up from its caller's subsegment, for the callee reports none"),
        3 => notes.push("This (sub)segment has not come: others name it as their parent. It may still be on its way, or was not sampled"),
        _ => {}
    }
    if bits & bit::ASYNCHRONOUS != 0 {
        notes.push("It ends after its parent, which did not wait for it");
    }
    if bits & bit::SKEWED != 0 {
        notes.push("It starts before its parent, or ends before it starts: clocks disagree");
    }
    notes
}

//! What a row says in words.

use api::{TraceColumns, trace::bit};
use layout::waterfall::SpanIx;

use super::{super::reading::Reading, marks};

/// Start and end of a span in nanoseconds after the trace's start. What is in progress reaches to the end of what is
/// known.
pub(in crate::views::trace) fn times(trace: &TraceColumns, span: SpanIx, bits: u32) -> (i64, i64) {
    let start = trace.offset.get(span as usize).copied().unwrap_or(0);
    if bits & bit::IN_PROGRESS != 0 {
        return (start, trace.length.0.max(start));
    }
    (start, start.saturating_add(trace.duration.get(span as usize).copied().unwrap_or(0)))
}

/// The span's name; for a missing parent its id.
pub(in crate::views::trace) fn name(trace: &TraceColumns, span: SpanIx) -> String {
    let bits = trace.bits.get(span as usize).copied().unwrap_or(0);
    if bits & bit::KIND == 3 {
        let id = trace.span_id(span as usize).map(|id| id.to_string()).unwrap_or_default();
        return format!("Missing parent {id}");
    }
    let name = trace.name.get(span as usize).map_or("", |name| trace.text(*name));
    if name.is_empty() { "(no name)".to_owned() } else { clip(name, 160).to_owned() }
}

/// The service that a span belongs to.
pub(in crate::views::trace) fn service(trace: &TraceColumns, span: SpanIx) -> &str {
    let service = trace.service.get(span as usize).and_then(|service| trace.services.get(*service as usize));
    service.map_or("", |service| trace.text(service.name))
}

/// The service and what it did: `payment · POST /charge`.
pub(in crate::views::trace) fn named(trace: &TraceColumns, span: SpanIx) -> String {
    let index = span as usize;
    let service = service(trace, span);
    let name = name(trace, span);
    let operation = trace.operation.get(index).map_or("", |operation| trace.text(*operation));
    let mut parts = vec![service];
    if name != service {
        parts.push(&name);
    }
    let shown = clip(operation, 60);
    parts.extend(Some(shown).filter(|shown| !shown.is_empty()));
    let mut text = parts.join(" · ");
    if shown.len() < operation.len() {
        text.push('…');
    }
    text
}

/// The text beside the bar.
pub(super) fn duration(trace: &TraceColumns, span: SpanIx, bits: u32) -> String {
    let mut text = if bits & bit::IN_PROGRESS != 0 {
        String::from("in progress")
    } else {
        format::duration::short(trace.duration.get(span as usize).copied().unwrap_or(0))
    };
    if bits & bit::ASYNCHRONOUS != 0 {
        text.push_str(" · async");
    }
    if bits & bit::SKEWED != 0 {
        text.push_str(" · clock skew");
    }
    text
}

/// About how wide a label is, in CSS pixels: figures and letters of its size are about 6.4 pixels wide.
pub(super) fn width_px(text: &str) -> f64 {
    text.chars().count() as f64 * 6.4 + 12.0
}

/// Everything about a span that a tooltip can say.
pub(super) fn title(reading: &Reading, span: SpanIx) -> String {
    let trace: &TraceColumns = &reading.trace;
    let index = span as usize;
    let bits = trace.bits.get(index).copied().unwrap_or(0);
    let name = trace.name.get(index).map_or("", |name| trace.text(*name));
    let operation = trace.operation.get(index).map_or("", |operation| trace.text(*operation));
    let service = trace.service.get(index).and_then(|service| trace.services.get(*service as usize));
    let mut title = if name.is_empty() { self::name(trace, span) } else { name.to_owned() };
    if !operation.is_empty() {
        title.push('\n');
        title.push_str(operation);
    }
    let mut facts = vec![marks::kind(bits).name.to_owned()];
    if let Some(service) = service.map(|service| trace.text(service.name)).filter(|service| *service != name) {
        facts.push(format!("of {service}"));
    }
    let outcome = marks::outcome(bit::outcome(bits));
    let status = trace.status.get(index).copied().unwrap_or(0);
    facts.push(if status == 0 { outcome.name.to_owned() } else { format!("{} {status}", outcome.name) });
    title.push('\n');
    title.push_str(&facts.join(", "));
    let offset = trace.offset.get(index).copied().unwrap_or(0);
    for part in ["\n", &duration(trace, span, bits), ", starts after ", &format::duration::short(offset)] {
        title.push_str(part);
    }
    let own = reading.self_times().get(index).copied().unwrap_or(0);
    title.push_str(&["\n", &format::duration::short(own), " itself"].concat());
    let on_path = reading.path().time(span);
    if on_path > 0 {
        let share = format::number::percent(on_path, reading.path().duration());
        title.push_str(&[", ", &format::duration::short(on_path), " on the critical path (", &share, ")"].concat());
    }
    if let Some(exception) = trace.exception(span) {
        title.push_str(&["\n", exception].concat());
    }
    title
}

/// What stands in a group's row: how many, of what, and their numbers.
pub(super) fn group(reading: &Reading, group: u32) -> (String, String) {
    let repeats = reading.repeats();
    let Some(set) = repeats.groups.get(group as usize) else { return Default::default() };
    let members = repeats.members(set);
    let trace = &reading.trace;
    let first = members.first().copied().unwrap_or(0);
    let operation = trace.operation.get(first as usize).map_or("", |operation| trace.text(*operation));
    let count = format::number::integer(members.len() as i64);
    let title = ["×", &count, " ", &name(trace, first)].concat();
    let time = |nanos: i64| format::duration::short(nanos);
    let mut facts = vec![
        ["total ", &time(set.total)].concat(),
        ["median ", &time(set.median)].concat(),
        ["max ", &time(set.max)].concat(),
    ];
    if set.failed > 0 {
        facts.push(format::number::counted(u64::from(set.failed), "failed", "failed"));
    }
    if set.is_sequential {
        facts.insert(0, "N+1? one after the other".to_owned());
    }
    if !operation.is_empty() {
        facts.push(clip(operation, 80).to_owned());
    }
    (title, facts.join(" · "))
}

/// Whether two lengths in CSS pixels look the same.
pub(super) fn is_same_px(one: f64, other: f64) -> bool {
    (one - other).abs() < 0.01
}

/// A length in CSS, to a tenth of a pixel.
pub(super) fn px(length: f64) -> String {
    let tenths = (length * 10.0).round() as i64;
    let sign = if tenths < 0 { "-" } else { "" };
    let size = tenths.unsigned_abs();
    format!("{sign}{}.{}px", size / 10, size % 10)
}

/// The beginning of a text, at most that many characters.
pub(in crate::views::trace) fn clip(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}

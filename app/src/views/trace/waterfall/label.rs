//! What a row says in words.

use api::{TraceColumns, trace::bit};
use layout::waterfall::SpanIx;

use super::marks;

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
pub(super) fn title(trace: &TraceColumns, span: SpanIx) -> String {
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
    title
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

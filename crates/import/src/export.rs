//! A trace as a file to keep.

use format::csv::cell;
use model::{Nanos, Trace, trace::SpanKind};

/// X-Ray's segment documents as they came, in a list.
pub fn documents(trace: &Trace) -> String {
    ["[", &trace.documents.join(",\n"), "]\n"].concat()
}

/// The spans in OpenTelemetry's JSON.
pub fn otlp(trace: &Trace) -> String {
    otlp::export(trace).json()
}

/// A line a span; times in UTC, durations in milliseconds.
pub fn csv(trace: &Trace) -> String {
    let mut lines = String::from("id,parent,depth,kind,service,name,start,duration_ms,outcome,status,method,url\n");
    for span in &trace.spans {
        let parent = span.parent.and_then(|parent| trace.span(parent));
        let kind = match span.kind {
            SpanKind::Segment => "segment",
            SpanKind::Subsegment => "subsegment",
            SpanKind::Inferred => "inferred",
            SpanKind::Placeholder => "missing",
        };
        let http = span.http();
        let cells = [
            span.id.to_string(),
            parent.map(|parent| parent.id.to_string()).unwrap_or_default(),
            span.depth.to_string(),
            kind.to_owned(),
            cell(trace.span(span.segment).map_or("", |segment| trace.name(segment))),
            cell(trace.name(span)),
            format::moment::rfc3339(span.start.0, 0),
            span.duration().map(millis).unwrap_or_default(),
            span.outcome.as_str().to_owned(),
            http.and_then(|http| http.status).map(|status| status.to_string()).unwrap_or_default(),
            cell(http.and_then(|http| http.method.as_deref()).unwrap_or("")),
            cell(http.and_then(|http| http.url.as_deref()).unwrap_or("")),
        ];
        lines.push_str(&cells.join(","));
        lines.push('\n');
    }
    lines
}

/// Milliseconds with all their decimals.
fn millis(time: Nanos) -> String {
    let decimals = (1_000_000 + time.0 % 1_000_000).to_string();
    [&(time.0 / 1_000_000).to_string(), ".", &decimals[1..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_in_each_form() {
        let trace = fixture::trace("front 0..90 GET https://shop/a,b 200\n  =cmd 10..20 fault\n");
        let csv = csv(&trace);
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines.len(), 3, "{csv}");
        assert!(lines[1].contains("\"https://shop/a,b\"") && lines[1].contains(",90.000000,ok,200,"), "{csv}");
        assert!(lines[2].contains("\"'=cmd\"") && lines[2].contains(",10.000000,fault,"), "{csv}");
        assert_eq!([millis(Nanos(1_000_007)), millis(Nanos(0))], ["1.000007", "0.000000"]);
        let documents: serde_json::Value = serde_json::from_str(&documents(&trace)).unwrap();
        assert_eq!(documents[0]["name"], "front");
        let otlp: serde_json::Value = serde_json::from_str(&otlp(&trace)).unwrap();
        assert!(otlp["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["name"] == "front", "{otlp}");
    }
}

//! What a list says of a trace, as `GetTraceSummaries` computes it.
//! <https://docs.aws.amazon.com/xray/latest/api/API_TraceSummary.html>

use std::collections::BTreeSet;

use model::{
    AnnotationValue, Detail, Moment, Nanos, Trace, TraceSummary,
    index::Texts,
    summary::{HttpSummary, ServiceId},
    trace::SpanKind,
};

use crate::{
    inferred, node,
    root_cause::{self, Category},
};

/// X-Ray indexes up to this many annotations of a trace.
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html>
pub const INDEXED_ANNOTATIONS: usize = 50;

/// The summary of a trace. `revision` counts the updates that the trace has had.
///
/// Of annotations the first [`INDEXED_ANNOTATIONS`] distinct ones in the tree's order are taken. The start keeps its
/// fraction (X-Ray floors it to the second).
pub fn summarize(trace: &Trace, revision: i32) -> TraceSummary {
    let mut summary = outline(trace);
    summary.revision = revision;
    summary.services = services(trace);
    let mut arns = Texts::default();
    let mut instances = Texts::default();
    let mut zones = Texts::default();
    for detail in details(trace) {
        add(&mut arns, detail.resource_arn.as_ref());
        add(&mut instances, detail.aws.as_ref().and_then(|aws| aws.instance_id.as_ref()));
        add(&mut zones, detail.aws.as_ref().and_then(|aws| aws.availability_zone.as_ref()));
    }
    summary.resource_arns = owned(&arns);
    summary.instance_ids = owned(&instances);
    summary.availability_zones = owned(&zones);
    summary.fault_root_causes = root_cause::failures(trace, Category::Fault);
    summary.error_root_causes = root_cause::failures(trace, Category::Error);
    summary.response_time_root_causes = root_cause::response_time(trace);
    summary
}

/// What the head of a trace shows of its summary: all but services, places where it ran, and root causes.
pub fn outline(trace: &Trace) -> TraceSummary {
    let mut summary = TraceSummary::empty(trace.id);
    let real = || trace.spans.iter().filter(|span| span.kind != SpanKind::Placeholder);
    summary.start = real().map(|span| span.start).min();
    summary.is_partial = trace.is_partial();
    summary.annotations = annotations(trace);
    let mut users = Texts::default();
    for detail in details(trace) {
        add(&mut users, detail.user.as_ref());
    }
    summary.users = owned(&users);
    if let Some(root) = trace.root() {
        let root = &trace.spans[root as usize];
        let http = root.http();
        let flags = root.flags.with_status(http.and_then(|http| http.status));
        summary.has_fault = flags.fault;
        summary.has_error = flags.error;
        summary.has_throttle = flags.throttle;
        summary.response_time = root.duration();
        summary.duration = root.end.and_then(|_| duration(trace));
        summary.entry_point = Some(node::of_segment(trace, root));
        summary.http = http.map_or_else(HttpSummary::default, |http| HttpSummary {
            url: http.url.clone(),
            status: http.status,
            method: http.method.clone(),
            user_agent: http.user_agent.clone(),
            client_ip: http.client_ip.clone(),
        });
    }
    summary
}

/// From the earliest start to the latest end of what hangs on a root (not of orphans).
pub fn duration(trace: &Trace) -> Option<Nanos> {
    let mut bounds: Option<(Moment, Moment)> = None;
    for root in trace.roots() {
        let subtree = &trace.spans[root as usize..trace.spans[root as usize].subtree_end as usize];
        if subtree[0].kind == SpanKind::Placeholder || subtree[0].marks.cut {
            continue;
        }
        for span in subtree {
            let end = span.end.unwrap_or(span.start);
            let (from, to) = bounds.unwrap_or((span.start, end));
            bounds = Some((from.min(span.start), to.max(end)));
        }
    }
    bounds.map(|(from, to)| to - from)
}

/// Every node of the trace's graph, each once: reported, inferred, and a client of each root.
fn services(trace: &Trace) -> Vec<ServiceId> {
    let reported =
        trace.spans.iter().filter(|span| span.kind == SpanKind::Segment).map(|span| node::of_segment(trace, span));
    let inferred = inferred::inferred(trace).map(|inferred| inferred.node);
    let roots = trace.roots().map(|root| &trace.spans[root as usize]);
    let clients = roots
        .filter(|root| root.kind == SpanKind::Segment && !root.marks.cut)
        .map(|root| node::of_client(&node::of_segment(trace, root)));
    let mut seen = BTreeSet::new();
    reported.chain(inferred).chain(clients).filter(|node| seen.insert(node.clone())).collect()
}

fn annotations(trace: &Trace) -> Vec<(String, Vec<AnnotationValue>)> {
    let mut keys = Texts::default();
    let mut found: Vec<Vec<AnnotationValue>> = Vec::new();
    let mut count = 0;
    for (key, value) in
        trace.spans.iter().filter_map(|span| span.detail.as_deref()).flat_map(|detail| &detail.annotations)
    {
        let key = keys.number(key) as usize;
        found.resize_with(keys.len(), Vec::new);
        if found[key].contains(value) {
            continue;
        }
        found[key].push(value.clone());
        count += 1;
        if count == INDEXED_ANNOTATIONS {
            break;
        }
    }
    keys.in_order().map(|(key, place)| (key.to_owned(), std::mem::take(&mut found[place as usize]))).collect()
}

/// What the reported segments say beside times and names.
fn details(trace: &Trace) -> impl Iterator<Item = &Detail> {
    trace.spans.iter().filter(|span| span.kind == SpanKind::Segment).filter_map(|span| span.detail.as_deref())
}

fn add(texts: &mut Texts, text: Option<&String>) {
    if let Some(text) = text {
        texts.number(text);
    }
}

/// Texts in the order in which they were first seen.
fn owned(texts: &Texts) -> Vec<String> {
    texts.list().into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;

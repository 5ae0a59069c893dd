//! What a filter expression can ask of a trace, collected in one pass over its spans.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AnnotationValue, Span, SpanIx, Trace, TraceFacts, TraceSummary,
    facts::{EdgeFacts, Observation, ServiceFacts},
    summary::{HttpSummary, ServiceId},
    trace::{Namespace, SpanKind},
};

use crate::{inferred, node, summary};

/// The facts of a trace, with a summary of revision 0.
pub fn facts(trace: &Trace) -> TraceFacts {
    with_summary(trace, summary::summarize(trace, 0))
}

/// The facts of a trace whose summary is known already.
///
/// Services and calls are those of the trace's graph (see [`crate::graph::of_trace`]), except that here a trace whose
/// root is in progress has them too. Annotations beyond those that the summary holds are not indexed, and so nowhere.
pub fn with_summary(trace: &Trace, summary: TraceSummary) -> TraceFacts {
    let mut draft = Draft::new(trace, &summary);
    for (index, span) in trace.spans.iter().enumerate() {
        match span.kind {
            SpanKind::Segment => draft.segment(index as SpanIx, span),
            SpanKind::Subsegment => draft.subsegment(index as SpanIx, span),
            SpanKind::Inferred | SpanKind::Placeholder => {}
        }
    }
    let (mut services, edges) = (draft.services, draft.edges);
    for service in &mut services {
        for texts in
            [&mut service.users, &mut service.resource_arns, &mut service.instance_ids, &mut service.availability_zones]
        {
            texts.sort_unstable();
            texts.dedup();
        }
    }
    let has_inferred =
        trace.spans.iter().any(|span| span.kind == SpanKind::Inferred) || inferred::inferred(trace).next().is_some();
    TraceFacts { summary, has_inferred, services, edges }
}

struct Draft<'a> {
    trace: &'a Trace,
    indexed: &'a [(String, Vec<AnnotationValue>)],
    services: Vec<ServiceFacts>,
    edges: Vec<EdgeFacts>,
    service_of: BTreeMap<ServiceId, usize>,
    edge_of: BTreeMap<(usize, usize), usize>,
    /// Which calls an edge counts already: several segments may answer one call.
    counted: BTreeSet<(usize, SpanIx)>,
}

impl<'a> Draft<'a> {
    fn new(trace: &'a Trace, summary: &'a TraceSummary) -> Self {
        Self {
            trace,
            indexed: &summary.annotations,
            services: Vec::new(),
            edges: Vec::new(),
            service_of: BTreeMap::new(),
            edge_of: BTreeMap::new(),
            counted: BTreeSet::new(),
        }
    }

    fn segment(&mut self, index: SpanIx, segment: &Span) {
        let id = node::of_segment(self.trace, segment);
        let target = self.service(id.clone(), false);
        self.services[target].observations.push(observation(segment));
        annotate(&mut self.services[target].annotations, self.indexed, segment);
        if let Some(detail) = segment.detail.as_deref() {
            let service = &mut self.services[target];
            let aws = detail.aws.as_ref();
            // Doubles are removed at the end: looking for them here would be quadratic.
            service.users.extend(detail.user.clone());
            service.resource_arns.extend(detail.resource_arn.clone());
            service.instance_ids.extend(aws.and_then(|aws| aws.instance_id.clone()));
            service.availability_zones.extend(aws.and_then(|aws| aws.availability_zone.clone()));
        }
        let Some(parent_ix) = segment.parent else {
            if !segment.marks.cut {
                self.services[target].is_root = true;
                let client = self.service(node::of_client(&id), false);
                self.edge(client, target, index);
            }
            return;
        };
        let parent = &self.trace.spans[parent_ix as usize];
        let Some(source) = self.caller(parent) else { return };
        let was_recorded = parent.kind == SpanKind::Subsegment && parent.namespace != Namespace::Local;
        self.edge(source, target, if was_recorded { parent_ix } else { index });
    }

    fn subsegment(&mut self, index: SpanIx, span: &Span) {
        let source = self.caller(span);
        if let Some(source) = source {
            annotate(&mut self.services[source].annotations, self.indexed, span);
        }
        if !inferred::is_unanswered_call(self.trace, index) {
            return;
        }
        let target = self.service(inferred::infer(self.trace, index, span).node, true);
        self.services[target].observations.push(observation(span));
        annotate(&mut self.services[target].annotations, self.indexed, span);
        if let Some(source) = source {
            self.edge(source, target, index);
        }
    }

    /// The service that a span belongs to, if its segment has come.
    fn caller(&mut self, span: &Span) -> Option<usize> {
        let segment = self.trace.span(span.segment).filter(|segment| segment.kind == SpanKind::Segment)?;
        Some(self.service(node::of_segment(self.trace, segment), false))
    }

    /// The place of a node. One that was ever reported is not inferred.
    fn service(&mut self, id: ServiceId, is_inferred: bool) -> usize {
        if let Some(place) = self.service_of.get(&id) {
            self.services[*place].is_inferred &= is_inferred;
            return *place;
        }
        let place = self.services.len();
        self.service_of.insert(id.clone(), place);
        self.services.push(ServiceFacts { is_inferred, ..ServiceFacts::new(id) });
        place
    }

    /// Counts a call, of which `seen` is the span that tells.
    fn edge(&mut self, source: usize, target: usize, seen: SpanIx) {
        let place = *self.edge_of.entry((source, target)).or_insert_with(|| {
            self.edges.push(EdgeFacts { source, target, observations: Vec::new(), annotations: Vec::new() });
            self.edges.len() - 1
        });
        if self.counted.insert((place, seen)) {
            let span = &self.trace.spans[seen as usize];
            self.edges[place].observations.push(observation(span));
            annotate(&mut self.edges[place].annotations, self.indexed, span);
        }
    }
}

fn observation(span: &Span) -> Observation {
    let http = span.http();
    Observation {
        start: span.start,
        end: span.end,
        flags: span.flags.with_status(http.and_then(|http| http.status)),
        http: http.map_or_else(HttpSummary::default, |http| HttpSummary {
            url: http.url.clone(),
            status: http.status,
            method: http.method.clone(),
            user_agent: http.user_agent.clone(),
            client_ip: http.client_ip.clone(),
        }),
    }
}

/// Adds the annotations of a span that are indexed, each value once, keys in order.
fn annotate(known: &mut Vec<(String, Vec<AnnotationValue>)>, indexed: &[(String, Vec<AnnotationValue>)], span: &Span) {
    for (key, value) in span.detail.as_deref().map_or(&[][..], |detail| &detail.annotations) {
        let place = |list: &[(String, Vec<AnnotationValue>)]| list.binary_search_by(|(other, _)| other.cmp(key));
        if !place(indexed).is_ok_and(|place| indexed[place].1.contains(value)) {
            continue;
        }
        match place(known) {
            Ok(place) if known[place].1.contains(value) => {}
            Ok(place) => known[place].1.push(value.clone()),
            Err(place) => known.insert(place, (key.clone(), vec![value.clone()])),
        }
    }
}

#[cfg(test)]
mod tests;

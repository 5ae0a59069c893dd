//! The graph of services: of one trace, and of many by merging.
//! <https://docs.aws.amazon.com/xray/latest/api/API_GetServiceGraph.html>

mod merge;

use std::collections::BTreeMap;

use model::{
    Moment, Nanos, Outcome, Span, SpanId, SpanIx, Trace, TraceId,
    graph::{Edge, EdgeKind, Histogram, Load, Node, NodeIx, NodeState, ServiceGraph},
    summary::ServiceId,
    trace::{Namespace, SpanKind},
};
use serde::{Deserialize, Serialize};

pub use self::merge::Merger;
use crate::{inferred, node};

/// The graph of one trace.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TraceGraph {
    /// Its services and calls.
    pub graph: ServiceGraph,
    /// What the trace goes on with of other traces.
    pub links: Vec<Continued>,
}

/// A segment that goes on with what another trace had sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Continued {
    /// The node of the segment.
    pub node: NodeIx,
    /// When the segment started.
    pub start: Moment,
    /// The other trace.
    pub trace: TraceId,
    /// The (sub)segment in it that sent.
    pub span: SpanId,
}

/// The nodes, calls and links of a trace.
///
/// - Every segment counts for its node, as the server saw it; calls count for their edge as the caller saw them, and for
///   a callee that reports nothing they count for its node too.
/// - A root has a client before it, whose calls are the root's own numbers.
/// - What is in progress makes a node but no count; a trace whose root is in progress makes nothing, as in X-Ray.
pub fn of_trace(trace: &Trace) -> TraceGraph {
    let mut draft = Draft::default();
    let entry = trace.root().and_then(|root| trace.span(root));
    if entry.is_some_and(Span::is_in_progress) {
        return TraceGraph::default();
    }
    let first = entry.or_else(|| trace.spans.iter().min_by_key(|span| span.start));
    let second = first.map_or(Moment(0), |span| span.start.floor_second());
    for (index, span) in trace.spans.iter().enumerate() {
        match span.kind {
            SpanKind::Segment => draft.segment(trace, index as SpanIx, span),
            SpanKind::Subsegment => draft.call(trace, index as SpanIx, span),
            SpanKind::Inferred | SpanKind::Placeholder => {}
        }
    }
    draft.finish((second, second + Nanos::seconds(1)))
}

/// The node to which a (sub)segment sends what it sends: the resource it calls, or the service it belongs to.
pub fn sender(trace: &Trace, span: SpanId) -> Option<ServiceId> {
    let index = trace.find(span)?;
    let span = trace.span(index)?;
    if inferred::is_unanswered_call(trace, index) {
        return Some(inferred::infer(trace, index, span).node);
    }
    let segment = trace.span(span.segment).filter(|segment| segment.kind == SpanKind::Segment)?;
    Some(node::of_segment(trace, segment))
}

/// A graph whose nodes are not in their order yet.
#[derive(Default)]
struct Draft {
    places: BTreeMap<ServiceId, NodeIx>,
    nodes: Vec<Node>,
    edges: BTreeMap<(NodeIx, NodeIx), Edge>,
    links: Vec<Continued>,
}

impl Draft {
    fn segment(&mut self, trace: &Trace, index: SpanIx, segment: &Span) {
        let id = node::of_segment(trace, segment);
        let target = self.node(id.clone(), NodeState::Active);
        let time = segment.duration();
        self.count(target, segment.outcome, time);
        let links = segment.detail.as_deref().map_or(&[][..], |detail| &detail.links);
        self.links.extend(links.iter().filter_map(|link| {
            Some(Continued { node: target, start: segment.start, trace: link.trace_id, span: link.id? })
        }));
        let Some(parent_ix) = segment.parent else {
            if !segment.marks.cut {
                self.nodes[target as usize].is_root = true;
                let client = self.node(node::of_client(&id), NodeState::Unknown);
                self.edge(client, target, None, segment.outcome, time);
            }
            return;
        };
        let parent = &trace.spans[parent_ix as usize];
        let Some(source) = self.service(trace, parent) else { return };
        if parent.kind != SpanKind::Subsegment || parent.namespace == Namespace::Local {
            // No call was recorded, so that what the callee says of itself has to do.
            self.edge(source, target, None, segment.outcome, time);
            return;
        }
        let alias = inferred::infer(trace, parent_ix, parent).node;
        // A call that several segments answer (of one node, by a retry in a proxy) is still one call.
        let is_first = trace.children(parent_ix).take_while(|child| *child < index).all(|child| {
            let other = &trace.spans[child as usize];
            other.kind != SpanKind::Segment || node::of_segment(trace, other) != id
        });
        let time = parent.duration().filter(|_| is_first);
        self.edge(source, target, Some(alias), parent.outcome, time);
    }

    /// A call that nobody answered makes a node of its own.
    fn call(&mut self, trace: &Trace, index: SpanIx, span: &Span) {
        if !inferred::is_unanswered_call(trace, index) {
            return;
        }
        let state = if span.namespace == Namespace::Remote { NodeState::Passive } else { NodeState::Unknown };
        let target = self.node(inferred::infer(trace, index, span).node, state);
        self.count(target, span.outcome, span.duration());
        if let Some(source) = self.service(trace, span) {
            self.edge(source, target, None, span.outcome, span.duration());
        }
    }

    /// The node of the service that a span belongs to, if its segment has come.
    fn service(&mut self, trace: &Trace, span: &Span) -> Option<NodeIx> {
        let segment = trace.span(span.segment).filter(|segment| segment.kind == SpanKind::Segment)?;
        Some(self.node(node::of_segment(trace, segment), NodeState::Active))
    }

    fn node(&mut self, id: ServiceId, state: NodeState) -> NodeIx {
        if let Some(place) = self.places.get(&id) {
            let node = &mut self.nodes[*place as usize];
            node.state = node.state.min(state);
            return *place;
        }
        let place = self.nodes.len() as NodeIx;
        self.places.insert(id.clone(), place);
        self.nodes.push(Node { id, state, is_root: false, load: None, seen: None });
        place
    }

    fn count(&mut self, node: NodeIx, outcome: Outcome, time: Option<Nanos>) {
        if let Some(time) = time {
            self.nodes[node as usize].load.get_or_insert_default().add(outcome, time);
        }
    }

    fn edge(
        &mut self,
        source: NodeIx,
        target: NodeIx,
        alias: Option<ServiceId>,
        outcome: Outcome,
        time: Option<Nanos>,
    ) {
        let edge = self.edges.entry((source, target)).or_insert_with(|| Edge {
            source,
            target,
            kind: EdgeKind::Call,
            aliases: Vec::new(),
            load: None,
            age: Histogram::default(),
            seen: None,
        });
        edge.aliases.extend(alias.filter(|alias| !edge.aliases.contains(alias)));
        if let Some(time) = time {
            edge.load.get_or_insert_with(Load::default).add(outcome, time);
        }
    }

    fn finish(self, seen: (Moment, Moment)) -> TraceGraph {
        // The map of places is in the order of the keys.
        let mut place_of = vec![0; self.nodes.len()];
        for (place, old) in self.places.values().enumerate() {
            place_of[*old as usize] = place as NodeIx;
        }
        let mut nodes: Vec<(NodeIx, Node)> =
            self.nodes.into_iter().enumerate().map(|(old, node)| (place_of[old], node)).collect();
        nodes.sort_by_key(|(place, _)| *place);
        let nodes = nodes.into_iter().map(|(_, node)| Node { seen: Some(seen), ..node }).collect();
        let mut edges: Vec<Edge> = self.edges.into_values().collect();
        for edge in &mut edges {
            (edge.source, edge.target) = (place_of[edge.source as usize], place_of[edge.target as usize]);
            edge.seen = Some(seen);
        }
        edges.sort_by_key(|edge| (edge.source, edge.target));
        let mut links = self.links;
        for link in &mut links {
            link.node = place_of[link.node as usize];
        }
        TraceGraph { graph: ServiceGraph { nodes, edges }, links }
    }
}

#[cfg(test)]
mod tests;

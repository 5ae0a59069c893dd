//! The services of a trace and the calls between them, as a map.

use crate::prelude::*;
use api::trace::bit;
use model::{
    Nanos, Outcome, ServiceGraph, SpanIx,
    graph::{Edge, EdgeKind, Histogram, Load, Node, NodeState},
    summary::ServiceId,
};

use super::reading::Reading;
use crate::{
    route::{NodeKey, SizeBy, TraceView},
    state::Shared,
    views::map::Map,
};

/// The map of a trace. What is selected on it is a span of the service, and the other way round.
#[component]
pub(super) fn TraceMap(
    reading: Signal<Shared<Reading>>,
    view: Signal<TraceView>,
    on_view: Callback<TraceView>,
) -> impl IntoView {
    let (graph, set_graph) = signal(None);
    Effect::new(move |_| set_graph.set(Some(Shared::new(graph_of(&reading.get())))));
    let (moved, set_moved) = signal(Vec::<(NodeKey, i32, i32)>::new());
    let chosen = Signal::memo(move |_| {
        let id = view.with(|view| view.span)?;
        let reading = reading.get();
        let span = reading.trace.span.iter().position(|known| *known == id.0)?;
        let service = *reading.trace.service.get(span)?;
        Some((key(&reading, service), None))
    });
    let on_choose = Callback::new(move |chosen: Option<(NodeKey, Option<NodeKey>)>| {
        let reading = reading.get_untracked();
        // Of an edge, the one who is called.
        let wanted = chosen.map(|(node, other)| other.unwrap_or(node));
        let span =
            wanted.and_then(|wanted| speaker(&reading, &wanted)).and_then(|span| reading.trace.span_id(span as usize));
        on_view.run(TraceView { span, ..view.get_untracked() });
    });
    let on_move = Callback::new(move |(node, x, y): (NodeKey, i32, i32)| {
        set_moved.update(|moved| {
            moved.retain(|(known, ..)| *known != node);
            moved.push((node, x, y));
        });
    });
    view! {
        <Map graph=graph size=Signal::stored(SizeBy::None) chosen=chosen moved=moved minutes=Signal::stored(0.0)
            on_choose=on_choose on_move=on_move />
    }
}

fn key(reading: &Reading, service: u32) -> NodeKey {
    let trace = &reading.trace;
    let known = trace.services.get(service as usize);
    let text = |number: Option<u32>| number.map_or("", |number| trace.text(number)).to_owned();
    NodeKey { name: text(known.map(|it| it.name)), kind: text(known.map(|it| it.origin)) }
}

/// The span that speaks for a service: its worst one, and of equals the longest.
fn speaker(reading: &Reading, wanted: &NodeKey) -> Option<SpanIx> {
    let trace = &reading.trace;
    let spans = (0..trace.span.len() as SpanIx).filter(|span| key(reading, trace.service[*span as usize]) == *wanted);
    spans.max_by_key(|span| {
        let (start, end) = reading.stretch(*span);
        (bit::outcome(trace.bits[*span as usize]) != Outcome::Ok, end - start)
    })
}

/// A node for each service; an edge where a segment hangs under a span of another service.
fn graph_of(reading: &Reading) -> ServiceGraph {
    let trace = &reading.trace;
    let count = trace.services.len();
    let mut loads = vec![Load::default(); count];
    let mut roots = vec![false; count];
    let mut inferred = vec![true; count];
    let mut calls: Vec<(u32, u32, Load)> = Vec::new();
    for span in 0..trace.span.len() as SpanIx {
        let bits = trace.bits[span as usize];
        let service = trace.service[span as usize];
        let kind = bits & bit::KIND;
        if kind == 1 || kind == 3 {
            continue;
        }
        if kind == 0 {
            inferred[service as usize] = false;
        }
        let (start, end) = reading.stretch(span);
        let (outcome, time) = (bit::outcome(bits), Nanos(end - start));
        loads[service as usize].add(outcome, time);
        let caller = reading.forest().parent(span).map(|parent| trace.service[parent as usize]);
        let Some(caller) = caller.filter(|caller| *caller != service) else {
            roots[service as usize] |= caller.is_none();
            continue;
        };
        let known = calls.iter().position(|(from, to, _)| (*from, *to) == (caller, service));
        let place = known.unwrap_or_else(|| {
            calls.push((caller, service, Load::default()));
            calls.len() - 1
        });
        calls[place].2.add(outcome, time);
    }
    let node = |service: usize| {
        let NodeKey { name, kind } = key(reading, service as u32);
        let kind = Some(kind).filter(|kind| !kind.is_empty());
        Node {
            id: ServiceId { name, kind, account_id: None },
            state: if inferred[service] { NodeState::Passive } else { NodeState::Active },
            is_root: roots[service],
            load: Some(loads[service].clone()),
            seen: None,
        }
    };
    let edge = |(source, target, load): (u32, u32, Load)| Edge {
        source,
        target,
        kind: EdgeKind::Call,
        aliases: Vec::new(),
        load: Some(load),
        age: Histogram::default(),
        seen: None,
    };
    // Nodes stand in the order of their keys, edges in that of their ends.
    let nodes: Vec<Node> = (0..count).map(node).collect();
    let by_key = order::places(count, &mut |one, other| nodes[one].id.cmp(&nodes[other].id));
    let mut place = vec![0; count];
    for (new, old) in by_key.iter().enumerate() {
        place[*old] = new as u32;
    }
    let edges: Vec<Edge> = calls.into_iter().map(edge).collect();
    let ends = |edge: usize| (place[edges[edge].source as usize], place[edges[edge].target as usize]);
    let by_ends = order::places(edges.len(), &mut |one, other| ends(one).cmp(&ends(other)));
    let edges = by_ends.into_iter().map(|edge| {
        let (source, target) = ends(edge);
        Edge { source, target, ..edges[edge].clone() }
    });
    ServiceGraph { edges: edges.collect(), nodes: by_key.into_iter().map(|old| nodes[old].clone()).collect() }
}

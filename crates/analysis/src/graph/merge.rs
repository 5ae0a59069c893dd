//! Many graphs as one: of the traces of a window, of the windows of a range.

use std::collections::BTreeMap;

use model::{
    Moment, Nanos,
    graph::{Edge, EdgeKind, Load, Node, NodeIx, NodeState, ServiceGraph},
    summary::ServiceId,
};

/// Adds graphs up by the keys of their nodes. In whatever order they come, the counts are the same.
#[derive(Clone, Default)]
pub struct Merger {
    places: BTreeMap<ServiceId, NodeIx>,
    nodes: Vec<Node>,
    edges: BTreeMap<(NodeIx, NodeIx, EdgeKind), Edge>,
}

impl Merger {
    /// Adds a graph. Edges to nodes that it does not have are left out.
    pub fn add(&mut self, graph: &ServiceGraph) {
        let places: Vec<NodeIx> = graph.nodes.iter().map(|node| self.node(node)).collect();
        for edge in &graph.edges {
            let ends = (places.get(edge.source as usize), places.get(edge.target as usize));
            if let (Some(source), Some(target)) = ends {
                self.edge(*source, *target, edge);
            }
        }
    }

    /// Adds that `target` went on, after `age`, with what `source` had sent.
    pub fn link(&mut self, source: &ServiceId, target: &ServiceId, age: Nanos, seen: (Moment, Moment)) {
        let node = |id: &ServiceId| Node {
            id: id.clone(),
            state: NodeState::Unknown,
            is_root: false,
            load: None,
            seen: Some(seen),
        };
        let (source, target) = (self.node(&node(source)), self.node(&node(target)));
        let mut edge = Edge {
            source,
            target,
            kind: EdgeKind::Link,
            aliases: Vec::new(),
            load: None,
            age: model::graph::Histogram::default(),
            seen: Some(seen),
        };
        edge.age.add(age, 1);
        self.edge(source, target, &edge);
    }

    /// All together, nodes in the order of their keys.
    pub fn finish(mut self) -> ServiceGraph {
        let mut place_of = vec![0; self.nodes.len()];
        let mut nodes = Vec::with_capacity(self.nodes.len());
        for (place, old) in self.places.values().enumerate() {
            place_of[*old as usize] = place as NodeIx;
            nodes.push(self.nodes[*old as usize].clone());
        }
        let mut edges = Vec::with_capacity(self.edges.len());
        while let Some((_, mut edge)) = self.edges.pop_first() {
            (edge.source, edge.target) = (place_of[edge.source as usize], place_of[edge.target as usize]);
            edges.push(edge);
        }
        edges.sort_by_key(|edge| (edge.source, edge.target, edge.kind));
        ServiceGraph { nodes, edges }
    }

    fn node(&mut self, node: &Node) -> NodeIx {
        if let Some(place) = self.places.get(&node.id) {
            let known = &mut self.nodes[*place as usize];
            known.state = known.state.min(node.state);
            known.is_root |= node.is_root;
            merge_load(&mut known.load, node.load.as_ref());
            known.seen = joined(known.seen, node.seen);
            return *place;
        }
        let place = self.nodes.len() as NodeIx;
        self.places.insert(node.id.clone(), place);
        self.nodes.push(node.clone());
        place
    }

    fn edge(&mut self, source: NodeIx, target: NodeIx, edge: &Edge) {
        let known = self.edges.entry((source, target, edge.kind)).or_insert_with(|| Edge {
            source,
            target,
            kind: edge.kind,
            aliases: Vec::new(),
            load: None,
            age: model::graph::Histogram::default(),
            seen: None,
        });
        for alias in &edge.aliases {
            if !known.aliases.contains(alias) {
                known.aliases.push(alias.clone());
            }
        }
        merge_load(&mut known.load, edge.load.as_ref());
        known.age.merge(&edge.age);
        known.seen = joined(known.seen, edge.seen);
    }
}

fn merge_load(load: &mut Option<Load>, more: Option<&Load>) {
    if let Some(more) = more {
        load.get_or_insert_with(Load::default).merge(more);
    }
}

fn joined(one: Option<(Moment, Moment)>, other: Option<(Moment, Moment)>) -> Option<(Moment, Moment)> {
    match (one, other) {
        (Some(one), Some(other)) => Some((one.0.min(other.0), one.1.max(other.1))),
        (one, other) => one.or(other),
    }
}

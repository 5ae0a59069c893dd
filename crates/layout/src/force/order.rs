//! What a graph says before any force: its connected parts, and how many calls each node is away from an entry.

use petgraph::{Direction, visit::EdgeRef as _};

use super::Graph;

/// The connected parts, largest first, each with its nodes in the graph's order.
pub(super) fn parts(graph: &Graph) -> Vec<Vec<usize>> {
    let mut part_of = vec![usize::MAX; graph.node_count()];
    let mut parts: Vec<Vec<usize>> = Vec::new();
    let mut waiting = Vec::new();
    for first in graph.node_indices() {
        if part_of[first.index()] != usize::MAX {
            continue;
        }
        let number = parts.len();
        let mut nodes = Vec::new();
        part_of[first.index()] = number;
        waiting.push(first);
        while let Some(node) = waiting.pop() {
            nodes.push(node.index());
            for other in graph.neighbors_undirected(node) {
                if part_of[other.index()] == usize::MAX {
                    part_of[other.index()] = number;
                    waiting.push(other);
                }
            }
        }
        let nodes: Vec<usize> =
            sorted(nodes.into_iter().map(|node| (node as u64, 0))).into_iter().map(|(node, _)| node as usize).collect();
        parts.push(nodes);
    }
    let by_size = sorted(parts.iter().map(|nodes| (u64::MAX - nodes.len() as u64, nodes[0] as u64)));
    let first: Vec<u64> = parts.iter().map(|nodes| nodes[0] as u64).collect();
    by_size
        .into_iter()
        .filter_map(|(_, node)| first.binary_search(&node).ok())
        .map(|part| std::mem::take(&mut parts[part]))
        .collect()
}

/// Pairs of numbers in ascending order.
pub(super) fn sorted(pairs: impl Iterator<Item = (u64, u64)>) -> Vec<(u64, u64)> {
    let pairs: Vec<(u64, u64)> = pairs.collect();
    let order = ::order::places(pairs.len(), &mut |one, other| pairs[one].cmp(&pairs[other]));
    order.into_iter().map(|place| pairs[place]).collect()
}

/// A number as one that is ordered as it is.
pub(super) fn ordered(value: f64) -> u64 {
    let bits = value.to_bits();
    // Negative numbers are larger the smaller they are; and come before the others.
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// How many calls each node of a part is away from the nearest entry, by local index.
///
/// Entries are the nodes that say so, or that nobody calls; in a circle without either, the one that calls most.
pub(super) fn depths(graph: &Graph, nodes: &[usize], local: impl Fn(usize) -> usize) -> Vec<u32> {
    let index = petgraph::graph::NodeIndex::new;
    let degree = |node: usize, direction| {
        graph.edges_directed(index(node), direction).filter(|edge| edge.source() != edge.target()).count()
    };
    let mut depths = vec![u32::MAX; nodes.len()];
    let is_entry = |node: &usize| graph[index(*node)].is_entry || degree(*node, Direction::Incoming) == 0;
    let mut level: Vec<usize> = nodes.iter().copied().filter(is_entry).collect();
    if level.is_empty() {
        let most = nodes.iter().max_by_key(|node| (degree(**node, Direction::Outgoing), usize::MAX - **node));
        level.extend(most);
    }
    let mut depth = 0;
    loop {
        for node in &level {
            depths[local(*node)] = depth;
        }
        let mut next = Vec::new();
        for node in level {
            for other in graph.neighbors_directed(index(node), Direction::Outgoing) {
                let place = &mut depths[local(other.index())];
                if *place == u32::MAX {
                    *place = depth + 1;
                    next.push(other.index());
                }
            }
        }
        if next.is_empty() {
            // Whoever cannot be reached from an entry (a circle that calls into the part) begins one of its own.
            let Some(rest) = nodes.iter().copied().find(|node| depths[local(*node)] == u32::MAX) else { break };
            level = vec![rest];
            depth = 0;
            continue;
        }
        level = next;
        depth += 1;
    }
    depths
}

//! Where the nodes of a graph lie: a force layout that reads from left to right.
//!
//! Nodes repel each other (Barnes–Hut), edges pull like springs, nobody overlaps, and who calls stands left of who is
//! called, without columns: an edge only pushes its two ends apart until the callee is to the right. Each connected part
//! is laid out for itself, and the parts are packed. All is arithmetic on flat arrays in a fixed order, so that the same
//! graph gives the same picture everywhere; work is done in ticks, so that a page can draw in between.

mod order;
mod pack;
mod part;
mod separate;
mod tree;

use petgraph::graph::DiGraph;

use self::part::Part;

/// A graph to lay out. Edges lead from the caller to the callee; several between two nodes, and from a node to itself, are
/// allowed.
pub type Graph = DiGraph<Body, ()>;

/// A node to place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Body {
    /// The room it needs around its centre.
    pub radius: f64,
    /// Requests enter here: it is drawn to the left.
    pub is_entry: bool,
    /// Where it lay before; near there it begins, so that a picture does not jump.
    pub former: Option<Point>,
    /// Where it lies whatever the forces say.
    pub fixed: Option<Point>,
}

/// A place; x grows to the right, y downwards.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// From left to right.
    pub x: f64,
    /// From top to bottom.
    pub y: f64,
}

/// A layout under way.
#[derive(Clone, Debug)]
pub struct Force {
    parts: Vec<Part>,
    count: usize,
    settled: bool,
}

impl Force {
    /// Begins the layout of a graph.
    pub fn new(graph: &Graph) -> Self {
        let parts = order::parts(graph).into_iter().map(|nodes| Part::new(graph, &nodes)).collect();
        Self { parts, count: graph.node_count(), settled: false }
    }

    /// Works for some ticks, or fewer when nothing is left to do.
    pub fn run(&mut self, ticks: u32) {
        for _ in 0..ticks {
            let mut busy = false;
            for part in &mut self.parts {
                busy |= part.tick();
            }
            if !busy {
                break;
            }
        }
        if !self.settled && self.is_done() {
            self.settled = true;
            self.parts.iter_mut().for_each(Part::settle);
        }
    }

    /// Nothing is left to do: no two nodes overlap, and callers stand left of what they call first.
    pub fn is_done(&self) -> bool {
        self.parts.iter().all(Part::is_done)
    }

    /// The share of the work that is done, 0 to 1.
    pub fn progress(&self) -> f64 {
        self.parts.iter().map(Part::progress).fold(1.0, f64::min)
    }

    /// Where the nodes lie now, in the order of the graph's indices; all are finite.
    pub fn positions(&self) -> Vec<Point> {
        let mut points = vec![Point::default(); self.count];
        let moves = pack::moves(&self.parts);
        for (part, by) in self.parts.iter().zip(moves) {
            for (node, point) in part.points() {
                points[node] = Point { x: point.x + by.x, y: point.y + by.y };
            }
        }
        points
    }
}

/// The whole layout of a graph at once.
pub fn layout(graph: &Graph) -> Vec<Point> {
    let mut force = Force::new(graph);
    while !force.is_done() {
        force.run(64);
    }
    force.run(1);
    force.positions()
}

#[cfg(test)]
mod tests;

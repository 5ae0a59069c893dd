//! The map's picture as numbers: where nodes and edges lie, how large they are, what is under the pointer.

use std::collections::BTreeMap;

use layout::{
    camera::Camera,
    force::{Body, Force, Graph, Point},
};
use model::{
    ServiceGraph,
    graph::{Load, Node},
};

use crate::{
    route::{NodeKey, SizeBy},
    state::Shared,
};

/// A picture of at most so many nodes is laid out before it is first shown.
const AT_ONCE: usize = 300;
/// Nearer than this to an edge, in CSS pixels, the pointer is on it.
const NEAR_PX: f64 = 6.0;
/// The room around a picture that fits, in CSS pixels.
const RIM_PX: f64 = 36.0;

/// Something that can be pointed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A node, by its index in the graph.
    Node(usize),
    /// An edge, by its index in the graph.
    Edge(usize),
}

/// The picture.
#[derive(Default)]
pub(super) struct Scene {
    pub(super) graph: Option<Shared<ServiceGraph>>,
    pub(super) keys: Vec<NodeKey>,
    pub(super) radii: Vec<f64>,
    pub(super) points: Vec<Point>,
    pub(super) camera: Camera,
    /// What the pointer is on.
    pub(super) hover: Option<Target>,
    /// What is selected.
    pub(super) chosen: Option<Target>,
    /// The node that the keys are on, while they are.
    pub(super) active: Option<usize>,
    /// What a link selects, found or not.
    wanted: Option<(NodeKey, Option<NodeKey>)>,
    force: Option<Force>,
    /// The user looks at a part of their own choice; until then everything stays in view.
    is_aimed: bool,
    /// The node that stays in the middle while the layout goes on.
    followed: Option<usize>,
    places: BTreeMap<NodeKey, Point>,
}

/// The key of a node, as links have it.
pub(super) fn key(node: &Node) -> NodeKey {
    NodeKey { name: node.id.name.clone(), kind: node.id.kind.clone().unwrap_or_default() }
}

/// The ends of an edge, as a link carries them.
pub(super) fn ends(graph: &ServiceGraph, edge: usize) -> Option<(NodeKey, NodeKey)> {
    let edge = graph.edges.get(edge)?;
    let end = |node: u32| graph.nodes.get(node as usize).map(key);
    Some((end(edge.source)?, end(edge.target)?))
}

/// The numbers of a node: its own, or, for those who only call, those of their calls.
pub(super) fn load(graph: &ServiceGraph, node: usize) -> Option<&Load> {
    let own = graph.nodes.get(node)?.load.as_ref();
    // Edges stand in the order of their ends.
    let first = graph.edges.partition_point(|edge| (edge.source as usize) < node);
    own.or_else(|| graph.edges.get(first).filter(|edge| edge.source as usize == node)?.load.as_ref())
}

impl Scene {
    /// Shows a graph; nodes that were there stay about where they were.
    pub(super) fn load(&mut self, graph: Shared<ServiceGraph>, size: SizeBy, moved: &[(NodeKey, i32, i32)]) {
        self.remember();
        self.keys = graph.nodes.iter().map(key).collect();
        let loads: Vec<Option<&Load>> = (0..graph.nodes.len()).map(|node| load(&graph, node)).collect();
        let most = loads.iter().flatten().map(|load| load.total()).max().unwrap_or(0);
        self.radii = loads.iter().map(|load| radius(*load, most, size)).collect();
        let mut plan = Graph::default();
        for (node, key) in self.keys.iter().enumerate() {
            let fixed = moved.iter().find(|(other, ..)| other == key);
            plan.add_node(Body {
                // The name stands below, and needs room too.
                radius: self.radii[node] + 16.0,
                is_entry: graph.nodes[node].id.kind.as_deref().is_some_and(|kind| kind.starts_with("client")),
                former: self.places.get(key).copied(),
                fixed: fixed.map(|(_, x, y)| Point { x: f64::from(*x), y: f64::from(*y) }),
            });
        }
        for edge in &graph.edges {
            plan.add_edge(edge.source.into(), edge.target.into(), ());
        }
        let mut force = Force::new(&plan);
        if self.keys.len() <= AT_ONCE {
            force.run(u32::MAX);
        }
        self.points = force.positions();
        self.force = Some(force);
        self.hover = None;
        self.followed = None;
        self.active = self.active.filter(|active| *active < self.keys.len());
        self.graph = Some(graph);
        self.chosen = self.wanted.as_ref().and_then(|wanted| self.find(wanted));
        self.frame();
    }

    /// Selects what a link names, as soon as it is there.
    pub(super) fn choose(&mut self, wanted: Option<(NodeKey, Option<NodeKey>)>) {
        self.chosen = wanted.as_ref().and_then(|wanted| self.find(wanted));
        self.wanted = wanted;
    }

    /// Goes on with the layout for a tick; `false` when nothing was left to do.
    pub(super) fn tick(&mut self) -> bool {
        let Some(force) = self.force.as_mut().filter(|force| !force.is_done()) else { return false };
        force.run(1);
        true
    }

    /// Takes over how far the layout has come; `true` when it goes on.
    pub(super) fn advance(&mut self) -> bool {
        let Some(force) = &self.force else { return false };
        self.points = force.positions();
        let goes_on = !force.is_done();
        if let Some(point) = self.followed.and_then(|node| self.points.get(node)) {
            self.camera.centre = *point;
        }
        if !goes_on {
            self.force = None;
            self.followed = None;
        }
        self.frame();
        goes_on
    }

    fn remember(&mut self) {
        for (key, point) in self.keys.iter().zip(&self.points) {
            self.places.insert(key.clone(), *point);
        }
    }

    /// The view has this size now, in CSS pixels.
    pub(super) fn resize(&mut self, width: f64, height: f64) {
        (self.camera.width, self.camera.height) = (width, height);
        self.frame();
    }

    /// Shows everything again.
    pub(super) fn fit(&mut self) {
        self.is_aimed = false;
        self.frame();
    }

    fn frame(&mut self) {
        if !self.is_aimed && self.camera.width > 0.0 {
            self.camera.fit(self.bounds(), RIM_PX);
        }
    }

    /// Moves the picture by CSS pixels.
    pub(super) fn pan(&mut self, dx: f64, dy: f64) {
        self.is_aimed = true;
        self.followed = None;
        self.camera.pan(dx, dy);
    }

    /// Enlarges around a place of the view.
    pub(super) fn zoom(&mut self, at: Point, factor: f64) {
        self.is_aimed = true;
        self.camera.zoom(at, factor);
    }

    /// Enlarges around a place of the view by steps of a wheel.
    pub(super) fn zoom_steps(&mut self, at: Point, steps: f64) {
        self.is_aimed = true;
        self.camera.zoom_steps(at, steps);
    }

    /// Brings a node to the middle, large enough to be read.
    pub(super) fn aim(&mut self, node: usize) {
        if let Some(point) = self.points.get(node) {
            self.is_aimed = true;
            self.camera.centre = *point;
            self.camera.scale = self.camera.scale.max(0.8);
            self.followed = Some(node);
        }
    }

    /// Brings a node into view when it is not.
    pub(super) fn reveal(&mut self, node: usize) {
        let [left, top, right, bottom] = self.camera.window();
        let hidden = |point: &Point| point.x < left || point.x > right || point.y < top || point.y > bottom;
        if let Some(point) = self.points.get(node).copied().filter(hidden) {
            self.pan_to(point);
        }
    }

    /// Brings a point of the plane to the middle.
    pub(super) fn pan_to(&mut self, point: Point) {
        self.is_aimed = true;
        self.followed = None;
        self.camera.centre = point;
    }

    /// Drags a node to a place of the view.
    pub(super) fn drag(&mut self, node: usize, to: Point) {
        let to = self.camera.to_plane(to);
        if let Some(point) = self.points.get_mut(node) {
            *point = to;
            self.is_aimed = true;
            self.force = None;
        }
    }

    /// Left, top, right and bottom of the picture.
    pub(super) fn bounds(&self) -> [f64; 4] {
        let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for (point, radius) in self.points.iter().zip(&self.radii) {
            bounds = [
                bounds[0].min(point.x - radius - 30.0),
                bounds[1].min(point.y - radius),
                bounds[2].max(point.x + radius + 30.0),
                bounds[3].max(point.y + radius + 34.0),
            ];
        }
        bounds
    }

    /// Whether a part of the picture is out of view.
    pub(super) fn is_zoomed(&self) -> bool {
        let ([left, top, right, bottom], window) = (self.bounds(), self.camera.window());
        left < window[0] || top < window[1] || right > window[2] || bottom > window[3]
    }

    /// What is at a place of the view.
    pub(super) fn hit(&self, at: Point) -> Option<Target> {
        let place = self.camera.to_plane(at);
        let away = |point: &Point| length(point.x - place.x, point.y - place.y);
        // Later nodes are drawn over earlier ones.
        let node = self.points.iter().zip(&self.radii).rposition(|(point, radius)| away(point) <= radius + 3.0);
        if let Some(node) = node {
            return Some(Target::Node(node));
        }
        let near = NEAR_PX / self.camera.scale;
        let graph = self.graph.as_ref()?;
        let found = (0..graph.edges.len()).filter_map(|edge| Some((edge, self.away(edge, place)?)));
        let nearest = found.min_by(|one, other| one.1.total_cmp(&other.1))?;
        (nearest.1 <= near).then_some(Target::Edge(nearest.0))
    }

    /// How far a point is from an edge.
    fn away(&self, edge: usize, place: Point) -> Option<f64> {
        let curve = self.curve(edge)?;
        let at = |share: f64| {
            let rest = 1.0 - share;
            let mix = |from: f64, by: f64, to: f64| rest * rest * from + 2.0 * rest * share * by + share * share * to;
            (mix(curve.from.x, curve.by.x, curve.to.x), mix(curve.from.y, curve.by.y, curve.to.y))
        };
        let steps = 8;
        let mut nearest = f64::INFINITY;
        let mut before = at(0.0);
        for step in 1..=steps {
            let next = at(f64::from(step) / f64::from(steps));
            nearest = nearest.min(from_line(place, before, next));
            before = next;
        }
        Some(nearest)
    }

    /// The line of an edge from rim to rim; `None` for a node that calls itself.
    pub(super) fn curve(&self, edge: usize) -> Option<Curve> {
        let graph = self.graph.as_ref()?;
        let edge = graph.edges.get(edge)?;
        let (s, t) = (edge.source as usize, edge.target as usize);
        let (from, to) = (*self.points.get(s)?, *self.points.get(t)?);
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        let distance = length(dx, dy);
        if s == t || distance < 1.0 {
            return None;
        }
        // Slightly bent, so that the two of a pair that call each other lie apart.
        let bend = 0.08;
        let by = Point { x: f64::midpoint(from.x, to.x) + dy * bend, y: f64::midpoint(from.y, to.y) - dx * bend };
        let cut = |end: Point, radius: f64| {
            let (dx, dy) = (by.x - end.x, by.y - end.y);
            let away = length(dx, dy).max(1.0);
            Point { x: end.x + dx / away * radius, y: end.y + dy / away * radius }
        };
        Some(Curve { from: cut(from, self.radii[s] + 2.0), by, to: cut(to, self.radii[t] + 3.0) })
    }

    /// The nearest node in a direction, for the arrow keys.
    pub(super) fn towards(&self, from: usize, dx: f64, dy: f64) -> Option<usize> {
        let here = *self.points.get(from)?;
        let score = |point: &Point| {
            let (x, y) = (point.x - here.x, point.y - here.y);
            let (along, aside) = (x * dx + y * dy, (x * dy - y * dx).abs());
            (along > 1.0).then_some(along + 2.5 * aside)
        };
        let found = self.points.iter().enumerate().filter_map(|(node, point)| Some((node, score(point)?)));
        found.min_by(|one, other| one.1.total_cmp(&other.1)).map(|(node, _)| node)
    }

    /// What the pointer or the keys are on: all but its neighbours is dimmed.
    pub(super) fn focus(&self) -> Option<Target> {
        self.hover.or(self.active.map(Target::Node))
    }

    /// Which nodes belong to what is pointed at: itself and its neighbours; `None` for all of them.
    pub(super) fn lit(&self) -> Option<Vec<bool>> {
        let (focus, graph) = (self.focus()?, self.graph.as_ref()?);
        let mut lit = vec![false; graph.nodes.len()];
        if let Target::Node(node) = focus {
            lit[node] = true;
        }
        for (index, edge) in graph.edges.iter().enumerate() {
            if self.is_lit(index) {
                lit[edge.source as usize] = true;
                lit[edge.target as usize] = true;
            }
        }
        Some(lit)
    }

    /// Whether an edge belongs to what is pointed at.
    pub(super) fn is_lit(&self, edge: usize) -> bool {
        let ends = self.graph.as_ref().and_then(|graph| graph.edges.get(edge));
        match self.focus() {
            None => true,
            Some(Target::Edge(other)) => other == edge,
            Some(Target::Node(node)) => {
                ends.is_some_and(|edge| edge.source as usize == node || edge.target as usize == node)
            }
        }
    }

    /// Whether something of a node, its name included, may be in a part of the plane.
    pub(super) fn is_in(&self, node: usize, window: &[f64; 4]) -> bool {
        let (point, reach) = (&self.points[node], self.radii[node] + 80.0);
        point.x + reach >= window[0]
            && point.x - reach <= window[2]
            && point.y + reach >= window[1]
            && point.y - reach <= window[3]
    }

    /// The target that a link names.
    pub(super) fn find(&self, chosen: &(NodeKey, Option<NodeKey>)) -> Option<Target> {
        let node = |key: &NodeKey| self.keys.iter().position(|other| other == key);
        let from = node(&chosen.0)?;
        let Some(other) = &chosen.1 else { return Some(Target::Node(from)) };
        let to = node(other)?;
        let edges = &self.graph.as_ref()?.edges;
        let edge = edges.iter().position(|edge| edge.source as usize == from && edge.target as usize == to)?;
        Some(Target::Edge(edge))
    }

    /// How a link names a target.
    pub(super) fn name(&self, target: Target) -> Option<(NodeKey, Option<NodeKey>)> {
        match target {
            Target::Node(node) => Some((self.keys.get(node)?.clone(), None)),
            Target::Edge(edge) => {
                let edge = self.graph.as_ref()?.edges.get(edge)?;
                let key = |node: u32| self.keys.get(node as usize).cloned();
                Some((key(edge.source)?, key(edge.target)))
            }
        }
    }
}

/// A line from one point to another, bent towards a third.
#[derive(Clone, Copy)]
pub(super) struct Curve {
    pub(super) from: Point,
    pub(super) by: Point,
    pub(super) to: Point,
}

fn radius(load: Option<&Load>, most: u64, size: SizeBy) -> f64 {
    let share = match (size, load) {
        (SizeBy::None, _) => 0.45,
        (_, None) => 0.2,
        (SizeBy::Traffic, Some(load)) => (load.total() as f64 / most.max(1) as f64).sqrt(),
        (SizeBy::Health, Some(load)) => {
            let failed = load.total() - load.ok;
            (failed as f64 / load.total().max(1) as f64).sqrt()
        }
    };
    26.0 + 20.0 * share
}

fn from_line(place: Point, from: (f64, f64), to: (f64, f64)) -> f64 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length2 = (dx * dx + dy * dy).max(1e-9);
    let share = layout::clamp(((place.x - from.0) * dx + (place.y - from.1) * dy) / length2, 0.0, 1.0);
    length(place.x - from.0 - share * dx, place.y - from.1 - share * dy)
}

pub(super) fn length(dx: f64, dy: f64) -> f64 {
    (dx * dx + dy * dy).sqrt()
}

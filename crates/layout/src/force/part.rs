//! One connected part of a graph under its forces.

use petgraph::visit::EdgeRef as _;

use super::{
    Graph, Point, order, separate,
    tree::{TOO_NEAR2, Tree},
};

/// Ticks of a layout from scratch, and of one that begins near a former picture.
const TICKS: u32 = 200;
const WARM_TICKS: u32 = 80;
/// The last ticks only part what overlaps.
const COLD_TICKS: u32 = 40;
/// The heat at the begin; forces act in proportion to it.
const WARM_HEAT: f64 = 0.25;
/// The heat at the end.
const COLD: f64 = 0.001;
/// What remains of a velocity after a tick.
const DRAG: f64 = 0.6;
/// How strongly two nodes of unit charge repel each other.
const CHARGE: f64 = 260.0;
/// The room between the rims of two nodes joined by an edge.
const LINK: f64 = 46.0;
/// How much of its neighbours' width, for the square root of their number, a crowded node keeps them away.
const CROWD: f64 = 0.4;
/// A callee is to stand at least this far right of its caller's rim.
const STEP: f64 = 24.0;
/// The share of the way to its right place that a callee is pushed in a tick.
const PUSH: f64 = 0.3;
/// Cells seen under a smaller angle than this (its square) act as one.
const THETA2: f64 = 1.0;
/// The room between nodes.
pub(super) const GAP: f64 = 12.0;

/// A spring between two nodes.
#[derive(Clone, Copy, Debug)]
struct Spring {
    source: u32,
    target: u32,
    length: f64,
    strength: f64,
    /// How much of the way the target goes.
    bias: f64,
    /// It leads one level away from the entries: the target belongs to the right of the source.
    leads_on: bool,
}

/// The nodes of a part and their state of motion.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// The graph's index of each node.
    nodes: Vec<usize>,
    depths: Vec<u32>,
    radius: Vec<f64>,
    charge: Vec<f64>,
    fixed: Vec<Option<Point>>,
    x: Vec<f64>,
    y: Vec<f64>,
    vx: Vec<f64>,
    vy: Vec<f64>,
    springs: Vec<Spring>,
    /// It has a place that it keeps, because some of its nodes had one before.
    pub(super) is_placed: bool,
    tick: u32,
    ticks: u32,
    heat: f64,
    tree: Tree,
    grid: separate::Grid,
    settled: bool,
}

impl Part {
    /// The part with these nodes of a graph.
    pub(super) fn new(graph: &Graph, nodes: &[usize]) -> Self {
        let local = |node: usize| nodes.binary_search(&node).unwrap_or(0);
        let index = petgraph::graph::NodeIndex::new;
        let count = nodes.len();
        let depths = order::depths(graph, nodes, local);
        let bodies: Vec<_> = nodes.iter().map(|node| graph[index(*node)]).collect();
        let finite = |point: Option<Point>| point.filter(|point| point.x.is_finite() && point.y.is_finite());
        let radius: Vec<f64> = bodies
            .iter()
            .map(|body| if body.radius.is_finite() { crate::clamp(body.radius, 1.0, 1e6) } else { 1.0 })
            .collect();
        let mut pairs: Vec<(u64, u64)> = Vec::new();
        for node in nodes {
            for edge in graph.edges(index(*node)) {
                let (source, target) = (local(edge.source().index()) as u64, local(edge.target().index()) as u64);
                // Two that call each other have one spring.
                let twin = source > target && graph.contains_edge(edge.target(), edge.source());
                if source != target && !twin {
                    pairs.push((source, target));
                }
            }
        }
        let mut pairs = order::sorted(pairs.into_iter());
        pairs.dedup();
        let mut degree = vec![0_u32; count];
        for (source, target) in &pairs {
            degree[*source as usize] += 1;
            degree[*target as usize] += 1;
        }
        let springs = pairs.into_iter().map(|(source, target)| {
            let (s, t) = (source as usize, target as usize);
            let (ds, dt) = (f64::from(degree[s]), f64::from(degree[t]));
            // Round a node with many neighbours is not room for all of them at one distance.
            let crowd = (ds.max(dt).sqrt() - 2.0).max(0.0) * CROWD * (radius[s].min(radius[t]) * 2.0 + GAP);
            Spring {
                source: source as u32,
                target: target as u32,
                length: radius[s] + radius[t] + LINK + crowd,
                strength: 1.0 / ds.min(dt),
                bias: ds / (ds + dt),
                leads_on: depths[t] == depths[s] + 1,
            }
        });
        let former: Vec<Option<Point>> = bodies.iter().map(|body| finite(body.fixed).or(finite(body.former))).collect();
        let warm = former.iter().filter(|point| point.is_some()).count();
        let is_warm = warm * 2 > count;
        let mut part = Self {
            nodes: nodes.to_vec(),
            springs: springs.collect(),
            charge: radius.iter().map(|radius| radius / 30.0).collect(),
            fixed: bodies.iter().map(|body| finite(body.fixed)).collect(),
            x: vec![0.0; count],
            y: vec![0.0; count],
            vx: vec![0.0; count],
            vy: vec![0.0; count],
            is_placed: warm > 0,
            tick: 0,
            ticks: if count == 1 {
                0
            } else if is_warm {
                WARM_TICKS
            } else {
                TICKS
            },
            heat: if is_warm { WARM_HEAT } else { 1.0 },
            tree: Tree::default(),
            grid: separate::Grid::default(),
            settled: false,
            depths,
            radius,
        };
        part.begin(&former);
        part
    }

    /// Puts nodes where they were; new ones beside those that they belong to, or in layers when all are new.
    fn begin(&mut self, former: &[Option<Point>]) {
        let count = self.nodes.len();
        if former.iter().all(Option::is_none) {
            self.layers();
            return;
        }
        let mut placed: Vec<bool> = former.iter().map(Option::is_some).collect();
        for (node, point) in former.iter().enumerate() {
            if let Some(point) = point {
                (self.x[node], self.y[node]) = (point.x, point.y);
            }
        }
        // Each round places what touches something placed; a part is connected, so that all come in.
        let mut left = placed.iter().filter(|placed| !**placed).count();
        for round in 0..count {
            if left == 0 {
                break;
            }
            for spring in &self.springs {
                let (s, t) = (spring.source as usize, spring.target as usize);
                let (from, to, side) = match (placed[s], placed[t]) {
                    (true, false) => (s, t, 1.0),
                    (false, true) => (t, s, -1.0),
                    _ => continue,
                };
                self.x[to] = self.x[from] + side * spring.length;
                self.y[to] = self.y[from] + f64::from(((to * 7 + round) % 9) as u32) * 8.0 - 32.0;
                placed[to] = true;
                left -= 1;
            }
        }
    }

    /// From left to right by depth, in each layer in the order of those who call: compact, so that forces need not carry
    /// anything far.
    fn layers(&mut self) {
        let count = self.nodes.len();
        let by_depth = order::sorted((0..count).map(|node| (u64::from(self.depths[node]), node as u64)));
        let by_depth: Vec<usize> = by_depth.into_iter().map(|(_, node)| node as usize).collect();
        let mut callers: Vec<Vec<usize>> = vec![Vec::new(); count];
        for spring in self.springs.iter().filter(|spring| spring.leads_on) {
            callers[spring.target as usize].push(spring.source as usize);
        }
        let widest = self.radius.iter().sum::<f64>() / count as f64 * 2.0 + 2.0 * GAP;
        let rows = ((count as f64).sqrt() * 1.2).ceil() as usize;
        let (mut from, mut x) = (0, 0.0);
        while from < count {
            let depth = self.depths[by_depth[from]];
            let to = from + by_depth[from..].iter().take_while(|node| self.depths[**node] == depth).count();
            let layer = order::sorted(by_depth[from..to].iter().map(|node| {
                let callers = &callers[*node];
                let sum: f64 = callers.iter().map(|caller| self.y[*caller]).sum();
                let mean = if callers.is_empty() { 0.0 } else { sum / callers.len() as f64 };
                (order::ordered(mean), *node as u64)
            }));
            // A layer that is too long for the height takes several columns.
            let columns = layer.len().div_ceil(rows);
            let step = widest / columns as f64;
            let middle = (layer.len() as f64 - 1.0) / 2.0;
            for (place, (_, node)) in layer.into_iter().enumerate() {
                let node = node as usize;
                // A slight stagger: forces cannot part what lies exactly on one line.
                let stagger = f64::from((place % 3) as u32) * 9.0;
                self.x[node] = x + (place % columns) as f64 * widest + stagger;
                self.y[node] = (place as f64 - middle) * step;
            }
            x += columns as f64 * widest + LINK;
            from = to;
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.tick >= self.ticks
    }

    pub(super) fn progress(&self) -> f64 {
        if self.ticks == 0 { 1.0 } else { f64::from(self.tick) / f64::from(self.ticks) }
    }

    /// One step; `false` when there was nothing left to do.
    pub(super) fn tick(&mut self) -> bool {
        if self.is_done() {
            return false;
        }
        let heat = self.heat;
        if self.tick + COLD_TICKS < self.ticks {
            self.tree.build(&self.x, &self.y, &self.charge);
            self.tree.repel(THETA2, CHARGE * heat, &mut self.vx, &mut self.vy);
            self.pull(heat);
        }
        self.lead();
        self.grid.part(&self.x, &self.y, &self.radius, GAP, &mut self.vx, &mut self.vy);
        for node in 0..self.x.len() {
            if let Some(point) = self.fixed[node] {
                (self.x[node], self.y[node], self.vx[node], self.vy[node]) = (point.x, point.y, 0.0, 0.0);
                continue;
            }
            self.vx[node] *= DRAG;
            self.vy[node] *= DRAG;
            self.x[node] += self.vx[node];
            self.y[node] += self.vy[node];
        }
        self.tick += 1;
        let begin = if self.ticks == WARM_TICKS { WARM_HEAT } else { 1.0 };
        self.heat = begin * crate::power(COLD / begin, f64::from(self.tick) / f64::from(self.ticks));
        true
    }

    /// Callees to the right of their callers: not a wish that cools down, but nearly a wall.
    fn lead(&mut self) {
        for spring in self.springs.iter().filter(|spring| spring.leads_on) {
            let (s, t) = (spring.source as usize, spring.target as usize);
            let dx = self.x[t] + self.vx[t] - self.x[s] - self.vx[s];
            let short = self.radius[s] + self.radius[t] + STEP - dx;
            if short > 0.0 {
                self.vx[t] += short * PUSH * spring.bias;
                self.vx[s] -= short * PUSH * (1.0 - spring.bias);
            }
        }
    }

    /// Springs, and a weak pull to the middle line.
    fn pull(&mut self, heat: f64) {
        for spring in &self.springs {
            let (s, t) = (spring.source as usize, spring.target as usize);
            let mut dx = self.x[t] + self.vx[t] - self.x[s] - self.vx[s];
            let mut dy = self.y[t] + self.vy[t] - self.y[s] - self.vy[s];
            // So near each other, a distance has no direction any more.
            if dx * dx + dy * dy < TOO_NEAR2 {
                (dx, dy) = (1e-3, 1e-3);
            }
            let distance = (dx * dx + dy * dy).sqrt();
            let by = (distance - spring.length) / distance * heat * spring.strength;
            self.vx[t] -= dx * by * spring.bias;
            self.vy[t] -= dy * by * spring.bias;
            self.vx[s] += dx * by * (1.0 - spring.bias);
            self.vy[s] += dy * by * (1.0 - spring.bias);
        }
        let weak = 0.02 * heat;
        for node in 0..self.y.len() {
            self.vy[node] -= self.y[node] * weak;
        }
    }

    /// The last touch: callers left of what they call first, and no two nodes over each other.
    pub(super) fn settle(&mut self) {
        if self.settled {
            return;
        }
        self.settled = true;
        let leading = self.springs.iter().enumerate().filter(|(_, spring)| spring.leads_on);
        let leading = leading.map(|(number, spring)| (u64::from(self.depths[spring.source as usize]), number as u64));
        for (_, number) in order::sorted(leading) {
            let Spring { source, target, .. } = self.springs[number as usize];
            let (s, t) = (source as usize, target as usize);
            let least = self.x[s] + (self.radius[s] + self.radius[t]) * 0.5 + GAP;
            if self.x[t] < least && self.fixed[t].is_none() {
                self.x[t] = least;
            }
        }
        separate::vertically(&self.x, &mut self.y, &self.radius, &self.fixed, GAP);
    }

    /// The nodes with their places, not yet packed.
    pub(super) fn points(&self) -> impl Iterator<Item = (usize, Point)> {
        self.nodes.iter().zip(self.x.iter().zip(&self.y)).map(|(node, (x, y))| (*node, Point { x: *x, y: *y }))
    }

    /// Left, top, right and bottom, rims included.
    pub(super) fn bounds(&self) -> [f64; 4] {
        let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for node in 0..self.x.len() {
            let (x, y, r) = (self.x[node], self.y[node], self.radius[node]);
            bounds = [bounds[0].min(x - r), bounds[1].min(y - r), bounds[2].max(x + r), bounds[3].max(y + r)];
        }
        bounds
    }
}

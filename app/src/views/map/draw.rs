//! Draws the scene.

use layout::force::Point;
use model::{
    Outcome, ServiceGraph,
    graph::{EdgeKind, Load},
};

use super::{
    letters,
    scene::{self, Scene, Target, load},
};
use crate::platform::canvas::{Canvas, Outline};

/// Smaller than this, edges are plain lines.
const LINES_SCALE: f64 = 0.2;
/// Smaller than this, a node is a dot of one colour; its radius in CSS pixels.
const DOTS_PX: f64 = 4.5;
/// So many widths of edges are told apart.
const WIDTHS: f64 = 6.0;
/// A ring is at least this wide on the screen, in CSS pixels.
const LEAST_RING_PX: f64 = 3.0;
/// A line is at least this wide on the screen, in CSS pixels.
const LEAST_LINE_PX: f64 = 0.7;
/// From this share of faults on, a node is tinted: that is what one looks for.
const ALARMING: f64 = 0.05;
/// Things that do not belong to what is pointed at.
pub(super) const DIM: f64 = 0.18;
/// The small picture of the whole, in CSS pixels.
pub(super) const MINI: (f64, f64) = (170.0, 110.0);
/// Its distance from the corner, in CSS pixels.
const MINI_RIM: f64 = 12.0;

/// The colours and letters of the stylesheet.
pub(super) struct Palette {
    tokens: [String; 13],
}

impl Palette {
    /// The names of the tokens that are read.
    pub(super) const TOKENS: [&str; 13] = [
        "--ring-ok",
        "--bar-error",
        "--bar-fault",
        "--bar-throttle",
        "--ink",
        "--ink-faint",
        "--surface",
        "--line-strong",
        "--accent",
        "--sunken",
        "--ink-soft",
        "--sans",
        "--fault-wash",
    ];

    pub(super) fn new(values: [String; 13]) -> Self {
        Self { tokens: values }
    }

    /// A colour by its place among the tokens.
    pub(super) fn colour(&self, token: usize) -> &str {
        &self.tokens[token]
    }

    /// The stylesheet's letters, as CSS writes them.
    pub(super) fn font(&self, weight: &str, size: f64) -> String {
        format!("{weight} {}px {}", size.round() as u32, self.tokens[SANS])
    }

    fn outcome(&self, outcome: Outcome) -> &str {
        &self.tokens[token(outcome)]
    }
}

/// The token of a class's colour.
fn token(outcome: Outcome) -> usize {
    match outcome {
        Outcome::Ok => 0,
        Outcome::Error => 1,
        Outcome::Fault => 2,
        Outcome::Throttle => 3,
    }
}

pub(super) const INK: usize = 4;
pub(super) const FAINT: usize = 5;
const SURFACE: usize = 6;
const LINE: usize = 7;
pub(super) const ACCENT: usize = 8;
const SUNKEN: usize = 9;
pub(super) const SOFT: usize = 10;
const SANS: usize = 11;
const ALARM: usize = 12;

/// Where the small picture stands in the view: left and top, in CSS pixels.
pub(super) fn mini_place(scene: &Scene) -> Point {
    Point { x: scene.camera.width - MINI.0 - MINI_RIM, y: scene.camera.height - MINI.1 - MINI_RIM }
}

/// From the small picture to the plane: the scale, and what stands in its corner.
pub(super) fn mini_scale(scene: &Scene) -> (f64, Point) {
    let [left, top, right, bottom] = scene.bounds();
    let scale = (MINI.0 / (right - left).max(1.0)).min(MINI.1 / (bottom - top).max(1.0));
    let spare = |room: f64, size: f64| (room / scale - size) / 2.0;
    (scale, Point { x: left - spare(MINI.0, right - left), y: top - spare(MINI.1, bottom - top) })
}

/// Draws everything that is in view. `minutes` is the length of the asked range.
pub(super) fn draw(scene: &Scene, canvas: &Canvas, palette: &Palette, minutes: f64) {
    let camera = &scene.camera;
    let corner = camera.to_view(Point::default());
    canvas.begin(camera.scale, corner.x, corner.y);
    let Some(graph) = &scene.graph else { return };
    let window = camera.window();
    let lit = scene.lit();
    let (lines, heads) = edges(scene, graph, &window);
    lines.stroke(canvas, palette);
    heads.fill(canvas, palette);
    let (discs, rings) = nodes(scene, graph, &window, lit.as_deref());
    discs.fill(canvas, palette);
    rings.stroke(canvas, palette);
    letters::write(scene, canvas, palette, minutes, &window, lit.as_deref());
    if scene.is_zoomed() {
        draw_mini(scene, canvas, palette);
    }
}

/// What is drawn in one go: shapes of one colour and width.
#[derive(Clone, Copy, PartialEq)]
struct Look {
    /// An index of the palette's tokens.
    colour: usize,
    width: f64,
    is_dashed: bool,
    is_lit: bool,
}

/// Shapes by their look.
#[derive(Default)]
struct Sheaves {
    looks: Vec<Look>,
    outlines: Vec<Outline>,
}

impl Sheaves {
    fn with(&mut self, look: Look, draw: impl FnOnce(&Outline)) {
        let found = self.looks.iter().position(|other| *other == look).or_else(|| {
            self.outlines.push(Outline::new()?);
            self.looks.push(look);
            Some(self.looks.len() - 1)
        });
        if let Some(outline) = found.and_then(|place| self.outlines.get(place)) {
            draw(outline);
        }
    }

    fn stroke(&self, canvas: &Canvas, palette: &Palette) {
        self.each(canvas, |look, outline| {
            canvas.dash(look.is_dashed.then_some((6.0, 5.0)));
            canvas.stroke(outline, look.width, &palette.tokens[look.colour]);
        });
        canvas.dash(None);
    }

    fn fill(&self, canvas: &Canvas, palette: &Palette) {
        self.each(canvas, |look, outline| canvas.fill(outline, &palette.tokens[look.colour]));
    }

    /// What is dimmed comes first and lies below.
    fn each(&self, canvas: &Canvas, draw: impl Fn(&Look, &Outline)) {
        for is_lit in [false, true] {
            canvas.alpha(if is_lit { 1.0 } else { DIM });
            for (look, outline) in self.looks.iter().zip(&self.outlines) {
                if look.is_lit == is_lit {
                    draw(look, outline);
                }
            }
        }
    }
}

/// The lines of edges, and their heads.
fn edges(scene: &Scene, graph: &ServiceGraph, window: &[f64; 4]) -> (Sheaves, Sheaves) {
    let (mut lines, mut heads) = (Sheaves::default(), Sheaves::default());
    let most = graph.edges.iter().filter_map(|edge| edge.load.as_ref()).map(Load::total).max().unwrap_or(1).max(1);
    let is_far = scene.camera.scale < LINES_SCALE;
    for (index, edge) in graph.edges.iter().enumerate() {
        let target = Target::Edge(index);
        let total = edge.load.as_ref().map_or(0, Load::total);
        let share = (total as f64 / most as f64).sqrt();
        let is_marked = scene.chosen == Some(target) || scene.hover == Some(target);
        let look = Look {
            colour: match edge.load.as_ref().map_or(Outcome::Ok, Load::worst) {
                _ if is_marked => ACCENT,
                Outcome::Ok => LINE,
                worst => token(worst),
            },
            // In steps, so that many share one.
            width: (1.2 + 3.8 * (share * WIDTHS).round() / WIDTHS).max(LEAST_LINE_PX / scene.camera.scale),
            is_dashed: edge.kind == EdgeKind::Link,
            is_lit: scene.is_lit(index),
        };
        let Some(curve) = scene.curve(index) else {
            if let Some(point) = scene.points.get(edge.source as usize) {
                let radius = scene.radii[edge.source as usize];
                lines.with(look, |outline| outline.arc(point.x, point.y - radius - 6.0, 11.0, (0.6, 1.4)));
            }
            continue;
        };
        let points = [curve.from, curve.by, curve.to];
        let outside = |value: fn(&Point) -> f64, low: f64, high: f64| {
            points.iter().all(|point| value(point) < low) || points.iter().all(|point| value(point) > high)
        };
        if outside(|point| point.x, window[0], window[2]) || outside(|point| point.y, window[1], window[3]) {
            continue;
        }
        if is_far && !is_marked && !(look.is_lit && scene.focus().is_some()) {
            // From so far away, neither bend nor head can be seen.
            lines.with(look, |outline| outline.line((curve.from.x, curve.from.y), (curve.to.x, curve.to.y)));
        } else {
            arrow(&mut lines, &mut heads, look, &points);
        }
    }
    (lines, heads)
}

fn arrow(lines: &mut Sheaves, heads: &mut Sheaves, look: Look, [from, by, to]: &[Point; 3]) {
    let (dx, dy) = (to.x - by.x, to.y - by.y);
    let length = scene::length(dx, dy).max(1.0);
    let (dx, dy) = (dx / length, dy / length);
    let size = 6.0 + look.width * 1.3;
    // The line ends inside the head, so that it does not stick out of the point.
    let end = (to.x - dx * size * 0.7, to.y - dy * size * 0.7);
    lines.with(look, |outline| outline.curve((from.x, from.y), (by.x, by.y), end));
    let back = (to.x - dx * size, to.y - dy * size);
    let half = size * 0.5;
    let points = [(to.x, to.y), (back.0 - dy * half, back.1 + dx * half), (back.0 + dy * half, back.1 - dx * half)];
    heads.with(Look { width: 0.0, ..look }, |outline| outline.triangle(points));
}

/// The discs of nodes, and their rings.
fn nodes(scene: &Scene, graph: &ServiceGraph, window: &[f64; 4], lit: Option<&[bool]>) -> (Sheaves, Sheaves) {
    let (mut discs, mut rings) = (Sheaves::default(), Sheaves::default());
    let width = (LEAST_RING_PX / scene.camera.scale).max(5.0);
    for (node, point) in scene.points.iter().enumerate() {
        if !scene.is_in(node, window) {
            continue;
        }
        let radius = scene.radii[node];
        let is_lit = lit.is_none_or(|lit| lit[node]);
        let load = load(graph, node);
        let look = |colour: usize, width: f64| Look { colour, width, is_dashed: false, is_lit };
        if scene.chosen == Some(Target::Node(node)) || scene.active == Some(node) {
            let away = (LEAST_RING_PX / scene.camera.scale).max(5.0);
            rings.with(look(ACCENT, away / 2.0), |outline| outline.circle(point.x, point.y, radius + away));
        }
        if radius * scene.camera.scale < DOTS_PX {
            discs.with(look(summary(load), 0.0), |outline| outline.dot(point.x, point.y, radius));
            continue;
        }
        discs.with(look(if is_alarming(load) { ALARM } else { SURFACE }, 0.0), |outline| {
            outline.circle(point.x, point.y, radius);
        });
        for (colour, from, to) in shares(load) {
            rings.with(look(colour, width), |outline| outline.arc(point.x, point.y, radius - width / 2.0, (from, to)));
        }
    }
    (discs, rings)
}

/// Whether so many requests fail that one should look here first.
pub(super) fn is_alarming(load: Option<&Load>) -> bool {
    load.is_some_and(|load| load.fault as f64 >= load.total() as f64 * ALARMING && load.fault > 0)
}

/// The one colour for all requests of a node: of the worst class that is worth it.
fn summary(load: Option<&Load>) -> usize {
    let Some(load) = load.filter(|load| load.total() > 0) else { return LINE };
    let counts = [(load.fault, Outcome::Fault), (load.throttle, Outcome::Throttle), (load.error, Outcome::Error)];
    let worst = counts.into_iter().find(|(count, _)| *count as f64 >= load.total() as f64 * ALARMING && *count > 0);
    token(worst.map_or(Outcome::Ok, |(_, outcome)| outcome))
}

/// The shares of the four classes, clockwise from the top, each with its colour; grey where nothing is known.
fn shares(load: Option<&Load>) -> impl Iterator<Item = (usize, f64, f64)> {
    let counts = load.map_or([0; 4], |load| [load.fault, load.error, load.throttle, load.ok]);
    let total: u64 = counts.iter().sum();
    let colours = [Outcome::Fault, Outcome::Error, Outcome::Throttle, Outcome::Ok].map(token);
    let unknown = (total == 0).then_some((LINE, 0.0, 1.0));
    let mut before = 0;
    let known = counts.into_iter().zip(colours).filter(|(count, _)| *count > 0).map(move |(count, colour)| {
        let from = before;
        before += count;
        (colour, from as f64 / total as f64, before as f64 / total as f64)
    });
    unknown.into_iter().chain(known)
}

fn draw_mini(scene: &Scene, canvas: &Canvas, palette: &Palette) {
    let place = mini_place(scene);
    let (scale, corner) = mini_scale(scene);
    canvas.overlay();
    canvas.rectangle(place.x, place.y, MINI.0, MINI.1, &palette.tokens[SUNKEN]);
    let at = |point: &Point| (place.x + (point.x - corner.x) * scale, place.y + (point.y - corner.y) * scale);
    for (node, point) in scene.points.iter().enumerate() {
        let (x, y) = at(point);
        let worst = scene.graph.as_ref().and_then(|graph| load(graph, node)).map_or(Outcome::Ok, Load::worst);
        canvas.rectangle(x - 1.5, y - 1.5, 3.0, 3.0, palette.outcome(worst));
    }
    let window = scene.camera.window();
    let (from, to) = (at(&Point { x: window[0], y: window[1] }), at(&Point { x: window[2], y: window[3] }));
    let (left, top) = (from.0.max(place.x), from.1.max(place.y));
    let (right, bottom) = (to.0.min(place.x + MINI.0), to.1.min(place.y + MINI.1));
    canvas.frame(left, top, (right - left).max(0.0), (bottom - top).max(0.0), 1.5, &palette.tokens[ACCENT]);
    canvas.frame(place.x, place.y, MINI.0, MINI.1, 1.0, &palette.tokens[LINE]);
}

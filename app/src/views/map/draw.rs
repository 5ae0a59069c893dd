//! Draws the scene.

use layout::force::Point;
use model::{
    Outcome,
    graph::{EdgeKind, Load},
};

use super::{
    icons,
    scene::{Scene, Target, load},
};
use crate::platform::canvas::{Canvas, Lettering};

/// Smaller than this, names are left out, and numbers.
const NAMES_SCALE: f64 = 0.3;
const NUMBERS_SCALE: f64 = 0.45;
/// A ring is at least this wide on the screen, in CSS pixels.
const LEAST_RING_PX: f64 = 3.0;
/// From this share of faults on, a node is tinted: that is what one looks for.
const ALARMING: f64 = 0.05;
/// Names are never smaller than this on the screen, in CSS pixels, and never larger than so many times their own size.
const LEAST_NAME_PX: f64 = 10.0;
const MOST_NAME: f64 = 2.2;
/// Things that do not belong to what is pointed at.
const DIM: f64 = 0.18;
/// The small picture of the whole, in CSS pixels.
pub(super) const MINI: (f64, f64) = (170.0, 110.0);
/// Its distance from the corner, in CSS pixels.
const MINI_RIM: f64 = 12.0;

/// The colours and letters of the stylesheet.
pub(super) struct Palette {
    tokens: [String; 13],
    large: String,
    small: String,
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
        let letters = |size: &str| [size, " ", &values[SANS]].concat();
        let (large, small) = (letters("600 13px"), letters("11px"));
        Self { tokens: values, large, small }
    }

    fn outcome(&self, outcome: Outcome) -> &str {
        &self.tokens[match outcome {
            Outcome::Ok => 0,
            Outcome::Error => 1,
            Outcome::Fault => 2,
            Outcome::Throttle => 3,
        }]
    }
}

const INK: usize = 4;
const FAINT: usize = 5;
const SURFACE: usize = 6;
const LINE: usize = 7;
const ACCENT: usize = 8;
const SUNKEN: usize = 9;
const SOFT: usize = 10;
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
    let window = camera.window();
    let Some(graph) = &scene.graph else { return };
    let most = graph.edges.iter().filter_map(|edge| edge.load.as_ref()).map(Load::total).max().unwrap_or(1).max(1);
    for (index, edge) in graph.edges.iter().enumerate() {
        let target = Target::Edge(index);
        canvas.alpha(if scene.is_lit(target) { 1.0 } else { DIM });
        let total = edge.load.as_ref().map_or(0, Load::total);
        let width = 1.2 + 3.8 * (total as f64 / most as f64).sqrt();
        let worst = edge.load.as_ref().map_or(Outcome::Ok, Load::worst);
        let is_marked = scene.chosen == Some(target) || scene.hover == Some(target);
        let colour = match worst {
            _ if is_marked => &palette.tokens[ACCENT],
            Outcome::Ok => &palette.tokens[LINE],
            worst => palette.outcome(worst),
        };
        canvas.dash((edge.kind == EdgeKind::Link).then_some((6.0, 5.0)));
        match scene.curve(index) {
            Some(curve) => {
                let points = [curve.from, curve.by, curve.to];
                let outside = |value: fn(&Point) -> f64, low: f64, high: f64| {
                    points.iter().all(|point| value(point) < low) || points.iter().all(|point| value(point) > high)
                };
                if outside(|point| point.x, window[0], window[2]) || outside(|point| point.y, window[1], window[3]) {
                    continue;
                }
                arrow(canvas, &points, width, colour);
            }
            None => {
                if let Some(point) = scene.points.get(edge.source as usize) {
                    let radius = scene.radii[edge.source as usize];
                    canvas.arc(point.x, point.y - radius - 6.0, 11.0, (0.6, 1.4), width.min(2.5), colour);
                }
            }
        }
    }
    canvas.dash(None);
    for node in 0..scene.points.len() {
        draw_node(scene, canvas, palette, node, minutes, &window);
    }
    if scene.is_zoomed() {
        draw_mini(scene, canvas, palette);
    }
}

fn arrow(canvas: &Canvas, [from, by, to]: &[Point; 3], width: f64, colour: &str) {
    let (dx, dy) = (to.x - by.x, to.y - by.y);
    let length = (dx * dx + dy * dy).sqrt().max(1.0);
    let (dx, dy) = (dx / length, dy / length);
    let size = 6.0 + width * 1.3;
    // The line ends inside the head, so that it does not stick out of the point.
    let end = (to.x - dx * size * 0.7, to.y - dy * size * 0.7);
    canvas.curve((from.x, from.y), (by.x, by.y), end, width, colour);
    let back = (to.x - dx * size, to.y - dy * size);
    let half = size * 0.5;
    canvas.triangle(
        [(to.x, to.y), (back.0 - dy * half, back.1 + dx * half), (back.0 + dy * half, back.1 - dx * half)],
        colour,
    );
}

fn draw_node(scene: &Scene, canvas: &Canvas, palette: &Palette, node: usize, minutes: f64, window: &[f64; 4]) {
    let (Some(point), Some(graph)) = (scene.points.get(node), &scene.graph) else { return };
    let (radius, scale) = (scene.radii[node], scene.camera.scale);
    let reach = radius + 80.0;
    if point.x + reach < window[0]
        || point.x - reach > window[2]
        || point.y + reach < window[1]
        || point.y - reach > window[3]
    {
        return;
    }
    let is_lit = scene.is_lit(Target::Node(node));
    canvas.alpha(if is_lit { 1.0 } else { DIM });
    let load = load(graph, node);
    let alarms = load.is_some_and(|load| load.fault as f64 >= load.total() as f64 * ALARMING && load.fault > 0);
    canvas.disc(point.x, point.y, radius, &palette.tokens[if alarms { ALARM } else { SURFACE }]);
    ring(canvas, palette, point, radius, (LEAST_RING_PX / scale).max(5.0), load);
    let is_chosen = scene.chosen == Some(Target::Node(node));
    if is_chosen || scene.active == Some(node) {
        canvas.arc(point.x, point.y, radius + 5.0, (0.0, 1.0), 2.5, &palette.tokens[ACCENT]);
    }
    let id = &graph.nodes[node].id;
    let kind = id.kind.as_deref().unwrap_or("");
    let is_close = is_lit && (scene.hover.is_some() || scene.active.is_some());
    if scale >= NUMBERS_SCALE || is_close {
        canvas.icon(icons::icon(kind), point.x, point.y - radius * 0.5, 13.0, &palette.tokens[SOFT]);
        if let Some(load) = load {
            let time = load.mean().map(|mean| format::duration::short(mean.0)).unwrap_or_default();
            let ink = Lettering { font: &palette.large, colour: &palette.tokens[INK] };
            canvas.text(&time, point.x, point.y + 2.0, radius * 1.75, ink);
            let faint = Lettering { font: &palette.small, colour: &palette.tokens[SOFT] };
            canvas.text(&rate(load.total(), minutes), point.x, point.y + 16.0, radius * 1.5, faint);
        }
    }
    if scale >= NAMES_SCALE || is_close || is_chosen {
        let size = (LEAST_NAME_PX / scale).clamp(12.0, 12.0 * MOST_NAME);
        let font = format!("600 {}px {}", size.round() as u32, palette.tokens[SANS]);
        let ink = Lettering { font: &font, colour: &palette.tokens[INK] };
        canvas.text(&clip(&id.name), point.x, point.y + radius + size + 1.0, 230.0, ink);
        if scale >= NUMBERS_SCALE {
            let faint = Lettering { font: &palette.small, colour: &palette.tokens[FAINT] };
            canvas.text(short_kind(kind), point.x, point.y + radius + size + 15.0, 150.0, faint);
        }
    }
}

/// The shares of the four classes, clockwise from the top; grey where nothing is known.
fn ring(canvas: &Canvas, palette: &Palette, point: &Point, radius: f64, width: f64, load: Option<&Load>) {
    let Some(load) = load.filter(|load| load.total() > 0) else {
        canvas.arc(point.x, point.y, radius - width / 2.0, (0.0, 1.0), width, &palette.tokens[LINE]);
        return;
    };
    let total = load.total() as f64;
    let classes = [
        (load.fault, Outcome::Fault),
        (load.error, Outcome::Error),
        (load.throttle, Outcome::Throttle),
        (load.ok, Outcome::Ok),
    ];
    let mut from = 0.0;
    for (count, outcome) in classes {
        let to = from + count as f64 / total;
        if count > 0 {
            canvas.arc(point.x, point.y, radius - width / 2.0, (from, to), width, palette.outcome(outcome));
        }
        from = to;
    }
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

/// Requests a minute, in few letters; rare ones by the hour.
pub(super) fn rate(count: u64, minutes: f64) -> String {
    let rate = count as f64 / minutes.max(1e-9);
    if rate < 0.095 {
        return tenths(rate * 60.0) + "/h";
    }
    let text = if rate >= 9.95 { format::number::integer(rate.round() as i64) } else { tenths(rate) };
    text + "/min"
}

fn tenths(rate: f64) -> String {
    let tenths = (rate * 10.0).round() as u64;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The type without the prefix that all have.
pub(super) fn short_kind(kind: &str) -> &str {
    kind.strip_prefix("AWS::").unwrap_or(kind)
}

/// A name that fits below a node: of an address its last part, and that not too long.
fn clip(name: &str) -> String {
    let tail = name.trim_end_matches('/').rsplit('/').next().unwrap_or(name);
    let mut letters = if name.contains("://") { tail.chars() } else { name.chars() };
    let short: String = letters.by_ref().take(22).collect();
    if letters.next().is_some() { short + "…" } else { short }
}

//! Writes names, types and numbers to the nodes, as far as there is room for them.

use layout::force::Point;
use model::{ServiceGraph, graph::Load};

use super::{
    draw::{ACCENT, DIM, FAINT, INK, Palette, SOFT, is_alarming},
    icons,
    scene::{Scene, Target, load},
};
use crate::platform::canvas::{Canvas, Lettering};

/// Smaller than this, names are left out.
const NAMES_SCALE: f64 = 0.3;
/// Smaller than this, times are left out.
const TIMES_SCALE: f64 = 0.38;
/// From this scale on there is room for icon, rate and type.
const NEAR_SCALE: f64 = 0.72;
/// Letters are about this high on the screen at least, in CSS pixels.
const LEAST_PX: f64 = 10.0;
/// Names are never larger than so many times their own size, but for what is pointed at.
const MOST_NAME: f64 = 2.2;
/// So many are named however small the picture is: neighbours of what is pointed at, services that fail.
const FEW: usize = 12;
/// The width of a letter as a share of its size, on average.
const LETTER_WIDTH: f64 = 0.58;

/// Writes to the nodes that are in view. `minutes` is the length of the asked range, `lit` tells which nodes belong to
/// what is pointed at.
pub(super) fn write(
    scene: &Scene,
    canvas: &Canvas,
    palette: &Palette,
    minutes: f64,
    window: &[f64; 4],
    lit: Option<&[bool]>,
) {
    let Some(graph) = &scene.graph else { return };
    let scale = scene.camera.scale;
    let is_few = lit.is_some_and(|lit| lit.iter().filter(|is_lit| **is_lit).count() <= FEW);
    let is_lit = |node: usize| lit.is_none_or(|lit| lit[node]);
    // What is pointed at is named from however far away, with its neighbours where they are few.
    let is_named = |node: usize| {
        let this = Some(Target::Node(node));
        scene.chosen == this || scene.focus() == this || (lit.is_some() && is_lit(node) && is_few)
    };
    // And so is what one should look at first.
    let alarms = (0..graph.nodes.len()).filter(|node| is_alarming(load(graph, *node))).count();
    let is_large = |node: usize| is_named(node) || (alarms <= FEW && is_alarming(load(graph, node)));
    let visible: Vec<usize> = (0..scene.points.len()).filter(|node| scene.is_in(*node, window)).collect();
    if scale >= TIMES_SCALE {
        for node in &visible {
            canvas.alpha(if is_lit(*node) { 1.0 } else { DIM });
            numbers(scene, graph, canvas, palette, minutes, *node);
        }
    }
    let named = visible.iter().copied().filter(|node| scale >= NAMES_SCALE || is_large(*node)).map(|node| {
        let load = load(graph, node);
        (!is_named(node), !is_alarming(load), u64::MAX - load.map_or(0, Load::total), node)
    });
    let named: Vec<(bool, bool, u64, usize)> = named.collect();
    // Where there is no room for all names, the more telling ones stay.
    let order = order::places(named.len(), &mut |one, other| named[one].cmp(&named[other]));
    let mut room = Room { taken: Vec::new() };
    for node in order.into_iter().map(|place| named[place].3) {
        let most = if is_large(node) { f64::INFINITY } else { 12.0 * MOST_NAME };
        let size = layout::clamp(LEAST_PX / scale, 12.0, most);
        let (point, radius) = (scene.points[node], scene.radii[node]);
        let name = clip(&graph.nodes[node].id.name);
        let half = name.chars().count() as f64 * size * LETTER_WIDTH / 2.0;
        let top = point.y + radius + 3.0;
        let place = [point.x - half, top, point.x + half, top + size];
        let is_over = |other: &usize| *other != node && touches(scene, *other, &place);
        if !is_named(node) && (room.is_taken(&place) || visible.iter().any(is_over)) {
            continue;
        }
        room.taken.push(place);
        canvas.alpha(if is_lit(node) { 1.0 } else { DIM });
        let colour = if scene.chosen == Some(Target::Node(node)) { ACCENT } else { INK };
        let font = palette.font("600", size);
        let ink = Lettering { font: &font, colour: palette.colour(colour) };
        canvas.text(&name, point.x, top + size / 2.0 + 1.0, half * 2.4, ink);
        if scale >= NEAR_SCALE {
            let font = palette.font("400", 11.0);
            let faint = Lettering { font: &font, colour: palette.colour(FAINT) };
            let kind = short_kind(graph.nodes[node].id.kind.as_deref().unwrap_or(""));
            canvas.text(kind, point.x, top + size + 8.0, 150.0, faint);
        }
    }
}

/// Icon, average time and rate of a node, inside it.
fn numbers(scene: &Scene, graph: &ServiceGraph, canvas: &Canvas, palette: &Palette, minutes: f64, node: usize) {
    let (Point { x, y }, radius, scale) = (scene.points[node], scene.radii[node], scene.camera.scale);
    let is_near = scale >= NEAR_SCALE;
    if is_near {
        let kind = graph.nodes[node].id.kind.as_deref().unwrap_or("");
        canvas.icon(icons::icon(kind), x, y - radius * 0.5, 13.0, palette.colour(SOFT));
    }
    let Some(load) = load(graph, node) else { return };
    let time = load.mean().map(|mean| format::duration::short(mean.0)).unwrap_or_default();
    // Where there is little room, the unit stands below the number.
    let (size, first, second) = if is_near {
        (13.0, time.as_str(), rate(load.total(), minutes))
    } else {
        let (number, unit) = time.split_once(char::is_whitespace).unwrap_or((&time, ""));
        ((LEAST_PX / scale).min(radius * 0.7), number, unit.to_owned())
    };
    let font = palette.font("600", size);
    let ink = Lettering { font: &font, colour: palette.colour(INK) };
    canvas.text(first, x, y + if is_near { 2.0 } else { size * -0.25 }, radius * 1.75, ink);
    let font = palette.font("400", size * 0.85);
    let soft = Lettering { font: &font, colour: palette.colour(SOFT) };
    canvas.text(&second, x, y + if is_near { 14.0 } else { size * 0.65 }, radius * 1.5, soft);
}

/// Which places have letters already: left, top, right and bottom.
struct Room {
    taken: Vec<[f64; 4]>,
}

impl Room {
    fn is_taken(&self, place: &[f64; 4]) -> bool {
        self.taken
            .iter()
            .any(|other| place[0] < other[2] && other[0] < place[2] && place[1] < other[3] && other[1] < place[3])
    }
}

/// Whether a node's circle reaches into a place.
fn touches(scene: &Scene, node: usize, place: &[f64; 4]) -> bool {
    let (point, radius) = (scene.points[node], scene.radii[node]);
    point.x + radius > place[0]
        && point.x - radius < place[2]
        && point.y + radius > place[1]
        && point.y - radius < place[3]
}

/// Requests a minute, in few letters; rare ones by the hour. How many there are, where no time is given.
pub(super) fn rate(count: u64, minutes: f64) -> String {
    if minutes <= 0.0 {
        return format::number::counted(count, "call", "calls");
    }
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

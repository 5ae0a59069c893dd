//! The numbers of one node or edge, and the ways on from there.

use std::cell::Cell;

use crate::prelude::*;
use filter::assist::narrow;
use layout::bars::Bars;
use leptos::ev;
use model::{Nanos, ServiceGraph, graph::Load};

use super::{
    Chosen, GraphSignal, letters,
    scene::{self, Scene, Target},
    services,
};
use crate::{
    platform::drawn::{self, Drawn},
    route::NodeKey,
    state::Shared,
};

/// Bars of a histogram.
const BARS: usize = 28;

/// A way on: traces that fulfil a filter expression.
pub(crate) type TraceLink = Callback<String, String>;

/// The attribute of what chooses something when it is pressed: an edge by its number; empty: nothing any more.
const EDGE: &str = "data-edge";
/// The attribute of a bar: its number.
const BAR: &str = "data-bar";

/// The panel.
#[component]
pub(crate) fn MapPanel(
    graph: GraphSignal,
    chosen: Signal<Chosen>,
    /// The length of the asked range in minutes.
    minutes: Signal<f64>,
    /// The address of the traces that fulfil a filter expression.
    traces: TraceLink,
    /// The map in the AWS console; none for the local X-Ray.
    console_link: Signal<Option<String>>,
    on_choose: Callback<Chosen>,
    /// Called with a filter expression whose traces are to be shown.
    on_traces: Callback<String>,
) -> impl IntoView {
    let root = Drawn::new("section", "inspector").with(&[("aria-label", "Details of the selected service")]);
    root.follow(move |root| {
        let (graph, chosen, minutes, console_link) = (graph.get(), chosen.get(), minutes.get(), console_link.get());
        root.anew(&|root| {
            if let (Some(graph), Some(chosen)) = (&graph, &chosen) {
                draw(root, graph, chosen, (minutes, console_link.as_deref()), (traces, on_traces));
            }
        });
    });
    root.hear(&["click"], move |event: &ev::MouseEvent| {
        let Some(edge) = drawn::attribute_around(event, EDGE) else { return };
        let ends = |edge: usize| graph.with_untracked(|graph| scene::ends(graph.as_ref()?, edge));
        match edge.parse::<usize>() {
            Ok(edge) => ends(edge).into_iter().for_each(|(from, to)| on_choose.run(Some((from, Some(to))))),
            Err(_) => on_choose.run(None),
        }
    });
    root
}

fn draw(
    root: &Drawn,
    graph: &Shared<ServiceGraph>,
    chosen: &(NodeKey, Option<NodeKey>),
    (minutes, console_link): (f64, Option<&str>),
    (traces, on_traces): (TraceLink, Callback<String>),
) {
    let mut finder = Scene::default();
    finder.keys = graph.nodes.iter().map(scene::key).collect();
    finder.graph = Some(graph.clone());
    let Some(target) = finder.find(chosen) else {
        root.says("p", "empty", &["“", &chosen.0.name, "” has no traces in this range"].concat());
        return;
    };
    let (title, kind, load) = match target {
        Target::Node(node) => {
            let id = &graph.nodes[node].id;
            (id.name.clone(), id.kind.as_deref().unwrap_or_default(), scene::load(graph, node))
        }
        Target::Edge(edge) => {
            let edge = &graph.edges[edge];
            let name = |node: u32| graph.nodes[node as usize].id.name.as_str();
            ([name(edge.source), " → ", name(edge.target)].concat(), "calls", edge.load.as_ref())
        }
    };
    let selector = selector(chosen);
    let head = root.child("header", "inspector__head");
    let top = head.child("div", "inspector__top");
    top.says("h2", "inspector__title", &title).with(&[("tabindex", "0"), ("data-filter", &selector)]);
    let close = top.button("button button--quiet", "✕");
    close.with(&[("aria-label", "Close the details"), ("title", "Close (Esc)"), (EDGE, "")]);
    head.says("p", "inspector__operation", kind);
    let body = root.child("div", "inspector__body");
    links(&body, &selector, load, traces);
    if let Some(load) = load {
        counts(&body, load, minutes);
        histogram(&body, load, selector, on_traces);
    }
    if let Target::Node(node) = target {
        neighbours(&body, graph, node, true);
        neighbours(&body, graph, node, false);
    }
    if let Some(link) = console_link {
        let link = body.child("p", "").says("a", "", "Map in the AWS console ↗").with(&[("href", link)]);
        link.with(&[("target", "_blank"), ("rel", "noreferrer")]);
    }
}

/// The filter expression for all traces through a node or an edge.
fn selector(chosen: &(NodeKey, Option<NodeKey>)) -> String {
    let (node, other) = chosen;
    match other {
        None => narrow::has_service(&node.name, &node.kind),
        Some(other) => narrow::has_call((&node.name, &node.kind), (&other.name, &other.kind)),
    }
}

fn links(body: &Drawn, selector: &str, load: Option<&Load>, traces: TraceLink) {
    let [total, ok, error, fault, throttle] =
        load.map_or([0; 5], |load| [load.total(), load.ok, load.error, load.fault, load.throttle]);
    let ways = [
        ("All traces ", "", total),
        ("OK ", " { ok = true }", ok),
        ("Errors ", " { error = true }", error),
        ("Faults ", " { fault = true }", fault),
        ("Throttled ", " { throttle = true }", throttle),
    ];
    let nav = body.child("nav", "map__ways").with(&[("aria-label", "Traces")]);
    for (name, condition, count) in ways {
        if count > 0 || condition.is_empty() {
            let class = if name == "Faults " { "button button--main" } else { "button" };
            let link = nav.says("a", class, name);
            link.attribute("href", &traces.run([selector, condition].concat()));
            link.says("span", "map__count", &format::number::integer(count as i64));
        }
    }
    let without = nav.says("a", "button", "Without it");
    without.attribute("href", &traces.run(["!", selector].concat()));
    without.attribute("title", "Traces that do not pass here");
}

fn counts(body: &Drawn, load: &Load, minutes: f64) {
    let total = load.total();
    let number = |count: u64, of: &str| [&format::number::integer(count as i64), " (", of, ")"].concat();
    let share = |count: u64| number(count, &format::number::percent(count as i64, total as i64));
    let time = |time: Option<Nanos>| time.map_or_else(|| "–".to_owned(), |time| format::duration::short(time.0));
    let times =
        |one: f64, other: f64| [time(load.times.percentile(one)), time(load.times.percentile(other))].join(" · ");
    let facts = [
        ("Requests", number(total, &letters::rate(total, minutes))),
        ("OK", share(load.ok)),
        ("Faults", share(load.fault)),
        ("Errors", share(load.error)),
        ("Throttled", share(load.throttle)),
        ("Average", time(load.mean())),
        ("p50 · p90", times(0.5, 0.9)),
        ("p95 · p99", times(0.95, 0.99)),
    ];
    let list = body.child("dl", "facts");
    for (name, value) in facts {
        let fact = list.child("div", "fact");
        fact.says("dt", "", name);
        fact.says("dd", "", &value);
    }
}

/// A part of the panel with a heading.
fn section(body: &Drawn, title: &str) -> Drawn {
    let section = body.child("section", "inspector__section");
    section.says("h3", "inspector__heading", title);
    section
}

/// The response times as bars; dragging over them, or pressing one, leads to the traces in that band.
fn histogram(body: &Drawn, load: &Load, selector: String, on_traces: Callback<String>) {
    let times = load.times.entries().iter().map(|(time, count)| (time.0, *count));
    let Some(bars) = Bars::new(times, 1_000_000, BARS) else { return };
    let section = section(body, "Response times");
    section.attribute("aria-label", "Response times");
    let sheet = section.child("div", "histogram");
    let most = bars.counts.iter().copied().max().unwrap_or(1).max(1);
    let drawn: Vec<Drawn> = (0..BARS).map(|bar| draw_bar(&sheet, &bars, bar, most)).collect();
    let axis = section.child("p", "histogram__axis");
    for end in [0, BARS] {
        axis.says("span", "", &format::duration::short(bars.bound(end)));
    }
    section.says("p", "hint", "Drag over bars for the traces in that band");

    let show = Callback::new(move |(one, other): (usize, usize)| {
        let (one, other) = (one.min(other), one.max(other));
        // Response times are rounded to milliseconds, so the band ends with whole ones.
        let seconds = |nanos: i64| Nanos(nanos / 1_000_000 * 1_000_000).seconds_text();
        let (low, high) = (seconds(bars.bound(one)), seconds(bars.bound(other + 1) + 999_999));
        on_traces.run([&selector, " { responsetime >= ", &low, " AND responsetime <= ", &high, " }"].concat());
    });
    sheet.hear(&["keydown"], move |event: &ev::KeyboardEvent| {
        if let (Some(bar), "Enter") = (bar_of(event), event.key().as_str()) {
            show.run((bar, bar));
        }
    });
    // Where the pointer went down.
    let from = Cell::new(None::<usize>);
    sheet.hear(&["pointerdown", "pointermove", "pointerup", "pointerleave"], move |event: &ev::PointerEvent| {
        let (kind, bar) = (event.type_(), bar_of(event));
        let is_end = match &*kind {
            "pointerdown" => {
                from.set(bar);
                false
            }
            kind => kind != "pointermove",
        };
        match (from.get(), bar) {
            _ if kind == "pointerleave" => mark(&drawn, None),
            (Some(from), Some(bar)) if is_end => show.run((from, bar)),
            (Some(from), Some(bar)) => mark(&drawn, Some((from.min(bar), from.max(bar)))),
            _ => {}
        }
        if is_end {
            from.set(None);
        }
    });
}

fn draw_bar(sheet: &Drawn, bars: &Bars, bar: usize, most: u64) -> Drawn {
    let count = bars.counts.get(bar).copied().unwrap_or_default();
    let height = if count == 0 { 0.0 } else { 4.0 + 92.0 * count as f64 / most as f64 };
    let bound = |bar: usize| format::duration::short(bars.bound(bar));
    let counted = format::number::counted(count, "request", "requests");
    let words = [&bound(bar), " to ", &bound(bar + 1), ": ", &counted].concat();
    let drawn = sheet.button("histogram__bar", "");
    drawn.child("span", "").style("height", &[&(height as i32).to_string(), "%"].concat());
    drawn.with(&[(BAR, &bar.to_string()), ("title", &words), ("aria-label", &words)])
}

/// The bar that an event happened on.
fn bar_of(event: &ev::UiEvent) -> Option<usize> {
    drawn::attribute_around(event, BAR)?.parse().ok()
}

fn mark(bars: &[Drawn], marked: Option<(usize, usize)>) {
    for (bar, drawn) in bars.iter().enumerate() {
        let is_marked = marked.is_some_and(|(from, to)| from <= bar && bar <= to);
        drawn.class(if is_marked { "histogram__bar histogram__bar--marked" } else { "histogram__bar" });
    }
}

/// Whom a node calls, or who calls it.
fn neighbours(body: &Drawn, graph: &ServiceGraph, node: usize, out: bool) {
    let mut list = None;
    for (number, edge) in graph.edges.iter().enumerate() {
        let (here, there) = if out { (edge.source, edge.target) } else { (edge.target, edge.source) };
        let Some(other) = graph.nodes.get(there as usize).filter(|_| here as usize == node) else { continue };
        let list = list.get_or_insert_with(|| {
            section(body, if out { "Calls" } else { "Called by" }).child("ul", "map__neighbours")
        });
        let numbers = services::numbers(edge.load.as_ref(), 1.0);
        // The rate of a minute means nothing here; the shares do.
        let numbers = numbers.split_once(", ").map_or(&*numbers, |(_, rest)| rest);
        let item = list.child("li", "");
        item.button("link", &other.id.name).attribute(EDGE, &number.to_string());
        item.words().set(" ");
        item.says("span", "hint", numbers);
    }
}

//! The numbers of one node or edge, and the ways on from there.

use crate::prelude::*;
use filter::assist::narrow;
use layout::bars::Bars;
use leptos::ev;
use model::{
    Nanos, ServiceGraph,
    graph::{Load, Node},
};

use super::{
    Chosen, GraphSignal, letters,
    scene::{self, Scene, Target},
    services,
};
use crate::{platform::drawn, route::NodeKey};

/// Bars of a histogram.
const BARS: usize = 28;

/// A way on: traces that fulfil a filter expression.
pub(crate) type TraceLink = Callback<String, String>;

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
    let content = move || {
        let (Some(graph), Some(chosen)) = (graph.get(), chosen.get()) else { return ().into_any() };
        let mut finder = Scene::default();
        finder.keys = graph.nodes.iter().map(scene::key).collect();
        finder.graph = Some(graph.clone());
        let Some(target) = finder.find(&chosen) else {
            return view! {
                <p class="empty">"“" {chosen.0.name} "” has no traces in this range"</p>
            }
            .into_any();
        };
        let (title, kind, load) = match target {
            Target::Node(node) => {
                let kind = graph.nodes[node].id.kind.clone().unwrap_or_default();
                (graph.nodes[node].id.name.clone(), kind, scene::load(&graph, node))
            }
            Target::Edge(edge) => {
                let edge = &graph.edges[edge];
                let name = |node: u32| graph.nodes[node as usize].id.name.as_str();
                (format!("{} → {}", name(edge.source), name(edge.target)), "calls".to_owned(), edge.load.as_ref())
            }
        };
        let selector = selector(&chosen);
        let neighbours = match target {
            Target::Node(node) => neighbours(&graph, node, on_choose),
            Target::Edge(_) => ().into_any(),
        };
        view! {
            <header class="inspector__head">
                <div class="inspector__top">
                    <h2 class="inspector__title" tabindex="0" data-filter=selector.clone()>{title}</h2>
                    <button type="button" class="button button--quiet" aria-label="Close the details" title="Close (Esc)"
                        on:click=move |_| on_choose.run(None)>"✕"</button>
                </div>
                <p class="inspector__operation">{kind}</p>
            </header>
            <div class="inspector__body">
                {links(&selector, load, traces)}
                {load.map(|load| counts(load, minutes.get()))}
                {load.map(|load| histogram(load, &selector, on_traces))}
                {neighbours}
                {move || console_link.get().map(|link| view! {
                    <p><a href=link target="_blank" rel="noreferrer">"Map in the AWS console ↗"</a></p>
                })}
            </div>
        }
        .into_any()
    };
    view! { <section class="inspector" aria-label="Details of the selected service">{content}</section> }
}

/// The filter expression for all traces through a node or an edge.
fn selector(chosen: &(NodeKey, Option<NodeKey>)) -> String {
    let (node, other) = chosen;
    match other {
        None => narrow::has_service(&node.name, &node.kind),
        Some(other) => narrow::has_call((&node.name, &node.kind), (&other.name, &other.kind)),
    }
}

fn links(selector: &str, load: Option<&Load>, traces: TraceLink) -> AnyView {
    let load = load.cloned().unwrap_or_default();
    let ways = [
        ("All traces", "", load.total()),
        ("OK", " { ok = true }", load.ok),
        ("Errors", " { error = true }", load.error),
        ("Faults", " { fault = true }", load.fault),
        ("Throttled", " { throttle = true }", load.throttle),
    ];
    let ways = ways.into_iter().filter(|(_, condition, count)| *count > 0 || condition.is_empty());
    let ways = ways.map(|(name, condition, count)| {
        let address = traces.run([selector, condition].concat());
        let class = if name == "Faults" { "button button--main" } else { "button" };
        view! { <a class=class href=address>{name} " " <span class="map__count">{format::number::integer(count as i64)}</span></a> }
    });
    let without = traces.run(["!", selector].concat());
    view! {
        <nav class="map__ways" aria-label="Traces">
            {ways.collect_view()}
            <a class="button" href=without title="Traces that do not pass here">"Without it"</a>
        </nav>
    }
    .into_any()
}

fn counts(load: &Load, minutes: f64) -> AnyView {
    let total = load.total();
    let share = |count: u64| {
        format!("{} ({})", format::number::integer(count as i64), format::number::percent(count as i64, total as i64))
    };
    let time = |time: Option<Nanos>| time.map_or_else(|| "–".to_owned(), |time| format::duration::short(time.0));
    let percentile = |share: f64| time(load.times.percentile(share));
    let facts = [
        ("Requests", format!("{} ({})", format::number::integer(total as i64), letters::rate(total, minutes))),
        ("OK", share(load.ok)),
        ("Faults", share(load.fault)),
        ("Errors", share(load.error)),
        ("Throttled", share(load.throttle)),
        ("Average", time(load.mean())),
        ("p50 · p90", [percentile(0.5), percentile(0.9)].join(" · ")),
        ("p95 · p99", [percentile(0.95), percentile(0.99)].join(" · ")),
    ];
    let facts = facts.map(|(name, value)| view! { <div class="fact"><dt>{name}</dt><dd>{value}</dd></div> });
    view! { <dl class="facts">{facts.into_iter().collect_view()}</dl> }.into_any()
}

/// The response times as bars; dragging over them, or pressing one, leads to the traces in that band.
fn histogram(load: &Load, selector: &str, on_traces: Callback<String>) -> AnyView {
    let times = load.times.entries().iter().map(|(time, count)| (time.0, *count));
    let Some(bars) = Bars::new(times, 1_000_000, BARS) else { return ().into_any() };
    let counts = bars.counts.clone();
    let (low, high) = (bars.bound(0), bars.bound(BARS));
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    let from = StoredValue::new(None::<usize>);
    let (marked, set_marked) = signal(None::<(usize, usize)>);
    let selector = selector.to_owned();
    let bounds: std::rc::Rc<[i64]> = (0..=BARS).map(|bar| bars.bound(bar)).collect();
    let ends = bounds.clone();
    let show = move |one: usize, other: usize| {
        let (one, other) = (one.min(other), one.max(other));
        // Response times are rounded to milliseconds, so the band ends with whole ones.
        let seconds = |nanos: i64| Nanos(nanos / 1_000_000 * 1_000_000).seconds_text();
        let (low, high) = (seconds(bounds[one]), seconds(bounds[other + 1] + 999_999));
        on_traces.run([&selector, " { responsetime >= ", &low, " AND responsetime <= ", &high, " }"].concat());
    };
    let bar_of =
        |event: &ev::PointerEvent| drawn::attribute_around(event, "data-bar").and_then(|bar| bar.parse::<usize>().ok());
    let on_over = move |event: ev::PointerEvent| {
        if let (Some(from), Some(bar)) = (from.get_value(), bar_of(&event)) {
            set_marked.set(Some((from.min(bar), from.max(bar))));
        }
    };
    let on_down = move |event: ev::PointerEvent| {
        from.set_value(bar_of(&event));
        on_over(event);
    };
    let show_once = show.clone();
    let on_up = move |event: ev::PointerEvent| {
        if let (Some(from), Some(bar)) = (from.get_value(), bar_of(&event)) {
            show_once(from, bar);
        }
        from.set_value(None);
    };
    let bars = counts.into_iter().enumerate().map(|(bar, count)| {
        let height = if count == 0 { 0.0 } else { 4.0 + 92.0 * count as f64 / most as f64 };
        let words = format!(
            "{} to {}: {}",
            format::duration::short(ends[bar]),
            format::duration::short(ends[bar + 1]),
            format::number::counted(count, "request", "requests")
        );
        let show = show.clone();
        view! {
            <button type="button" class="histogram__bar" data-bar=bar.to_string() title=words.clone() aria-label=words
                class:histogram__bar--marked=move || marked.get().is_some_and(|(from, to)| from <= bar && bar <= to)
                on:keydown=move |event| if event.key() == "Enter" { show(bar, bar) }>
                <span style:height=format!("{}%", height as i32)></span>
            </button>
        }
    });
    view! {
        <section class="inspector__section" aria-label="Response times">
            <h3 class="inspector__heading">"Response times"</h3>
            <div class="histogram" on:pointerdown=on_down on:pointermove=on_over on:pointerup=on_up
                on:pointerleave=move |_| { from.set_value(None); set_marked.set(None); }>{bars.collect_view()}</div>
            <p class="histogram__axis"><span>{format::duration::short(low)}</span><span>{format::duration::short(high)}</span></p>
            <p class="hint">"Drag over bars for the traces in that band"</p>
        </section>
    }
    .into_any()
}

/// Who calls the node, and whom it calls.
fn neighbours(graph: &ServiceGraph, node: usize, on_choose: Callback<Chosen>) -> AnyView {
    let list = |title: &'static str, out: bool| {
        let edges = graph.edges.iter().filter(|edge| node == if out { edge.source } else { edge.target } as usize);
        let items: Vec<AnyView> = edges
            .filter_map(|edge| {
                let end = |node: u32| graph.nodes.get(node as usize).map(scene::key);
                let chosen = (end(edge.source)?, end(edge.target));
                let other: &Node = graph.nodes.get(if out { edge.target } else { edge.source } as usize)?;
                let numbers = services::numbers(edge.load.as_ref(), 1.0);
                // The rate of a minute means nothing here; the shares do.
                let numbers = numbers.split_once(", ").map(|(_, rest)| rest.to_owned()).unwrap_or(numbers);
                Some(view! {
                    <li><button type="button" class="link" on:click=move |_| on_choose.run(Some(chosen.clone()))>{other.id.name.clone()}</button>
                        " " <span class="hint">{numbers}</span></li>
                }
                .into_any())
            })
            .collect();
        (!items.is_empty()).then(|| {
            view! {
                <section class="inspector__section">
                    <h3 class="inspector__heading">{title}</h3>
                    <ul class="map__neighbours">{items}</ul>
                </section>
            }
        })
    };
    view! { {list("Calls", true)} {list("Called by", false)} }.into_any()
}

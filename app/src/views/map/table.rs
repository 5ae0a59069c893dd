//! The same services as a table, to be sorted and taken along.

use std::cell::Cell;

use crate::prelude::*;
use filter::assist::narrow;
use leptos::ev;
use model::{
    ServiceGraph,
    graph::{Load, Node},
};

use super::{Chosen, GraphSignal, letters, scene};
use crate::platform::drawn::{self, Drawn};

/// A column: its title, and what it sorts by.
const COLUMNS: [&str; 9] = ["Service", "Type", "Requests", "Rate", "Average", "p95", "Faults", "Errors", "Throttled"];

/// So many rows are shown at first, and with each press more.
const PORTION: usize = 300;

/// The attribute of a column's head: its number.
const COLUMN: &str = "data-column";
/// The attribute of a service's name: its place in the graph.
const NODE: &str = "data-node";
/// The attribute of the button for further rows.
const MORE: &str = "data-more";

/// The table.
#[component]
pub(crate) fn MapTable(graph: GraphSignal, minutes: Signal<f64>, on_choose: Callback<Chosen>) -> impl IntoView {
    // Most faults first: that is what one looks for.
    let (sort, set_sort) = signal((6_usize, true));
    // Thousands of rows would take long to make, and the worst ones are on top.
    let (shown, set_shown) = signal(PORTION);
    let root = Drawn::new("div", "map-table");
    let file = root.child("p", "map-table__tools").says("a", "button", "Download CSV");
    file.attribute("download", "services.csv");
    file.follow(move |file| {
        let lines = graph.get().map(|graph| csv(&graph, minutes.get())).unwrap_or_default();
        let encoded: String = form_urlencoded::byte_serialize(lines.as_bytes()).collect::<String>().replace('+', "%20");
        file.attribute("href", &["data:text/csv;charset=utf-8,", &encoded].concat());
    });
    let table = root.child("table", "map-table__table");
    table.child("thead", "").child("tr", "").follow(move |heads| {
        let (sorted, down) = sort.get();
        heads.anew(&|heads| {
            for (column, title) in COLUMNS.iter().enumerate() {
                let direction = match (sorted == column, down) {
                    (false, _) => "none",
                    (true, true) => "descending",
                    (true, false) => "ascending",
                };
                let head = heads.child("th", "").with(&[("scope", "col"), ("aria-sort", direction)]);
                head.button("list__sort", title).attribute(COLUMN, &column.to_string());
            }
        });
    });
    table.child("tbody", "").follow(move |body| {
        let (graph, sort, shown, minutes) = (graph.get(), sort.get(), shown.get(), minutes.get());
        body.anew(&|body| {
            if let Some(graph) = &graph {
                draw_rows(body, graph, sort, shown, minutes);
            }
        });
    });
    let more = Drawn::new("p", "map-table__tools");
    let words = more.words();
    more.button("button", "Show more").attribute(MORE, "");
    let is_there = Cell::new(false);
    root.follow(move |root| {
        let count = graph.with(|graph| graph.as_ref().map_or(0, |graph| graph.nodes.len()));
        let shown = shown.get();
        words.set(&["The first ", &shown.to_string(), " of ", &count.to_string(), " services. "].concat());
        let is_wanted = count > shown;
        match (is_there.replace(is_wanted), is_wanted) {
            (false, true) => root.add(&more),
            (true, false) => more.remove(),
            _ => {}
        }
    });
    root.hear(&["click"], move |event: &ev::MouseEvent| {
        let number = |name: &str| drawn::attribute_around(event, name)?.parse::<usize>().ok();
        if let Some(column) = number(COLUMN) {
            set_sort.update(|sort| *sort = if sort.0 == column { (column, !sort.1) } else { (column, column > 1) });
        } else if let Some(node) = number(NODE) {
            let key = graph.with_untracked(|graph| graph.as_ref()?.nodes.get(node).map(scene::key));
            if let Some(key) = key {
                on_choose.run(Some((key, None)));
            }
        } else if drawn::attribute_around(event, MORE).is_some() {
            set_shown.update(|shown| *shown += PORTION);
        }
    });
    root
}

fn draw_rows(body: &Drawn, graph: &ServiceGraph, (column, down): (usize, bool), shown: usize, minutes: f64) {
    let order = order::places(graph.nodes.len(), &mut |one, other| {
        let order = match column {
            0 => graph.nodes[one].id.name.cmp(&graph.nodes[other].id.name),
            1 => graph.nodes[one].id.kind.cmp(&graph.nodes[other].id.kind),
            _ => weight(graph, one, column).total_cmp(&weight(graph, other, column)),
        };
        if down { order.reverse() } else { order }
    });
    for node in order.into_iter().take(shown) {
        let key = scene::key(&graph.nodes[node]);
        let [name, rest @ ..] = cells(graph, node, minutes);
        let row = body.child("tr", "");
        let condition = narrow::has_service(&key.name, &key.kind);
        let head = row.child("th", "").with(&[("scope", "row"), ("data-filter", &condition)]);
        head.button("link", &name).attribute(NODE, &node.to_string());
        for cell in &rest {
            row.says("td", "", cell);
        }
    }
}

fn cells(graph: &ServiceGraph, place: usize, minutes: f64) -> [String; 9] {
    let node: &Node = &graph.nodes[place];
    let empty = Load::default();
    let load = scene::load(graph, place).unwrap_or(&empty);
    let share = |count: u64| format::number::percent(count as i64, load.total() as i64);
    let time = |time: Option<model::Nanos>| time.map_or_else(|| "–".to_owned(), |time| format::duration::short(time.0));
    [
        node.id.name.clone(),
        letters::short_kind(node.id.kind.as_deref().unwrap_or("")).to_owned(),
        format::number::integer(load.total() as i64),
        letters::rate(load.total(), minutes),
        time(load.mean()),
        time(load.times.percentile(0.95)),
        share(load.fault),
        share(load.error),
        share(load.throttle),
    ]
}

fn weight(graph: &ServiceGraph, place: usize, column: usize) -> f64 {
    let Some(load) = scene::load(graph, place) else { return -1.0 };
    let share = |count: u64| count as f64 / load.total().max(1) as f64;
    match column {
        4 => load.mean().map_or(-1.0, |mean| mean.0 as f64),
        5 => load.times.percentile(0.95).map_or(-1.0, |time| time.0 as f64),
        6 => share(load.fault),
        7 => share(load.error),
        8 => share(load.throttle),
        _ => load.total() as f64,
    }
}

/// Plain numbers: counts, and milliseconds.
fn csv(graph: &ServiceGraph, minutes: f64) -> String {
    let quoted = |text: &str| ["\"", &text.replace('"', "\"\""), "\""].concat();
    let mut lines = String::from(
        "name,type,requests,requests_per_minute,average_ms,p50_ms,p95_ms,p99_ms,ok,error,throttle,fault\n",
    );
    let empty = Load::default();
    for (place, node) in graph.nodes.iter().enumerate() {
        let load = scene::load(graph, place).unwrap_or(&empty);
        let ms = |time: Option<model::Nanos>| time.map(|time| (time.0 / 1_000_000).to_string()).unwrap_or_default();
        let percentile = |share: f64| ms(load.times.percentile(share));
        let line = [
            quoted(&node.id.name),
            quoted(node.id.kind.as_deref().unwrap_or("")),
            load.total().to_string(),
            ((load.total() as f64 / minutes.max(1e-9)).round() as u64).to_string(),
            ms(load.mean()),
            percentile(0.5),
            percentile(0.95),
            percentile(0.99),
            load.ok.to_string(),
            load.error.to_string(),
            load.throttle.to_string(),
            load.fault.to_string(),
        ];
        lines.push_str(&line.join(","));
        lines.push('\n');
    }
    lines
}

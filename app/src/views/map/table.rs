//! The same services as a table, to be sorted and taken along.

use crate::prelude::*;
use filter::assist::narrow;
use model::{
    ServiceGraph,
    graph::{Load, Node},
};

use super::{Chosen, GraphSignal, letters, scene};

/// A column: its title, and what it sorts by.
const COLUMNS: [&str; 9] = ["Service", "Type", "Requests", "Rate", "Average", "p95", "Faults", "Errors", "Throttled"];

/// So many rows are shown at first, and with each press more.
const PORTION: usize = 300;

/// The table.
#[component]
pub(crate) fn MapTable(graph: GraphSignal, minutes: Signal<f64>, on_choose: Callback<Chosen>) -> impl IntoView {
    // Most faults first: that is what one looks for.
    let (sort, set_sort) = signal((6_usize, true));
    // Thousands of rows would take long to make, and the worst ones are on top.
    let (shown, set_shown) = signal(PORTION);
    let count = Signal::memo(move |_| graph.with(|graph| graph.as_ref().map_or(0, |graph| graph.nodes.len())));
    let rows = move || {
        let Some(graph) = graph.get() else { return Vec::new() };
        let (column, down) = sort.get();
        let order = order::places(graph.nodes.len(), &mut |one, other| {
            let order = match column {
                0 => graph.nodes[one].id.name.cmp(&graph.nodes[other].id.name),
                1 => graph.nodes[one].id.kind.cmp(&graph.nodes[other].id.kind),
                _ => weight(&graph, one, column).total_cmp(&weight(&graph, other, column)),
            };
            if down { order.reverse() } else { order }
        });
        order
            .into_iter()
            .take(shown.get())
            .map(|node| {
                let key = scene::key(&graph.nodes[node]);
                let condition = narrow::has_service(&key.name, &key.kind);
                let cells = cells(&graph, node, minutes.get());
                let [name, rest @ ..] = cells;
                view! {
                    <tr>
                        <th scope="row" data-filter=condition><button type="button" class="link" on:click=move |_| on_choose.run(Some((key.clone(), None)))>{name}</button></th>
                        {rest.into_iter().map(|cell| view! { <td>{cell}</td> }).collect_view()}
                    </tr>
                }
                .into_any()
            })
            .collect()
    };
    let heads = COLUMNS.iter().enumerate().map(|(column, title)| {
        let press = move |_| set_sort.update(|sort| *sort = if sort.0 == column { (column, !sort.1) } else { (column, column > 1) });
        let direction = move || match sort.get() {
            (sorted, down) if sorted == column => if down { "descending" } else { "ascending" },
            _ => "none",
        };
        view! { <th scope="col" aria-sort=direction><button type="button" class="list__sort" on:click=press>{*title}</button></th> }
    });
    let file = move || {
        let lines = graph.get().map(|graph| csv(&graph, minutes.get())).unwrap_or_default();
        let encoded: String = form_urlencoded::byte_serialize(lines.as_bytes()).collect::<String>().replace('+', "%20");
        ["data:text/csv;charset=utf-8,", &encoded].concat()
    };
    view! {
        <div class="map-table">
            <p class="map-table__tools"><a class="button" download="services.csv" href=file>"Download CSV"</a></p>
            <table class="map-table__table">
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
            {move || (count.get() > shown.get()).then(|| view! {
                <p class="map-table__tools">
                    {format!("The first {} of {} services. ", shown.get(), count.get())}
                    <button type="button" class="button" on:click=move |_| set_shown.update(|shown| *shown += PORTION)>"Show more"</button>
                </p>
            })}
        </div>
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
            format!("{}", (load.total() as f64 / minutes.max(1e-9)).round() as u64),
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

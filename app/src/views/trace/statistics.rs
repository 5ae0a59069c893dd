//! Numbers of a trace: how often, how long, how much of it by itself, and how many failed, by what one likes.

use crate::prelude::*;
use analysis::spans::{LEFT_OUT, statistics::Statistic};
use api::trace::bit;
use leptos::ev;
use model::SpanIx;

use super::{
    reading::{Keys, Reading, number},
    waterfall::{label, marks},
};
use crate::{platform, route::TraceView, state::Shared};

/// What lines can be by, besides annotations: the name in links, and for people.
const BY: [(&str, &str); 3] = [("", "service and operation"), ("service", "service"), ("type", "type")];
/// Lines that are drawn; the worst come first, and a count says how many are left out.
const MOST_LINES: usize = 500;

/// A column: its title, what it is ordered by, and its text.
type Column = (&'static str, fn(&Statistic) -> i64, fn(&Statistic) -> String);

const COLUMNS: [Column; 8] = [
    ("Count", |line| i64::from(line.count), |line| format::number::integer(i64::from(line.count))),
    ("Total", |line| line.total, |line| format::duration::short(line.total)),
    ("Self", |line| line.self_time, |line| format::duration::short(line.self_time)),
    ("Share of self time", |line| i64::from(line.share), |line| format::number::percent(i64::from(line.share), 1000)),
    ("Mean", Statistic::mean, |line| format::duration::short(line.mean())),
    ("Median", |line| line.median, |line| format::duration::short(line.median)),
    ("Max", |line| line.max, |line| format::duration::short(line.max)),
    ("Failed", failed, |line| format::number::integer(failed(line))),
];

fn failed(line: &Statistic) -> i64 {
    i64::from(line.errors) + i64::from(line.faults) + i64::from(line.throttles)
}

/// The table.
#[component]
pub(super) fn Statistics(
    reading: Signal<Shared<Reading>>,
    view: Signal<TraceView>,
    on_view: Callback<TraceView>,
) -> impl IntoView {
    let by = Signal::memo(move |_| view.with(|view| view.by.clone()));
    // By self time at first: that is where time went.
    let (sort, set_sort) = signal((2_usize, true));
    let options = move || {
        let keys = reading.with(|reading| annotation_keys(reading));
        let chosen = by.get();
        let fixed = BY.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned()));
        let annotations = keys.into_iter().map(|key| (["@", &key].concat(), ["annotation ", &key].concat()));
        let option = |(name, text): (String, String)| {
            view! { <option value=name.clone() selected=name == chosen>{text}</option> }
        };
        fixed.chain(annotations).map(option).collect_view()
    };
    let on_by = move |event: ev::Event| {
        on_view.run(TraceView { by: platform::value_of(&event), ..view.get_untracked() });
    };
    let heads = move || {
        let (column, falling) = sort.get();
        let head = |(place, (title, ..)): (usize, &Column)| {
            let sorted = if column != place {
                "none"
            } else if falling {
                "descending"
            } else {
                "ascending"
            };
            view! {
                <th scope="col" aria-sort=sorted>
                    <button type="button" class="statistics__head"
                        on:click=move |_| set_sort.update(|(column, falling)| (*falling, *column) = (*column != place || !*falling, place))>
                        {*title}{match sorted { "descending" => " ↓", "ascending" => " ↑", _ => "" }}
                    </button>
                </th>
            }
        };
        COLUMNS.iter().enumerate().map(head).collect_view()
    };
    let lines = move || {
        let (reading, by, (column, falling)) = (reading.get(), by.get(), sort.get());
        let keys = keys(&reading, &by);
        let lines = reading.statistics(&keys.of);
        let value = COLUMNS[column].1;
        let places = order::places(lines.len(), &mut |one, other| {
            let order = value(&lines[one]).cmp(&value(&lines[other]));
            if falling { order.reverse() } else { order }
        });
        let left_out = lines.len().saturating_sub(MOST_LINES);
        let selected = view.with(|view| view.span).and_then(|id| {
            let place = reading.trace.span.iter().position(|known| *known == id.0)?;
            keys.of.get(place).copied()
        });
        let row = |place: usize| {
            let line = lines[place];
            let first = keys.first.get(line.key as usize).copied().unwrap_or(0);
            let name = name(&reading, &by, first);
            let id = reading.trace.span_id(line.longest as usize);
            let find = search(&reading, &by, first);
            view! {
                <tr class:statistics__line--selected=selected == Some(line.key)>
                    <th scope="row">
                        <button type="button" class="link" title="Select the longest one"
                            on:click=move |_| on_view.run(TraceView { span: id, ..view.get_untracked() })>{name}</button>
                        {find.map(|find| view! {
                            <button type="button" class="button button--quiet" title="Show them in the timeline"
                                on:click=move |_| on_view.run(TraceView {
                                    find: find.clone(), tab: crate::route::Tab::Timeline, ..view.get_untracked()
                                })>"⌕"</button>
                        })}
                    </th>
                    {COLUMNS.iter().map(|(_, _, text)| view! { <td>{text(&line)}</td> }).collect_view()}
                </tr>
            }
        };
        let rows = places.iter().take(MOST_LINES).map(|place| row(*place)).collect_view();
        let more = (left_out > 0).then(|| {
            let left_out = format::number::counted(left_out as u64, "line", "lines");
            view! { <tr><td colspan="9">{left_out}" more; sort by another column to see them"</td></tr> }
        });
        view! { {rows}{more} }
    };
    view! {
        <div class="statistics">
            <label class="statistics__by">"By " <select class="select" name="by" on:change=on_by>{options}</select></label>
            <table class="statistics__table">
                <thead><tr><th scope="col">"What"</th>{heads}</tr></thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
    }
}

/// The distinct keys of annotations.
fn annotation_keys(reading: &Reading) -> Vec<String> {
    let keys: Vec<u64> = reading.trace.annotations.iter().map(|it| u64::from(it.key)).collect();
    order::distinct(&keys).into_iter().map(|key| reading.trace.text(key as u32).to_owned()).collect()
}

/// A number for each span by what the lines are by.
fn keys(reading: &Reading, by: &str) -> Keys {
    let trace = &reading.trace;
    if let Some(key) = by.strip_prefix('@') {
        let mut values = vec![(0, 0, 0); trace.span.len()];
        for it in trace.annotations.iter().filter(|it| trace.text(it.key) == key) {
            values[it.span as usize] = (1, it.value, 0);
        }
        let mut keys = number(&values);
        for (of, value) in keys.of.iter_mut().zip(&values) {
            if value.0 == 0 {
                *of = LEFT_OUT;
            }
        }
        return keys;
    }
    let columns = trace.service.iter().zip(&trace.name).zip(&trace.operation).zip(&trace.bits);
    let values: Vec<_> = columns
        .map(|(((service, name), operation), bits)| match by {
            "service" => (*service, 0, 0),
            "type" => (marks::kind_number(*bits), 0, 0),
            _ => (*service, *name, *operation),
        })
        .collect();
    number(&values)
}

/// What a line is called.
fn name(reading: &Reading, by: &str, span: SpanIx) -> String {
    let trace = &reading.trace;
    let bits = trace.bits.get(span as usize).copied().unwrap_or(0);
    match by.strip_prefix('@') {
        Some(key) => value_of(reading, key, span).unwrap_or_default(),
        None if by == "service" => label::service(trace, span).to_owned(),
        None if by == "type" => marks::kind(bits & !bit::OUTCOME).name.to_owned(),
        None => label::named(trace, span),
    }
}

/// The search that finds a line's spans, where one can.
fn search(reading: &Reading, by: &str, span: SpanIx) -> Option<String> {
    let quoted = |text: &str| ["\"", &text.replace('"', ""), "\""].concat();
    match by.strip_prefix('@') {
        Some(key) => Some([key, "=", &quoted(&value_of(reading, key, span)?)].concat()),
        None if by == "type" => None,
        None => {
            let service = ["service=", &quoted(label::service(&reading.trace, span))].concat();
            if by == "service" {
                return Some(service);
            }
            let operation = reading.trace.operation.get(span as usize).map_or("", |it| reading.trace.text(*it));
            let name = label::name(&reading.trace, span);
            Some([&service, " ", &quoted(if operation.is_empty() { &name } else { operation })].concat())
        }
    }
}

fn value_of(reading: &Reading, key: &str, span: SpanIx) -> Option<String> {
    let trace = &reading.trace;
    let found = trace.annotations.iter().find(|it| it.span == span && trace.text(it.key) == key)?;
    Some(trace.text(found.value).to_owned())
}

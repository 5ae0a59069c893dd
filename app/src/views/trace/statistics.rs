//! Numbers of a trace: how often, how long, how much of it by itself, and how many failed, by what one likes.

use crate::prelude::*;
use analysis::spans::{LEFT_OUT, statistics::Statistic};
use api::trace::bit;
use leptos::ev;
use model::{SpanId, SpanIx};

use super::{
    reading::{Keys, Reading, number},
    waterfall::{label, marks},
};
use crate::{
    platform::{
        self,
        drawn::{self, Drawn},
    },
    route::{Tab, TraceView},
    state::Shared,
};

/// What lines can be by, besides annotations: the name in links, and for people.
const BY: [(&str, &str); 3] = [("", "service and operation"), ("service", "service"), ("type", "type")];
/// Lines that are drawn; the worst come first, and a count says how many are left out.
const MOST_LINES: usize = 500;

/// The attribute of a column's head: its number.
const COLUMN: &str = "data-column";
/// The attribute of what selects a span: its identifier.
const SPAN: &str = "data-longest";
/// The attribute of what leads to the timeline: what is searched there.
const FIND: &str = "data-find";

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
    let selected = Signal::memo(move |_| view.with(|view| view.span));
    // By self time at first: that is where time went.
    let (sort, set_sort) = signal((2_usize, true));
    let root = Drawn::new("div", "statistics");
    let label = root.says("label", "statistics__by", "By ");
    let select = label.child("select", "select").with(&[("name", "by")]);
    select.follow(move |select| draw_options(select, &reading.get(), &by.get()));
    let table = root.child("table", "statistics__table");
    let heads = table.child("thead", "").child("tr", "");
    heads.says("th", "", "What").attribute("scope", "col");
    let buttons: Vec<(Drawn, Drawn)> = (0..COLUMNS.len())
        .map(|place| {
            let head = heads.child("th", "").with(&[("scope", "col")]);
            let button = head.button("statistics__head", "").with(&[(COLUMN, &place.to_string())]);
            (head, button)
        })
        .collect();
    Effect::new(move |_| {
        let (column, falling) = sort.get();
        for (place, ((head, button), (title, ..))) in buttons.iter().zip(&COLUMNS).enumerate() {
            let (sorted, arrow) = match (column == place, falling) {
                (false, _) => ("none", ""),
                (true, true) => ("descending", " ↓"),
                (true, false) => ("ascending", " ↑"),
            };
            head.attribute("aria-sort", sorted);
            button.say(&[title, arrow].concat());
        }
    });
    table.child("tbody", "").follow(move |body| {
        let (reading, by, sort, selected) = (reading.get(), by.get(), sort.get(), selected.get());
        body.anew(&|body| draw_lines(body, &reading, &by, sort, selected));
    });
    root.hear(&["change"], move |event: &ev::Event| {
        on_view.run(TraceView { by: platform::value_of(event), ..view.get_untracked() });
    });
    root.hear(&["click"], move |event: &ev::MouseEvent| {
        let named = |name: &str| drawn::attribute_around(event, name);
        if let Some(place) = named(COLUMN).and_then(|place| place.parse().ok()) {
            set_sort.update(|(column, falling)| (*falling, *column) = (*column != place || !*falling, place));
        } else if let Some(find) = named(FIND) {
            on_view.run(TraceView { find, tab: Tab::Timeline, ..view.get_untracked() });
        } else if let Some(span) = named(SPAN) {
            on_view.run(TraceView { span: span.parse().ok(), ..view.get_untracked() });
        }
    });
    root
}

fn draw_options(select: &Drawn, reading: &Reading, chosen: &str) {
    select.clear();
    let option = |name: &str, text: &str| {
        let option = select.says("option", "", text);
        option.attribute("value", name);
        option.attribute_if("selected", (name == chosen).then_some(""));
    };
    for (name, text) in BY {
        option(name, text);
    }
    for key in annotation_keys(reading) {
        option(&["@", &key].concat(), &["annotation ", &key].concat());
    }
}

fn draw_lines(body: &Drawn, reading: &Reading, by: &str, (column, falling): (usize, bool), selected: Option<SpanId>) {
    let keys = keys(reading, by);
    let lines = reading.statistics(&keys.of);
    let value = COLUMNS[column].1;
    let places = order::places(lines.len(), &mut |one, other| {
        let order = value(&lines[one]).cmp(&value(&lines[other]));
        if falling { order.reverse() } else { order }
    });
    let selected = selected.and_then(|id| {
        let place = reading.trace.span.iter().position(|known| *known == id.0)?;
        keys.of.get(place).copied()
    });
    for place in places.iter().take(MOST_LINES) {
        let line = &lines[*place];
        let first = keys.first.get(line.key as usize).copied().unwrap_or(0);
        let row = body.child("tr", if selected == Some(line.key) { "statistics__line--selected" } else { "" });
        let head = row.child("th", "").with(&[("scope", "row")]);
        let button = head.button("link", &name(reading, by, first));
        let id = reading.trace.span_id(line.longest as usize).map(|id| id.to_string()).unwrap_or_default();
        button.with(&[("title", "Select the longest one"), (SPAN, &id)]);
        if let Some(find) = search(reading, by, first) {
            let button = head.button("button button--quiet", "⌕");
            button.with(&[("title", "Show them in the timeline"), (FIND, &find)]);
        }
        for (_, _, text) in &COLUMNS {
            row.says("td", "", &text(line));
        }
    }
    let left_out = lines.len().saturating_sub(MOST_LINES);
    if left_out > 0 {
        let left_out = format::number::counted(left_out as u64, "line", "lines");
        let more = [&left_out, " more; sort by another column to see them"].concat();
        body.child("tr", "").says("td", "", &more).attribute("colspan", "9");
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

//! The head of an open trace: what it was, how it went, what is odd about it.

use std::time::Duration;

use api::{TraceColumns, trace::bit};
use filter::assist::narrow;
use format::moment::Precision;
use leptos::{ev, html};
use model::{
    AnnotationValue, Nanos, Outcome, SpanId, SpanIx,
    range::{Bound, TimeRange},
};

use super::{
    reading::Reading,
    waterfall::{label, marks},
};
use crate::{
    platform::{
        self,
        drawn::{self, Drawn},
    },
    prelude::*,
    route::{MapPlace, Route},
    state::{Shared, Zone},
    widgets::folds,
};

/// The attribute of buttons that save a trace of a file, with the form in which. The page hears them.
pub(crate) const KEEP: &str = "data-keep";
/// The attribute of buttons that copy: what.
const COPY: &str = "data-copy";
/// The attribute of buttons that lead to a span, with its id.
const GO: &str = "data-go";

/// The forms of a file, and what they are called.
const FORMS: [(&str, &str); 3] =
    [("documents", "X-Ray's documents"), ("otlp", "OpenTelemetry's JSON"), ("csv", "CSV, a line a span")];

/// Annotations and users shown at once; the others are behind a button.
const CHIPS: usize = 8;

/// The head of an open trace.
#[component]
pub(super) fn TraceHeader(
    reading: Signal<Shared<Reading>>,
    zone: Signal<Zone>,
    /// The trace in the AWS console; none for the local X-Ray.
    console_link: Signal<Option<String>>,
    /// The trace's logs in the AWS console; none where no span names a log group.
    logs: Signal<Option<String>>,
    /// The address of this view, to be shared.
    link: Signal<String>,
    /// Called to close the panel; none where it is the whole page.
    on_close: Option<Callback<()>>,
    /// Called with the span that a problem names.
    on_select: Callback<Option<SpanId>>,
) -> impl IntoView {
    let root = NodeRef::<html::Header>::new();
    let drawn_root = move || root.get_untracked().as_deref().and_then(Drawn::of);
    Effect::new(move |_| {
        let Some(root) = root.get().as_deref().and_then(Drawn::of) else { return };
        root.clear();
        let reading = reading.get();
        let top = root.child("div", "trace__top");
        title(&top.child("h2", "trace__title"), &reading.trace);
        let actions = top.child("div", "trace__actions");
        button(&actions, "Copy link", (COPY, "link"));
        if let Some(link) = console_link.get() {
            away(&actions, "AWS console ↗", &link);
        }
        if on_close.is_some() {
            let close = button(&actions, "✕", ("data-close", ""));
            close.with(&[("aria-label", "Close the trace"), ("title", "Close (Esc)")]);
        }
        places(&root.child("div", "trace__id"), &reading.trace, logs.get().as_deref(), zone.get());
        facts(&root, &reading.trace, zone.get());
        verdicts(&root, &reading);
        chips(&root, &reading.trace);
        notices(&root, &reading.trace);
    });
    platform::on_window(ev::pointerdown, move |event| {
        if let Some(root) = drawn_root() {
            folds::close_others(&root, &event);
        }
    });
    let on_click = move |event: &ev::MouseEvent| {
        if let Some(what) = drawn::attribute_around(event, COPY) {
            let text = match &*what {
                "link" => link.get_untracked(),
                "w3c" => reading.with_untracked(|reading| reading.trace.id.w3c().to_owned()),
                _ => reading.with_untracked(|reading| reading.trace.id.to_string()),
            };
            platform::copy(&text);
            if let Some(button) = drawn_root().and_then(|root| root.within(&["[data-copy=", &what, "]"].concat())) {
                let name = button.text();
                button.say("Copied");
                platform::after(Duration::from_secs(2), move || button.say(&name));
            }
        } else if let Some(id) = drawn::attribute_around(event, GO).and_then(|id| id.parse().ok()) {
            on_select.run(Some(id));
        } else if let Some(close) = on_close.filter(|_| drawn::attribute_around(event, "data-close").is_some()) {
            close.run(());
        }
    };
    view! {
        <header class="trace__header" node_ref=root on:click=move |event| on_click(&event)
            on:keydown=move |event| {
                if event.key() == "Escape" && folds::close_around(&event) {
                    event.stop_propagation();
                }
            }></header>
    }
}

fn button(place: &Drawn, text: &str, does: (&str, &str)) -> Drawn {
    place.says("button", "button button--quiet", text).with(&[("type", "button"), does])
}

fn away(place: &Drawn, text: &str, address: &str) {
    let link = place.says("a", "button button--quiet", text);
    link.with(&[("href", address), ("target", "_blank"), ("rel", "noreferrer")]);
}

/// Outcome, request and status.
fn title(place: &Drawn, trace: &TraceColumns) {
    let summary = &trace.summary;
    outcome(place, summary.outcome);
    if let Some(status) = summary.http.status {
        place.says("span", "trace__status", &status.to_string()).attribute("title", "HTTP status");
    }
    if let Some(method) = &summary.http.method {
        place.says("span", "trace__method", method);
    }
    // What is too long is cut by the style; the title has all of it.
    let entry = summary.entry_point.as_ref().map(|entry| &*entry.name);
    let what = summary.http.url.as_deref().or(entry).unwrap_or("(no root segment)");
    place.says("span", "trace__url", what).attribute("title", what);
    if let Some(entry) = entry.filter(|_| summary.http.url.is_some()) {
        place.says("span", "trace__entry", entry).attribute("title", &["Entry point ", entry].concat());
    }
}

/// What became of it, in a word and a drawing.
fn outcome(place: &Drawn, outcome: Outcome) {
    let mark = marks::outcome(outcome);
    let shown = place.child("span", &["outcome outcome--", mark.name].concat());
    if !mark.path.is_empty() {
        shown.stroke("outcome__mark").set(mark.path, "");
    }
    shown.words().set(mark.name);
}

/// Where the trace is to be had in other forms: as files, as documents, on the map, in the logs.
fn places(place: &Drawn, trace: &TraceColumns, logs: Option<&str>, zone: Zone) {
    let id = trace.id.to_string();
    place.says("code", "", &id);
    button(place, "Copy id", (COPY, "id"));
    let file = |format: &str| {
        let mut query = form_urlencoded::Serializer::new(api::path::file(&id) + "?");
        query.append_pair("source", &trace.source).append_pair("region", &trace.region).append_pair("format", format);
        query.finish()
    };
    // That of a file no server knows.
    let is_of_file = trace.source.is_empty();
    if !is_of_file {
        away(place, "Documents", &(file("documents") + "&show=true"));
        let map = place.says("a", "button button--quiet", "Map");
        map.attribute("href", &on_map(trace, zone));
        map.attribute("title", "The services at the time of this trace");
    }
    if let Some(logs) = logs {
        away(place, "Logs ↗", logs);
    }
    let forms = folds::menu(place, "Save", "The trace as a file", "trace__files").1;
    for (form, text) in FORMS {
        if is_of_file {
            forms.says("button", "button", text).with(&[("type", "button"), (KEEP, form)]);
        } else {
            forms.says("a", "button", text).with(&[("href", &file(form)), ("download", "")]);
        }
    }
    let w3c = folds::menu(place, "W3C", "The id in the form of the W3C", "trace__w3c").1;
    w3c.says("code", "", trace.id.w3c());
    button(&w3c, "Copy", (COPY, "w3c"));
}

/// The map of the minutes in which the trace was, and of those around it.
fn on_map(trace: &TraceColumns, zone: Zone) -> String {
    let minute = Nanos::seconds(60);
    let range = TimeRange { from: Bound::At(trace.start - minute), to: Bound::At(trace.start + trace.length + minute) };
    let place = MapPlace {
        source: Some(trace.source.clone()),
        region: Some(trace.region.clone()),
        range,
        zone,
        ..MapPlace::default()
    };
    Route::Map(place).address()
}

fn fact(list: &Drawn, name: &str, value: &str, title: &str) -> Drawn {
    let fact = list.child("div", "trace__fact");
    if !title.is_empty() {
        fact.attribute("title", title);
    }
    fact.says("dt", "", name);
    fact.says("dd", "", value)
}

fn facts(place: &Drawn, trace: &TraceColumns, zone: Zone) {
    let list = place.child("dl", "trace__facts");
    let start = trace.start;
    let offset = zone.offset_minutes(start);
    let number = |count: usize| format::number::integer(count as i64);
    let time = format::moment::date_time(start.0, offset, Precision::Millis);
    let shown = fact(&list, "Start", &time, &format::moment::rfc3339(start.0, offset));
    // The other zone, for those who read logs in it.
    let (other, name) = match zone {
        Zone::Local => (0, " UTC"),
        Zone::Utc => (Zone::Local.offset_minutes(start), " here"),
    };
    if other != offset {
        let time = format::moment::time(start.0, other, Precision::Seconds);
        shown.says("span", "hint trace__zone", &[&time, name].concat());
    }
    let duration = trace.summary.duration.unwrap_or(trace.length);
    for (name, time) in [("Duration", Some(duration)), ("Response time", trace.summary.response_time)] {
        if let Some(time) = time {
            fact(&list, name, &format::duration::short(time.0), &format::duration::exact(time.0));
        }
    }
    let count = |is: &dyn Fn(u32) -> bool| trace.bits.iter().filter(|bits| is(**bits)).count();
    let placeholders = count(&|bits| bits & bit::KIND == 3);
    fact(&list, "Spans", &number(trace.span.len() - placeholders), "");
    fact(&list, "Services", &number(trace.services.len()), &service_names(trace));
    for (name, class, outcome) in [
        ("Errors", "state state--error", Outcome::Error),
        ("Faults", "state state--fault", Outcome::Fault),
        ("Throttles", "state state--throttle", Outcome::Throttle),
    ] {
        let found = count(&|bits| bit::outcome(bits) == outcome);
        if found > 0 {
            fact(&list, name, &number(found), "").class(class);
        }
    }
    let in_progress = count(&|bits| bits & bit::IN_PROGRESS != 0);
    if in_progress > 0 {
        fact(&list, "In progress", &number(in_progress), "Spans whose end has not come");
    }
}

/// The services' names, some of them.
fn service_names(trace: &TraceColumns) -> String {
    let known: Vec<&str> = trace.services.iter().map(|service| trace.text(service.name)).collect();
    let order = order::places(known.len(), &mut |one, other| known[one].cmp(known[other]));
    let mut names: Vec<&str> = order.into_iter().map(|place| known[place]).collect();
    names.dedup();
    let more = names.len().saturating_sub(30);
    names.truncate(30);
    let list = names.join(", ");
    if more > 0 { format!("{list} and {more} more") } else { list }
}

/// What went wrong and where the time went, each a step away.
fn verdicts(place: &Drawn, reading: &Reading) {
    let trace = &reading.trace;
    let (culprit, first) = (reading.culprit(), reading.contributors().first());
    if culprit.is_none() && first.is_none() {
        return;
    }
    let place = place.child("div", "trace__verdicts");
    let go = |class: &str, span: SpanIx, what: &str, text: &str| {
        let button = place.child("button", class).with(&[("type", "button"), ("title", text)]);
        if let Some(id) = trace.span_id(span as usize) {
            button.attribute(GO, &id.to_string());
        }
        button.says("span", "label", what);
        button.words().set(&[" ", text].concat());
    };
    if let Some(span) = culprit {
        let said = trace.exception(span).map_or(String::new(), |said| [": ", said].concat());
        go("verdict verdict--bad", span, "Failed", &(label::named(trace, span) + &said));
    }
    if let Some(first) = first {
        let text = [
            &label::named(trace, first.longest),
            " · ",
            &(first.share / 10).to_string(),
            "% of the response time, ",
            &format::duration::short(first.time),
        ];
        go("verdict", first.longest, "Most time", &text.concat());
    }
}

/// Users and annotations.
fn chips(place: &Drawn, trace: &TraceColumns) {
    let users = trace.summary.users.iter();
    let users = users.map(|user| ("user".to_owned(), user.clone(), narrow::is_text("user", user)));
    let annotations = trace.summary.annotations.iter().flat_map(|(key, values)| {
        values.iter().map(|value| (key.clone(), annotation(value), narrow::is_annotated(key, value)))
    });
    let all: Vec<(String, String, String)> = users.chain(annotations).collect();
    if all.is_empty() {
        return;
    }
    let place = place.child("div", "trace__chips");
    place.attribute("aria-label", "Users and annotations");
    let draw = |place: &Drawn, chips: &[(String, String, String)]| {
        let list = place.child("ul", "chips");
        for (key, value, condition) in chips {
            let chip = list.child("li", "chip");
            let title = [key, " = ", value, "; + filters for it, - filters it out"].concat();
            let chip = chip.with(&[("title", &title), ("tabindex", "0"), ("data-filter", condition)]);
            chip.says("span", "chip__key", key);
            chip.words().set(" ");
            chip.says("span", "chip__value", value);
        }
    };
    let (first, rest) = all.split_at(all.len().min(CHIPS));
    draw(&place, first);
    if !rest.is_empty() {
        let more = place.child("details", "trace__more");
        more.says("summary", "button button--quiet", &[&rest.len().to_string(), " more"].concat());
        draw(&more, rest);
    }
}

/// An annotation's value as text. What is empty is shown as such.
pub(super) fn annotation(value: &AnnotationValue) -> String {
    match value {
        AnnotationValue::String(text) if text.is_empty() => "\"\"".to_owned(),
        AnnotationValue::String(text) => text.clone(),
        AnnotationValue::Number(number) => format::number::decimal(*number),
        AnnotationValue::Boolean(true) => "true".to_owned(),
        AnnotationValue::Boolean(false) => "false".to_owned(),
    }
}

/// What is odd about the trace.
fn notices(place: &Drawn, trace: &TraceColumns) {
    let problems = &trace.problems;
    if !trace.limit_exceeded && !trace.summary.partial && problems.is_empty() {
        return;
    }
    let place = place.child("div", "trace__notices");
    for (is, note) in [
        (
            trace.limit_exceeded,
            "X-Ray cut this trace, for it is larger than X-Ray keeps. Some of its spans are missing",
        ),
        (
            trace.summary.partial,
            "Some segments have not come, or were not sampled: their children stand under placeholders",
        ),
    ] {
        if is {
            place.says("p", "trace__notice", note);
        }
    }
    if problems.is_empty() {
        return;
    }
    let details = place.child("details", "trace__problems");
    let (one, many) = ("problem in the documents", "problems in the documents");
    details.says("summary", "", &format::number::counted(problems.len() as u64, one, many));
    let list = details.child("ul", "");
    for problem in problems {
        let item = list.says("li", "", &[&problem.message, " "].concat());
        if let Some(span) = problem.span {
            let id = span.to_string();
            item.says("button", "link", &id).with(&[("type", "button"), (GO, &id)]);
        }
    }
}

//! The head of an open trace: what it was, how it went, what is odd about it.

use crate::prelude::*;
use api::{TraceColumns, trace::bit};
use filter::assist::narrow;
use format::moment::Precision;
use model::{AnnotationValue, Outcome, SpanId, SpanIx};

use super::{
    reading::Reading,
    waterfall::{label, marks},
};
use crate::{
    state::{Shared, Zone},
    widgets::{copy::Copy, menu::Menu},
};

/// The attribute of buttons that save a trace of a file, with the form in which. The page hears them.
pub(crate) const KEEP: &str = "data-keep";

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
    let trace = Signal::derive(move || reading.with(|reading| reading.trace.clone()));
    let id = Signal::derive(move || trace.with(|trace| trace.id.to_string()));
    let w3c = Signal::derive(move || trace.with(|trace| trace.id.w3c().to_owned()));
    view! {
        <header class="trace__header">
            <div class="trace__top">
                <h2 class="trace__title">{move || trace.with(|trace| title(trace))}</h2>
                <div class="trace__actions">
                    <Copy label="Copy link" text=link />
                    {move || console_link.get().map(|link| view! {
                        <a class="button button--quiet" href=link target="_blank" rel="noreferrer">"AWS console ↗"</a>
                    })}
                    {on_close.map(|close| view! {
                        <button type="button" class="button button--quiet" aria-label="Close the trace" title="Close (Esc)"
                            on:click=move |_| close.run(())>"✕"</button>
                    })}
                </div>
            </div>
            <div class="trace__id">
                <code>{move || id.get()}</code>
                <Copy label="Copy id" text=id />
                {move || reading.with(|reading| places(&reading.trace, logs.get()))}
                <Menu label="W3C" name="The id in the form of the W3C">
                    <div class="trace__w3c"><code>{move || w3c.get()}</code> <Copy label="Copy" text=w3c /></div>
                </Menu>
            </div>
            {move || trace.with(|trace| facts(trace, zone.get()))}
            {move || reading.with(|reading| verdict(reading, on_select))}
            {move || trace.with(|trace| chips(trace))}
            {move || trace.with(|trace| notices(trace, on_select))}
        </header>
    }
}

/// Outcome, request and status.
fn title(trace: &TraceColumns) -> AnyView {
    let summary = &trace.summary;
    let mark = marks::outcome(summary.outcome);
    let method = summary.http.method.clone();
    let entry = summary.entry_point.as_ref().map(|entry| entry.name.clone());
    let what = summary.http.url.clone().or_else(|| entry.clone()).unwrap_or_else(|| "(no root segment)".to_owned());
    let status = summary.http.status.map(|status| status.to_string());
    let entry = entry.filter(|_| summary.http.url.is_some());
    view! {
        <span class=format!("outcome outcome--{}", mark.name)><Outline path=mark.path />{mark.name}</span>
        {status.map(|status| view! { <span class="trace__status" title="HTTP status">{status}</span> })}
        {method.map(|method| view! { <span class="trace__method">{method}</span> })}
        <span class="trace__url" title=what.clone()>{what.clone()}</span>
        {entry.map(|entry| view! { <span class="trace__entry" title=["Entry point ", &entry].concat()>{entry.clone()}</span> })}
    }
    .into_any()
}

/// A small drawing, for decoration: the word stands beside it.
#[component]
pub(super) fn Outline(path: &'static str) -> impl IntoView {
    (!path.is_empty()).then(|| {
        view! {
            <svg class="outcome__mark" viewBox="0 0 16 16" aria-hidden="true"><path d=path></path></svg>
        }
    })
}

fn facts(trace: &TraceColumns, zone: Zone) -> AnyView {
    let start = trace.start;
    let offset = zone.offset_minutes(start);
    let count = |outcome: Outcome| trace.bits.iter().filter(|bits| bit::outcome(**bits) == outcome).count();
    let in_progress = trace.bits.iter().filter(|bits| **bits & bit::IN_PROGRESS != 0).count();
    let placeholders = trace.bits.iter().filter(|bits| **bits & bit::KIND == 3).count();
    let duration = trace.summary.duration.unwrap_or(trace.length);
    let fact = |name: &'static str, value: String, title: String| {
        view! { <div class="trace__fact" title=title><dt>{name}</dt><dd>{value}</dd></div> }.into_any()
    };
    let number = |count: usize| format::number::integer(count as i64);
    let mut facts = vec![
        fact(
            "Start",
            format::moment::date_time(start.0, offset, Precision::Millis),
            format::moment::rfc3339(start.0, offset),
        ),
        fact("Duration", format::duration::short(duration.0), format::duration::exact(duration.0)),
    ];
    facts.extend(
        trace
            .summary
            .response_time
            .map(|time| fact("Response time", format::duration::short(time.0), format::duration::exact(time.0))),
    );
    facts.push(fact("Spans", number(trace.span.len() - placeholders), String::new()));
    facts.push(fact("Services", number(trace.services.len()), service_names(trace)));
    for (name, class, outcome) in [
        ("Errors", "error", Outcome::Error),
        ("Faults", "fault", Outcome::Fault),
        ("Throttles", "throttle", Outcome::Throttle),
    ] {
        let found = count(outcome);
        if found > 0 {
            let value = view! {
                <div class="trace__fact"><dt>{name}</dt><dd class=format!("state state--{class}")>{number(found)}</dd></div>
            };
            facts.push(value.into_any());
        }
    }
    if in_progress > 0 {
        facts.push(fact("In progress", number(in_progress), "Spans whose end has not come".to_owned()));
    }
    view! { <dl class="trace__facts">{facts}</dl> }.into_any()
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

/// The forms of a file, and what they are called.
const FORMS: [(&str, &str); 3] =
    [("documents", "X-Ray's documents"), ("otlp", "OpenTelemetry's JSON"), ("csv", "CSV, a line a span")];

/// Where the trace is to be had in other forms: as files, as documents, on the map, in the logs.
fn places(trace: &TraceColumns, logs: Option<String>) -> AnyView {
    if trace.source.is_empty() {
        // It is from a file, and no server knows it.
        let button = |form: &'static str, text: &'static str| view! { <button type="button" class="button" data-keep=form>{text}</button> };
        return view! {
            <Menu label="Save" name="The trace as a file">
                <div class="trace__files">{Vec::from(FORMS.map(|(form, text)| button(form, text)))}</div>
            </Menu>
        }
        .into_any();
    }
    let id = trace.id.to_string();
    let file = |format: &str| {
        let mut query = form_urlencoded::Serializer::new(api::path::file(&id) + "?");
        query.append_pair("source", &trace.source).append_pair("region", &trace.region).append_pair("format", format);
        query.finish()
    };
    let away = |text: &'static str, address: String| {
        view! { <a class="button button--quiet" href=address target="_blank" rel="noreferrer">{text}</a> }
    };
    let saved = FORMS.map(|(form, text)| view! { <a class="button" href=file(form) download="">{text}</a> });
    let shown = file("documents") + "&show=true";
    view! {
        {away("Documents", shown)}
        {logs.map(|logs| away("Logs ↗", logs))}
        <Menu label="Save" name="The trace as a file">
            <div class="trace__files">{Vec::from(saved)}</div>
        </Menu>
    }
    .into_any()
}

/// What went wrong and where the time went, each a step away.
fn verdict(reading: &Reading, on_select: Callback<Option<SpanId>>) -> Option<AnyView> {
    let trace = &reading.trace;
    let go = |class: &'static str, span: SpanIx, what: &'static str, text: String| {
        let id = trace.span_id(span as usize);
        view! {
            <button type="button" class=class title=text.clone() on:click=move |_| on_select.run(id)>
                <span class="label">{what}</span> {text.clone()}
            </button>
        }
    };
    let failed = reading.culprit().map(|span| {
        let said = trace.exception(span).map_or(String::new(), |said| [": ", said].concat());
        go("verdict verdict--bad", span, "Failed", label::named(trace, span) + &said)
    });
    let slow = reading.contributors().first().map(|first| {
        let share = [(first.share / 10).to_string(), "%".to_owned()].concat();
        let text = [
            &label::named(trace, first.longest),
            " · ",
            &share,
            " of the response time, ",
            &format::duration::short(first.time),
        ]
        .concat();
        go("verdict", first.longest, "Most time", text)
    });
    (failed.is_some() || slow.is_some()).then(|| view! { <div class="trace__verdicts">{failed}{slow}</div> }.into_any())
}

/// Users and annotations.
fn chips(trace: &TraceColumns) -> Option<AnyView> {
    let users = trace.summary.users.iter();
    let users = users.map(|user| ("user".to_owned(), user.clone(), narrow::is_text("user", user)));
    let annotations = trace.summary.annotations.iter().flat_map(|(key, values)| {
        values.iter().map(|value| (key.clone(), annotation(value), narrow::is_annotated(key, value)))
    });
    let all: Vec<(String, String, String)> = users.chain(annotations).collect();
    if all.is_empty() {
        return None;
    }
    let chip = |(key, value, condition): (String, String, String)| {
        // Nobody filters the traces of a file.
        let keys = if trace.source.is_empty() { "" } else { "; + filters for it, - filters it out" };
        let title = [&key, " = ", &value, keys].concat();
        view! { <li class="chip" title=title tabindex="0" data-filter=condition><span class="chip__key">{key}</span> <span class="chip__value">{value}</span></li> }
    };
    let mut first = all;
    let rest = first.split_off(first.len().min(CHIPS));
    let more = (!rest.is_empty()).then(|| {
        view! {
            <details class="trace__more">
                <summary class="button button--quiet">{format!("{} more", rest.len())}</summary>
                <ul class="chips">{rest.into_iter().map(chip).collect_view()}</ul>
            </details>
        }
    });
    let view = view! {
        <div class="trace__chips" aria-label="Users and annotations">
            <ul class="chips">{first.into_iter().map(chip).collect_view()}</ul>
            {more}
        </div>
    };
    Some(view.into_any())
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
fn notices(trace: &TraceColumns, on_select: Callback<Option<SpanId>>) -> Option<AnyView> {
    let cut = trace
        .limit_exceeded
        .then_some("X-Ray cut this trace, for it is larger than X-Ray keeps. Some of its spans are missing");
    let partial = trace
        .summary
        .partial
        .then_some("Some segments have not come, or were not sampled: their children stand under placeholders");
    let problems = &trace.problems;
    if cut.is_none() && partial.is_none() && problems.is_empty() {
        return None;
    }
    let note = |text: &'static str| view! { <p class="trace__notice">{text}</p> };
    let list = (!problems.is_empty()).then(|| {
        let items = problems.iter().map(|problem| {
            let span = problem.span;
            let go = span.map(|span| view! {
                <button type="button" class="link" on:click=move |_| on_select.run(Some(span))>{span.to_string()}</button>
            });
            view! { <li>{problem.message.clone()} " " {go}</li> }
        });
        view! {
            <details class="trace__problems">
                <summary>{format::number::counted(problems.len() as u64, "problem in the documents", "problems in the documents")}</summary>
                <ul>{items.collect_view()}</ul>
            </details>
        }
    });
    let view = view! { <div class="trace__notices">{cut.map(note)} {partial.map(note)} {list}</div> };
    Some(view.into_any())
}

//! One open trace: header, waterfall, inspector.

mod header;
mod inspector;
mod map;
mod reading;
mod search;
mod statistics;
mod waterfall;

use crate::prelude::*;
use api::TraceColumns;
use leptos::ev;
use model::SpanId;

pub(crate) use self::{header::KEEP, inspector::spans, waterfall::HELP};
use self::{
    header::TraceHeader, inspector::Inspector, map::TraceMap, reading::Reading, statistics::Statistics,
    waterfall::Waterfall,
};
use crate::{
    data::DocumentsData,
    platform::{self, drawn::Drawn},
    route::{Tab, TraceView},
    state::{Load, Shared, Zone},
    views::failure,
    widgets::split::{Narrow, Split},
};

/// Under which name it is remembered that details are below.
const SIDE_KEY: &str = "roentgen.inspector.below";

/// Everything about one open trace. Fetches nothing.
#[component]
pub(crate) fn TracePanel(
    /// The trace.
    trace: Signal<Load<Shared<TraceColumns>>>,
    /// What is looked at.
    view: Signal<TraceView>,
    /// Called when the user looks at something else.
    on_view: Callback<TraceView>,
    /// The documents of the selected span and of the pinned ones.
    documents: DocumentsData,
    /// In which zone moments are written.
    zone: Signal<Zone>,
    /// The trace in the AWS console; none for the local X-Ray.
    console_link: Signal<Option<String>>,
    /// The trace's logs in the AWS console; none where no span names a log group.
    logs: Signal<Option<String>>,
    /// Called to ask again after a failure.
    on_retry: Callback<()>,
    /// Called to close the panel; none where it is the whole page.
    on_close: Option<Callback<()>>,
    /// The address of this view, to be shared.
    link: Signal<String>,
) -> impl IntoView {
    let columns = Signal::memo(move |_| trace.with(|trace| trace.value().cloned()));
    // Each step through the trace is another address; what depends on these alone must not be drawn anew by that.
    let zone = Signal::memo(move |_| zone.get());
    let logs = Signal::memo(move |_| logs.get());
    let failure = Signal::memo(move |_| {
        trace.with(|trace| match trace {
            Load::Failed { failure, .. } => Some(failure.clone()),
            _ => None,
        })
    });
    let is_aws = Signal::memo(move |_| console_link.with(Option::is_some));
    let is_waiting = Signal::memo(move |_| trace.with(|trace| matches!(trace, Load::Loading { .. })));
    let is_there = Signal::memo(move |_| columns.with(Option::is_some));
    let close = Callback::new(move |()| {
        if let Some(close) = on_close {
            close.run(());
        }
    });
    let body = move || {
        // Shown only while there is a trace; it may go a moment before the view does.
        let last = columns.get_untracked()?;
        let shown = Signal::memo(move |before: Option<&Shared<TraceColumns>>| {
            columns.get().or_else(|| before.cloned()).unwrap_or_else(|| last.clone())
        });
        let reading = Signal::memo(move |_| Shared::new(Reading::new(shown.get())));
        let on_select =
            Callback::new(move |span: Option<SpanId>| on_view.run(TraceView { span, ..view.get_untracked() }));
        Some(view! {
            <TraceHeader reading=reading zone=zone console_link=console_link logs=logs link=link on_close=on_close on_select=on_select />
            <TraceBody reading=reading view=view on_view=on_view
                documents=documents zone=zone is_aws=is_aws on_close=close />
        })
    };
    view! {
        <article class="trace" class:trace--waiting=move || is_waiting.get() aria-label="Trace" aria-busy=move || is_waiting.get().to_string()>
            {move || failure.get().map(|failure| {
                let place = Drawn::new("div", "trace__failure");
                place.add(&failure::element(&failure, "The trace", on_retry));
                if let Some(close) = on_close.filter(|_| !is_there.get()) {
                    place.button("button", "Close").hear(&["click"], move |_: &ev::MouseEvent| close.run(()));
                }
                place.view()
            })}
            <Show when=move || is_there.get() fallback=move || move || is_waiting.get().then(waiting)>
                {body()}
            </Show>
        </article>
    }
}

/// What is shown before the trace has come.
fn waiting() -> AnyView {
    let place = Drawn::new("div", "trace__skeleton");
    for _ in 0..9 {
        place.child("div", "skeleton");
    }
    place.with(&[("role", "status"), ("aria-label", "Loading the trace")]).view()
}

/// The ways to look at the trace.
fn tabs(view: Signal<TraceView>, on_view: Callback<TraceView>) -> AnyView {
    let place =
        Drawn::new("div", "trace__tabs").with(&[("role", "group"), ("aria-label", "Ways to look at the trace")]);
    let shown = Signal::memo(move |_| view.with(|view| view.tab));
    for (tab, _, text) in Tab::ALL {
        let button = place.button("trace__tab", text);
        button.follow(move |button| {
            button.attribute("aria-pressed", if shown.get() == tab { "true" } else { "false" });
        });
        button.hear(&["click"], move |_: &ev::MouseEvent| on_view.run(TraceView { tab, ..view.get_untracked() }));
    }
    place.view()
}

/// Waterfall and inspector beside each other.
#[component]
fn TraceBody(
    reading: Signal<Shared<Reading>>,
    view: Signal<TraceView>,
    on_view: Callback<TraceView>,
    documents: DocumentsData,
    zone: Signal<Zone>,
    /// Whether the trace is on AWS.
    is_aws: Signal<bool>,
    on_close: Callback<()>,
) -> impl IntoView {
    let trace = Signal::derive(move || reading.with(|reading| reading.trace.clone()));
    let is_empty = Signal::memo(move |_| trace.with(|trace| trace.span.is_empty()));
    let is_inspected = Signal::memo(move |_| view.with(|view| view.span.is_some() || !view.pins.is_empty()));
    let is_below = RwSignal::new(platform::recall(SIDE_KEY).is_some());
    let on_turn = Callback::new(move |()| {
        is_below.update(|is_below| *is_below = !*is_below);
        platform::remember(SIDE_KEY, is_below.get_untracked().then_some("below"));
    });
    let tab = Signal::memo(move |_| view.with(|view| view.tab));
    let shown = move || match tab.get() {
        Tab::Timeline => still(
            view! { <Waterfall reading=reading view=view on_view=on_view on_close=on_close near=documents.near /> },
        ),
        Tab::Statistics => still(view! { <Statistics reading=reading view=view on_view=on_view /> }),
        Tab::Map => still(view! { <TraceMap reading=reading view=view on_view=on_view /> }),
    };
    view! {
        <Show when=move || !is_empty.get() fallback=move || {
            let is_of_file = trace.with(|trace| trace.source.is_empty());
            let why = if is_of_file {
                "None of its documents can be used; what is wrong with them stands above"
            } else {
                "X-Ray knows this trace, but has none of its segments. They may still be on their way"
            };
            let empty = Drawn::new("div", "empty");
            empty.says("p", "", why);
            empty.view()
        }>
            {tabs(view, on_view)}
            <Split name="inspector" start=60.0 narrow=Narrow::Stack is_column=Some(is_below.into()) second_shown=is_inspected
                first=still(shown)
                second=move || view! {
                    <Inspector trace=trace view=view documents=documents zone=zone is_aws=is_aws on_view=on_view on_turn=on_turn />
                }
            />
        </Show>
    }
}

//! The inspector: everything about the selected span.

mod exceptions;
mod facts;
mod json_tree;
mod overview;
mod raw;
mod sections;

use std::time::Duration;

use crate::prelude::*;
use api::{SpanDocument, TraceColumns, trace::bit};
use layout::waterfall::SpanIx;
use model::{
    SpanId,
    document::{self, Entity, Member},
};

use self::{json_tree::JsonTree, raw::Raw};
use super::{
    header::Outline,
    waterfall::{label, marks},
};
use crate::{
    platform::{self, drawn},
    state::{Load, Shared, Zone},
    views::failure::FailureNote,
};

/// The inspector.
#[component]
pub(super) fn Inspector(
    trace: Signal<Shared<TraceColumns>>,
    /// The selected span.
    selected: Signal<Option<SpanId>>,
    /// The selected span's document.
    document: Signal<Load<Shared<SpanDocument>>>,
    zone: Signal<Zone>,
    /// Called when another span, or none, is selected.
    on_select: Callback<Option<SpanId>>,
    /// Called to ask again after a failure.
    on_retry: Callback<()>,
) -> impl IntoView {
    // The span that is selected, and where it stands.
    let here = Signal::memo(move |_| {
        let id = selected.get()?;
        let span = trace.with(|trace| trace.span.iter().position(|known| *known == id.0));
        Some((id, span.map(|span| span as SpanIx)))
    });
    let (copied, set_copied) = signal(None::<String>);
    let on_click = move |event: leptos::ev::MouseEvent| {
        if let Some(text) = drawn::attribute_around(&event, "data-copy") {
            // In a summary, a press would open it as well.
            event.prevent_default();
            platform::copy(&text);
            set_copied.set(Some(label::clip(&text, 60).to_owned()));
            platform::after(Duration::from_secs(2), move || set_copied.set(None));
        }
    };
    view! {
        <section class="inspector" aria-label="Details of the selected span" on:click=on_click>
            {move || here.get().map(|(id, span)| match span {
                Some(span) => trace.with(|trace| head(trace, span, on_select)),
                None => absent(id, on_select),
            })}
            <div class="inspector__body">
                {move || here.get().and_then(|(_, span)| span).and_then(|span| {
                    // What went wrong comes first.
                    document.with(|document| cause(document.value()?, trace, span, on_select))
                })}
                {move || here.get().and_then(|(_, span)| span).map(|span| {
                    trace.with(|trace| overview::overview(trace, span, zone.get(), on_select))
                })}
                {move || here.get().and_then(|(_, span)| span).map(|span| {
                    let is_there = trace.with(|trace| trace.bits.get(span as usize).is_some_and(|bits| bits & bit::KIND != 3));
                    // There is no document of what has not come.
                    is_there.then(|| {
                        let scope = trace.with(|trace| overview::scope(trace, span));
                        document.with(|document| load(document, scope.as_deref(), on_retry))
                    })
                })}
            </div>
            <p class="inspector__copied" role="status">{move || copied.get().map(|text| format!("Copied: {text}"))}</p>
        </section>
    }
}

/// Name and outcome of the span, and the way out.
fn head(trace: &TraceColumns, span: SpanIx, on_select: Callback<Option<SpanId>>) -> AnyView {
    let bits = trace.bits.get(span as usize).copied().unwrap_or(0);
    let mark = marks::outcome(bit::outcome(bits));
    let status = trace.status.get(span as usize).copied().filter(|status| *status != 0);
    let operation = trace.operation.get(span as usize).map_or("", |operation| trace.text(*operation)).to_owned();
    view! {
        <header class="inspector__head">
            <div class="inspector__top">
                <h3 class="inspector__title">{label::name(trace, span)}</h3>
                <CloseButton on_select=on_select />
            </div>
            <p class="inspector__operation">
                <span class=format!("outcome outcome--{}", mark.name)><Outline path=mark.path />{mark.name}</span>
                {status.map(|status| view! { <code>{status.to_string()}</code> })}
                <span>{operation}</span>
            </p>
        </header>
    }
    .into_any()
}

/// The trace has no such span.
fn absent(id: SpanId, on_select: Callback<Option<SpanId>>) -> AnyView {
    view! {
        <header class="inspector__head">
            <div class="inspector__top">
                <h3 class="inspector__title">"No such span"</h3>
                <CloseButton on_select=on_select />
            </div>
            <p>"This trace has no span with the id " <code>{id.to_string()}</code> ". It may not have come yet"</p>
        </header>
    }
    .into_any()
}

#[component]
fn CloseButton(on_select: Callback<Option<SpanId>>) -> impl IntoView {
    view! {
        <button type="button" class="button button--quiet" aria-label="Close the details" title="Close (Esc)"
            on:click=move |_| on_select.run(None)>"✕"</button>
    }
}

/// What the document says, as far as it has come.
fn load(document: &Load<Shared<SpanDocument>>, scope: Option<&str>, on_retry: Callback<()>) -> AnyView {
    let failure = match document {
        Load::Failed { failure, .. } => Some(view! {
            <FailureNote failure=(**failure).clone() what="The span's document" on_retry=Some(on_retry) />
        }),
        _ => None,
    };
    let content = match document.value() {
        Some(document) => content(document, scope),
        None if failure.is_some() => ().into_any(),
        None => view! {
            <div role="status" aria-label="Loading the document">
                {(0..5).map(|_| view! { <div class="skeleton"></div> }).collect_view()}
            </div>
        }
        .into_any(),
    };
    view! { {failure} {content} }.into_any()
}

/// The exceptions of a document.
fn cause(
    document: &SpanDocument,
    trace: Signal<Shared<TraceColumns>>,
    span: SpanIx,
    on_select: Callback<Option<SpanId>>,
) -> Option<AnyView> {
    let (detail, _) = document::parse_top(&document.document).ok()?.detail();
    let cause = detail.cause.as_ref()?;
    Some(trace.with_untracked(|trace| exceptions::cause(trace, span, cause, on_select)))
}

fn content(document: &Shared<SpanDocument>, scope: Option<&str>) -> AnyView {
    let entity = match document::parse_top(&document.document) {
        Ok(entity) => entity,
        Err(error) => {
            return view! {
                <p class="note note--warn">"The document cannot be read: " {error.to_string()}</p>
                <Raw document=document.clone() />
            }
            .into_any();
        }
    };
    let (detail, problems) = entity.detail();
    let problems = problems.into_iter().map(|problem| view! { <p class="inspector__note">{problem}</p> });
    let parts: Vec<Option<AnyView>> = vec![
        detail.http.as_ref().and_then(|http| sections::http(http, scope)),
        detail.sql.as_ref().map(sections::sql),
        sections::annotations(&detail.annotations),
        metadata(&entity),
        sections::aws(detail.aws.as_ref(), &detail),
        sections::links(&detail.links),
        sections::rest(&detail, &entity),
        sections::unknown(&entity),
    ];
    view! { {problems.collect_view()} {parts} <Raw document=document.clone() /> }.into_any()
}

fn metadata(entity: &Entity<'_>) -> Option<AnyView> {
    let text = entity.get(Member::Metadata)?.get().to_owned();
    Some(facts::section("Metadata", view! { <JsonTree text=text /> }.into_any()))
}

//! The inspector: everything about the selected span, and about those that are pinned beside it.

mod exceptions;
mod facts;
mod frames;
mod json_tree;
mod logs;
mod overview;
mod pane;
mod sections;

use std::time::Duration;

use api::TraceColumns;
use leptos::{ev, html};
use model::SpanId;

use self::{
    facts::{COPY, DOES},
    json_tree::{COPY_ROW, ROW},
    pane::{Pane, Shown},
};
use super::waterfall::label;
use crate::{
    data::DocumentsData,
    platform::{
        self,
        drawn::{self, Drawn},
    },
    prelude::*,
    route::TraceView,
    state::{Load, Shared, Zone},
};

/// So long the former details stay while the document of the next span is on its way: it mostly comes sooner, and then
/// the details are drawn once.
const PATIENCE: Duration = Duration::from_millis(80);

/// The inspector.
#[component]
pub(super) fn Inspector(
    trace: Signal<Shared<TraceColumns>>,
    /// What is looked at: which span is selected, and which are pinned.
    view: Signal<TraceView>,
    /// The documents of those.
    documents: DocumentsData,
    zone: Signal<Zone>,
    /// Whether the trace is on AWS, so that its resources have pages in the console.
    is_aws: Signal<bool>,
    /// Called when the user looks at something else.
    on_view: Callback<TraceView>,
    /// Called to put the details on the right or below, whichever they are not.
    on_turn: Callback<()>,
) -> impl IntoView {
    let panes = StoredValue::new(Vec::<Pane>::new());
    let root = NodeRef::<html::Div>::new();
    let wanted = Signal::memo(move |_| view.with(spans));
    // The span whose document let wait longer than anybody should.
    let (late, set_late) = signal(None::<SpanId>);
    Effect::new(move |_| {
        let Some(root) = root.get().and_then(|root| Drawn::of(&root)) else { return };
        let late = late.get();
        let documents = documents.all.get();
        let shown = move |(span, is_pinned, is_selected): (SpanId, bool, bool)| {
            let known = documents.iter().find(|(known, _)| *known == span);
            Shown {
                span,
                trace: trace.get(),
                document: known.map_or(Load::Loading { stale: None }, |(_, load)| load.clone()),
                zone: zone.get(),
                is_pinned,
                is_selected,
                is_aws: is_aws.get(),
            }
        };
        let wanted: Vec<Shown> = wanted.get().into_iter().map(shown).collect();
        let waiting = panes.try_update_value(|panes| draw(panes, &root, wanted, late)).flatten();
        if let Some(span) = waiting {
            platform::after(PATIENCE, move || set_late.set(Some(span)));
        }
    });
    let (copied, set_copied) = signal(None::<String>);
    let copy = move |text: &str| {
        platform::copy(text);
        set_copied.set(Some(label::clip(text, 60).to_owned()));
        platform::after(Duration::from_secs(2), move || set_copied.set(None));
    };
    let on_click = move |event: &ev::MouseEvent| {
        let number = |name: &str| drawn::attribute_around(event, name).and_then(|number| number.parse::<usize>().ok());
        let Some(place) = number("data-pane") else { return };
        let of_pane = move |change: &mut dyn FnMut(&mut Pane)| {
            panes.try_update_value(|panes| panes.get_mut(place).map(change));
        };
        let span = panes.with_value(|panes| panes.get(place).and_then(Pane::shown).map(|shown| shown.span));
        let does = drawn::attribute_around(event, DOES).unwrap_or_default();
        if let Some(text) = drawn::attribute_around(event, COPY) {
            // In a summary, a press would open it as well.
            event.prevent_default();
            let document = || {
                let text = panes.with_value(|panes| Some(panes.get(place)?.document()?.document.clone()));
                text.unwrap_or_default()
            };
            copy(&if does == "copy" { document() } else { text });
        } else if let Some(row) = number(COPY_ROW) {
            copy(&panes.with_value(|panes| panes.get(place)?.json(row)).unwrap_or_default());
        } else if let Some(row) = number(ROW) {
            of_pane(&mut |pane| pane.toggle(row));
        } else if let Some(span) = drawn::attribute_around(event, "data-go").and_then(|id| id.parse().ok()) {
            on_view.run(TraceView { span: Some(span), ..view.get_untracked() });
        } else {
            let mut next = view.get_untracked();
            match &*does {
                "value" => return facts::value_around(event).into_iter().for_each(|value| copy(&value)),
                "raw" => return of_pane(&mut Pane::open_raw),
                "turn" => return on_turn.run(()),
                "retry" => return span.into_iter().for_each(|span| documents.retry.run(span)),
                "close" => next.span = None,
                "select" => next.span = span,
                "pin" => {
                    let pinned = next.pins.iter().position(|pin| Some(*pin) == span);
                    match pinned {
                        Some(pinned) => drop(next.pins.remove(pinned)),
                        None => next.pins.extend(span),
                    }
                }
                _ => return,
            }
            on_view.run(next);
        }
    };
    view! {
        <div class="inspectors" node_ref=root on:click=move |event| on_click(&event)></div>
        <p class="inspector__copied" role="status">{move || copied.get().map(|text| ["Copied: ", &text].concat())}</p>
    }
}

/// The spans whose details are wanted, whether each is pinned and whether it is selected; the selected one comes first.
pub(crate) fn spans(view: &TraceView) -> Vec<(SpanId, bool, bool)> {
    let selected = view.span.map(|span| (span, view.pins.contains(&span), true));
    let pins = view.pins.iter().filter(|pin| Some(**pin) != view.span).map(|pin| (*pin, true, false));
    selected.into_iter().chain(pins).collect()
}

/// Draws what is not drawn yet; gives the span whose document is waited for.
fn draw(panes: &mut Vec<Pane>, root: &Drawn, wanted: Vec<Shown>, late: Option<SpanId>) -> Option<SpanId> {
    while panes.len() > wanted.len() {
        panes.pop().map(Pane::remove)?;
    }
    let mut waiting = None;
    for (place, wanted) in wanted.into_iter().enumerate() {
        if place == panes.len() {
            panes.push(Pane::new(root, place));
        }
        let pane = panes.get_mut(place)?;
        let is_coming = matches!(wanted.document, Load::Loading { stale: None }) && wanted.is_coming();
        let is_other = pane.shown().is_none_or(|shown| shown.span != wanted.span);
        if is_coming && is_other && late != Some(wanted.span) {
            pane.wait();
            waiting = Some(wanted.span);
        } else if pane.shown() != Some(&wanted) {
            pane.draw(wanted);
        }
    }
    waiting
}

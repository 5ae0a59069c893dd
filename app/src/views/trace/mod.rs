//! One open trace: header, waterfall, inspector.

use api::{SpanDocument, TraceColumns};
use leptos::prelude::*;
use model::SpanId;

use crate::state::{Load, Shared, Zone};

/// Everything about one open trace. Fetches nothing.
#[component]
pub(crate) fn TracePanel(
    /// The trace.
    trace: Signal<Load<Shared<TraceColumns>>>,
    /// The selected span.
    selected: Signal<Option<SpanId>>,
    /// Called when another span, or none, is selected.
    on_select: Callback<Option<SpanId>>,
    /// The spans whose children are hidden.
    collapsed: Signal<Vec<SpanId>>,
    /// Called with the whole list when spans are collapsed or expanded.
    on_collapse: Callback<Vec<SpanId>>,
    /// The document of the selected span.
    document: Signal<Load<Shared<SpanDocument>>>,
    /// In which zone moments are written.
    zone: Signal<Zone>,
    /// The trace in the AWS console; none for the local X-Ray.
    console_link: Signal<Option<String>>,
    /// Called to ask again after a failure.
    on_retry: Callback<()>,
    /// Called to close the panel; none where it is the whole page.
    on_close: Option<Callback<()>>,
    /// The address of this view, to be shared.
    link: Signal<String>,
) -> impl IntoView {
    let _ = (selected, on_select, collapsed, on_collapse, document, zone, console_link, on_retry, on_close, link);
    view! { <p>{move || trace.with(|trace| trace.value().map(|trace| trace.span.len()))}</p> }
}

//! The inspector: everything about the selected span.

use api::{SpanDocument, TraceColumns};
use leptos::prelude::*;
use model::SpanId;

use crate::state::{Load, Shared, Zone};

/// The inspector.
#[component]
pub(super) fn Inspector(
    trace: Signal<Shared<TraceColumns>>,
    selected: Signal<Option<SpanId>>,
    document: Signal<Load<Shared<SpanDocument>>>,
    zone: Signal<Zone>,
    on_select: Callback<Option<SpanId>>,
    on_retry: Callback<()>,
) -> impl IntoView {
    let _unused = (trace, selected, document, zone, on_select, on_retry);
}

//! `/trace/<id>`: one trace alone.

use crate::prelude::*;
use filter::assist::narrow;
use model::SpanId;

use super::{AboutLoad, Place};
use crate::{
    data,
    pages::explore::{console_logs, console_trace},
    platform::{self, history},
    route::{Explore, Route, TracePlace, TraceView},
    views::{self, trace::TracePanel},
    widgets::filter_by::FilterBy,
};

/// The page of one trace.
#[component]
pub(super) fn TracePage(place: Place, about: AboutLoad) -> impl IntoView {
    let here = Signal::memo(move |before: Option<&TracePlace>| match place.route.get() {
        Route::Trace(here) => here,
        // On the way to another page.
        _ => before.cloned().unwrap_or_default(),
    });
    let id = Signal::memo(move |_| here.with(|here| here.id.clone()));
    Effect::new(move |_| platform::set_title(&[&id.get(), " · Roentgen"].concat()));
    let (round, set_round) = signal(0_u32);
    let trace = data::latest(move || {
        let found = here.with(|here| data::trace(&here.id, here.source.as_deref(), here.region.as_deref()));
        Some((found, round.get()))
    });
    let wanted = move || {
        here.with(|here| {
            let (source, region) = (here.source.as_deref(), here.region.as_deref());
            let spans = views::trace::spans(&here.view).into_iter();
            spans.map(|(span, ..)| (span, data::span(&here.id, span, source, region))).collect()
        })
    };
    let at_hand = move |spans: &[SpanId]| {
        here.with_untracked(|here| {
            Some(data::documents_at_hand(&here.id, spans, here.source.as_deref(), here.region.as_deref()))
        })
    };
    let documents = data::documents(wanted, at_hand);
    let on_view = Callback::new(move |view: TraceView| {
        place.refine(Route::Trace(TracePlace { view, ..here.get_untracked() }));
    });
    let console_link = Signal::memo(move |_| {
        let trace = trace.get();
        let columns = trace.value()?;
        console_trace(&about.get(), &columns.source, &columns.region, &columns.id.to_string())
    });
    let on_filter = Callback::new(move |(condition, out): (String, bool)| {
        let here = here.get_untracked();
        let Some(query) = narrow::narrow("", &condition, out) else { return };
        place.go(Route::Explore(Explore {
            source: here.source,
            region: here.region,
            zone: here.zone,
            query,
            ..Explore::default()
        }));
    });
    view! {
        <section class="page page--trace" aria-label="Trace">
            <FilterBy on_filter=on_filter />
            <TracePanel
                trace=trace
                view=Signal::derive(move || here.with(|here| here.view.clone()))
                on_view=on_view
                documents=documents
                zone=Signal::derive(move || here.with(|here| here.zone))
                console_link=console_link
                logs=Signal::derive(move || console_logs(&about.get(), &trace.get()))
                on_retry=Callback::new(move |()| set_round.update(|round| *round += 1))
                on_close=None
                link=Signal::derive(move || history::origin() + &Route::Trace(here.get()).address())
            />
        </section>
    }
}

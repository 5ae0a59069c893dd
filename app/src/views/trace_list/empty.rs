//! What stands in the list's place when nothing was found: why that may be, and what to do.

use crate::prelude::*;
use model::{Nanos, range::Bound, range::TimeRange};

use crate::{pages::AboutLoad, widgets::copy::Copy};

/// Longer ranges to look at next.
const WIDER: [(&str, i64); 3] =
    [("Last 6 hours", 6 * 3600), ("Last 24 hours", 24 * 3600), ("Last 7 days", 7 * 24 * 3600)];

/// Nothing was found.
#[component]
pub(crate) fn Empty(about: AboutLoad, range: Signal<TimeRange>, on_widen: Callback<TimeRange>) -> impl IntoView {
    let wider = move || {
        let covered = match range.get() {
            TimeRange { from: Bound::Ago(length), .. } => length.0 / 1_000_000_000,
            TimeRange { .. } => 0,
        };
        WIDER
            .into_iter()
            .filter(|(_, seconds)| *seconds > covered)
            .map(|(text, seconds)| {
                let range = TimeRange { from: Bound::Ago(Nanos::seconds(seconds)), to: Bound::Ago(Nanos(0)) };
                view! { <button type="button" class="button" on:click=move |_| on_widen.run(range)>{text}</button> }
            })
            .collect_view()
    };
    let local = Signal::memo(move |_| {
        about.with(|about| about.value().and_then(|about| about.local.as_ref().map(|local| local.address.clone())))
    });
    view! {
        <section class="empty">
            <h2 class="empty__title">"No traces in this range"</h2>
            <p>"Look further back, or loosen the query:"</p>
            <p class="empty__actions">{wider}</p>
            <p>"Or " <a href="/file">"open a file"</a> " that holds traces: it is read in this browser alone."</p>
            {move || local.get().map(|address| {
                let command = format!("export AWS_XRAY_DAEMON_ADDRESS={address}");
                view! {
                    <h3>"Send your own traces"</h3>
                    <p>"Start a program that uses an X-Ray SDK with this in its environment, and switch refresh on:"</p>
                    <p class="empty__command"><code>{command.clone()}</code> <Copy label="Copy" text=Signal::stored(command) /></p>
                    <p class="hint">"AWS SDKs and the AWS command line reach the same place with AWS_ENDPOINT_URL_XRAY=http://"{address}</p>
                }
            })}
        </section>
    }
}

//! What the answer covers, what it cost, and what is missing.

use leptos::prelude::*;
use model::Moment;

use crate::data::StreamState;
use crate::{data::Asked, state::Zone, views::failure::FailureNote};

/// The line above the list.
#[component]
pub(crate) fn ResultLine(
    asked: Asked,
    /// What has come so far, as "12 traces".
    content: Signal<String>,
    /// What the answer is called, as "The list".
    name: &'static str,
    zone: Signal<Zone>,
    /// The same in the AWS console; none for the local X-Ray.
    console_link: Signal<Option<String>>,
    /// Called to ask again.
    on_retry: Callback<()>,
) -> impl IntoView {
    let state = asked.state;
    let scan = Memo::new(move |_| state.with(|state| (state.running && !state.refreshing, state.progress.clone())));
    let done_share = move || {
        let (_, progress) = scan.get();
        (progress.windows_done * 100).checked_div(progress.windows).unwrap_or(0)
    };
    let problems =
        Memo::new(move |_| state.with(|state| (state.failure.clone(), state.failed.clone(), state.warnings.clone())));
    view! {
        {move || {
            let (failure, failed, warnings) = problems.get();
            let failure = failure.map(|failure| view! { <FailureNote failure=failure what=name on_retry=Some(on_retry) /> });
            let failed = failed.into_iter().map(|part| {
                let what = format!("The part {}", between(part.from, part.to, zone.get()));
                view! { <FailureNote failure=part.failure what=what on_retry=Some(on_retry) /> }
            });
            let warnings = warnings.into_iter().map(|warning| view! { <p class="note note--warn" role="status">{warning}</p> });
            view! { {failure} {failed.collect_view()} {warnings.collect_view()} }
        }}
        <div class="result">
            <p class="result__line" role="status" aria-live="polite">{move || sentence(&state.get(), &content.get(), zone.get())}</p>
            {move || console_link.get().map(|link| view! {
                <a class="result__link" href=link target="_blank" rel="noreferrer">"Open in the AWS console ↗"</a>
            })}
        </div>
        <Show when=move || scan.get().0>
            <div class="progress" role="progressbar" aria-label="Range scanned" aria-valuemin="0" aria-valuemax="100"
                aria-valuenow=done_share>
                <div class="progress__bar" class:progress__bar--waiting=move || done_share() == 0
                    style:width=move || format!("{}%", done_share().max(4))></div>
            </div>
        </Show>
    }
}

fn sentence(state: &StreamState, content: &str, zone: Zone) -> String {
    let Some((from, to)) = state.range else {
        return if state.running { "Asking X-Ray…".to_owned() } else { String::new() };
    };
    let range = between(from, to, zone);
    let mut sentence = [content, " · ", &range].concat();
    let scanned = state.done.as_ref().map_or(state.progress.scanned, |done| done.scanned);
    if scanned > 0 {
        sentence.push_str(&[" · ", &format::number::integer(scanned as i64), " scanned"].concat());
    }
    let missing = state.progress.windows.saturating_sub(state.progress.windows_done);
    match &state.done {
        _ if state.refreshing && state.running => {}
        None if state.running => sentence.push_str(" so far…"),
        None if state.cancelled => sentence.push_str(" · cancelled, the rest is missing"),
        Some(done) if done.more_before.is_some() => sentence.push_str(" · cut, there are more"),
        Some(_) if !state.failed.is_empty() || missing > 0 => sentence.push_str(" · parts are missing"),
        Some(done) => {
            sentence.push_str(" · ");
            sentence.push_str(&format::duration::short(done.elapsed_ms as i64 * 1_000_000));
        }
        None => sentence.push_str(" · incomplete"),
    }
    sentence
}

fn between(from: Moment, to: Moment, zone: Zone) -> String {
    let precision = format::moment::Precision::Seconds;
    let (day, end_day) = (zone.offset_minutes(from), zone.offset_minutes(to));
    let end = if format::moment::date(from.0, day) == format::moment::date(to.0, end_day) {
        format::moment::time(to.0, end_day, precision)
    } else {
        format::moment::date_time(to.0, end_day, precision)
    };
    format!("{} – {end}", format::moment::date_time(from.0, day, precision))
}

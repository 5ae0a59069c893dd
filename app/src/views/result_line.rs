//! What the answer covers, what it cost, and what is missing.

use crate::prelude::*;
use api::Done;
use model::Moment;

use crate::{
    data::{Asked, StreamState},
    platform,
    state::Zone,
    views::{
        calls::{Calls, Chosen},
        failure::FailureNote,
    },
};

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
    /// Called to ask again, where it failed.
    on_retry: Callback<()>,
    /// Called to ask past what the server keeps.
    on_fresh: Callback<()>,
    /// Called to ask for a part that failed, by its place; none where all is asked again.
    #[prop(into)]
    on_part: Option<Callback<usize>>,
    /// Called to go on where the answer was cut.
    #[prop(into)]
    on_more: Option<Callback<()>>,
    /// The call that is looked at.
    calls: Chosen,
    /// The calls are shown.
    #[prop(into)]
    calls_shown: Signal<bool>,
    /// Called to show or hide the calls.
    on_calls: Callback<()>,
    /// Stands at the end.
    #[prop(into)]
    tools: ViewFnOnce,
) -> impl IntoView {
    let state = asked.state;
    let scan = Signal::memo(move |_| state.with(|state| (state.running && !state.refreshing, state.progress.clone())));
    let done_share = move || {
        let (_, progress) = scan.get();
        (progress.windows_done * 100).checked_div(progress.windows).unwrap_or(0)
    };
    let problems = Signal::memo(move |_| {
        state.with(|state| (state.failure.clone(), state.failed.clone(), state.warnings.clone()))
    });
    let cached = Signal::memo(move |_| state.with(|state| state.cached.filter(|_| !state.running)));
    let is_cut =
        Signal::memo(move |_| state.with(|state| state.done.as_ref().is_some_and(|done| done.more_before.is_some())));
    let count = Signal::memo(move |_| state.with(|state| state.calls.len()));
    view! {
        {move || {
            let (failure, failed, warnings) = problems.get();
            let failure = failure.map(|failure| view! { <FailureNote failure=failure what=name on_retry=Some(on_retry) /> });
            let failed = failed.into_iter().enumerate().map(|(place, part)| {
                let what = format!("The part {}", between(part.from, part.to, zone.get()));
                let retry = match on_part {
                    Some(on_part) => Callback::new(move |()| on_part.run(place)),
                    None => on_retry,
                };
                view! { <FailureNote failure=part.failure what=what on_retry=Some(retry) /> }
            });
            let warnings = warnings.into_iter().map(|warning| view! { <p class="note note--warn" role="status">{warning}</p> });
            view! { {failure} {failed.collect_view()} {warnings.collect_view()} }
        }}
        <div class="result">
            <p class="result__line" role="status" aria-live="polite">{move || sentence(&state.get(), &content.get(), zone.get())}</p>
            {move || cached.get().map(|at| view! {
                <span class="result__age">"Cached "{format::moment::relative(at.0, platform::now_nanos())}</span>
                <button type="button" class="button button--quiet" on:click=move |_| on_fresh.run(())>"Ask again"</button>
            })}
            {on_more.map(|on_more| view! {
                <Show when=move || is_cut.get()>
                    <button type="button" class="button" disabled=move || state.with(|state| state.running)
                        on:click=move |_| on_more.run(())>"Continue"</button>
                </Show>
            })}
            <button type="button" class="button button--quiet" aria-pressed=move || calls_shown.get().to_string()
                on:click=move |_| on_calls.run(())>{move || ["Calls (", &count.get().to_string(), ")"].concat()}</button>
            {tools.run()}
            {move || console_link.get().map(|link| view! {
                <a class="result__link" href=link target="_blank" rel="noreferrer">"Open in the AWS console ↗"</a>
            })}
        </div>
        <Show when=move || calls_shown.get()><Calls state=state chosen=calls /></Show>
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
    let progress = &state.progress;
    let number = |count: u64| format::number::integer(count as i64);
    let scanned = state.done.as_ref().map_or(progress.scanned, |done| done.scanned);
    match progress.estimated.filter(|estimated| state.running && *estimated > scanned) {
        Some(estimated) => {
            sentence.push_str(&[" · ", &number(scanned), " of about ", &number(estimated), " scanned"].concat());
        }
        None if scanned > 0 => sentence.push_str(&[" · ", &number(scanned), " scanned"].concat()),
        None => {}
    }
    if state.running && progress.windows > 1 {
        let (done, all) = (progress.windows_done.to_string(), progress.windows.to_string());
        sentence.push_str(&[" · ", &done, " of ", &all, " windows, newest first"].concat());
    }
    if let Some(cost) = state.done.as_ref().map(|done| done.cost_nanodollars).filter(|cost| *cost > 0) {
        sentence.push_str(&[" · ", &dollars(cost)].concat());
    }
    match &state.done {
        _ if state.refreshing && state.running => {}
        None if state.running => sentence.push_str(" so far…"),
        None if state.cancelled => sentence.push_str(" · cancelled, the rest is missing"),
        Some(_) if !state.failed.is_empty() => sentence.push_str(" · parts are missing"),
        Some(Done { more_before: Some(before), .. }) => {
            let precision = format::moment::Precision::Seconds;
            let before = format::moment::date_time(before.0, zone.offset_minutes(*before), precision);
            sentence.push_str(&[" · there are more before ", &before].concat());
        }
        Some(done) => {
            sentence.push_str(" · ");
            sentence.push_str(&format::duration::short(done.elapsed_ms as i64 * 1_000_000));
        }
        None => sentence.push_str(" · incomplete"),
    }
    sentence
}

/// What calls cost at AWS's price.
fn dollars(nanodollars: u64) -> String {
    let cents = nanodollars.div_ceil(10_000_000);
    if nanodollars < 10_000_000 {
        return "under $0.01 at AWS's price".to_owned();
    }
    format!("${}.{:02} at AWS's price", cents / 100, cents % 100)
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

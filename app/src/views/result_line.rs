//! What the answer covers, what it cost, and what is missing.

use crate::prelude::*;
use api::{Done, Failure};
use model::Moment;

use crate::{
    data::{Asked, StreamState},
    platform::{self, drawn::Drawn},
    state::Zone,
    views::{
        calls::{self, Chosen},
        failure,
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
    #[prop(optional_no_strip)]
    on_part: Option<Callback<usize>>,
    /// Called to go on where the answer was cut.
    #[prop(optional_no_strip)]
    on_more: Option<Callback<()>>,
    /// The call that is looked at.
    chosen: Chosen,
    /// The calls are shown.
    calls_shown: Signal<bool>,
    /// Called to show or hide the calls.
    on_calls: Callback<()>,
    /// Draws what stands at the end.
    tools: Callback<Drawn>,
) -> impl IntoView {
    let state = asked.state;
    let scan = Signal::memo(move |_| {
        state.with(|state| {
            let progress = &state.progress;
            let share = (progress.windows_done * 100).checked_div(progress.windows).unwrap_or(0);
            (state.running && !state.refreshing, share)
        })
    });
    let line = Drawn::new("div", "result");
    line.fixed(INSIDE);
    tools.run(line.clone());
    let inside = line.clone();
    Effect::new(move |former: Option<Option<Drawn>>| {
        former.flatten().iter().for_each(Drawn::remove);
        let address = console_link.get()?;
        let away = inside.says("a", "result__link", "Open in the AWS console ↗");
        Some(away.with(&[("href", &address), ("target", "_blank"), ("rel", "noreferrer")]))
    });
    let shown = line.clone();
    Effect::new(move |_| {
        let calls_shown = calls_shown.get();
        state.with(|state| {
            show(&shown, state, &sentence(state, &content.get(), zone.get()), on_more.is_some(), calls_shown);
        });
    });
    line.on_press("data-does", move |does| match does {
        "fresh" => on_fresh.run(()),
        "calls" => on_calls.run(()),
        _ => on_more.into_iter().for_each(|on_more| on_more.run(())),
    });
    let problems = Signal::memo(move |_| {
        state.with(|state| (state.failure.clone(), state.failed.clone(), state.warnings.clone()))
    });
    let notes = move || -> Vec<AnyView> {
        let mut notes = Vec::new();
        let (failure, failed, warnings) = problems.get();
        let mut failed_note = |failure: &Failure, what: &str, retry: Callback<()>| {
            notes.push(failure::note(failure, what, retry));
        };
        if let Some(failure) = failure {
            failed_note(&failure, name, on_retry);
        }
        for (place, part) in failed.into_iter().enumerate() {
            let what = ["The part ", &between(part.from, part.to, zone.get())].concat();
            let retry = on_part.map_or(on_retry, |on_part| Callback::new(move |()| on_part.run(place)));
            failed_note(&part.failure, &what, retry);
        }
        for warning in warnings {
            let note = Drawn::new("p", "note note--warn").with(&[("role", "status")]);
            note.say(&warning);
            notes.push(note.view());
        }
        notes
    };
    view! {
        {notes}
        {line.view()}
        <Show when=move || calls_shown.get()>{calls::draw(state, chosen).view()}</Show>
        <Show when=move || scan.get().0>{draw_progress(scan)}</Show>
    }
}

/// What is always there, though not always shown.
const INSIDE: &str = "\
<p class=result__line role=status aria-live=polite></p>\
<span class=result__age hidden></span>\
<button type=button class='button button--quiet' data-does=fresh hidden>Ask again</button>\
<button type=button class=button data-does=more hidden>Continue</button>\
<button type=button class='button button--quiet' data-does=calls></button>";

/// Shows how far the answer is.
fn show(line: &Drawn, state: &StreamState, sentence: &str, can_go_on: bool, calls_shown: bool) -> Option<()> {
    let (told, age, fresh) = (line.within("p")?, line.within("span")?, line.within("[data-does=fresh]")?);
    let (more, calls) = (line.within("[data-does=more]")?, line.within("[data-does=calls]")?);
    told.tell(sentence);
    let cached = state.cached.filter(|_| !state.running);
    if let Some(at) = cached {
        age.tell(&["Cached ", &format::moment::relative(at.0, platform::now_nanos())].concat());
    }
    let hidden = |is_shown: bool| (!is_shown).then_some("");
    age.attribute_if("hidden", hidden(cached.is_some()));
    fresh.attribute_if("hidden", hidden(cached.is_some()));
    let is_cut = state.done.as_ref().is_some_and(|done| done.more_before.is_some());
    more.attribute_if("hidden", hidden(can_go_on && is_cut));
    more.attribute_if("disabled", state.running.then_some(""));
    calls.attribute("aria-pressed", if calls_shown { "true" } else { "false" });
    calls.tell(&["Calls (", &state.calls.len().to_string(), ")"].concat());
    Some(())
}

/// Draws how much of the range has been scanned.
fn draw_progress(scan: Signal<(bool, u32)>) -> AnyView {
    let progress = Drawn::new("div", "progress").with(&[
        ("role", "progressbar"),
        ("aria-label", "Range scanned"),
        ("aria-valuemin", "0"),
        ("aria-valuemax", "100"),
    ]);
    let (whole, bar) = (progress.clone(), progress.child("div", "progress__bar"));
    Effect::new(move |_| {
        let share = scan.get().1;
        whole.attribute("aria-valuenow", &share.to_string());
        bar.class(if share == 0 { "progress__bar progress__bar--waiting" } else { "progress__bar" });
        bar.style("width", &[&share.max(4).to_string(), "%"].concat());
    });
    progress.view()
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

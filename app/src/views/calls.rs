//! The calls to X-Ray that an answer took: when, how long, how often tried, and what was said in each.

use crate::prelude::*;
use api::event::{Call, Said};

use crate::{
    data::StreamState,
    platform::drawn::Drawn,
    state::{Load, Shared},
    widgets::copy,
};

/// Which call is looked at, and what was said in it.
#[derive(Clone, Copy)]
pub(crate) struct Chosen {
    /// Its place among the calls.
    pub(crate) place: RwSignal<Option<usize>>,
    /// What was said.
    pub(crate) said: Signal<Load<Shared<Said>>>,
}

/// Characters of an answer that are shown; all of it can be copied.
const SHOWN: usize = 60_000;

/// Draws the inspector.
pub(crate) fn draw(state: Signal<StreamState>, chosen: Chosen) -> Drawn {
    let sheet = Drawn::new("section", "calls").with(&[("aria-label", "Calls to X-Ray")]);
    let Chosen { place: chosen, said } = chosen;
    let calls = Signal::memo(move |_| state.with(|state| (state.calls.clone(), state.progress.windows_cached)));
    let list = sheet.child("ol", "calls__list");
    let shown = list.clone();
    Effect::new(move |former: Option<Vec<Drawn>>| {
        former.unwrap_or_default().iter().for_each(Drawn::remove);
        calls.with(|(calls, cached)| draw_calls(&shown, calls, *cached))
    });
    let shown = list.clone();
    Effect::new(move |_| {
        calls.track();
        let chosen = chosen.get();
        for (place, button) in shown.all("button").iter().enumerate() {
            button.attribute("aria-pressed", if chosen == Some(place) { "true" } else { "false" });
        }
    });
    list.on_press("data-at", move |place| {
        let place = place.parse::<usize>().ok();
        chosen.update(|chosen| *chosen = place.filter(|_| *chosen != place));
    });
    let inside = sheet.clone();
    Effect::new(move |former: Option<Option<Drawn>>| {
        if let Some(former) = former.flatten() {
            former.remove();
        }
        chosen.get()?;
        let detail = draw_said(&said.get());
        inside.add(&detail);
        Some(detail)
    });
    sheet
}

/// Draws the calls; gives the notes above them.
fn draw_calls(list: &Drawn, calls: &[(String, Call)], cached: u32) -> Vec<Drawn> {
    let mut notes = Vec::new();
    let mut note = |text: &str| {
        let note = list.before("p", "calls__note");
        note.say(text);
        notes.push(note);
    };
    if cached > 0 {
        let parts = format::number::counted(u64::from(cached), "part", "parts");
        note(&[&parts, " of the answer were known from before; no call was needed."].concat());
    }
    if calls.is_empty() {
        note("No call has ended yet.");
    }
    list.clear();
    let end = calls.iter().map(|(_, call)| call.begun_ms + call.elapsed_ms).max().unwrap_or(0).max(1);
    let share = |ms: u64| [&(ms * 100 / end).to_string(), "%"].concat();
    for (place, (_, call)) in calls.iter().enumerate() {
        let class = if call.error.is_some() { "calls__call calls__call--bad" } else { "calls__call" };
        let button = list.child("li", "").child("button", class);
        let button = button.with(&[("type", "button"), ("data-at", &place.to_string())]);
        button.says("span", "calls__words", &words(call));
        let line = button.child("span", "calls__line").with(&[("aria-hidden", "true")]);
        let bar = line.child("span", "calls__bar");
        bar.style("margin-left", &share(call.begun_ms));
        bar.style("width", &share(call.elapsed_ms.max(end / 100)));
    }
    notes
}

fn words(call: &Call) -> String {
    let mut words = vec![call.operation.clone(), format::duration::short(call.elapsed_ms as i64 * 1_000_000)];
    words.push(match (&call.error, call.status) {
        (Some(error), _) => error.clone(),
        (None, status) => status.to_string(),
    });
    words.push(format::number::counted(call.rows, "row", "rows"));
    if let Some((from, to)) = call.window {
        words.push([&format::moment::rfc3339(from.0, 0), " – ", &format::moment::rfc3339(to.0, 0)].concat());
    }
    if call.retries > 0 {
        words.push(format::number::counted(u64::from(call.retries), "retry", "retries"));
    }
    if call.throttled > 0 {
        words.push([&call.throttled.to_string(), " throttled"].concat());
    }
    words.join(" · ")
}

/// Draws what was said in a call.
fn draw_said(said: &Load<Shared<Said>>) -> Drawn {
    let note = |role: &str, text: &str| {
        let note = Drawn::new("p", "calls__note").with(&[("role", role)]);
        note.say(text);
        note
    };
    let said = match (said, said.value()) {
        (Load::Failed { failure, .. }, _) => return note("alert", &failure.message),
        (_, None) => return note("status", "Loading…"),
        (_, Some(said)) => said,
    };
    let detail = Drawn::new("div", "calls__detail");
    let of = said.clone();
    detail.child("p", "").add(&copy::button("Copy as aws xray …", move || of.command.clone()));
    for (title, text) in [("Request", Some(&said.request)), ("Answer", said.answer.as_ref())] {
        let part = detail.child("div", "calls__said");
        part.says("h3", "label", title);
        if let Some(whole) = text.cloned() {
            part.add(&copy::button("Copy", move || whole.clone()));
        }
        let missing = || "It is not kept: too large, or too long ago.".to_owned();
        let text = text.map_or_else(missing, |text| format::json::pretty(text, SHOWN).text);
        part.says("pre", "calls__text", &text).attribute("tabindex", "0");
    }
    detail
}

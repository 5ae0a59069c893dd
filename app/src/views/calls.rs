//! The calls to X-Ray that an answer took: when, how long, how often tried, and what was said in each.

use crate::prelude::*;
use api::event::{Call, Said};

use crate::{
    data::StreamState,
    state::{Load, Shared},
    widgets::copy::Copy,
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

/// The inspector.
#[component]
pub(crate) fn Calls(state: Signal<StreamState>, chosen: Chosen) -> impl IntoView {
    let Chosen { place: chosen, said } = chosen;
    let calls = Signal::memo(move |_| state.with(|state| state.calls.clone()));
    let rows = move || {
        let calls = calls.get();
        let end = calls.iter().map(|(_, call)| call.begun_ms + call.elapsed_ms).max().unwrap_or(0).max(1);
        let row = |(place, (_, call)): (usize, &(String, Call))| {
            let share = |ms: u64| format!("{}%", ms * 100 / end);
            let (from, length) = (share(call.begun_ms), share(call.elapsed_ms.max(end / 100)));
            let words = words(call);
            let press = move |_| chosen.update(|chosen| *chosen = (*chosen != Some(place)).then_some(place));
            let failed = call.error.is_some();
            view! {
                <li>
                    <button type="button" class="calls__call" class:calls__call--bad=failed on:click=press
                        aria-pressed=move || (chosen.get() == Some(place)).to_string()>
                        <span class="calls__words">{words}</span>
                        <span class="calls__line" aria-hidden="true">
                            <span class="calls__bar" style:margin-left=from style:width=length></span>
                        </span>
                    </button>
                </li>
            }
        };
        calls.iter().enumerate().map(row).collect_view()
    };
    let cached = move || {
        let count = state.with(|state| state.progress.windows_cached);
        (count > 0).then(|| {
            let parts = format::number::counted(u64::from(count), "part", "parts");
            view! { <p class="calls__note">{parts}" of the answer were known from before; no call was needed."</p> }
        })
    };
    view! {
        <section class="calls" aria-label="Calls to X-Ray">
            {cached}
            {move || calls.with(Vec::is_empty).then(|| view! { <p class="calls__note">"No call has ended yet."</p> })}
            <ol class="calls__list">{rows}</ol>
            {move || chosen.get().map(|_| said_view(&said.get()))}
        </section>
    }
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

fn said_view(said: &Load<Shared<Said>>) -> AnyView {
    match said {
        Load::Failed { failure, .. } => {
            view! { <p class="calls__note" role="alert">{failure.message.clone()}</p> }.into_any()
        }
        other => match other.value() {
            None => view! { <p class="calls__note" role="status">"Loading…"</p> }.into_any(),
            Some(said) => {
                let part = |title: &'static str, text: Option<String>| {
                    let missing = "It is not kept: too large, or too long ago.";
                    let pretty = text.as_deref().map(|text| format::json::pretty(text, SHOWN).text);
                    let whole = text.clone().unwrap_or_default();
                    view! {
                        <div class="calls__said">
                            <h3 class="label">{title}</h3>
                            {text.is_some().then(|| view! { <Copy label="Copy" text=Signal::stored(whole) /> })}
                            <pre class="calls__text" tabindex="0">{pretty.unwrap_or_else(|| missing.to_owned())}</pre>
                        </div>
                    }
                };
                view! {
                    <div class="calls__detail">
                        <p><Copy label="Copy as aws xray …" text=Signal::stored(said.command.clone()) /></p>
                        {part("Request", Some(said.request.clone()))}
                        {part("Answer", said.answer.clone())}
                    </div>
                }
                .into_any()
            }
        },
    }
}

//! The time range: the last so long, or from here to there.

use crate::prelude::*;
use leptos::{ev, html};
use model::{Moment, Nanos, range::Bound, range::TimeRange};

use crate::{platform, state::Zone, widgets::menu::Menu};

/// The ranges that are offered.
const LAST: [&str; 10] = ["5m", "15m", "1h", "3h", "6h", "12h", "24h", "2d", "7d", "30d"];

fn last(length: &str) -> Option<TimeRange> {
    Some(TimeRange { from: format!("now-{length}").parse().ok()?, to: Bound::Ago(Nanos(0)) })
}

/// A range in words: `Last 15m`, or its two ends.
pub(super) fn words(range: TimeRange, zone: Zone) -> String {
    if let (Bound::Ago(_), Bound::Ago(Nanos(0))) = (range.from, range.to) {
        return range.from.to_string().replace("now-", "Last ");
    }
    let end = |bound: Bound| match bound {
        Bound::At(moment) => text(moment, zone),
        relative @ Bound::Ago(_) => relative.to_string(),
    };
    format!("{} – {}", end(range.from), end(range.to))
}

fn text(moment: Moment, zone: Zone) -> String {
    format::moment::date_time(moment.0, zone.offset_minutes(moment), format::moment::Precision::Seconds)
}

/// Reads what a person types: `now-2h`, RFC 3339, or `2026-01-31 09:30` in the chosen zone.
fn read(typed: &str, zone: Zone) -> Result<Bound, String> {
    let typed = typed.trim();
    typed.parse::<Bound>().or_else(|error| {
        let mut whole = typed.replace(' ', "T");
        match whole.len() {
            10 => whole.push_str("T00:00:00"),
            16 => whole.push_str(":00"),
            _ => {}
        }
        // Read as UTC first: its day tells which offset the zone has then.
        let Ok(Bound::At(naive)) = format!("{whole}Z").parse() else { return Err(error.to_string()) };
        let offset = Nanos::seconds(i64::from(zone.offset_minutes(naive)) * 60);
        Ok(Bound::At(naive - offset))
    })
}

/// A menu with the present range on its button.
#[component]
pub(super) fn RangeMenu(range: Signal<TimeRange>, zone: Signal<Zone>, on_range: Callback<TimeRange>) -> impl IntoView {
    let (chosen, set_chosen) = signal(0_u32);
    let (problem, set_problem) = signal(None::<String>);
    let form = NodeRef::<html::Div>::new();
    let choose = move |range: TimeRange| {
        set_problem.set(None);
        set_chosen.update(|chosen| *chosen += 1);
        on_range.run(range);
    };
    let apply = move || {
        let Some(form) = form.get_untracked() else { return };
        let [from, to] = platform::fields(&form, ["from", "to"]);
        let bounds = read(&from, zone.get_untracked()).and_then(|from| Ok((from, read(&to, zone.get_untracked())?)));
        let range = bounds.and_then(|(from, to)| {
            let range = TimeRange { from, to };
            range.resolve(Moment(platform::now_nanos())).map(|_| range).map_err(|error| error.to_string())
        });
        match range {
            Ok(range) => choose(range),
            Err(error) => set_problem.set(Some(error)),
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            apply();
        }
    };
    let presets = LAST.map(|length| {
        let is_chosen = move || last(length) == Some(range.get());
        let press = move |_| last(length).into_iter().for_each(choose);
        view! { <button type="button" class="button range__preset" aria-pressed=move || is_chosen().to_string() on:click=press>{length}</button> }
    });
    let typed = move |bound: Bound| match bound {
        Bound::At(moment) => text(moment, zone.get()),
        relative @ Bound::Ago(_) => relative.to_string(),
    };
    view! {
        <Menu label=Signal::derive(move || words(range.get(), zone.get())) name="Time range" close_on=chosen>
            <div class="range" node_ref=form>
                <div class="range__presets" role="group" aria-label="The last">{Vec::from(presets)}</div>
                <label class="label">"From"
                    <input class="input" name="from" on:keydown=on_key prop:value=move || typed(range.get().from) />
                </label>
                <label class="label">"To"
                    <input class="input" name="to" on:keydown=on_key prop:value=move || typed(range.get().to) />
                </label>
                <p class="hint">{move || if zone.get() == Zone::Utc { "UTC: " } else { "Local time: " }} "2026-01-31 09:30, or now-2h"</p>
                {move || problem.get().map(|problem| view! { <p class="note note--bad" role="alert">{problem}</p> })}
                <button type="button" class="button button--main" on:click=move |_| apply()>"Use this range"</button>
            </div>
        </Menu>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_times_are_read_in_the_zone() {
        let at = |text: &str| Ok(text.parse::<Bound>().unwrap());
        for (typed, expected) in [
            ("now", at("now")),
            (" now-2h ", at("now-2h")),
            ("2026-01-31", at("2026-01-31T00:00:00Z")),
            ("2026-01-31 09:30", at("2026-01-31T09:30:00Z")),
            ("2026-01-31 09:30:15", at("2026-01-31T09:30:15Z")),
            ("2026-01-31T09:30:15.250+01:00", at("2026-01-31T08:30:15.250Z")),
        ] {
            assert_eq!(read(typed, Zone::Utc), expected, "{typed}");
        }
        for typed in ["", "yesterday", "2026-13-31", "09:30"] {
            assert!(read(typed, Zone::Utc).is_err(), "{typed}");
        }
    }

    #[test]
    fn ranges_have_words() {
        assert_eq!(words(TimeRange::default(), Zone::Utc), "Last 1h");
        let range = TimeRange { from: "2026-01-31T09:30:00Z".parse().unwrap(), to: "now-5m".parse().unwrap() };
        assert_eq!(words(range, Zone::Utc), "2026-01-31 09:30:00 – now-5m");
    }
}

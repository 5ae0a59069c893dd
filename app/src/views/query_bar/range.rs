//! The time range: the last so long, or from here to there.

use std::rc::Rc;

use crate::prelude::*;
use leptos::ev;
use model::{Moment, Nanos, range::Bound, range::TimeRange};

use crate::{
    platform::{
        self,
        drawn::{self, Drawn},
    },
    state::Zone,
    widgets::menu::Panel,
};

/// The ranges that are offered.
const LAST: [&str; 10] = ["5m", "15m", "1h", "3h", "6h", "12h", "24h", "2d", "7d", "30d"];

fn last(length: &str) -> Option<TimeRange> {
    Some(TimeRange { from: ["now-", length].concat().parse().ok()?, to: Bound::Ago(Nanos(0)) })
}

/// A range in words: `Last 15m`, or its two ends.
pub(super) fn words(range: TimeRange, zone: Zone) -> String {
    if let (Bound::Ago(_), Bound::Ago(Nanos(0))) = (range.from, range.to) {
        return range.from.to_string().replace("now-", "Last ");
    }
    [&end(range.from, zone), " – ", &end(range.to, zone)].concat()
}

fn end(bound: Bound, zone: Zone) -> String {
    match bound {
        Bound::At(moment) => text(moment, zone),
        relative @ Bound::Ago(_) => relative.to_string(),
    }
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

/// What stands in the menu, but for the ranges that are offered.
const INSIDE: &str = "\
<div class=range__presets role=group aria-label='The last'></div>\
<label class=label>From<input class=input name=from></label>\
<label class=label>To<input class=input name=to></label>\
<p class=hint></p>\
<button type=button class='button button--main' data-does=apply>Use this range</button>";

/// The menu's elements.
struct Range {
    menu: Panel,
    inside: Drawn,
    presets: Vec<Drawn>,
    from: Drawn,
    to: Drawn,
    hint: Drawn,
    apply: Drawn,
}

/// Draws a menu with the present range on its button, after what is there.
pub(super) fn draw(
    place: &Drawn,
    range: Signal<TimeRange>,
    zone: Signal<Zone>,
    on_range: Callback<TimeRange>,
) -> Option<()> {
    let menu = Panel::inside(place, "", "Time range");
    let inside = menu.inside.child("div", "range");
    inside.fixed(INSIDE);
    let presets = inside.within("div")?;
    let preset = |length: &&str| {
        let button = presets.says("button", "button range__preset", length);
        button.with(&[("type", "button"), ("data-does", length)])
    };
    let presets = LAST.iter().map(preset).collect();
    let (from, to) = (inside.within("[name=from]")?, inside.within("[name=to]")?);
    let (hint, apply) = (inside.within("p")?, inside.within("[data-does=apply]")?);
    let form = Rc::new(Range { menu, inside, presets, from, to, hint, apply });
    let shown = form.clone();
    let now = Signal::memo(move |_| (range.get(), zone.get()));
    Effect::new(move |_| {
        let (range, zone) = now.get();
        shown.show(range, zone);
    });
    let heard = form.clone();
    let apply = move || match heard.read(zone.get_untracked()) {
        Ok(range) => {
            heard.close();
            on_range.run(range);
        }
        Err(error) => heard.tell(&error),
    };
    let (heard, applied) = (form.clone(), apply.clone());
    form.inside.on_press("data-does", move |does| match last(does) {
        Some(range) => {
            heard.close();
            on_range.run(range);
        }
        None => applied(),
    });
    form.inside.hear(&["keydown"], move |event: &ev::KeyboardEvent| {
        if event.key() == "Enter" && drawn::attribute_around(event, "name").is_some() {
            event.prevent_default();
            apply();
        }
    });
    Some(())
}

impl Range {
    fn show(&self, range: TimeRange, zone: Zone) {
        self.menu.label(&words(range, zone));
        for (preset, length) in self.presets.iter().zip(LAST) {
            let is_chosen = last(length) == Some(range);
            preset.attribute("aria-pressed", if is_chosen { "true" } else { "false" });
        }
        self.from.write(&end(range.from, zone));
        self.to.write(&end(range.to, zone));
        let of = if zone == Zone::Utc { "UTC: " } else { "Local time: " };
        self.hint.say(&[of, "2026-01-31 09:30, or now-2h"].concat());
    }

    /// What is typed.
    fn read(&self, zone: Zone) -> Result<TimeRange, String> {
        let range = TimeRange { from: read(&self.from.value(), zone)?, to: read(&self.to.value(), zone)? };
        range.resolve(Moment(platform::now_nanos())).map(|_| range).map_err(|error| error.to_string())
    }

    fn close(&self) {
        self.tell("");
        self.menu.close();
    }

    /// Says what is wrong with what is typed.
    fn tell(&self, problem: &str) {
        if let Some(former) = self.inside.within(".note") {
            former.remove();
        }
        if !problem.is_empty() {
            let note = self.apply.before("p", "note note--bad");
            note.attribute("role", "alert");
            note.say(problem);
        }
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

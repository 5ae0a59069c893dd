//! What the opened files hold.

use format::moment::Precision;

use super::DOES;
use crate::{
    data::{Held, Opened},
    platform::drawn::Drawn,
    route::{FilePlace, Route},
    state::Zone,
};

/// Traces listed at once; further ones come when asked for.
pub(crate) const PAGE: usize = 200;

/// What the columns are called.
const HEAD: &str = "<thead><tr><th scope=col>Trace<th scope=col>Starts with<th scope=col>Start<th scope=col class=files__number>Duration<th scope=col class=files__number>Spans<th scope=col>State</thead>";

fn link(place: &Drawn, class: &str, text: &str, route: FilePlace) {
    let link = place.says("a", class, text);
    link.attribute("href", &Route::File(route).address());
}

/// Draws the way back from the open trace, and where it is from.
pub(crate) fn draw_bar(sheet: &Drawn, opened: &Opened, zone: Zone) {
    let bar = sheet.child("div", "files__bar");
    let count = format::number::counted(opened.traces.len() as u64, "trace", "traces");
    link(&bar, "button", "‹ Files", FilePlace { zone, ..FilePlace::default() });
    let from = bar.says("span", "files__from", &[&count, " from ", &opened.from].concat());
    from.attribute("title", &opened.from);
    bar.says("span", "hint", "not sent, not stored: gone after a reload");
    draw_wrong(&bar, opened);
}

/// Draws what the files hold: what could not be read, and the traces, at most so many. `missing` is the trace of the
/// link, where it is not among them.
pub(crate) fn draw(sheet: &Drawn, opened: Option<&Opened>, missing: Option<&str>, zone: Zone, most: usize) {
    if let Some(id) = missing {
        let note = sheet.child("div", "note note--warn");
        note.attribute("role", "status");
        let id: String = id.chars().take(60).collect();
        let (what, then) = match opened {
            Some(opened) => (
                ["The trace ", &id, " is not in ", &opened.from].concat(),
                "Open the file that has it, or choose another trace.",
            ),
            None => (
                "The file of this link is not open".to_owned(),
                "Files are read in the browser and stored nowhere, so a reload forgets them. Open the file again, and its trace appears as the link says.",
            ),
        };
        note.says("p", "note__title", &what);
        note.says("p", "", then);
    }
    let Some(opened) = opened else { return };
    let count = format::number::counted(opened.traces.len() as u64, "trace", "traces");
    let title = if opened.traces.is_empty() { "No trace".to_owned() } else { count };
    let title = sheet.says("h2", "files__heading", &[&title, " in ", &opened.from].concat());
    title.attribute("tabindex", "-1");
    draw_wrong(sheet, opened);
    if opened.traces.is_empty() {
        return;
    }
    let table = sheet.child("div", "files__scroll").child("table", "files__table");
    table.fixed(HEAD);
    let body = table.child("tbody", "");
    for held in opened.traces.iter().take(most) {
        draw_row(&body, held, zone);
    }
    let rest = opened.traces.len().saturating_sub(most);
    if rest > 0 {
        let more = format::number::integer(rest.min(PAGE) as i64);
        let button = sheet.says("button", "button", &["Show ", &more, " more"].concat());
        button.attribute("type", "button");
        button.attribute(DOES, "more");
    }
}

fn draw_row(body: &Drawn, held: &Held, zone: Zone) {
    let facts = held.facts();
    let row = body.child("tr", "");
    let id = held.id().to_string();
    let cell = row.child("td", "");
    link(&cell, "files__id", &id, FilePlace { trace: Some(id.clone()), zone, ..FilePlace::default() });
    let root = if facts.root.is_empty() { "(no name)" } else { &facts.root };
    let root: String = root.chars().take(160).collect();
    let name = row.says("td", "files__name", &root);
    name.attribute("title", &root);
    name.attribute("dir", "auto");
    let start =
        facts.start.map(|start| format::moment::date_time(start.0, zone.offset_minutes(start), Precision::Millis));
    row.says("td", "", start.as_deref().unwrap_or("–"));
    row.says("td", "files__number", &format::duration::short(facts.duration.0));
    row.says("td", "files__number", &format::number::integer(facts.spans as i64));
    let outcome = facts.outcome.as_str();
    row.child("td", "").says("span", &["outcome outcome--", outcome].concat(), outcome);
}

/// Draws what could not be read. It is open where nothing else is there.
fn draw_wrong(place: &Drawn, opened: &Opened) {
    if opened.wrong_count == 0 {
        return;
    }
    let details = place.child("details", "files__wrong");
    details.attribute_if("open", opened.traces.is_empty().then_some(""));
    let count = format::number::counted(opened.wrong_count as u64, "thing", "things");
    let rest = if opened.traces.is_empty() { "" } else { "; the rest is here" };
    details.says("summary", "", &[&count, " could not be read", rest].concat());
    let list = details.child("ul", "");
    for wrong in &opened.wrong {
        list.says("li", "", wrong);
    }
    let more = opened.wrong_count - opened.wrong.len();
    if more > 0 {
        list.says("li", "", &["and ", &format::number::integer(more as i64), " more"].concat());
    }
}

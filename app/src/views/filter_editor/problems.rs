//! What is wrong with the query, and what is right and probably not meant, in sentences with a way to mend it.

use crate::prelude::*;
use filter::assist::{Diagnostic, Severity};

use super::Editor;
use crate::platform::drawn::Drawn;

/// So many are told at once; mending them shows the next.
const MOST_TOLD: usize = 4;

/// What is said when the query was not run.
const REFUSED: &str =
    "Not run: the query has a mistake. <button type=button class=button data-anyway>Run it as it is</button>";

/// Draws the sentences. `on_anyway` runs what is written, be it wrong.
pub(crate) fn draw(place: &Drawn, editor: Editor, on_anyway: Callback<()>) {
    let root = place.child("div", "problems");
    let root = root.with(&[("id", "query-problems"), ("role", "status"), ("aria-live", "polite")]);
    let told = Signal::memo(move |_| editor.told());
    let refused = Signal::memo(move |_| editor.refused.get());
    // The list comes after what is said of the refusal.
    let shown = root.clone();
    Effect::new(move |former: Option<Vec<Drawn>>| {
        former.unwrap_or_default().iter().for_each(Drawn::remove);
        let mut drawn = Vec::new();
        if refused.get() {
            let refusal = shown.child("p", "problems__refused");
            refusal.fixed(REFUSED);
            drawn.push(refusal);
        }
        told.with(|told| {
            if told.is_empty() {
                return;
            }
            let list = shown.child("ul", "problems__list");
            for (place, found) in told.iter().take(MOST_TOLD).enumerate() {
                item(&list, &place.to_string(), editor, found);
            }
            drawn.push(list);
            let more = told.len().saturating_sub(MOST_TOLD);
            if more > 0 {
                drawn.push(shown.says("p", "hint", &["and ", &more.to_string(), " more"].concat()));
            }
        });
        drawn
    });
    let found = move |place: &str| {
        let place = place.parse::<usize>().ok()?;
        told.with_untracked(|told| told.get(place).cloned())
    };
    root.on_press("data-anyway", move |_| on_anyway.run(()));
    root.on_press("data-go", move |place| {
        if let Some(found) = found(place) {
            editor.write(found.span.start..found.span.start, "", found.span.start);
        }
    });
    root.on_press("data-mend", move |place| {
        if let Some(fix) = found(place).and_then(|found| found.fix) {
            let end = fix.span.start + fix.replacement.len();
            editor.write(fix.span, &fix.replacement, end);
            editor.settled.set(editor.text.get_untracked());
        }
    });
}

fn item(list: &Drawn, place: &str, editor: Editor, found: &Diagnostic) {
    let class = if found.severity == Severity::Error { "problems__item problems__item--bad" } else { "problems__item" };
    let item = list.child("li", class);
    let column = editor.text.with_untracked(|text| text[..found.span.start.min(text.len())].chars().count() + 1);
    let go = item.says("button", "link", &["Column ", &column.to_string()].concat());
    go.with(&[("type", "button"), ("title", "Go there"), ("data-go", place)]);
    item.words().set(" ");
    item.says("span", "", &found.message);
    item.words().set(" ");
    if let Some(fix) = &found.fix {
        let mend =
            if fix.replacement.is_empty() { "Remove it".to_owned() } else { ["Write ", &fix.replacement].concat() };
        item.says("button", "button", &mend).with(&[("type", "button"), ("data-mend", place)]);
    }
}

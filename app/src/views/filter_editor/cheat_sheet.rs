//! The language on one sheet: each word with its meaning and an example, which a press puts into the query.

use filter::assist::docs::{self, Doc};

use super::Editor;
use crate::{platform::drawn::Drawn, widgets::menu::Panel};

/// Draws the menu, after what is there.
pub(crate) fn draw(place: &Drawn, editor: Editor) {
    let menu = Panel::inside(place, "Language", "The language of queries");
    let sheet = menu.inside.child("table", "sheet");
    let shown = sheet.clone();
    menu.on_open(move || {
        shown.clear();
        let mut last = "";
        for (place, doc) in docs::ALL.iter().enumerate() {
            // The same example need not stand there twice.
            let example = (doc.example != last).then_some(doc.example);
            last = doc.example;
            row(&shown, doc, example.map(|example| (place, example)));
        }
    });
    sheet.on_press("data-place", move |place| {
        if let Some(doc) = place.parse::<usize>().ok().and_then(|place| docs::ALL.get(place)) {
            editor.insert_condition(doc.example);
            menu.close();
        }
    });
}

fn row(sheet: &Drawn, doc: &Doc, example: Option<(usize, &str)>) {
    let row = sheet.child("tr", "");
    let head = row.child("th", "");
    head.attribute("scope", "row");
    head.words().set(doc.name);
    head.child("br", "");
    head.child("span", "hint").words().set(doc.kind);
    let cell = row.child("td", "");
    cell.words().set(doc.text);
    if let Some((place, example)) = example {
        let button = cell.child("button", "past__query");
        button.attribute("type", "button");
        button.attribute("title", "Put it into the query");
        button.attribute("data-place", &place.to_string());
        button.words().set(example);
    }
}

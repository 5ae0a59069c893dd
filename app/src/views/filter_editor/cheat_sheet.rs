//! The language on one sheet: each word with its meaning and an example, which a press puts into the query.

use crate::prelude::*;
use filter::assist::docs::{self, Doc};
use leptos::{ev, html};

use super::Editor;
use crate::{
    platform::drawn::{self, Drawn},
    widgets::menu::Menu,
};

/// The menu.
#[component]
pub(crate) fn CheatSheet(editor: Editor) -> impl IntoView {
    let (picked, set_picked) = signal(0_u32);
    let sheet = NodeRef::<html::Table>::new();
    let draw = move || {
        let Some(sheet) = sheet.get_untracked().and_then(|sheet| Drawn::of(&sheet)) else { return };
        sheet.clear();
        let mut last = "";
        for (place, doc) in docs::ALL.iter().enumerate() {
            // The same example need not stand there twice.
            let example = (doc.example != last).then_some(doc.example);
            last = doc.example;
            row(&sheet, doc, example.map(|example| (place, example)));
        }
    };
    let on_click = move |event: ev::MouseEvent| {
        let place = drawn::attribute_around(&event, "data-place").and_then(|place| place.parse::<usize>().ok());
        if let Some(doc) = place.and_then(|place| docs::ALL.get(place)) {
            editor.insert_condition(doc.example);
            set_picked.update(|picked| *picked += 1);
        }
    };
    view! {
        <Menu label=Signal::stored("Language".to_owned()) name="The language of queries" close_on=picked
            on_open=Callback::new(move |()| draw())>
            <table class="sheet" node_ref=sheet on:click=on_click></table>
        </Menu>
    }
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

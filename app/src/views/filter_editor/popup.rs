//! What the editor offers at the cursor, and what it says of the word under the mouse.

use crate::prelude::*;
use filter::assist::{self, Item, ItemKind};
use leptos::ev;

use super::Editor;
use crate::platform::{
    self,
    drawn::{Drawn, Words},
    text_area,
};

/// So many proposals are shown; what is typed on narrows them.
pub(super) const MOST_SHOWN: usize = 60;

/// Draws the proposals.
pub(super) fn draw(root: &Drawn, editor: Editor) {
    let popup = root.child("div", "editor__popup");
    let list = popup.child("ul", "editor__list");
    let list = list.with(&[("role", "listbox"), ("id", "query-proposals"), ("aria-label", "Proposals")]);
    let more = popup.child("p", "editor__more");
    popup.follow(move |popup| popup.attribute_if("hidden", (editor.shown() == 0).then_some("")));
    // The text area keeps the focus.
    popup.hear(&["pointerdown"], |event: &ev::PointerEvent| event.prevent_default());
    popup.on_press("data-place", move |place| {
        if let Ok(place) = place.parse() {
            editor.pick(place);
        }
    });
    // Below the beginning of what a proposal replaces, once the copy of the text has been drawn.
    let start = Signal::memo(move |_| editor.proposed.with(|found| found.as_ref().map(|found| found.span.start)));
    Effect::new(move |_| {
        let Some(start) = start.get() else { return };
        let popup = popup.clone();
        platform::in_next_frame(move || {
            let layer = editor.layer.try_get_value().flatten();
            let found = layer.and_then(|layer| {
                let layer = layer.element();
                text_area::place_of(layer, &layer.parent_element()?.parent_element()?, start)
            });
            if let Some((left, top)) = found {
                let left = ["max(0px, min(", &(left as i32).to_string(), "px, 100% - 36em))"].concat();
                popup.style("left", &left);
                popup.style("top", &[&(top as i32 + 4).to_string(), "px"].concat());
            }
        });
    });
    // The proposals, drawn at each key press into the rows that are there.
    let rows = StoredValue::new(Vec::<Row>::new());
    let shown_list = list.clone();
    Effect::new(move |_| {
        editor.proposed.with(|found| {
            let Some(found) = found else { return };
            let left = found.total.saturating_sub(MOST_SHOWN);
            more.attribute_if("hidden", (left == 0).then_some(""));
            more.say(&[&left.to_string(), " more; type on to narrow them"].concat());
            let shown = found.items.len().min(MOST_SHOWN);
            rows.update_value(|rows| {
                rows.drain(shown.min(rows.len())..).for_each(|row| row.item.remove());
                rows.extend((rows.len()..shown).map(|place| Row::new(&shown_list, place)));
                rows.iter().zip(&found.items).for_each(|(row, item)| row.show(item));
            });
        });
    });
    Effect::new(move |before: Option<usize>| {
        editor.proposed.track();
        let active = editor.active.get();
        rows.with_value(|rows| {
            for (place, is_active) in [(before.unwrap_or(active), false), (active, true)] {
                if let Some(Row { item, .. }) = rows.get(place) {
                    item.class(if is_active { "editor__item editor__item--active" } else { "editor__item" });
                    item.attribute("aria-selected", if is_active { "true" } else { "false" });
                }
            }
        });
        // With the layout that the frame needs anyway.
        let list = list.clone();
        platform::in_next_frame(move || platform::reveal_child(list.element(), active));
        active
    });
}

/// A proposal's element.
struct Row {
    item: Drawn,
    /// Label, detail and kind.
    words: [Words; 3],
}

impl Row {
    fn new(list: &Drawn, place: usize) -> Self {
        let item = list.child("li", "editor__item");
        item.attribute("role", "option");
        item.attribute("aria-selected", "false");
        item.attribute("id", &["query-proposal-", &place.to_string()].concat());
        item.attribute("data-place", &place.to_string());
        let part = |class| item.child("span", class).words();
        let words = [part("editor__label"), part("editor__detail"), part("editor__kind")];
        Self { item, words }
    }

    fn show(&self, of: &Item) {
        let kind = match of.kind {
            ItemKind::Keyword => "keyword",
            ItemKind::Function => "function",
            ItemKind::Operator => "operator",
            ItemKind::Value => "value",
            ItemKind::Service => "service",
            ItemKind::Annotation => "annotation",
        };
        let count = of.count.filter(|count| *count > 0).map(|count| format::number::integer(count as i64));
        let [label, detail, about] = &self.words;
        label.set(&of.label);
        detail.set(of.detail);
        about.set(&[count.as_deref().unwrap_or(""), " ", kind].concat());
    }
}

/// Draws what the word under the mouse means, and what is wrong with it; while a function's arguments are written, which
/// ones it takes.
pub(super) fn draw_explanation(root: &Drawn, editor: Editor) {
    let tip = root.child("div", "editor__tip").with(&[("role", "tooltip")]);
    tip.follow(move |tip| {
        tip.clear();
        let is_there = match editor.pointed.get() {
            Some(byte) => explain(tip, editor, byte),
            None => sign(tip, editor),
        };
        tip.attribute_if("hidden", (!is_there).then_some(""));
    });
}

/// What is wrong at a byte, and what stands there; whether there is anything to say.
fn explain(tip: &Drawn, editor: Editor, byte: usize) -> bool {
    let told = editor.found.with(|found| {
        let here = found.iter().filter(|it| it.span.contains(&byte) || it.span.start == byte);
        here.map(|it| it.message.clone()).collect::<Vec<_>>()
    });
    for message in &told {
        tip.says("p", "editor__told", message);
    }
    let Some(doc) = editor.text.with(|text| assist::hover(text, byte)).map(|hover| hover.doc) else {
        return !told.is_empty();
    };
    let head = tip.child("p", "");
    head.says("b", "", doc.name);
    head.words().set(" ");
    head.says("span", "hint", doc.kind);
    tip.says("p", "", doc.text);
    tip.child("p", "").says("code", "", doc.example);
    true
}

/// The function that the cursor is in the brackets of; whether it is in any.
fn sign(tip: &Drawn, editor: Editor) -> bool {
    let cursor = editor.cursor.get();
    let signature = editor.text.with(|text| assist::signature(text, cursor));
    let Some(signature) = signature.filter(|_| editor.open.get()) else { return false };
    let line = tip.says("p", "", signature.name);
    line.words().set("( ");
    for (place, name) in signature.parameters.iter().enumerate() {
        let parameter = line.child("span", if place == signature.active { "editor__parameter" } else { "" });
        parameter.say(&[if place > 0 { ", " } else { "" }, name].concat());
    }
    line.words().set(" )");
    true
}

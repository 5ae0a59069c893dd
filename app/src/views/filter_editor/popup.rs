//! What the editor offers at the cursor, and what it says of the word under the mouse.

use crate::prelude::*;
use filter::assist::{self, Item, ItemKind};
use leptos::{ev, html};

use super::Editor;
use crate::platform::{
    self,
    drawn::{self, Drawn, Words},
    text_area,
};

/// So many proposals are shown; what is typed on narrows them.
pub(super) const MOST_SHOWN: usize = 60;

/// The proposals.
#[component]
pub(super) fn Popup(editor: Editor) -> impl IntoView {
    let list = NodeRef::<html::Ul>::new();
    let place = RwSignal::new((0.0, 0.0));
    // Below the beginning of what a proposal replaces, once the copy of the text has been drawn.
    let start = Signal::memo(move |_| editor.proposed.with(|found| found.as_ref().map(|found| found.span.start)));
    Effect::new(move |_| {
        let Some(start) = start.get() else { return };
        platform::in_next_frame(move || {
            let layer = editor.layer.try_get_untracked().flatten();
            let found =
                layer.and_then(|layer| text_area::place_of(&layer, &layer.parent_element()?.parent_element()?, start));
            if let Some(found) = found {
                place.set(found);
            }
        });
    });
    // The proposals, drawn at each key press into the rows that are there.
    let rows = StoredValue::new(Vec::<Row>::new());
    let (more, set_more) = signal(0_usize);
    Effect::new(move |_| {
        let Some(list) = list.get().and_then(|list| Drawn::of(&list)) else { return };
        editor.proposed.with(|found| {
            let Some(found) = found else { return };
            set_more.set(found.total.saturating_sub(MOST_SHOWN));
            let shown = found.items.len().min(MOST_SHOWN);
            rows.update_value(|rows| {
                rows.drain(shown.min(rows.len())..).for_each(|row| row.item.remove());
                rows.extend((rows.len()..shown).map(|place| Row::new(&list, place)));
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
        platform::in_next_frame(move || {
            if let Some(list) = list.try_get_untracked().flatten() {
                platform::reveal_child(&list, active);
            }
        });
        active
    });
    let on_click = move |event: ev::MouseEvent| {
        if let Some(place) = drawn::attribute_around(&event, "data-place").and_then(|place| place.parse().ok()) {
            editor.pick(place);
        }
    };
    view! {
        <div class="editor__popup" hidden=move || editor.shown() == 0
            style:left=move || format!("max(0px, min({}px, 100% - 36em))", place.get().0 as i32) style:top=move || format!("{}px", place.get().1 as i32 + 4)
            // The text area keeps the focus.
            on:pointerdown=|event: ev::PointerEvent| event.prevent_default() on:click=on_click>
            <ul class="editor__list" role="listbox" id="query-proposals" aria-label="Proposals" node_ref=list></ul>
            <p class="editor__more" hidden=move || more.get() == 0>{move || more.get()}" more; type on to narrow them"</p>
        </div>
    }
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

/// What the word under the mouse means, and what is wrong with it; while a function's arguments are written, which ones
/// it takes.
#[component]
pub(super) fn Explanation(editor: Editor) -> impl IntoView {
    let text = move || {
        let text = editor.text.get();
        if let Some(byte) = editor.pointed.get() {
            let told = editor.found.with(|found| {
                let here = found.iter().filter(|it| it.span.contains(&byte) || it.span.start == byte);
                here.map(|it| it.message.clone()).collect::<Vec<_>>()
            });
            let doc = assist::hover(&text, byte).map(|hover| hover.doc);
            let doc = doc.map(|doc| {
                view! {
                    <p><b>{doc.name}</b>" "<span class="hint">{doc.kind}</span></p>
                    <p>{doc.text}</p>
                    <p><code>{doc.example}</code></p>
                }
            });
            return (doc.is_some() || !told.is_empty()).then(|| {
                view! { {told.into_iter().map(|message| view! { <p class="editor__told">{message}</p> }).collect_view()} {doc} }.into_any()
            });
        }
        let cursor = editor.cursor.get();
        let signature = assist::signature(&text, cursor).filter(|_| editor.open.get())?;
        let parameters = signature.parameters.iter().enumerate().map(|(place, name)| {
            let class = if place == signature.active { "editor__parameter" } else { "" };
            view! { <span class=class>{(place > 0).then_some(", ")}{*name}</span> }
        });
        Some(view! { <p>{signature.name}"( "{parameters.collect_view()}" )"</p> }.into_any())
    };
    view! { {move || text().map(|text| view! { <div class="editor__tip" role="tooltip">{text}</div> })} }
}

//! What the editor offers at the cursor, and what it says of the word under the mouse.

use filter::assist::{self, Item, ItemKind};
use leptos::{ev, html, prelude::*};

use super::Editor;
use crate::platform::{
    self,
    drawn::{self, Drawn},
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
    let start = Memo::new(move |_| editor.proposed.with(|found| found.as_ref().map(|found| found.span.start)));
    Effect::new(move |_| {
        let Some(start) = start.get() else { return };
        platform::in_next_frame(move || {
            let layer = editor.layer.try_get_untracked().flatten();
            let found =
                layer.and_then(|layer| text_area::place_of(&layer, &layer.parent_element()?.parent_element()?, start));
            if let Some(found) = found {
                place.try_set(found);
            }
        });
    });
    // The proposals, drawn at each key press: they are many, and nothing in them changes.
    let drawn = StoredValue::new_local(Vec::<Drawn>::new());
    let (more, set_more) = signal(0_usize);
    Effect::new(move |_| {
        let Some(list) = list.get().and_then(|list| Drawn::of(&list)) else { return };
        list.clear();
        editor.proposed.with(|found| {
            let Some(found) = found else { return };
            set_more.set(found.total.saturating_sub(MOST_SHOWN));
            let items = found.items.iter().take(MOST_SHOWN).enumerate();
            drawn.set_value(items.filter_map(|(place, item)| proposal(&list, place, item)).collect());
        });
    });
    Effect::new(move |before: Option<usize>| {
        editor.proposed.track();
        let active = editor.active.get();
        drawn.with_value(|drawn| {
            for (place, is_active) in [(before.unwrap_or(active), false), (active, true)] {
                if let Some(item) = drawn.get(place) {
                    item.class(if is_active { "editor__item editor__item--active" } else { "editor__item" });
                    item.attribute("aria-selected", if is_active { "true" } else { "false" });
                }
            }
        });
        if let Some(list) = list.get_untracked() {
            platform::reveal_child(&list, active);
        }
        active
    });
    let on_click = move |event: ev::MouseEvent| {
        if let Some(place) = drawn::attribute_around(&event, "data-place").and_then(|place| place.parse().ok()) {
            editor.pick(place);
        }
    };
    view! {
        <div class="editor__popup" hidden=move || editor.shown() == 0
            style:left=move || format!("{}px", place.get().0 as i32) style:top=move || format!("{}px", place.get().1 as i32 + 4)
            // The text area keeps the focus.
            on:pointerdown=|event: ev::PointerEvent| event.prevent_default() on:click=on_click>
            <ul class="editor__list" role="listbox" id="query-proposals" aria-label="Proposals" node_ref=list></ul>
            <p class="editor__more" hidden=move || more.get() == 0>{more}" more; type on to narrow them"</p>
        </div>
    }
}

fn proposal(list: &Drawn, place: usize, item: &Item) -> Option<Drawn> {
    let kind = match item.kind {
        ItemKind::Keyword => "keyword",
        ItemKind::Function => "function",
        ItemKind::Operator => "operator",
        ItemKind::Value => "value",
        ItemKind::Service => "service",
        ItemKind::Annotation => "annotation",
    };
    let count = item.count.filter(|count| *count > 0).map(|count| format::number::integer(count as i64));
    let drawn = list.child("li", "editor__item")?;
    drawn.attribute("role", "option");
    drawn.attribute("aria-selected", "false");
    drawn.attribute("id", &["query-proposal-", &place.to_string()].concat());
    drawn.attribute("data-place", &place.to_string());
    drawn.child("span", "editor__label")?.words().set(&item.label);
    drawn.child("span", "editor__detail")?.words().set(item.detail);
    drawn.child("span", "editor__kind")?.words().set(&[count.as_deref().unwrap_or(""), " ", kind].concat());
    Some(drawn)
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
